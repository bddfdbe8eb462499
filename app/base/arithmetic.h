/* arithmetic - what the last digits of a result depend on besides the program. */
#ifndef KETSIM_ARITHMETIC_H
#define KETSIM_ARITHMETIC_H

/* Names the machine, the C library, and how its exp, log, pow and their like round: they do it in other ways where the processor has
 * fused multiplication and addition. Two programs of one revision that agree in this text give the same bytes. */
struct arithmetic {
    char text[96];
};

struct arithmetic arithmetic_describe(void);

#endif
