#include "cholesky.h"

#include <math.h>

int cholesky(const double *matrix, double *lower, int n)
{
    for (int j = 0; j < n; j++) {
        for (int i = j; i < n; i++) {
            double sum = matrix[i * n + j];
            for (int k = 0; k < j; k++) {
                sum -= lower[i * n + k] * lower[j * n + k];
            }
            if (i == j && !(sum > 0)) {
                return -1;
            }
            lower[i * n + j] = i == j ? sqrt(sum) : sum / lower[j * n + j];
        }
    }
    return 0;
}
