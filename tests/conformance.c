/* Prints the conformance card: per suite and method the cases, how many pass, the worst relative error of a value, and
 * the worst error as a part of what is allowed. Status 1 if any case fails. */
#include "conformance.h"

void score_begin(struct score *score, const char *title)
{
    score->title = title;
    score->failed = false;
    score->cases++;
}

void score_value(struct score *score, double where, double got, double expected, double relative,
                 double absolute)
{
    const double off = fabs(got - expected);
    const double allowed = relative * fabs(expected) + absolute;
    score->furthest = fmax(score->furthest, off / allowed);
    if (expected != 0) {
        score->worst = fmax(score->worst, off / fabs(expected));
    }
    if (!(off <= allowed)) {
        fprintf(stderr, "%s, %s: at %.17g %.17g, expected %.17g (relative %.3g)\n", score->method,
                score->title, where, got, expected, off / fabs(expected));
        score->failed = true;
    }
}

void score_broken(struct score *score, const struct diagnostics *d)
{
    fprintf(stderr, "%s, %s: cannot be run\n", score->method, score->title);
    for (int i = 0; d && i < d->count; i++) {
        fprintf(stderr, "  %d:%d: %s\n", d->items[i].line, d->items[i].column, d->items[i].text);
    }
    score->failed = true;
}

void score_end(struct score *score)
{
    score->passed += !score->failed;
}

double score_relative(const struct score *score)
{
    return strcmp(score->method, "exact") == 0 ? 1e-11 : 2e-6;
}

double score_absolute(const struct score *score)
{
    return strcmp(score->method, "exact") == 0 ? 1e-9 : 1e-6;
}

static const struct suite {
    const char *title;
    void (*run)(struct score *score);
} suites[] = {
    {"NONMEM 7.5 scenarios", conformance_nonmem},
    {"events against closed forms", conformance_closed},
    {"covariates over time", conformance_covariates},
    {"exposure metrics on exponentials", conformance_exposure},
    {"published models (golden values)", conformance_golden},
};

int main(void)
{
    int failed = 0;
    printf("%-33s %-6s %6s %6s %15s %11s\n", "suite", "method", "cases", "pass", "relative error",
           "of allowed");
    for (size_t s = 0; s < sizeof(suites) / sizeof(suites[0]); s++) {
        for (int i = 0; i < integrator_count; i++) {
            struct score score = {.method = integrators[i].name};
            suites[s].run(&score);
            printf("%-33s %-6s %6d %6d %15.0e %11.2f\n", suites[s].title, score.method, score.cases,
                   score.passed, score.worst, score.furthest);
            failed += score.cases - score.passed;
        }
    }
    return failed > 0;
}
