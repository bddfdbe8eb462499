#include "certificate.h"

#include "model/random.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A sample holds at least so many simulations, and one of so many; and some of each arm, of up to so many. CVODE takes several times
 * as long as the exact propagator that it checks. */
enum { SAMPLE_MIN = 32, SAMPLE_EVERY = 100, SAMPLE_EVERY_EXACT = 400, ARMS_MAX = 32 };

/* How many simulations make a group: so many are solved side by side at the cost of one, and more than `most` are not much cheaper than
 * `most` each. */
struct width {
    int whole;
    int most;
};
static const struct width by_propagator = {8, 8};
static const struct width by_cvode = {4, CERTIFICATE_GROUP_MAX};

/* Times rtol: the largest discrepancy that follows from the tolerances. See README.md. */
static const double LIMIT_FACTOR = 500;

/* Below, rounding errors count as much as tolerances. */
static const double LIMIT_RTOL_MIN = 1e-11;

/* CVODE keeps the balance to rounding, times the fastest rate and the length of its steps; up to 1e8/h are allowed. */
const double CERTIFICATE_IMBALANCE_LIMIT = 1e-6;

static const double FLOOR = 1e-3; /* ng/mL */

/* CVODE where it checks the propagator; and times the tolerances where it checks itself. */
static const struct integrator_options checking = {.rtol = 1e-9, .atol = 1e-13};
static const double FINER = 0.01;
static const double RTOL_MIN = 1e-13;

/* --- The other route --- */

static bool is_exact(const struct study *study)
{
    const struct integrator *integrator = integrator_find(study->method);
    return integrator && integrator->only_linear;
}

struct certificate_route certificate_route(const struct study *study, const struct model *model)
{
    const bool exact = is_exact(study);
    struct certificate_route route = {integrator_find("cvode"), checking};
    if (!exact && model_is_linear(model)) {
        route.integrator = integrator_find("exact");
    } else if (!exact) {
        route.options.rtol = fmax(FINER * study->rtol, RTOL_MIN);
        route.options.atol = FINER * study->atol;
    }
    route.options.max_steps = 10 * study->max_steps; /* at most INT32_MAX */
    return route;
}

struct certificate_text certificate_describe(const struct study *study)
{
    struct certificate_text text = {""};
    bool told[2] = {false, false}; /* exactly, by CVODE */
    for (int m = 0; m < study->model_count; m++) {
        const struct certificate_route route = certificate_route(study, &study->models[m]);
        const bool exact = route.integrator->only_linear;
        const size_t used = strlen(text.text);
        if (told[exact ? 0 : 1]) {
            continue;
        }
        told[exact ? 0 : 1] = true;
        snprintf(text.text + used, sizeof(text.text) - used,
                 exact ? "%sthe exact propagator" : "%sCVODE at rtol %g", used > 0 ? " or " : "",
                 route.options.rtol);
    }
    return text;
}

double certificate_limit(const struct study *study)
{
    return LIMIT_FACTOR * (is_exact(study) ? checking.rtol : fmax(study->rtol, LIMIT_RTOL_MIN));
}

double certificate_floor(const struct study *study, double scale)
{
    const double amount = is_exact(study) ? checking.atol / checking.rtol : study->atol / study->rtol;
    return fmax(FLOOR, amount * scale);
}

/* --- The sample --- */

static int64_t divided(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

struct certificate_sample certificate_sample(const struct study *study)
{
    const int64_t arms = study->arm_count;
    struct certificate_sample sample = {.total = arms * study->patient_count, .seed = study->seed};
    const int64_t least = divided(sample.total, is_exact(study) ? SAMPLE_EVERY_EXACT : SAMPLE_EVERY);
    const int64_t wanted = least > SAMPLE_MIN ? least : SAMPLE_MIN;
    struct width width = by_propagator;
    for (int m = 0; m < study->model_count; m++) {
        if (!certificate_route(study, &study->models[m]).integrator->only_linear) {
            width = by_cvode;
        }
    }
    sample.groups = divided(wanted, width.most);
    if (arms <= ARMS_MAX || arms <= sample.groups) {
        sample.groups = arms * divided(sample.groups, arms); /* as many of each arm */
    }
    sample.group = width.whole * (int)divided(divided(wanted, sample.groups), width.whole);
    if (sample.total / sample.groups < sample.group) {
        sample.groups = 0;
    }
    sample.size = sample.groups > 0 ? sample.groups * sample.group : sample.total;
    return sample;
}

/* Where the part of all simulations begins that group k is drawn from. */
static int64_t part_begin(const struct certificate_sample *sample, int64_t k)
{
    return (int64_t)((__int128)k * sample->total / sample->groups);
}

static int64_t group_first(const struct certificate_sample *sample, int64_t k)
{
    const int64_t begin = part_begin(sample, k);
    const int64_t places = part_begin(sample, k + 1) - begin - sample->group + 1;
    const double u = random_uniform(sample->seed, (uint64_t)k, PURPOSE_CERTIFICATE, 0);
    const int64_t place = (int64_t)(u * (double)places);
    return begin + (place < places ? place : places - 1);
}

int64_t certificate_before(const struct certificate_sample *sample, int64_t number)
{
    if (sample->groups == 0 || number >= sample->total) {
        return number < sample->total ? number : sample->size;
    }
    int64_t k = (int64_t)((double)number / (double)sample->total * (double)sample->groups);
    while (k > 0 && part_begin(sample, k) > number) {
        k--;
    }
    while (part_begin(sample, k + 1) <= number) {
        k++;
    }
    const int64_t into = number - group_first(sample, k);
    return k * sample->group + (into < 0 ? 0 : into < sample->group ? into : sample->group);
}

int64_t certificate_number(const struct certificate_sample *sample, int64_t position)
{
    return sample->groups == 0 ? position
                               : group_first(sample, position / sample->group) + position % sample->group;
}

/* --- What it comes to --- */

static void keep_worst(struct certificate *certificate, const struct certified *worst,
                       const struct certified *unbalanced)
{
    const struct certified *w = &certificate->worst;
    const struct certified *u = &certificate->unbalanced;
    const bool none = certificate->compared == 0;
    if (none || worst->discrepancy > w->discrepancy ||
        (worst->discrepancy == w->discrepancy && worst->position < w->position)) {
        certificate->worst = *worst;
    }
    if (none || unbalanced->imbalance > u->imbalance ||
        (unbalanced->imbalance == u->imbalance && unbalanced->position < u->position)) {
        certificate->unbalanced = *unbalanced;
    }
}

void certificate_add(struct certificate *certificate, const struct certified *one)
{
    certificate->unsolved += one->outcome == CERTIFICATE_UNSOLVED;
    certificate->failed += one->outcome == CERTIFICATE_FAILED;
    if (one->outcome == CERTIFICATE_AGREES || one->outcome == CERTIFICATE_DIFFERS) {
        keep_worst(certificate, one, one);
        certificate->compared++;
        certificate->differing += one->outcome == CERTIFICATE_DIFFERS;
    }
}

bool certificate_holds(const struct certificate *certificate)
{
    return certificate->differing == 0 && (certificate->compared > 0 || certificate->unsolved == 0);
}

void certificate_join(struct certificate *certificate, const struct certificate *other)
{
    if (other->compared > 0) {
        keep_worst(certificate, &other->worst, &other->unbalanced);
    }
    certificate->compared += other->compared;
    certificate->differing += other->differing;
    certificate->unsolved += other->unsolved;
    certificate->failed += other->failed;
}
