import RealModule

/// Sizes of perturbations in the space of the weights, whatever the parameters are.
public struct WeightChange: Sendable {
  /// The unpatched model's tensors.
  public let map: TensorMap

  /// Measures changes of this model.
  public init(map: TensorMap) {
    self.map = map
  }

  /// ‖W‖² over the tensors of a space, as they are in the file.
  public func squaredWeightNorm(of space: ParameterSpace) throws -> Double {
    var total = 0.0
    for entry in space.entries {
      let values = try Weights(map: map).values(at: entry.slot)
      total += Vector.squaredNorm(values.span)
    }
    return total
  }

  /// ‖Δ(to) − Δ(from)‖² of each tensor; the whole change if `from` is nil.
  public func squaredNorms(from: Perturbation? = nil, to: Perturbation) -> [Double] {
    to.space.entries.map { entry in
      if case .full(let range) = entry.form {
        var change = to.values[range]
        if let from { change.add(from.values[range], scale: -1) }
        return Vector.squaredNorm(change.span)
      }
      guard let product = to.product(of: entry) else { return 0 }
      let squaredScale = Double(product.scale) * Double(product.scale)
      let whole = Factors(product)
      guard let before = from?.product(of: entry).map(Factors.init) else {
        return squaredScale * whole.dot(whole)
      }
      // B′A′ − BA = (B′ − B)·A′ + B·(A′ − A), in which nothing large cancels.
      let left = Factors(whole.b.subtracting(before.b), whole.a)
      let right = Factors(before.b, whole.a.subtracting(before.a))
      return squaredScale * max(0, left.dot(left) + 2 * left.dot(right) + right.dot(right))
    }
  }

  /// The length to go along `direction` from w, so that the weights move by `relativeNorm` · ‖W‖.
  ///
  /// Exact for full changes. A change of factors grows with the length at first and with its square
  /// later; the power is estimated between the last two tries.
  public func length(
    along direction: ParameterVector, at w: Perturbation, relativeNorm: Double
  ) throws -> Double {
    let wanted = relativeNorm * (try squaredWeightNorm(of: w.space)).squareRoot()
    guard wanted > 0, direction.norm > 0 else { return 0 }
    var length = wanted
    var last: (length: Double, norm: Double)?
    for _ in 0..<12 {
      var moved = w
      moved.values.add(direction, scale: Float(length))
      let norm = squaredNorms(from: w, to: moved).reduce(0, +).squareRoot()
      guard norm > 0, norm.isFinite else { return 0 }
      let power = last.map { .log(norm / $0.norm) / .log(length / $0.length) } ?? 1
      last = (length, norm)
      length *= .pow(wanted / norm, 1 / min(max(power, 1), 2))
      if abs(wanted / norm - 1) < 1e-4 { break }
    }
    return length
  }
}

/// A product B·A that is never multiplied out: B is outputs × rank, A rank × inputs.
private struct Factors {
  let b, a: Matrix

  init(_ b: Matrix, _ a: Matrix) {
    (self.b, self.a) = (b, a)
  }

  init(_ product: LowRankProduct) {
    b = Matrix(rows: product.rows, columns: product.rank, values: product.left)
    a = Matrix(rows: product.rank, columns: product.columns, values: product.right)
  }

  /// ⟨B·A, D·C⟩ = Σ (BᵀD) ∘ (ACᵀ), sums over matrices of rank × rank.
  func dot(_ other: Factors) -> Double {
    var (outputs, inputs) = (
      Matrix(rows: b.columns, columns: other.b.columns),
      Matrix(rows: a.rows, columns: other.a.rows)
    )
    BLAS.add(b, times: other.b, transposing: .first, to: &outputs)
    BLAS.add(a, times: other.a, transposing: .second, to: &inputs)
    return zip(outputs.values, inputs.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}

extension Matrix {
  fileprivate func subtracting(_ other: Matrix) -> Matrix {
    var difference = self
    difference.values.add(other.values, scale: -1)
    return difference
  }
}
