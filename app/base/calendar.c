#include "calendar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const int first_year = 1900;
static const int last_year = 2999;

bool calendar_is_date(const char *text)
{
    for (int i = 0; i < 4; i++) {
        if (!isdigit((unsigned char)text[i])) {
            return false;
        }
    }
    return text[4] == '-';
}

/* Whether `text` is made as `pattern`: 0 stands for a digit. */
static bool is_made_as(const char *text, const char *pattern)
{
    for (; *pattern; pattern++, text++) {
        if (*pattern == '0' ? !isdigit((unsigned char)*text) : *text != *pattern) {
            return false;
        }
    }
    return !*text;
}

static int digits(const char *text, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        number = 10 * number + (text[i] - '0');
    }
    return number;
}

bool calendar_read_clock(const char *text, int64_t *seconds)
{
    const bool exact = is_made_as(text, "00:00:00");
    if (!exact && !is_made_as(text, "00:00")) {
        return false;
    }
    const int hour = digits(text, 2);
    const int minute = digits(text + 3, 2);
    const int second = exact ? digits(text + 6, 2) : 0;
    *seconds = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second < 60;
}

const char *calendar_read(const char *text, struct calendar_moment *moment)
{
    char date[11] = "";
    struct tm day = {0};
    struct tm same;
    int64_t clock = 0;
    const size_t length = strlen(text);
    memcpy(date, text, length < 10 ? length : 10);
    moment->has_clock = length > 10;
    if (!is_made_as(date, "0000-00-00") ||
        (moment->has_clock && (text[10] != ' ' || !calendar_read_clock(text + 11, &clock)))) {
        return "is no date; write it like 2026-03-02 09:00";
    }
    day.tm_year = digits(date, 4) - 1900;
    day.tm_mon = digits(date + 5, 2) - 1;
    day.tm_mday = digits(date + 8, 2);
    if (digits(date, 4) < first_year || digits(date, 4) > last_year) {
        return "is not in the years 1900 to 2999";
    }
    /* timegm makes March of the 30th of February: what comes back is another day. */
    same = day;
    const time_t midnight = timegm(&same);
    if (same.tm_mon != day.tm_mon || same.tm_mday != day.tm_mday) {
        return "is a day that the calendar does not have";
    }
    moment->seconds = (int64_t)midnight + clock;
    return NULL;
}

void calendar_write(char *text, size_t size, const char *format, int64_t seconds)
{
    const time_t time = (time_t)seconds;
    struct tm parts;
    if (!gmtime_r(&time, &parts) || strftime(text, size, format, &parts) == 0) {
        snprintf(text, size, "?");
    }
}
