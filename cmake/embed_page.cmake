# Writes OUTPUT, a C source with the files of the page as app/serve/page_files.h declares them: from SOURCE, and from BUILT those that
# are built. Without SOURCE there are none.
cmake_minimum_required(VERSION 3.25)
set(content "/* Generated from app/serve/page. */\n#include \"app/serve/page_files.h\"\n\n")
set(rows "")
set(count 0)
if(SOURCE)
    foreach(row IN ITEMS
            "/|${SOURCE}/index.html|text/html; charset=utf-8"
            "/page.js|${BUILT}/page.js|text/javascript; charset=utf-8"
            "/page.css|${BUILT}/page.css|text/css; charset=utf-8"
            "/icon.svg|${SOURCE}/icon.svg|image/svg+xml")
        string(REGEX MATCH "^(.*)[|](.*)[|](.*)$" matched "${row}")
        set(path "${CMAKE_MATCH_1}")
        set(type "${CMAKE_MATCH_3}")
        file(READ "${CMAKE_MATCH_2}" bytes HEX)
        string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
        string(APPEND content "static const unsigned char bytes_${count}[] = {${bytes}};\n")
        string(APPEND rows "    {\"${path}\", \"${type}\", bytes_${count}, sizeof(bytes_${count})},\n")
        math(EXPR count "${count} + 1")
    endforeach()
else()
    set(rows "    {0, 0, 0, 0},\n")
endif()
string(APPEND content "\nconst struct page_file page_files[] = {\n${rows}};\nconst int page_file_count = ${count};\n")
file(WRITE ${OUTPUT} "${content}")
