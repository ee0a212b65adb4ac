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
  /// Exact for full changes. Factors are nearly linear over such a step; a few corrections suffice.
  public func length(along direction: [Float], at w: Perturbation, relativeNorm: Double) throws
    -> Double
  {
    let wanted = relativeNorm * (try squaredWeightNorm(of: w.space)).squareRoot()
    guard wanted > 0, direction.norm > 0 else { return 0 }
    var length = wanted
    for _ in 0..<4 {
      var moved = w
      moved.values.add(direction, scale: Float(length))
      let norm = squaredNorms(from: w, to: moved).reduce(0, +).squareRoot()
      guard norm > 0, norm.isFinite else { return 0 }
      length *= wanted / norm
    }
    return length
  }
}
