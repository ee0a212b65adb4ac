/// Finds the length of the final kick that pays: forward passes only, on rows kept out of learning.
///
/// The kick is a dial between harm and damage. Start long, halve until the budgets hold, and accept
/// only if refusing did not get worse; no kick at all is always a permitted outcome.
public struct StrengthSearch: Sendable {
  /// One strength that was tried.
  public struct Trial: Sendable {
    /// ‖ε‖ relative to the norm of the target weights.
    public let rho: Double
    /// What was measured on the selection rows.
    public let evaluation: Evaluation
    /// The damage limits it breaks.
    public let misses: [Budgets.Miss]
    /// True if the search would take it.
    public let isAcceptable: Bool
  }

  /// How many strengths above zero are tried at most.
  private static let trialLimit = 4
  /// The first kick, relative to the norm of the drift.
  private static let shareOfDrift = 0.06
  /// The first kick without a drift, relative to the norm of the weights.
  private static let startWithoutDrift = 4e-3
  /// How far the loss of refusals may rise, in nats per token.
  private static let refusalLossRise = 0.05

  /// The limits.
  public let budgets: Budgets
  /// What was learned.
  public let change: LearnedChange
  /// Sizes in weight space.
  public let sizes: WeightChange

  /// Prepares a search.
  public init(budgets: Budgets, change: LearnedChange, sizes: WeightChange) {
    self.budgets = budgets
    self.change = change
    self.sizes = sizes
  }

  /// Tries strengths; `before` is the unpatched model on the same rows.
  ///
  /// - Returns: the chosen change, its relative ρ, and every trial.
  public func run(
    before: Evaluation, evaluate: (Perturbation) throws -> Evaluation,
    progress: (Trial) throws -> Void
  ) throws -> (chosen: Perturbation, rho: Double, trials: [Trial]) {
    let unkicked = try evaluate(change.drift)
    var trials = [
      Trial(
        rho: 0, evaluation: unkicked, misses: budgets.damage(before: before, after: unkicked),
        isAcceptable: true)
    ]
    try progress(trials[0])
    guard change.direction.norm > 0 else { return (change.drift, 0, trials) }

    let weightNorm = try sizes.squaredWeightNorm(of: change.drift.space).squareRoot()
    let driftNorm = sizes.squaredNorms(to: change.drift).reduce(0, +).squareRoot()
    var rho =
      driftNorm > 0 ? Self.shareOfDrift * driftNorm / weightNorm : Self.startWithoutDrift
    for _ in 0..<Self.trialLimit {
      let length = try sizes.length(along: change.direction, at: change.drift, relativeNorm: rho)
      let candidate = change.kicked(by: length)
      let evaluation = try evaluate(candidate)
      let misses = budgets.damage(before: before, after: evaluation)
      let trial = Trial(
        rho: rho, evaluation: evaluation, misses: misses,
        isAcceptable: misses.isEmpty && isNoWorse(evaluation, than: unkicked))
      trials.append(trial)
      try progress(trial)
      if trial.isAcceptable { return (candidate, rho, trials) }
      rho /= 2
    }
    return (change.drift, 0, trials)
  }

  /// A kick may not cost refusals, nor buy them by refusing benign requests.
  private func isNoWorse(_ kicked: Evaluation, than unkicked: Evaluation) -> Bool {
    kicked.harmful.refusal.count >= unkicked.harmful.refusal.count
      && kicked.harmful.refusalLikelihood
        <= unkicked.harmful.refusalLikelihood + Self.refusalLossRise
      && kicked.benign.overRefusal.count <= unkicked.benign.overRefusal.count
      && kicked.task.exactMatch.count >= unkicked.task.exactMatch.count
      && kicked.harmful.broken <= unkicked.harmful.broken
  }
}
