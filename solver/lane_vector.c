#include "lane_vector.h"

#include "kernel.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct content {
    struct lane_shape *shape;
    double *data;
    const int *selected; /* NULL: all states; not owned */
    int selected_count;
};

static struct content *content_of(N_Vector v)
{
    return v->content;
}

/* How many fours there are in a vector. */
static int length_of(N_Vector v)
{
    const struct content *content = content_of(v);
    const int rows = content->selected ? content->selected_count : content->shape->states;
    return rows * content->shape->lanes / FOUR;
}

/* --- Sums put off --- */

/* Whether the sums are the prediction of order q: q neighbors added from the far end of a history to its front, then one fewer, and so
 * on. The history is then sums[q - 1], ..., sums[0], terms[0]. */
static int prediction_order(const struct lane_shape *shape)
{
    int q = 0;
    while (q * (q + 1) / 2 < shape->sum_count) {
        q++;
    }
    if (q == 0 || q * (q + 1) / 2 != shape->sum_count) {
        return 0;
    }
    int at = 0;
    for (int length = q; length >= 1; length--) {
        for (int k = 0; k < length; k++, at++) {
            const double *term = k == 0 ? shape->terms[0] : shape->sums[k - 1];
            if (shape->sums[at] != shape->sums[k] || shape->terms[at] != term) {
                return 0;
            }
        }
    }
    return q;
}

enum { LANE_ORDER_MAX = 6 };

/* The prediction of order q in one pass; q is known when this is compiled. */
static inline __attribute__((always_inline)) void predict(const struct lane_shape *shape, const int q, int n)
{
    four *z[LANE_ORDER_MAX + 1];
    z[q] = (four *)(uintptr_t)shape->terms[0];
    for (int k = 0; k < q; k++) {
        z[q - 1 - k] = fours(shape->sums[k]);
    }
    for (int i = 0; i < n; i++) {
        four v[LANE_ORDER_MAX + 1];
        for (int j = 0; j <= q; j++) {
            v[j] = z[j][i];
        }
        for (int k = 1; k <= q; k++) {
            for (int j = q; j >= k; j--) {
                v[j - 1] += v[j];
            }
        }
        for (int j = 0; j < q; j++) {
            z[j][i] = v[j];
        }
    }
}

LANE_KERNEL static void do_sums(struct lane_shape *shape)
{
    int n = shape->states * shape->lanes / FOUR;
    switch (prediction_order(shape)) {
    case 2:
        predict(shape, 2, n);
        break;
    case 3:
        predict(shape, 3, n);
        break;
    case 4:
        predict(shape, 4, n);
        break;
    case 5:
        predict(shape, 5, n);
        break;
    case 6:
        predict(shape, 6, n);
        break;
    default:
        for (int k = 0; k < shape->sum_count; k++) {
            four *sum = fours(shape->sums[k]);
            const four *term = const_fours(shape->terms[k]);
            for (int i = 0; i < n; i++) {
                sum[i] += term[i];
            }
        }
    }
    shape->sum_count = 0;
}

static void put_off_sum(struct lane_shape *shape, double *sum, const double *term)
{
    if (shape->sum_count == LANE_SUMS_MAX) {
        do_sums(shape);
    }
    shape->sums[shape->sum_count] = sum;
    shape->terms[shape->sum_count++] = term;
}

double *lane_vector_data(N_Vector v)
{
    struct content *content = content_of(v);
    if (content->shape->sum_count > 0) {
        do_sums(content->shape);
    }
    return content->data;
}

static four *fours_of(N_Vector v)
{
    return fours(lane_vector_data(v));
}

/* --- Operations --- */

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

LANE_KERNEL static void add_scaled(double a, const four *x, double b, const four *y, four *z, int n)
{
    if (a == 1) {
        for (int i = 0; i < n; i++) {
            z[i] = x[i] + b * y[i];
        }
    } else {
        for (int i = 0; i < n; i++) {
            z[i] = a * x[i] + b * y[i];
        }
    }
}

static void linear_sum(double a, N_Vector x, double b, N_Vector y, N_Vector z)
{
    if (a == 1 && b == 1 && x == z) {
        put_off_sum(content_of(z)->shape, content_of(z)->data, content_of(y)->data);
    } else {
        add_scaled(a, fours_of(x), b, fours_of(y), fours_of(z), length_of(z));
    }
}

LANE_KERNEL static void set_constant(double c, N_Vector z)
{
    four *zd = fours_of(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = (four){c, c, c, c};
    }
}

LANE_KERNEL static void scale_numbers(double c, const four *x, four *z, int n)
{
    for (int i = 0; i < n; i++) {
        z[i] = c * x[i];
    }
}

static void scale(double c, N_Vector x, N_Vector z)
{
    if (c == 1) {
        memcpy(lane_vector_data(z), lane_vector_data(x), (size_t)length_of(z) * sizeof(four));
    } else {
        scale_numbers(c, fours_of(x), fours_of(z), length_of(z));
    }
}

/* The rest is needed when a step is first chosen, only. */

static void multiply(N_Vector x, N_Vector y, N_Vector z)
{
    const four *xd = fours_of(x);
    const four *yd = fours_of(y);
    four *zd = fours_of(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = xd[i] * yd[i];
    }
}

static void divide(N_Vector x, N_Vector y, N_Vector z)
{
    const four *xd = fours_of(x);
    const four *yd = fours_of(y);
    four *zd = fours_of(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = xd[i] / yd[i];
    }
}

static void absolute(N_Vector x, N_Vector z)
{
    const double *xd = lane_vector_data(x);
    double *zd = lane_vector_data(z);
    int n = length_of(z) * FOUR;
    for (int i = 0; i < n; i++) {
        zd[i] = fabs(xd[i]);
    }
}

static void invert(N_Vector x, N_Vector z)
{
    const four *xd = fours_of(x);
    four *zd = fours_of(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = 1 / xd[i];
    }
}

static void add_constant(N_Vector x, double b, N_Vector z)
{
    const four *xd = fours_of(x);
    four *zd = fours_of(z);
    int n = length_of(z);
    for (int i = 0; i < n; i++) {
        zd[i] = xd[i] + b;
    }
}

static double largest(N_Vector x)
{
    const double *xd = lane_vector_data(x);
    int n = length_of(x) * FOUR;
    double max = 0;
    bool finite = true;
    for (int i = 0; i < n; i++) {
        double a = fabs(xd[i]);
        max = a > max ? a : max;
        finite &= a <= DBL_MAX;
    }
    return finite ? max : (double)INFINITY;
}

/* Replaces the numbers that are smaller than those of `other`. */
static inline void keep_larger(four *most, const four *other)
{
    four_mask replaced = *other > *most;
    *most = (four)((replaced & (four_mask)*other) | (~replaced & (four_mask)*most));
}

/* The largest of the lanes' root mean squares. A lane that is not finite makes the norm infinite: a comparison alone would
 * overlook a NaN. */
LANE_KERNEL static double weighted_norm(N_Vector x, N_Vector w)
{
    const four *xd = fours_of(x);
    const four *wd = fours_of(w);
    const struct lane_shape *shape = content_of(x)->shape;
    int row = shape->lanes / FOUR;
    four largest_sums = {0};
    four zeros = {0}; /* NaN where a sum was not finite */
    for (int i = 0; i < row; i++) {
        four sum = {0};
        for (int s = 0; s < shape->states; s++) {
            four scaled = xd[s * row + i] * wd[s * row + i];
            sum += scaled * scaled;
        }
        keep_larger(&largest_sums, &sum);
        zeros += sum * 0;
    }
    double max = 0;
    double zero = 0;
    for (int l = 0; l < FOUR; l++) {
        max = largest_sums[l] > max ? largest_sums[l] : max;
        zero += zeros[l];
    }
    return zero == 0 ? sqrt(max / shape->states) : (double)INFINITY;
}

/* z = sum of c[k] x[k] over n fours; z may be x[0]. Two vectors a pass, always added from left to right. */
LANE_KERNEL static void combine(int count, const double *c, const four *const *x, four *z, int n)
{
    if (count == 1) {
        scale_numbers(c[0], x[0], z, n);
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
    int row = result->shape->lanes / FOUR;
    const four *x[COMBINED_MAX];
    if (count > COMBINED_MAX) {
        return -1;
    }
    for (int k = 0; k < count; k++) {
        x[k] = fours_of(vectors[k]);
    }
    if (!result->selected) {
        combine(count, c, x, fours_of(z), length_of(z));
        return 0;
    }
    for (int i = 0; i < result->selected_count; i++) {
        const four *rows[COMBINED_MAX];
        for (int k = 0; k < count; k++) {
            rows[k] = x[k] + result->selected[i] * row;
        }
        combine(count, c, rows, fours(result->data) + i * row, row);
    }
    return 0;
}

enum { MULTIPLES_MAX = 4 };

/* z[k] = a[k] x + y[k] for `count` vectors in one pass; `count` is known when this is compiled. */
static inline __attribute__((always_inline)) void
add_multiples(const int count, const double *a, const four *x, const four *const *y, four *const *z, int n)
{
    double c[MULTIPLES_MAX];
    const four *from[MULTIPLES_MAX];
    four *to[MULTIPLES_MAX];
    for (int k = 0; k < count; k++) {
        c[k] = a[k];
        from[k] = y[k];
        to[k] = z[k];
    }
    for (int i = 0; i < n; i++) {
        four xi = x[i];
        for (int k = 0; k < count; k++) {
            to[k][i] = c[k] * xi + from[k][i];
        }
    }
}

/* The update of the history of a multistep method. */
LANE_KERNEL static void add_multiples_of(int count, const double *a, const four *x, const four *const *y,
                                         four *const *z, int n)
{
    int k = 0;
    for (; k + MULTIPLES_MAX <= count; k += MULTIPLES_MAX) {
        add_multiples(MULTIPLES_MAX, a + k, x, y + k, z + k, n);
    }
    switch (count - k) {
    case 3:
        add_multiples(3, a + k, x, y + k, z + k, n);
        break;
    case 2:
        add_multiples(2, a + k, x, y + k, z + k, n);
        break;
    case 1:
        add_multiples(1, a + k, x, y + k, z + k, n);
        break;
    }
}

static int scale_add_multi(int count, double *a, N_Vector x, N_Vector *y, N_Vector *z)
{
    const four *yd[COMBINED_MAX];
    four *zd[COMBINED_MAX];
    if (count > COMBINED_MAX) {
        return -1;
    }
    for (int k = 0; k < count; k++) {
        yd[k] = fours_of(y[k]);
        zd[k] = fours_of(z[k]);
    }
    add_multiples_of(count, a, fours_of(x), yd, zd, length_of(x));
    return 0;
}

static N_Vector create(struct lane_shape *shape, size_t numbers, SUNContext context)
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
        content->data = fours_create(numbers);
    }
    if (!content || !content->data) {
        destroy(v);
        return NULL;
    }
    return v;
}

N_Vector lane_vector_create(struct lane_shape *shape, SUNContext context)
{
    return create(shape, (size_t)shape->states_max * (size_t)shape->lanes_max, context);
}

N_Vector lane_vector_create_selection(struct lane_shape *shape, const int *states, int count,
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
