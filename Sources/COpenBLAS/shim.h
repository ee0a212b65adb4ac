#include <stddef.h>

#include <cblas.h>

// Eigenvalues of a symmetric matrix, from LAPACK, which is part of OpenBLAS; its header is not. The last two arguments
// are the lengths of the two texts, as Fortran passes them.
void dsyevd_(
    const char *vectors, const char *triangle, const int *size, double *matrix, const int *stride,
    double *values, double *work, const int *work_size, int *integers, const int *integers_size,
    int *status, size_t vectors_length, size_t triangle_length);
