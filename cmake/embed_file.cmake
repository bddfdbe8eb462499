# Writes OUTPUT, a C source that holds the text of INPUT as `const char NAME[]`, declared in HEADER, ending in '\0'.
cmake_minimum_required(VERSION 3.25)
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "/* Generated. */\n#include \"${HEADER}\"\n\nconst char ${NAME}[] = {${bytes}0};\n")
