/* replay - gives a fuzz target the files named on the command line, and the files in the folders named there. */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t size = 0;
    size_t capacity = 0;

    if (!file) {
        perror(path);
        return -1;
    }
    do {
        capacity = 2 * capacity + 65536;
        data = realloc(data, capacity);
        fuzz_promise(data);
        size += fread(data + size, 1, capacity - size, file);
    } while (size == capacity);
    fclose(file);
    uint8_t *exact = malloc(size > 0 ? size : 1); /* so that a sanitizer sees the first byte too far */
    fuzz_promise(exact);
    memcpy(exact, data, size);
    free(data);
    printf("%s\n", path);
    fflush(stdout); /* names the culprit of a crash */
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 0;
}

/* How many files were replayed; -1 where one cannot be read. */
static int replay(const char *path)
{
    struct dirent **entries;
    struct stat status;
    int count = 0;

    if (stat(path, &status) != 0) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(status.st_mode)) {
        return replay_file(path) == 0 ? 1 : -1;
    }
    const int found = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < found; i++) {
        char name[4096];
        snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && count >= 0) {
            const int more = replay(name);
            count = more < 0 ? -1 : count + more;
        }
        free(entries[i]);
    }
    if (found >= 0) {
        free(entries);
    }
    return found < 0 ? -1 : count;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc && count >= 0; i++) {
        const int more = replay(argv[i]);
        count = more < 0 ? -1 : count + more;
    }
    if (count <= 0) {
        fprintf(stderr, "nothing was replayed\n");
        return EXIT_FAILURE;
    }
    printf("%d replayed\n", count);
    return EXIT_SUCCESS;
}
