/* What the result says of the blocks in which it was simulated: what they took, and checksums of what they wrote. */
#include "layout_inner.h"

/* In the order of enum block_work. */
static const struct {
    const char *name, *long_name;
} works[BLOCK_WORK_COUNT] = {
    [BLOCK_STEPS] = {"block_steps", "solver steps of the batches of the block"},
    [BLOCK_EVALUATIONS] = {"block_evaluations", "evaluations of the model's equations for the block"},
    [BLOCK_BATCHES] = {"block_batches", "batches that the block was solved in"},
};

static int add_works(struct layout *layout)
{
    for (int i = 0; i < BLOCK_WORK_COUNT; i++) {
        struct layout_variable *v = layout_add(layout, ROLE_BLOCK_WORK, HDF_INT64);
        if (!v) {
            return -1;
        }
        TEXT(v->name, "%s", works[i].name);
        TEXT(v->unit, "1");
        TEXT(v->long_name, "%s", works[i].long_name);
        DIMENSIONS(v, DIMENSION_BLOCK);
        v->index = i;
    }
    return 0;
}

static int add_checksums(struct layout *layout)
{
    for (int i = 0; i < layout->count; i++) {
        layout->sizes[DIMENSION_CHECKED] += layout_is_checked(&layout->variables[i]);
    }
    if (layout_add_coordinate(layout, DIMENSION_CHECKED, HDF_TEXT, "1",
                              "variable whose numbers are checked by checksum") != 0) {
        return -1;
    }
    struct layout_variable *v = layout_add(layout, ROLE_CHECKSUM, HDF_UINT64);
    if (!v) {
        return -1;
    }
    TEXT(v->name, "checksum");
    TEXT(v->unit, "1");
    TEXT(v->long_name, "XXH3 (64 bits) of what the block wrote to the variable, 0 until it did");
    v->comment = "the bytes as they lie in the file before it is compressed; a sum of 0 is stored as 1";
    DIMENSIONS(v, DIMENSION_BLOCK, DIMENSION_CHECKED);
    return 0;
}

int layout_add_blocks(struct layout *layout, const struct study *study)
{
    layout->block_lanes = sweep_block_lanes(study);
    layout->sizes[DIMENSION_BLOCK] = sweep_block_count(study);
    return layout_add_coordinate(layout, DIMENSION_BLOCK, HDF_INT64, "1",
                                 "number of the block of simulations") != 0 ||
                   add_works(layout) != 0 || add_checksums(layout) != 0
               ? -1
               : 0;
}

static bool is_numbered(const struct layout_variable *v)
{
    return v->rank >= 2 && v->dimensions[0] == DIMENSION_ARM &&
           (v->dimensions[1] == DIMENSION_PATIENT || v->dimensions[1] == DIMENSION_RECORD);
}

bool layout_is_checked(const struct layout_variable *v)
{
    return is_numbered(v) || v->role == ROLE_BLOCK_WORK ||
           (v->role == ROLE_SAMPLE && !layout_sample_is_study(v)) ||
           (v->dimensions[0] == DIMENSION_PATIENT && !layout_is_coordinate(v));
}

/* How many rows of a variable precede those of the patient in an arm of this number. */
static int64_t rows_before(const struct layout *layout, const struct study *study,
                           const struct layout_variable *v, int64_t number)
{
    const int64_t patients = layout->sizes[DIMENSION_PATIENT];

    if (v->dimensions[0] == DIMENSION_SAMPLE) {
        return certificate_before(&layout->sample, number);
    }
    if (v->dimensions[0] == DIMENSION_PATIENT) {
        return number < patients ? number : patients; /* the same in every arm: written with the first */
    }
    if (v->dimensions[1] == DIMENSION_RECORD) {
        const int64_t patient = number % patients;
        return number / patients * layout->sizes[DIMENSION_RECORD] +
               (patient > 0 ? study->events->patients[patient].first : 0);
    }
    return number;
}

struct layout_range layout_block_range(const struct layout *layout, const struct study *study,
                                       const struct layout_variable *v, int64_t block)
{
    const int64_t numbers = layout->sizes[DIMENSION_ARM] * layout->sizes[DIMENSION_PATIENT];
    const int64_t from = block * layout->block_lanes;
    const int64_t to = from + layout->block_lanes < numbers ? from + layout->block_lanes : numbers;
    int64_t row = (int64_t)hdf_size(v->type); /* bytes */
    int64_t first = block;
    int64_t end = block + 1;

    for (int i = is_numbered(v) ? 2 : 1; i < v->rank; i++) {
        row *= layout->sizes[v->dimensions[i]];
    }
    if (v->dimensions[0] != DIMENSION_BLOCK) {
        first = rows_before(layout, study, v, from);
        end = rows_before(layout, study, v, to);
    }
    return (struct layout_range){first * row, (end - first) * row};
}
