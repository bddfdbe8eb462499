/* When the doses of an arm are given at a point of the sweep. */
#include "study_axis.h"

#include <math.h>
#include <stdio.h>

/* What the point says of the times of an item: its start and interval, and how long each of its doses is delayed. */
struct timing {
    double at;    /* s */
    double every; /* s; 0 where the item is not repeated by it */
};

static struct timing find_timing(const struct study_reader *r, const struct written_arm *arm, int item,
                                 int point)
{
    struct timing timing = {arm->items[item].at, arm->items[item].every};
    for (int i = 0; i < r->study->axis_count; i++) {
        const struct axis *axis = study_axis_at(r, i);
        if (axis->kind == AXIS_AT && axis_sets_item(axis, arm, item)) {
            timing.at = axis->settings[axis_entry(axis, point)];
        } else if (axis->kind == AXIS_EVERY && axis_sets_item(axis, arm, item)) {
            timing.every = axis->settings[axis_entry(axis, point)];
        }
    }
    return timing;
}

/* Never added up, so that times of whole seconds stay such. */
static double base_time(const struct regimen_item *item, int k, struct timing timing)
{
    if (timing.every > 0) {
        return timing.at + k * timing.every;
    }
    return timing.at == item->at ? item->times[k] : timing.at + (item->times[k] - item->at);
}

/* By how much the sweep delays dose `k` of an item, which is in session `session` of the regimen; `*whole`: whether it delays all
 * of that session. */
static double find_delay(const struct study_reader *r, const struct written_arm *arm, int item, int k,
                         int session, int point, bool *whole)
{
    double delay = 0;
    *whole = false;
    for (int i = 0; i < r->study->axis_count; i++) {
        const struct axis *axis = study_axis_at(r, i);
        if (axis->kind == AXIS_DELAY && axis_sets_item(axis, arm, item) &&
            axis->session == (axis->item >= 0 ? k : session)) {
            delay += axis->settings[axis_entry(axis, point)];
            *whole |= axis->item < 0;
        }
    }
    return delay;
}

/* The sessions of a regimen so far, to see that none overtakes another. */
struct order {
    double last;  /* s: the latest dose of the session before */
    double first; /* s: the earliest dose of this session */
    double end;   /* s: and its latest */
    bool moved;   /* the session before is delayed as a whole */
    bool moves;   /* and this one */
};

static int tell_order(struct study_reader *r, const struct written_arm *arm, const char *label,
                      const char *what, int number, double time, const char *why, double other)
{
    const struct axis *blamed = NULL;
    for (int i = 0; i < r->study->axis_count; i++) {
        const struct axis *axis = study_axis_at(r, i);
        if (axis->kind == AXIS_DELAY && (!axis->arm || axis->arm == arm->node)) {
            blamed = blamed ? blamed : axis;
        }
    }
    return study_error(
        r, blamed ? blamed->key : arm->node,
        "in arm \"%s\" %s %d comes at %.6g h, which is %s at %.6g h; a delay keeps the order of sessions",
        label, what, number, time / 3600, why, other / 3600);
}

/* Whether a session stays behind the one before it, if one of them is delayed. */
static int check_session(struct study_reader *r, const struct written_arm *arm, const char *label,
                         const struct order *order, int session)
{
    if ((order->moved || order->moves) && !(order->first > order->last)) {
        return tell_order(r, arm, label, "session", session + 1, order->first, "not after the one before it",
                          order->last);
    }
    return 0;
}

/* Whether the dose stays behind the dose before it of its item. */
static int check_dose(struct study_reader *r, const struct written_arm *arm, const char *label,
                      const struct session *sessions, int i, int k)
{
    for (int before = i - 1; before >= 0; before--) {
        if (sessions[before].item == sessions[i].item) {
            return sessions[i].time > sessions[before].time
                       ? 0
                       : tell_order(r, arm, label, "dose", k + 1, sessions[i].time,
                                    "not after the one before it", sessions[before].time);
        }
    }
    return sessions[i].time >= 0
               ? 0
               : tell_order(r, arm, label, "dose", k + 1, sessions[i].time, "before the study begins,", 0);
}

int study_retime(struct study_reader *r, const struct written_arm *arm, int point, const char *label,
                 struct session *sessions)
{
    struct order order = {.last = -INFINITY, .first = INFINITY, .end = -INFINITY};
    int session = 0;
    for (int i = 0; i < arm->session_count; i++) {
        const int item = arm->sessions[i].item;
        bool whole;
        const int k = arm->sessions[i].dose;
        if (i > 0 && arm->sessions[i].time != arm->sessions[i - 1].time) {
            if (check_session(r, arm, label, &order, session)) {
                return -1;
            }
            order =
                (struct order){.last = order.end, .first = INFINITY, .end = -INFINITY, .moved = order.moves};
            session++;
        }
        const double delay = find_delay(r, arm, item, k, session, point, &whole);
        const double time = base_time(&arm->items[item], k, find_timing(r, arm, item, point)) + delay;
        sessions[i] = (struct session){time, item, k};
        order.first = fmin(order.first, time);
        order.end = fmax(order.end, time);
        order.moves |= whole;
        if (check_dose(r, arm, label, sessions, i, k)) {
            return -1;
        }
    }
    if (check_session(r, arm, label, &order, session)) {
        return -1;
    }
    study_order_sessions(sessions, arm->session_count);
    return 0;
}
