#include "event_reader.h"
#include "table_header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void event_table_clear(struct event_table *table)
{
    for (int i = 0; i < table->column_count; i++) {
        free(table->columns[i]);
    }
    free(table->columns);
    free(table->values);
    free(table->entries);
    free(table->patients);
    free(table->events);
    *table = (struct event_table){0};
}

static void reader_clear(struct event_reader *r)
{
    free(r->values);
    free(r->where);
    free(r->found);
    free(r->slots);
    csv_clear(&r->csv);
}

/* --- patients --- */

/* Where the id stands in the hash table, or would stand. */
static int64_t find_slot(const struct event_reader *r, int64_t id)
{
    uint64_t hash = (uint64_t)id * 0x9E3779B97F4A7C15u; /* spreads ids that differ in few bits */
    int64_t slot = (int64_t)((hash ^ hash >> 32) & (uint64_t)(r->slot_count - 1));

    while (r->slots[slot] != 0 && r->table->patients[r->slots[slot] - 1].id != id) {
        slot = (slot + 1) & (r->slot_count - 1);
    }
    return slot;
}

/* Room for one more patient, the hash table at most half full. */
static int reserve_patient(struct event_reader *r)
{
    struct event_table *table = r->table;

    if (table->patient_count < r->patient_capacity) {
        return 0;
    }
    const int64_t capacity = r->patient_capacity == 0 ? 64 : 2 * r->patient_capacity;
    struct event_patient *patients = realloc(table->patients, (size_t)capacity * sizeof(*patients));
    if (patients == NULL) {
        return -1;
    }
    table->patients = patients;
    r->patient_capacity = capacity;
    free(r->slots);
    r->slot_count = 2 * capacity;
    r->slots = calloc((size_t)r->slot_count, sizeof(*r->slots));
    if (r->slots == NULL) {
        return -1;
    }
    for (int64_t i = 0; i < table->patient_count; i++) {
        r->slots[find_slot(r, table->patients[i].id)] = i + 1;
    }
    return 0;
}

/* Begins the patient with the next event. -1 without memory. */
static int begin_patient(struct event_reader *r, int64_t id)
{
    struct event_table *table = r->table;

    if (reserve_patient(r)) {
        return diagnostics_out_of_memory(r->d);
    }
    const int64_t slot = find_slot(r, id);
    if (r->slots[slot] != 0) {
        const struct event_patient *before = &table->patients[r->slots[slot] - 1];
        diagnostics_error(
            r->d, event_place(r, r->cells[COLUMN_ID]),
            "ID %lld comes back (its rows began in line %d); sort the rows, so that those of a patient "
            "follow each other",
            (long long)id, table->events[before->first].line);
    }
    table->patients[table->patient_count] = (struct event_patient){.id = id, .first = table->event_count};
    r->slots[slot] = ++table->patient_count;
    return 0;
}

/* --- rows --- */

static int reserve_event(struct event_reader *r)
{
    struct event_table *table = r->table;

    if (table->event_count < r->event_capacity) {
        return 0;
    }
    const size_t columns = (size_t)table->column_count + 1;
    const size_t capacity = r->event_capacity == 0 ? 1024 : 2 * (size_t)r->event_capacity;
    struct event *events = realloc(table->events, capacity * sizeof(*events));
    if (events != NULL) {
        table->events = events;
    }
    double *values = realloc(table->values, capacity * columns * sizeof(*values));
    if (values != NULL) {
        table->values = values;
    }
    if (events == NULL || values == NULL) {
        return diagnostics_out_of_memory(r->d);
    }
    r->event_capacity = (int64_t)capacity;
    return 0;
}

/* Only a reset sets the clock back. */
static void check_time(struct event_reader *r, const struct event_patient *patient)
{
    const struct event *event = &r->table->events[r->table->event_count];
    const bool resets = event->kind == EVENT_RESET || event->kind == EVENT_RESET_AND_DOSE;

    if (r->table->event_count > patient->first && !resets && event->time < event[-1].time) {
        diagnostics_error(
            r->d, event_place(r, r->cells[COLUMN_TIME]),
            "TIME \"%s\" is before that of the row above; rows go by time, and only EVID 3 and 4 set "
            "the clock back",
            r->csv.cells[r->cells[COLUMN_TIME]].text);
    }
}

/* Adds the current row to the table. -1 where no more can be read. */
static int add_row(struct event_reader *r)
{
    struct event_table *table = r->table;
    int64_t id;

    if (table->event_count == EVENT_ROWS_MAX) {
        return diagnostics_error(r->d, event_place(r, 0), "more than %d rows", EVENT_ROWS_MAX);
    }
    if (reserve_event(r)) {
        return -1;
    }
    struct event *event = &table->events[table->event_count];
    event_row_read(r, event, table->values + table->event_count * table->column_count, &id);
    if (id == 0 || r->cells[COLUMN_TIME] < 0) {
        return 0; /* told: the row belongs to nobody, or is at no time */
    }
    if ((table->patient_count == 0 || table->patients[table->patient_count - 1].id != id) &&
        begin_patient(r, id)) {
        return -1;
    }
    struct event_patient *patient = &table->patients[table->patient_count - 1];
    check_time(r, patient);
    patient->count++;
    table->event_count++;
    table->most_events = patient->count > table->most_events ? patient->count : table->most_events;
    return 0;
}

static void read_rows(struct event_reader *r)
{
    int64_t rows = 0;

    while (true) {
        const enum csv_status status = csv_next(&r->csv, r->d);
        if (status == CSV_FAILED) {
            return;
        }
        if (status == CSV_END) {
            break;
        }
        rows++;
        if (status == CSV_ROW && table_check_length(&r->csv, r->header_count, r->d) == 0 && add_row(r)) {
            return;
        }
    }
    if (rows == 0) {
        diagnostics_error(r->d, (struct place){r->csv.path, r->csv.line, 1},
                          "the table has no rows below its header");
    }
}

/* --- the whole --- */

/* "(N rows)", for what has been told of the first of them. */
static void tell_warnings(struct event_reader *r)
{
    const struct place *at = r->at;

    if (r->warned[WARNING_INTERVAL] > 0) {
        diagnostics_warning(r->d, at[WARNING_INTERVAL], "II without ADDL or SS has no effect (rows: %lld)",
                            (long long)r->warned[WARNING_INTERVAL]);
    }
    if (r->warned[WARNING_OBSERVED] > 0) {
        diagnostics_warning(r->d, at[WARNING_OBSERVED],
                            "DV of a row that is no observation is not used (rows: %lld)",
                            (long long)r->warned[WARNING_OBSERVED]);
    }
    if (r->warned[WARNING_SAME_NAME] > 0) {
        const struct model *model = r->same_name_model;
        diagnostics_warning(
            r->d, at[WARNING_SAME_NAME],
            "\"%s\" is taken for the route of %s, not for its compartment of the same name, which is "
            "CMT %d (rows: %lld)",
            model->compartments[r->same_name], model->name, r->same_name + 1,
            (long long)r->warned[WARNING_SAME_NAME]);
    }
}

/* Reads what is in r->csv. */
static void read_table(struct event_reader *r)
{
    r->where = calloc((size_t)r->rules->model_count + 1, sizeof(*r->where));
    if (r->where == NULL) {
        diagnostics_out_of_memory(r->d);
        return;
    }
    if (event_header_read(r) == 0) {
        read_rows(r);
        tell_warnings(r);
        event_entries_finish(r);
    }
}

/* Ends reading: 0, or -1 with an empty table. */
static int finish(struct event_reader *r, int errors, int first)
{
    const int result = r->d->errors > errors ? -1 : 0;

    diagnostics_sort(r->d, first);
    if (result != 0) {
        event_table_clear(r->table);
    }
    reader_clear(r);
    return result;
}

int event_table_read(struct event_table *table, const char *path, const struct event_rules *rules,
                     struct diagnostics *d)
{
    struct event_reader r = {.rules = rules, .table = table, .d = d};
    const int errors = d->errors;
    const int first = d->count;

    *table = (struct event_table){0};
    if (csv_read(&r.csv, path, d) == 0) {
        read_table(&r);
    }
    return finish(&r, errors, first);
}

int event_table_parse(struct event_table *table, const char *path, const char *text, size_t size,
                      const struct event_rules *rules, struct diagnostics *d)
{
    struct event_reader r = {.rules = rules, .table = table, .d = d};
    const int errors = d->errors;
    const int first = d->count;

    *table = (struct event_table){0};
    if (csv_parse(&r.csv, path, text, size, d) == 0) {
        read_table(&r);
    }
    return finish(&r, errors, first);
}
