import FormatIO
import Foundation
import Perturb

/// One model with rows to learn from and rows to measure on.
struct Experiment {
  private let model: LoadedModel
  private let rows: CalibrationSet
  private let test: CalibrationSet
  private let evaluator: Evaluator
  private let otherWording: Evaluator?
  private let separation: Separation
  /// Benign answers with the states of the damaged and of the aligned model.
  private let damagedAnswers: [Example]
  private let alignedAnswers: [Example]

  /// So many tokens are generated of each answer.
  private static let maximumTokens = 32
  private static let batchTokens = 2048

  /// Opens everything.
  init(
    model path: String, reference: String?, rows: String, test: String, precision: Precision
  ) throws {
    let model = try LoadedModel.open(path, precision: precision)
    let aligned = try reference.map { try LoadedModel.open($0, precision: precision) } ?? model
    self.model = model
    self.rows = try Self.read(rows)
    let reworded = try Self.readOtherWording(test)
    var test = try Self.read(test)
    // Benign requests come without answers: the aligned model's own show how far others move.
    let own = try OwnAnswers(
      to: test.benign.map(\.prompt), by: aligned, maximumTokens: Self.maximumTokens)
    for index in test.benign.indices {
      test.benign[index].response = own.texts[index]
      test.benign[index].isComplete = own.isComplete[index]
    }
    self.test = test
    func evaluator(_ set: CalibrationSet, attacks: Evaluator.Attacks?) throws -> Evaluator {
      try Evaluator(
        set: set, encoder: model.encoder,
        contextLength: model.map.configuration.contextLength, stopTokens: model.stopTokens,
        maximumTokens: Self.maximumTokens, batchTokens: Self.batchTokens, attacks: attacks)
    }
    self.evaluator = try evaluator(
      test, attacks: .init(format: TaskFormat(prompts: test.task.map(\.prompt))))
    otherWording = try reworded.map { try evaluator($0, attacks: nil) }
    separation = Separation(
      test, refusals: self.rows.harmful.compactMap(\.refusal) + CalibrationSet.refusals,
      encoder: model.encoder)
    let answers = try EncodedSet(
      test, encoder: model.encoder, contextLength: model.map.configuration.contextLength
    ).benign
    damagedAnswers = try answers.withReference(
      Transformer(weights: Weights(map: model.map)), batchTokens: Self.batchTokens)
    alignedAnswers = try answers.withReference(
      Transformer(weights: Weights(map: aligned.map)), batchTokens: Self.batchTokens)
  }

  /// Learns with one setting and measures the result, and what can be made of it.
  func run(_ setting: Setting, seed: UInt64, log: (String) -> Void) throws -> [Outcome] {
    let chosen = try chosenRows(setting)
    let vocabularySize = model.map.configuration.vocabularySize
    var recipe = Recipe.standard(vocabularySize: vocabularySize)
    recipe.seed = seed
    var settings = RepairRun.Settings(recipe: recipe)
    setting.change(&settings, .init(vocabularySize: vocabularySize, rows: chosen))
    let began = ContinuousClock.now
    let report = try RepairRun(model: model, rows: chosen, settings: settings)
      .run(output: nil) { event in
        if case .learned(let step, let total, _) = event, step.number % 20 == 0 {
          log("step \(step.number) of \(total)")
        }
        if case .tried(let trial) = event {
          log(
            "ρ \(trial.rho): refusal \(trial.evaluation.harmful.refusal.value), "
              + "over-refusal \(trial.evaluation.benign.overRefusal.value)")
        }
      }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    for miss in report.misses { log("\(miss.name): \(miss.value), limit \(miss.limit)") }
    func outcome(
      _ name: String, _ change: Perturbation?, rho: Double, norm: Double,
      storage: StorageRounding? = nil
    ) throws -> Outcome {
      let weights = Weights(
        map: model.map, perturbation: change,
        storage: change == nil ? nil : storage ?? settings.storage)
      let outcome = Outcome(
        setting: name, seed: seed, seconds: seconds, steps: report.steps.count, rho: rho,
        relativeNorm: norm, verdict: report.verdict?.rawValue,
        figures: try figures(weights))
      log("\(name): \(outcome.figures)")
      return outcome
    }
    guard let change = report.change, let learned = report.learned else {
      return [try outcome(setting.name, nil, rho: 0, norm: 0)]
    }
    var outcomes = [
      try outcome(setting.name, change, rho: report.rho, norm: report.relativeNorm)
    ]
    guard setting.hasControls else { return outcomes }
    for control in try Control.all(
      learned, chosen: change, rho: report.rho, recipe: settings.recipe, map: model.map)
    {
      outcomes.append(
        try outcome(
          control.name, control.change, rho: control.rho, norm: control.relativeNorm,
          storage: control.storage))
    }
    if seed == 0 { outcomes.append(try outcome("none", nil, rho: 0, norm: 0)) }
    return outcomes
  }

  // MARK: Measuring

  private func figures(_ weights: Weights) throws -> Outcome.Figures {
    let evaluation = try evaluator.evaluate(weights)
    let other = try otherWording?.evaluate(weights)
    let model = Transformer(weights: weights)
    let (damaged, aligned) = (
      try distance(damagedAnswers, model), try distance(alignedAnswers, model)
    )
    return Outcome.Figures(
      evaluation: evaluation, otherWording: other,
      separation: try separation.measure(model, batchTokens: Self.batchTokens),
      fromDamaged: damaged, fromAligned: aligned)
  }

  /// Mean KL per token and share of equal most likely tokens, each a mean over rows.
  private func distance(_ answers: [Example], _ model: Transformer) throws
    -> (divergence: Double, agreement: Double)
  {
    let scores = try Objective(
      terms: [LossTerm(answers, likelihoodWeight: 1)], batchTokens: Self.batchTokens
    ).rowScores(of: model)
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(values.count, 1)) }
    return (
      mean(scores.map { mean($0.divergence.map(Double.init)) }),
      mean(scores.map { mean($0.agreement.map { $0 ? 1 : 0 }) })
    )
  }

  // MARK: Rows

  private func chosenRows(_ setting: Setting) throws -> CalibrationSet {
    var chosen = rows
    if setting.usesBuiltInOnly {
      chosen = try CalibrationSet.builtIn(.usual)
      chosen.task = rows.task
    }
    if let count = setting.rows {
      chosen.harmful = Array(chosen.harmful.prefix(count))
      chosen.benign = Array(chosen.benign.prefix(count))
    }
    return chosen
  }

  private static func read(_ folder: String) throws -> CalibrationSet {
    try CalibrationSet.read(
      harmful: [folder + "/harmful.jsonl"], benign: [folder + "/benign.jsonl"],
      task: [folder + "/task.jsonl"])
  }

  /// The rows in other sentences than the rows to learn from have, where the test folder has some.
  private static func readOtherWording(_ folder: String) throws -> CalibrationSet? {
    let files = ["harmful", "benign"].map { "\(folder)/\($0)-other-wording.jsonl" }
    guard files.allSatisfy({ FileManager.default.fileExists(atPath: $0) }) else { return nil }
    return try CalibrationSet.read(harmful: [files[0]], benign: [files[1]], task: [])
  }
}
