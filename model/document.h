/* document - a YAML text as a tree that remembers the line and column of every node.
 *
 * The only door to libyaml. Stricter than YAML: one document, no duplicate keys, no anchors, aliases, tags
 * or keys that are not plain text; scalars stay text, so that `84 mg` and `0.10` reach the readers as written.
 */
#ifndef KETSIM_DOCUMENT_H
#define KETSIM_DOCUMENT_H

#include "diagnostics.h"

#include <stddef.h>

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
    enum node_kind kind;
    int line; /* from 1; 0 for a default, -n for the n-th --set: see document_place */
    int column;
    char *text;         /* NODE_SCALAR: its text, else NULL */
    int count;          /* NODE_LIST, NODE_MAP: number of children */
    int capacity;       /* allocated children */
    struct node **keys; /* NODE_MAP: a scalar node per child, else NULL */
    struct node **items;
};

struct document {
    char *name;         /* the file's path, as messages show it */
    char *source;       /* the text as read, ending in '\0' */
    size_t source_size; /* bytes, without the '\0' */
    struct node *root;  /* NODE_MAP */
    char **settings;    /* "--set KEY=VALUE" of each document_set, for messages */
    int setting_count;
};

enum {
    DOCUMENT_SIZE_MAX = 4 << 20, /* bytes */
    DOCUMENT_DEPTH_MAX = 64,
    DOCUMENT_NODES_MAX = 1000000,
};

/* Fill `doc`; 0, or -1 with the reasons in `d` (then `doc` is empty, and clearing it is still allowed). */
int document_read(struct document *doc, const char *path, struct diagnostics *d);
int document_parse(struct document *doc, const char *name, const char *text, size_t size,
                   struct diagnostics *d);
void document_clear(struct document *doc);

/* Carries out `--set KEY=VALUE`: KEY is a dotted path (`patients.count`, `arms.0.regimen.1.dose`; list items by
 * the value of their `name`, which may hold dots, or else by number from 0); VALUE is any YAML value. A map that is
 * missing on the way is made; the last part of KEY may be new, or the number after a list's last. Messages about
 * the value, also later ones, name `--set KEY=VALUE` in place of a file. */
int document_set(struct document *doc, const char *assignment, struct diagnostics *d);

/* The tree as YAML text that document_parse reads back to an equal tree. malloc'ed; NULL without memory, or where
 * a scalar made by node_scalar is not UTF-8. */
char *document_write(const struct document *doc);

/* Where a node stands, for messages; NULL, or a default, gives the document alone. */
struct place document_place(const struct document *doc, const struct node *node);

/* Trees, at most DOCUMENT_DEPTH_MAX deep. The makers return NULL without memory; the adders take ownership of the
 * child, also on failure. */
struct node *node_scalar(const char *text, int line, int column);
struct node *node_empty(enum node_kind kind, int line, int column);

/* Any YAML value as a tree, by the rules of document_parse; NULL with the reasons in `d`, told of file `name`. With
 * `has_lines` false, all of the tree and of the messages has line 0. */
struct node *node_parse(const char *name, const char *text, size_t size, bool has_lines,
                        struct diagnostics *d);

struct node *node_copy(const struct node *node);
int node_add_item(struct node *list, struct node *item);
int node_add_entry(struct node *map, struct node *key, struct node *value);
void node_free(struct node *node);

/* The value under `key`, or NULL; also NULL where `map` is NULL or no map. */
struct node *node_find(const struct node *map, const char *key);

/* Whether a scalar; and whether a scalar that reads `text`. NULL is neither. */
bool node_is_scalar(const struct node *node);
bool node_reads(const struct node *node, const char *text);

#endif
