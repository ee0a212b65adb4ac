/// The left factor of products with weights: tokens × channels.
///
/// Products with BF16 weights need its rounded copy. That is made once, however many products follow.
final class Operand {
  let rows: Int
  let columns: Int
  private let exact: Matrix?
  /// The numbers, rounded to BF16.
  private(set) lazy var rounded = RoundedMatrix(matrix)

  /// For products of any precision.
  init(_ matrix: Matrix) {
    (rows, columns) = (matrix.rows, matrix.columns)
    exact = matrix
  }

  /// For products of this precision only: in BF16 the rounded copy alone is kept, which is half as
  /// large.
  init(_ matrix: Matrix, for precision: Precision) {
    (rows, columns) = (matrix.rows, matrix.columns)
    exact = precision == .float32 ? matrix : nil
    if precision == .bfloat16 { rounded = RoundedMatrix(matrix) }
  }

  private init(_ matrix: RoundedMatrix) {
    (rows, columns, exact) = (matrix.rows, matrix.columns, nil)
    rounded = matrix
  }

  /// Computes operands of one shape row by row, for products of this precision only: in BF16 no exact
  /// copy ever exists.
  ///
  /// `body` writes a row of each, one after the other.
  static func computing(
    _ count: Int = 1, rows: Int, columns: Int, for precision: Precision,
    _ body: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) -> [Operand] {
    let width = count * columns
    let parts = (0..<count).map { $0 * columns..<($0 + 1) * columns }
    switch precision {
    case .bfloat16:
      let all = RoundedMatrix(rows: rows, columns: width, computing: body)
      return parts.map { Operand(RoundedMatrix(all, columns: $0)) }
    case .float32:
      var all = Matrix(unwrittenRows: rows, columns: width)
      all.updateParts { row, output in output.withUnsafeMutableBufferPointer { body(row, $0) } }
      return count == 1 ? [Operand(all)] : parts.map { Operand(all.columns($0)) }
    }
  }

  /// The numbers themselves.
  var matrix: Matrix {
    guard let exact else { preconditionFailure("only the rounded copy was kept") }
    return exact
  }

  /// The numbers themselves, or as near to them as what was kept.
  var expanded: Matrix { exact ?? rounded.expanded }

  /// Lets `body` read one row of what was kept, in single precision.
  func withRow(_ row: Int, _ body: (Span<Float>) -> Void) {
    if let exact {
      body(exact.values.span.extracting(row * columns..<(row + 1) * columns))
    } else {
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns) { scratch in
        var output = scratch.mutableSpan
        rounded.expand(row: row, into: &output)
        body(output.span)
      }
    }
  }
}
