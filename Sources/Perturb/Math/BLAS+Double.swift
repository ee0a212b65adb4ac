internal import COpenBLAS

/// Products and eigenvalues in double precision, on the thread that asks.
extension BLAS {
  /// `c += op(a) · op(b)`: row-major, op(a) rows × depth, op(b) depth × columns; strides are row lengths.
  static func add(
    _ a: UnsafePointer<Double>, stride aStride: Int, transposingFirst transposesA: Bool = false,
    times b: UnsafePointer<Double>, stride bStride: Int,
    transposingSecond transposesB: Bool = false,
    rows: Int, columns: Int, depth: Int, to c: UnsafeMutablePointer<Double>
  ) {
    _ = singleThreaded
    cblas_dgemm(
      CblasRowMajor, transposesA ? CblasTrans : CblasNoTrans,
      transposesB ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(depth), 1, a,
      Int32(aStride), b, Int32(bStride), 1, c, Int32(columns))
  }

  /// Adds a · aᵀ, or aᵀ · a, to the upper triangle of c, size × size.
  static func addGram(
    _ a: UnsafePointer<Double>, stride: Int, ofColumns: Bool, size: Int, depth: Int,
    to c: UnsafeMutablePointer<Double>
  ) {
    _ = singleThreaded
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, ofColumns ? CblasTrans : CblasNoTrans, Int32(size), Int32(depth),
      1, a, Int32(stride), 1, c, Int32(size))
  }

  /// The eigenvalues of a symmetric matrix in ascending order; nil if they were not found. Only the upper triangle is
  /// read.
  static func eigenvalues(_ matrix: consuming [Double], size: Int) -> [Double]? {
    precondition(matrix.count == size * size)
    guard size > 0 else { return [] }
    _ = singleThreaded
    var values = [Double](repeating: 0, count: size)
    // LAPACK's columns are our rows, so our upper triangle is its lower one. Without vectors, this much room is enough.
    var (count, workCount, integerCount, status) = (
      Int32(size), Int32(2 * size + 1), Int32(1), Int32(0)
    )
    var work = [Double](repeating: 0, count: 2 * size + 1)
    var integers: [Int32] = [0]
    dsyevd_(
      "N", "L", &count, &matrix, &count, &values, &work, &workCount, &integers, &integerCount,
      &status, 1, 1)
    return status == 0 ? values : nil
  }

  /// Replaces a matrix with at least as many rows as columns by a triangular one, columns × columns, that has the same
  /// singular values; false if that fails. Rows may then be appended, and it be done again.
  static func triangularise(_ matrix: inout [Double], columns: Int) -> Bool {
    precondition(matrix.count >= columns * columns)
    _ = singleThreaded
    // LAPACK's columns are our rows.
    var (size, depth) = (Int32(columns), Int32(matrix.count / columns))
    var (workCount, status) = (Int32(64 * columns), Int32(0))
    var scalars = [Double](repeating: 0, count: columns)
    var work = [Double](repeating: 0, count: 64 * columns)
    dgelqf_(&size, &depth, &matrix, &size, &scalars, &work, &workCount, &status)
    matrix.removeSubrange((columns * columns)...)
    for row in 1..<max(1, columns) {
      for column in 0..<row { matrix[row * columns + column] = 0 }
    }
    return status == 0
  }

  /// The singular values of a square matrix, the largest first; nil if they were not found.
  static func singularValues(_ matrix: consuming [Double], size: Int) -> [Double]? {
    precondition(matrix.count == size * size)
    _ = singleThreaded
    var values = [Double](repeating: 0, count: size)
    var (count, one, workCount, status) = (Int32(size), Int32(1), Int32(32 * size + 64), Int32(0))
    var work = [Double](repeating: 0, count: 32 * size + 64)
    var integers = [Int32](repeating: 0, count: 8 * size)
    var none = [0.0, 0.0]
    none.withUnsafeMutableBufferPointer { none in
      dgesdd_(
        "N", &count, &count, &matrix, &count, &values, none.baseAddress, &one, none.baseAddress,
        &one, &work, &workCount, &integers, &status, 1)
    }
    return status == 0 ? values : nil
  }
}
