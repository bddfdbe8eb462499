#include "worker_solution.h"

#include "session.h"

#include <stdlib.h>

struct worker_solution {
    const struct worker_plan *plan;
    struct watch watch;
    int outputs;    /* most levels of a model */
    int most_spans; /* of a lane */
    double *thresholds;
    int threshold_count;
    double *cuts; /* h */
    struct dosing_interval *intervals;
    struct dosing_session *sessions;
    struct given_dose *given;
    struct spans *levels;     /* [lane][output] */
    struct span *spans;       /* [lane][output][span] */
    struct time_above *above; /* [lane][output][span][threshold] */
};

static void take(void *payload, int output, int lane, const struct piece *piece)
{
    struct worker_solution *s = payload;

    spans_add(&s->levels[(ptrdiff_t)lane * s->outputs + output], piece);
}

static void *allocate(size_t count, size_t size)
{
    return calloc(count ? count : 1, size);
}

struct worker_solution *worker_solution_create(const struct worker_plan *plan)
{
    const struct study *study = plan->study;
    struct worker_solution *s = allocate(1, sizeof(*s));

    if (!s) {
        return NULL;
    }
    s->plan = plan;
    s->watch = (struct watch){s, take};
    for (int m = 0; m < study->model_count; m++) {
        s->outputs = study->models[m].level_count > s->outputs ? study->models[m].level_count : s->outputs;
    }
    /* Each dosing interval has two ends, each area two more, and the profile two; a session begins and ends where one of these does, and
     * has levels at times of its own. */
    s->most_spans =
        2 * plan->most_doses + 2 * study->metric_count + 2 + plan->most_doses * study->thresholds.after_count;
    const size_t rows = (size_t)plan->lanes * (size_t)s->outputs;
    const size_t spans = rows * (size_t)s->most_spans;
    s->thresholds = allocate((size_t)(study->metric_count + study->thresholds.count), sizeof(*s->thresholds));
    s->cuts = allocate((size_t)s->most_spans + 1, sizeof(*s->cuts));
    s->intervals = allocate((size_t)plan->most_doses, sizeof(*s->intervals));
    s->sessions = allocate((size_t)plan->most_doses, sizeof(*s->sessions));
    s->given = allocate((size_t)plan->most_doses, sizeof(*s->given));
    s->levels = allocate(rows, sizeof(*s->levels));
    s->spans = allocate(spans, sizeof(*s->spans));
    for (int i = 0; i < study->metric_count && s->thresholds && study->from_solution; i++) {
        if (study->metrics[i].threshold > 0) {
            s->thresholds[s->threshold_count++] = study->metrics[i].threshold;
        }
    }
    for (int i = 0; i < study->thresholds.count && s->thresholds; i++) {
        s->thresholds[s->threshold_count++] = study->thresholds.levels[i].level;
    }
    s->above = allocate(spans * (size_t)s->threshold_count, sizeof(*s->above));
    if (!s->thresholds || !s->cuts || !s->intervals || !s->sessions || !s->given || !s->levels || !s->spans ||
        !s->above) {
        worker_solution_free(s);
        return NULL;
    }
    for (size_t i = 0; i < rows; i++) {
        s->levels[i] = (struct spans){
            .spans = s->spans + i * (size_t)s->most_spans,
            .thresholds = s->thresholds,
            .threshold_count = s->threshold_count,
            .above = s->above + i * (size_t)s->most_spans * (size_t)s->threshold_count,
        };
    }
    return s;
}

void worker_solution_free(struct worker_solution *s)
{
    if (s) {
        free(s->thresholds);
        free(s->cuts);
        free(s->intervals);
        free(s->sessions);
        free(s->given);
        free(s->levels);
        free(s->spans);
        free(s->above);
        free(s);
    }
}

static int compare_times(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The times at which metrics of the lane begin or end, from its first dose to the last observation. How many: 2 at least. */
static int find_cuts(struct worker_solution *s, const struct lane *lane)
{
    const struct study *study = s->plan->study;
    const struct arm *arm = &study->arms[lane->arm];
    const double last = study->times[study->time_count - 1];
    int count = 0;
    int distinct = 1;

    dosing_given(&study->models[lane->model], arm, 1, s->given); /* whatever the weight: only times matter */
    const int intervals = dosing_intervals(s->given, arm->dose_count, last, s->intervals);
    s->cuts[count++] = intervals > 0 ? s->intervals[0].start : study->times[0];
    const double first = s->cuts[0];
    s->cuts[count++] = last;
    for (int i = 0; i < intervals; i++) {
        s->cuts[count++] = s->intervals[i].start;
        s->cuts[count++] = s->intervals[i].end;
    }
    for (int i = 0; i < study->metric_count; i++) {
        const struct metric_request *request = &study->metrics[i];
        if (request->to > first && request->from < last) {
            s->cuts[count++] = request->from > first ? request->from : first;
            s->cuts[count++] = request->to < last ? request->to : last;
        }
    }
    const int sessions = dosing_sessions(s->given, arm->dose_count, last, s->sessions);
    for (int i = 0; i < sessions * study->thresholds.after_count; i++) {
        const struct dosing_session *session = &s->sessions[i / study->thresholds.after_count];
        const double time = session->start + study->thresholds.after[i % study->thresholds.after_count];
        if (time < session->end) {
            s->cuts[count++] = time;
        }
    }
    qsort(s->cuts, (size_t)count, sizeof(*s->cuts), compare_times);
    for (int i = 1; i < count; i++) {
        if (s->cuts[i] != s->cuts[distinct - 1]) {
            s->cuts[distinct++] = s->cuts[i];
        }
    }
    s->cuts[distinct] = last; /* of a single observation, before any dose */
    return distinct > 1 ? distinct : 2;
}

const struct watch *worker_solution_begin(struct worker_solution *s, struct lane *const *lanes, int count)
{
    const int outputs = s->plan->study->models[lanes[0]->model].level_count;

    for (int l = 0; l < count; l++) {
        const int cuts = find_cuts(s, lanes[l]);
        for (int o = 0; o < outputs; o++) {
            spans_begin(&s->levels[(ptrdiff_t)l * s->outputs + o], s->cuts, cuts);
        }
    }
    return &s->watch;
}

const struct spans *worker_solution_of(const struct worker_solution *s, int position, int output)
{
    return &s->levels[(ptrdiff_t)position * s->outputs + output];
}
