/* page_files - the page of `ketsim serve`: its files as bytes in the program, made at build time. Of a build without the page
 * there are none.
 */
#ifndef KETSIM_PAGE_FILES_H
#define KETSIM_PAGE_FILES_H

#include <stddef.h>

struct page_file {
    const char *path; /* as in the address: "/", "/page.js" */
    const char *type; /* of its content: "text/html; charset=utf-8" */
    const unsigned char *bytes;
    size_t size;
};

extern const struct page_file page_files[];
extern const int page_file_count;

#endif
