/// The gradient of a loss over a parameter space: the place backward passes write to.
///
/// A layer hands over what it has, its input and the gradient of its output; this type keeps what
/// the space asks for. Low-rank factors never need the gradient of the whole matrix.
public struct Gradient: Sendable {
  /// The tensors and their layout.
  public let space: ParameterSpace
  /// The flat vector; same layout as the perturbation it belongs to. Every pass adds to all of it, so it lies
  /// in memory even where a point does not; `settled` moves it out when it is complete.
  public var values: ParameterVector

  /// Longer ones lie in a file from the start: 640 MB.
  static let lengthInMemory = 160_000_000

  /// Zero, at a point of this space.
  public init(at perturbation: Perturbation) {
    space = perturbation.space
    values = ParameterVector(zeros: space.count, liesInFile: space.count > Self.lengthInMemory)
  }

  /// Adds the part of a matrix whose output is y = x · wᵀ: dw += dyᵀ · x.
  ///
  /// A matrix in low-rank form needs the `change` that the pass was computed with, what its `pull`
  /// makes of dy, and what its `project` makes of x, unless that is to be computed again.
  mutating func add(
    _ slot: ModelSlot, dy: Operand, x: Operand, precision: Precision,
    change: WeightMatrix.Change? = nil, projected: Matrix? = nil, pulled: Matrix? = nil
  ) {
    guard let entry = space.entry(for: slot) else { return }
    switch entry.form {
    case .full(let range):
      values.withMutablePart(range) { dw in
        Self.accumulate(transposing: dy.expanded, times: x, precision, into: dw)
      }
    case .lowRank(let rank, let scale, let a, let b):
      // With Δ = s·B·A: dA += (dy·s·B)ᵀ · x and dB += s · dyᵀ · (x·Aᵀ). The change holds s·B.
      guard let change, let pulled else { preconditionFailure("\(slot) has no low-rank change") }
      add(
        (a, b), rank: rank, scale: scale, dy: dy, x: x, pulled: pulled,
        projected: projected ?? change.project(x), precision)
    case .ofAdapter(let origin, let a, let b):
      // The change is s·[B, δB] · [δA; A + δA]. A + δA takes the place of A above, and B + δB that of B: dy
      // times it is the sum of both parts.
      guard let change, let pulled else { preconditionFailure("\(slot) has no low-rank change") }
      let (first, second) = (0..<origin.rank, origin.rank..<2 * origin.rank)
      var sum = pulled.columns(first)
      sum.values.add(pulled.columns(second).values, scale: 1)
      add(
        (a, b), rank: origin.rank, scale: origin.scale, dy: dy, x: x, pulled: sum,
        projected: (projected ?? change.project(x)).columns(second), precision)
    }
  }

  /// Adds the parts of two factors: dA += pulledᵀ · x and dB += scale · dyᵀ · projected.
  private mutating func add(
    _ factors: (a: Range<Int>, b: Range<Int>), rank: Int, scale: Float, dy: Operand, x: Operand,
    pulled: Matrix, projected: Matrix, _ precision: Precision
  ) {
    values.withMutablePart(factors.a) { da in
      Self.accumulate(transposing: pulled, times: x, precision, into: da)
    }
    // First as its transpose, which has few rows.
    var turned = [Float](repeating: 0, count: factors.b.count)
    turned.withUnsafeMutableBufferPointer { turned in
      Self.accumulate(transposing: projected, times: dy, precision, into: turned)
    }
    let outputs = factors.b.count / rank
    values.withMutablePart(factors.b) { db in
      for output in 0..<outputs {
        for inner in 0..<rank {
          db[output * rank + inner] += scale * turned[inner * outputs + output]
        }
      }
    }
  }

  private static func accumulate(
    transposing dy: Matrix, times x: Operand, _ precision: Precision,
    into dw: UnsafeMutableBufferPointer<Float>
  ) {
    switch precision {
    case .float32: BLAS.accumulate(transposing: dy, times: x.matrix, into: dw)
    case .bfloat16: BFloat16.accumulate(transposing: dy, times: x.rounded, into: dw)
    }
  }

  /// Adds the part of a bias: the column sums of dy.
  mutating func add(_ slot: ModelSlot, columnSumsOf dy: Operand) {
    guard wants(slot) else { return }
    let dy = dy.expanded
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
    values.withMutablePart(start..<start + part.count) { target in
      for index in part.indices { target[index] += part[index] }
    }
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
