#include "sha256_two.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

// Names as in FIPS 180-4, section 6.2.2: a…h are the working variables, W is the message schedule,
// K are the constants. The instructions want the variables in two registers, a b e f and c d g h
// (the first name is the highest word), and do two rounds at once.

#define TARGET __attribute__((target("sha,sse4.1")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum { block_size = 64, streams_limit = 2 };

// FIPS 180-4, section 4.2.2.
static const uint32_t K[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

bool sha256_two_is_supported(void) {
  unsigned a, b, c, d;
  // Leaf 7 tells of SHA, leaf 1 of SSSE3 and SSE4.1.
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_SHA)) return false;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSSE3) && (c & bit_SSE4_1);
}

// Adds blocks to as many messages as `streams` says, a constant wherever this is expanded. Each
// step is done for all of them before the next one: that is what fills the gaps.
INLINE void add_blocks(
    const int streams, uint32_t *const states[], const uint8_t *const messages[], size_t blocks) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i abef[streams_limit], cdgh[streams_limit];
#pragma clang loop unroll(full)
  for (int s = 0; s < streams; s++) {
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)states[s]), 0x1B);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(states[s] + 4)), 0x1B);
    abef[s] = _mm_unpackhi_epi64(efgh, abcd);
    cdgh[s] = _mm_unpacklo_epi64(efgh, abcd);
  }
  for (size_t block = 0; block < blocks; block++) {
    // The last 16 words of each schedule, in four registers.
    __m128i W[streams_limit][4], abef_before[streams_limit], cdgh_before[streams_limit];
#pragma clang loop unroll(full)
    for (int s = 0; s < streams; s++) {
      abef_before[s] = abef[s];
      cdgh_before[s] = cdgh[s];
    }
#pragma clang loop unroll(full)
    for (int t = 0; t < 16; t++) {
#pragma clang loop unroll(full)
      for (int s = 0; s < streams; s++) {
        // Words 4t to 4t + 3, and the registers of the twelve words before them.
        __m128i *word = &W[s][t % 4], *ago_12 = &W[s][(t + 1) % 4];
        __m128i *ago_8 = &W[s][(t + 2) % 4], *ago_4 = &W[s][(t + 3) % 4];
        if (t < 4) {
          const uint8_t *bytes = messages[s] + block_size * block + 16 * t;
          *word = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)bytes), big_endian);
        } else {
          __m128i sum = _mm_sha256msg1_epu32(*word, *ago_12);
          sum = _mm_add_epi32(sum, _mm_alignr_epi8(*ago_4, *ago_8, 4));
          *word = _mm_sha256msg2_epu32(sum, *ago_4);
        }
        __m128i sum = _mm_add_epi32(*word, _mm_load_si128((const __m128i *)(K + 4 * t)));
        // After two rounds c d g h are what a b e f were, so the registers change places.
        cdgh[s] = _mm_sha256rnds2_epu32(cdgh[s], abef[s], sum);
        abef[s] = _mm_sha256rnds2_epu32(abef[s], cdgh[s], _mm_shuffle_epi32(sum, 0x0E));
      }
    }
#pragma clang loop unroll(full)
    for (int s = 0; s < streams; s++) {
      abef[s] = _mm_add_epi32(abef[s], abef_before[s]);
      cdgh[s] = _mm_add_epi32(cdgh[s], cdgh_before[s]);
    }
  }
#pragma clang loop unroll(full)
  for (int s = 0; s < streams; s++) {
    __m128i abcd = _mm_unpackhi_epi64(cdgh[s], abef[s]);
    __m128i efgh = _mm_unpacklo_epi64(cdgh[s], abef[s]);
    _mm_storeu_si128((__m128i *)states[s], _mm_shuffle_epi32(abcd, 0x1B));
    _mm_storeu_si128((__m128i *)(states[s] + 4), _mm_shuffle_epi32(efgh, 0x1B));
  }
}

TARGET void sha256_two(
    uint32_t state_a[8], const uint8_t *a, uint32_t state_b[8], const uint8_t *b, size_t blocks) {
  uint32_t *const states[] = {state_a, state_b};
  const uint8_t *const messages[] = {a, b};
  add_blocks(2, states, messages, blocks);
}

TARGET void sha256_one(uint32_t state[8], const uint8_t *bytes, size_t blocks) {
  uint32_t *const states[] = {state};
  const uint8_t *const messages[] = {bytes};
  add_blocks(1, states, messages, blocks);
}

#else

bool sha256_two_is_supported(void) { return false; }

void sha256_two(
    uint32_t state_a[8], const uint8_t *a, uint32_t state_b[8], const uint8_t *b, size_t blocks) {
  __builtin_trap();
}

void sha256_one(uint32_t state[8], const uint8_t *bytes, size_t blocks) { __builtin_trap(); }

#endif
