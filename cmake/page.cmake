# The page of `ketsim serve`: app/serve/page, built by the npm packages that its lock file names, as bytes in PAGE_SOURCE.
# They are fetched when the build is configured, into the build folder. Where that cannot be done, the page is left out, and the
# program says so in its place.
option(KETSIM_PAGE "Build the page of ketsim serve, for which Node and npm are needed" ON)

set(PAGE_FOLDER ${CMAKE_CURRENT_SOURCE_DIR}/app/serve/page)
set(PAGE_BUILD ${CMAKE_CURRENT_BINARY_DIR}/page)
set(PAGE_SOURCE ${CMAKE_CURRENT_BINARY_DIR}/page_files.c)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PAGE_FOLDER}/package.json ${PAGE_FOLDER}/package-lock.json)

# Sets `left_out` to why the page cannot be built; empty: it can.
function(page_packages left_out)
    find_program(NODE_PROGRAM NAMES node nodejs)
    find_program(NPM_PROGRAM npm)
    if(NOT KETSIM_PAGE)
        set(${left_out} "KETSIM_PAGE is off" PARENT_SCOPE)
        return()
    elseif(NOT NODE_PROGRAM OR NOT NPM_PROGRAM)
        set(${left_out} "there is no node or no npm" PARENT_SCOPE)
        return()
    endif()
    execute_process(COMMAND ${NODE_PROGRAM} --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT version MATCHES "^v([0-9]+)" OR CMAKE_MATCH_1 LESS 18)
        set(${left_out} "node is ${version}, and must be 18 or later" PARENT_SCOPE)
        return()
    endif()
    file(SHA256 ${PAGE_FOLDER}/package-lock.json wanted)
    set(installed "")
    if(EXISTS ${PAGE_BUILD}/installed)
        file(READ ${PAGE_BUILD}/installed installed)
    endif()
    if(NOT installed STREQUAL wanted)
        message(STATUS "Fetching the packages that build the page")
        file(COPY ${PAGE_FOLDER}/package.json ${PAGE_FOLDER}/package-lock.json DESTINATION ${PAGE_BUILD})
        execute_process(
            COMMAND ${NPM_PROGRAM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=1
            WORKING_DIRECTORY ${PAGE_BUILD} TIMEOUT 300
            RESULT_VARIABLE failed OUTPUT_FILE ${PAGE_BUILD}/npm.log ERROR_FILE ${PAGE_BUILD}/npm.log)
        if(failed)
            set(${left_out} "npm ci failed; ${PAGE_BUILD}/npm.log says why" PARENT_SCOPE)
            return()
        endif()
        file(WRITE ${PAGE_BUILD}/installed ${wanted})
    endif()
endfunction()

set(PAGE_LEFT_OUT "")
page_packages(PAGE_LEFT_OUT)
if(PAGE_LEFT_OUT)
    message(STATUS "The page of ketsim serve is left out: ${PAGE_LEFT_OUT}")
    add_custom_command(OUTPUT ${PAGE_SOURCE}
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${PAGE_SOURCE} -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/embed_page.cmake
        DEPENDS cmake/embed_page.cmake
        VERBATIM)
else()
    file(GLOB PAGE_SOURCES CONFIGURE_DEPENDS ${PAGE_FOLDER}/*.html ${PAGE_FOLDER}/*.css ${PAGE_FOLDER}/*.svg ${PAGE_FOLDER}/*.json
        ${PAGE_FOLDER}/src/*.ts)
    add_custom_command(OUTPUT ${PAGE_SOURCE}
        COMMAND ${CMAKE_COMMAND} -E copy_directory ${PAGE_FOLDER}/src ${PAGE_BUILD}/src
        COMMAND ${CMAKE_COMMAND} -E copy ${PAGE_FOLDER}/package.json ${PAGE_FOLDER}/tsconfig.json ${PAGE_FOLDER}/page.css ${PAGE_BUILD}
        COMMAND ${CMAKE_COMMAND} -E chdir ${PAGE_BUILD} ${NPM_PROGRAM} run --silent build
        COMMAND ${CMAKE_COMMAND} -DOUTPUT=${PAGE_SOURCE} -DSOURCE=${PAGE_FOLDER} -DBUILT=${PAGE_BUILD}/dist
                -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/embed_page.cmake
        DEPENDS ${PAGE_SOURCES} cmake/embed_page.cmake
        VERBATIM)
endif()
