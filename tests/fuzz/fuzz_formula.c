/* Formulas, over the names of a small model. */
#include "fuzz.h"

#include "model/formula.h"

#include <math.h>

static const char *const names[] = {"age", "weight", "V", "CL", "eta_1"};
enum { NAME_COUNT = sizeof(names) / sizeof(*names) };

static const double points[][NAME_COUNT] = {{45, 70, 20, 1, 0.1},
                                            {0, 0, 0, 0, 0},
                                            {-1, 1e300, 1e-300, -1e300, 5e-324},
                                            {NAN, INFINITY, -INFINITY, 1, 2}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    double values[NAME_COUNT];
    struct formula_error why = {""};

    memcpy(values, points[0], sizeof(values));
    struct formula *formula = formula_create(text, names, values, NAME_COUNT, &why);
    fuzz_promise(formula || why.text[0] != '\0');
    fuzz_promise(strnlen(why.text, sizeof(why.text)) < sizeof(why.text));
    for (size_t i = 0; formula && i < sizeof(points) / sizeof(*points); i++) {
        memcpy(values, points[i], sizeof(values));
        const double once = formula_value(formula);
        const double twice = formula_value(formula); /* the same, also after a failure */
        fuzz_promise(once == twice || (isnan(once) && isnan(twice)));
        for (int k = 0; k < NAME_COUNT; k++) { /* a formula changes nothing */
            fuzz_promise(memcmp(&values[k], &points[i][k], sizeof(double)) == 0);
        }
    }
    for (int k = 0; k < NAME_COUNT; k++) {
        formula_mentions(text, names[k]);
    }
    formula_name_allowed(text);
    formula_free(formula);
    free(text);
    return 0;
}
