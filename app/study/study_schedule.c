#include "app/base/calendar.h"
#include "study_reader.h"

#include "model/number.h"

#include <math.h>
#include <stdlib.h>

static const double seconds_per_day = 86400;

/* Two doses by a device that are closer than this are most likely meant as one session. */
static const double session_gap = 3600; /* s */

/* Days of `on_days`, each 24 h after `at`. */
static int read_days(struct study_reader *r, struct regimen_item *item, const struct node *days)
{
    double last = -1;
    item->times = calloc((size_t)days->count + 1, sizeof(*item->times));
    if (!item->times) {
        return diagnostics_out_of_memory(r->d);
    }
    if (days->count == 0) {
        study_error(r, days, "on_days needs a day at least");
    }
    for (int i = 0; i < days->count; i++) {
        const struct node *node = days->items[i];
        double day = 0;
        if (!node_is_scalar(node)) {
            continue;
        }
        if (!number_read(node->text, &day) || day < 0) {
            study_error(r, node, "\"%s\" is no number of days, like 0, 3 or 3.5", node->text);
            continue;
        }
        if (!(day > last)) {
            study_error(r, node, "day %s must come after the day before it in the list", node->text);
        }
        last = day;
        item->times[item->time_count++] = item->at + day * seconds_per_day;
    }
    return 0;
}

/* Dates of `on_dates`. */
static int read_dates(struct study_reader *r, struct regimen_item *item, const struct node *dates)
{
    double last = -1;
    item->times = calloc((size_t)dates->count + 1, sizeof(*item->times));
    if (!item->times) {
        return diagnostics_out_of_memory(r->d);
    }
    if (dates->count == 0) {
        study_error(r, dates, "on_dates needs a date at least");
    }
    if (item->at != 0) {
        study_error(r, node_find(item->node, "at"), "on_dates says when the doses are; leave out \"at\"");
    }
    for (int i = 0; i < dates->count; i++) {
        const struct node *node = dates->items[i];
        double time = 0;
        if (!node_is_scalar(node)) {
            continue;
        }
        if (!calendar_is_date(node->text)) {
            study_error(r, node, "\"%s\" is no date; write it like 2026-03-02 or 2026-03-02 09:00",
                        node->text);
            continue;
        }
        if (!study_moment(r, node, &time)) {
            continue;
        }
        if (!(time > last)) {
            study_error(r, node, "%s must come after the date before it in the list", node->text);
        }
        last = time;
        item->times[item->time_count++] = time;
    }
    return 0;
}

static int read_repeats(struct study_reader *r, struct regimen_item *item, const struct node *every_node,
                        const struct node *times_node)
{
    uint64_t times = 1;
    if (every_node && study_time(r, every_node, "h", BOUND_POSITIVE, &item->every) && !times_node) {
        study_error(r, every_node, "how often? `every` needs `times`");
    }
    if (node_is_scalar(times_node) && number_read_whole(times_node->text, &times)) {
        if (!every_node) {
            study_error(r, times_node, "how often? `times` needs `every`");
        }
        if (times < 1 || times > STUDY_ARM_DOSES_MAX) {
            study_error(r, times_node, "\"%s\" must be 1 to %d", times_node->text, STUDY_ARM_DOSES_MAX);
            times = 1;
        }
    }
    item->times = calloc(times, sizeof(*item->times));
    if (!item->times) {
        return diagnostics_out_of_memory(r->d);
    }
    for (uint64_t k = 0; k < times; k++) {
        item->times[item->time_count++] = item->at + (double)k * item->every;
    }
    return 0;
}

int study_read_times(struct study_reader *r, struct regimen_item *item)
{
    const struct node *days = node_find(item->node, "on_days");
    const struct node *every = node_find(item->node, "every");
    const struct node *times = node_find(item->node, "times");
    const struct node *dates = node_find(item->node, "on_dates");
    if (!study_moment(r, node_find(item->node, "at"), &item->at)) {
        item->at = 0; /* told */
    }
    if (days && (every || times)) {
        study_error(r, days, "on_days excludes every and times");
    }
    if (dates && (days || every || times)) {
        study_error(r, dates, "on_dates excludes on_days, every and times");
    }
    if (dates && dates->kind == NODE_LIST) {
        return read_dates(r, item, dates);
    }
    if (days && days->kind == NODE_LIST) {
        return read_days(r, item, days);
    }
    return read_repeats(r, item, every, times);
}

static int session_compare(const void *a, const void *b)
{
    const struct session *left = a;
    const struct session *right = b;
    if (left->time != right->time) {
        return left->time < right->time ? -1 : 1;
    }
    return left->item < right->item ? -1 : left->item > right->item;
}

/* A session of several devices is one dose; written as several it would count as several first devices. */
bool study_warn_of_split_session(struct study_reader *r, const struct written_arm *arm,
                                 const struct session *sessions)
{
    const struct model *model = arm->model >= 0 ? &r->study->models[arm->model] : NULL;
    double last[MODEL_ROUTES_MAX]; /* time of the last dose by each route */
    for (int i = 0; i < MODEL_ROUTES_MAX; i++) {
        last[i] = -INFINITY;
    }
    for (int i = 0; i < arm->session_count; i++) {
        const struct regimen_item *item = &arm->items[sessions[i].item];
        int route = item->dose.route;
        double time = sessions[i].time;
        if (route < 0 || model->routes[route].device_amount == 0) {
            continue;
        }
        if (time - last[route] < session_gap) {
            struct value_text session = value_write(3 * model->routes[route].device_amount, "mg");
            study_warning(r, item->node,
                          "this dose follows another within 1 h, and each counts its devices from 1; a "
                          "session of %s is written as one dose of %s",
                          session.text, session.text);
            return true;
        }
        last[route] = time;
    }
    return false;
}

void study_order_sessions(struct session *sessions, int count)
{
    qsort(sessions, (size_t)count, sizeof(*sessions), session_compare);
}

int study_sort_sessions(struct study_reader *r, struct written_arm *arm)
{
    size_t count = 0;
    for (int i = 0; i < arm->item_count; i++) {
        const struct regimen_item *item = &arm->items[i];
        count += (size_t)item->time_count;
        if (item->time_count > 0 && item->times[item->time_count - 1] > study_time_latest) {
            study_error(r, item->node, "the last of its doses is later than 10000000 h");
        }
    }
    arm->sessions = calloc(count + 1, sizeof(*arm->sessions));
    if (!arm->sessions) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < arm->item_count; i++) {
        for (int k = 0; k < arm->items[i].time_count; k++) {
            arm->sessions[arm->session_count++] = (struct session){arm->items[i].times[k], i, k};
        }
    }
    study_order_sessions(arm->sessions, arm->session_count);
    study_warn_of_split_session(r, arm, arm->sessions);
    return 0;
}
