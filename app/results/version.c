#include "version.h"

#include "hdf.h"

#include "solver/cvode_batch.h"

#include "revision.h"

#include <gsl/gsl_version.h>

void version_init(struct version *version)
{
    /* How SUNDIALS was built decides how fast it is, so that the version alone would not do. */
    snprintf(version->sundials, sizeof(version->sundials), "%s, %s", cvode_version(), KETSIM_SUNDIALS_BUILD);
    snprintf(version->compiler, sizeof(version->compiler), "%s, %s", KETSIM_COMPILER, KETSIM_BUILD_TYPE);
    version->arithmetic = arithmetic_describe();
    version->provenance = (struct provenance){
        .version = KETSIM_VERSION,
        .revision = KETSIM_REVISION,
        .sundials = version->sundials,
        .hdf5 = hdf_version(),
        .compiler = version->compiler,
        .arithmetic = version->arithmetic.text,
    };
}

void version_print(FILE *out)
{
    struct version version;

    version_init(&version);
    fprintf(out, "ketsim %s\n", version.provenance.version);
    fprintf(out, "revision  %s\n", version.provenance.revision);
    fprintf(out, "SUNDIALS  %s\n", version.provenance.sundials);
    fprintf(out, "HDF5      %s\n", version.provenance.hdf5);
    fprintf(out, "GSL       %s\n", gsl_version);
    fprintf(out, "compiler  %s\n", version.provenance.compiler);
    fprintf(out, "machine   %s\n", version.provenance.arithmetic);
    fprintf(out,
            "\nGPL-3.0-or-later; there is no warranty. Research and teaching only; not a medical device.\n");
}
