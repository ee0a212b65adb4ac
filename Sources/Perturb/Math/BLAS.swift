internal import COpenBLAS

/// The matrix products the model needs, over OpenBLAS; only this file and `BLAS+Double.swift` call it.
///
/// OpenBLAS runs on one thread; this file cuts the output into panels of rows and spreads those. The
/// panels depend on the shape alone, so the bits of a result do not depend on the thread count.
enum BLAS {
  /// The kernel set OpenBLAS chose for this CPU.
  static var kernelName: String { String(cString: openblas_get_corename()) }

  /// OpenBLAS must not start threads of its own inside our parallel regions.
  static let singleThreaded: Void = openblas_set_num_threads(1)

  /// The most rows and columns of the output that one call computes.
  private static let panel = (rows: 192, columns: 1024)

  /// `y = x · wᵀ`, or `y += …`: x is tokens × inputs, w outputs × inputs, and y the part of
  /// its rows that starts at column `start`, tokens × outputs.
  static func multiply(
    _ x: Matrix, transposing w: [Float], accumulating: Bool = false, into y: inout Matrix,
    columnsFrom start: Int = 0
  ) {
    let (inputs, stride) = (x.columns, y.columns)
    let outputs = w.count / inputs
    precondition(w.count == inputs * outputs && x.rows == y.rows && start + outputs <= stride)
    y.values.withUnsafeMutableBufferPointer { y in
      withPanels(x.values, w, y, rows: x.rows, columns: outputs) { x, w, y, rows, columns in
        product(
          rows.count, columns.count, inputs, x + rows.lowerBound * inputs, inputs, false,
          w + columns.lowerBound * inputs, inputs, true,
          y + rows.lowerBound * stride + start + columns.lowerBound, stride,
          accumulating: accumulating)
      }
    }
  }

  /// `dx += dy · w`: dy is the part of its rows that starts at column `start`, tokens ×
  /// outputs; w is outputs × inputs, dx tokens × inputs.
  static func accumulate(
    _ dy: Matrix, columnsFrom start: Int = 0, times w: [Float], into dx: inout Matrix
  ) {
    let (inputs, stride) = (dx.columns, dy.columns)
    let outputs = w.count / inputs
    precondition(w.count == inputs * outputs && dy.rows == dx.rows && start + outputs <= stride)
    dx.values.withUnsafeMutableBufferPointer { dx in
      withPanels(dy.values, w, dx, rows: dy.rows, columns: inputs) { dy, w, dx, rows, columns in
        product(
          rows.count, columns.count, outputs, dy + rows.lowerBound * stride + start, stride, false,
          w + columns.lowerBound, inputs, false,
          dx + rows.lowerBound * inputs + columns.lowerBound, inputs, accumulating: true)
      }
    }
  }

  /// `dw += dyᵀ · x`: dy is tokens × outputs, x tokens × inputs, dw outputs × inputs.
  static func accumulate(
    transposing dy: Matrix, times x: Matrix, into dw: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(dw.count == dy.columns * x.columns && dy.rows == x.rows)
    let (tokens, inputs, outputs) = (x.rows, x.columns, dy.columns)
    withPanels(dy.values, x.values, dw, rows: outputs, columns: inputs) {
      dy, x, dw, rows, columns in
      product(
        rows.count, columns.count, tokens, dy + rows.lowerBound, outputs, true,
        x + columns.lowerBound, inputs, false,
        dw + rows.lowerBound * inputs + columns.lowerBound, inputs, accumulating: true)
    }
  }

  /// `w += scale · b · a`: b is outputs × rank, a rank × inputs.
  static func accumulateLowRank(
    b: [Float], a: [Float], rank: Int, scale: Float, into w: inout [Float]
  ) {
    w.withUnsafeMutableBufferPointer {
      accumulateLowRank(b: b, a: a, rank: rank, scale: scale, into: $0)
    }
  }

  /// The same for a part of a larger array.
  static func accumulateLowRank(
    b: [Float], a: [Float], rank: Int, scale: Float, into w: UnsafeMutableBufferPointer<Float>
  ) {
    let (outputs, inputs) = (b.count / rank, a.count / rank)
    precondition(w.count == outputs * inputs)
    withPanels(b, a, w, rows: outputs, columns: inputs) { b, a, w, rows, columns in
      product(
        rows.count, columns.count, rank, b + rows.lowerBound * rank, rank, false,
        a + columns.lowerBound, inputs, false,
        w + rows.lowerBound * inputs + columns.lowerBound, inputs, scale: scale,
        accumulating: true)
    }
  }

  /// Which factor of a product is transposed.
  enum Transposed { case neither, first, second }

  /// `c += scale · a · b` with one of them transposed or none, for small matrices, on this thread. b
  /// and c may have more rows than are needed.
  static func add(
    _ a: Matrix, times b: Matrix, transposing transposed: Transposed = .neither, scale: Float = 1,
    to c: inout Matrix
  ) {
    let (rows, depth) = transposed == .first ? (a.columns, a.rows) : (a.rows, a.columns)
    let columns = c.columns
    precondition(c.rows >= rows && b.rows >= (transposed == .second ? columns : depth))
    precondition(b.columns == (transposed == .second ? depth : columns))
    a.values.withUnsafeBufferPointer { aBuffer in
      b.values.withUnsafeBufferPointer { bBuffer in
        c.values.withUnsafeMutableBufferPointer { cBuffer in
          guard let aBase = aBuffer.baseAddress, let bBase = bBuffer.baseAddress,
            let cBase = cBuffer.baseAddress
          else { return }
          product(
            rows, columns, depth, aBase, a.columns, transposed == .first, bBase, b.columns,
            transposed == .second, cBase, columns, scale: scale, accumulating: true)
        }
      }
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
    _ a: [Float], _ b: [Float], _ c: UnsafeMutableBufferPointer<Float>, rows: Int, columns: Int,
    _ body:
      @Sendable (
        UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, _ rows: Range<Int>,
        _ columns: Range<Int>
      ) -> Void
  ) {
    a.withUnsafeBufferPointer { aBuffer in
      b.withUnsafeBufferPointer { bBuffer in
        guard let aBase = aBuffer.baseAddress, let bBase = bBuffer.baseAddress,
          let cBase = c.baseAddress
        else { return }
        nonisolated(unsafe) let (a, b, c) = (aBase, bBase, cBase)
        // Few rows make two panels all the same, so that two threads have work.
        let height = max(16, min(panel.rows, (rows + 1) / 2))
        let across = (columns + panel.columns - 1) / panel.columns
        Parallel.forEach((rows + height - 1) / height * across) { piece in
          let row = piece / across * height
          let column = piece % across * panel.columns
          body(
            a, b, c, row..<min(rows, row + height),
            column..<min(columns, column + panel.columns))
        }
      }
    }
  }
}
