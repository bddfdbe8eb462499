#include "document.h"

#include <yaml.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reading. libyaml's events rather than its documents: nothing is ever built from an alias. */

struct reader {
    yaml_parser_t yaml;
    const char *name; /* for messages */
    const char *text; /* without a byte order mark */
    size_t size;
    bool has_lines; /* false: all nodes and messages get line 0 */
    struct diagnostics *d;
    struct node *root;
    struct node *open[DOCUMENT_DEPTH_MAX]; /* the lists and maps that have begun; owned by their parents */
    int depth;
    struct node *key; /* read, and waiting for its value; NULL if a key comes next */
    int nodes;
};

static struct place place_at(const struct reader *r, yaml_mark_t mark)
{
    if (!r->has_lines) {
        return (struct place){.file = r->name};
    }
    return (struct place){r->name, (int)mark.line + 1, (int)mark.column + 1};
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

static struct place place_of_byte(const struct reader *r, size_t offset)
{
    yaml_mark_t mark = {0};

    for (size_t i = 0; i < offset && i < r->size; i++) {
        if (r->text[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else {
            mark.column += !is_continuation(r->text[i]);
        }
    }
    return place_at(r, mark);
}

static char character_at(const struct reader *r, yaml_mark_t mark)
{
    size_t index = 0;

    for (size_t i = 0; i < r->size; i++) {
        if (!is_continuation(r->text[i]) && index++ == mark.index) {
            return r->text[i];
        }
    }
    return '\0';
}

static const char *remedy_for(const struct reader *r)
{
    static const struct {
        const char *problem;
        const char *remedy;
    } rows[] = {
        {"mapping values are not allowed", "the keys of one map begin in the same column, one in a line; a "
                                           "text that holds \": \" needs quotes"},
        {"cannot start any token", "put a text that begins with such a character in quotes"},
        {"could not find expected ':'", "a key is followed by a colon and a space"},
        {"did not find expected key", "the keys of one map begin in the same column"},
        {"did not find expected '-' indicator", "the items of one list begin in the same column"},
        {"found unexpected end of stream", "the text ends too early"},
    };

    if (character_at(r, r->yaml.problem_mark) == '\t') {
        return "indent with spaces, not with tabs";
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strstr(r->yaml.problem, rows[i].problem) != NULL) {
            return rows[i].remedy;
        }
    }
    return NULL;
}

static int yaml_problem(struct reader *r)
{
    const yaml_parser_t *yaml = &r->yaml;

    if (yaml->error == YAML_MEMORY_ERROR || yaml->problem == NULL) {
        return diagnostics_out_of_memory(r->d);
    }
    if (yaml->error == YAML_READER_ERROR) {
        return diagnostics_error(r->d, place_of_byte(r, yaml->problem_offset), "not a UTF-8 text: %s",
                                 yaml->problem);
    }
    char begin[64] = "";
    const char *remedy = remedy_for(r);
    const bool has_begin =
        yaml->context != NULL && r->has_lines && yaml->context_mark.index != yaml->problem_mark.index;
    if (has_begin) {
        snprintf(begin, sizeof(begin), " that begins at %zu:%zu", yaml->context_mark.line + 1,
                 yaml->context_mark.column + 1);
    }
    return diagnostics_error(r->d, place_at(r, yaml->problem_mark), "not valid YAML: %s%s%s%s%s%s",
                             yaml->problem, yaml->context != NULL ? " " : "",
                             yaml->context != NULL ? yaml->context : "", begin, remedy != NULL ? "; " : "",
                             remedy != NULL ? remedy : "");
}

/* Gives the tree a new node; takes ownership. */
static int attach(struct reader *r, struct node *node, struct place at)
{
    if (node == NULL) {
        return diagnostics_out_of_memory(r->d);
    }
    if (++r->nodes > DOCUMENT_NODES_MAX) {
        node_free(node);
        return diagnostics_error(r->d, at, "more than %d values", DOCUMENT_NODES_MAX);
    }
    if (r->depth == 0) {
        r->root = node;
        return 0;
    }
    struct node *parent = r->open[r->depth - 1];
    if (parent->kind == NODE_LIST) {
        return node_add_item(parent, node) == 0 ? 0 : diagnostics_out_of_memory(r->d);
    }
    if (r->key == NULL) {
        if (node->kind != NODE_SCALAR) {
            const char *kind = node->kind == NODE_LIST ? "list" : "map";
            node_free(node);
            return diagnostics_error(r->d, at, "a key must be a text, not a %s", kind);
        }
        r->key = node;
        return 0;
    }
    struct node *key = r->key;
    r->key = NULL;
    return node_add_entry(parent, key, node) == 0 ? 0 : diagnostics_out_of_memory(r->d);
}

static void refuse_anchor_and_tag(struct reader *r, const yaml_char_t *anchor, const yaml_char_t *tag,
                                  struct place at)
{
    if (anchor != NULL) {
        diagnostics_error(r->d, at, "anchor \"&%s\" is not allowed; write the value out where it is used",
                          (const char *)anchor);
    }
    if (tag != NULL) {
        static const char long_form[] = "tag:yaml.org,2002:"; /* of !! */
        const size_t length = sizeof(long_form) - 1;
        const char *name = (const char *)tag;
        const bool is_long = strncmp(name, long_form, length) == 0;
        diagnostics_error(r->d, at, "tag \"%s%s\" is not allowed; write the value without it",
                          is_long ? "!!" : "", is_long ? name + length : name);
    }
}

static int begin_node(struct reader *r, enum node_kind kind, struct place at)
{
    if (r->depth == DOCUMENT_DEPTH_MAX) {
        return diagnostics_error(r->d, at, "nested more than %d deep", DOCUMENT_DEPTH_MAX);
    }
    struct node *node = node_empty(kind, at.line, at.column);
    if (attach(r, node, at) != 0) {
        return -1;
    }
    r->open[r->depth++] = node;
    return 0;
}

struct numbered_key {
    const struct node *key;
    int number;
};

static int compare_keys(const void *a, const void *b)
{
    const struct numbered_key *one = a;
    const struct numbered_key *other = b;
    const int order = strcmp(one->key->text, other->key->text);

    return order != 0 ? order : one->number - other->number;
}

/* Sorts, because a hostile map of half a million keys must not take half a million squared steps. */
static int refuse_duplicate_keys(struct reader *r, const struct node *map)
{
    struct numbered_key *sorted = map->count > 1 ? malloc((size_t)map->count * sizeof(*sorted)) : NULL;

    if (map->count <= 1) {
        return 0;
    }
    if (sorted == NULL) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < map->count; i++) {
        sorted[i] = (struct numbered_key){map->keys[i], i};
    }
    qsort(sorted, (size_t)map->count, sizeof(*sorted), compare_keys);
    const struct node *first = sorted[0].key;
    for (int i = 1; i < map->count; i++) {
        const struct node *key = sorted[i].key;
        const struct place at = {r->name, key->line, key->column};
        if (strcmp(key->text, first->text) != 0) {
            first = key;
        } else if (r->has_lines) {
            diagnostics_error(r->d, at, "key \"%s\" is already given in line %d", key->text, first->line);
        } else {
            diagnostics_error(r->d, at, "key \"%s\" is given twice", key->text);
        }
    }
    free(sorted);
    return 0;
}

static int end_node(struct reader *r)
{
    const struct node *node = r->open[--r->depth];

    return node->kind == NODE_MAP ? refuse_duplicate_keys(r, node) : 0;
}

static int take_scalar(struct reader *r, const yaml_event_t *event, struct place at)
{
    const char *text = (const char *)event->data.scalar.value;

    if (strlen(text) != event->data.scalar.length) {
        return diagnostics_error(r->d, at, "a text must not hold a NUL character");
    }
    return attach(r, node_scalar(text, at.line, at.column), at);
}

static int take_event(struct reader *r, const yaml_event_t *event)
{
    const struct place at = place_at(r, event->start_mark);

    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (r->root != NULL) {
            return diagnostics_error(r->d, at, "a second document begins here; only one is allowed");
        }
        return 0;
    case YAML_ALIAS_EVENT:
        diagnostics_error(r->d, at, "alias \"*%s\" is not allowed; write the value out",
                          (const char *)event->data.alias.anchor);
        return attach(r, node_scalar("", at.line, at.column), at);
    case YAML_SCALAR_EVENT:
        refuse_anchor_and_tag(r, event->data.scalar.anchor, event->data.scalar.tag, at);
        return take_scalar(r, event, at);
    case YAML_SEQUENCE_START_EVENT:
        refuse_anchor_and_tag(r, event->data.sequence_start.anchor, event->data.sequence_start.tag, at);
        return begin_node(r, NODE_LIST, at);
    case YAML_MAPPING_START_EVENT:
        refuse_anchor_and_tag(r, event->data.mapping_start.anchor, event->data.mapping_start.tag, at);
        return begin_node(r, NODE_MAP, at);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return end_node(r);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return 0;
}

/* libyaml compares each directive that names a handle of tags with all before it, and a document has no use for tags. */
static int refuse_tag_directives(const struct reader *r)
{
    static const char directive[] = "%TAG";
    const size_t length = sizeof(directive) - 1;

    for (size_t i = 0; i + length <= r->size; i++) {
        const char before = i > 0 ? r->text[i - 1] : '\n';
        /* Lines also end in CR, and in some characters that are not of ASCII. */
        const bool at_begin = before == '\n' || before == '\r' || is_continuation(before);
        if (at_begin && memcmp(r->text + i, directive, length) == 0) {
            return diagnostics_error(r->d, place_of_byte(r, i),
                                     "a line that begins with %%TAG; tags are not allowed");
        }
    }
    return 0;
}

static int take_events(struct reader *r)
{
    bool at_end = false;

    while (!at_end) {
        yaml_event_t event;
        if (!yaml_parser_parse(&r->yaml, &event)) {
            return yaml_problem(r);
        }
        const int status = take_event(r, &event);
        at_end = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
        if (status != 0) {
            return -1;
        }
    }
    return 0;
}

struct node *node_parse(const char *name, const char *text, size_t size, bool has_lines,
                        struct diagnostics *d)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    struct reader r = {.name = name, .text = text, .size = size, .has_lines = has_lines, .d = d};
    const int errors = d->errors;
    const int first = d->count;

    if (size >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
        r.text += 3;
        r.size -= 3;
    }
    const char *nul = memchr(r.text, '\0', r.size);
    if (nul != NULL) {
        diagnostics_error(d, place_of_byte(&r, (size_t)(nul - r.text)), "not a text: it holds a NUL byte");
        return NULL;
    }
    if (refuse_tag_directives(&r) != 0) {
        return NULL;
    }
    if (!yaml_parser_initialize(&r.yaml)) {
        diagnostics_out_of_memory(d);
        return NULL;
    }
    yaml_parser_set_encoding(&r.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.yaml, (const unsigned char *)r.text, r.size);
    const int status = take_events(&r);
    yaml_parser_delete(&r.yaml);

    node_free(r.key);
    if (status == 0 && r.root == NULL) {
        diagnostics_error(d, (struct place){.file = name}, "is empty");
    }
    if (has_lines) {
        diagnostics_sort(d, first);
    }
    if (d->errors > errors) {
        node_free(r.root);
        return NULL;
    }
    return r.root;
}

/* Writing. */

enum { FLOW_WIDTH_MAX = 80 }; /* characters of a list that is written in one line */

struct writer {
    yaml_emitter_t yaml;
    char *text;
    size_t size;
    size_t capacity;
};

/* libyaml's output goes here; 0 reports a failure. */
static int write_bytes(void *data, unsigned char *bytes, size_t size)
{
    struct writer *w = data;

    if (size >= w->capacity - w->size) {
        const size_t capacity = 2 * (w->capacity + size);
        char *text = realloc(w->text, capacity);
        if (text == NULL) {
            return 0;
        }
        w->text = text;
        w->capacity = capacity;
    }
    memcpy(w->text + w->size, bytes, size);
    w->size += size;
    w->text[w->size] = '\0';
    return 1;
}

static bool has_control_characters(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F) {
            return true;
        }
    }
    return false;
}

static bool fits_in_one_line(const struct node *list)
{
    size_t width = 0;

    for (int i = 0; i < list->count; i++) {
        const struct node *item = list->items[i];
        if (item->kind != NODE_SCALAR || has_control_characters(item->text)) {
            return false;
        }
        width += strlen(item->text) + 2;
    }
    return width <= FLOW_WIDTH_MAX;
}

static bool emit(struct writer *w, yaml_event_t *event, int initialized)
{
    return initialized && yaml_emitter_emit(&w->yaml, event);
}

/* libyaml falls back from the plain style to quotes where plain would not read back as the same text. Line breaks are
 * escaped, because its other styles spread them over lines. */
static bool write_scalar(struct writer *w, const char *text)
{
    yaml_event_t event;
    const yaml_scalar_style_t style = has_control_characters(text) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                      : *text == '\0'              ? YAML_SINGLE_QUOTED_SCALAR_STYLE
                                                                   : YAML_PLAIN_SCALAR_STYLE;

    return emit(w, &event,
                yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text),
                                             1, 1, style));
}

static bool write_node(struct writer *w, const struct node *node)
{
    yaml_event_t event;
    bool is_written = false;

    switch (node->kind) {
    case NODE_SCALAR:
        return write_scalar(w, node->text);
    case NODE_LIST:
        is_written = emit(w, &event,
                          yaml_sequence_start_event_initialize(
                              &event, NULL, NULL, 1,
                              fits_in_one_line(node) ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE));
        for (int i = 0; is_written && i < node->count; i++) {
            is_written = write_node(w, node->items[i]);
        }
        return is_written && emit(w, &event, yaml_sequence_end_event_initialize(&event));
    case NODE_MAP:
        is_written = emit(
            w, &event, yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
        for (int i = 0; is_written && i < node->count; i++) {
            is_written = write_scalar(w, node->keys[i]->text) && write_node(w, node->items[i]);
        }
        return is_written && emit(w, &event, yaml_mapping_end_event_initialize(&event));
    }
    return false;
}

char *document_write(const struct document *doc)
{
    struct writer w = {0};
    yaml_event_t event;

    if (!yaml_emitter_initialize(&w.yaml)) {
        return NULL;
    }
    yaml_emitter_set_output(&w.yaml, write_bytes, &w);
    yaml_emitter_set_unicode(&w.yaml, 1);
    yaml_emitter_set_width(&w.yaml, -1);
    const bool is_written =
        emit(&w, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) &&
        emit(&w, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)) &&
        write_node(&w, doc->root) && emit(&w, &event, yaml_document_end_event_initialize(&event, 1)) &&
        emit(&w, &event, yaml_stream_end_event_initialize(&event)) && yaml_emitter_flush(&w.yaml);
    yaml_emitter_delete(&w.yaml);
    if (!is_written) {
        free(w.text);
        return NULL;
    }
    return w.text;
}
