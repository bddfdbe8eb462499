/* The certificate: what the result says of the simulations that were solved again by another route. */
#include "layout_inner.h"

#include "model/patients.h"

/* In the order of enum sample_column. */
static const struct {
    const char *name, *unit, *long_name, *comment;
    enum hdf_type type;
} columns[SAMPLE_COLUMN_COUNT] = {
    [SAMPLE_ARM] = {"sample_arm", "1", "arm of the simulation, a position along `arm` from 0", NULL,
                    HDF_INT64},
    [SAMPLE_PATIENT] = {"sample_patient", "1", "patient of the simulation, as in `patient`", NULL, HDF_INT64},
    [SAMPLE_OUTCOME] = {"sample_outcome", "1", "whether the simulation agrees with the other route", NULL,
                        HDF_UINT8},
    [SAMPLE_DISCREPANCY] =
        {"sample_discrepancy", "1", "largest difference between the levels of the run and of the other route",
         "relative to the level by the other route, or to 1e-3 ng/mL where it is lower; or to what "
         "atol/rtol make of an analyte, where that is more",
         HDF_FLOAT64},
    [SAMPLE_TIME] = {"sample_time", "h", "when the discrepancy is largest", NULL, HDF_FLOAT64},
    [SAMPLE_ANALYTE] = {"sample_analyte", "1", "analyte of the largest discrepancy", NULL, HDF_INT32},
    [SAMPLE_LEVEL] = {"sample_level", "ng/mL", "level of the run where the discrepancy is largest", NULL,
                      HDF_FLOAT64},
    [SAMPLE_REFERENCE] = {"sample_reference", "ng/mL", "the same level by the other route", NULL,
                          HDF_FLOAT64},
    [SAMPLE_IMBALANCE] = {"sample_imbalance", "1",
                          "what was given less what is in the body and what left it, by the other route",
                          "relative to what was given; at the last observation", HDF_FLOAT64},
};

int layout_add_sample(struct layout *layout, const struct study *study)
{
    layout->sample = certificate_sample(study);
    layout->sizes[DIMENSION_SAMPLE] = layout->sample.size;
    if (layout_add_coordinate(layout, DIMENSION_SAMPLE, HDF_INT64, "1",
                              "number of the simulation in the sample that was solved again") != 0) {
        return -1;
    }
    for (int i = 0; i < SAMPLE_COLUMN_COUNT; i++) {
        struct layout_variable *v = layout_add(layout, ROLE_SAMPLE, columns[i].type);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s", columns[i].name);
        TEXT(v->unit, "%s", columns[i].unit);
        TEXT(v->long_name, "%s", columns[i].long_name);
        v->comment = columns[i].comment;
        DIMENSIONS(v, DIMENSION_SAMPLE);
        v->index = i;
    }
    return 0;
}

int64_t layout_sample_whole(const struct layout *layout, const struct study *study,
                            const struct layout_variable *v, int64_t position)
{
    const int64_t number = certificate_number(&layout->sample, position);

    return v->index == SAMPLE_ARM ? number / study->patient_count
                                  : patient_id(study, number % study->patient_count);
}
