#include "document.h"

#include "number.h"

#include <stdlib.h>
#include <string.h>

/* The work on one `--set KEY=VALUE`. */
struct setting {
    struct place place; /* "--set KEY=VALUE" */
    char *key;
    struct node *value; /* NULL once it is in the tree */
    int line;           /* of the nodes made here: negative, as document.h says */
    struct diagnostics *d;
};

/* Whether `path` goes on from `part`: it is `part`, or begins with `part` and a dot. */
static bool begins_with(const char *path, const char *part)
{
    const size_t length = strlen(part);

    return strncmp(path, part, length) == 0 && (path[length] == '.' || path[length] == '\0');
}

/* The child that `path` leads through, and how many bytes of `path` name it; -1 if there is none. Names may hold
 * dots ("0.5 mg/kg"), so the longest that fits is meant. */
static int find_named(const struct node *parent, const char *path, size_t *length)
{
    int found = -1;

    *length = 0;
    for (int i = 0; i < parent->count; i++) {
        const struct node *name =
            parent->kind == NODE_MAP ? parent->keys[i] : node_find(parent->items[i], "name");
        if (node_is_scalar(name) && name->text[0] != '\0' && begins_with(path, name->text) &&
            strlen(name->text) > *length) {
            found = i;
            *length = strlen(name->text);
        }
    }
    return found;
}

static int find_numbered(const struct node *list, const char *path, size_t *length)
{
    char digits[8] = "";
    uint64_t number = 0;

    *length = strcspn(path, ".");
    if (*length >= sizeof(digits)) {
        return -1;
    }
    memcpy(digits, path, *length);
    return number_read_whole(digits, &number) && number <= (uint64_t)list->count ? (int)number : -1;
}

static int missing_item(const struct setting *set, const struct node *list, const char *path)
{
    const size_t length = strcspn(path, ".");
    const int above = (int)(path > set->key ? path - set->key - 1 : 0);

    return diagnostics_error(set->d, set->place,
                             "no item \"%.*s\" in \"%.*s\", which has %d item%s; give its number, "
                             "from 0, or its name",
                             (int)length, path, above, set->key, list->count, list->count == 1 ? "" : "s");
}

static int add_entry(struct setting *set, struct node *map, const char *path, size_t length,
                     struct node *value)
{
    struct node *key = node_empty(NODE_SCALAR, set->line, 0);

    if (key != NULL) {
        key->text = strndup(path, length);
        if (key->text == NULL) {
            node_free(key);
            key = NULL;
        }
    }
    return node_add_entry(map, key, value) == 0 ? 0 : diagnostics_out_of_memory(set->d);
}

static void replace(struct node **slot, struct node *value)
{
    node_free(*slot);
    *slot = value;
}

/* Puts the value where `path`, the rest of the key from `parent` on, leads to. */
static int put_value(struct setting *set, struct node *parent, const char *path)
{
    const bool is_list = parent->kind == NODE_LIST;
    size_t length = 0;
    int child = find_named(parent, path, &length);

    if (child < 0 && is_list) {
        child = find_numbered(parent, path, &length);
        if (child < 0 || (child == parent->count && path[length] != '\0')) {
            return missing_item(set, parent, path);
        }
    }
    if (child < 0) {
        length = strcspn(path, ".");
    }
    if (length == 0) {
        return diagnostics_error(set->d, set->place, "a part of the key is empty");
    }
    if (path[length] == '\0') {
        struct node *value = set->value;
        set->value = NULL;
        if (child >= 0 && child < parent->count) {
            replace(&parent->items[child], value);
            return 0;
        }
        if (is_list) {
            return node_add_item(parent, value) == 0 ? 0 : diagnostics_out_of_memory(set->d);
        }
        return add_entry(set, parent, path, length, value);
    }
    /* More to come: a map is made where there is none, also for a key with nothing after its colon. */
    if (child < 0 || node_reads(parent->items[child], "")) {
        struct node *map = node_empty(NODE_MAP, set->line, 0);
        if (map == NULL) {
            return diagnostics_out_of_memory(set->d);
        }
        if (child >= 0) {
            replace(&parent->items[child], map);
        } else if (add_entry(set, parent, path, length, map) != 0) {
            return -1;
        }
        child = child >= 0 ? child : parent->count - 1;
    }
    if (parent->items[child]->kind == NODE_SCALAR) {
        return diagnostics_error(set->d, set->place,
                                 "\"%.*s\" is a single value, so \"%s\" cannot be below it",
                                 (int)(path + length - set->key), set->key, path + length + 1);
    }
    return put_value(set, parent->items[child], path + length + 1);
}

static int depth_of(const struct node *node)
{
    int deepest = 0;

    for (int i = 0; i < node->count; i++) {
        const int depth = depth_of(node->items[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + (node->kind != NODE_SCALAR);
}

static void number_lines(struct node *node, int line)
{
    node->line = line;
    node->column = 0;
    for (int i = 0; i < node->count; i++) {
        if (node->kind == NODE_MAP) {
            node->keys[i]->line = line;
            node->keys[i]->column = 0;
        }
        number_lines(node->items[i], line);
    }
}

/* Keeps "--set ASSIGNMENT" in the document, where places point to it. */
static const char *keep_setting(struct document *doc, const char *assignment)
{
    static const char option[] = "--set ";
    char *text = malloc(sizeof(option) + strlen(assignment));
    char **settings = realloc(doc->settings, ((size_t)doc->setting_count + 1) * sizeof(*doc->settings));

    if (settings != NULL) {
        doc->settings = settings;
    }
    if (text == NULL || settings == NULL) {
        free(text);
        return NULL;
    }
    memcpy(text, option, sizeof(option) - 1);
    strcpy(text + sizeof(option) - 1, assignment);
    doc->settings[doc->setting_count++] = text;
    return text;
}

int document_set(struct document *doc, const char *assignment, struct diagnostics *d)
{
    struct setting set = {.d = d};
    const char *equals = strchr(assignment, '=');
    int status = -1;

    set.place.file = keep_setting(doc, assignment);
    if (set.place.file == NULL) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    set.line = -doc->setting_count;
    if (equals == NULL || equals == assignment) {
        diagnostics_error(d, set.place, "KEY=VALUE is expected, for example patients.count=50");
        goto out;
    }
    set.key = strndup(assignment, (size_t)(equals - assignment));
    if (set.key == NULL) {
        diagnostics_out_of_memory(d);
        goto out;
    }
    set.value = node_parse(set.place.file, equals + 1, strlen(equals + 1), false, d);
    if (set.value == NULL) {
        goto out;
    }
    number_lines(set.value, set.line);
    int parts = 1;
    for (const char *c = set.key; *c != '\0'; c++) {
        parts += *c == '.';
    }
    if (parts + depth_of(set.value) > DOCUMENT_DEPTH_MAX) {
        diagnostics_error(d, set.place, "nested more than %d deep", DOCUMENT_DEPTH_MAX);
        goto out;
    }
    status = put_value(&set, doc->root, set.key);
out:
    node_free(set.value);
    free(set.key);
    return status;
}
