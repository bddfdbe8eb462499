#include "verdicts.h"

#include <stdlib.h>

static const char *const verdict_names[] = {
    [VERDICT_SAME] = "same",
    [VERDICT_FASTER] = "better",
    [VERDICT_SLOWER] = "WORSE",
    [VERDICT_UNCLEAR] = "unclear: too noisy to tell",
};

int verdicts_add(struct verdicts *verdicts, const struct verdict_row *row)
{
    struct verdict_row *rows = realloc(verdicts->rows, ((size_t)verdicts->count + 1) * sizeof(*rows));
    if (!rows) {
        return -1;
    }
    verdicts->rows = rows;
    rows[verdicts->count++] = *row;
    return 0;
}

void verdicts_clear(struct verdicts *verdicts)
{
    free(verdicts->rows);
    *verdicts = (struct verdicts){0};
}

int verdicts_count(const struct verdicts *verdicts, enum verdict verdict)
{
    int count = 0;
    for (int i = 0; i < verdicts->count; i++) {
        count += verdicts->rows[i].verdict == verdict;
    }
    return count;
}

void verdicts_print(const struct verdicts *verdicts, FILE *out)
{
    fprintf(out, "\n%-14s %-24s %12s %9s %9s %7s  %s\n", "", "measure", "now / before", "from", "to",
            "samples", "verdict");
    for (int i = 0; i < verdicts->count; i++) {
        const struct verdict_row *row = &verdicts->rows[i];
        fprintf(out, "%-14s %-24s %12.3f %9.3f %9.3f %7d  %s\n", row->subject, row->measure,
                row->change.median, row->change.low, row->change.high, row->change.count,
                verdict_names[row->verdict]);
    }
    fprintf(out, "%d compared: %d worse, %d better, %d unclear\n", verdicts->count,
            verdicts_count(verdicts, VERDICT_SLOWER), verdicts_count(verdicts, VERDICT_FASTER),
            verdicts_count(verdicts, VERDICT_UNCLEAR));
}

int verdicts_junit(const struct verdicts *verdicts, const char *path)
{
    FILE *out = fopen(path, "w");
    if (!out) {
        return -1;
    }
    fprintf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    fprintf(out, "<testsuite name=\"ketsim benchmarks\" tests=\"%d\" failures=\"%d\" skipped=\"%d\">\n",
            verdicts->count, verdicts_count(verdicts, VERDICT_SLOWER),
            verdicts_count(verdicts, VERDICT_UNCLEAR));
    for (int i = 0; i < verdicts->count; i++) {
        const struct verdict_row *row = &verdicts->rows[i];
        fprintf(out, "  <testcase classname=\"%s\" name=\"%s\">\n", row->subject, row->measure);
        if (row->verdict == VERDICT_SLOWER || row->verdict == VERDICT_UNCLEAR) {
            fprintf(out, "    <%s message=\"now / before %.3f, from %.3f to %.3f: %s\"/>\n",
                    row->verdict == VERDICT_SLOWER ? "failure" : "skipped", row->change.median,
                    row->change.low, row->change.high, verdict_names[row->verdict]);
        }
        fprintf(out, "  </testcase>\n");
    }
    fprintf(out, "</testsuite>\n");
    const int broken = ferror(out);
    return fclose(out) != 0 || broken ? -1 : 0;
}
