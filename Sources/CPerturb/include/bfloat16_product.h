#ifndef BFLOAT16_PRODUCT_H
#define BFLOAT16_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Matrix products of bfloat16 numbers with float32 sums, for CPUs with AVX512-BF16.
// Matrices are row-major; strides are the row lengths in memory, in elements.

// True if this CPU can run the functions below; they must not be called otherwise.
bool bfloat16_product_is_supported(void);

// Rounds float32 numbers to the nearest bfloat16, ties to even; NaN stays NaN, subnormals become 0.
void bfloat16_round(const float *x, uint16_t *rounded, size_t count);

// One term of a sum of products: a is rows × depth, op(b) depth × columns; op(b) is b, or its
// transpose.
typedef struct {
  const uint16_t *a;
  size_t a_stride;
  const uint16_t *b;
  size_t b_stride;
  size_t depth;
} bfloat16_term;

// How many elements the workspace of a product must have; `depth` is that of all terms together.
size_t bfloat16_product_workspace(size_t columns, size_t depth);

// c = Σ a · op(b) over the terms, or c += Σ a · op(b) if accumulating; c is rows × columns.
//
// The sum over the depth is taken in order, in pairs, so that the bits of an element of c do not
// depend on the size of the product.
void bfloat16_product(
    size_t rows, size_t columns, const bfloat16_term *terms, size_t count, bool transposes_b,
    float *c, size_t c_stride, bool accumulating, uint16_t *workspace);

// A product of one term in two steps, for a matrix that many products share: op(b) is packed once,
// into as many elements as `bfloat16_packed_size` says.
size_t bfloat16_packed_size(size_t columns, size_t depth);

void bfloat16_pack(
    size_t columns, size_t depth, const uint16_t *b, size_t b_stride, bool transposes_b,
    uint16_t *packed);

void bfloat16_product_packed(
    size_t rows, size_t columns, size_t depth, const uint16_t *a, size_t a_stride,
    const uint16_t *packed, float *c, size_t c_stride, bool accumulating);

#endif
