/* What if: `variations` of arms. What the study holds after this is arms, as if the user had written them: copies of the arm that a
 * variation is of, with what it changes, and with `baseline` naming the arm that each is compared with. */
#include "study_variation.h"
#include "study_tree.h"

#include "model/number.h"

#include <stdlib.h>

/* --- what it is called --- */

/* Begins to tell a change. */
void variation_note_change(struct variation *v)
{
    fputs(v->changes++ == 0 ? " " : "; ", v->note);
}

static void note_text(struct variation *v, const char *before, const char *text)
{
    variation_note_change(v);
    if (v->number > 0) {
        fprintf(v->note, "session %d ", v->number);
    }
    fprintf(v->note, "%s%s", before, text);
}

static void note_list(struct variation *v, const char *before, const struct node *list)
{
    for (int i = 0; i < node_items(list); i++) {
        if (node_is_scalar(list->items[i])) {
            note_text(v, before, list->items[i]->text);
        }
    }
}

/* Tells what is different, but for when the session is. */
static void write_note(struct variation *v)
{
    if (v->missed) {
        note_text(v, "missed", "");
    }
    if (v->dose) {
        note_text(v, "with a dose of ", v->dose->text);
    }
    if (v->over) {
        note_text(v, "over ", v->over->text);
    }
    if (v->stops_after) {
        note_text(v, "stopped after ", v->stops_after->text);
    }
    note_list(v, "without device ", v->skip_devices);
    note_list(v, "with one spray lost of device ", v->lost_sprays);
    if (v->model) {
        variation_note_change(v);
        fprintf(v->note, "by the model %s", v->model->text);
    }
}

/* Whether it says what is different, of one session or of all. false with the mistake told. */
static bool check_changes(struct study_reader *r, const struct variation *v)
{
    const struct node *timed = v->shift ? v->shift : v->at ? v->at : v->missed;
    const bool doses = v->dose || v->over || v->stops_after || v->skip_devices || v->lost_sprays;
    if (!timed && !doses && !v->model) {
        study_error(r, v->node,
                    "what is different? write shift, at, missed, dose, over, stops_after, skip_devices, "
                    "lost_sprays or "
                    "model");
        return false;
    }
    if (v->session && !timed && !doses) {
        study_error(r, v->session, "another model is that of all sessions; leave out \"session\"");
        return false;
    }
    if (timed && !v->session) {
        study_error(r, timed, "which session? write `session: 2` for the second");
        return false;
    }
    if (v->shift && v->at) {
        study_error(r, v->at, "shift and at say both when the session is; leave out either");
        return false;
    }
    if (v->missed && (doses || v->shift || v->at)) {
        study_error(r, v->missed, "a session that is missed is not given; leave out what else is said of it");
        return false;
    }
    if (v->over && v->stops_after) {
        study_error(r, v->stops_after,
                    "over and stops_after say both how long the infusion lasts; leave out either");
        return false;
    }
    if (v->model && study_root(r, "models")) {
        study_error(r, v->model,
                    "another model than which? every arm is simulated with all of `models` as it is; leave "
                    "them out, or "
                    "this");
        return false;
    }
    return true;
}

/* The arm that the variation is of; NULL with the mistake told. */
static const struct node *find_arm(struct study_reader *r, const struct node *variation,
                                   const struct node *arms, int written)
{
    const struct node *of = node_find(variation, "of");
    if (!of && written == 1) {
        return arms->items[0];
    }
    if (!of) {
        study_error(r, variation, "a variation of which arm? the study has %d; write `of: NAME`", written);
        return NULL;
    }
    if (!node_is_scalar(of)) {
        return NULL;
    }
    const char **names = calloc((size_t)arms->count + 1, sizeof(*names));
    int count = 0;
    for (int i = 0; i < arms->count; i++) {
        const struct node *name = node_find(arms->items[i], "name");
        if (node_reads(name, of->text)) {
            free(names);
            return arms->items[i];
        }
        if (names && node_is_scalar(name)) {
            names[count++] = name->text;
        }
    }
    if (names) {
        study_unknown(r, of, "arm", names, count);
    } else {
        diagnostics_out_of_memory(r->d);
    }
    free(names);
    return NULL;
}

/* Changes v->arm, a copy of the arm called `of`. -1 without memory. */
static int carry_out(struct study_reader *r, struct variation *v, const char *of)
{
    uint64_t number = 0;
    int ret = 0;
    if (variation_read_sessions(r, v)) {
        return r->d->out_of_memory ? -1 : 0;
    }
    if (v->session) {
        if (!node_is_scalar(v->session) || !number_read_whole(v->session->text, &number) || number < 1 ||
            number > STUDY_ARM_DOSES_MAX) {
            study_error(r, v->session, "a session is a whole number from 1: the first is 1");
            return 0;
        }
        v->number = (int)number;
        ret = variation_find_session(r, v, of) ? variation_change_session(r, v) : 0;
    } else {
        for (int i = 0; i < v->item_count && ret == 0; i++) {
            ret = v->regimen->items[i]->kind == NODE_MAP ? variation_change_item(r, v, v->regimen->items[i])
                                                         : 0;
        }
    }
    if (v->model) {
        ret = ret || tree_set(v->arm, "model", v->model->text, v->model) ? -1 : 0;
    }
    return ret;
}

/* Adds the arm that a variation makes to the list. -1 without memory. */
static int expand(struct study_reader *r, const struct node *node, struct node *arms, int written)
{
    const struct node *name = node_find(node, "name");
    const struct node *base = find_arm(r, node, arms, written);
    const char *of = base ? study_text(node_find(base, "name")) : NULL;
    const bool missed = node_reads(node_find(node, "missed"), "true");
    struct variation v = {
        .node = node,
        .session = node_find(node, "session"),
        .shift = node_find(node, "shift"),
        .at = node_find(node, "at"),
        .missed = missed ? node_find(node, "missed") : NULL,
        .dose = node_find(node, "dose"),
        .over = node_find(node, "over"),
        .stops_after = node_find(node, "stops_after"),
        .skip_devices = node_find(node, "skip_devices"),
        .lost_sprays = node_find(node, "lost_sprays"),
        .model = node_find(node, "model"),
    };
    const int errors = r->d->errors;
    char *note = NULL;
    size_t size;
    int ret = -1;
    if (!base || !of || !node_is_scalar(name) || !check_changes(r, &v)) {
        return 0;
    }
    v.arm = node_copy(base);
    v.regimen = node_find(v.arm, "regimen");
    v.note = open_memstream(&note, &size);
    if (!v.arm || !v.note) {
        diagnostics_out_of_memory(r->d);
        goto out;
    }
    if (node_items(v.regimen) == 0) {
        ret = 0; /* told */
        goto out;
    }
    fprintf(v.note, "As \"%s\", but", of);
    ret = carry_out(r, &v, of);
    write_note(&v);
    ret = fclose(v.note) || ret ? -1 : 0;
    v.note = NULL;
    if (ret == 0 && r->d->errors > errors) {
        goto out;
    }
    ret = ret || tree_set(v.arm, "name", name->text, name) || tree_set(v.arm, "note", note, node) ||
                  tree_set(v.arm, "baseline", of, node_find(node, "of") ? node_find(node, "of") : node)
              ? -1
              : 0;
    if (ret == 0) {
        v.arm->line = node->line;
        v.arm->column = node->column;
        ret = node_add_item(arms, v.arm);
        v.arm = NULL;
    }
    if (ret != 0) {
        diagnostics_out_of_memory(r->d);
    }
out:
    if (v.note) {
        fclose(v.note);
    }
    free(note);
    variation_clear(&v);
    node_free(v.arm);
    return ret;
}

int study_expand_variations(struct study_reader *r)
{
    struct node *arms = node_find(r->root, "arms");
    const struct node *list = study_root(r, "variations");
    const int written = node_items(arms);
    if (!list) {
        return 0;
    }
    if (study_has_events(r)) {
        study_error(r, list, "the rows of the event table dose the patients; there are no sessions to vary");
        return 0;
    }
    const int count = written > 0 ? study_list_length(r, list, "variations") : 0;
    for (int i = 0; i < count; i++) {
        if (list->items[i]->kind == NODE_MAP && expand(r, list->items[i], arms, written)) {
            return -1;
        }
    }
    tree_drop_entry(r->root, "variations");
    return 0;
}
