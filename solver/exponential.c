#include "exponential.h"

#include "kernel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    LANES = EXPONENTIAL_LANES,
    STATES_MAX = EXPONENTIAL_STATES_MAX,
    TAYLOR_TERMS = 16, /* with norm <= 1/2 the first term left out is below 2^-17/17! */
};

/* The numbers of the lanes, two vectors of four. */
struct eight {
    four halves[2];
};

static inline void add_product(struct eight *sum, const double *a, const double *b)
{
    sum->halves[0] += *(const four *)a * *(const four *)b;
    sum->halves[1] += *(const four *)(a + 4) * *(const four *)(b + 4);
}

static int count_products(const struct exponential *m, bool left[STATES_MAX][STATES_MAX],
                          struct product *product)
{
    int n = 0;
    for (int e = 0; e < m->entry_count; e++) {
        int i = m->entry_row[e];
        int j = m->entry_column[e];
        if (product->begin) {
            product->begin[e] = n;
        }
        for (int k = 0; k < m->size; k++) {
            if (left[i][k] && m->entry_of[k][j] >= 0) {
                if (product->left) {
                    product->left[n] = m->entry_of[i][k];
                    product->right[n] = m->entry_of[k][j];
                }
                n++;
            }
        }
    }
    if (product->begin) {
        product->begin[m->entry_count] = n;
    }
    return n;
}

static void product_clear(struct product *product)
{
    free(product->begin);
    free(product->left);
    free(product->right);
    *product = (struct product){0};
}

static int product_init(const struct exponential *m, bool left[STATES_MAX][STATES_MAX],
                        struct product *product)
{
    product_clear(product);
    size_t n = (size_t)count_products(m, left, product);
    product->begin = malloc(((size_t)m->entry_count + 1) * sizeof(int));
    product->left = malloc((n + 1) * sizeof(int));
    product->right = malloc((n + 1) * sizeof(int));
    if (!product->begin || !product->left || !product->right) {
        return -1;
    }
    count_products(m, left, product);
    return 0;
}

/* Numbers the entries (i, j) where a path leads from j to i. */
static void number_entries(struct exponential *m, bool reach[STATES_MAX][STATES_MAX])
{
    m->entry_count = 0;
    for (int i = 0; i < m->size; i++) {
        m->row_begin[i] = m->entry_count;
        for (int j = 0; j < m->size; j++) {
            m->entry_of[i][j] = reach[i][j] ? m->entry_count : -1;
            if (reach[i][j]) {
                m->entry_row[m->entry_count] = i;
                m->entry_column[m->entry_count++] = j;
            }
        }
    }
    m->row_begin[m->size] = m->entry_count;
}

/* Lists the entries of each column that add up to 1. */
static void list_shares(struct exponential *m, const enum exponential_kind *kinds)
{
    int n = 0;
    for (int j = 0; j < m->size; j++) {
        m->share_begin[j] = n;
        for (int i = 0; i < m->size; i++) {
            const bool shares = kinds[j] == EXPONENTIAL_INPUT ? i == j : kinds[i] == kinds[j];
            if (shares && m->entry_of[i][j] >= 0) {
                m->share_entry[n++] = m->entry_of[i][j];
            }
        }
    }
    m->share_begin[m->size] = n;
}

int exponential_shape(struct exponential *m, int states, const enum exponential_kind *kinds,
                      bool direct[STATES_MAX][STATES_MAX])
{
    enum exponential_kind all[STATES_MAX];
    bool reach[STATES_MAX][STATES_MAX];
    m->states = states;
    m->size = states + EXPONENTIAL_SINKS;
    memcpy(all, kinds, (size_t)states * sizeof(*kinds));
    all[states] = EXPONENTIAL_BODY;
    all[states + 1] = EXPONENTIAL_IMAGE;
    for (int i = 0; i < m->size; i++) {
        direct[i][i] = true;
    }
    memcpy(reach, direct, sizeof(reach));
    for (int k = 0; k < m->size; k++) {
        for (int i = 0; i < m->size; i++) {
            for (int j = 0; j < m->size; j++) {
                reach[i][j] |= reach[i][k] && reach[k][j];
            }
        }
    }
    number_entries(m, reach);
    list_shares(m, all);
    size_t matrix = (size_t)m->entry_count * LANES;
    free(m->memory);
    m->memory = fours_create((EXPONENTIAL_CACHE + EXPONENTIAL_STRIDE + 3) * matrix);
    if (!m->memory || product_init(m, reach, &m->squaring) || product_init(m, direct, &m->taylor)) {
        return -1;
    }
    m->shifted = m->memory;
    m->scaled = m->memory + matrix;
    m->work = m->memory + 2 * matrix;
    for (int c = 0; c < EXPONENTIAL_CACHE; c++) {
        m->cached[c] = m->memory + (size_t)(c + 3) * matrix;
    }
    for (int k = 0; k < EXPONENTIAL_STRIDE; k++) {
        m->powers[k] = m->memory + (size_t)(EXPONENTIAL_CACHE + k + 3) * matrix;
    }
    memset(m->powers_interval, 0, sizeof(m->powers_interval));
    return 0;
}

void exponential_clear(struct exponential *m)
{
    product_clear(&m->squaring);
    product_clear(&m->taylor);
    free(m->memory);
    *m = (struct exponential){0};
}

void exponential_begin(struct exponential *m)
{
    m->cached_count = 0;
    memset(m->powers_interval, 0, sizeof(m->powers_interval));
    memset(m->shifted, 0, (size_t)m->entry_count * LANES * sizeof(double));
}

double *exponential_entry(struct exponential *m, int row, int column)
{
    return m->shifted + m->entry_of[row][column] * LANES;
}

void exponential_ready(struct exponential *m, double (*loss)[LANES])
{
    memset(m->fastest, 0, sizeof(m->fastest));
    for (int i = 0; i < m->states; i++) {
        for (int l = 0; l < LANES; l++) {
            m->fastest[l] = fmax(m->fastest[l], loss[i][l]);
        }
    }
    for (int i = 0; i < m->size; i++) {
        double *diagonal = exponential_entry(m, i, i);
        for (int l = 0; l < LANES; l++) {
            diagonal[l] = m->fastest[l] - (i < m->states ? loss[i][l] : 0);
        }
    }
}

/* result = left right / divisor. */
LANE_KERNEL static void multiply(const struct exponential *m, const struct product *product,
                                 const double *left, const double *right, double divisor, double *result)
{
    for (int e = 0; e < m->entry_count; e++) {
        struct eight sum = {{{0}}};
        for (int k = product->begin[e]; k < product->begin[e + 1]; k++) {
            add_product(&sum, left + product->left[k] * LANES, right + product->right[k] * LANES);
        }
        fours(result + e * LANES)[0] = sum.halves[0] / divisor;
        fours(result + e * LANES)[1] = sum.halves[1] / divisor;
    }
}

/* matrix += I */
static void add_identity(const struct exponential *m, double *matrix)
{
    for (int i = 0; i < m->size; i++) {
        double *diagonal = matrix + m->entry_of[i][i] * LANES;
        for (int l = 0; l < LANES; l++) {
            diagonal[l] += 1;
        }
    }
}

/* out = factors in, lane by lane. */
LANE_KERNEL static void scale_lanes(const struct exponential *m, const double *factors, const double *in,
                                    double *out)
{
    for (int e = 0; e < m->entry_count; e++) {
        fours(out + e * LANES)[0] = const_fours(in + e * LANES)[0] * const_fours(factors)[0];
        fours(out + e * LANES)[1] = const_fours(in + e * LANES)[1] * const_fours(factors)[1];
    }
}

/* Makes what becomes of each state add up to 1; an input stays what it is. */
LANE_KERNEL static void make_whole(const struct exponential *m, double *matrix)
{
    for (int j = 0; j < m->size; j++) {
        struct eight sum = {{{0}}};
        for (int k = m->share_begin[j]; k < m->share_begin[j + 1]; k++) {
            sum.halves[0] += const_fours(matrix + m->share_entry[k] * LANES)[0];
            sum.halves[1] += const_fours(matrix + m->share_entry[k] * LANES)[1];
        }
        sum.halves[0] = 1 / sum.halves[0];
        sum.halves[1] = 1 / sum.halves[1];
        for (int k = m->share_begin[j]; k < m->share_begin[j + 1]; k++) {
            fours(matrix + m->share_entry[k] * LANES)[0] *= sum.halves[0];
            fours(matrix + m->share_entry[k] * LANES)[1] *= sum.halves[1];
        }
    }
}

/* result = exp(B interval). How often a lane is squared depends on that lane alone. */
static void exponentiate(struct exponential *m, const double *interval, double *result)
{
    double scale[LANES];
    double decay[LANES];
    int squarings[LANES];
    int most = 0;
    for (int l = 0; l < LANES; l++) {
        int exponent = 0;
        frexp(m->fastest[l] * interval[l], &exponent);
        squarings[l] = exponent + 1 > 0 ? exponent + 1 : 0;
        most = squarings[l] > most ? squarings[l] : most;
        scale[l] = ldexp(interval[l], -squarings[l]);
        decay[l] = exp(-m->fastest[l] * scale[l]);
    }
    scale_lanes(m, scale, m->shifted, m->scaled);
    /* Horner's scheme: I + X (I + X/2 (I + X/3 (...))), from the innermost sum outwards. */
    double *sum = m->work;
    double *next = result;
    memset(sum, 0, (size_t)m->entry_count * LANES * sizeof(double));
    add_identity(m, sum);
    for (int term = TAYLOR_TERMS; term >= 1; term--) {
        multiply(m, &m->taylor, m->scaled, sum, term, next);
        add_identity(m, next);
        double *done = sum;
        sum = next;
        next = done;
    }
    scale_lanes(m, decay, sum, result);
    make_whole(m, result);
    for (int round = 0; round < most; round++) {
        multiply(m, &m->squaring, result, result, 1, m->work);
        make_whole(m, m->work);
        for (int e = 0; e < m->entry_count; e++) {
            for (int l = 0; l < LANES; l++) {
                result[e * LANES + l] = round < squarings[l] ? m->work[e * LANES + l] : result[e * LANES + l];
            }
        }
    }
}

static bool all_within(const double *a, const double *b, double within)
{
    for (int l = 0; l < LANES; l++) {
        if (!(fabs(a[l] - b[l]) <= within)) {
            return false;
        }
    }
    return true;
}

const double *exponential_find(struct exponential *m, const double *interval, double within,
                               const double **found)
{
    for (int c = 0; c < m->cached_count && c < EXPONENTIAL_CACHE; c++) {
        if (all_within(m->cached_interval[c], interval, within)) {
            *found = m->cached_interval[c];
            return m->cached[c];
        }
    }
    int slot = m->cached_count++ % EXPONENTIAL_CACHE;
    exponentiate(m, interval, m->cached[slot]);
    memcpy(m->cached_interval[slot], interval, sizeof(m->cached_interval[slot]));
    *found = m->cached_interval[slot];
    return m->cached[slot];
}

/* Row `i` of a matrix times x. */
static inline void apply_row(const struct exponential *m, const double *matrix, int i, double (*x)[LANES],
                             double *result)
{
    struct eight sum = {{{0}}};
    for (int e = m->row_begin[i]; e < m->row_begin[i + 1]; e++) {
        add_product(&sum, matrix + e * LANES, x[m->entry_column[e]]);
    }
    fours(result)[0] = sum.halves[0];
    fours(result)[1] = sum.halves[1];
}

LANE_KERNEL void exponential_apply(const struct exponential *m, const double *exponential, double (*x)[LANES],
                                   double (*result)[LANES])
{
    for (int i = 0; i < m->states; i++) {
        apply_row(m, exponential, i, x, result[i]);
    }
}

bool exponential_is_ready(const struct exponential *m, const double *interval)
{
    return all_within(m->powers_interval, interval, 0);
}

void exponential_stride_ready(struct exponential *m, const double *exponential, const double *interval)
{
    if (exponential_is_ready(m, interval)) {
        return;
    }
    memcpy(m->powers[0], exponential, (size_t)m->entry_count * LANES * sizeof(double));
    for (int k = 1; k < EXPONENTIAL_STRIDE; k++) {
        multiply(m, &m->squaring, m->powers[k / 2], m->powers[k - 1 - k / 2], 1, m->powers[k]);
    }
    memcpy(m->powers_interval, interval, sizeof(m->powers_interval));
}

LANE_KERNEL void exponential_stride(const struct exponential *m, const int *states, int count,
                                    double (*x)[LANES], double (*result)[LANES], double (*watched)[LANES])
{
    const int last = EXPONENTIAL_STRIDE - 1;
    for (int i = 0; i < m->states; i++) {
        apply_row(m, m->powers[last], i, x, result[i]);
    }
    for (int s = 0; s < count; s++) {
        for (int k = 0; k < last; k++) {
            apply_row(m, m->powers[k], states[s], x, watched[k * count + s]);
        }
        memcpy(watched[last * count + s], result[states[s]], sizeof(result[0]));
    }
}
