#include "study_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path of a model file as the program finds it: relative to the study's folder. malloc'ed; NULL without
 * memory. */
static char *model_path(const struct study_reader *r, const char *name)
{
    const char *study = r->study->document.name;
    const char *slash = study ? strrchr(study, '/') : NULL;
    const char *dot = strrchr(name, '.');
    bool file = strchr(name, '/') || (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0));
    if (!file || name[0] == '/' || !slash) {
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

/* Which model each arm has; the models themselves are read once their number is known. */
static void name_models(struct study_reader *r)
{
    const struct node *common = study_root(r, "model");
    for (int i = 0; i < r->arm_count; i++) {
        struct written_arm *arm = &r->arms[i];
        const struct node *own = node_find(arm->node, "model");
        const struct node *node = own ? own : common;
        arm->model = -1;
        if (node_is_scalar(node)) {
            arm->model = find_model(r, node);
        } else if (!node) {
            r->models_known = false;
            diagnostics_error(r->d, study_place(r, arm->node),
                              "which model? neither the study nor arm \"%s\" names one", arm->name);
        }
    }
}

static int read_models(struct study_reader *r)
{
    struct study *study = r->study;
    const struct node *common = study_root(r, "model");
    for (int m = 0; m < study->model_count; m++) {
        const struct node *node = r->model_nodes[m];
        char *path = model_path(r, node->text);
        if (!path) {
            return diagnostics_out_of_memory(r->d);
        }
        if (model_read(&study->models[m], path, r->units, study_place(r, node), r->d)) {
            r->models_known = false;
        }
        free(path);
    }
    for (int i = 0; i < r->arm_count; i++) {
        int m = r->arms[i].model;
        r->arms[i].model = m >= 0 && study->models[m].name ? m : -1;
    }
    bool used = false;
    for (int m = 0; common && m < study->model_count; m++) {
        used |= node_reads(common, r->model_nodes[m]->text);
    }
    if (node_is_scalar(common) && !used && r->arm_count > 0) {
        diagnostics_warning(r->d, study_place(r, common), "no arm uses the model \"%s\"; each names another",
                            common->text);
    }
    return 0;
}

static void check_name(struct study_reader *r, int i)
{
    const struct node *node = node_find(r->arms[i].node, "name");
    if (!node_is_scalar(node)) {
        return;
    }
    if (!*node->text) {
        diagnostics_error(r->d, study_place(r, node), "an arm needs a name");
    }
    for (int k = 0; k < i; k++) {
        if (strcmp(r->arms[k].name, node->text) == 0) {
            diagnostics_error(r->d, study_place(r, node), "another arm is called \"%s\" already", node->text);
            return;
        }
    }
}

int study_read_arms(struct study_reader *r)
{
    const struct node *list = study_root(r, "arms");
    r->models_known = true;
    if (!list || list->kind != NODE_LIST) {
        r->models_known = false;
        return 0;
    }
    if (list->count < 1 || list->count > STUDY_ARMS_WRITTEN_MAX) {
        diagnostics_error(r->d, study_place(r, list), "a study has 1 to %d arms", STUDY_ARMS_WRITTEN_MAX);
        r->models_known = false;
        return 0;
    }
    r->arms = calloc((size_t)list->count, sizeof(*r->arms));
    r->model_nodes = calloc((size_t)list->count, sizeof(*r->model_nodes));
    if (!r->arms || !r->model_nodes) {
        return diagnostics_out_of_memory(r->d);
    }
    for (int i = 0; i < list->count; i++) {
        if (list->items[i]->kind == NODE_MAP) {
            struct written_arm *arm = &r->arms[r->arm_count++];
            const char *name = study_text(node_find(list->items[i], "name"));
            *arm = (struct written_arm){.node = list->items[i], .name = name ? name : ""};
            check_name(r, r->arm_count - 1);
        }
    }
    name_models(r);
    r->study->models = calloc((size_t)r->study->model_count + 1, sizeof(*r->study->models));
    if (!r->study->models) {
        r->study->model_count = 0;
        return diagnostics_out_of_memory(r->d);
    }
    return read_models(r);
}
