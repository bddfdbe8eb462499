/* study_tree - changes of the tree that a study is read from; for the parts of app/study/study_*.c that write out what is short for
 * something longer. What they add stands at the place of the node that asked for it, for messages.
 */
#ifndef KETSIM_STUDY_TREE_H
#define KETSIM_STUDY_TREE_H

#include "model/document.h"

/* How many items a list has; 0 of what is no list, or NULL. */
int node_items(const struct node *list);

/* Puts a text, or a copy of a node, under a key of a map, in place of what is there. 0, or -1 without memory. */
int tree_set(struct node *map, const char *key, const char *text, const struct node *from);
int tree_set_copy(struct node *map, const char *key, const struct node *value);

/* Puts an item into a list, before number `i`. Takes it over, also on failure. 0, or -1 without memory. */
int tree_insert_item(struct node *list, int i, struct node *item);

/* Takes an entry of a map (NULL: nothing) out and frees it. */
void tree_drop_entry(struct node *map, const char *key);

/* Takes an item out of a list and frees it: by its number, or itself. */
void tree_drop_item(struct node *list, int i);
void tree_drop_node(struct node *list, const struct node *item);

#endif
