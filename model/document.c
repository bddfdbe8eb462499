#include "document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static int cannot_read(struct diagnostics *d, const char *path, int error)
{
    char reason[128] = "unknown error";

    (void)!strerror_r(error, reason, sizeof(reason));
    return diagnostics_error(d, (struct place){.file = path}, "cannot be read: %s", reason);
}

int document_read(struct document *doc, const char *path, struct diagnostics *d)
{
    FILE *file = NULL;
    char *text = NULL;
    struct stat status;
    int result = -1;

    *doc = (struct document){0};
    file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &status) != 0) {
        cannot_read(d, path, errno);
        goto out;
    }
    if (S_ISDIR(status.st_mode)) {
        diagnostics_error(d, (struct place){.file = path}, "is a directory; a YAML file is expected");
        goto out;
    }
    /* One byte more than allowed, for document_parse to refuse: a pipe does not tell its size. */
    text = malloc((size_t)DOCUMENT_SIZE_MAX + 1);
    if (text == NULL) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    errno = 0;
    const size_t size = fread(text, 1, (size_t)DOCUMENT_SIZE_MAX + 1, file);
    if (ferror(file)) {
        cannot_read(d, path, errno);
        goto out;
    }
    result = document_parse(doc, path, text, size, d);
out:
    free(text);
    if (file != NULL) {
        fclose(file);
    }
    return result;
}
