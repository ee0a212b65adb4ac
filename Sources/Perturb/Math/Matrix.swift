/// A dense row-major matrix of single-precision numbers.
///
/// Activations are tokens × channels, weights are outputs × inputs, as in the checkpoint.
public struct Matrix: Sendable, Equatable {
  /// Number of rows.
  public private(set) var rows: Int
  /// Number of columns.
  public let columns: Int
  /// The elements, row after row.
  public var values: [Float]

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    values = [Float](repeating: 0, count: rows * columns)
  }

  /// A matrix whose elements may be anything, for results that are written whole: zeros would have to
  /// be written first.
  init(unwrittenRows rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    values = [Float](unsafeUninitializedCapacity: rows * columns) { $1 = rows * columns }
  }

  /// Wraps existing elements; there must be rows × columns of them.
  public init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// The rows of several matrices of one width, one below the other; nil if there are none.
  init?(stacking parts: [Matrix]) {
    guard let first = parts.first else { return nil }
    precondition(parts.allSatisfy { $0.columns == first.columns })
    self.init(
      rows: parts.reduce(0) { $0 + $1.rows }, columns: first.columns,
      values: parts.flatMap(\.values))
  }

  /// One element.
  public subscript(row: Int, column: Int) -> Float {
    get { values[row * columns + column] }
    set { values[row * columns + column] = newValue }
  }

  /// The part of `values` that holds these rows.
  func range(ofRows rows: Range<Int>) -> Range<Int> {
    rows.lowerBound * columns..<rows.upperBound * columns
  }

  /// The elements of one row.
  func row(_ index: Int) -> [Float] {
    Array(values[range(ofRows: index..<index + 1)])
  }

  /// Some of the columns.
  func columns(_ range: Range<Int>) -> Matrix {
    var result = Matrix(unwrittenRows: rows, columns: range.count)
    result.updateParts { row, output in
      let source = values.span.extracting(
        row * columns + range.lowerBound..<row * columns + range.upperBound)
      for column in source.indices { output[column] = source[column] }
    }
    return result
  }

  /// Columns as rows.
  var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    let columns = columns
    result.updateParts { column, output in
      let source = values.span
      for row in 0..<output.count { output[row] = source[row * columns + column] }
    }
    return result
  }

  /// The given rows, in that order, as a new matrix.
  func gathering(rows indices: [Int]) -> Matrix {
    var result = Matrix(rows: indices.count, columns: columns)
    for (target, source) in indices.enumerated() {
      let row = values[source * columns..<(source + 1) * columns]
      result.values.replaceSubrange(target * columns..<(target + 1) * columns, with: row)
    }
    return result
  }

  /// Adds each row of `source` to the row of this matrix that `indices` names.
  mutating func add(_ source: Matrix, toRows indices: [Int]) {
    for (row, target) in indices.enumerated() {
      for column in 0..<columns {
        values[target * columns + column] += source.values[row * columns + column]
      }
    }
  }

  /// About so many elements are one piece of work.
  private static let pieceSize = 8192

  /// Lets `body` write parts of `width` elements in parallel, one at a time; by default each is a row.
  ///
  /// Indices that start at zero let the compiler vectorise.
  mutating func updateParts(
    ofWidth width: Int? = nil, _ body: @Sendable (Int, inout MutableSpan<Float>) -> Void
  ) {
    guard !values.isEmpty else { return }
    let width = width ?? columns
    values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      Parallel.forEachRange(buffer.count / width, size: max(1, Self.pieceSize / width)) {
        for index in $0 {
          var part = buffer.extracting(index * width..<(index + 1) * width).mutableSpan
          body(index, &part)
        }
      }
    }
  }
}
