/* The flows of workload W1 as deSolve takes compiled models: it calls initmod once per patient and derivs in each step. The
 * parameters live in a global variable because that is how deSolve hands them over. */

enum { NASAL, GUT, CENTRAL, SHALLOW, DEEP, MET_CENTRAL, MET_PERIPHERAL };
enum { KA_N, KA_G, K12, K21, K13, K31, K10, KM12, KM21, KM10, RATES };

static double k[RATES]; /* 1/h */

void initmod(void (*parameters)(int *count, double *values));
void derivs(const int *count, const double *t, const double *y, double *dy, double *out, int *flags);

void initmod(void (*parameters)(int *count, double *values))
{
    int count = RATES;
    parameters(&count, k);
}

void derivs(const int *count, const double *t, const double *y, double *dy, double *out, int *flags)
{
    (void)count;
    (void)t;
    (void)out;
    (void)flags;
    dy[NASAL] = -k[KA_N] * y[NASAL];
    dy[GUT] = -k[KA_G] * y[GUT];
    dy[CENTRAL] = k[KA_N] * y[NASAL] + k[KA_G] * y[GUT] + k[K21] * y[SHALLOW] + k[K31] * y[DEEP] -
                  (k[K12] + k[K13] + k[K10]) * y[CENTRAL];
    dy[SHALLOW] = k[K12] * y[CENTRAL] - k[K21] * y[SHALLOW];
    dy[DEEP] = k[K13] * y[CENTRAL] - k[K31] * y[DEEP];
    dy[MET_CENTRAL] =
        k[K10] * y[CENTRAL] + k[KM21] * y[MET_PERIPHERAL] - (k[KM12] + k[KM10]) * y[MET_CENTRAL];
    dy[MET_PERIPHERAL] = k[KM12] * y[MET_CENTRAL] - k[KM21] * y[MET_PERIPHERAL];
}
