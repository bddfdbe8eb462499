/* hdf_inner - what the files that make up app/results/hdf share: the only place where HDF5 is included. */
#ifndef KETSIM_HDF_INNER_H
#define KETSIM_HDF_INNER_H

#include "hdf.h"

#include <hdf5.h>
#include <hdf5_hl.h>

enum { HDF_NAME_MAX = 256 }; /* of a variable, with its end */

struct hdf {
    hid_t id;
    const char *path;
    int64_t size; /* bytes, when it was opened */
    bool writable;
    bool told;        /* hdf_error was called */
    char first[256];  /* reason of the first failure inside HDF5 */
    char reason[256]; /* of the first since hdf_enter */
    char *owner;      /* what is open as `object`, to be written to; NULL: nothing is */
    hid_t object;
};

/* To be called before the HDF5 calls of a function: notes the reason when one fails, and keeps HDF5 from printing. */
void hdf_enter(struct hdf *file);

/* Notes the reason why the last call failed: to be called after one that visits things, for which HDF5 does not. */
void hdf_note(struct hdf *file);

/* A variable, or the file's group ("."), which stays open until another is asked for; not for the caller to close. */
hid_t hdf_owner_open(struct hdf *file, const char *owner);

/* Adds `what`, the name (unless NULL) and the reason that HDF5 gave. Returns -1. */
int hdf_error(struct hdf *file, const char *what, const char *name, struct diagnostics *d);

/* How every variable is created: contiguous, with its space at once. For the caller to H5Pclose; negative where HDF5 cannot. */
hid_t hdf_creation_create(bool texts);

/* The type of a value in memory, and in the file too, for the caller to H5Tclose. */
hid_t hdf_type_create(enum hdf_type type);

#endif
