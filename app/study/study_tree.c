#include "study_tree.h"

#include <string.h>

int node_items(const struct node *list)
{
    return list && list->kind == NODE_LIST ? list->count : 0;
}

/* Takes over `value`. */
static int set_node(struct node *map, const char *key, struct node *value)
{
    struct node *name = value ? node_scalar(key, value->line, value->column) : NULL;
    for (int i = 0; value && name && i < map->count; i++) {
        if (node_reads(map->keys[i], key)) {
            node_free(map->keys[i]);
            node_free(map->items[i]);
            map->keys[i] = name;
            map->items[i] = value;
            return 0;
        }
    }
    if (!value || !name) {
        node_free(value);
        return -1;
    }
    return node_add_entry(map, name, value);
}

int tree_set(struct node *map, const char *key, const char *text, const struct node *from)
{
    return set_node(map, key, node_scalar(text, from->line, from->column));
}

int tree_set_copy(struct node *map, const char *key, const struct node *value)
{
    return set_node(map, key, node_copy(value));
}

int tree_insert_item(struct node *list, int i, struct node *item)
{
    if (node_add_item(list, item)) {
        return -1;
    }
    memmove(&list->items[i + 1], &list->items[i], (size_t)(list->count - 1 - i) * sizeof(struct node *));
    list->items[i] = item;
    return 0;
}

void tree_drop_entry(struct node *map, const char *key)
{
    for (int i = 0; map && map->kind == NODE_MAP && i < map->count; i++) {
        if (node_reads(map->keys[i], key)) {
            node_free(map->keys[i]);
            node_free(map->items[i]);
            map->count--;
            memmove(&map->keys[i], &map->keys[i + 1], (size_t)(map->count - i) * sizeof(struct node *));
            memmove(&map->items[i], &map->items[i + 1], (size_t)(map->count - i) * sizeof(struct node *));
            return;
        }
    }
}

void tree_drop_item(struct node *list, int i)
{
    node_free(list->items[i]);
    list->count--;
    memmove(&list->items[i], &list->items[i + 1], (size_t)(list->count - i) * sizeof(struct node *));
}

void tree_drop_node(struct node *list, const struct node *item)
{
    for (int i = 0; i < list->count; i++) {
        if (list->items[i] == item) {
            tree_drop_item(list, i);
            return;
        }
    }
}
