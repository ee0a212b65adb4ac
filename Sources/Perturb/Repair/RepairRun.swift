public import FormatIO

/// The whole job: measure, learn, choose the strength, write, read back, measure again, judge.
public struct RepairRun: Sendable {
  /// Everything a run can be told.
  public struct Settings: Sendable {
    /// Which method learns the change.
    public enum Method: String, Sendable, CaseIterable {
      case panacea, ascent, random
    }

    /// Which method learns the change.
    public var method = Method.panacea
    /// Its settings.
    public var recipe: Recipe
    /// How touched tensors are stored.
    public var storage: StorageRounding
    /// Whether quantised tensors that cannot hold the change in their own type get a wider one.
    public var raisesTypes = true
    /// What must be reached and what it may cost.
    public var budgets = Budgets()
    /// The longest answer to generate, in tokens.
    public var maximumTokens = Evaluator.defaultMaximumTokens
    /// What is written: the model with everything in it, or a new adapter of the base.
    public var writesAdapter = false
    /// Whether the file records how it was made.
    public var recordsProvenance = true
    /// Whether the file is written although a target or budget was missed.
    public var isForced = false
    /// Whether an existing output may be replaced.
    public var overwrites = false
    /// Names of files in an existing output folder that are written anew after the run.
    public var replaceable: [String] = []

    /// The numbers that the method may change.
    ///
    /// - Throws: `InputError` if a pattern of the recipe's targets matches nothing.
    public func space(over map: TensorMap) throws -> ParameterSpace {
      var recipe = recipe
      if method != .panacea { recipe.parametrisation = .full }
      return try recipe.space(over: map)
    }

    /// Defaults around a recipe; touched tensors keep their type, rounded at random from its seed.
    public init(recipe: Recipe) {
      self.recipe = recipe
      storage = StorageRounding(rounding: .stochastic(seed: recipe.seed))
    }
  }

  /// What a run is doing, for those who watch.
  public enum Event: Sendable {
    case began(Phase)
    /// What was done to the rows, one sentence each.
    case noted([String])
    /// Answers generated so far, of so many.
    case generating(done: Int, total: Int)
    case measuredBaseline(Evaluation)
    /// A step of so many, the size of the drift so far relative to the weights, and tokens done.
    case learned(LearningStep, of: Int, relativeDrift: Double)
    case tried(StrengthSearch.Trial)
    /// The type that touched tensors get, since their own does not hold the change, and the bytes that it
    /// costs.
    case raised(ElementType, bytes: Int)
    /// Bytes written so far, of so many.
    case writing(done: Int, total: Int)
  }

  /// The parts of a run, in order.
  public enum Phase: String, Sendable, CaseIterable {
    case baseline, learning, search, writing, verification
  }

  /// The model to repair.
  public let model: LoadedModel
  /// The rows; a fifth is held out for the figures, and a fifth of the rest for the search.
  public let rows: CalibrationSet
  /// What was asked for.
  public let settings: Settings

  /// Prepares a run.
  public init(model: LoadedModel, rows: CalibrationSet, settings: Settings) {
    self.model = model
    self.rows = rows
    self.settings = settings
  }

  /// Runs everything. With no output nothing is written, and the figures are those of the weights
  /// rounded as a file would hold them.
  ///
  /// - Throws: `InputError`, `DivergenceError`, or what `notify` throws.
  public func run(output: String?, notify: (Event) throws -> Void) throws -> RepairReport {
    let space = try settings.space(over: model.map)
    try space.requireRoom()
    if settings.writesAdapter {
      try CombinedAdapter.check(model.adapter, space, on: model.map)
    } else {
      try settings.storage.requireOwnTypes(space, of: model.map)
    }
    let unpatched = Weights(map: model.map)
    var report = RepairReport(settings: settings)
    report.precision = model.map.precision
    report.adapter = model.adapter
    var clock = PhaseClock()

    try notify(.began(.baseline))
    let parts = try DividedRows(
      rows, model: model, isForLearning: !isIdentity, settings: settings
    ) { try notify(.generating(done: $0, total: $1)) }
    report.setRows(parts)
    try notify(.noted(Array(parts.rows.notes.dropFirst(rows.notes.count))))
    let measure = try evaluator(parts.heldOut, attacks: .init(format: parts.format))
    report.before = try evaluate(measure, unpatched, notify)
    try notify(.measuredBaseline(report.before))
    report.setBudgets(
      settings.budgets, before: report.before, answersAreIntact: parts.answersAreIntact,
      heldOut: parts.heldOut, selection: parts.selection)
    report.seconds[.baseline] = clock.lap()

    var change: Weights?
    if !isIdentity {
      let choose = try evaluator(parts.selection)
      let selectionBefore = try evaluate(choose, unpatched, notify)
      report.selectionBefore = selectionBefore
      if try refusesAlready(parts, selectionBefore, &report) {
        report.outcome = .nothingToDo
        return report
      }
      report.seconds[.baseline, default: 0] += clock.lap()

      try notify(.began(.learning))
      let data = try encode(parts.learning.set)
      var plan = StoragePlan(
        settings.storage, raises: settings.raisesTypes, space: try settings.space(over: model.map),
        map: model.map, examples: data.harmful + data.refusal + data.benign + data.task)
      plan.keepsFactors = settings.writesAdapter
      let learned = try learn(data, parts, choose, selectionBefore, &plan, &report, notify)
      report.learned = learned
      report.steps = learned.steps
      report.seconds[.learning] = clock.lap()

      try notify(.began(.search))
      let chosen = try chooseStrength(learned, choose, selectionBefore, plan, &report, notify)
      change = chosen
      report.change = chosen.perturbation
      if report.rho != 0 {
        report.driftOnly = try evaluate(measure, plan.weights(model.map, learned.drift), notify)
      }
      report.seconds[.search] = clock.lap()
    } else if model.adapter != nil, !settings.writesAdapter {
      change = try merged()
    }

    guard let output else {
      try notify(.began(.verification))
      report.after = try evaluate(measure, change ?? unpatched, notify)
      report.judge(isIdentity: isIdentity)
      report.seconds[.verification] = clock.lap()
      return report
    }
    FreedMemory.giveBack()
    try notify(.began(.writing))
    let staged = try stage(change, at: output, &report, notify)
    report.seconds[.writing] = clock.lap()

    try notify(.began(.verification))
    var written = try TensorMap(
      checkpoint: reopened(staged), configuration: model.map.configuration)
    (written.precision, written.memory) = (model.map.precision, model.map.memory)
    // Added up, base and factors are more exact than the type of the base.
    if settings.writesAdapter { written.precision = .float32 }
    report.after = try evaluate(measure, Weights(map: written), notify)
    report.judge(isIdentity: isIdentity)
    if report.outcome == .done || settings.isForced {
      report.outputDigest = staged.digest
      try staged.commit()
      report.isWritten = true
    }
    report.seconds[.verification] = clock.lap()
    return report
  }

  /// The model with its adapter as a file will hold it, without a patch.
  private func merged() throws -> Weights {
    let none = ParameterSpace(tensors: [], parametrisation: .full)
    let plan = StoragePlan(
      settings.storage, raises: false, space: none, map: model.map, examples: [])
    return try plan.weights(model.map, Perturbation(space: none, values: none.zeros))
  }

  /// True if nothing is to be learned and nothing added: the output is a copy, on request.
  private var isIdentity: Bool {
    settings.recipe.steps == 0 && settings.recipe.rho.isZero
      || settings.method != .panacea
        && settings.recipe.rho.isZero
  }
}

// MARK: - The parts

extension RepairRun {
  /// A rate this far below the target may still be chance: the rows are few.
  private static let chance = 0.2

  /// True if all of the caller's own rows together show that there is nothing to repair.
  ///
  /// Held-out rows and those for choosing were measured anyway. The rows to learn from are many, so
  /// they are measured only if the others come near the target.
  private func refusesAlready(
    _ parts: DividedRows, _ selection: Evaluation, _ report: inout RepairReport
  ) throws -> Bool {
    let target = report.budgets.refusalTarget
    let measured =
      report.before.harmful.refusal
      + selection.answers.refusals(ofFirst: parts.ownSelection.harmful.count)
    guard measured.value >= target - Self.chance else { return false }
    let rest = CalibrationSet(harmful: parts.ownLearning.harmful, benign: [])
    let learning = try evaluate(evaluator(rest), Weights(map: model.map)) { _ in }.harmful.refusal
    let all = measured + learning
    report.refusalOfAllRows = all
    return all.value >= target
  }

  /// Learns in rounds, until the rows kept for choosing ask for no more.
  private func learn(
    _ encoded: EncodedSet, _ parts: DividedRows, _ choose: Evaluator, _ before: Evaluation,
    _ plan: inout StoragePlan, _ report: inout RepairReport, _ notify: (Event) throws -> Void
  ) throws -> LearnedChange {
    let recipe = settings.recipe
    let rows = parts.learning
    var data = encoded
    data.overRefusal = model.encoder.overRefusals(rows.guarded, refusals: data.refusal)
    if recipe.deepRefusals > 0 {
      let some = stride(from: 0, to: data.benign.count, by: recipe.deepRefusals)
      // Said back, a long request may not fit the context any more; that is no fault of the row.
      let restated = rows.restated.map { row in
        Example(
          prompt: model.encoder.encodePrompt(row.prompt),
          answer: model.encoder.encodeAnswer(row.response ?? "", complete: false))
      }.filter { !$0.answer.isEmpty && $0.length <= model.map.configuration.contextLength }
      data.interruption = data.interruptions(of: some.map { data.benign[$0] } + restated)
    }
    data.refusal += data.refusalsAfterOpenings(oneIn: recipe.deepRefusals)
    let unpatched = Transformer(weights: Weights(map: model.map))
    if recipe.beta != 0 {
      data.benign = try data.benign.withReference(unpatched, batchTokens: recipe.batchTokens)
    }
    if recipe.taskTerm == .divergence {
      data.task = try data.task.withReference(unpatched, batchTokens: recipe.batchTokens)
    }
    let sizes = WeightChange(map: model.map)
    var weightNorm: Double?
    var total = recipe.steps
    let budgets = report.selectionBudgets
    var trials: [StrengthSearch.Trial] = []
    let learned = try method(data).run { drift in
      let trial = StrengthSearch.Trial(
        rho: 0, steps: total,
        evaluation: try settle(&plan, drift, choose, report.selectionBudgets, notify),
        before: before, budgets: budgets)
      trials.append(trial)
      try notify(.tried(trial))
      let asksForMore = budgets.asksForMoreRefusals(after: trial.evaluation)
      if asksForMore, trials.count <= recipe.extraRounds { total += recipe.extraSteps }
      return asksForMore
    } progress: { step, drift in
      let norm = try weightNorm ?? sizes.squaredWeightNorm(of: drift.space).squareRoot()
      weightNorm = norm
      // Of whole matrices the size of the drift takes time; every fifth one is enough.
      let isMeasured = step.number % 5 == 0 || step.number == total
      let size = isMeasured ? sizes.squaredNorms(to: drift).reduce(0, +).squareRoot() / norm : .nan
      try notify(.learned(step, of: total, relativeDrift: size))
    }
    report.trials = trials
    return learned
  }

  private func method(_ data: EncodedSet) -> any RepairMethod {
    switch settings.method {
    case .panacea: Panacea(map: model.map, data: data, recipe: settings.recipe)
    case .ascent: Ascent(map: model.map, data: data, recipe: settings.recipe)
    case .random: RandomPerturbation(map: model.map, recipe: settings.recipe)
    }
  }

  /// Takes a wider type if the drift does less in the tensors' own types than in that one, and measures the
  /// drift as it is stored then.
  private func settle(
    _ plan: inout StoragePlan, _ drift: Perturbation, _ choose: Evaluator, _ budgets: Budgets,
    _ notify: (Event) throws -> Void
  ) throws -> Evaluation {
    let stored = try plan.weights(model.map, drift)
    let kept = try evaluate(choose, stored, notify)
    guard let wider = plan.wider else { return kept }
    let raised = plan.raised
    let evaluation = try evaluate(choose, raised.weights(model.map, drift), notify)
    let keep = stored.storage?.encoded?.effect?.keep ?? 1
    if keep >= StoredPatch.leastKeep, budgets.areAsGood(kept, as: evaluation) {
      plan.settle()
      return kept
    }
    try notify(.raised(wider, bytes: plan.bytesOfRaising))
    plan = raised
    return evaluation
  }

  /// Settles the length of the kick and keeps what the report needs of it.
  private func chooseStrength(
    _ learned: LearnedChange, _ choose: Evaluator, _ before: Evaluation, _ plan: StoragePlan,
    _ report: inout RepairReport, _ notify: (Event) throws -> Void
  ) throws -> Weights {
    let sizes = WeightChange(map: model.map)
    let norm = try sizes.squaredWeightNorm(of: learned.drift.space).squareRoot()
    var tried: [Weights] = []
    func measure(_ change: Perturbation) throws -> Evaluation {
      tried.append(try plan.weights(model.map, change))
      return try evaluate(choose, tried[tried.count - 1], notify)
    }
    let chosen: Perturbation
    var stored: Weights?
    var goesBack = false
    switch settings.recipe.rho {
    case .automatic:
      let search = StrengthSearch(
        budgets: report.selectionBudgets, change: learned, sizes: sizes)
      let result = try search.run(
        before: before, unkicked: report.trials.last?.evaluation, evaluate: measure,
        progress: { try notify(.tried($0)) })
      chosen = result.chosen
      goesBack = result.rho < 0
      report.trials += result.trials
      stored = result.trials.firstIndex { $0.rho == result.rho }.map { tried[$0] }
    case .relative(let rho):
      chosen = learned.kicked(
        by: try sizes.length(along: learned.direction, at: learned.drift, relativeNorm: rho))
    case .parameters(let length): chosen = learned.kicked(by: length)
    }
    let kick = sizes.squaredNorms(from: learned.drift, to: chosen).reduce(0, +).squareRoot()
    report.rho = (goesBack ? -kick : kick) / norm
    report.relativeDrift = sizes.squaredNorms(to: learned.drift).reduce(0, +).squareRoot() / norm
    report.relativeNorm = sizes.squaredNorms(to: chosen).reduce(0, +).squareRoot() / norm
    report.coefficients = try SafetyCoefficients(learned, sizes: sizes)
    return try stored ?? plan.weights(model.map, chosen)
  }

  /// What was staged, read back: a model, or an adapter on the base.
  private func reopened(_ staged: StagedCheckpoint) throws -> Checkpoint {
    guard settings.writesAdapter else { return try Checkpoint.open(staged.path) }
    let base = model.map.checkpoint.overlaid(by: nil)
    return try Adapter.open(staged.path, on: base).applied(to: base)
  }

  /// Writes a new adapter beside its name.
  private func stageAdapter(
    _ change: Weights?, at output: String, _ report: inout RepairReport
  ) throws -> StagedCheckpoint {
    let base = model.map.checkpoint.overlaid(by: nil)
    let none = ParameterSpace(tensors: [], parametrisation: .full)
    let patch = change?.perturbation ?? Perturbation(space: none, values: none.zeros)
    let digest = try base.contentDigest()
    report.inputDigest = digest
    return try CombinedAdapter(model.adapter, patch, on: model.map).stage(
      at: output, map: model.map, adapter: model.adapter,
      provenance: settings.recordsProvenance ? report.provenance(of: base, digest: digest) : [],
      source: digest)
  }

  /// Writes the output beside its name, not yet in its place.
  private func stage(
    _ change: Weights?, at output: String, _ report: inout RepairReport,
    _ notify: (Event) throws -> Void
  ) throws -> StagedCheckpoint {
    if settings.writesAdapter { return try stageAdapter(change, at: output, &report) }
    let checkpoint = model.map.checkpoint
    var writer = CheckpointWriter(checkpoint)
    let patch = change.flatMap(StoredPatch.init)
    writer.replacements = patch?.replacements() ?? [:]
    writer.replaceable = settings.replaceable
    if settings.recordsProvenance {
      writer.metadata = { [report] in report.provenance(of: checkpoint, digest: $0) }
    }
    let total = checkpoint.shards.reduce(0) { $0 + $1.file.count }
    var done = 0
    let staged = try writer.stage(at: output, overwrite: settings.overwrites) { bytes in
      done += bytes
      try notify(.writing(done: done, total: total))
    }
    report.inputDigest = staged.sourceDigest
    if let patch {
      report.storage = patch.tensors
      report.share = patch.weights
      report.effect = patch.effect
    }
    return staged
  }

  // MARK: Rows

  private func encode(_ rows: CalibrationSet) throws -> EncodedSet {
    try EncodedSet(
      rows, encoder: model.encoder, contextLength: model.map.configuration.contextLength)
  }

  private func evaluator(_ rows: CalibrationSet, attacks: Evaluator.Attacks? = nil) throws
    -> Evaluator
  {
    var evaluator = try Evaluator(
      set: rows, encoder: model.encoder, contextLength: model.map.configuration.contextLength,
      stopTokens: model.stopTokens, maximumTokens: settings.maximumTokens,
      batchTokens: settings.recipe.batchTokens, attacks: attacks)
    try evaluator.setReference(Transformer(weights: Weights(map: model.map)))
    return evaluator
  }

  private func evaluate(
    _ evaluator: Evaluator, _ weights: Weights, _ notify: (Event) throws -> Void
  ) throws -> Evaluation {
    try evaluator.evaluate(weights) { done, total in
      try notify(.generating(done: done, total: total))
    }
  }
}

/// Measures the time of one phase after the other.
private struct PhaseClock {
  private var last = ContinuousClock.now

  /// Seconds since the last call.
  mutating func lap() -> Double {
    let now = ContinuousClock.now
    defer { last = now }
    return (now - last) / .seconds(1)
  }
}
