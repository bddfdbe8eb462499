/* exit_status - how a command ends. */
#ifndef KETSIM_EXIT_STATUS_H
#define KETSIM_EXIT_STATUS_H

/* What the shell sees. Scripts rely on these numbers. */
enum exit_status {
    STATUS_OK = 0,
    STATUS_FAILED = 1,
    STATUS_WRONG_INPUT = 2,     /* the command line or the study is wrong */
    STATUS_PATIENTS_FAILED = 3, /* finished; some patients could not be simulated, or do not agree with the
                                   certificate, and are marked */
    STATUS_INTERRUPTED = 130,   /* by SIGINT or SIGTERM */
};

#endif
