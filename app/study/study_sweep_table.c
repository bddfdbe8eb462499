/* The table of a sweep: a column per axis, a row per point. */
#include "app/base/csv_reader.h"
#include "study_axis.h"

#include "model/number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- columns --- */

/* "dose (mg)" as a name and a unit, which is "" where there is none: an entry of r->columns. -1 without memory. */
static int add_column(struct study_reader *r, const struct csv_cell *cell)
{
    const char *open = strrchr(cell->text, '(');
    const size_t length = strlen(cell->text);
    const bool has_unit = open && open > cell->text && cell->text[length - 1] == ')';
    struct node *name = node_scalar(cell->text, r->table->line, cell->column);
    struct node *unit = node_scalar(has_unit ? open + 1 : "", r->table->line, cell->column);
    if (name && unit && has_unit) {
        char *end = name->text + (open - cell->text);
        while (end > name->text && end[-1] == ' ') {
            end--;
        }
        *end = '\0';
        unit->text[strlen(unit->text) - 1] = '\0';
    }
    return node_add_entry(r->columns, name, unit);
}

/* What the sweep itself says of the axis that a column is of; NULL: nothing. Marks it as found. */
static const struct node *find_axis(const struct node *map, const char *name, bool *found)
{
    for (int i = 0; i < map->count; i++) {
        if (node_reads(map->keys[i], name)) {
            found[i] = true;
            return map->items[i];
        }
    }
    return NULL;
}

/* An axis of a table says what it sets, and nothing else. */
static bool check_value(struct study_reader *r, const struct node *value)
{
    for (int i = 0; value && value->kind == NODE_MAP && i < value->count; i++) {
        if (!node_reads(value->keys[i], "sets") && !node_reads(value->keys[i], "session")) {
            study_error(r, value->keys[i], "the table has the values; leave out \"%s\"",
                        value->keys[i]->text);
            return false;
        }
    }
    if (value && (value->kind != NODE_MAP || !node_find(value, "sets"))) {
        study_error(r, value, "the table has the values; write {sets: ...}, or leave it out");
        return false;
    }
    return true;
}

/* An axis for every column. */
static void add_axes(struct study_reader *r, const struct node *map, bool *found)
{
    for (int i = 0; i < r->columns->count; i++) {
        const struct node *name = r->columns->keys[i];
        const struct node *value = find_axis(map, name->text, found);
        for (int k = 0; k < i; k++) {
            if (node_reads(r->columns->keys[k], name->text)) {
                study_error(r, name, "another column is called \"%s\", too", name->text);
            }
        }
        struct axis *axis = check_value(r, value) ? study_add_axis(r, name, value) : NULL;
        if (axis) {
            const char *unit = r->columns->items[i]->text;
            axis->cell_unit = *unit ? unit : NULL;
            axis->column = i;
        }
    }
}

/* --- rows --- */

/* Adds the cells of the row that was read to the axes. -1 without memory. */
static int take_row(struct study_reader *r, int row, int *capacity)
{
    const bool full = row == *capacity;
    *capacity = full ? 2 * row + 64 : *capacity;
    for (int a = 0; a < r->study->axis_count; a++) {
        struct axis *axis = &r->axes[a];
        const struct csv_cell *cell = &r->table->cells[axis->column];
        if (full) {
            struct axis_cell *cells = realloc(axis->cells, (size_t)*capacity * sizeof(*cells));
            if (!cells) {
                return diagnostics_out_of_memory(r->d);
            }
            axis->cells = cells;
        }
        axis->cells[row] = (struct axis_cell){cell->text, r->table->line, cell->column};
    }
    return 0;
}

/* All rows; how many, or -1 without memory. */
static int read_rows(struct study_reader *r)
{
    enum csv_status status;
    int capacity = 0;
    int rows = 0;
    while ((status = csv_next(r->table, r->d)) == CSV_ROW || status == CSV_MISTAKE) {
        const int columns = r->columns->count;
        if (status == CSV_MISTAKE) {
            continue;
        }
        if (r->table->count != columns) {
            diagnostics_error(r->d, (struct place){r->table_path, r->table->line, r->table->end_column},
                              "%d cells in the row, and the header has %d", r->table->count, columns);
            continue;
        }
        if (rows == STUDY_ARMS_MAX) {
            diagnostics_error(r->d, (struct place){r->table_path, r->table->line, 1},
                              "the table has more than %d rows", STUDY_ARMS_MAX);
            return rows;
        }
        if (take_row(r, rows++, &capacity)) {
            return -1;
        }
    }
    return rows;
}

/* --- entries --- */

static int read_cells(struct study_reader *r, struct axis *axis, int rows)
{
    struct axis_scale scale;
    if (axis_reserve(r, axis, rows) ||
        (axis->cell_unit &&
         !axis_scale_init(r, axis, &scale, r->columns->keys[axis->column], axis->cell_unit))) {
        return r->d->out_of_memory ? -1 : 0;
    }
    for (int i = 0; i < rows; i++) {
        const struct node *node = axis_node(r, axis, i);
        double number;
        if (!axis->cell_unit) {
            axis_read_entry(r, axis, i, node);
        } else if (!number_read(node->text, &number)) {
            study_error(r, node, "\"%s\" is no number; the unit of the column is %s", node->text,
                        axis->cell_unit);
        } else {
            axis_take_entry(r, axis, i, node, number, &scale);
        }
    }
    return 0;
}

struct point {
    const double *values; /* [axis] */
    int axes;
    int row;
};

static int point_compare(const void *a, const void *b)
{
    const struct point *left = a;
    const struct point *right = b;
    for (int i = 0; i < left->axes; i++) {
        if (left->values[i] != right->values[i]) {
            return left->values[i] < right->values[i] ? -1 : 1;
        }
    }
    return left->row < right->row ? -1 : left->row > right->row;
}

static bool points_agree(const struct point *a, const struct point *b)
{
    for (int i = 0; i < a->axes; i++) {
        if (a->values[i] != b->values[i]) {
            return false;
        }
    }
    return true;
}

/* Two rows of the same values would make two arms of the same name. */
static int check_repeats(struct study_reader *r, int rows)
{
    const int axes = r->study->axis_count;
    struct point *points = calloc((size_t)rows + 1, sizeof(*points));
    double *values = malloc(((size_t)rows * (size_t)axes + 1) * sizeof(*values));
    int status = -1;
    if (!points || !values) {
        diagnostics_out_of_memory(r->d);
        goto out;
    }
    for (int i = 0; i < rows; i++) {
        for (int a = 0; a < axes; a++) {
            values[(ptrdiff_t)i * axes + a] = r->axes[a].values[i];
        }
        points[i] = (struct point){values + (ptrdiff_t)i * axes, axes, i};
    }
    qsort(points, (size_t)rows, sizeof(*points), point_compare);
    for (int i = 1; i < rows; i++) {
        if (points_agree(&points[i], &points[i - 1])) {
            const struct axis_cell *cell = &r->axes[0].cells[points[i].row];
            diagnostics_error(r->d, (struct place){r->table_path, cell->line, 1},
                              "the values of this row are those of line %d already",
                              r->axes[0].cells[points[i - 1].row].line);
        }
    }
    status = 0;
out:
    free(points);
    free(values);
    return status;
}

/* --- the whole --- */

static int read_entries(struct study_reader *r, int rows)
{
    for (int a = 0; a < r->study->axis_count; a++) {
        if (read_cells(r, &r->axes[a], rows)) {
            return -1;
        }
    }
    r->study->point_count = rows;
    return check_repeats(r, rows);
}

/* The axes that the sweep names, and the table has no column of. */
static void check_found(struct study_reader *r, const struct node *map, const bool *found)
{
    for (int i = 0; i < map->count; i++) {
        if (!found[i] && !study_is_sweep_key(map->keys[i])) {
            study_error(r, map->keys[i], "the table has no column \"%s\"", map->keys[i]->text);
        }
    }
}

/* A node for every column of the header, so that messages about them have a place. -1 without memory. */
static int read_header(struct study_reader *r)
{
    r->columns = node_empty(NODE_MAP, 0, 0);
    if (!r->columns) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < r->table->count; i++) {
        if (add_column(r, &r->table->cells[i])) {
            return diagnostics_out_of_memory(r->d);
        }
    }
    return 0;
}

int study_open_sweep_table(struct study_reader *r, const struct node *map)
{
    const struct node *node = node_find(map, "table");
    const int errors = r->d->errors;
    if (!node_is_scalar(node)) {
        if (!node) {
            study_error(r, map, "which table? a sweep of the design table needs `table: FILE.csv`");
        }
        return 0;
    }
    r->table_path = study_path(r, node->text);
    r->table = calloc(1, sizeof(*r->table));
    if (!r->table_path || !r->table) {
        return diagnostics_out_of_memory(r->d);
    }
    const struct study_input *input = study_input(r, node->text, &csv_limits);
    if (!input || csv_parse(r->table, r->table_path, input->text, input->size, r->d) ||
        csv_next(r->table, r->d) != CSV_ROW) {
        if (r->d->errors == errors) {
            study_error(r, node, "the table is empty; its first row names the axes");
        }
        return 0;
    }
    if (r->table->count > STUDY_LIST_MAX) {
        diagnostics_error(
            r->d, (struct place){r->table_path, r->table->line, r->table->cells[STUDY_LIST_MAX].column},
            "%d axes are more than %d", r->table->count, STUDY_LIST_MAX);
        return 0;
    }
    return read_header(r);
}

int study_read_sweep_table(struct study_reader *r, const struct node *map)
{
    const int errors = r->d->errors;
    bool *found;
    int rows;
    if (study_list_length(r, map, "keys of a sweep") == 0 || !r->columns) {
        return 0; /* told, of the table when it was opened */
    }
    found = calloc((size_t)map->count + 1, sizeof(*found));
    if (!found || study_reserve_axes(r, r->columns->count)) {
        free(found);
        return diagnostics_out_of_memory(r->d);
    }
    add_axes(r, map, found);
    check_found(r, map, found);
    free(found);
    rows = r->d->errors == errors ? read_rows(r) : 0;
    if (rows < 0) {
        return -1;
    }
    if (r->d->errors > errors) {
        return 0;
    }
    const struct node *node = node_find(map, "table");
    if (rows == 0) {
        study_error(r, node, "the table has no rows below its header");
        return 0;
    }
    if ((double)rows * r->arm_count > STUDY_ARMS_MAX) {
        study_error(r, node, "the sweep makes more than %d arms", STUDY_ARMS_MAX);
        return 0;
    }
    return read_entries(r, rows);
}
