/* Rank correlations between the covariates of a study's patients. */
#include "study_reader.h"

#include "model/cholesky.h"

#include <math.h>
#include <stdlib.h>

static const double pi = 3.14159265358979323846;

/* The correlation of two standard normals whose Spearman correlation is `rank`: 2 sin(pi rank / 6). */
static double normal_correlation(double rank)
{
    return 2 * sin(pi * rank / 6);
}

static bool is_drawn(const struct population_covariate *covariate)
{
    return covariate->kind == DISTRIBUTION_NORMAL || covariate->kind == DISTRIBUTION_LOGNORMAL ||
           covariate->kind == DISTRIBUTION_UNIFORM || covariate->kind == DISTRIBUTION_LOGUNIFORM;
}

/* The covariate that an item of `of` names; -1 with the mistake told. */
static int read_name(struct study_reader *r, const struct node *node)
{
    const int c = study_covariate(r->study, node->text);
    if (c < 0) {
        return study_error(r, node, "\"%s\" is not among patients.covariates", node->text);
    }
    const struct population_covariate *covariate = &r->study->covariates[c];
    if (covariate->category) {
        return study_error(r, node,
                           "%s is a category, and has no ranks to correlate; a table of patients "
                           "(patients.from) can bring categories that go with other covariates",
                           covariate->name);
    }
    return is_drawn(covariate)
               ? c
               : study_error(r, node, "%s is not drawn from a distribution in patients.covariates",
                             covariate->name);
}

/* Whether all names could be read. */
static bool read_names(struct study_reader *r, const struct node *of)
{
    struct copula *copula = &r->study->copula;
    bool valid = true;
    for (int i = 0; i < of->count; i++) {
        if (!node_is_scalar(of->items[i])) {
            return false; /* told by the schema */
        }
        study_check_once(r, of, i);
        copula->covariates[i] = read_name(r, of->items[i]);
        valid &= copula->covariates[i] >= 0;
    }
    return valid;
}

/* Finds the triangle that draws numbers with these rank correlations. */
static void solve(struct study_reader *r, const struct node *matrix, double *ranks)
{
    struct copula *copula = &r->study->copula;
    const int n = copula->count;
    const bool possible = cholesky(ranks, copula->lower, n) == 0;
    for (int i = 0; i < n * n; i++) {
        ranks[i] = i % (n + 1) == 0 ? 1 : normal_correlation(ranks[i]);
    }
    if (!possible || cholesky(ranks, copula->lower, n) != 0) {
        study_error(r, matrix,
                    possible ? "these rank correlations are too near to a limit: those of the normal "
                               "distributions behind them (2 sin(pi/6 x)) are not positive definite"
                             : "these correlations are not possible together: the matrix is not positive "
                               "definite");
    }
}

int study_read_correlations(struct study_reader *r)
{
    const struct node *map = node_find(study_root(r, "patients"), "rank_correlations");
    const struct node *of = node_find(map, "of");
    const struct node *matrix = node_find(map, "matrix");
    struct copula *copula = &r->study->copula;
    if (!of || !matrix || of->kind != NODE_LIST || !r->models_known) {
        return 0;
    }
    if (of->count < 2 || of->count > COPULA_MAX) {
        study_error(r, of, "2 to %d covariates can be correlated", COPULA_MAX);
        return 0;
    }
    const size_t n = (size_t)of->count;
    double *ranks = calloc(n * n, sizeof(*ranks));
    copula->covariates = calloc(n, sizeof(*copula->covariates));
    copula->lower = calloc(n * n, sizeof(*copula->lower));
    if (!ranks || !copula->covariates || !copula->lower) {
        free(ranks);
        return diagnostics_out_of_memory(r->d);
    }
    const bool named = read_names(r, of);
    if (study_read_matrix(r, of, matrix, "covariates", ranks) && named) {
        copula->count = of->count;
        solve(r, matrix, ranks);
    }
    free(ranks);
    return 0;
}
