internal import COpenBLAS

/// The matrix products the model needs, over OpenBLAS; the only file that calls it.
///
/// OpenBLAS runs on one thread; this file cuts the output into panels of rows and spreads those. The
/// panels depend on the shape alone, so the bits of a result do not depend on the thread count.
enum BLAS {
  /// The kernel set OpenBLAS chose for this CPU, for reports: results may differ in the last bits
  /// between kernels.
  static var kernelName: String { String(cString: openblas_get_corename()) }

  /// OpenBLAS must not start threads of its own inside our parallel regions.
  private static let singleThreaded: Void = openblas_set_num_threads(1)

  /// Rows of the output that one call computes.
  private static let panel = 192

  /// `y = x · wᵀ`: x is tokens × inputs, w outputs × inputs, y tokens × outputs.
  static func multiply(_ x: Matrix, transposing w: [Float], into y: inout Matrix) {
    precondition(w.count == x.columns * y.columns && x.rows == y.rows)
    let (inputs, outputs) = (x.columns, y.columns)
    withPanels(x.values, w, &y.values, rows: x.rows) { x, w, y, rows in
      product(
        rows.count, outputs, inputs, x + rows.lowerBound * inputs, inputs, false, w, inputs, true,
        y + rows.lowerBound * outputs, outputs, accumulating: false)
    }
  }

  /// `dx += dy · w`: dy is tokens × outputs, w outputs × inputs, dx tokens × inputs.
  static func accumulate(_ dy: Matrix, times w: [Float], scale: Float = 1, into dx: inout Matrix) {
    precondition(w.count == dy.columns * dx.columns && dy.rows == dx.rows)
    let (inputs, outputs) = (dx.columns, dy.columns)
    withPanels(dy.values, w, &dx.values, rows: dy.rows) { dy, w, dx, rows in
      product(
        rows.count, inputs, outputs, dy + rows.lowerBound * outputs, outputs, false, w, inputs,
        false, dx + rows.lowerBound * inputs, inputs, scale: scale, accumulating: true)
    }
  }

  /// `dw += dyᵀ · x` into a part of a longer array: dy is tokens × outputs, x tokens × inputs.
  static func accumulate(
    transposing dy: Matrix, times x: Matrix, scale: Float = 1, into dw: inout [Float],
    at range: Range<Int>
  ) {
    precondition(range.count == dy.columns * x.columns && dy.rows == x.rows)
    let (tokens, inputs, outputs, start) = (x.rows, x.columns, dy.columns, range.lowerBound)
    withPanels(dy.values, x.values, &dw, rows: outputs) { dy, x, dw, rows in
      product(
        rows.count, inputs, tokens, dy + rows.lowerBound, outputs, true, x, inputs, false,
        dw + start + rows.lowerBound * inputs, inputs, scale: scale, accumulating: true)
    }
  }

  /// `w += scale · b · a`: b is outputs × rank, a rank × inputs; both are parts of `factors`.
  static func accumulateLowRank(
    b: Range<Int>, a: Range<Int>, of factors: [Float], rank: Int, scale: Float,
    into w: inout [Float]
  ) {
    let (outputs, inputs) = (b.count / rank, a.count / rank)
    precondition(w.count == outputs * inputs)
    withPanels(factors, factors, &w, rows: outputs) { left, right, w, rows in
      product(
        rows.count, inputs, rank, left + b.lowerBound + rows.lowerBound * rank, rank, false,
        right + a.lowerBound, inputs, false, w + rows.lowerBound * inputs, inputs, scale: scale,
        accumulating: true)
    }
  }

  /// `c = scale · op(a) · op(b)` or `c += …` for rectangles inside larger arrays, on this thread.
  ///
  /// `op(a)` is rows × depth, `op(b)` depth × columns; the strides are the row lengths in memory.
  static func product(
    _ rows: Int, _ columns: Int, _ depth: Int,
    _ a: UnsafePointer<Float>, _ aStride: Int, _ transposeA: Bool,
    _ b: UnsafePointer<Float>, _ bStride: Int, _ transposeB: Bool,
    _ c: UnsafeMutablePointer<Float>, _ cStride: Int, scale: Float = 1, accumulating: Bool
  ) {
    _ = singleThreaded
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
      Int32(rows), Int32(columns), Int32(depth), scale, a, Int32(aStride), b, Int32(bStride),
      accumulating ? 1 : 0, c, Int32(cStride))
  }

  private static func withPanels(
    _ a: [Float], _ b: [Float], _ c: inout [Float], rows: Int,
    _ body:
      @Sendable (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Range<Int>
      ) -> Void
  ) {
    a.withUnsafeBufferPointer { aBuffer in
      b.withUnsafeBufferPointer { bBuffer in
        c.withUnsafeMutableBufferPointer { cBuffer in
          guard let aBase = aBuffer.baseAddress, let bBase = bBuffer.baseAddress,
            let cBase = cBuffer.baseAddress
          else { return }
          nonisolated(unsafe) let (a, b, c) = (aBase, bBase, cBase)
          Parallel.forEachRange(rows, size: panel) { body(a, b, c, $0) }
        }
      }
    }
  }
}
