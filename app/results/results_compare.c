/* Whether a file that an interrupted run left is of this study and this program: only then can blocks of both stand in one
 * result. All that differs is told. */
#include "results_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where in a study something is, and how much of a text is shown. */
enum { PATH_MAX_SHOWN = 256, TEXT_MAX_SHOWN = 60 };

static struct place file_place(const struct hdf *file)
{
    return (struct place){.file = hdf_path(file)};
}

/* --- Two studies --- */

static const char *node_describe(const struct node *node)
{
    return !node                     ? "nothing"
           : node->kind == NODE_LIST ? "a list"
           : node->kind == NODE_MAP  ? "keys"
                                     : node->text;
}

static void tell_difference(const struct hdf *file, const char *path, const struct node *before,
                            const struct node *now, struct diagnostics *d)
{
    diagnostics_error(d, file_place(file), "was begun with another study: \"%s\" was %.*s and is %.*s now",
                      path, TEXT_MAX_SHOWN, node_describe(before), TEXT_MAX_SHOWN, node_describe(now));
}

static void compare_nodes(const struct hdf *file, const char *path, const struct node *before,
                          const struct node *now, struct diagnostics *d);

static void compare_entry(const struct hdf *file, const char *path, const char *key,
                          const struct node *before, const struct node *now, struct diagnostics *d)
{
    char inner[PATH_MAX_SHOWN];

    snprintf(inner, sizeof(inner), "%s%s%s", path, path[0] ? "." : "", key);
    compare_nodes(file, inner, before, now, d);
}

static void compare_maps(const struct hdf *file, const char *path, const struct node *before,
                         const struct node *now, struct diagnostics *d)
{
    for (int i = 0; i < before->count; i++) {
        const char *key = before->keys[i]->text;
        compare_entry(file, path, key, before->items[i], node_find(now, key), d);
    }
    for (int i = 0; i < now->count; i++) {
        const char *key = now->keys[i]->text;
        if (!node_find(before, key)) {
            compare_entry(file, path, key, NULL, now->items[i], d);
        }
    }
}

static void compare_lists(const struct hdf *file, const char *path, const struct node *before,
                          const struct node *now, struct diagnostics *d)
{
    const int most = before->count > now->count ? before->count : now->count;

    for (int i = 0; i < most; i++) {
        const struct node *old = i < before->count ? before->items[i] : NULL;
        const struct node *new = i < now->count ? now->items[i] : NULL;
        const struct node *name = node_find(old, "name");
        char number[16];
        snprintf(number, sizeof(number), "%d", i);
        compare_entry(file, path, node_is_scalar(name) ? name->text : number, old, new, d);
    }
}

static void compare_nodes(const struct hdf *file, const char *path, const struct node *before,
                          const struct node *now, struct diagnostics *d)
{
    if (!before || !now || before->kind != now->kind) {
        tell_difference(file, path, before, now, d);
    } else if (before->kind == NODE_MAP) {
        compare_maps(file, path, before, now, d);
    } else if (before->kind == NODE_LIST) {
        compare_lists(file, path, before, now, d);
    } else if (strcmp(before->text, now->text) != 0) {
        tell_difference(file, path, before, now, d);
    }
}

/* `before` is the resolved study that the file holds. */
static int compare_studies(const struct hdf *file, const char *before, const struct study *study,
                           struct diagnostics *d)
{
    const int errors = d->errors;
    struct document document;
    char *now = document_write(&study->document);

    if (!now) {
        return diagnostics_out_of_memory(d);
    }
    if (strcmp(before, now) != 0) {
        if (document_parse(&document, hdf_path(file), before, strlen(before), d) == 0) {
            compare_nodes(file, "", document.root, study->document.root, d);
            document_clear(&document);
        }
        if (d->errors == errors) {
            diagnostics_error(d, file_place(file), "was begun with another study");
        }
    }
    free(now);
    return d->errors == errors ? 0 : -1;
}

/* --- Texts --- */

/* Tells that a text of the file is not what it would be now; `what` is what it is the text of. Short ones are shown. */
static void compare_text(struct hdf *file, const char *name, const char *now, const char *what,
                         struct diagnostics *d)
{
    char *before = hdf_text(file, NULL, name);

    now = now ? now : "";
    if (!before) {
        diagnostics_error(d, file_place(file), "does not say what it was begun with: %s", name);
    } else if (strcmp(before, now) != 0 && strlen(before) <= TEXT_MAX_SHOWN &&
               strlen(now) <= TEXT_MAX_SHOWN) {
        diagnostics_error(d, file_place(file), "was begun with another %s: %s, and this is %s", what, before,
                          now);
    } else if (strcmp(before, now) != 0) {
        diagnostics_error(d, file_place(file), "was begun with another %s", what);
    }
    free(before);
}

static void compare_provenance(struct hdf *file, const struct provenance *now, struct diagnostics *d)
{
    const struct {
        const char *name, *text, *what;
    } texts[] = {
        {"ketsim_version", now->version, "version of ketsim"},
        {"ketsim_revision", now->revision, "revision of ketsim"},
        {"sundials_version", now->sundials, "SUNDIALS"},
        {"compiler", now->compiler, "compiler"},
        {"arithmetic", now->arithmetic, "arithmetic (machine and C library)"},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        compare_text(file, texts[i].name, texts[i].text, texts[i].what, d);
    }
}

static void compare_models(struct hdf *file, const struct study *study, struct diagnostics *d)
{
    for (int i = 0; i < study->model_count; i++) {
        const struct model *model = &study->models[i];
        char name[192];
        char what[192];
        snprintf(name, sizeof(name), "model_%s", model->name);
        snprintf(what, sizeof(what), "text of the model %s", model->name);
        compare_text(file, name, model->document.source, what, d);
    }
    if (study->effect_site) {
        compare_text(file, "effect_site_text", study->effect_site->document.source, "text of the effect site",
                     d);
    }
}

/* Files that the study names; where studies are the same, so are their names. */
static void compare_inputs(struct hdf *file, const struct study *study, struct diagnostics *d)
{
    char **texts = NULL;
    int64_t count = 0;

    if (study->input_count == 0 || hdf_read_texts(file, "input_text", &texts, &count, d) != 0) {
        return;
    }
    for (int64_t i = 0; i < study->input_count; i++) {
        const struct study_input *input = &study->inputs[i];
        if (i >= count || strlen(texts[i]) != input->size ||
            memcmp(texts[i], input->text, input->size) != 0) {
            diagnostics_error(d, file_place(file), "was begun with another text of \"%s\"", input->name);
        }
    }
    hdf_texts_free(texts, count);
}

/* --- Variables --- */

int metadata_find(struct hdf *file, const struct layout *layout, const struct layout_variable *v,
                  struct diagnostics *d)
{
    struct hdf_shape shape;
    bool agrees;

    if (hdf_shape(file, v->name, &shape, d) != 0) {
        return -1;
    }
    agrees = shape.type == v->type && shape.rank == v->rank;
    for (int i = 0; i < v->rank && agrees; i++) {
        agrees = shape.sizes[i] == layout->sizes[v->dimensions[i]];
    }
    if (!agrees) {
        return diagnostics_error(d, file_place(file), "the variable \"%s\" is not what it would be now",
                                 v->name);
    }
    return 0;
}

int metadata_compare(struct hdf *file, const struct layout *layout, const struct study *study,
                     const struct provenance *provenance, struct diagnostics *d)
{
    const int errors = d->errors;
    char *resolved = hdf_text(file, NULL, "resolved_study");
    int32_t version = 0;

    if (!resolved || !hdf_number(file, NULL, "schema_version", HDF_INT32, &version)) {
        free(resolved);
        return diagnostics_error(d, file_place(file),
                                 "is no result of ketsim; --force, without --resume, replaces it");
    }
    if (version != RESULTS_SCHEMA_VERSION) {
        diagnostics_error(d, file_place(file), "is a result of version %d, and this ketsim writes version %d",
                          (int)version, RESULTS_SCHEMA_VERSION);
    }
    compare_provenance(file, provenance, d);
    if (compare_studies(file, resolved, study, d) == 0) {
        compare_text(
            file, "study", study->source,
            "text of the study, though one that says the same (comments, order, the way it is written)", d);
    }
    compare_models(file, study, d);
    free(resolved);
    if (d->errors == errors) {
        compare_inputs(file, study, d);
    }
    for (int i = 0; i < layout->count && d->errors == errors; i++) {
        if (!layout->variables[i].scratch) {
            metadata_find(file, layout, &layout->variables[i], d);
        }
    }
    return d->errors == errors ? 0 : -1;
}
