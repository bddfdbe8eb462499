#include "schema.h"

#include "number.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SHOWN_MAX = 200, /* bytes of a path or a list of keys in a message */
    CHOICES_MAX = 16,
};

/* Where the walk through the document is, as links to the root: for messages alone. */
struct crumb {
    const struct crumb *parent; /* NULL at the root */
    const char *key;            /* NULL for an item of a list */
    int item;
};

struct check {
    const struct schema *schema;
    const struct document *doc;
    struct diagnostics *d;
};

/* What stands below a row: the keys of a map, or those of a list's items. */
struct level {
    const char *path; /* "" at the root */
    bool is_items;
};

static const struct level root_level = {"", false};

/* A dotted path as --set takes it, "arms.0.regimen"; "the study" at the root. */
static const char *show_path(const struct check *c, const struct crumb *crumb, char shown[SHOWN_MAX])
{
    char part[SHOWN_MAX];
    char rest[SHOWN_MAX] = "";

    if (crumb->parent == NULL) {
        snprintf(shown, SHOWN_MAX, "the %s", c->schema->what);
        return shown;
    }
    for (; crumb->parent != NULL; crumb = crumb->parent) {
        int length = 0;
        if (crumb->key != NULL) {
            length = snprintf(part, sizeof(part), "%.60s", crumb->key);
        } else {
            length = snprintf(part, sizeof(part), "%d", crumb->item);
        }
        snprintf(part + length, sizeof(part) - (size_t)length, "%s%.*s", rest[0] != '\0' ? "." : "",
                 SHOWN_MAX - length - 2, rest);
        memcpy(rest, part, sizeof(rest));
    }
    memcpy(shown, rest, SHOWN_MAX);
    return shown;
}

/* The key that `row` stands for if it is directly at `level`, else NULL. */
static const char *key_at(const struct schema_row *row, struct level level)
{
    const size_t length = strlen(level.path);
    const char *rest = row->path;

    if (strncmp(rest, level.path, length) != 0) {
        return NULL;
    }
    rest += length;
    if (level.is_items) {
        if (strncmp(rest, "[]", 2) != 0) {
            return NULL;
        }
        rest += 2;
    }
    if (rest != row->path) {
        if (*rest != '.') {
            return NULL;
        }
        rest++;
    }
    return strpbrk(rest, ".[") == NULL ? rest : NULL;
}

/* The row of `key` at `level`: its own, or that of free names; NULL if neither is there. */
static const struct schema_row *find_row(const struct schema *schema, struct level level, const char *key)
{
    const struct schema_row *free_name = NULL;

    for (int i = 0; i < schema->count; i++) {
        const char *name = key_at(&schema->rows[i], level);
        if (name == NULL) {
            continue;
        }
        if (strcmp(name, "*") == 0) {
            free_name = &schema->rows[i];
        } else if (strcmp(name, key) == 0) {
            return &schema->rows[i];
        }
    }
    return free_name;
}

/* The row "PATH[]" of a list's items, if it has one. */
static const struct schema_row *find_item_row(const struct schema *schema, const char *list)
{
    const size_t length = strlen(list);

    for (int i = 0; i < schema->count; i++) {
        const char *path = schema->rows[i].path;
        if (strncmp(path, list, length) == 0 && strcmp(path + length, "[]") == 0) {
            return &schema->rows[i];
        }
    }
    return NULL;
}

static bool has_keys(const struct schema *schema, struct level level)
{
    for (int i = 0; i < schema->count; i++) {
        if (key_at(&schema->rows[i], level) != NULL) {
            return true;
        }
    }
    return false;
}

/* A row elsewhere whose last key is `key`, for a key that stands in the wrong map. */
static const struct schema_row *find_elsewhere(const struct schema *schema, const char *key)
{
    for (int i = 0; i < schema->count; i++) {
        const char *dot = strrchr(schema->rows[i].path, '.');
        if (strcmp(dot != NULL ? dot + 1 : schema->rows[i].path, key) == 0 && strcmp(key, "*") != 0) {
            return &schema->rows[i];
        }
    }
    return NULL;
}

static int unknown_key(const struct check *c, struct level level, const struct crumb *in,
                       const struct node *key)
{
    const struct place at = document_place(c->doc, key);
    char path[SHOWN_MAX];
    char known[SHOWN_MAX] = "";
    int count = 0;

    if (diagnostics_full(c->d)) {
        return diagnostics_error(c->d, at, "unknown key");
    }
    const char **names = malloc((size_t)c->schema->count * sizeof(*names));
    if (names == NULL) {
        return diagnostics_out_of_memory(c->d);
    }
    for (int i = 0; i < c->schema->count; i++) {
        const char *name = key_at(&c->schema->rows[i], level);
        if (name != NULL) {
            const size_t length = strlen(known);
            snprintf(known + length, sizeof(known) - length, "%s%s", count > 0 ? ", " : "", name);
            names[count++] = name;
        }
    }
    const char *nearest = nearest_spelling(key->text, names, count);
    const struct schema_row *elsewhere = find_elsewhere(c->schema, key->text);
    show_path(c, in, path);
    if (nearest != NULL) {
        diagnostics_error(c->d, at, "unknown key \"%s\" in %s; did you mean \"%s\"?", key->text, path,
                          nearest);
    } else if (elsewhere != NULL) {
        diagnostics_error(c->d, at, "unknown key \"%s\" in %s; did you mean %s?", key->text, path,
                          elsewhere->path);
    } else {
        diagnostics_error(c->d, at, "unknown key \"%s\" in %s; known are %s", key->text, path, known);
    }
    free(names);
    return -1;
}

__attribute__((format(printf, 4, 5))) static void wrong(const struct check *c, const struct crumb *at,
                                                        struct place place, const char *format, ...)
{
    char path[SHOWN_MAX];
    char *text = NULL;
    va_list arguments;

    if (diagnostics_full(c->d)) {
        diagnostics_error(c->d, place, "wrong");
        return;
    }
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    text = malloc((size_t)length + 1);
    if (text == NULL) {
        diagnostics_out_of_memory(c->d);
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    diagnostics_error(c->d, place, "%s: %s", show_path(c, at, path), text);
    free(text);
}

/* Takes "a | b | c" apart into `names`, whose texts are in `buffer`; their number. */
static int split_choices(const char *choices, char buffer[SHOWN_MAX], const char *names[CHOICES_MAX])
{
    int count = 0;
    char *end = NULL;

    snprintf(buffer, SHOWN_MAX, "%s", choices);
    for (char *name = buffer; name != NULL && count < CHOICES_MAX; name = end) {
        end = strstr(name, " | ");
        if (end != NULL) {
            *end = '\0';
            end += strlen(" | ");
        }
        names[count++] = name;
    }
    return count;
}

static void check_choice(const struct check *c, const char *text, const struct schema_row *row,
                         const struct crumb *at, struct place place)
{
    char buffer[SHOWN_MAX];
    const char *names[CHOICES_MAX];
    const int count = split_choices(row->choices, buffer, names);

    for (int i = 0; i < count; i++) {
        if (strcmp(text, names[i]) == 0) {
            return;
        }
    }
    const char *nearest = nearest_spelling(text, names, count);
    if (nearest != NULL) {
        wrong(c, at, place, "\"%s\" is not one of %s; did you mean %s?", text, row->choices, nearest);
    } else {
        wrong(c, at, place, "\"%s\" is not one of %s", text, row->choices);
    }
}

static void check_number(const struct check *c, const char *text, const struct crumb *at, struct place place)
{
    double number = 0.0;
    size_t length = 0;

    switch (number_scan(text, &number, &length)) {
    case NUMBER_OK:
        if (text[length] != '\0') {
            wrong(c, at, place, "\"%s\" is not a plain number; nothing may follow \"%.*s\"", text,
                  (int)length, text);
        }
        break;
    case NUMBER_NONE:
        wrong(c, at, place, "\"%s\" is not a number", text);
        break;
    case NUMBER_TOO_LARGE:
        wrong(c, at, place, "\"%s\" is too large", text);
        break;
    case NUMBER_TOO_SMALL:
        wrong(c, at, place, "\"%s\" is too small", text);
        break;
    }
}

static void check_scalar(const struct check *c, const char *text, const struct schema_row *row,
                         const struct crumb *at, struct place place)
{
    uint64_t whole = 0;
    double number = 0.0;

    if (text[0] == '\0' && (row->form != FORM_TEXT || row->required)) {
        wrong(c, at, place, "has no value");
        return;
    }
    switch (row->form) {
    case FORM_NUMBER:
        check_number(c, text, at, place);
        break;
    case FORM_COUNT:
        if (!number_read_whole(text, &whole)) {
            wrong(c, at, place, "\"%s\" is not a whole number%s", text,
                  text[strspn(text, "0123456789")] == '\0' ? " that fits" : ", written with digits alone");
        }
        break;
    case FORM_SWITCH:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
            wrong(c, at, place, "\"%s\" is neither true nor false", text);
        }
        break;
    case FORM_QUANTITY:
        if (number_scan(text, &number, NULL) == NUMBER_NONE) {
            wrong(c, at, place, "\"%s\" does not begin with a number; write it like 2%s%s", text,
                  row->unit[0] != '\0' ? " " : "", row->unit);
        }
        break;
    case FORM_CHOICE:
        check_choice(c, text, row, at, place);
        break;
    case FORM_TEXT:
    case FORM_FORMULA:
    case FORM_TEXTS:
    case FORM_LIST:
    case FORM_MAP:
    case FORM_ANY:
        break;
    }
}

static enum node_kind kind_of(enum schema_form form)
{
    switch (form) {
    case FORM_MAP:
        return NODE_MAP;
    case FORM_LIST:
    case FORM_TEXTS:
        return NODE_LIST;
    default:
        return NODE_SCALAR;
    }
}

static const char *kind_words(enum node_kind kind)
{
    switch (kind) {
    case NODE_MAP:
        return "keys with values";
    case NODE_LIST:
        return "a list";
    case NODE_SCALAR:
        break;
    }
    return "a single value";
}

/* Whether `node` is of the kind that is wanted; else it is reported. */
static bool check_kind(const struct check *c, const struct node *node, enum node_kind wanted,
                       const struct crumb *at, struct place place)
{
    if (node->kind == wanted) {
        return true;
    }
    if (node_reads(node, "")) {
        wrong(c, at, place, "has no value; %s expected",
              wanted == NODE_MAP ? "keys with values are" : "a list is");
    } else if (wanted == NODE_LIST && node->kind == NODE_SCALAR) {
        wrong(c, at, place, "a list is expected; write [%.60s]", node->text);
    } else {
        wrong(c, at, place, "%s expected, not %s",
              wanted == NODE_MAP    ? "keys with values are"
              : wanted == NODE_LIST ? "a list is"
                                    : "a single value is",
              kind_words(node->kind));
    }
    return false;
}

static void check_map(const struct check *c, const struct node *map, struct level level,
                      const struct crumb *at);

static void check_item(const struct check *c, const struct node *item, const struct schema_row *list,
                       const struct crumb *at);

static void check_value(const struct check *c, const struct node *value, const struct schema_row *row,
                        const struct crumb *at, struct place place)
{
    if (row->form == FORM_ANY || !check_kind(c, value, kind_of(row->form), at, place)) {
        return;
    }
    if (value->kind == NODE_SCALAR) {
        check_scalar(c, value->text, row, at, place);
        return;
    }
    if (value->kind == NODE_MAP) {
        check_map(c, value, (struct level){row->path, false}, at);
        return;
    }
    for (int i = 0; i < value->count; i++) {
        check_item(c, value->items[i], row, &(struct crumb){at, NULL, i});
    }
}

static void check_item(const struct check *c, const struct node *item, const struct schema_row *list,
                       const struct crumb *at)
{
    const struct place place = document_place(c->doc, item);
    const struct level level = {list->path, true};
    const struct schema_row *row = find_item_row(c->schema, list->path);

    if (list->form == FORM_TEXTS) {
        if (check_kind(c, item, NODE_SCALAR, at, place) && item->text[0] == '\0') {
            wrong(c, at, place, "has no value");
        }
    } else if (row != NULL) {
        check_value(c, item, row, at, place);
    } else if (has_keys(c->schema, level) && check_kind(c, item, NODE_MAP, at, place)) {
        check_map(c, item, level, at);
    }
}

static void check_map(const struct check *c, const struct node *map, struct level level,
                      const struct crumb *at)
{
    for (int i = 0; i < c->schema->count; i++) {
        const struct schema_row *row = &c->schema->rows[i];
        const char *key = key_at(row, level);
        if (key != NULL && row->required && node_find(map, key) == NULL) {
            char path[SHOWN_MAX];
            diagnostics_error(c->d, document_place(c->doc, map), "key \"%s\" is missing in %s", key,
                              show_path(c, at, path));
        }
    }
    for (int i = 0; i < map->count; i++) {
        const struct node *key = map->keys[i];
        const struct node *value = map->items[i];
        const struct schema_row *row = find_row(c->schema, level, key->text);
        if (row == NULL) {
            unknown_key(c, level, at, key);
            continue;
        }
        /* Of nothing, libyaml does not tell where it stands. */
        const struct place place = document_place(c->doc, node_reads(value, "") ? key : value);
        check_value(c, value, row, &(struct crumb){at, key->text, 0}, place);
    }
}

static int fill_map(const struct check *c, struct node *map, struct level level);

static int fill_value(const struct check *c, struct node *value, const struct schema_row *row)
{
    const struct schema_row *item_row = NULL;

    if (row->form == FORM_MAP) {
        return fill_map(c, value, (struct level){row->path, false});
    }
    if (row->form != FORM_LIST) {
        return 0;
    }
    item_row = find_item_row(c->schema, row->path);
    for (int i = 0; i < value->count; i++) {
        struct node *item = value->items[i];
        const int status = item_row != NULL         ? fill_value(c, item, item_row)
                           : item->kind == NODE_MAP ? fill_map(c, item, (struct level){row->path, true})
                                                    : 0;
        if (status != 0) {
            return -1;
        }
    }
    return 0;
}

static int fill_map(const struct check *c, struct node *map, struct level level)
{
    for (int i = 0; i < c->schema->count; i++) {
        const struct schema_row *row = &c->schema->rows[i];
        const char *key = key_at(row, level);
        if (key == NULL || row->fallback == NULL || node_find(map, key) != NULL) {
            continue;
        }
        struct node *value = node_parse(row->path, row->fallback, strlen(row->fallback), false, c->d);
        if (value == NULL) {
            return -1;
        }
        if (node_add_entry(map, node_scalar(key, 0, 0), value) != 0) {
            return diagnostics_out_of_memory(c->d);
        }
    }
    for (int i = 0; i < map->count; i++) {
        const struct schema_row *row = find_row(c->schema, level, map->keys[i]->text);
        if (row != NULL && fill_value(c, map->items[i], row) != 0) {
            return -1;
        }
    }
    return 0;
}

int schema_apply(const struct schema *schema, struct document *doc, struct diagnostics *d)
{
    const struct check c = {schema, doc, d};
    const int errors = d->errors;

    check_map(&c, doc->root, root_level, &(struct crumb){NULL, NULL, 0});
    if (d->errors > errors) {
        return -1;
    }
    return fill_map(&c, doc->root, root_level);
}

const struct schema_row *schema_row(const struct schema *schema, const char *path)
{
    for (int i = 0; i < schema->count; i++) {
        if (strcmp(schema->rows[i].path, path) == 0) {
            return &schema->rows[i];
        }
    }
    return NULL;
}
