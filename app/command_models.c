/* ketsim models [NAME] - the published models and effect sites: what they are, whether ketsim reproduces them, and what was observed. */
#include "app/base/messages.h"
#include "app/models/clinical_text.h"
#include "app/models/golden.h"
#include "app/models/model_table.h"
#include "app/models/model_text.h"
#include "arguments.h"
#include "commands.h"

#include "model/library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *name; /* of a model of the library, or of a file; NULL: the whole library */
    bool check;
    bool clinical;
};

enum { KEY_CLINICAL = 256 }; /* no short form */

static const struct argp_option options[] = {
    {"check", 'c', NULL, 0, "Solve the published cases and compare with the published levels", 0},
    {"clinical", KEY_CLINICAL, NULL, 0, "Simulate what was observed in people and compare", 0},
    {0},
};

static error_t arguments_take(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case 'c':
        arguments->check = true;
        return 0;
    case KEY_CLINICAL:
        arguments->clinical = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->name != NULL) {
            argp_error(state, "one model at a time: \"%s\" is one too many", value);
        }
        arguments->name = value;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp command_line = {
    .options = options,
    .parser = arguments_take,
    .args_doc = "[NAME|FILE.yaml]",
    .doc = "Lists the published models; with a name, shows where a model comes from, whom it was made "
           "for, its parameters and its equations. NAME may be an effect site, too.\v"
           "Exit status: 0 done; 1 a model does not reproduce its source; 2 there is no such model, or its "
           "file is wrong.",
};

/* Fills models[0 .. *count - 1]: the one that is named, or the library. */
static int models_read(struct model *models, int *count, const char *name, struct diagnostics *d)
{
    struct units *units = units_create();
    const int wanted = name != NULL ? 1 : library_count;
    int failed = 0;

    if (units == NULL) {
        return diagnostics_out_of_memory(d);
    }
    for (*count = 0; *count < wanted && !failed; ++*count) {
        failed = model_read(&models[*count], name != NULL ? name : library_entries[*count].name, units,
                            NOWHERE, d);
    }
    units_free(units);
    return failed;
}

/* Shows one effect site in full, or all of them in a line each when `entry` is NULL. 0, or -1 with the reason in `d`. */
static int effect_sites_show(FILE *out, const struct library_entry *entry, struct diagnostics *d)
{
    const struct library_entry *first = entry != NULL ? entry : effect_site_entries;
    const int count = entry != NULL ? 1 : effect_site_count;
    struct units *units = units_create();
    int failed = 0;

    if (units == NULL) {
        return diagnostics_out_of_memory(d);
    }
    for (int i = 0; i < count && !failed; i++) {
        struct effect_site site;
        failed = effect_site_parse(&site, first[i].name, first[i].text, first[i].size, units, d);
        if (!failed) {
            (entry != NULL ? effect_site_print : effect_site_print_line)(out, &site);
            effect_site_clear(&site);
        }
    }
    units_free(units);
    return failed;
}

/* One line per golden and method. Returns how many are not reproduced. */
static int model_check(FILE *out, const struct model *model, struct diagnostics *d)
{
    int failures = 0;

    for (int i = 0; i < model->golden_count; i++) {
        for (int j = 0; j < integrator_count; j++) {
            if (integrators[j].only_linear && !model_is_linear(model)) {
                continue;
            }
            struct golden_check check;
            const bool solved = golden_solve(model, i, integrators[j].name, &check, d) == 0;
            const bool passes = solved && golden_passes(&check);
            fprintf(out, "%-4s  %s  %-5s  %s: %d value%s", passes ? "pass" : "FAIL", model->name,
                    integrators[j].name, model->goldens[i].title, check.value_count,
                    check.value_count == 1 ? "" : "s");
            if (solved && check.value_count > 0) {
                fprintf(out, ", worst %s at %g h: %.6g, published %.6g (%.2g of the tolerance)",
                        check.analyte, check.time, check.level, check.published, check.deviation);
            }
            fputc('\n', out);
            failures += !passes;
        }
    }
    return failures;
}

/* 0, or -1 with the reason in `d`. */
static int clinical_show(FILE *out, const struct model *models, int count, struct diagnostics *d)
{
    struct clinical_table table = {0};
    struct units *units = units_create();
    int result = -1;

    if (units == NULL) {
        diagnostics_out_of_memory(d);
    } else if (clinical_table_parse(&table, "clinical.csv", clinical_table_text, units, d) == 0) {
        result = clinical_print(out, &table, models, count, d);
    }
    clinical_table_clear(&table);
    units_free(units);
    return result;
}

int command_models(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct model *models = NULL;
    struct diagnostics d;
    int model_count = 0;
    int status = STATUS_FAILED;

    diagnostics_init(&d);
    argp_parse(&command_line, argc, argv, 0, NULL, &arguments);
    models = calloc((size_t)library_count + 1, sizeof(*models));
    if (models == NULL) {
        diagnostics_out_of_memory(&d);
        goto out;
    }
    const struct library_entry *site =
        arguments.name != NULL ? library_find(effect_site_entries, effect_site_count, arguments.name) : NULL;
    if (site != NULL && (arguments.check || arguments.clinical)) {
        message("error: %s is an effect site: it has no values of its own to check", site->name);
        status = STATUS_WRONG_INPUT;
        goto out;
    }
    if (site == NULL && models_read(models, &model_count, arguments.name, &d) != 0) {
        status = input_status(&d);
        goto out;
    }

    status = STATUS_OK;
    if (arguments.check) {
        for (int i = 0; i < model_count; i++) {
            if (model_check(stdout, &models[i], &d) > 0) {
                status = STATUS_FAILED;
            }
        }
    }
    if (arguments.clinical && clinical_show(stdout, models, model_count, &d) != 0) {
        status = STATUS_FAILED;
    }
    if (arguments.check || arguments.clinical) {
        /* that is all */
    } else if (site != NULL) {
        status = effect_sites_show(stdout, site, &d) != 0 ? STATUS_FAILED : STATUS_OK;
    } else if (arguments.name != NULL) {
        model_print(stdout, &models[0]);
    } else {
        models_print(stdout, models, model_count);
        printf("\nEffect sites, which a study adds with `effect_site: NAME`\n");
        status = effect_sites_show(stdout, NULL, &d) != 0 ? STATUS_FAILED : STATUS_OK;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        message("error: the models cannot be written to the standard output");
        status = STATUS_FAILED;
    }

out:
    messages_flush(&d, false);
    for (int i = 0; i < model_count; i++) {
        model_clear(&models[i]);
    }
    free(models);
    return status;
}
