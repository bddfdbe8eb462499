/* cholesky - the triangle that makes correlated numbers of independent ones. */
#ifndef KETSIM_CHOLESKY_H
#define KETSIM_CHOLESKY_H

/* Fills `lower`, [n][n], with the triangle L for which L L' = `matrix`, which is symmetric; what is above its diagonal is not
 * touched. Row i depends on the first i + 1 rows of the matrix alone. -1 where the matrix is not positive definite. */
int cholesky(const double *matrix, double *lower, int n);

#endif
