/// The gradient of a loss over a parameter space: the place backward passes write to.
///
/// A layer hands over what it has, its input and the gradient of its output; this type keeps what
/// the space asks for. Low-rank factors never need the gradient of the whole matrix.
public struct Gradient: Sendable {
  /// The tensors and their layout.
  public let space: ParameterSpace
  /// The flat vector; same layout as the perturbation it belongs to.
  public var values: [Float]
  private let point: [Float]

  /// Zero, at this point of the space.
  public init(at perturbation: Perturbation) {
    space = perturbation.space
    point = perturbation.values
    values = [Float](repeating: 0, count: space.count)
  }

  /// Adds the part of a matrix whose output is y = x · wᵀ: dw += dyᵀ · x.
  mutating func add(_ slot: ModelSlot, dy: Matrix, x: Matrix) {
    guard let entry = space.entry(for: slot) else { return }
    switch entry.form {
    case .full(let range): BLAS.accumulate(transposing: dy, times: x, into: &values, at: range)
    case .lowRank(let rank, let scale, let a, let b):
      // With Δ = s·B·A: dA += s · (dy·B)ᵀ · x and dB += s · dyᵀ · (x·Aᵀ).
      var projected = Matrix(rows: x.rows, columns: rank)
      BLAS.multiply(x, transposing: Array(point[a]), into: &projected)
      var pulled = Matrix(rows: x.rows, columns: rank)
      BLAS.accumulate(dy, times: Array(point[b]), into: &pulled)
      BLAS.accumulate(transposing: pulled, times: x, scale: scale, into: &values, at: a)
      BLAS.accumulate(transposing: dy, times: projected, scale: scale, into: &values, at: b)
    }
  }

  /// Adds the part of a bias: the column sums of dy.
  mutating func add(_ slot: ModelSlot, columnSumsOf dy: Matrix) {
    guard wants(slot) else { return }
    var sums = [Float](repeating: 0, count: dy.columns)
    for row in 0..<dy.rows {
      for column in 0..<dy.columns { sums[column] += dy[row, column] }
    }
    add(slot, sums.span)
  }

  /// Adds to some rows of a tensor, the first of which is `row`.
  mutating func add(_ slot: ModelSlot, row: Int = 0, _ part: Span<Float>) {
    guard let entry = space.entry(for: slot), case .full(let range) = entry.form else { return }
    let start = range.lowerBound + row * entry.inputs
    precondition(start + part.count <= range.upperBound)
    for index in part.indices { values[start + index] += part[index] }
  }

  /// The part of the flat vector that holds these rows of a tensor in full form.
  func range(of slot: ModelSlot, rows: Range<Int>) -> Range<Int>? {
    guard let entry = space.entry(for: slot), case .full(let range) = entry.form else { return nil }
    let start = range.lowerBound + rows.lowerBound * entry.inputs
    return start..<start + rows.count * entry.inputs
  }

  /// True if the space holds this tensor, so that its gradient is worth computing.
  func wants(_ slot: ModelSlot) -> Bool {
    space.entry(for: slot) != nil
  }
}
