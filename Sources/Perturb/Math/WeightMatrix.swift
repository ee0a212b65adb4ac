internal import CPerturb

/// How products with weights are computed.
public enum Precision: String, Sendable, CaseIterable {
  /// Single precision throughout: the reference.
  case float32
  /// Weights that are stored as BF16 are multiplied as they are, by activations rounded to BF16, and
  /// summed in single precision. Everything else is as in the reference.
  case bfloat16

  /// The fastest that this CPU has instructions for.
  public static var fastest: Precision {
    bfloat16_product_is_supported() ? .bfloat16 : .float32
  }

  /// The names of the kernels that compute, for reports: results may differ in the last bits between
  /// kernels.
  var kernelName: String {
    switch self {
    case .float32: BLAS.kernelName
    case .bfloat16: BLAS.kernelName + ", AVX512-BF16"
    }
  }
}

/// A weight matrix as products read it: outputs × inputs.
struct WeightMatrix: Sendable {
  /// The numbers, row after row.
  enum Elements: Sendable {
    case float32([Float])
    /// The bits of BF16 numbers.
    case bfloat16([UInt16])
  }

  /// A change Δ = scale · b · a, with a rank × inputs and b outputs × rank. It is not added to the
  /// elements: most of it would be lost where those are BF16.
  struct Change: Sendable {
    let rank: Int
    let scale: Float
    let a: [Float]
    let b: [Float]
  }

  /// The matrix without the change.
  var elements: Elements
  /// What is added to it, if it moves in low-rank form.
  var change: Change?
}

extension WeightMatrix {
  /// `y = x · wᵀ`: x is tokens × inputs, y tokens × outputs.
  func multiply(_ x: Matrix, into y: inout Matrix) {
    elements.multiply(x, into: &y)
    guard let change else { return }
    var projected = Matrix(rows: x.rows, columns: change.rank)
    BLAS.multiply(x, transposing: change.a, into: &projected)
    BLAS.multiply(
      projected, transposing: change.b, scale: change.scale, accumulating: true, into: &y)
  }

  /// `dx += dy · w`: dy is tokens × outputs, dx tokens × inputs.
  func accumulate(_ dy: Matrix, into dx: inout Matrix) {
    elements.accumulate(dy, into: &dx)
    guard let change else { return }
    var pulled = Matrix(rows: dy.rows, columns: change.rank)
    BLAS.accumulate(dy, times: change.b, into: &pulled)
    BLAS.accumulate(pulled, times: change.a, scale: change.scale, into: &dx)
  }
}

extension WeightMatrix.Elements {
  /// How many there are.
  var count: Int {
    switch self {
    case .float32(let values): values.count
    case .bfloat16(let values): values.count
    }
  }

  /// `y = x · wᵀ`, where y is the part of its rows that starts at column `start`.
  func multiply(_ x: Matrix, into y: inout Matrix, columnsFrom start: Int = 0) {
    let outputs = count / x.columns
    precondition(count == outputs * x.columns && x.rows == y.rows && start + outputs <= y.columns)
    switch self {
    case .float32(let w):
      BLAS.multiply(x, transposing: w, into: &y, columnsFrom: start)
    case .bfloat16(let w):
      let (rows, inputs, stride) = (x.rows, x.columns, y.columns)
      y.values.withUnsafeMutableBufferPointer { y in
        x.values.withUnsafeBufferPointer { x in
          w.withUnsafeBufferPointer { w in
            guard let x = x.baseAddress, let w = w.baseAddress, let y = y.baseAddress else {
              return
            }
            BFloat16.product(
              rows, outputs, inputs, x, inputs, w, inputs, transposes: true, y + start, stride,
              accumulating: false)
          }
        }
      }
    }
  }

  /// `dx += dy · w`, where dy is the part of its rows that starts at column `start`.
  func accumulate(_ dy: Matrix, columnsFrom start: Int = 0, into dx: inout Matrix) {
    let outputs = count / dx.columns
    precondition(count == outputs * dx.columns && dy.rows == dx.rows)
    precondition(start + outputs <= dy.columns)
    switch self {
    case .float32(let w):
      BLAS.accumulate(dy, columnsFrom: start, times: w, into: &dx)
    case .bfloat16(let w):
      let (rows, inputs, stride) = (dx.rows, dx.columns, dy.columns)
      dx.values.withUnsafeMutableBufferPointer { dx in
        dy.values.withUnsafeBufferPointer { dy in
          w.withUnsafeBufferPointer { w in
            guard let dy = dy.baseAddress, let w = w.baseAddress, let dx = dx.baseAddress else {
              return
            }
            BFloat16.product(
              rows, inputs, outputs, dy + start, stride, w, inputs, transposes: false, dx, inputs,
              accumulating: true)
          }
        }
      }
    }
  }
}

/// Products of single-precision rows, rounded on the way, by BF16 matrices.
enum BFloat16 {
  /// Columns of the output that one piece of work computes: three panels of the kernel.
  private static let slice = 96
  /// Rows that one piece of work rounds.
  private static let roundedRows = 64

  /// `y = x · op(w)`, or `y += …`, on several threads; op(w) is w or its transpose.
  ///
  /// x is rows × depth, op(w) depth × columns, y rows × columns; the strides are the row lengths in
  /// memory. The pieces depend on the shape alone, and no sum is split.
  static func product(
    _ rows: Int, _ columns: Int, _ depth: Int,
    _ x: UnsafePointer<Float>, _ xStride: Int,
    _ w: UnsafePointer<UInt16>, _ wStride: Int, transposes: Bool,
    _ y: UnsafeMutablePointer<Float>, _ yStride: Int, accumulating: Bool
  ) {
    // Rows that are a multiple of 4 KiB apart would share the same few places of the L1 cache.
    let stride = depth + 32
    nonisolated(unsafe) let (x, w, y) = (x, w, y)
    let rounded = UnsafeMutablePointer<UInt16>.allocate(capacity: rows * stride)
    defer { rounded.deallocate() }
    nonisolated(unsafe) let target = rounded
    Parallel.forEachRange(rows, size: roundedRows) { part in
      for row in part { bfloat16_round(x + row * xStride, target + row * stride, depth) }
    }
    Parallel.forEachRange(columns, size: slice) { part in
      let size = bfloat16_product_workspace(part.count, depth)
      let workspace = UnsafeMutablePointer<UInt16>.allocate(capacity: size)
      defer { workspace.deallocate() }
      let first = part.lowerBound
      bfloat16_product(
        rows, part.count, depth, target, stride, transposes ? w + first * wStride : w + first,
        wStride, transposes, y + first, yStride, accumulating, workspace)
    }
  }
}
