/// Gaussian noise on the target weights.
///
///     ε ← ρ · n / ‖n‖,  n ~ N(0, 1),  ship w₀ + ε
///
/// A control, and the observation that the paper starts from.
public struct RandomPerturbation: RepairMethod {
  /// See `RepairMethod`.
  public static let fidelity = "faithful to the noise of arXiv 2501.18100 §3, with a norm of choice"

  private let map: TensorMap
  private let recipe: Recipe

  /// Noise over the recipe's targets, from its seed.
  public init(map: TensorMap, recipe: Recipe) {
    self.map = map
    self.recipe = recipe
  }

  /// Draws the direction; there are no steps.
  public func run(
    asksForMore: (Perturbation) throws -> Bool,
    progress: (LearningStep, Perturbation) throws -> Void
  ) throws -> LearnedChange {
    var full = recipe
    full.parametrisation = .full
    let space = try full.space(over: map)
    var noise = space.zeros
    var source = RandomSource(seed: recipe.seed, stream: 201)
    for stretch in noise.stretches {
      noise.replace(stretch, with: source.normal(stretch.count, deviation: 1))
    }
    let none = Perturbation(space: space, values: space.zeros)
    return LearnedChange(drift: none, direction: noise.normalised, steps: [])
  }
}
