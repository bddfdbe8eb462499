/* Study files, from the text to a small simulation. */
#include "small_run.h"

#include "solver/regimen_search.h"

/* The same for `ketsim optimize`. */
static void try_search(const uint8_t *data, size_t size)
{
    struct diagnostics d;
    struct study study;

    diagnostics_init(&d);
    const int status =
        study_parse_candidates(&study, SOURCE_DIR "/tests/fuzz/study.yaml", (const char *)data, size, &d);
    fuzz_check_messages(&d, status);
    if (status == 0) {
        fuzz_promise(study.arm_count % study.optimize.candidate_count == 0);
        check_accepted(&study);
    }
    if (status == 0 && study_is_small(&study)) {
        struct treatment_search search;
        if (treatment_search(&search, &study, 0, 1, NULL, &d) == 0) {
            fuzz_promise(search.recommended < study.optimize.candidate_count);
            treatment_search_clear(&search);
        }
    }
    study_clear(&study);
    diagnostics_clear(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diagnostics d;
    struct study study;

    diagnostics_init(&d);
    const int status =
        study_parse(&study, SOURCE_DIR "/tests/fuzz/study.yaml", (const char *)data, size, NULL, 0, &d);
    fuzz_check_messages(&d, status);
    if (status == 0) {
        try_study(&study);
    }
    if (status == 0 && study.optimize.vary) {
        try_search(data, size);
    }
    study_clear(&study);
    diagnostics_clear(&d);
    return 0;
}
