#include "methods.h"

#include <string.h>

/* The linker lets every call of integrator_find end in __wrap_integrator_find, and calls what it replaces __real_. */
const struct integrator *__real_integrator_find(const char *name);
const struct integrator *__wrap_integrator_find(const char *name);

const struct integrator *__wrap_integrator_find(const char *name)
{
    static const struct integrator *const added[] = {&baseline_integrator, &long_double_integrator};
    for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++) {
        if (strcmp(added[i]->name, name) == 0) {
            return added[i];
        }
    }
    return __real_integrator_find(name);
}
