/* When a study starts, and times that are written as dates. */
#include "app/base/calendar.h"
#include "study_reader.h"

#include <string.h>

void study_read_start(struct study_reader *r)
{
    const struct node *node = study_root(r, "start");
    struct calendar_moment start;
    if (!node_is_scalar(node)) {
        return;
    }
    const char *wrong = calendar_read(node->text, &start);
    if (wrong) {
        study_error(r, node, "start \"%s\" %s", node->text, wrong);
    } else if (!start.has_clock) {
        study_error(r, node, "at what time of the day? write start like %s 09:00", node->text);
    } else {
        r->study->has_start = true;
        r->study->start = start.seconds;
    }
}

/* A date, or the first time of this day from the start on. */
static bool read_date(struct study_reader *r, const struct node *node, double *value)
{
    struct calendar_moment moment = {.has_clock = true};
    int64_t clock;
    if (!r->study->has_start) {
        if (!study_root(r, "start")) {
            study_error(r, node,
                        "\"%s\" needs to know when the study starts; write `start: 2026-03-02 09:00`",
                        node->text);
        }
        return false;
    }
    if (calendar_is_date(node->text)) {
        const char *wrong = calendar_read(node->text, &moment);
        if (wrong) {
            study_error(r, node, "\"%s\" %s", node->text, wrong);
            return false;
        }
    } else if (calendar_read_clock(node->text, &clock)) {
        const int64_t of_start = ((r->study->start % CALENDAR_DAY) + CALENDAR_DAY) % CALENDAR_DAY;
        moment.seconds = r->study->start - of_start + clock + (clock < of_start ? CALENDAR_DAY : 0);
    } else {
        study_error(r, node, "\"%s\" is no time of the day; write it like 14:30", node->text);
        return false;
    }
    if (!moment.has_clock) {
        moment.seconds += ((r->study->start % CALENDAR_DAY) + CALENDAR_DAY) % CALENDAR_DAY;
    }
    *value = (double)(moment.seconds - r->study->start);
    if (*value < 0) {
        study_error(r, node, "\"%s\" is before the study starts, %s", node->text,
                    study_root(r, "start")->text);
        return false;
    }
    return true;
}

bool study_moment(struct study_reader *r, const struct node *node, double *value)
{
    if (!node_is_scalar(node)) {
        return false;
    }
    return calendar_is_date(node->text) || strchr(node->text, ':')
               ? read_date(r, node, value)
               : study_time(r, node, "h", BOUND_NOT_NEGATIVE, value);
}
