#ifndef SHA256_TWO_H
#define SHA256_TWO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// SHA-256 of two messages at once, for x86-64 CPUs with SHA instructions.
//
// Each round of a digest waits for the one before, so one digest leaves half of such a CPU idle;
// the rounds of another one fit into the gaps. Padding is up to the caller.

// True if this CPU can run the functions below; they must not be called otherwise. Always false
// where this was not compiled for x86-64.
bool sha256_two_is_supported(void);

// Adds `blocks` blocks of 64 bytes of one message to its hash value, and as many of another message
// to its own. Bytes need no alignment, and may be the same ones.
void sha256_two(
    uint32_t state_a[8], const uint8_t *a, uint32_t state_b[8], const uint8_t *b, size_t blocks);

// Adds blocks of one message alone.
void sha256_one(uint32_t state[8], const uint8_t *bytes, size_t blocks);

#endif
