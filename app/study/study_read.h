/* study_read - a study file, checked and understood. */
#ifndef KETSIM_STUDY_READ_H
#define KETSIM_STUDY_READ_H

#include "model/study.h"

/* The keys of a study file; configs/reference.yaml shows each. */
extern const struct schema study_schema;

/* Reads the study at `path`, with `settings` (`--set KEY=VALUE`, count of them) carried out first. Reports every
 * mistake of the file and its models, with a place each. 0, or -1; then `study` is empty, and clearing it is still
 * allowed. Warnings may be in `d` either way. */
int study_read(struct study *study, const char *path, const char *const *settings, int setting_count,
               struct diagnostics *d);

/* The same from text in memory; `name` is what messages call it. */
int study_parse(struct study *study, const char *name, const char *text, size_t size,
                const char *const *settings, int setting_count, struct diagnostics *d);

/* The same for `ketsim optimize`: the arms are those that the study varies, at each point of the sweep with each candidate, the
 * candidates fastest. An error where the study has no section `optimize`. */
int study_read_candidates(struct study *study, const char *path, const char *const *settings,
                          int setting_count, struct diagnostics *d);
int study_parse_candidates(struct study *study, const char *name, const char *text, size_t size,
                           struct diagnostics *d);

/* Texts in place of what a study names: files, models and effect sites of the library. */
struct study_texts {
    const struct study_input *inputs;
    int count;
};

/* The same, of nothing but the texts given. */
int study_parse_with(struct study *study, const char *name, const char *text, const struct study_texts *given,
                     struct diagnostics *d);

void study_clear(struct study *study);

#endif
