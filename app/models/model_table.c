#include "model_table.h"

#include <string.h>

enum {
    COLUMN_MODEL,
    COLUMN_DRUG,
    COLUMN_PATIENTS,
    COLUMN_SAMPLING,
    COLUMN_ROUTES,
    COLUMN_ANALYTES,
    COLUMN_COUNT
};
enum { CELL_SIZE = 32 }; /* letters that fit, and one byte: six columns stay within some 110 letters */

struct row {
    char cells[COLUMN_COUNT][CELL_SIZE];
};

/* Adds a word to a list in a cell; dots stand for the words that do not fit. */
static void cell_add(char *cell, const char *word)
{
    static const char dots[] = ", ...";
    const size_t length = strlen(cell);
    const bool fits = length + strlen(", ") + strlen(word) + sizeof(dots) <= CELL_SIZE;

    if (length == 0) {
        snprintf(cell, CELL_SIZE, "%s", word);
    } else if (length >= strlen(dots) && strcmp(cell + length - strlen(dots), dots) == 0) {
        return;
    } else {
        snprintf(cell + length, CELL_SIZE - length, "%s%s", fits ? ", " : dots, fits ? word : "");
    }
}

static void row_fill(struct row *row, const struct model *model)
{
    *row = (struct row){0};
    cell_add(row->cells[COLUMN_MODEL], model->name);
    cell_add(row->cells[COLUMN_DRUG], model->drug);
    cell_add(row->cells[COLUMN_PATIENTS], model->age_group);
    cell_add(row->cells[COLUMN_SAMPLING], model->sampling);
    for (int i = 0; i < model->route_count; i++) {
        cell_add(row->cells[COLUMN_ROUTES], model->routes[i].name);
    }
    for (int i = 0; i < model->output_count; i++) {
        cell_add(row->cells[COLUMN_ANALYTES], model->outputs[i].analyte);
    }
}

static void row_print(FILE *out, const struct row *row, const int *widths)
{
    for (int i = 0; i < COLUMN_COUNT - 1; i++) {
        fprintf(out, "%-*s  ", widths[i], row->cells[i]);
    }
    fprintf(out, "%s\n", row->cells[COLUMN_COUNT - 1]);
}

void models_print(FILE *out, const struct model *models, int count)
{
    static const struct row heading = {{"model", "drug", "patients", "sampling", "routes", "analytes"}};
    int widths[COLUMN_COUNT] = {0};
    struct row row = heading;

    for (int i = -1; i < count; i++) {
        if (i >= 0) {
            row_fill(&row, &models[i]);
        }
        for (int j = 0; j < COLUMN_COUNT; j++) {
            const int width = (int)strlen(row.cells[j]);
            widths[j] = width > widths[j] ? width : widths[j];
        }
    }
    row_print(out, &heading, widths);
    for (int i = 0; i < count; i++) {
        row_fill(&row, &models[i]);
        row_print(out, &row, widths);
    }
}

void effect_site_print_line(FILE *out, const struct effect_site *site)
{
    fprintf(out, "%s  %s  %s\n", site->name, site->analyte, site->title);
}
