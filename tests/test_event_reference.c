/* The scenarios of tests/reference/events: tables without a mistake, with a row for each value expected, which the closed
 * form of the model gives to the last digit printed. So neither the tables nor the values were mistyped. */
#include "event_check.h"

#include "app/base/csv_reader.h"

enum { SCENARIOS = 29, TIMES = 6, PAST_DOSES = 3000 };

static const double clearance = 1.1; /* L/h */
static const double volume = 20;     /* L */
static const double absorption = 1.5;

struct scenario {
    double lag, fraction, duration;
    double times[TIMES];
    double values[TIMES];
};

static double number_of(const char *text)
{
    char *end = NULL;
    const double value = strtod(text, &end);

    assert_true(*end == '\0');
    return value;
}

static void read_expected(struct scenario scenarios[SCENARIOS])
{
    struct csv csv;
    struct diagnostics d;

    diagnostics_init(&d);
    assert_int_equal(csv_read(&csv, SOURCE_DIR "/tests/reference/events/expected.csv", &d), 0);
    assert_int_equal(csv_next(&csv, &d), CSV_ROW);
    assert_string_equal(csv.cells[5].text, "value");
    for (int i = 0; i < SCENARIOS * TIMES; i++) {
        struct scenario *scenario = &scenarios[i / TIMES];
        assert_int_equal(csv_next(&csv, &d), CSV_ROW);
        assert_int_equal(csv.count, 7);
        assert_int_equal(atoi(csv.cells[0].text), i / TIMES + 1);
        scenario->lag = number_of(csv.cells[1].text);
        scenario->fraction = number_of(csv.cells[2].text);
        scenario->duration = number_of(csv.cells[3].text);
        scenario->times[i % TIMES] = number_of(csv.cells[4].text);
        scenario->values[i % TIMES] = number_of(csv.cells[5].text);
    }
    assert_int_equal(csv_next(&csv, &d), CSV_END);
    csv_clear(&csv);
    diagnostics_clear(&d);
}

/* Amount in central of 1 mg at once, t hours ago, and its integral over these hours; of the depot, which has both terms. */
static double bolus(double t, bool depot)
{
    const double k = clearance / volume;
    const double share = absorption / (absorption - k);

    return t < 0 ? 0 : depot ? share * (exp(-k * t) - exp(-absorption * t)) : exp(-k * t);
}

static double bolus_integral(double t, bool depot)
{
    const double k = clearance / volume;
    const double slow = t > 0 ? -expm1(-k * t) / k : 0;
    const double fast = t > 0 ? -expm1(-absorption * t) / absorption : 0;

    return depot ? absorption / (absorption - k) * (slow - fast) : slow;
}

/* Amount in central at `time` of one dose and those that its row adds, before and after. */
static double amount_of(const struct event *dose, const struct scenario *scenario, double time)
{
    const bool depot = dose->entry == 0;
    const double amount = dose->amount * (depot ? 1 : scenario->fraction);
    const double first = dose->time + (depot ? 0 : scenario->lag);
    const double over = dose->rate == DURATION_MODELED ? scenario->duration
                        : dose->rate > 0               ? amount / dose->rate
                                                       : 0;
    double sum = 0;

    if (dose->amount == 0) { /* an infusion that ran forever until now */
        return dose->rate *
               (bolus_integral(time - dose->time + 1e5, depot) - bolus_integral(time - dose->time, depot));
    }
    for (int i = dose->steady_state != STEADY_STATE_NONE ? -PAST_DOSES : 0; i <= dose->additional; i++) {
        const double t = time - first - i * dose->interval;
        sum += over > 0 ? amount / over * (bolus_integral(t, depot) - bolus_integral(t - over, depot))
                        : amount * bolus(t, depot);
    }
    return sum;
}

/* The level in ng/mL at row `row`, of all doses since the last reset. */
static double level_at(const struct event_table *table, const struct scenario *scenario, int64_t row)
{
    int64_t first = row;
    double amount = 0;

    for (; first > 0; first--) {
        const struct event *event = &table->events[first];
        if (event->kind == EVENT_RESET || event->kind == EVENT_RESET_AND_DOSE ||
            event->steady_state == STEADY_STATE_RESETS) {
            break;
        }
    }
    for (int64_t i = first; i < row; i++) {
        const struct event *event = &table->events[i];
        amount += event->entry >= 0 ? amount_of(event, scenario, table->events[row].time) : 0;
    }
    return 1000 * amount / volume;
}

static void test_scenarios_are_as_printed(void **state)
{
    struct scenario scenarios[SCENARIOS] = {0};
    struct diagnostics d;
    struct model model;
    struct units *units = units_create();
    (void)state;

    diagnostics_init(&d);
    read_expected(scenarios);
    assert_int_equal(model_read(&model, SOURCE_DIR "/tests/reference/events/model.yaml", units, NOWHERE, &d),
                     0);
    const struct event_rules rules = {.models = &model, .model_count = 1, .time = {1, 1}, .amount = {1, 1}};
    for (int i = 0; i < SCENARIOS; i++) {
        char path[256];
        struct event_table table;
        int seen = 0;
        snprintf(path, sizeof(path), "%s/tests/reference/events/%02d.csv", SOURCE_DIR, i + 1);
        event_table_read(&table, path, &rules, &d);
        assert_no_errors(&d);
        assert_int_equal(d.count, 0);
        for (int e = 0; e < table.entry_count; e++) { /* so that entry 0 is the depot */
            table.entries[e] -= model.route_count;
        }
        for (int64_t row = 0; row < table.event_count; row++) {
            struct event *event = &table.events[row];
            event->entry = event->entry >= 0 ? table.entries[event->entry] : -1;
            if (event->kind != EVENT_OBSERVATION) {
                continue;
            }
            assert_true(seen < TIMES && event->time == scenarios[i].times[seen]);
            const double value = scenarios[i].values[seen++];
            const double digit = value > 0 ? pow(10, floor(log10(value)) - 4) : 0;
            assert_close(level_at(&table, &scenarios[i], row), value, 0, 0.501 * digit);
        }
        assert_int_equal(seen, TIMES);
        event_table_clear(&table);
    }
    model_clear(&model);
    units_free(units);
    diagnostics_clear(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scenarios_are_as_printed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
