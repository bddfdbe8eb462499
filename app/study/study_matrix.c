/* A matrix of correlations in a study: `of` names what goes together, `matrix` has a row and a column for each. */
#include "study_reader.h"

#include <math.h>

/* A row of the matrix, [count] numbers. */
static bool read_row(struct study_reader *r, const struct node *row, int i, int count, double *values)
{
    bool valid = true;
    if (row->kind != NODE_LIST || row->count != count) {
        study_error(r, row, "a row of the matrix is a list of %d numbers", count);
        return false;
    }
    for (int j = 0; j < count; j++) {
        const struct node *node = row->items[j];
        if (!node_is_scalar(node)) {
            study_error(r, node, "a correlation is a number");
            valid = false;
        } else if (!study_quantity(r, node, "1", BOUND_NONE, &values[j])) {
            valid = false;
        } else if (i == j && values[j] != 1) {
            study_error(r, node, "the correlation of anything with itself is 1, not \"%s\"", node->text);
            valid = false;
        } else if (i != j && !(fabs(values[j]) < 1)) {
            study_error(r, node, "\"%s\" must be above -1 and below 1", node->text);
            valid = false;
        }
    }
    return valid;
}

static bool check_symmetry(struct study_reader *r, const struct node *of, const struct node *matrix,
                           const double *values)
{
    const int n = of->count;
    bool symmetric = true;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++) {
            if (values[i * n + j] != values[j * n + i]) {
                study_error(r, matrix->items[i]->items[j],
                            "the matrix is not symmetric: \"%s\" here, and \"%s\" for %s and %s above",
                            matrix->items[i]->items[j]->text, matrix->items[j]->items[i]->text,
                            of->items[j]->text, of->items[i]->text);
                symmetric = false;
            }
        }
    }
    return symmetric;
}

bool study_read_matrix(struct study_reader *r, const struct node *of, const struct node *matrix,
                       const char *what, double *values)
{
    const int n = of->count;
    bool valid = true;
    if (matrix->kind != NODE_LIST || matrix->count != n) {
        study_error(r, matrix, "the matrix has a row for each of the %d %s of `of`", n, what);
        return false;
    }
    for (int i = 0; i < n; i++) {
        valid &= read_row(r, matrix->items[i], i, n, values + (ptrdiff_t)i * n);
    }
    return valid && check_symmetry(r, of, matrix, values);
}
