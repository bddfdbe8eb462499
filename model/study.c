#include "study.h"

const struct output *study_output(const struct study *study, int analyte)
{
    for (int m = 0; m < study->model_count; m++) {
        int output = model_output(&study->models[m], study->analytes[analyte]);
        if (output >= 0) {
            return &study->models[m].outputs[output];
        }
    }
    return NULL;
}
