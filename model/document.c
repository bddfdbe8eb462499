#include "document.h"

#include "input.h"

#include <stdlib.h>
#include <string.h>

void document_clear(struct document *doc)
{
    node_free(doc->root);
    for (int i = 0; i < doc->setting_count; i++) {
        free(doc->settings[i]);
    }
    free(doc->settings);
    free(doc->name);
    free(doc->source);
    *doc = (struct document){0};
}

int document_parse(struct document *doc, const char *name, const char *text, size_t size,
                   struct diagnostics *d)
{
    const struct place at = {.file = name};

    *doc = (struct document){0};
    if (size > DOCUMENT_SIZE_MAX) {
        return diagnostics_error(d, at, "is larger than %d bytes", DOCUMENT_SIZE_MAX);
    }
    doc->name = strdup(name);
    doc->source = malloc(size + 1);
    if (doc->name == NULL || doc->source == NULL) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    memcpy(doc->source, text, size);
    doc->source[size] = '\0';
    doc->source_size = size;
    doc->root = node_parse(name, text, size, true, d);
    if (doc->root == NULL) {
        goto out;
    }
    if (node_reads(doc->root, "")) {
        diagnostics_error(d, at, "is empty");
        goto out;
    }
    if (doc->root->kind != NODE_MAP) {
        diagnostics_error(d, document_place(doc, doc->root), "keys with values are expected, not a %s",
                          doc->root->kind == NODE_LIST ? "list" : "single text");
        goto out;
    }
    return 0;

out:
    document_clear(doc);
    return -1;
}

int document_read(struct document *doc, const char *path, struct diagnostics *d)
{
    const struct input_limits limits = {.expected = "a YAML file", .size = DOCUMENT_SIZE_MAX};
    size_t size = 0;
    char *text = input_read(path, &limits, &size, d);

    *doc = (struct document){0};
    const int result = text != NULL ? document_parse(doc, path, text, size, d) : -1;
    free(text);
    return result;
}
