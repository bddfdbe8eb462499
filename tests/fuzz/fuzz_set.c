/* `--set KEY=VALUE`, one a line, onto a study. */
#include "small_run.h"

enum { SETTINGS_MAX = 16 };

static const char base[] = "title: A study\n"
                           "model: small.yaml\n"
                           "seed: 1\n"
                           "patients: {count: 2, covariates: {}}\n"
                           "applicability: ignore\n"
                           "arms:\n"
                           "  - {name: 0.5 mg/kg, regimen: [{route: iv, dose: 0.5 mg/kg, over: 40 min}]}\n"
                           "  - {name: two, regimen: [{route: iv, dose: 20 mg, on_days: [0, 2]}]}\n"
                           "observe: {at: [1 h, 2 h, 4 h, 8 h]}\n"
                           "exposure: {metrics: [cmax, auc_last]}\n"
                           "solver: {max_steps: 2000}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    const char *settings[SETTINGS_MAX];
    struct diagnostics d;
    struct study study;
    int count = 0;
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line && count < SETTINGS_MAX;
         line = strtok_r(NULL, "\n", &rest)) {
        settings[count++] = line;
    }
    diagnostics_init(&d);
    const int status =
        study_parse(&study, SOURCE_DIR "/tests/fuzz/study.yaml", base, sizeof(base) - 1, settings, count, &d);
    fuzz_check_messages(&d, status);
    if (status == 0) {
        try_study(&study);
    }
    study_clear(&study);
    diagnostics_clear(&d);
    free(text);
    return 0;
}
