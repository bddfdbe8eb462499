/* The files that a study names: models by their path, and tables. Their texts stay with the study, so that a result can hold
 * them, and are taken from there when a result is simulated again. */
#include "study_reader.h"

#include <stdlib.h>
#include <string.h>

static const struct study_input *input_find(const struct study_input *inputs, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(inputs[i].name, name) == 0) {
            return &inputs[i];
        }
    }
    return NULL;
}

/* Takes over `text`. NULL without memory. */
static const struct study_input *input_keep(struct study *study, const char *name, char *text, size_t size)
{
    struct study_input *more =
        realloc(study->inputs, ((size_t)study->input_count + 1) * sizeof(*study->inputs));
    char *copy = strdup(name);

    if (more) {
        study->inputs = more;
    }
    if (!more || !copy) {
        free(copy);
        free(text);
        return NULL;
    }
    text[size] = '\0';
    more[study->input_count] = (struct study_input){copy, text, size};
    return &more[study->input_count++];
}

const struct study_input *study_text_given(struct study_reader *r, const char *name)
{
    const struct study_input *given = input_find(r->given->inputs, r->given->count, name);

    if (!given) {
        diagnostics_error(r->d, (struct place){.file = r->study->document.name},
                          "does not hold the text of \"%s\"", name);
    }
    return given;
}

/* A copy of what was given, with room for a '\0' behind it; NULL with the reason told. */
static char *given_copy(struct study_reader *r, const char *name, size_t *size)
{
    const struct study_input *given = study_text_given(r, name);
    char *copy = given ? malloc(given->size + 1) : NULL;

    if (copy) {
        memcpy(copy, given->text, given->size);
        *size = given->size;
    } else if (given) {
        diagnostics_out_of_memory(r->d);
    }
    return copy;
}

const struct study_input *study_input(struct study_reader *r, const char *name,
                                      const struct input_limits *limits)
{
    const struct study_input *known = input_find(r->study->inputs, r->study->input_count, name);
    size_t size = 0;
    char *path;
    char *text;

    if (known) {
        return known;
    }
    path = study_path(r, name);
    if (!path) {
        diagnostics_out_of_memory(r->d);
        return NULL;
    }
    text = r->given ? given_copy(r, name, &size) : input_read(path, limits, &size, r->d);
    free(path);
    if (!text) {
        return NULL;
    }
    known = input_keep(r->study, name, text, size);
    if (!known) {
        diagnostics_out_of_memory(r->d);
    }
    return known;
}
