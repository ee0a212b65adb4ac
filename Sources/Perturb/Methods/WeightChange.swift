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
    var norms: [Double] = []
    for entry in to.space.entries {
      var change = to.change(of: entry)
      if let from { from.add(entry, scale: -1, to: &change) }
      norms.append(Vector.squaredNorm(change.span))
    }
    return norms
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
