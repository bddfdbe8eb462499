# Finds serial HDF5 and gives the target Hdf5::hdf5. The static library is taken where it links: Debian's shared one brings thirty
# others along (curl, Kerberos, LDAP, for files in the cloud), and to load them takes longer than a small study does.
find_package(PkgConfig REQUIRED)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5-serial)
add_library(Hdf5::hdf5 INTERFACE IMPORTED)

find_library(HDF5_STATIC NAMES libhdf5.a HINTS ${HDF5_LIBRARY_DIRS} NO_DEFAULT_PATH)
find_library(HDF5_HL_STATIC NAMES libhdf5_hl.a HINTS ${HDF5_LIBRARY_DIRS} NO_DEFAULT_PATH)
mark_as_advanced(HDF5_STATIC HDF5_HL_STATIC)
if(HDF5_STATIC AND HDF5_HL_STATIC)
    include(CheckCSourceCompiles)
    set(CMAKE_REQUIRED_INCLUDES ${HDF5_INCLUDE_DIRS})
    set(CMAKE_REQUIRED_LIBRARIES ${HDF5_HL_STATIC} ${HDF5_STATIC} sz z dl m pthread)
    check_c_source_compiles("
        #include <hdf5.h>
        #include <hdf5_hl.h>
        int main(void) { return H5open() < 0 || H5DSis_scale(0) > 0; }" HDF5_STATIC_LINKS)
endif()
if(HDF5_STATIC_LINKS)
    target_include_directories(Hdf5::hdf5 INTERFACE ${HDF5_INCLUDE_DIRS})
    target_link_libraries(Hdf5::hdf5 INTERFACE ${CMAKE_REQUIRED_LIBRARIES})
else()
    target_link_libraries(Hdf5::hdf5 INTERFACE hdf5_serial_hl PkgConfig::HDF5)
endif()
unset(CMAKE_REQUIRED_INCLUDES)
unset(CMAKE_REQUIRED_LIBRARIES)
set(Hdf5_FOUND TRUE)
