import FormatIO
import Perturb

/// A patch made of a learned one, or the same stored otherwise, to see which part of it works.
struct Control {
  let name: String
  let change: Perturbation
  /// ‖ε‖ / ‖W‖.
  let rho: Double
  /// ‖δ‖ / ‖W‖.
  let relativeNorm: Double
  /// How it is stored, if not as the patch.
  var storage: StorageRounding?

  /// The controls of a learned patch, `chosen`, whose kick has the relative size `rho`.
  static func all(
    _ learned: LearnedChange, chosen: Perturbation, rho: Double, recipe: Recipe, map: TensorMap
  ) throws -> [Control] {
    let sizes = WeightChange(map: map)
    let norm = try sizes.squaredWeightNorm(of: learned.drift.space).squareRoot()
    func size(_ change: Perturbation) -> Double {
      sizes.squaredNorms(to: change).reduce(0, +).squareRoot() / norm
    }
    func kicked(_ name: String, _ direction: ParameterVector, _ rho: Double) throws -> Control {
      let other = LearnedChange(drift: learned.drift, direction: direction, steps: [])
      let length = try sizes.length(along: direction, at: learned.drift, relativeNorm: rho)
      let change = other.kicked(by: length)
      return Control(name: name, change: change, rho: rho, relativeNorm: size(change))
    }
    var source = RandomSource(seed: recipe.seed, stream: 301)
    let drift = Control(
      name: "drift only", change: learned.drift, rho: 0, relativeNorm: size(learned.drift))
    let noise = try RandomPerturbation(map: map, recipe: recipe).run { _, _ in }
    let length = try sizes.length(
      along: noise.direction, at: noise.drift, relativeNorm: drift.relativeNorm)
    let spread = noise.kicked(by: length)
    // Where the search took no kick, the controls show what its smallest one would have done.
    let kick = rho > 0 ? rho : drift.relativeNorm / 100
    let direction = learned.direction.array
    return [
      drift,
      Control(
        name: "noise of the patch's norm", change: spread, rho: size(spread),
        relativeNorm: size(spread)),
      try kicked("kick × 2", learned.direction, 2 * kick),
      try kicked("kick × 4", learned.direction, 4 * kick),
      try kicked("permuted kick", ParameterVector(direction.shuffled(using: &source)), kick),
      try kicked("reversed kick", ParameterVector(direction.map { -$0 }), kick),
      Control(
        name: "stored as F32", change: chosen, rho: rho, relativeNorm: size(chosen),
        storage: StorageRounding(elementType: .float32, rounding: .nearestEven)),
      Control(
        name: "stored as the nearest BF16", change: chosen, rho: rho, relativeNorm: size(chosen),
        storage: StorageRounding(elementType: .bfloat16, rounding: .nearestEven)),
    ]
  }
}
