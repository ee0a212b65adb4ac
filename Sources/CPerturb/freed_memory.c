#include "freed_memory.h"

#include <limits.h>
#include <malloc.h>

void freed_memory_keep(void) {
#if defined(__GLIBC__)
  // No block is mapped by itself, and the end of the heap is never given back.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
#endif
}

void freed_memory_give_back(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}
