/* The study of a result: what it resolved to, with the texts of models and files that the result holds in place of those outside. */
#include "app/study/study_read.h"
#include "verify_inner.h"

#include <stdlib.h>
#include <string.h>

struct texts {
    struct study_input *inputs;
    int count;
};

static void texts_clear(struct texts *texts)
{
    for (int i = 0; i < texts->count; i++) {
        free(texts->inputs[i].name);
        free(texts->inputs[i].text);
    }
    free(texts->inputs);
}

/* Takes over `text`; NULL is passed over: the study says what it lacks. -1 without memory. */
static int texts_add(struct texts *texts, const char *name, char *text)
{
    char *copy = text ? strdup(name) : NULL;

    if (text && !copy) {
        free(text);
        return -1;
    }
    if (text) {
        texts->inputs[texts->count++] = (struct study_input){copy, text, strlen(text)};
    }
    return 0;
}

/* Files that the study names. */
static int add_inputs(struct texts *texts, struct result *result, struct diagnostics *d)
{
    const struct result_variable *v = result_find(result, ROLE_INPUT_TEXT, NULL, NULL);
    char **names = NULL;
    char **contents = NULL;
    int64_t count = 0;
    int64_t content_count = 0;
    int ret = 0;

    if (!v) {
        return 0;
    }
    if (hdf_read_texts(result->file, dimension_name(DIMENSION_INPUT), &names, &count, d) != 0 ||
        hdf_read_texts(result->file, v->name, &contents, &content_count, d) != 0) {
        ret = -1;
    }
    for (int64_t i = 0; ret == 0 && i < count && i < content_count; i++) {
        ret = texts_add(texts, names[i], contents[i]) == 0 ? 0 : diagnostics_out_of_memory(d);
        contents[i] = NULL;
    }
    hdf_texts_free(names, count);
    hdf_texts_free(contents, content_count);
    return ret;
}

static int add_all(struct texts *texts, struct result *result, struct diagnostics *d)
{
    char *site = result_text(result, "effect_site");
    int failed = 0;

    texts->inputs =
        calloc((size_t)(result->model_count + result->sizes[DIMENSION_INPUT] + 1), sizeof(*texts->inputs));
    if (!texts->inputs) {
        free(site);
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < result->model_count && !failed; i++) {
        failed = texts_add(texts, result->models[i], result_model_text(result, "model", result->models[i]));
    }
    if (site && !failed) {
        failed = texts_add(texts, site, result_text(result, "effect_site_text"));
    }
    free(site);
    return failed ? diagnostics_out_of_memory(d) : add_inputs(texts, result, d);
}

int verify_read_study(struct study *study, struct result *result, struct diagnostics *d)
{
    char *resolved = result_text(result, "resolved_study");
    char *source = result_text(result, "study");
    struct diagnostics why;
    struct texts texts = {0};
    int ret = -1;

    *study = (struct study){0};
    diagnostics_init(&why);
    if (!resolved || !source) {
        diagnostics_error(d, (struct place){.file = result->path}, "does not hold its study");
    } else if (add_all(&texts, result, d) == 0) {
        const struct study_texts given = {texts.inputs, texts.count};
        ret = study_parse_with(study, result->path, resolved, &given, &why);
        for (int i = 0; i < why.count && ret != 0; i++) { /* warnings were told when it was run */
            if (why.items[i].severity == SEVERITY_ERROR) {
                diagnostics_error(d, (struct place){.file = result->path}, "the study that it holds: %s",
                                  why.items[i].text);
            }
        }
    }
    if (ret == 0) {
        free(study->source);
        study->source = source;
        source = NULL;
    }
    diagnostics_clear(&why);
    texts_clear(&texts);
    free(resolved);
    free(source);
    return ret;
}
