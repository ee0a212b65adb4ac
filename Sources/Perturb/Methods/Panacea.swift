/// Panacea (arXiv 2501.18100), applied after fine-tuning has ended.
///
///     h(w)  loss of harmful answers          r(w)  loss of refusals
///     o(w)  −log(1 − p), p the probability that a benign request is refused
///     g(w)  a_T·task + a_B·benign + a_R·r(w) + a_O·o(w) + β·KL from the unpatched model; task is
///           the loss of its answers, or their KL from the unpatched model
///
///     for T steps, from the fine-tuned weights, and another round if too many are answered:
///       ε ← ρ · ∇h(w) / ‖∇h(w)‖
///       w ← AdamW step on  g(w) + μ·g(w + ε) − λ·(h(w + ε) − h(w))
///     ε ← ρ · M⁻¹∇J(w) / ‖M⁻¹∇J(w)‖        J the margin of refusals, see `Kick`
///     ship w + ε
public struct Panacea: RepairMethod {
  /// See `RepairMethod`.
  public static let fidelity = """
    variant: applied post hoc, so g runs over the given clean rows; with --recipe paper the \
    published steps and numbers, except that the ceiling holds for both harmful terms; with the \
    fine-tune as an adapter they are those of its own factors
    """

  /// The unpatched model's tensors.
  public let map: TensorMap
  /// The rows to learn from.
  public let data: EncodedSet
  /// All settings.
  public let recipe: Recipe

  /// Prepares a run; roles whose weights are zero may be empty.
  public init(map: TensorMap, data: EncodedSet, recipe: Recipe) {
    self.map = map
    self.data = data
    self.recipe = recipe
  }

  /// Learns drift and kick from the start that the seed gives.
  public func run(
    asksForMore: (Perturbation) throws -> Bool,
    progress: (LearningStep, Perturbation) throws -> Void
  ) throws -> LearnedChange {
    let space = try recipe.space(over: map)
    let start = Perturbation(space: space, values: space.initialValues(seed: recipe.seed))
    return try run(from: start, asksForMore: asksForMore, progress: progress)
  }

  /// Learns drift and kick from a given point.
  func run(
    from start: Perturbation, asksForMore: (Perturbation) throws -> Bool = { _ in false },
    progress: (LearningStep, Perturbation) throws -> Void
  ) throws -> LearnedChange {
    var w = start
    var optimiser = AdamW(
      count: w.space.count, learningRate: recipe.learningRate, weightDecay: recipe.weightDecay)
    let factors = recipe.weightDecay == 0 ? nil : w.space.factorsOfAdapter
    var batches = Batches(data, seed: recipe.seed)
    var lastHarmfulGradient: ParameterVector?
    var steps: [LearningStep] = []
    var refusalWeight = recipe.refusalWeight
    for round in 0...recipe.extraRounds {
      let count = round == 0 ? recipe.steps : recipe.extraSteps
      for number in 0..<count {
        let batch = batches.next(recipe.batchRows)
        var (values, gradient) = try self.gradient(
          of: utility(batch, refusalWeight: refusalWeight), at: w)
        var harmful: Double?
        if recipe.needsHarmfulGradient {
          let h = try harmfulGradient(batch.harmful, at: w)
          (harmful, lastHarmfulGradient) = (h.loss, h.gradient)
          let kicked = try self.kicked(w, along: h.gradient.normalised)
          if recipe.lambda != 0 {
            let rise = try riseGradient(batch.harmful, h, at: w, kicked: kicked)
            gradient.add(rise, scale: -recipe.lambda)
          }
          if recipe.mu != 0 {
            let gKicked = try self.gradient(
              of: utility(batch, refusalWeight: refusalWeight), at: kicked)
            gradient.add(gKicked.gradient, scale: recipe.mu)
          }
        }
        let norm = gradient.norm
        guard norm.isFinite else { throw DivergenceError(step: steps.count + 1) }
        if let limit = recipe.clipNorm, norm > limit { gradient.scale(by: Float(limit / norm)) }
        optimiser.update(
          &w.values, gradient: gradient, rate: recipe.rate(of: number, in: count, round: round))
        if let factors {
          // Decay is of the factors themselves, of which the optimiser has the change alone.
          let rate = recipe.rate(of: number, in: count, round: round)
          w.values.add(factors, scale: -recipe.learningRate * rate * recipe.weightDecay)
        }

        let step = LearningStep(
          number: steps.count + 1,
          task: recipe.taskWeight == 0 || batch.task.isEmpty ? nil : values[0].likelihood,
          benign: recipe.benignWeight == 0 || batch.benign.isEmpty ? nil : values[1].likelihood,
          refusal: recipe.refusalWeight == 0 ? nil : values[2].likelihood,
          harmful: harmful, divergence: recipe.beta == 0 ? nil : values[1].divergence,
          gradientNorm: norm, tokens: batch.tokens)
        steps.append(step)
        try progress(step, w)
      }
      guard recipe.steps > 0, try asksForMore(w) else { break }
      refusalWeight *= Self.lean
    }
    let climbed =
      switch recipe.kick {
      case .lastMinibatch: lastHarmfulGradient ?? w.space.zeros
      case _ where recipe.rho.isZero: w.space.zeros
      case .anchored(let weight):
        try Kick(map: map, data: data, recipe: recipe).anchored(weight, at: w)
      case .margin: try Kick(map: map, data: data, recipe: recipe).margin(at: w)
      }
    guard climbed.norm.isFinite else { throw DivergenceError(step: steps.count) }
    return LearnedChange(drift: w, direction: climbed.normalised, steps: steps)
  }

  /// How much more a later round weighs refusals.
  private static let lean: Float = 2

  /// The terms of g on one batch: task, benign, refusal.
  private func utility(
    _ batch: Batches.Batch, refusalWeight: Float
  ) -> [LossTerm] {
    [
      LossTerm(
        batch.task, likelihoodWeight: recipe.taskTerm == .likelihood ? recipe.taskWeight : 0,
        divergenceWeight: recipe.taskTerm == .divergence ? recipe.taskWeight : 0),
      LossTerm(
        batch.benign, likelihoodWeight: recipe.benignWeight, divergenceWeight: recipe.beta,
        openingEmphasis: recipe.openingEmphasis),
      LossTerm(
        batch.refusal, likelihoodWeight: refusalWeight,
        openingEmphasis: recipe.openingEmphasis),
      LossTerm(
        batch.overRefusal, likelihoodWeight: recipe.overRefusalWeight, saturation: .unlikelihood),
    ]
  }

  /// ∇h on some rows, of which those above the ceiling τ count nothing.
  private struct HarmfulGradient {
    let loss: Double
    let gradient: ParameterVector
    let counts: [Bool]
  }

  private func harmfulGradient(_ rows: [Example], at w: Perturbation) throws -> HarmfulGradient {
    let term = LossTerm(
      rows, likelihoodWeight: 1, saturation: recipe.ceilingOnMean ? .none : .ceiling(recipe.ceiling)
    )
    var (values, gradient) = try gradient(of: [term], at: w)
    let value = values[0]
    let counts = value.rowLikelihoods.map {
      !((recipe.ceilingOnMean ? value.likelihood : $0) > Double(recipe.ceiling))
    }
    if recipe.ceilingOnMean, !counts.contains(true) { gradient.scale(by: 0) }
    return HarmfulGradient(loss: value.likelihood, gradient: gradient, counts: counts)
  }

  /// ∇(h(w + ε) − h(w)), over rows that count at both points. A row that rose above the ceiling
  /// would otherwise leave −∇h(w) alone, and the step would teach it.
  private func riseGradient(
    _ rows: [Example], _ h: HarmfulGradient, at w: Perturbation, kicked: Perturbation
  ) throws -> ParameterVector {
    var low = h
    var high = try harmfulGradient(rows, at: kicked)
    var share: Float = 1
    if low.counts != high.counts {
      let both = rows.indices.filter { low.counts[$0] && high.counts[$0] }.map { rows[$0] }
      share = Float(both.count) / Float(rows.count)
      (low, high) = (try harmfulGradient(both, at: w), try harmfulGradient(both, at: kicked))
    }
    var rise = high.gradient
    rise.add(low.gradient, scale: -1)
    rise.scale(by: share)
    return rise
  }

  private func gradient(of terms: [LossTerm], at w: Perturbation) throws
    -> (values: [Objective.Value], gradient: ParameterVector)
  {
    var gradient = Gradient(at: w)
    let model = Transformer(weights: Weights(map: map, perturbation: w))
    let objective = Objective(terms: terms, batchTokens: recipe.batchTokens)
    let values = try objective.gradient(of: model, into: &gradient)
    return (values, gradient.values.settled)
  }

  /// w + ε for the ε of one step.
  private func kicked(_ w: Perturbation, along direction: ParameterVector) throws -> Perturbation {
    var result = w
    let length =
      switch recipe.rho {
      case .parameters(let length): length
      case .relative(let rho):
        try WeightChange(map: map).length(along: direction, at: w, relativeNorm: rho)
      case .automatic:
        try WeightChange(map: map).length(
          along: direction, at: w, relativeNorm: Recipe.learningRho)
      }
    result.values.add(direction, scale: Float(length))
    return result
  }
}

/// The rows of each step, every role in its own shuffled cycle.
private struct Batches {
  struct Batch {
    let harmful, refusal, benign, task, overRefusal: [Example]

    var tokens: Int {
      [harmful, refusal, benign, task, overRefusal].joined().reduce(0) { $0 + $1.length }
    }
  }

  private var harmful, refusal, benign, task, overRefusal: ShuffledCycle

  init(_ data: EncodedSet, seed: UInt64) {
    harmful = ShuffledCycle(data.harmful, seed: seed, stream: 101)
    refusal = ShuffledCycle(data.refusal, seed: seed, stream: 102)
    benign = ShuffledCycle(data.benign, seed: seed, stream: 103)
    task = ShuffledCycle(data.task, seed: seed, stream: 104)
    overRefusal = ShuffledCycle(data.overRefusal + data.interruption, seed: seed, stream: 105)
  }

  mutating func next(_ rows: Recipe.BatchRows) -> Batch {
    Batch(
      harmful: harmful.next(rows.harmful), refusal: refusal.next(rows.harmful),
      benign: benign.next(rows.benign), task: task.next(rows.task),
      overRefusal: overRefusal.next(rows.overRefusal))
  }
}
