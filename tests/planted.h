/* planted - an error in an integrator, planted where the program looks integrators up by name (linked with --wrap=integrator_find).
 *
 * The program `ketsim_wrong` has the error that `planted` begins with; where KETSIM_PLANTED is "exact", the same in the exact propagator;
 * where it is "unsolved", an exact propagator that solves nothing. test_certificate.c plants its own.
 */
#ifndef KETSIM_TESTS_PLANTED_H
#define KETSIM_TESTS_PLANTED_H

struct planted {
    const char *method;  /* whose solutions are wrong; NULL: none are */
    double coarsest;     /* and only at an rtol of at least this */
    double relative;     /* by how much, in all levels */
    double of_remaining; /* how much of what is in the body at the end is not told */
    int lane;            /* of each batch; -1: all */
    double fails;        /* 1/h: whose first rate is at least this is not solved; 0: all are */
};

extern struct planted planted;

#endif
