/* calendar - dates and times of the day, as a clinic's diary has them.
 *
 * Every day has 24 hours: a diary knows no time zone, and a session at nine is at nine before and after the clocks change. What is
 * 24 h later in a study is therefore at the same time of the next day.
 */
#ifndef KETSIM_CALENDAR_H
#define KETSIM_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALENDAR_DAY = 86400 }; /* s */

/* A moment, s since 1970-01-01 00:00. */
struct calendar_moment {
    int64_t seconds;
    bool has_clock; /* a time of the day was given; else it is that of midnight */
};

/* Whether a text is meant as a date, right or wrong: it begins like 2026-. */
bool calendar_is_date(const char *text);

/* Reads 2026-03-02, 2026-03-02 09:00 or 2026-03-02 09:00:30, of the years 1900 to 2999. NULL, or what is wrong with it. */
const char *calendar_read(const char *text, struct calendar_moment *moment);

/* Reads 09:00 or 09:00:30, s since midnight; false for anything else. */
bool calendar_read_clock(const char *text, int64_t *seconds);

/* Writes a moment as strftime does, in English. */
void calendar_write(char *text, size_t size, const char *format, int64_t seconds);

#endif
