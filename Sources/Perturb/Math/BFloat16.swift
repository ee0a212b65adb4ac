internal import CPerturb

/// A row-major matrix of BF16 numbers.
struct RoundedMatrix: Sendable {
  let rows: Int
  let columns: Int
  /// The length of a row in memory. Rows that are a multiple of 4 KiB apart would share the same few
  /// places of the L1 cache.
  let stride: Int
  /// The bits, row after row.
  let bits: [UInt16]

  /// Rows that one piece of work rounds.
  private static let rowsPerPiece = 64

  /// Rounds to the nearest, ties to even.
  init(_ x: Matrix) {
    let (rows, columns, stride) = (x.rows, x.columns, x.columns + 32)
    (self.rows, self.columns, self.stride) = (rows, columns, stride)
    bits = [UInt16](unsafeUninitializedCapacity: rows * stride) { buffer, count in
      // What lies between the rows is never read.
      count = rows * stride
      x.values.withUnsafeBufferPointer { x in
        guard let x = x.baseAddress, let target = buffer.baseAddress else { return }
        nonisolated(unsafe) let (source, bits) = (x, target)
        Parallel.forEachRange(rows, size: Self.rowsPerPiece) { part in
          for row in part { bfloat16_round(source + row * columns, bits + row * stride, columns) }
        }
      }
    }
  }
}

extension RoundedMatrix {
  /// The same in single precision.
  var expanded: Matrix {
    var result = Matrix(unwrittenRows: rows, columns: columns)
    result.updateParts { row, output in
      let bits = bits.span.extracting(row * stride..<row * stride + columns)
      for column in 0..<columns { output[column] = Float(bitPattern: UInt32(bits[column]) << 16) }
    }
    return result
  }
}

/// The transpose of a BF16 weight matrix in the order that the kernel reads: for weights that many
/// products share.
struct PackedMatrix: Sendable {
  /// Rows and columns of the weight matrix.
  let outputs, inputs: Int
  /// Slices of its rows, one after the other.
  fileprivate let bits: [UInt16]

  /// Packs w, outputs × inputs.
  init(_ w: [UInt16], inputs: Int) {
    let outputs = w.count / inputs
    (self.outputs, self.inputs) = (outputs, inputs)
    let size = bfloat16_packed_size(outputs, inputs)
    bits = [UInt16](unsafeUninitializedCapacity: size) { buffer, count in
      count = size
      w.withUnsafeBufferPointer { w in
        guard let w = w.baseAddress, let target = buffer.baseAddress else { return }
        nonisolated(unsafe) let (source, bits) = (w, target)
        Parallel.forEachRange(outputs, size: BFloat16.slice) { rows in
          bfloat16_pack(
            rows.count, inputs, source + rows.lowerBound * inputs, inputs, true,
            bits + bfloat16_packed_size(rows.lowerBound, inputs))
        }
      }
    }
  }
}

/// Products of BF16 matrices with sums in single precision.
///
/// The pieces of work depend on the shape alone, and no sum is split, so the bits of a result do not
/// depend on the number of threads.
enum BFloat16 {
  /// Whether this CPU has the instructions.
  static var isSupported: Bool { bfloat16_product_is_supported() }

  /// The bits of the nearest BF16 numbers, ties to even.
  static func rounded(_ values: [Float]) -> [UInt16] {
    [UInt16](unsafeUninitializedCapacity: values.count) { buffer, count in
      count = values.count
      guard let target = buffer.baseAddress else { return }
      bfloat16_round(values, target, values.count)
    }
  }

  /// `y = x · wᵀ`, or `y += …`: x is tokens × inputs, w outputs × inputs, and y the part of its rows
  /// that starts at column `start`, tokens × outputs. A second such product may be added to it.
  static func multiply(
    _ x: RoundedMatrix, transposing w: [UInt16], plus more: (RoundedMatrix, [UInt16])? = nil,
    accumulating: Bool = false, into y: inout Matrix, columnsFrom start: Int = 0
  ) {
    let (outputs, stride) = (w.count / x.columns, y.columns)
    precondition(x.rows == y.rows && start + outputs <= stride)
    func term(_ x: RoundedMatrix, _ w: [UInt16]) -> Term {
      precondition(w.count == outputs * x.columns && x.rows == y.rows)
      return Term(
        a: Factor(x), b: Factor(bits: w, stride: x.columns), depth: x.columns)
    }
    let (first, second) = (term(x, w), more.map { term($0.0, $0.1) })
    y.values.withUnsafeMutableBufferPointer { y in
      product(
        rows: x.rows, columns: outputs, first, plus: second, isTransposed: true, into: y,
        at: start, stride: stride, accumulating: accumulating)
    }
  }

  /// The same for weights that are packed already.
  static func multiply(
    _ x: RoundedMatrix, transposing w: PackedMatrix, accumulating: Bool = false,
    into y: inout Matrix, columnsFrom start: Int = 0
  ) {
    let (rows, inputs, stride, xStride) = (x.rows, w.inputs, y.columns, x.stride)
    precondition(inputs == x.columns && rows == y.rows && start + w.outputs <= stride)
    y.values.withUnsafeMutableBufferPointer { y in
      x.bits.withUnsafeBufferPointer { x in
        w.bits.withUnsafeBufferPointer { bits in
          guard let xBase = x.baseAddress, let bitsBase = bits.baseAddress,
            let yBase = y.baseAddress
          else { return }
          nonisolated(unsafe) let (x, bits, y) = (xBase, bitsBase, yBase + start)
          Parallel.forEachRange(w.outputs, size: slice) { part in
            bfloat16_product_packed(
              rows, part.count, inputs, x, xStride,
              bits + bfloat16_packed_size(part.lowerBound, inputs), y + part.lowerBound, stride,
              accumulating)
          }
        }
      }
    }
  }

  /// `dx += dy · w`: dy is the part of its rows that starts at column `start`, tokens × outputs; w is
  /// outputs × inputs, dx tokens × inputs. A second such product may be added to it.
  static func accumulate(
    _ dy: RoundedMatrix, columnsFrom start: Int = 0, times w: [UInt16],
    plus more: (RoundedMatrix, [UInt16])? = nil, into dx: inout Matrix
  ) {
    let inputs = dx.columns
    func term(_ dy: RoundedMatrix, columnsFrom start: Int, _ w: [UInt16]) -> Term {
      let outputs = w.count / inputs
      precondition(w.count == outputs * inputs && dy.rows == dx.rows)
      precondition(start + outputs <= dy.columns)
      return Term(
        a: Factor(dy, columnsFrom: start), b: Factor(bits: w, stride: inputs), depth: outputs)
    }
    let first = term(dy, columnsFrom: start, w)
    let second = more.map { term($0.0, columnsFrom: 0, $0.1) }
    dx.values.withUnsafeMutableBufferPointer { dx in
      product(
        rows: dy.rows, columns: inputs, first, plus: second, into: dx, at: 0, stride: inputs,
        accumulating: true)
    }
  }

  /// `dw += dyᵀ · x` into a part of a longer array: dy is tokens × outputs, x tokens × inputs.
  static func accumulate(
    transposing dy: Matrix, times x: RoundedMatrix, into dw: inout [Float], at range: Range<Int>
  ) {
    precondition(range.count == dy.columns * x.columns && dy.rows == x.rows)
    let rows = RoundedMatrix(dy.transposed)
    let term = Term(a: Factor(rows), b: Factor(x), depth: x.rows)
    dw.withUnsafeMutableBufferPointer { dw in
      product(
        rows: dy.columns, columns: x.columns, term, into: dw, at: range.lowerBound,
        stride: x.columns, accumulating: true)
    }
  }

  /// One side of a product: a rectangle of bits.
  private struct Factor {
    let bits: [UInt16]
    var start = 0
    let stride: Int

    init(bits: [UInt16], stride: Int) {
      (self.bits, self.stride) = (bits, stride)
    }

    init(_ matrix: RoundedMatrix, columnsFrom start: Int = 0) {
      (bits, self.start, stride) = (matrix.bits, start, matrix.stride)
    }
  }

  /// One product: a is rows × depth, op(b) depth × columns.
  private struct Term {
    let a, b: Factor
    let depth: Int

    /// Hands over where the factors lie.
    func withPointers(_ body: (bfloat16_term) -> Void) {
      a.bits.withUnsafeBufferPointer { aBits in
        b.bits.withUnsafeBufferPointer { bBits in
          guard let aBase = aBits.baseAddress, let bBase = bBits.baseAddress else { return }
          body(
            bfloat16_term(
              a: aBase + a.start, a_stride: a.stride, b: bBase + b.start, b_stride: b.stride,
              depth: depth))
        }
      }
    }
  }

  /// The most columns of the output that one piece of work computes: three panels of the kernel.
  fileprivate static let slice = 96
  /// The most rows of the output that one piece of work computes, if all columns are one slice.
  private static let block = 192

  /// `c = a · op(b)`, or `c += …`, of one term or the sum of two; c is rows × columns.
  private static func product(
    rows: Int, columns: Int, _ term: Term, plus more: Term? = nil, isTransposed: Bool = false,
    into c: UnsafeMutableBufferPointer<Float>, at start: Int, stride: Int, accumulating: Bool
  ) {
    guard let cBase = c.baseAddress else { return }
    let target = cBase + start
    let depth = term.depth + (more?.depth ?? 0)
    func run(_ terms: [bfloat16_term]) {
      let slices = (columns + slice - 1) / slice
      let height = slices == 1 ? block : max(rows, 1)
      nonisolated(unsafe) let (terms, target) = (terms, target)
      Parallel.forEach((rows + height - 1) / height * slices) { piece in
        let (row, column) = (piece / slices * height, piece % slices * slice)
        let (height, width) = (min(height, rows - row), min(slice, columns - column))
        let parts = terms.map { term in
          var part = term
          part.a += row * term.a_stride
          part.b += column * (isTransposed ? term.b_stride : 1)
          return part
        }
        let size = bfloat16_product_workspace(width, depth)
        withUnsafeTemporaryAllocation(of: UInt16.self, capacity: size) { workspace in
          bfloat16_product(
            height, width, parts, parts.count, isTransposed, target + row * stride + column,
            stride, accumulating, workspace.baseAddress)
        }
      }
    }
    term.withPointers { first in
      guard let more else { return run([first]) }
      more.withPointers { run([first, $0]) }
    }
  }
}
