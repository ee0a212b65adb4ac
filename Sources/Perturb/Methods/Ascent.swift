/// One normalised step up the harmful loss: Panacea's kick without any learning.
///
///     ε ← ρ · ∇h(w₀) / ‖∇h(w₀)‖ over all harmful rows,  ship w₀ + ε
///
/// A control. It shows what the published perturbation does by itself.
public struct Ascent: RepairMethod {
  /// See `RepairMethod`.
  public static let fidelity = "simplified: the ε of arXiv 2501.18100, full batch, no steps"

  private let panacea: Panacea

  /// Climbs on the harmful rows of `data`; targets and ceiling come from the recipe.
  public init(map: TensorMap, data: EncodedSet, recipe: Recipe) {
    var kickOnly = recipe
    kickOnly.steps = 0
    kickOnly.kick = .anchored(weight: 0)
    kickOnly.parametrisation = .full
    panacea = Panacea(map: map, data: data, recipe: kickOnly)
  }

  /// Computes the direction; there are no steps.
  public func run(
    asksForMore: (Perturbation) throws -> Bool,
    progress: (LearningStep, Perturbation) throws -> Void
  ) throws -> LearnedChange {
    try panacea.run(progress: progress)
  }
}
