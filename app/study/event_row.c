#include "event_reader.h"
#include "table_header.h"

#include "model/number.h"

#include <math.h>
#include <string.h>

/* What each cell may hold by itself. */
static const struct kind {
    const char *wanted;
    bool required; /* in every row, if there is such a column */
    bool whole;
    double lowest;
    double highest;
} kinds[COLUMN_COUNT] = {
    [COLUMN_ID] = {"a whole number from 1 to 9007199254740991", true, true, 1, 0x1p53 - 1},
    [COLUMN_TIME] = {"a number of 0 or above (and no time of day)", true, false, 0, INFINITY},
    [COLUMN_EVID] = {"0, 1, 2, 3 or 4", false, true, 0, 4},
    [COLUMN_AMT] = {"a number of 0 or above", false, false, 0, INFINITY},
    [COLUMN_RATE] = {"a number of 0 or above, -1 or -2", false, false, -2, INFINITY},
    [COLUMN_DUR] = {"a number of 0 or above", false, false, 0, INFINITY},
    [COLUMN_ADDL] = {"a whole number from 0 to 1000000", false, true, 0, EVENT_ADDITIONAL_MAX},
    [COLUMN_II] = {"a number of 0 or above", false, false, 0, INFINITY},
    [COLUMN_SS] = {"0, 1, 2 or 3", false, true, 0, 3},
    [COLUMN_MDV] = {"0 or 1", false, true, 0, 1},
    [COLUMN_DV] = {"a number", false, false, -INFINITY, INFINITY},
    [COLUMN_OCC] = {"a whole number from 1 to 1000000", true, true, 1, EVENT_OCCASIONS_MAX},
};

/* The columns that say what a dose is. */
static const enum event_column dosing[] = {COLUMN_AMT,  COLUMN_RATE, COLUMN_DUR,
                                           COLUMN_ADDL, COLUMN_II,   COLUMN_SS};

enum { DOSING_COUNT = sizeof(dosing) / sizeof(dosing[0]) };

struct place event_place(const struct event_reader *r, int cell)
{
    const int column = cell >= 0 ? r->csv.cells[cell].column : r->csv.cells[0].column;

    return (struct place){r->csv.path, r->csv.line, column};
}

void event_warn(struct event_reader *r, enum event_warning warning, int cell)
{
    if (r->warned[warning]++ == 0) {
        r->at[warning] = event_place(r, cell);
    }
}

static struct place place_of(const struct event_reader *r, enum event_column column)
{
    return event_place(r, r->cells[column]);
}

static const char *text_of(const struct event_reader *r, enum event_column column)
{
    return r->cells[column] >= 0 ? r->csv.cells[r->cells[column]].text : "";
}

static bool is_missing(const char *text)
{
    return *text == '\0' || strcmp(text, ".") == 0;
}

/* --- cells --- */

static void read_cell(struct event_reader *r, struct event_row *row, enum event_column column)
{
    const struct kind *kind = &kinds[column];
    const char *name = event_column_names[column];
    const char *text = text_of(r, column);
    double value = 0;

    row->value[column] = 0;
    row->state[column] = CELL_MISSING;
    if (r->cells[column] < 0 || (is_missing(text) && !kind->required)) {
        return;
    }
    if (is_missing(text)) {
        diagnostics_error(r->d, place_of(r, column), "%s is missing; it must be %s", name, kind->wanted);
        row->state[column] = CELL_WRONG;
    } else if (!number_read(text, &value) || value < kind->lowest || value > kind->highest ||
               (kind->whole && value != floor(value)) ||
               (column == COLUMN_RATE && value < 0 && value != RATE_MODELED && value != DURATION_MODELED)) {
        diagnostics_error(r->d, place_of(r, column), "%s must be %s, and is \"%s\"", name, kind->wanted,
                          text);
        row->state[column] = CELL_WRONG;
    } else {
        row->value[column] = value;
        row->state[column] = CELL_GIVEN;
    }
}

/* Converts a cell to internal units. */
static void convert(struct event_reader *r, struct event_row *row, enum event_column column, double num,
                    double den)
{
    row->value[column] = row->value[column] * num / den;
    if (!isfinite(row->value[column])) {
        diagnostics_error(r->d, place_of(r, column), "%s \"%s\" is too large", event_column_names[column],
                          text_of(r, column));
        row->value[column] = 0;
        row->state[column] = CELL_WRONG;
    }
}

static void read_cells(struct event_reader *r, struct event_row *row)
{
    const struct event_factor time = r->rules->time;
    const struct event_factor amount = r->rules->amount;

    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (i == COLUMN_CMT) {
            row->value[i] = 0;
            row->state[i] = is_missing(text_of(r, (enum event_column)i)) ? CELL_MISSING : CELL_GIVEN;
        } else {
            read_cell(r, row, (enum event_column)i);
        }
    }
    convert(r, row, COLUMN_TIME, time.num, time.den);
    convert(r, row, COLUMN_II, time.num, time.den);
    convert(r, row, COLUMN_DUR, time.num, time.den);
    convert(r, row, COLUMN_AMT, amount.num, amount.den);
    if (row->value[COLUMN_TIME] > EVENT_TIME_MAX) {
        diagnostics_error(r->d, place_of(r, COLUMN_TIME), "TIME \"%s\" is later than %d h",
                          text_of(r, COLUMN_TIME), EVENT_TIME_MAX);
        row->state[COLUMN_TIME] = CELL_WRONG;
    }
    if (row->value[COLUMN_RATE] > 0) {
        convert(r, row, COLUMN_RATE, amount.num * time.den, amount.den * time.num);
    }
}

static void read_values(struct event_reader *r, double *values)
{
    for (int i = 0; i < r->table->column_count; i++) {
        const int cell = r->values[i].cell;
        values[i] =
            table_read_covariate(r->values[i].covariate, r->csv.cells[cell].text, event_place(r, cell), r->d);
    }
}

/* --- what the cells say together --- */

/* A table without EVID has doses where something is given, and observations elsewhere. */
static enum event_kind find_kind(const struct event_reader *r, const struct event_row *row)
{
    if (r->cells[COLUMN_EVID] >= 0) {
        return (enum event_kind)row->value[COLUMN_EVID];
    }
    const bool infusion = row->value[COLUMN_RATE] != 0 && row->value[COLUMN_SS] != 0;
    return row->value[COLUMN_AMT] != 0 || infusion ? EVENT_DOSE : EVENT_OBSERVATION;
}

static bool is_dose(enum event_kind kind)
{
    return kind == EVENT_DOSE || kind == EVENT_RESET_AND_DOSE;
}

/* NONMEM stops at these, too. */
static void check_no_dose(struct event_reader *r, const struct event_row *row, enum event_kind kind)
{
    for (int i = 0; i < DOSING_COUNT; i++) {
        const enum event_column column = dosing[i];
        if (row->value[column] != 0) {
            diagnostics_error(r->d, place_of(r, column),
                              "%s must be 0 on a row without a dose (EVID %d), and is \"%s\"",
                              event_column_names[column], (int)kind, text_of(r, column));
        }
    }
}

/* AMT 0 with a rate, at steady state: an infusion that has been running forever, up to this row. */
static bool is_constant_infusion(const struct event_row *row)
{
    const double rate = row->value[COLUMN_RATE];

    return row->value[COLUMN_AMT] == 0 && row->value[COLUMN_SS] > 0 && (rate > 0 || rate == RATE_MODELED);
}

static void check_constant_infusion(struct event_reader *r, const struct event_row *row)
{
    static const enum event_column unused[] = {COLUMN_II, COLUMN_ADDL};

    for (int i = 0; i < 2; i++) {
        if (row->value[unused[i]] != 0) {
            diagnostics_error(r->d, place_of(r, unused[i]),
                              "%s must be 0 with a constant infusion (AMT 0, SS and RATE), and is \"%s\"",
                              event_column_names[unused[i]], text_of(r, unused[i]));
        }
    }
}

static void check_amount(struct event_reader *r, const struct event_row *row)
{
    if (r->cells[COLUMN_AMT] < 0) {
        if (!r->no_amount_told) {
            diagnostics_error(r->d, event_place(r, r->cells[COLUMN_EVID]),
                              "a dose, and the table has no column AMT");
        }
        r->no_amount_told = true;
    } else if (row->state[COLUMN_AMT] == CELL_MISSING) {
        diagnostics_error(r->d, place_of(r, COLUMN_AMT), "AMT of a dose is missing");
    } else if (row->value[COLUMN_AMT] == 0) {
        diagnostics_error(
            r->d, place_of(r, COLUMN_AMT),
            "AMT 0 is no dose, but for a constant infusion at steady state (SS 1 or 2, RATE above 0 or "
            "-1, II 0)");
    }
}

static void check_dose(struct event_reader *r, const struct event_row *row)
{
    const double rate = row->value[COLUMN_RATE];
    const bool interval = row->value[COLUMN_II] > 0;
    const bool steady = row->value[COLUMN_SS] > 0;

    if (rate != 0 && row->value[COLUMN_DUR] != 0) {
        diagnostics_error(r->d, place_of(r, COLUMN_DUR),
                          "RATE and DUR together say the same twice; leave one out");
    }
    if (is_constant_infusion(row)) {
        check_constant_infusion(r, row);
        return;
    }
    check_amount(r, row);
    if (rate > 0 && !isfinite(row->value[COLUMN_AMT] / rate)) {
        diagnostics_error(r->d, place_of(r, COLUMN_RATE), "at RATE \"%s\" the dose takes forever",
                          text_of(r, COLUMN_RATE));
    }
    if (row->value[COLUMN_ADDL] > 0 && !interval) {
        diagnostics_error(r->d, place_of(r, COLUMN_ADDL),
                          "ADDL needs an II above 0: the time from dose to dose");
    }
    if (steady && !interval && row->value[COLUMN_AMT] > 0) {
        diagnostics_error(
            r->d, place_of(r, COLUMN_SS),
            "SS needs an II above 0: the time from dose to dose (a constant infusion has AMT 0)");
    }
    if (interval && row->value[COLUMN_II] < event_interval_shortest) {
        diagnostics_error(r->d, place_of(r, COLUMN_II), "II \"%s\" is shorter than 0.000001 h",
                          text_of(r, COLUMN_II));
    }
    if (interval && !steady && row->value[COLUMN_ADDL] == 0) {
        event_warn(r, WARNING_INTERVAL, r->cells[COLUMN_II]);
    }
}

static void check_observed(struct event_reader *r, const struct event_row *row, enum event_kind kind)
{
    if (kind == EVENT_OBSERVATION) {
        return;
    }
    if (row->state[COLUMN_MDV] == CELL_GIVEN && row->value[COLUMN_MDV] == 0) {
        diagnostics_error(r->d, place_of(r, COLUMN_MDV),
                          "MDV must be 1 on a row that is no observation (EVID %d)", (int)kind);
    }
    if (row->value[COLUMN_DV] != 0) {
        event_warn(r, WARNING_OBSERVED, r->cells[COLUMN_DV]);
    }
}

static bool is_readable(const struct event_row *row)
{
    bool readable = row->state[COLUMN_EVID] != CELL_WRONG;

    for (int i = 0; i < DOSING_COUNT; i++) {
        readable &= row->state[dosing[i]] != CELL_WRONG;
    }
    return readable;
}

void event_row_read(struct event_reader *r, struct event *event, double *values, int64_t *id)
{
    static const enum steady_state steady_states[] = {STEADY_STATE_NONE, STEADY_STATE_RESETS,
                                                      STEADY_STATE_ADDS, STEADY_STATE_RESETS};
    struct event_row row;

    read_cells(r, &row);
    read_values(r, values);
    const enum event_kind kind = find_kind(r, &row);
    const bool dose = is_dose(kind);
    const int entry = event_entry_find(r, dose);
    if (is_readable(&row)) {
        if (dose) {
            check_dose(r, &row);
            event_entry_check(r, &row, entry);
        } else {
            check_no_dose(r, &row, kind);
        }
        check_observed(r, &row, kind);
    }
    *id = (int64_t)row.value[COLUMN_ID];
    *event = (struct event){
        .time = row.state[COLUMN_TIME] == CELL_WRONG ? NAN : row.value[COLUMN_TIME],
        .kind = kind,
        .amount = row.value[COLUMN_AMT],
        .rate = row.value[COLUMN_RATE],
        .duration = row.value[COLUMN_DUR],
        .interval = row.value[COLUMN_II],
        .additional = (int)row.value[COLUMN_ADDL],
        .steady_state = steady_states[(int)row.value[COLUMN_SS]],
        .entry = entry,
        .occasion = (int)row.value[COLUMN_OCC],
        .missing =
            kind != EVENT_OBSERVATION || row.value[COLUMN_MDV] == 1 || row.state[COLUMN_DV] != CELL_GIVEN,
        .observed =
            kind == EVENT_OBSERVATION && row.state[COLUMN_DV] == CELL_GIVEN ? row.value[COLUMN_DV] : NAN,
        .line = r->csv.line,
    };
}
