/// The share of each layer in the squared norm of a kick: ‖ε_l‖² / ‖ε‖².
///
/// The profile belongs to the point at which the kick is taken; it is not a property of the model.
public struct SafetyCoefficients: Sendable {
  /// One share for each layer, first to last; they sum to 1, or are all 0 without a kick.
  public let layers: [Double]

  /// A kick of this relative size is short enough to be linear and long enough for single precision.
  private static let probe = 1e-4

  /// Measures the direction of the kick, whatever length was chosen in the end.
  public init(_ learned: LearnedChange, sizes: WeightChange) throws {
    let length = try sizes.length(
      along: learned.direction, at: learned.drift, relativeNorm: Self.probe)
    let norms = sizes.squaredNorms(from: learned.drift, to: learned.kicked(by: length))
    var sums = [Double](repeating: 0, count: sizes.map.configuration.layerCount)
    for (entry, norm) in zip(learned.drift.space.entries, norms) {
      if let layer = entry.slot.layer { sums[layer] += norm }
    }
    let total = sums.reduce(0, +)
    layers = total > 0 ? sums.map { $0 / total } : sums
  }
}
