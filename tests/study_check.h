/* study_check - short studies as text, and what the reader says of them; for tests/test_study*.c. */
#ifndef KETSIM_TESTS_STUDY_CHECK_H
#define KETSIM_TESTS_STUDY_CHECK_H

#include "check.h"

#include "app/study/study_read.h"

/* A study of one arm around the text of a regimen's item, which stands at 7:9. */
#define TOP(model) "seed: 1\nmodel: " model "\npatients: {count: 3}\n"
#define ARM "arms:\n  - name: a\n    regimen:\n      - "
#define OBSERVE "\nobserve: {to: 1 h, every: 30 min}\n"
#define PEREZ TOP("perez-ruixo-2021")
#define OTTO TOP("otto-2021")
#define REGIMEN(model, item) TOP(model) ARM item OBSERVE

/* The same with the text of covariates, which stands at 3:37. */
#define COVARIATES(model, covariates)                                                                        \
    "seed: 1\nmodel: " model "\npatients: {count: 1000, covariates: " covariates "}\n" ARM                   \
    "{route: iv, dose: 28 mg}" OBSERVE

struct reading {
    struct study study;
    struct diagnostics d;
    int status;
};

static inline void reading_of(struct reading *reading, const char *text)
{
    diagnostics_init(&reading->d);
    reading->status = study_parse(&reading->study, "s.yaml", text, strlen(text), NULL, 0, &reading->d);
}

static inline void reading_clear(struct reading *reading)
{
    study_clear(&reading->study);
    diagnostics_clear(&reading->d);
}

/* Reads a study that must be right and cause no warning. */
#define read_right(reading, text)                                                                            \
    do {                                                                                                     \
        reading_of((reading), (text));                                                                       \
        assert_no_errors(&(reading)->d);                                                                     \
        assert_int_equal((reading)->status, 0);                                                              \
        check_messages(&(reading)->d, "", __LINE__);                                                         \
    } while (0)

/* All that is said of a study, one message per line. */
static inline void check_messages(const struct diagnostics *d, const char *expected, int line)
{
    char said[8192] = "";
    size_t used = 0;
    for (int i = 0; i < d->count; i++) {
        char *text = diagnostics_line(d, i);
        used += (size_t)snprintf(said + used, sizeof(said) - used, "%s%s", i ? "\n" : "", text ? text : "?");
        free(text);
    }
    if (strcmp(said, expected) != 0) {
        print_error("line %d: said was\n%s\nexpected\n%s\n", line, said, expected);
        fail();
    }
}

#define expect(text, wrong, messages)                                                                        \
    do {                                                                                                     \
        struct reading expected_reading;                                                                     \
        reading_of(&expected_reading, (text));                                                               \
        check_messages(&expected_reading.d, (messages), __LINE__);                                           \
        assert_int_equal(expected_reading.status, (wrong) ? -1 : 0);                                         \
        reading_clear(&expected_reading);                                                                    \
    } while (0)

/* A study with exactly these mistakes, "PLACE: error: TEXT" line by line; and one that causes these warnings only. */
#define expect_mistakes(text, messages) expect(text, 1, messages)
#define expect_warnings(text, messages) expect(text, 0, messages)

#endif
