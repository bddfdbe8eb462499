/* hdf_compare - whether what a file says of its variables and of itself is what another says. */
#ifndef KETSIM_HDF_COMPARE_H
#define KETSIM_HDF_COMPARE_H

#include "hdf.h"

/* Compares the attributes of a variable, or of the file where `owner` is NULL, with those that it has in `wanted`: bytes, types, sizes; of a
 * variable the scales of its dimensions and whether it has a fill value, too. What `skipped` says yes to is left out. Errors in `d` name what
 * differs, is missing or was added. 0, or -1 where something differs or cannot be read. */
int hdf_compare_attributes(struct hdf *file, struct hdf *wanted, const char *owner,
                           bool (*skipped)(const char *name), struct diagnostics *d);

/* Tells what the file holds, as variable, group or link, that `wanted` does not, and links to elsewhere. 0, or -1 where there is any, or the
 * file cannot be read. */
int hdf_compare_content(struct hdf *file, struct hdf *wanted, struct diagnostics *d);

#endif
