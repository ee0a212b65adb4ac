#include <stddef.h>

#include <cblas.h>

// Parts of LAPACK, which is in OpenBLAS; its header is not. Matrices are column-major. Lengths at the end are those of
// texts, as Fortran passes them.

// Eigenvalues of a symmetric matrix.
void dsyevd_(
    const char *vectors, const char *triangle, const int *size, double *matrix, const int *stride,
    double *values, double *work, const int *work_size, int *integers, const int *integers_size,
    int *status, size_t vectors_length, size_t triangle_length);

// The factor L of a = L · Q, in the lower triangle of a.
void dgelqf_(
    const int *rows, const int *columns, double *a, const int *stride, double *scalars, double *work,
    const int *work_size, int *status);

// Singular values, the largest first.
void dgesdd_(
    const char *vectors, const int *rows, const int *columns, double *a, const int *stride,
    double *values, double *u, const int *u_stride, double *v, const int *v_stride, double *work,
    const int *work_size, int *integers, int *status, size_t vectors_length);
