/// The share of each layer in the squared norm of a kick: ‖ε_l‖² / ‖ε‖².
///
/// The profile belongs to the point at which the kick is taken; it is not a property of the model.
public struct SafetyCoefficients: Sendable {
  /// One share for each layer, first to last; they sum to 1, or are all 0 without a kick.
  public let layers: [Double]

  /// Measures the kick that leads from one perturbation to another.
  public init(from: Perturbation, to: Perturbation, sizes: WeightChange) {
    var sums = [Double](repeating: 0, count: sizes.map.configuration.layerCount)
    let norms = sizes.squaredNorms(from: from, to: to)
    for (entry, norm) in zip(to.space.entries, norms) {
      if let layer = entry.slot.layer { sums[layer] += norm }
    }
    let total = sums.reduce(0, +)
    layers = total > 0 ? sums.map { $0 / total } : sums
  }
}
