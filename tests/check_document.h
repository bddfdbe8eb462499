/* check_document - what the tests of the YAML reader share. */
#ifndef KETSIM_TESTS_CHECK_DOCUMENT_H
#define KETSIM_TESTS_CHECK_DOCUMENT_H

#include "check.h"

#include "model/document.h"

enum { TOLD_MAX = 8192 };

/* The messages, one in a line. */
static inline void tell(const struct diagnostics *d, char told[TOLD_MAX])
{
    told[0] = '\0';
    for (int i = 0; i < d->count; i++) {
        char *line = diagnostics_line(d, i);
        assert_non_null(line);
        assert_true(strlen(told) + strlen(line) + 2 < TOLD_MAX);
        strcat(told, i > 0 ? "\n" : "");
        strcat(told, line);
        free(line);
    }
}

/* Parses a text that must be refused, as file "f"; the messages, one in a line. */
static inline void refuse(const char *text, size_t size, char told[TOLD_MAX])
{
    struct document doc;
    struct diagnostics d;

    diagnostics_init(&d);
    assert_int_equal(document_parse(&doc, "f", text, size, &d), -1);
    assert_null(doc.root);
    assert_null(doc.name);
    document_clear(&doc);
    tell(&d, told);
    diagnostics_clear(&d);
}

#define assert_refused_bytes(bytes, size, expected)                                                          \
    do {                                                                                                     \
        char assert_told_text[TOLD_MAX];                                                                     \
        refuse((bytes), (size), assert_told_text);                                                           \
        assert_string_equal(assert_told_text, (expected));                                                   \
    } while (0)

/* Fails unless `yaml` is refused and the messages, one in a line, read `expected`. */
#define assert_refused(yaml, expected) assert_refused_bytes((yaml), strlen(yaml), (expected))

/* Parses a text that must be right, as file "f". */
static inline void parse(struct document *doc, const char *text)
{
    struct diagnostics d;

    diagnostics_init(&d);
    document_parse(doc, "f", text, strlen(text), &d);
    assert_no_errors(&d);
    assert_int_equal(d.count, 0);
    diagnostics_clear(&d);
}

#endif
