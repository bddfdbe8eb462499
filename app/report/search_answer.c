#include "search_answer.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char answer_notice[] = "Research and teaching only; not a medical device.";

int answer_print(FILE *out, const struct search_answer *answer, enum answer_format format,
                 struct diagnostics *d)
{
    static int (*const print[])(FILE *, const struct search_answer *) = {[ANSWER_TEXT] = answer_print_text,
                                                                         [ANSWER_CSV] = answer_print_csv,
                                                                         [ANSWER_JSON] = answer_print_json};

    return print[format](out, answer) != 0 ? diagnostics_out_of_memory(d) : 0;
}

struct constraint_text constraint_describe(const struct study *study, const struct constraint *constraint)
{
    struct constraint_text described;

    snprintf(described.text, sizeof(described.text), "P(%.80s %s%.80s %c %.60s) %s %.30s",
             study->analytes[constraint->analyte], constraint->metric < 0 ? "at " : "",
             constraint->metric < 0 ? constraint->time_text : study->metrics[constraint->metric].name,
             constraint->below ? '<' : '>', constraint->threshold_text,
             constraint->at_most ? "<=" : ">=", constraint->probability_text);
    return described;
}

char *treatment_label(const struct study *study, const struct treatment_search *search)
{
    const struct optimize *optimize = &study->optimize;
    char *label = strdup(search->arms[0].label);
    const size_t tail =
        strlen(", ") + strlen(optimize->what) + strlen(" ") + strlen(optimize->candidates[0].text);

    if (label != NULL && strlen(label) >= tail) {
        label[strlen(label) - tail] = '\0';
    }
    return label;
}

struct probability treatment_probability(const struct treatment_search *search, int64_t candidate,
                                         int constraint)
{
    const int64_t *counts = threshold_search_counts(&search->found, candidate);

    return counts == NULL ? (struct probability){NAN, NAN, NAN}
                          : probability_of(counts[constraint], search->found.trials);
}

bool constraint_is_kept(const struct constraint *constraint, struct probability probability)
{
    return constraint->at_most ? probability.value <= constraint->probability
                               : probability.value >= constraint->probability;
}

/* --- where nothing keeps to all --- */

static int candidate_compare(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

static void nearest_add(int64_t *candidates, int *count, int most, int64_t candidate)
{
    for (int i = 0; i < *count; i++) {
        if (candidates[i] == candidate) {
            return;
        }
    }
    if (*count < most) {
        candidates[(*count)++] = candidate;
    }
}

/* Of those tried, the one whose probability is nearest to a bound that none keeps to. */
static int64_t closest(const struct treatment_search *search, const struct constraint *constraint, int number)
{
    int64_t best = search->found.tried[0];

    for (int64_t i = 1; i < search->found.tried_count; i++) {
        const int64_t candidate = search->found.tried[i];
        const double now = treatment_probability(search, candidate, number).value;
        const double before = treatment_probability(search, best, number).value;
        if (constraint->at_most ? now < before : now > before) {
            best = candidate;
        }
    }
    return best;
}

int treatment_nearest(const struct study *study, const struct treatment_search *search, int64_t *candidates,
                      int most)
{
    const struct optimize *optimize = &study->optimize;
    int count = 0;

    for (int i = 0; i < optimize->constraint_count; i++) {
        const struct candidates met = search->found.met[i];
        if (met.last < met.first) {
            nearest_add(candidates, &count, most, closest(search, &optimize->constraints[i], i));
            continue;
        }
        if (met.first > 0) {
            nearest_add(candidates, &count, most, met.first);
        }
        if (met.last < optimize->candidate_count - 1) {
            nearest_add(candidates, &count, most, met.last);
        }
    }
    qsort(candidates, (size_t)count, sizeof(*candidates), candidate_compare);
    return count;
}

struct candidates answer_common(const struct search_answer *answer)
{
    struct candidates common = {0, answer->study->optimize.candidate_count - 1};

    for (int i = 0; i < answer->treatment_count; i++) {
        const struct treatment_search *search = &answer->treatments[i];
        if (search->refused) {
            return (struct candidates){0, -1};
        }
        common.first = search->found.all.first > common.first ? search->found.all.first : common.first;
        common.last = search->found.all.last < common.last ? search->found.all.last : common.last;
    }
    return common;
}

struct recommended_range treatment_error(const struct study *study, const struct treatment_search *search)
{
    const struct candidates sure = search->found.sure;
    const struct candidates open = search->found.open;
    const bool largest = study->optimize.largest;

    if (search->found.uneven >= 0) {
        return (struct recommended_range){-1, -1};
    }
    return (struct recommended_range){
        .sure = sure.last < sure.first ? -1
                : largest              ? sure.last
                                       : sure.first,
        .open = open.last < open.first ? -1
                : largest              ? open.last
                                       : open.first,
    };
}

/* --- how to simulate what is recommended --- */

/* Whether a shell and the path of a key take the name as it is. */
static bool is_plain(const char *name)
{
    for (const char *c = name; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && strchr(" _-", *c) == NULL) {
            return false;
        }
    }
    return *name != '\0';
}

static const struct node *find_regimen(const struct node *root, const char *arm)
{
    const struct node *arms = node_find(root, "arms");

    for (int i = 0; arms != NULL && arms->kind == NODE_LIST && i < arms->count; i++) {
        if (node_reads(node_find(arms->items[i], "name"), arm)) {
            return node_find(arms->items[i], "regimen");
        }
    }
    return NULL;
}

/* Whether the file writes the regimen itself, item by item; one that a course or a variation makes has no keys to set. */
static bool is_written(const struct study *study, const char *arm, const struct node *regimen)
{
    struct diagnostics ignored;
    struct document file;
    bool same = false;

    diagnostics_init(&ignored);
    if (document_parse(&file, "", study->source, strlen(study->source), &ignored) == 0) {
        const struct node *written = find_regimen(file.root, arm);
        same = written != NULL && written->kind == NODE_LIST && written->count == regimen->count;
    }
    document_clear(&file);
    diagnostics_clear(&ignored);
    return same;
}

/* Whether what is varied is set in item `k` of the regimen. */
static bool is_item(const struct study *study, const struct node *item, int k)
{
    const char *what = study->optimize.what;
    const char *one = strstr(study->optimize.vary, ".regimen.");

    if (one != NULL) {
        return atoi(one + strlen(".regimen.")) == k;
    }
    return strcmp(what, "at") == 0 || node_find(item, what) != NULL;
}

bool treatment_setting(struct setting_text *setting, const struct study *study,
                       const struct treatment_search *search, int i)
{
    const struct optimize *optimize = &study->optimize;
    const char *arm = search->arms[0].name;
    const struct node *regimen = find_regimen(study->document.root, arm);

    if (search->recommended < 0 || regimen == NULL || strcmp(optimize->what, "delay") == 0 ||
        !is_plain(arm) || !is_written(study, arm, regimen)) {
        return false;
    }
    for (int k = 0; k < regimen->count; k++) {
        if (is_item(study, regimen->items[k], k) && i-- == 0) {
            const int size = snprintf(setting->text, sizeof(setting->text), "arms.%s.regimen.%d.%s=%s", arm,
                                      k, optimize->what, optimize->candidates[search->recommended].text);
            return size < (int)sizeof(setting->text);
        }
    }
    return false;
}
