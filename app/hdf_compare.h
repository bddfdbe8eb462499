/* hdf_compare - whether what a file says of its variables and of itself is what another says. */
#ifndef KETSIM_HDF_COMPARE_H
#define KETSIM_HDF_COMPARE_H

#include "hdf.h"

/* Compares the attributes of a variable, or of the file where `owner` is NULL, with those that it has in `wanted`: bytes, types, sizes.
 * What `skipped` says yes to is left out, and so is what HDF5 keeps of dimensions. Errors in `d` name what differs or is missing; a
 * warning tells what was added. 0, or -1 where something differs or cannot be read. */
int hdf_compare_attributes(struct hdf *file, struct hdf *wanted, const char *owner,
                           bool (*skipped)(const char *name), struct diagnostics *d);

#endif
