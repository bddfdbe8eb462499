/* hdf_pack - a finished file once more, with its numbers compressed: chunks, HDF5's own shuffle and deflate filters, which every reader
 * has. Variables, attributes and values are the same to the bit, in the same order; variables below 16 KiB stay as they are. */
#ifndef KETSIM_HDF_PACK_H
#define KETSIM_HDF_PACK_H

#include "model/diagnostics.h"

/* From a file of contiguous variables, as hdf_add_variable makes them, to another that is made anew. Chunks are compressed by so many
 * threads and written by one, always in the same order, so that the bytes do not depend on the threads. About 20 MB of memory, and
 * 1 per thread. 0; or -1 with the reason in `d`, and `to` is of no use. */
int hdf_pack(const char *from, const char *to, int threads, struct diagnostics *d);

#endif
