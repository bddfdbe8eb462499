# Finds CVODE and gives the target Sundials::cvode, and SUNDIALS_BUILD: which build of the library it is.
# Debian's own package configuration demands packages that ketsim does not use, hence this small finder.
find_path(SUNDIALS_INCLUDE_DIR cvode/cvode.h)
find_library(SUNDIALS_CVODE_LIBRARY sundials_cvode)
mark_as_advanced(SUNDIALS_INCLUDE_DIR SUNDIALS_CVODE_LIBRARY)

if(SUNDIALS_INCLUDE_DIR)
    file(STRINGS ${SUNDIALS_INCLUDE_DIR}/sundials/sundials_config.h version_line
         REGEX "#define SUNDIALS_VERSION \"")
    string(REGEX REPLACE ".*\"(.*)\".*" "\\1" Sundials_VERSION "${version_line}")
endif()
set(SUNDIALS_BUILD "packaged")

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Sundials REQUIRED_VARS SUNDIALS_CVODE_LIBRARY SUNDIALS_INCLUDE_DIR
                                  VERSION_VAR Sundials_VERSION)

if(Sundials_FOUND AND NOT TARGET Sundials::cvode)
    add_library(Sundials::cvode UNKNOWN IMPORTED)
    set_target_properties(Sundials::cvode PROPERTIES
        IMPORTED_LOCATION ${SUNDIALS_CVODE_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${SUNDIALS_INCLUDE_DIR})
endif()
