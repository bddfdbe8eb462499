/* Polynomial pieces of a level, and the spans that they are put together to. */
#include "check.h"

#include "solver/span.h"

static struct piece made(double start, double end, int degree, const double *c)
{
    struct piece piece = {.start = start, .end = end, .degree = degree};
    memcpy(piece.b, c, ((size_t)degree + 1) * sizeof(double));
    pieces_form(piece.b, degree, 1);
    return piece;
}

static void test_forms(void **state)
{
    /* 1 + 2 u - 3 u^2 + u^3: b = 1, 1 + 2/3, 1 + 4/3 - 1, 1 */
    static const double c[] = {1, 2, -3, 1};
    const struct piece piece = made(5, 7, 3, c);
    double rows[4 * 3]; /* three side by side */
    (void)state;
    for (int i = 0; i < 12; i++) {
        rows[i] = c[i / 3] * (1 + i % 3);
    }
    pieces_form(rows, 3, 3);
    const double b[] = {1, 5.0 / 3, 4.0 / 3, 1};
    for (int i = 0; i <= 3; i++) {
        assert_close(piece.b[i], b[i], 1e-15, 0);
        assert_close(rows[3 * i], b[i], 1e-15, 0);
        assert_close(rows[3 * i + 2], 3 * b[i], 1e-15, 0);
    }
    const double constant = 3;
    const struct piece flat = made(1, 4, 0, &constant);
    double time;
    assert_true(flat.b[0] == 3 && piece_area(&flat) == 9 && piece_lowest(&flat) == 3);
    assert_close(piece_moment(&flat), 13.5, 1e-15, 0);
    assert_true(piece_highest(&flat, &time) == 3 && time == 1);
    assert_true(piece_time_above(&flat, 3).total == 3 && piece_time_above(&flat, 3.1).total == 0);
}

static void test_areas(void **state)
{
    static const double c[] = {1, 2, -3, 1};
    struct piece piece = made(5, 7, 3, c);
    struct piece left, right;
    const double area = 2 * (1 + 1 - 1 + 1.0 / 4);
    const double moment = 4 * (1.0 / 2 + 2.0 / 3 - 3.0 / 4 + 1.0 / 5);
    (void)state;
    assert_close(piece_area(&piece), area, 1e-15, 0);
    assert_close(piece_moment(&piece), moment, 1e-15, 0);
    piece_split(&piece, 5.6, &left, &right);
    assert_true(left.end == 5.6 && right.start == 5.6 && left.start == 5 && right.end == 7);
    assert_close(piece_area(&left) + piece_area(&right), area, 1e-15, 0);
    assert_close(piece_moment(&left) + piece_moment(&right) + 0.6 * piece_area(&right), moment, 1e-15, 0);
    assert_close(left.b[3], 1 + 2 * 0.3 - 3 * 0.09 + 0.027, 1e-15, 0);
    piece_split(&piece, 5.6, &left, &piece); /* in place */
    assert_memory_equal(&piece, &right, sizeof(piece));
}

/* The Chebyshev polynomial of degree 8 on [0, 1] has 7 extrema, of height 1 in turns, and 8 roots: none may be overlooked. */
static void test_every_extremum(void **state)
{
    static const double c[] = {1, -128, 2688, -21504, 84480, -180224, 212992, -131072, 32768};
    double tilted[9];
    double time;
    (void)state;
    memcpy(tilted, c, sizeof(c));
    const struct piece waves = made(0, 1, 8, tilted);
    assert_close(piece_highest(&waves, &time), 1, 1e-10, 0);
    assert_close(piece_lowest(&waves), -1, 1e-10, 0);
    /* Roots at (1 + cos((2 i + 1) pi / 16)) / 2: above 0 between every other pair. */
    double above = 0;
    double from = 1;
    for (int i = 0; i <= 8; i++) {
        const double root = i < 8 ? (1 + cos((2 * i + 1) * acos(-1) / 16)) / 2 : 0;
        above += i % 2 == 0 ? from - root : 0;
        from = root;
    }
    assert_close(piece_time_above(&waves, 0).total, above, 1e-10, 0);
    /* With the left end lower, against plain sampling. */
    tilted[0] -= 0.5;
    tilted[8] -= 1e-9;
    const struct piece lower = made(0, 1, 8, tilted);
    double highest = -1;
    double when = 0;
    for (int i = 0; i <= 200000; i++) {
        const double u = i / 200000.0;
        double value = 0;
        for (int k = 8; k >= 0; k--) {
            value = value * u + tilted[k];
        }
        when = value > highest ? u : when;
        highest = value > highest ? value : highest;
    }
    assert_true(piece_highest(&lower, &time) >= highest - 1e-9);
    assert_close(piece_highest(&lower, &time), highest, 1e-9, 0);
}

/* (u - 1/2)^2 touches 0 in the middle; (u - 1/2)^3 has a flat place that is no extremum; a root exactly where it is halved. */
static void test_touching(void **state)
{
    static const double square[] = {0.25, -1, 1};
    static const double cube[] = {-0.125, 0.75, -1.5, 1};
    static const double line[] = {-1, 2};
    static const double waves[] = {0, 0.5, -1.5, 1}; /* u (u - 1/2) (u - 1): roots at both ends, too */
    double time;
    (void)state;
    const struct piece touching = made(0, 1, 2, square);
    assert_close(piece_lowest(&touching), 0, 0, 1e-16);
    assert_close(piece_time_above(&touching, 0).total, 1, 1e-15, 0);
    assert_true(piece_highest(&touching, &time) == 0.25 && time == 0);
    const struct piece flat = made(0, 1, 3, cube);
    assert_close(piece_lowest(&flat), -0.125, 1e-15, 0);
    assert_close(piece_time_above(&flat, 0).total, 0.5, 1e-9, 0);
    const struct piece through = made(0, 4, 1, line);
    assert_close(piece_time_above(&through, 0).total, 2, 1e-15, 0);
    const struct piece three = made(0, 1, 3, waves);
    assert_close(piece_time_above(&three, 0).total, 0.5, 1e-14, 0);
    assert_close(piece_highest(&three, &time), sqrt(3) / 36, 1e-14, 0);
    assert_close(time, 0.5 - sqrt(3) / 6, 1e-7, 0);
}

/* Pieces of sin on [0, 10] put together: what a span amounts to does not depend on where the pieces end. */
static void test_spans(void **state)
{
    static const double cuts[] = {0.5, 2, 7, 10};
    static const double thresholds[] = {0.3, 2};
    static const double steps[] = {0.25, 0.7, 1};
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct span room[3];
        struct time_above above[6];
        struct spans spans = {.spans = room, .thresholds = thresholds, .threshold_count = 2, .above = above};
        spans_begin(&spans, cuts, 4);
        assert_int_equal(spans.count, 3);
        for (double t = 0; t < 10; t += steps[k]) {
            double c[PIECE_DEGREE_MAX + 1];
            const double h = fmin(steps[k], 10 - t);
            double factor = 1;
            for (int i = 0; i <= 20; i++) {
                const double derivatives[] = {sin(t), cos(t), -sin(t), -cos(t)};
                c[i] = derivatives[i % 4] * factor;
                factor *= h / (i + 1);
            }
            struct piece piece = made(t, t + h, 20, c);
            spans_add(&spans, &piece);
        }
        const double half = acos(-1) / 2;
        assert_close(room[0].first, sin(0.5), 1e-14, 0);
        assert_close(room[1].last, sin(7), 1e-14, 0);
        for (int i = 0; i < 3; i++) {
            const double area = cos(cuts[i]) - cos(cuts[i + 1]);
            const double length = cuts[i + 1] - cuts[i];
            assert_close(room[i].area, area, 1e-13, 1e-14);
            assert_close(room[i].moment, sin(cuts[i + 1]) - sin(cuts[i]) - length * cos(cuts[i + 1]), 1e-13,
                         1e-14);
            assert_true(above[2 * i + 1].total == 0 && isnan(above[2 * i + 1].first));
        }
        assert_close(room[0].highest, 1, 1e-14, 0);
        assert_close(room[0].highest_time, half, 1e-8, 0);
        assert_close(room[1].highest, sin(2), 1e-14, 0);
        assert_true(room[1].highest_time == 2);
        assert_close(room[1].lowest, -1, 1e-14, 0);
        assert_close(room[2].highest_time, 5 * half, 1e-8, 0);
        assert_close(above[0].total, 1.5, 1e-13, 0);
        assert_true(above[0].first == 0.5 && above[0].last == 2);
        assert_close(above[2].total, 2 * half - asin(0.3) - 2 + (7 - 4 * half - asin(0.3)), 1e-13, 0);
        assert_true(above[2].first == 2 && above[2].last == 7); /* below in between */
        assert_close(above[4].last, 6 * half - asin(0.3), 1e-13, 0);
        assert_int_equal(spans_starting(&spans, 2), 1);
        assert_int_equal(spans_ending(&spans, 2), 0);
        assert_int_equal(spans_starting(&spans, 10), -1);
    }
}

/* Before the first piece the level is 0; what is given where two spans meet belongs to the later. */
static void test_edges(void **state)
{
    static const double cuts[] = {0, 1, 2, 3};
    static const double c[] = {4, -1};
    struct span room[3];
    struct spans spans = {.spans = room};
    (void)state;
    spans_begin(&spans, cuts, 4);
    const struct piece first = made(0.5, 1, 1, c);
    const struct piece second = made(1, 2, 0, (const double[]){9});
    spans_add(&spans, &first);
    spans_add(&spans, &second);
    assert_true(room[0].first == 0 && room[0].lowest == 0 && room[0].last == 3);
    assert_true(room[0].highest == 4 && room[0].highest_time == 0.5 && room[0].area == 1.75);
    assert_true(room[1].first == 9 && room[1].lowest == 9 && room[1].highest_time == 1);
    assert_true(room[2].highest == 0 && room[2].highest_time == 2 && room[2].area == 0);
    spans_begin(&spans, cuts, 4);
    assert_true(room[1].area == 0 && room[1].highest == 0 && spans.at == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),    cmocka_unit_test(test_areas), cmocka_unit_test(test_every_extremum),
        cmocka_unit_test(test_touching), cmocka_unit_test(test_spans), cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
