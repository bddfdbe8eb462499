#include "lane_vector.h"

#include "kernel.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct content {
    const struct lane_shape *shape;
    double *data;
    const int *selected; /* NULL: all states; not owned */
    int selected_count;
};

static struct content *content_of(N_Vector v)
{
    return v->content;
}

double *lane_vector_data(N_Vector v)
{
    return content_of(v)->data;
}

static int length_of(N_Vector v)
{
    return content_of(v)->shape->states * content_of(v)->shape->lanes;
}

static void destroy(N_Vector v)
{
    if (v) {
        if (v->content) {
            free(content_of(v)->data);
            free(v->content);
        }
        v->content = NULL;
        N_VFreeEmpty(v);
    }
}

static N_Vector clone(N_Vector v)
{
    return lane_vector_create(content_of(v)->shape, v->sunctx);
}

static N_Vector_ID vector_id(N_Vector v)
{
    (void)v;
    return SUNDIALS_NVEC_CUSTOM;
}

LANE_KERNEL static void linear_sum(double a, N_Vector x, double b, N_Vector y, N_Vector z)
{
    const double *xd = lane_vector_data(x);
    const double *yd = lane_vector_data(y);
    double *zd = lane_vector_data(z);
    int n = length_of(z);
    if (a == 1 && b == 1) {
        for (int i = 0; i < n; i++) {
            zd[i] = xd[i] + yd[i];
        }
    } else if (a == 1 && b == -1) {
        for (int i = 0; i < n; i++) {
            zd[i] = xd[i] - yd[i];
        }
    } else {
        for (int i = 0; i < n; i++) {
            zd[i] = a * xd[i] + b * yd[i];
        }
    }
}

LANE_KERNEL static void set_constant(double c, N_Vector z)
{
    double *zd = lane_vector_data(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = c;
    }
}

LANE_KERNEL static void multiply(N_Vector x, N_Vector y, N_Vector z)
{
    const double *xd = lane_vector_data(x);
    const double *yd = lane_vector_data(y);
    double *zd = lane_vector_data(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = xd[i] * yd[i];
    }
}

LANE_KERNEL static void divide(N_Vector x, N_Vector y, N_Vector z)
{
    const double *xd = lane_vector_data(x);
    const double *yd = lane_vector_data(y);
    double *zd = lane_vector_data(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = xd[i] / yd[i];
    }
}

LANE_KERNEL static void scale(double c, N_Vector x, N_Vector z)
{
    const double *xd = lane_vector_data(x);
    double *zd = lane_vector_data(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = c * xd[i];
    }
}

LANE_KERNEL static void absolute(N_Vector x, N_Vector z)
{
    const double *xd = lane_vector_data(x);
    double *zd = lane_vector_data(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = fabs(xd[i]);
    }
}

static void invert(N_Vector x, N_Vector z)
{
    const double *xd = lane_vector_data(x);
    double *zd = lane_vector_data(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = 1 / xd[i];
    }
}

static void add_constant(N_Vector x, double b, N_Vector z)
{
    const double *xd = lane_vector_data(x);
    double *zd = lane_vector_data(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = xd[i] + b;
    }
}

static double largest(N_Vector x)
{
    const double *xd = lane_vector_data(x);
    int n = length_of(x);
    double max = 0;
    bool finite = true;
    for (int i = 0; i < n; i++) {
        double a = fabs(xd[i]);
        max = a > max ? a : max;
        finite &= a <= DBL_MAX;
    }
    return finite ? max : (double)INFINITY;
}

/* The largest of the lanes' root mean squares. A lane that is not finite makes the norm infinite: a comparison alone would
 * overlook a NaN. */
LANE_KERNEL static double weighted_norm(N_Vector x, N_Vector w)
{
    const double *xd = lane_vector_data(x);
    const double *wd = lane_vector_data(w);
    const struct lane_shape *shape = content_of(x)->shape;
    double max = 0;
    bool finite = true;
    enum { BLOCK = 64 };
    for (int first = 0; first < shape->lanes; first += BLOCK) {
        double sum[BLOCK] = {0};
        int count = shape->lanes - first < BLOCK ? shape->lanes - first : BLOCK;
        for (int s = 0; s < shape->states; s++) {
            const double *xs = xd + s * shape->lanes + first;
            const double *ws = wd + s * shape->lanes + first;
            for (int l = 0; l < count; l++) {
                sum[l] += (xs[l] * ws[l]) * (xs[l] * ws[l]);
            }
        }
        for (int l = 0; l < count; l++) {
            max = sum[l] > max ? sum[l] : max;
            finite &= sum[l] <= DBL_MAX;
        }
    }
    return finite ? sqrt(max / shape->states) : (double)INFINITY;
}

/* z = sum of c[k] x[k] over n numbers; z may be x[0]. Two vectors a pass, always added from left to right. */
LANE_KERNEL static void combine(int count, const double *c, const double *const *x, double *z, int n)
{
    if (count == 1) {
        for (int i = 0; i < n; i++) {
            z[i] = c[0] * x[0][i];
        }
        return;
    }
    for (int i = 0; i < n; i++) {
        z[i] = c[0] * x[0][i] + c[1] * x[1][i];
    }
    int k = 2;
    for (; k + 1 < count; k += 2) {
        for (int i = 0; i < n; i++) {
            z[i] = (z[i] + c[k] * x[k][i]) + c[k + 1] * x[k + 1][i];
        }
    }
    for (; k < count; k++) {
        for (int i = 0; i < n; i++) {
            z[i] = z[i] + c[k] * x[k][i];
        }
    }
}

enum { COMBINED_MAX = 32 };

static int linear_combination(int count, double *c, N_Vector *vectors, N_Vector z)
{
    const struct content *result = content_of(z);
    int lanes = result->shape->lanes;
    const double *x[COMBINED_MAX];
    if (count > COMBINED_MAX) {
        return -1;
    }
    for (int k = 0; k < count; k++) {
        x[k] = lane_vector_data(vectors[k]);
    }
    if (!result->selected) {
        combine(count, c, x, result->data, length_of(z));
        return 0;
    }
    for (int i = 0; i < result->selected_count; i++) {
        const double *row[COMBINED_MAX];
        for (int k = 0; k < count; k++) {
            row[k] = x[k] + result->selected[i] * lanes;
        }
        combine(count, c, row, result->data + i * lanes, lanes);
    }
    return 0;
}

/* z[k] = a[k] x + y[k], the update of the history of a multistep method. */
LANE_KERNEL static int scale_add_multi(int count, double *a, N_Vector x, N_Vector *y, N_Vector *z)
{
    const double *xd = lane_vector_data(x);
    int n = length_of(x);
    for (int k = 0; k < count; k++) {
        const double *yd = lane_vector_data(y[k]);
        double *zd = lane_vector_data(z[k]);
        double ak = a[k];
        for (int i = 0; i < n; i++) {
            zd[i] = ak * xd[i] + yd[i];
        }
    }
    return 0;
}

static N_Vector create(const struct lane_shape *shape, size_t numbers, SUNContext context)
{
    N_Vector v = N_VNewEmpty(context);
    if (!v) {
        return NULL;
    }
    struct content *content = calloc(1, sizeof(*content));
    v->content = content;
    v->ops->nvgetvectorid = vector_id;
    v->ops->nvclone = clone;
    v->ops->nvdestroy = destroy;
    v->ops->nvlinearsum = linear_sum;
    v->ops->nvconst = set_constant;
    v->ops->nvprod = multiply;
    v->ops->nvdiv = divide;
    v->ops->nvscale = scale;
    v->ops->nvabs = absolute;
    v->ops->nvinv = invert;
    v->ops->nvaddconst = add_constant;
    v->ops->nvmaxnorm = largest;
    v->ops->nvwrmsnorm = weighted_norm;
    v->ops->nvlinearcombination = linear_combination;
    v->ops->nvscaleaddmulti = scale_add_multi;
    if (content) {
        content->shape = shape;
        content->data = calloc(numbers, sizeof(double));
    }
    if (!content || !content->data) {
        destroy(v);
        return NULL;
    }
    return v;
}

N_Vector lane_vector_create(const struct lane_shape *shape, SUNContext context)
{
    return create(shape, (size_t)shape->states * (size_t)shape->lanes_max, context);
}

N_Vector lane_vector_create_selection(const struct lane_shape *shape, const int *states, int count,
                                      SUNContext context)
{
    N_Vector v = create(shape, (size_t)count * (size_t)shape->lanes_max, context);
    if (v) {
        lane_vector_select(v, states, count);
    }
    return v;
}

void lane_vector_select(N_Vector selection, const int *states, int count)
{
    content_of(selection)->selected = states;
    content_of(selection)->selected_count = count;
}
