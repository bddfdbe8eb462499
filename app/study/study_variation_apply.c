/* What a variation does to the regimen of the arm that it is of. */
#include "study_tree.h"
#include "study_variation.h"

#include <math.h>
#include <stdlib.h>

static const double seconds_per_hour = 3600;

/* --- which session --- */

void variation_clear(struct variation *v)
{
    for (int i = 0; i < v->item_count; i++) {
        free(v->items[i].times);
    }
    free(v->items);
    free(v->sessions);
}

/* When each dose of the regimen is. -1 without memory. */
int variation_read_sessions(struct study_reader *r, struct variation *v)
{
    const int count = node_items(v->regimen);
    size_t doses = 0;
    v->items = calloc((size_t)count + 1, sizeof(*v->items));
    if (!v->items) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < count; i++) {
        v->items[i].node = v->regimen->items[i];
        v->item_count++;
        if (v->regimen->items[i]->kind == NODE_MAP && study_read_times(r, &v->items[i])) {
            return -1;
        }
        doses += (size_t)v->items[i].time_count;
        if (doses > STUDY_ARM_DOSES_MAX) {
            return study_error(r, v->regimen->items[i], "more than %d doses in an arm", STUDY_ARM_DOSES_MAX);
        }
    }
    v->sessions = calloc(doses + 1, sizeof(*v->sessions));
    if (!v->sessions) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < v->items[i].time_count; k++) {
            v->sessions[v->session_count++] = (struct session){v->items[i].times[k], i, k};
        }
    }
    study_order_sessions(v->sessions, v->session_count);
    return 0;
}

/* Finds the doses of the session that the variation names. false with the mistake told. */
bool variation_find_session(struct study_reader *r, struct variation *v, const char *of)
{
    int sessions = 0;
    v->first = v->last = -1;
    for (int i = 0; i < v->session_count; i++) {
        sessions += i == 0 || v->sessions[i].time != v->sessions[i - 1].time;
        if (sessions == v->number) {
            v->first = v->first < 0 ? i : v->first;
            v->last = i;
        }
    }
    if (v->first < 0) {
        study_error(r, v->session, "arm \"%s\" has %d session%s; there is none of number %d", of, sessions,
                    sessions == 1 ? "" : "s", v->number);
        return false;
    }
    return true;
}

/* --- one dose of an item as an item of its own --- */

/* Leaves of an item that gives several doses all but dose `k`; what comes after it may have to be an item of its own, behind
 * this one. -1 without memory. */
static int leave_out(struct variation *v, int i, int k)
{
    static const char *const lists[] = {"on_days", "on_dates"};
    struct node *item = v->regimen->items[i];
    const struct regimen_item *times = &v->items[i];
    for (int l = 0; l < 2; l++) {
        struct node *list = node_find(item, lists[l]);
        if (list) {
            tree_drop_item(list, k);
            return 0;
        }
    }
    const int after = times->time_count - 1 - k;
    char number[16];
    if (after > 0 && k > 0) {
        struct node *rest = node_copy(item);
        snprintf(number, sizeof(number), "%d", after);
        if (!rest || tree_set(rest, "at", time_write(times->times[k + 1]).text, item) ||
            tree_set(rest, "times", number, item)) {
            node_free(rest);
            return -1;
        }
        if (tree_insert_item(v->regimen, i + 1, rest)) {
            return -1;
        }
    }
    snprintf(number, sizeof(number), "%d", k > 0 ? k : after);
    return (k == 0 && tree_set(item, "at", time_write(times->times[1]).text, item)) ||
                   tree_set(item, "times", number, item)
               ? -1
               : 0;
}

/* Makes dose `k` of item `i` an item of its own: where it gives no other, itself, else behind it: what is given at the same time stays
 * in its order. NULL without memory. */
static struct node *isolate(struct variation *v, int i, int k)
{
    struct node *item = v->regimen->items[i];
    struct node *own = v->items[i].time_count == 1 ? item : node_copy(item);
    if (!own) {
        return NULL;
    }
    tree_drop_entry(own, "on_days");
    tree_drop_entry(own, "on_dates");
    tree_drop_entry(own, "every");
    tree_drop_entry(own, "times");
    if (tree_set(own, "at", time_write(v->items[i].times[k]).text, item) ||
        (own != item && leave_out(v, i, k))) {
        if (own != item) {
            node_free(own);
        }
        return NULL;
    }
    return own == item || tree_insert_item(v->regimen, i + 1, own) == 0 ? own : NULL;
}

/* --- changes of an item --- */

/* Of an item that changes: what the arm is called, and how long its infusion lasts. */
static double infusion_seconds(struct study_reader *r, const struct node *item)
{
    static const char *const amounts[] = {"mg", "mg/kg"};
    static const char *const rates[] = {"mg/s", "mg/kg/s"};
    const struct node *over = node_find(item, "over");
    double seconds = 0;
    double amount = 0;
    double rate = 0;
    int which;
    if (over) {
        return study_time(r, over, "min", BOUND_POSITIVE, &seconds) ? seconds : 0;
    }
    return node_find(item, "rate") && node_find(item, "dose") &&
                   study_quantity_any(r, node_find(item, "dose"), amounts, 2, BOUND_NOT_NEGATIVE, &amount,
                                      &which) &&
                   study_quantity_any(r, node_find(item, "rate"), rates, 2, BOUND_POSITIVE, &rate, &which)
               ? amount / rate
               : 0;
}

/* Ends an infusion early: its rate stays, so that less is given. -1 without memory. */
static int stop_early(struct study_reader *r, const struct variation *v, struct node *item)
{
    static const char *const amounts[] = {"mg", "mg/kg"};
    const struct node *dose = node_find(item, "dose");
    const double duration = infusion_seconds(r, item);
    double seconds;
    double amount;
    int which = 0;
    if (!study_time(r, v->stops_after, "min", BOUND_POSITIVE, &seconds)) {
        return 0;
    }
    if (duration == 0) {
        study_error(r, v->stops_after,
                    "what is no infusion cannot be stopped; `skip_devices` shortens a session of devices");
        return 0;
    }
    if (!(seconds < duration)) {
        study_error(r, v->stops_after, "\"%s\" is not before the end of the infusion, %s",
                    v->stops_after->text, time_write(duration).text);
        return 0;
    }
    if (node_find(item, "rate")) {
        tree_drop_entry(item, "dose");
    } else if (study_quantity_any(r, dose, amounts, 2, BOUND_NOT_NEGATIVE, &amount, &which) &&
               tree_set(item, "dose", value_write(amount * seconds / duration, amounts[which]).text,
                        v->stops_after)) {
        return -1;
    }
    return tree_set(item, "over", v->stops_after->text, v->stops_after);
}

/* Carries out on an item what is no matter of times. -1 without memory. */
int variation_change_item(struct study_reader *r, const struct variation *v, struct node *item)
{
    int failed = 0;
    if (v->dose && !node_find(item, "dose")) {
        study_error(r, v->dose,
                    "a dose in place of which? the arm gives rate and over; write dose and over there");
    } else if (v->dose) {
        failed |= tree_set(item, "dose", v->dose->text, v->dose);
    }
    if (v->over && (!node_find(item, "over") || !node_find(item, "dose"))) {
        study_error(r, v->over,
                    "a duration in place of which? the arm has no infusion of dose and over there");
    } else if (v->over) {
        failed |= tree_set(item, "over", v->over->text, v->over);
    }
    if (v->stops_after) {
        failed |= stop_early(r, v, item);
    }
    if (v->skip_devices) {
        failed |= tree_set_copy(item, "skip_devices", v->skip_devices);
    }
    if (v->lost_sprays) {
        failed |= tree_set_copy(item, "lost_sprays", v->lost_sprays);
    }
    return failed ? -1 : 0;
}

/* --- when the session is --- */

/* Where the variation moves the session, s; NAN with the mistake told. */
static double find_time(struct study_reader *r, const struct variation *v)
{
    const struct node *node = v->shift ? v->shift : v->at;
    const double written = v->sessions[v->first].time;
    double time = 0;
    if (v->shift) {
        if (!study_time(r, v->shift, "h", BOUND_NONE, &time)) {
            return NAN;
        }
        time += written;
    } else if (!study_moment(r, v->at, &time)) {
        return NAN;
    }
    if (time < 0) {
        study_error(r, node, "session %d would come at %g h, before the study begins", v->number,
                    time / seconds_per_hour);
        return NAN;
    }
    if (v->first > 0 && !(time > v->sessions[v->first - 1].time)) {
        study_error(r, node,
                    "session %d would come at %g h, which is not after the one before it at %g h; a "
                    "variation keeps the "
                    "order of sessions",
                    v->number, time / seconds_per_hour, v->sessions[v->first - 1].time / seconds_per_hour);
        return NAN;
    }
    if (v->last + 1 < v->session_count && !(time < v->sessions[v->last + 1].time)) {
        study_error(r, node,
                    "session %d would come at %g h, which is not before the next one at %g h; a variation "
                    "keeps the order "
                    "of sessions",
                    v->number, time / seconds_per_hour, v->sessions[v->last + 1].time / seconds_per_hour);
        return NAN;
    }
    return time;
}

static void note_time(struct variation *v, double time)
{
    const double shift = time - v->sessions[v->first].time;
    variation_note_change(v);
    fprintf(v->note, "session %d %s %s", v->number, time_write(fabs(shift)).text,
            shift < 0 ? "earlier" : "later");
}

/* Carries out what a variation changes of one session. -1 without memory. */
int variation_change_session(struct study_reader *r, struct variation *v)
{
    const bool moves = v->shift || v->at;
    const double time = moves ? find_time(r, v) : 0;
    if (isnan(time)) {
        return 0;
    }
    /* The last item first: what is added stands behind it, and the numbers before it stay. */
    for (int i = v->last; i >= v->first; i--) {
        struct node *item = isolate(v, v->sessions[i].item, v->sessions[i].dose);
        if (!item || (moves && tree_set(item, "at", time_write(time).text, v->shift ? v->shift : v->at))) {
            return -1;
        }
        if (v->missed) {
            tree_drop_node(v->regimen, item);
        } else if (variation_change_item(r, v, item)) {
            return -1;
        }
    }
    if (moves) {
        note_time(v, time);
    }
    if (v->missed && v->regimen->count == 0) {
        study_error(r, v->missed, "nothing is left to give; the arm has no other session");
    }
    return 0;
}
