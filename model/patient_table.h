/* patient_table - patients as a table gives them, a row each.
 *
 * Read by app/study/patient_table_read.c. Which patient has which row is patient_row of model/patients.h.
 */
#ifndef KETSIM_PATIENT_TABLE_H
#define KETSIM_PATIENT_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct patient_table {
    int64_t row_count;
    int64_t *ids;   /* [row], 1 or above, each once; NULL: rows are numbered from 1 */
    int32_t *lines; /* [row], of the file */
    int column_count;
    char **columns; /* owned names: of covariates, or PATIENT_EFFECT_PREFIX and a parameter */
    double *values; /* [row][column]: covariates in the study's units; random effects as the file has them */
    bool resampled; /* patients are drawn from the rows, with replacement, in place of having one each */
};

#define PATIENT_EFFECT_PREFIX "eta_"

#endif
