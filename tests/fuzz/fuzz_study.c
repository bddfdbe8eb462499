/* Study files, from the text to a small simulation. */
#include "small_run.h"

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
    study_clear(&study);
    diagnostics_clear(&d);
    return 0;
}
