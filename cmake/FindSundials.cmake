# Finds CVODE and gives the target Sundials::cvode, and SUNDIALS_BUILD: which build of the library it is.
# KETSIM_SUNDIALS says which to take: a folder where SUNDIALS is installed, or `packaged` for the system's.
# Debian's own package configuration demands packages that ketsim does not use, hence this small finder.
set(built ${PROJECT_SOURCE_DIR}/.sundials)
if(EXISTS ${built}/lib/libsundials_cvode.a)
    set(preferred ${built})
else()
    set(preferred packaged)
endif()
set(KETSIM_SUNDIALS ${preferred} CACHE STRING "Folder where SUNDIALS is installed, or `packaged`")

if(KETSIM_SUNDIALS STREQUAL packaged)
    find_path(SUNDIALS_INCLUDE_DIR cvode/cvode.h)
    find_library(SUNDIALS_CVODE_LIBRARY sundials_cvode)
    set(SUNDIALS_BUILD "as packaged")
else()
    find_path(SUNDIALS_INCLUDE_DIR cvode/cvode.h PATHS ${KETSIM_SUNDIALS}/include NO_DEFAULT_PATH)
    find_library(SUNDIALS_CVODE_LIBRARY sundials_cvode PATHS ${KETSIM_SUNDIALS}/lib NO_DEFAULT_PATH)
    set(SUNDIALS_BUILD "compiled with -O3")
endif()
mark_as_advanced(SUNDIALS_INCLUDE_DIR SUNDIALS_CVODE_LIBRARY)

if(SUNDIALS_INCLUDE_DIR)
    file(STRINGS ${SUNDIALS_INCLUDE_DIR}/sundials/sundials_config.h version_line
         REGEX "#define SUNDIALS_VERSION \"")
    string(REGEX REPLACE ".*\"(.*)\".*" "\\1" Sundials_VERSION "${version_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Sundials REQUIRED_VARS SUNDIALS_CVODE_LIBRARY SUNDIALS_INCLUDE_DIR
                                  VERSION_VAR Sundials_VERSION)

if(Sundials_FOUND AND NOT TARGET Sundials::cvode)
    add_library(Sundials::cvode UNKNOWN IMPORTED)
    set_target_properties(Sundials::cvode PROPERTIES
        IMPORTED_LOCATION ${SUNDIALS_CVODE_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${SUNDIALS_INCLUDE_DIR}
        INTERFACE_LINK_LIBRARIES m)
endif()
