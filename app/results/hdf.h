/* hdf - the part of HDF5 that ketsim uses.
 *
 * The only door to HDF5. A file is flat: variables in the root group, whose dimensions are variables there too
 * (dimension scales), as netCDF-4 and xarray expect. Every variable is contiguous and gets its place when it is
 * added, so that its numbers can be written without HDF5, at hdf_offset.
 *
 * A file belongs to one thread, and so do all files that are open at a time. What can fail returns -1 or NULL with the reason in `d`, unless said otherwise; the
 * `path` of a file must outlive it. A file from elsewhere may hold anything: every size is checked against the size
 * of the file before memory is asked for.
 */
#ifndef KETSIM_HDF_H
#define KETSIM_HDF_H

#include "model/diagnostics.h"

#include <stddef.h>
#include <stdint.h>

enum hdf_type {
    HDF_FLOAT64,
    HDF_FLOAT32,
    HDF_INT64,
    HDF_UINT64,
    HDF_INT32,
    HDF_UINT8,
    HDF_TEXT,  /* UTF-8, each of its own length */
    HDF_OTHER, /* only met in files from elsewhere */
};

enum { HDF_RANK_MAX = 3 };

struct hdf_shape {
    enum hdf_type type;
    int rank;
    int64_t sizes[HDF_RANK_MAX];
};

struct hdf; /* opaque */

/* The version that the program is built with; static. */
const char *hdf_version(void);

/* Bytes of one value; 0 for texts and others. */
size_t hdf_size(enum hdf_type type);

/* Makes the file anew: what is there is overwritten. */
struct hdf *hdf_create(const char *path, struct diagnostics *d);
struct hdf *hdf_open(const char *path, bool writable, struct diagnostics *d);

/* The path it was opened by. */
const char *hdf_path(const struct hdf *file);

/* Writes what is not yet written and frees `file`, also on failure; NULL is allowed. */
int hdf_close(struct hdf *file, struct diagnostics *d);

/* Adds a coordinate: a variable that is its own dimension. */
int hdf_add_scale(struct hdf *file, const char *name, enum hdf_type type, int64_t size,
                  struct diagnostics *d);

/* Adds a variable over coordinates added before. */
int hdf_add_variable(struct hdf *file, const char *name, enum hdf_type type, const char *const *scales,
                     int rank, struct diagnostics *d);

/* Where the numbers of a variable start in the file, in bytes. */
int hdf_offset(struct hdf *file, const char *name, int64_t *offset, struct diagnostics *d);

/* Fills a variable of texts; not to be done twice, or the file would grow. */
int hdf_write_texts(struct hdf *file, const char *name, const char *const *texts, struct diagnostics *d);

/* Attributes of a variable, or of the file where `owner` is NULL: added, or overwritten in place if it is there with
 * the same type and count (a text: the same length). Numbers: `count` of them, of `type`. */
int hdf_set_text(struct hdf *file, const char *owner, const char *name, const char *text,
                 struct diagnostics *d);
int hdf_set_numbers(struct hdf *file, const char *owner, const char *name, enum hdf_type type,
                    const void *values, int count, struct diagnostics *d);

/* Calls `visit` with the name of each variable, in the order they were added if the file tells it; stops with what it
 * returns when that is not 0. */
int hdf_visit(struct hdf *file, int (*visit)(void *payload, const char *name), void *payload,
              struct diagnostics *d);

/* Whether there is a variable (or anything else) of the name. */
bool hdf_has(struct hdf *file, const char *name);

/* Type and sizes of a variable whose values are whole within the file. */
int hdf_shape(struct hdf *file, const char *name, struct hdf_shape *shape, struct diagnostics *d);

/* Reads the part of a variable that starts at `start` with `count` values per dimension, converted to `type` (numbers
 * only). The part must lie within the variable. */
int hdf_read(struct hdf *file, const char *name, enum hdf_type type, const int64_t *start,
             const int64_t *count, void *values, struct diagnostics *d);

/* The same of `count` values from value `first` on, counted through all dimensions, the last one fastest. */
int hdf_read_run(struct hdf *file, const char *name, enum hdf_type type, int64_t first, int64_t count,
                 void *values, struct diagnostics *d);

/* All texts of a one-dimensional variable: `*count` of them, for the caller to free with hdf_texts_free. */
int hdf_read_texts(struct hdf *file, const char *name, char ***texts, int64_t *count, struct diagnostics *d);
void hdf_texts_free(char **texts, int64_t count);

/* An attribute's text, malloc'ed; NULL when it is not there or is no single text. */
char *hdf_text(struct hdf *file, const char *owner, const char *name);

/* An attribute's only number, converted to `type`; false when it is not there or is no single number. */
bool hdf_number(struct hdf *file, const char *owner, const char *name, enum hdf_type type, void *value);

#endif
