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

  /// The numbers themselves.
  var matrix: Matrix {
    guard let exact else { preconditionFailure("only the rounded copy was kept") }
    return exact
  }

  /// The numbers themselves, or as near to them as what was kept.
  var expanded: Matrix { exact ?? rounded.expanded }
}
