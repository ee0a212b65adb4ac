#include "bfloat16_product.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

// The instruction vdpbf16ps multiplies 16 pairs of bfloat16 numbers by 16 other pairs and adds the
// two products of each pair to one of 16 float32 sums. So both factors are read as pairs along the
// depth:
//
//            b, packed:  depth/2 × 32 pairs                c tile: 12 × 32 sums in 24 registers
//                        ┌────────────────┐
//       a:  12 rows of   │ one row of 32  │               for each pair of depths:
//       depth/2 pairs    │ pairs fills    │                 2 loads of b, and for each of 12 rows
//       ┌───────┐        │ two registers  │                 one pair of a, sent to all lanes, and
//       │ pair →│        └────────────────┘                 two vdpbf16ps
//       └───────┘

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))
#define INLINE static inline __attribute__((always_inline)) TARGET

enum {
  tile_rows = 12,
  // Two registers of 16 lanes.
  panel_columns = 32,
  // As many depths are packed at once: a slice of 96 columns takes 384 KiB of the L2 cache.
  depth_block = 2048,
  // So many more if other terms are narrow: the sums need not leave their registers for them.
  narrow_depth = 128,
  // As many terms, or parts of them, are summed at once.
  block_limit = 8,
};

// Some depths of one term of a sum of products, with their part of b packed.
typedef struct {
  const uint16_t *a;
  size_t a_stride;
  const uint16_t *packed;
  size_t depth;
} block;

bool bfloat16_product_is_supported(void) {
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bf16");
}

TARGET void bfloat16_round(const float *x, uint16_t *rounded, size_t count) {
  size_t index = 0;
  for (; index + 16 <= count; index += 16) {
    __m256bh part = _mm512_cvtneps_pbh(_mm512_loadu_ps(x + index));
    _mm256_storeu_si256((__m256i *)(rounded + index), (__m256i)part);
  }
  if (index == count) return;
  __mmask16 mask = (__mmask16)((1u << (count - index)) - 1);
  __m256bh part = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, x + index));
  _mm256_mask_storeu_epi16(rounded + index, mask, (__m256i)part);
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static size_t padded_columns(size_t columns) {
  return (columns + panel_columns - 1) / panel_columns * panel_columns;
}

// The next even number: depths go in pairs.
static size_t even(size_t depth) { return depth + depth % 2; }

size_t bfloat16_product_workspace(size_t columns, size_t depth) {
  return padded_columns(columns) * smaller(depth + block_limit, depth_block + narrow_depth);
}

size_t bfloat16_packed_size(size_t columns, size_t depth) {
  return padded_columns(columns) * even(depth);
}

// The lowest `count` of 32 bits.
static __mmask32 first(size_t count) {
  return count >= 32 ? 0xFFFFFFFFu : (__mmask32)((1u << count) - 1);
}

// MARK: Packing

// Transposes 16 × 16 pairs: interleaves pairs, then couples of pairs, then quarters of registers.
INLINE void transpose(__m512i row[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    row[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    row[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    row[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    row[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  // row[4g + j] now holds column 4q + j of rows 4g…4g+3 in its quarter q.
  for (int j = 0; j < 4; j++) {
    __m512i low = _mm512_shuffle_i32x4(row[j], row[4 + j], 0x88);
    __m512i lowOdd = _mm512_shuffle_i32x4(row[j], row[4 + j], 0xDD);
    __m512i high = _mm512_shuffle_i32x4(row[8 + j], row[12 + j], 0x88);
    __m512i highOdd = _mm512_shuffle_i32x4(row[8 + j], row[12 + j], 0xDD);
    t[j] = _mm512_shuffle_i32x4(low, high, 0x88);
    t[4 + j] = _mm512_shuffle_i32x4(lowOdd, highOdd, 0x88);
    t[8 + j] = _mm512_shuffle_i32x4(low, high, 0xDD);
    t[12 + j] = _mm512_shuffle_i32x4(lowOdd, highOdd, 0xDD);
  }
  for (int i = 0; i < 16; i++) row[i] = t[i];
}

// One panel of bᵀ: its columns are rows of b, so pairs lie together in memory already.
TARGET static void pack_transposed(
    const uint16_t *b, size_t stride, size_t columns, size_t depth, uint16_t *packed) {
  for (size_t k = 0; k < depth; k += 32) {
    __mmask32 mask = first(depth - k);
    size_t pairs = smaller(16, (depth - k + 1) / 2);
    for (size_t half = 0; half < 2; half++) {
      __m512i row[16];
      for (size_t i = 0; i < 16; i++) {
        size_t column = 16 * half + i;
        row[i] = column < columns ? _mm512_maskz_loadu_epi16(mask, b + column * stride + k)
                                  : _mm512_setzero_si512();
      }
      transpose(row);
      uint16_t *target = packed + k * panel_columns + 32 * half;
      for (size_t i = 0; i < pairs; i++)
        _mm512_storeu_si512(target + 2 * i * panel_columns, row[i]);
    }
  }
}

// One panel of b: two rows of b are interleaved.
TARGET static void pack(
    const uint16_t *b, size_t stride, size_t columns, size_t depth, uint16_t *packed) {
  uint16_t order[64];
  for (int i = 0; i < 32; i++) {
    order[2 * i] = (uint16_t)i;
    order[2 * i + 1] = (uint16_t)(32 + i);
  }
  __m512i low = _mm512_loadu_si512(order), high = _mm512_loadu_si512(order + 32);
  __mmask32 mask = first(columns);
  for (size_t k = 0; k < depth; k += 2) {
    __m512i even = _mm512_maskz_loadu_epi16(mask, b + k * stride);
    __m512i odd = k + 1 < depth ? _mm512_maskz_loadu_epi16(mask, b + (k + 1) * stride)
                                : _mm512_setzero_si512();
    uint16_t *target = packed + k * panel_columns;
    _mm512_storeu_si512(target, _mm512_permutex2var_epi16(even, low, odd));
    _mm512_storeu_si512(target + 32, _mm512_permutex2var_epi16(even, high, odd));
  }
}

// MARK: Product

INLINE __m512 pair_at(const uint16_t *a) {
  int pair;
  memcpy(&pair, a, sizeof pair);
  return (__m512)_mm512_set1_epi32(pair);
}

// Some rows of one panel of all blocks, in one or two registers a row; `rows` and `registers` are
// constants wherever this is expanded.
INLINE void multiply_tile(
    const int rows, const int registers, size_t row, size_t panel, const block *blocks,
    size_t count, float *c, size_t c_stride, size_t columns, bool accumulating) {
  __m512 sums[tile_rows][2];
  __mmask16 masks[2] = {
      (__mmask16)first(columns), columns > 16 ? (__mmask16)first(columns - 16) : 0};
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < registers; j++)
      sums[i][j] = accumulating ? _mm512_maskz_loadu_ps(masks[j], c + i * c_stride + 16 * j)
                                : _mm512_setzero_ps();
  for (const block *part = blocks; part < blocks + count; part++) {
    size_t depth = part->depth, a_stride = part->a_stride;
    const uint16_t *a = part->a + row * a_stride;
    const uint16_t *packed = part->packed + panel * panel_columns * even(depth);
    size_t k = 0;
    for (; k + 1 < depth; k += 2) {
      if (panel == 0 && k % 32 == 0) {
        // The rows of the next tile, a cache line of each.
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
          _mm_prefetch((const char *)(a + (i + rows) * a_stride + k), _MM_HINT_T1);
      }
      __m512bh b[2];
#pragma clang loop unroll(full)
      for (int j = 0; j < registers; j++)
        b[j] = (__m512bh)_mm512_loadu_si512(packed + k * panel_columns + 32 * j);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) {
        __m512bh pair = (__m512bh)pair_at(a + i * a_stride + k);
#pragma clang loop unroll(full)
        for (int j = 0; j < registers; j++) sums[i][j] = _mm512_dpbf16_ps(sums[i][j], pair, b[j]);
      }
    }
    if (k == depth) continue;
    // The odd last depth: its partner in b is zero, but nothing may be read behind a.
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      __m512bh pair = (__m512bh)_mm512_set1_epi32(a[i * a_stride + k]);
#pragma clang loop unroll(full)
      for (int j = 0; j < registers; j++) {
        __m512i b = _mm512_loadu_si512(packed + k * panel_columns + 32 * j);
        sums[i][j] = _mm512_dpbf16_ps(sums[i][j], pair, (__m512bh)b);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < registers; j++)
      _mm512_mask_storeu_ps(c + i * c_stride + 16 * j, masks[j], sums[i][j]);
}

typedef void tile(
    size_t row, size_t panel, const block *blocks, size_t count, float *c, size_t c_stride,
    size_t columns, bool accumulating);

#define DEFINE_TILE(rows, registers)                                                               \
  TARGET static void multiply_##rows##_##registers(                                                \
      size_t row, size_t panel, const block *blocks, size_t count, float *c, size_t c_stride,     \
      size_t columns, bool accumulating) {                                                        \
    multiply_tile(                                                                                 \
        rows, registers, row, panel, blocks, count, c, c_stride, columns, accumulating);          \
  }
#define DEFINE_TILES(rows) DEFINE_TILE(rows, 1) DEFINE_TILE(rows, 2)
DEFINE_TILES(1)
DEFINE_TILES(2)
DEFINE_TILES(3)
DEFINE_TILES(4)
DEFINE_TILES(5)
DEFINE_TILES(6)
DEFINE_TILES(7)
DEFINE_TILES(8)
DEFINE_TILES(9)
DEFINE_TILES(10)
DEFINE_TILES(11)
DEFINE_TILES(12)

#define TILES(rows) {multiply_##rows##_1, multiply_##rows##_2}
// By the number of rows less one, and by that of registers less one.
static tile *const tiles[tile_rows][2] = {
    TILES(1), TILES(2), TILES(3), TILES(4),  TILES(5),  TILES(6),
    TILES(7), TILES(8), TILES(9), TILES(10), TILES(11), TILES(12),
};

// Packs a block of b: all columns, `depth` depths.
TARGET static void pack_block(
    size_t columns, size_t depth, const uint16_t *b, size_t stride, bool transposes,
    uint16_t *packed) {
  for (size_t column = 0; column < columns; column += panel_columns) {
    size_t width = smaller(columns - column, panel_columns);
    if (transposes)
      pack_transposed(b + column * stride, stride, width, depth, packed);
    else
      pack(b + column, stride, width, depth, packed);
    packed += panel_columns * (depth + depth % 2);
  }
}

// c = Σ a · b over some blocks, or c += Σ a · b.
static void multiply_blocks(
    size_t rows, size_t columns, const block *blocks, size_t count, float *c, size_t c_stride,
    bool accumulating) {
  for (size_t row = 0; row < rows;) {
    size_t left = rows - row;
    size_t height = smaller(left, tile_rows);
    for (size_t column = 0; column < columns; column += panel_columns) {
      size_t width = smaller(columns - column, panel_columns);
      tiles[height - 1][width > 16](
          row, column / panel_columns, blocks, count, c + row * c_stride + column, c_stride, width,
          accumulating);
    }
    row += height;
  }
}

void bfloat16_product(
    size_t rows, size_t columns, const bfloat16_term *terms, size_t count, bool transposes_b,
    float *c, size_t c_stride, bool accumulating, uint16_t *workspace) {
  block blocks[block_limit];
  size_t waiting = 0, packed_depth = 0;
  for (const bfloat16_term *term = terms; term < terms + count; term++) {
    for (size_t k = 0; k < term->depth; k += depth_block) {
      size_t depth = smaller(term->depth - k, depth_block);
      if (waiting == block_limit ||
          (waiting > 0 && packed_depth + even(depth) > depth_block + narrow_depth)) {
        multiply_blocks(rows, columns, blocks, waiting, c, c_stride, accumulating);
        accumulating = true;
        waiting = packed_depth = 0;
      }
      uint16_t *packed = workspace + padded_columns(columns) * packed_depth;
      pack_block(
          columns, depth, term->b + (transposes_b ? k : k * term->b_stride), term->b_stride,
          transposes_b, packed);
      blocks[waiting] = (block){term->a + k, term->a_stride, packed, depth};
      waiting += 1;
      packed_depth += even(depth);
    }
  }
  // Without any depth c becomes zero, unless it is added to.
  multiply_blocks(rows, columns, blocks, waiting, c, c_stride, accumulating);
}

void bfloat16_pack(
    size_t columns, size_t depth, const uint16_t *b, size_t b_stride, bool transposes_b,
    uint16_t *packed) {
  for (size_t k = 0; k < depth; k += depth_block) {
    pack_block(
        columns, smaller(depth - k, depth_block), b + (transposes_b ? k : k * b_stride), b_stride,
        transposes_b, packed + k * padded_columns(columns));
  }
}

void bfloat16_product_packed(
    size_t rows, size_t columns, size_t depth, const uint16_t *a, size_t a_stride,
    const uint16_t *packed, float *c, size_t c_stride, bool accumulating) {
  for (size_t k = 0; k < depth || (k == 0 && !accumulating); k += depth_block) {
    block part = {
        a + k, a_stride, packed + k * padded_columns(columns), smaller(depth - k, depth_block)};
    multiply_blocks(rows, columns, &part, 1, c, c_stride, accumulating || k > 0);
  }
}

#else

bool bfloat16_product_is_supported(void) { return false; }

void bfloat16_round(const float *x, uint16_t *rounded, size_t count) { __builtin_trap(); }

size_t bfloat16_product_workspace(size_t columns, size_t depth) { return 0; }

void bfloat16_product(
    size_t rows, size_t columns, const bfloat16_term *terms, size_t count, bool transposes_b,
    float *c, size_t c_stride, bool accumulating, uint16_t *workspace) {
  __builtin_trap();
}

size_t bfloat16_packed_size(size_t columns, size_t depth) { return 0; }

void bfloat16_pack(
    size_t columns, size_t depth, const uint16_t *b, size_t b_stride, bool transposes_b,
    uint16_t *packed) {
  __builtin_trap();
}

void bfloat16_product_packed(
    size_t rows, size_t columns, size_t depth, const uint16_t *a, size_t a_stride,
    const uint16_t *packed, float *c, size_t c_stride, bool accumulating) {
  __builtin_trap();
}

#endif
