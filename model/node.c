#include "document.h"

#include <stdlib.h>
#include <string.h>

struct node *node_empty(enum node_kind kind, int line, int column)
{
    struct node *node = calloc(1, sizeof(*node));

    if (node != NULL) {
        node->kind = kind;
        node->line = line;
        node->column = column;
    }
    return node;
}

struct node *node_scalar(const char *text, int line, int column)
{
    struct node *node = node_empty(NODE_SCALAR, line, column);

    if (node != NULL) {
        node->text = strdup(text);
        if (node->text == NULL) {
            free(node);
            return NULL;
        }
    }
    return node;
}

void node_free(struct node *node)
{
    if (node == NULL) {
        return;
    }
    for (int i = 0; i < node->count; i++) {
        if (node->kind == NODE_MAP) {
            node_free(node->keys[i]);
        }
        node_free(node->items[i]);
    }
    free(node->text);
    free(node->keys);
    free(node->items);
    free(node);
}

static int reserve_child(struct node *node)
{
    if (node->count < node->capacity) {
        return 0;
    }
    const int capacity = node->capacity == 0 ? 4 : 2 * node->capacity;
    const size_t size = (size_t)capacity * sizeof(*node->items);
    struct node **items = realloc(node->items, size);
    if (items == NULL) {
        return -1;
    }
    node->items = items;
    if (node->kind == NODE_MAP) {
        struct node **keys = realloc(node->keys, size);
        if (keys == NULL) {
            return -1;
        }
        node->keys = keys;
    }
    node->capacity = capacity;
    return 0;
}

int node_add_item(struct node *list, struct node *item)
{
    if (item == NULL || reserve_child(list) != 0) {
        node_free(item);
        return -1;
    }
    list->items[list->count++] = item;
    return 0;
}

int node_add_entry(struct node *map, struct node *key, struct node *value)
{
    if (key == NULL || value == NULL || reserve_child(map) != 0) {
        node_free(key);
        node_free(value);
        return -1;
    }
    map->keys[map->count] = key;
    map->items[map->count++] = value;
    return 0;
}

struct node *node_copy(const struct node *node)
{
    struct node *copy = node->kind == NODE_SCALAR ? node_scalar(node->text, node->line, node->column)
                                                  : node_empty(node->kind, node->line, node->column);

    for (int i = 0; copy != NULL && i < node->count; i++) {
        struct node *item = node_copy(node->items[i]);
        const int status = node->kind == NODE_MAP ? node_add_entry(copy, node_copy(node->keys[i]), item)
                                                  : node_add_item(copy, item);
        if (status != 0) {
            node_free(copy);
            copy = NULL;
        }
    }
    return copy;
}

struct node *node_find(const struct node *map, const char *key)
{
    if (map == NULL || map->kind != NODE_MAP) {
        return NULL;
    }
    for (int i = 0; i < map->count; i++) {
        if (strcmp(map->keys[i]->text, key) == 0) {
            return map->items[i];
        }
    }
    return NULL;
}

bool node_is_scalar(const struct node *node)
{
    return node != NULL && node->kind == NODE_SCALAR;
}

bool node_reads(const struct node *node, const char *text)
{
    return node_is_scalar(node) && strcmp(node->text, text) == 0;
}

struct place document_place(const struct document *doc, const struct node *node)
{
    const int line = node != NULL ? node->line : 0;

    if (line < 0 && -line <= doc->setting_count) {
        return (struct place){.file = doc->settings[-line - 1]};
    }
    if (line <= 0) {
        return (struct place){.file = doc->name};
    }
    return (struct place){doc->name, line, node->column};
}
