/* The checksums of what blocks wrote. */
#include "app/results/results_place.h"
#include "verify_inner.h"

#include "solver/parallel.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>

struct looking {
    struct verify *verify;
    struct verify_sums *sums;
    pthread_mutex_t lock; /* of sums */
};

static void note_mismatch(struct looking *looking, struct verify_mismatch mismatch)
{
    struct verify_sums *sums = looking->sums;

    pthread_mutex_lock(&looking->lock);
    int at = sums->kept;
    sums->count++;
    while (at > 0 &&
           (sums->first[at - 1].block > mismatch.block || (sums->first[at - 1].block == mismatch.block &&
                                                           sums->first[at - 1].checked > mismatch.checked))) {
        at--;
    }
    if (at < VERIFY_NAMED_MAX) {
        const int behind = (sums->kept < VERIFY_NAMED_MAX ? sums->kept : VERIFY_NAMED_MAX - 1) - at;
        memmove(&sums->first[at + 1], &sums->first[at], (size_t)behind * sizeof(mismatch));
        sums->first[at] = mismatch;
        sums->kept = at + behind + 1;
    }
    pthread_mutex_unlock(&looking->lock);
}

static int block_check(void *payload, int thread, int64_t block)
{
    struct looking *looking = payload;
    struct verify *v = looking->verify;
    const struct results *results = v->results;

    (void)thread;
    for (int i = 0; i < results->layout.sizes[DIMENSION_CHECKED]; i++) {
        uint64_t now = 0;
        uint64_t before = 0;
        if (results->checked[i]->scratch) {
            continue;
        }
        const int code = results_block_sum(results, results->checked[i], block, &now);
        if (code != 0 || results_block_stored_sum(results, block, i, &before) != 0 || now != before) {
            note_mismatch(looking, (struct verify_mismatch){block, i, code != 0});
            v->damaged[block] = true;
        }
    }
    return 0;
}

int verify_blocks(struct verify *v, struct verify_sums *sums)
{
    struct looking looking = {.verify = v, .sums = sums};

    *sums = (struct verify_sums){0};
    pthread_mutex_init(&looking.lock, NULL);
    const int code = parallel_run(sweep_threads(&v->study, v->request->threads),
                                  v->results->layout.sizes[DIMENSION_BLOCK], block_check, &looking);
    pthread_mutex_destroy(&looking.lock);
    v->any_damaged = sums->count > 0;
    return code == 0 ? 0 : diagnostics_error(v->d, verify_place(v), "cannot be checked: %s", strerror(code));
}

/* Where all that was simulated again is the same, it is the checksum that is not. */
void verify_tell_blocks(const struct verify *v, const struct verify_sums *sums)
{
    for (int i = 0; i < sums->kept; i++) {
        const struct verify_mismatch *m = &sums->first[i];
        const struct layout_variable *variable = v->results->checked[m->checked];
        const struct value_place at =
            results_place_of_block(&v->results->layout, &v->study, variable, m->block);
        if (m->unreadable) {
            diagnostics_error(v->d, verify_place(v), "\"%s\" of %s: cannot be read", variable->name, at.text);
        } else if (!v->report->same_program) {
            diagnostics_error(v->d, verify_place(v), "\"%s\" of %s: is not what its checksum is of",
                              variable->name, at.text);
        } else if (!stored_differs(v->results->stored, variable)) {
            diagnostics_error(
                v->d, verify_place(v),
                "\"checksum\" of \"%s\", %s: the numbers are what they are when simulated again, "
                "and their checksum is not",
                variable->name, at.text);
        }
    }
    if (sums->count > sums->kept) {
        diagnostics_error(v->d, verify_place(v),
                          "and %" PRId64 " more parts are not what their checksums are of",
                          sums->count - sums->kept);
    }
}
