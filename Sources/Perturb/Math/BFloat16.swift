internal import CPerturb

/// A row-major matrix of BF16 numbers.
struct RoundedMatrix: Sendable {
  let rows: Int
  let columns: Int
  /// Where the first row starts in `bits`.
  let start: Int
  /// The length of a row in memory. Rows that are a multiple of 4 KiB apart would share the same few
  /// places of the L1 cache.
  let stride: Int
  /// The bits, row after row; between the rows others may lie, or none.
  let bits: [UInt16]

  /// Rows that one piece of work rounds.
  private static let rowsPerPiece = 64

  /// Rounds to the nearest, ties to even.
  init(_ x: Matrix) {
    let columns = x.columns
    self.init(rows: x.rows, columns: columns) { row, round in
      x.values.withUnsafeBufferPointer {
        round(UnsafeBufferPointer(rebasing: $0[row * columns..<(row + 1) * columns]))
      }
    }
  }

  /// Rounds rows that are computed one at a time and kept nowhere else.
  init(
    rows: Int, columns: Int,
    computing body: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    self.init(rows: rows, columns: columns) { row, round in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { scratch in
        body(row, scratch)
        round(UnsafeBufferPointer(scratch))
      }
    }
  }

  /// `body` hands each row it is asked for to the function it gets.
  private init(
    rows: Int, columns: Int, _ body: @Sendable (Int, (UnsafeBufferPointer<Float>) -> Void) -> Void
  ) {
    let stride = columns + 32
    (self.rows, self.columns, self.start, self.stride) = (rows, columns, 0, stride)
    bits = [UInt16](unsafeUninitializedCapacity: rows * stride) { buffer, count in
      // What lies between the rows is never read.
      count = rows * stride
      guard let target = buffer.baseAddress else { return }
      nonisolated(unsafe) let bits = target
      Parallel.forEachRange(rows, size: Self.rowsPerPiece) { part in
        for row in part {
          body(row) { values in
            guard let source = values.baseAddress else { return }
            bfloat16_round(source, bits + row * stride, columns)
          }
        }
      }
    }
  }

  /// Some of its columns, without a copy.
  init(_ whole: RoundedMatrix, columns: Range<Int>) {
    (rows, self.columns, stride, bits) = (whole.rows, columns.count, whole.stride, whole.bits)
    start = whole.start + columns.lowerBound
  }
}

extension RoundedMatrix {
  /// The same in single precision.
  var expanded: Matrix {
    var result = Matrix(unwrittenRows: rows, columns: columns)
    result.updateParts { row, output in expand(row: row, into: &output) }
    return result
  }

  /// One row in single precision.
  func expand(row: Int, into output: inout MutableSpan<Float>) {
    let first = start + row * stride
    let bits = bits.span.extracting(first..<first + columns)
    for column in bits.indices { output[column] = Float(bitPattern: UInt32(bits[column]) << 16) }
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

  /// True if every number is one of BF16.
  static func holds(_ values: [Float]) -> Bool {
    var rest: UInt32 = 0
    for value in values { rest |= value.bitPattern }
    return rest & 0xFFFF == 0
  }

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
    let terms = ([(x, w)] + (more.map { [$0] } ?? [])).map { x, w in
      precondition(w.count == outputs * x.columns && x.rows == y.rows)
      return Term(
        a: Factor(x), b: Factor(bits: w, stride: x.columns), depth: x.columns)
    }
    y.values.withUnsafeMutableBufferPointer { y in
      product(
        rows: x.rows, columns: outputs, terms, isTransposed: true, into: y, at: start,
        stride: stride, accumulating: accumulating)
    }
  }

  /// The same for weights that are packed already.
  static func multiply(
    _ x: RoundedMatrix, transposing w: PackedMatrix, accumulating: Bool = false,
    into y: inout Matrix, columnsFrom start: Int = 0
  ) {
    let (rows, inputs, stride) = (x.rows, w.inputs, y.columns)
    let (xStart, xStride) = (x.start, x.stride)
    precondition(inputs == x.columns && rows == y.rows && start + w.outputs <= stride)
    y.values.withUnsafeMutableBufferPointer { y in
      x.bits.withUnsafeBufferPointer { x in
        w.bits.withUnsafeBufferPointer { bits in
          guard let xBase = x.baseAddress, let bitsBase = bits.baseAddress,
            let yBase = y.baseAddress
          else { return }
          nonisolated(unsafe) let (x, bits, y) = (xBase + xStart, bitsBase, yBase + start)
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

  /// `dx = Σ dy · w`, or `dx += …`: each dy is tokens × outputs, w outputs × inputs, dx tokens × inputs.
  static func multiply(
    _ terms: [(dy: RoundedMatrix, w: [UInt16])], accumulating: Bool, into dx: inout Matrix
  ) {
    let (rows, inputs) = (dx.rows, dx.columns)
    let terms = terms.map { dy, w in
      precondition(w.count == dy.columns * inputs && dy.rows == rows)
      return Term(a: Factor(dy), b: Factor(bits: w, stride: inputs), depth: dy.columns)
    }
    dx.values.withUnsafeMutableBufferPointer { dx in
      product(
        rows: rows, columns: inputs, terms, into: dx, at: 0, stride: inputs,
        accumulating: accumulating)
    }
  }

  /// `dw += dyᵀ · x`: dy is tokens × outputs, x tokens × inputs, dw outputs × inputs.
  static func accumulate(
    transposing dy: Matrix, times x: RoundedMatrix, into dw: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(dw.count == dy.columns * x.columns && dy.rows == x.rows)
    let rows = RoundedMatrix(dy.transposed)
    let term = Term(a: Factor(rows), b: Factor(x), depth: x.rows)
    product(
      rows: dy.columns, columns: x.columns, [term], into: dw, at: 0, stride: x.columns,
      accumulating: true)
  }

  /// One side of a product: a rectangle of bits.
  private struct Factor {
    let bits: [UInt16]
    var start = 0
    let stride: Int

    init(bits: [UInt16], stride: Int) {
      (self.bits, self.stride) = (bits, stride)
    }

    init(_ matrix: RoundedMatrix) {
      (bits, start, stride) = (matrix.bits, matrix.start, matrix.stride)
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

  /// `c = Σ a · op(b)`, or `c += …`; c is rows × columns.
  private static func product(
    rows: Int, columns: Int, _ terms: [Term], isTransposed: Bool = false,
    into c: UnsafeMutableBufferPointer<Float>, at start: Int, stride: Int, accumulating: Bool
  ) {
    guard let cBase = c.baseAddress else { return }
    let target = cBase + start
    let depth = terms.reduce(0) { $0 + $1.depth }
    withPointers(terms[...]) { terms in
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
  }

  /// Hands over where the factors of all terms lie.
  private static func withPointers(
    _ terms: ArraySlice<Term>, found: [bfloat16_term] = [], _ body: ([bfloat16_term]) -> Void
  ) {
    guard let first = terms.first else { return body(found) }
    first.withPointers { withPointers(terms.dropFirst(), found: found + [$0], body) }
  }
}
