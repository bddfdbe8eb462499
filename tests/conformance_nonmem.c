/* The dosing scenarios of tests/reference/events, with the levels that NONMEM prints of them. */
#include "conformance.h"

#define FOLDER SOURCE_DIR "/tests/reference/events/"

/* A row of expected.csv. */
struct printed {
    int scenario;
    double lag, bioavailability, duration; /* duration 0: none */
    double time, value;
};

/* Five digits are printed, the last of them rounded. */
static double half_digit(double value)
{
    return value == 0 ? 0 : 0.5 * pow(10, floor(log10(fabs(value))) - 4);
}

static bool read_row(const char *line, struct printed *row)
{
    char duration[32] = "";
    *row = (struct printed){0};
    if (sscanf(line, "%d,%lf,%lf,%31[^,],%lf,%lf,", &row->scenario, &row->lag, &row->bioavailability,
               duration, &row->time, &row->value) == 6) {
        row->duration = strtod(duration, NULL);
        return true;
    }
    return sscanf(line, "%d,%lf,%lf,,%lf,%lf,", &row->scenario, &row->lag, &row->bioavailability, &row->time,
                  &row->value) == 5;
}

/* The observation of that time. */
static double level_at(const struct event_run *run, double time)
{
    const struct event_table *table = run->study.events;
    for (int64_t i = 0; i < table->event_count; i++) {
        if (table->events[i].time == time && table->events[i].kind == EVENT_OBSERVATION) {
            return event_run_level(run, 0, i);
        }
    }
    return NAN;
}

/* As a user runs it: the table and the model where they lie, the parameters of the scenario set by a sweep. */
static bool run_scenario(struct event_run *run, const struct printed *row, const char *method)
{
    char text[1024];
    char table[256];
    memset(run, 0, sizeof(*run));
    diagnostics_init(&run->d);
    snprintf(table, sizeof(table), FOLDER "%02d.csv", row->scenario);
    const int length = snprintf(text, sizeof(text),
                                "title: A scenario\nmodel: %smodel.yaml\nseed: 1\n"
                                "patients: {events: %s, variability: false}\nsolver: {method: %s}\n"
                                "sweep: {design: grid, F2: [%.17g], ALAG2: [%.17g h], D2: [%.17g h]}\n",
                                FOLDER, table, method, row->bioavailability, row->lag,
                                row->duration > 0 ? row->duration : 1);
    return study_parse(&run->study, "scenario.yaml", text, (size_t)length, NULL, 0, &run->d) == 0 &&
           event_run_solve(run, 1);
}

void conformance_nonmem(struct score *score)
{
    FILE *file = fopen(FOLDER "expected.csv", "r");
    char line[256];
    char title[32];
    struct event_run run = {0};
    struct printed row;
    int scenario = 0;
    while (file && fgets(line, sizeof(line), file)) {
        if (!read_row(line, &row)) {
            continue; /* the names of the columns */
        }
        if (row.scenario != scenario) {
            if (scenario > 0) {
                score_end(score);
                event_run_clear(&run);
            }
            scenario = row.scenario;
            snprintf(title, sizeof(title), "scenario %02d", scenario);
            score_begin(score, title);
            if (!run_scenario(&run, &row, score->method)) {
                score_broken(score, &run.d);
            }
        }
        if (run.ran) {
            score_value(score, row.time, level_at(&run, row.time), row.value, 1e-6, half_digit(row.value));
        }
    }
    if (scenario > 0) {
        score_end(score);
        event_run_clear(&run);
    }
    if (!file || fclose(file) != 0 || scenario != 29) {
        score_begin(score, FOLDER "expected.csv");
        score_broken(score, NULL);
        score_end(score);
    }
}
