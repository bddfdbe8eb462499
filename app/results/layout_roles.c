/* What the roles of variables are called, and which dimensions go with them. */
#include "layout.h"

#include <string.h>

const char *role_text(enum role role)
{
    static const char *const texts[] = {
#define X(symbol, text) [symbol] = text,
        ROLE_LIST(X)
#undef X
    };

    return texts[role];
}

enum role role_find(const char *text)
{
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        if (strcmp(role_text(role), text) == 0) {
            return role;
        }
    }
    return ROLE_COUNT;
}

bool role_is_of_analyte(enum role role)
{
    return role == ROLE_METRIC || role == ROLE_INTERVAL_METRIC || role == ROLE_SESSION_METRIC ||
           role == ROLE_ABOVE || role == ROLE_BELOW || role == ROLE_SLOPE_FLAGS || role == ROLE_QUANTILE ||
           role == ROLE_PROFILE || role == ROLE_OBSERVED || role == ROLE_RECORD_LEVEL ||
           role == ROLE_RECORD_OBSERVED;
}

bool role_labels_arms(enum role role)
{
    return role == ROLE_ARM_NAME || role == ROLE_MODEL || role == ROLE_BASELINE || role == ROLE_SWEEP ||
           role == ROLE_REPLICATE;
}

bool role_is_of_study(enum role role)
{
    return role == ROLE_COORDINATE || role == ROLE_SWEEP || role == ROLE_INTERVAL || role == ROLE_SESSION ||
           role == ROLE_PATIENT || role == ROLE_RECORD || role == ROLE_RECORD_COVARIATE ||
           role == ROLE_REPLICATE || role == ROLE_DEVIATION;
}

bool role_is_text(enum role role)
{
    return role == ROLE_INPUT_TEXT || role == ROLE_MODEL || role == ROLE_ARM_NAME || role == ROLE_BASELINE ||
           role == ROLE_METRIC_UNIT;
}

/* Of a covariate, a parameter or its random effect: where it can differ between the arms; else it is per patient. */
static const struct role_shape patient_shape = {1, {DIMENSION_PATIENT}};

#define ARM_PATIENT                                                                                          \
    {                                                                                                        \
        2,                                                                                                   \
        {                                                                                                    \
            DIMENSION_ARM, DIMENSION_PATIENT                                                                 \
        }                                                                                                    \
    }
#define ARM_RECORD                                                                                           \
    {                                                                                                        \
        2,                                                                                                   \
        {                                                                                                    \
            DIMENSION_ARM, DIMENSION_RECORD                                                                  \
        }                                                                                                    \
    }
#define PROFILE                                                                                              \
    {                                                                                                        \
        3,                                                                                                   \
        {                                                                                                    \
            DIMENSION_ARM, DIMENSION_PATIENT, DIMENSION_TIME                                                 \
        }                                                                                                    \
    }
#define TREATMENT_METRIC                                                                                     \
    {                                                                                                        \
        2,                                                                                                   \
        {                                                                                                    \
            DIMENSION_TREATMENT, DIMENSION_METRIC                                                            \
        }                                                                                                    \
    }

static const struct role_shape shapes[ROLE_COUNT] = {
    [ROLE_INPUT_TEXT] = {1, {DIMENSION_INPUT}},
    [ROLE_ARM_NAME] = {1, {DIMENSION_ARM}},
    [ROLE_BASELINE] = {1, {DIMENSION_ARM}},
    [ROLE_MODEL] = {1, {DIMENSION_ARM}},
    [ROLE_SWEEP] = {1, {DIMENSION_ARM}},
    [ROLE_REPLICATE] = {1, {DIMENSION_ARM}},
    [ROLE_DEVIATION] = {1, {DIMENSION_ARM}},
    [ROLE_STATUS] = ARM_PATIENT,
    [ROLE_FAILURE_TIME] = ARM_PATIENT,
    [ROLE_STEPS] = ARM_PATIENT,
    [ROLE_OUTSIDE] = ARM_PATIENT,
    [ROLE_CLAMPED] = ARM_PATIENT,
    [ROLE_PATIENT] = {1, {DIMENSION_PATIENT}},
    [ROLE_COVARIATE] = ARM_PATIENT,
    [ROLE_PARAMETER] = ARM_PATIENT,
    [ROLE_EFFECT] = ARM_PATIENT,
    [ROLE_OCCASION_EFFECT] = {3, {DIMENSION_ARM, DIMENSION_PATIENT, DIMENSION_OCCASION}},
    [ROLE_METRIC] = ARM_PATIENT,
    [ROLE_INTERVAL] = {2, {DIMENSION_ARM, DIMENSION_INTERVAL}},
    [ROLE_INTERVAL_METRIC] = {3, {DIMENSION_ARM, DIMENSION_PATIENT, DIMENSION_INTERVAL}},
    [ROLE_SESSION] = {2, {DIMENSION_ARM, DIMENSION_SESSION}},
    [ROLE_SESSION_METRIC] = {3, {DIMENSION_ARM, DIMENSION_PATIENT, DIMENSION_SESSION}},
    [ROLE_ANSWERED] = {1, {DIMENSION_ARM}},
    [ROLE_ABOVE] = {3, {DIMENSION_ARM, DIMENSION_SESSION, DIMENSION_AFTER}},
    [ROLE_BELOW] = {3, {DIMENSION_ARM, DIMENSION_SESSION, DIMENSION_BELOW}},
    [ROLE_SLOPE_FLAGS] = ARM_PATIENT,
    [ROLE_METRIC_UNIT] = {1, {DIMENSION_METRIC}},
    [ROLE_SENSITIVITY] = {3, {DIMENSION_TREATMENT, DIMENSION_METRIC, DIMENSION_AXIS}},
    [ROLE_SENSITIVITY_DROPPED] = TREATMENT_METRIC,
    [ROLE_SENSITIVITY_GAP] = TREATMENT_METRIC,
    [ROLE_QUANTILE] = {3, {DIMENSION_ARM, DIMENSION_QUANTILE, DIMENSION_TIME}},
    [ROLE_PROFILE] = PROFILE,
    [ROLE_OBSERVED] = PROFILE,
    [ROLE_RECORD] = {1, {DIMENSION_RECORD}},
    [ROLE_RECORD_COVARIATE] = {1, {DIMENSION_RECORD}},
    [ROLE_RECORD_PARAMETER] = ARM_RECORD,
    [ROLE_RECORD_OCCASION_EFFECT] = ARM_RECORD,
    [ROLE_RECORD_LEVEL] = ARM_RECORD,
    [ROLE_RECORD_OBSERVED] = ARM_RECORD,
    [ROLE_SAMPLE] = {1, {DIMENSION_SAMPLE}},
    [ROLE_BLOCK_WORK] = {1, {DIMENSION_BLOCK}},
    [ROLE_CHECKSUM] = {2, {DIMENSION_BLOCK, DIMENSION_CHECKED}},
};

const struct role_shape *role_shape(enum role role, int rank)
{
    if ((role == ROLE_COVARIATE || role == ROLE_PARAMETER || role == ROLE_EFFECT) && rank == 1) {
        return &patient_shape;
    }
    return shapes[role].rank > 0 ? &shapes[role] : NULL;
}
