#include "study_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *study_path(const struct study_reader *r, const char *name)
{
    const char *study = r->study->document.name;
    const char *slash = study ? strrchr(study, '/') : NULL;
    if (name[0] == '/' || !slash) {
        return strdup(name);
    }
    size_t folder = (size_t)(slash - study) + 1;
    size_t size = folder + strlen(name) + 1;
    char *path = malloc(size);
    if (path) {
        snprintf(path, size, "%.*s%s", (int)folder, study, name);
    }
    return path;
}

/* Whether a model or a course is a file, or of the library. */
static bool is_path(const char *name)
{
    const char *dot = strrchr(name, '.');
    return strchr(name, '/') || (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0));
}

char *study_library_path(const struct study_reader *r, const char *name)
{
    return is_path(name) ? study_path(r, name) : strdup(name);
}

/* -1 with every mistake told. */
static int read_model(struct study_reader *r, struct model *model, const struct node *node)
{
    static const struct input_limits limits = {.expected = "a YAML file", .size = DOCUMENT_SIZE_MAX};
    const struct study_input *input;
    char *path;
    int status;
    if (!is_path(node->text) && !r->given) {
        return model_read(model, node->text, r->units, study_place(r, node), r->d);
    }
    input = is_path(node->text) ? study_input(r, node->text, &limits) : study_text_given(r, node->text);
    path = study_library_path(r, node->text);
    if (!path) {
        return diagnostics_out_of_memory(r->d);
    }
    status = input ? model_parse(model, path, input->text, input->size, r->units, r->d) : -1;
    free(path);
    return status;
}

/* The model that `node` names, read when it is first named; -1 where it is missing. */
static int find_model(struct study_reader *r, const struct node *node)
{
    struct study *study = r->study;
    for (int m = 0; m < study->model_count; m++) {
        if (node_reads(r->model_nodes[m], node->text)) {
            return m;
        }
    }
    r->model_nodes[study->model_count] = node;
    return study->model_count++;
}

/* What the arms that name no model of their own are simulated with: `model`, or each of `models`. */
struct common_models {
    const struct node *one;  /* NULL without */
    const struct node *list; /* NULL without */
    int count;
};

static const struct node *common_node(const struct common_models *common, int i)
{
    return common->list ? common->list->items[i] : common->one;
}

static struct common_models read_common(struct study_reader *r)
{
    const struct node *one = study_root(r, "model");
    const struct node *list = study_root(r, "models");
    struct common_models common = {.one = one, .count = one ? 1 : 0};
    if (!list || list->kind != NODE_LIST) {
        return common;
    }
    if (one) {
        study_error(r, list, "`model` and `models` exclude each other; leave out one");
    }
    if (list->count < 1 || list->count > STUDY_MODELS_MAX) {
        study_error(r, list, "`models` lists 1 to %d models", STUDY_MODELS_MAX);
        return common;
    }
    for (int i = 0; i < list->count; i++) {
        for (int k = 0; k < i; k++) {
            if (node_is_scalar(list->items[i]) && node_reads(list->items[k], list->items[i]->text)) {
                study_error(r, list->items[i], "\"%s\" is in the list already", list->items[i]->text);
            }
        }
    }
    return (struct common_models){.list = list, .count = list->count};
}

/* Adds an arm of the file, once per model; the models themselves are read once their number is known. */
static void add_arm(struct study_reader *r, const struct node *node, const struct common_models *common)
{
    const struct node *own = node_find(node, "model");
    const char *name = study_text(node_find(node, "name"));
    struct written_arm arm = {.node = node, .name = name ? name : "", .model = -1, .baseline = -1};
    if (own || common->count == 0) {
        if (!own) {
            r->models_known = false;
            study_error(r, node, "which model? neither the study nor arm \"%s\" names one", arm.name);
        } else if (node_is_scalar(own)) {
            arm.model = find_model(r, own);
        }
        r->arms[r->arm_count++] = arm;
        return;
    }
    for (int i = 0; i < common->count; i++) {
        const struct node *model = common_node(common, i);
        if (node_is_scalar(model)) {
            arm.model = find_model(r, model);
            arm.labeled = common->list != NULL;
            r->arms[r->arm_count++] = arm;
        }
    }
}

/* Two models of one name could not be told apart in the result. */
static void check_model_name(struct study_reader *r, int m)
{
    const struct model *models = r->study->models;
    for (int i = 0; i < m; i++) {
        if (models[i].name && models[m].name && strcmp(models[i].name, models[m].name) == 0) {
            study_error(r, r->model_nodes[m], "another model of the study is called \"%s\" too; rename one",
                        models[m].name);
        }
    }
}

static int read_models(struct study_reader *r, const struct common_models *common)
{
    struct study *study = r->study;
    for (int m = 0; m < study->model_count; m++) {
        const struct node *node = r->model_nodes[m];
        if (read_model(r, &study->models[m], node)) {
            r->models_known = false;
        }
        check_model_name(r, m);
    }
    for (int i = 0; i < r->arm_count; i++) {
        int m = r->arms[i].model;
        r->arms[i].model = m >= 0 && study->models[m].name ? m : -1;
    }
    for (int i = 0; i < common->count && r->arm_count > 0; i++) {
        const struct node *node = common_node(common, i);
        bool used = !node_is_scalar(node);
        for (int m = 0; m < study->model_count && !used; m++) {
            used = node_reads(node, r->model_nodes[m]->text);
        }
        if (!used) {
            study_warning(r, node, "no arm uses the model \"%s\"; each names another", node->text);
        }
    }
    return 0;
}

static void check_name(struct study_reader *r, const struct node *list, int i)
{
    const struct node *node = node_find(list->items[i], "name");
    if (!node_is_scalar(node)) {
        return;
    }
    if (!*node->text) {
        study_error(r, node, "an arm needs a name");
    }
    for (int k = 0; k < i; k++) {
        if (node_reads(node_find(list->items[k], "name"), node->text)) {
            study_error(r, node, "another arm is called \"%s\" already", node->text);
            return;
        }
    }
}

/* The arm that `baseline` names: of the same model or, where it has but one, of that. */
static void find_baseline(struct study_reader *r, struct written_arm *arm)
{
    const struct node *node = node_find(arm->node, "baseline");
    int named = 0;
    int same = -1;
    int last = -1;
    if (!node_is_scalar(node)) {
        return;
    }
    for (int i = 0; i < r->arm_count; i++) {
        if (strcmp(r->arms[i].name, node->text) == 0) {
            named++;
            last = i;
            same = r->arms[i].model == arm->model ? i : same;
        }
    }
    if (strcmp(arm->name, node->text) == 0) {
        study_error(r, node, "an arm cannot be its own baseline");
    } else if (named == 0) {
        study_error(r, node, "\"%s\" is no arm of the study that another could be compared with", node->text);
    } else if (same < 0 && named > 1) {
        study_error(r, node,
                    "the baseline \"%s\" is simulated with %d models, none of which is that of this arm",
                    node->text, named);
    } else {
        arm->baseline = same >= 0 ? same : last;
    }
}

int study_read_arms(struct study_reader *r)
{
    const struct node *list = study_root(r, "arms");
    struct common_models common = read_common(r);
    r->models_known = true;
    if (!list || list->kind != NODE_LIST) {
        r->models_known = false;
        return 0;
    }
    if (list->count < 1 || list->count > STUDY_ARMS_WRITTEN_MAX) {
        study_error(r, list, "a study has 1 to %d arms", STUDY_ARMS_WRITTEN_MAX);
        r->models_known = false;
        return 0;
    }
    size_t most = common.count > 1 ? (size_t)common.count : 1;
    r->arms = calloc((size_t)list->count * most, sizeof(*r->arms));
    r->model_nodes = calloc((size_t)list->count + most, sizeof(*r->model_nodes));
    if (!r->arms || !r->model_nodes) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < list->count; i++) {
        if (list->items[i]->kind == NODE_MAP) {
            check_name(r, list, i);
            add_arm(r, list->items[i], &common);
        }
    }
    r->study->models = calloc((size_t)r->study->model_count + 1, sizeof(*r->study->models));
    if (!r->study->models) {
        r->study->model_count = 0;
        return diagnostics_out_of_memory(r->d);
    }
    if (read_models(r, &common)) {
        return -1;
    }
    for (int i = 0; i < r->arm_count; i++) {
        find_baseline(r, &r->arms[i]);
    }
    return 0;
}
