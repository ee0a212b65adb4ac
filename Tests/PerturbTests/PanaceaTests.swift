import FormatIO
import Testing

@testable import Perturb

/// Does Panacea compute the published arithmetic, and does it behave as its text says?
@Suite struct PanaceaTests {
  @Test(arguments: ReplayCase.names)
  func replaysTheReferenceRun(_ name: String) throws {
    let replay = try ReplayCase(name)
    let learned = try Panacea(map: replay.map, data: replay.data, recipe: replay.recipe)
      .run(from: replay.start) { _, _ in }

    #expect(learned.steps.count == replay.steps.count)
    for (step, expected) in zip(learned.steps, replay.steps) {
      expectMatch(step.task, expected["task"])
      expectMatch(step.benign, expected["benign"])
      expectMatch(step.harmful, expected["harmful"])
      if replay.recipe.refusalWeight != 0 { expectMatch(step.refusal, expected["refusal"]) }
      if replay.recipe.beta != 0 { expectMatch(step.divergence, expected["divergence"], 1e-4) }
      expectMatch(step.gradientNorm, expected["gradientNorm"], 1e-4)
    }
    var change = learned.drift.values
    change.add(replay.start.values, scale: -1)
    let drift = relativeDistance(change.array, try replay.expected("change"))
    let direction = relativeDistance(learned.direction.array, try replay.expected("direction"))
    // At the paper's learning rate single precision rounds a ten-thousandth of each step away.
    #expect(drift <= (name == "paper" ? 1e-3 : 1e-4))
    #expect(direction <= 1e-4)
  }

  @Test func paperCaseIsThePaperRecipe() throws {
    var recipe = Recipe.paper(vocabularySize: 48, rows: 40)
    // A tiny model has room for a smaller rank only, and starts nearer to the ceiling.
    recipe.parametrisation = .lowRank(rank: 4, scale: 4.0 / 32)
    recipe.ceiling = 5
    recipe.batchTokens = 24
    #expect(try ReplayCase("paper").recipe == recipe)
  }

  /// The bounds above mean little unless a missing term would break them. λ = 0.001 moves the
  /// paper's own result by 1e-4 only, hence the case with a strong λ.
  @Test func replayedTermsAreVisible() throws {
    for (name, terms) in [
      ("paper", ["weightDecay"]), ("strong-lambda", ["lambda", "weightDecay", "kickAtEnd"]),
      ("ceiling", ["lambda", "ceiling", "clip", "kickAtEnd"]),
      ("standard", ["lambda", "mu", "beta", "ceiling", "clip"]),
      ("full", ["lambda", "mu", "kickAtEnd", "weightDecay"]),
    ] {
      let effects = try ReplayCase(name).effects
      for term in terms {
        let effect = try #require(effects[term]?.double)
        #expect(effect > (name == "paper" ? 1e-2 : 1e-3), "\(name) \(term)")
      }
    }
  }

  @Test(arguments: ["ceiling", "standard"])
  func ceilingIsCrossedOnlyByTheKick(_ name: String) throws {
    let replay = try ReplayCase(name)
    let ceiling = Double(replay.recipe.ceiling)
    let keys =
      replay.recipe.ceilingOnMean
      ? ("harmful", "harmfulKicked") : ("rowLosses", "kickedRowLosses")
    let crossed = replay.steps.contains { step in
      func losses(_ key: String) -> [Double] {
        step[key]?.array?.compactMap(\.double) ?? [step[key]?.double].compactMap { $0 }
      }
      return zip(losses(keys.0), losses(keys.1)).contains { $0 < ceiling && $1 > ceiling }
    }
    #expect(crossed)
  }

  @Test func seedDecidesTheRun() throws {
    let replay = try ReplayCase("standard")
    var recipe = replay.recipe
    recipe.steps = 2
    recipe.batchRows = .init(each: 2)
    func learned(seed: UInt64) throws -> LearnedChange {
      recipe.seed = seed
      return try Panacea(map: replay.map, data: replay.data, recipe: recipe).run { _, _ in }
    }
    let (first, again, other) = (try learned(seed: 1), try learned(seed: 1), try learned(seed: 2))
    #expect(first.drift.values == again.drift.values)
    #expect(first.direction == again.direction)
    #expect(first.drift.values != other.drift.values)
    #expect(first.direction != other.direction)
  }

  /// Staying close to the unpatched model asks for nothing at its own weights, unlike its answers.
  @Test func theTaskDivergenceIsLeastAtTheUnpatchedModel() throws {
    let replay = try ReplayCase("standard")
    var recipe = replay.recipe
    (recipe.steps, recipe.batchRows) = (1, .init(each: 4))
    (recipe.benignWeight, recipe.refusalWeight, recipe.overRefusalWeight) = (0, 0, 0)
    (recipe.beta, recipe.lambda, recipe.mu, recipe.rho) = (0, 0, 0, .relative(0))
    var data = replay.data
    data.task = try data.task.withReference(
      Transformer(weights: Weights(map: replay.map)), batchTokens: 1000)
    func slope(_ term: Recipe.TaskTerm) throws -> Double {
      (recipe.taskWeight, recipe.taskTerm) = (1, term)
      let learned = try Panacea(map: replay.map, data: data, recipe: recipe).run { _, _ in }
      return try #require(learned.steps.first).gradientNorm
    }
    let answers = try slope(.likelihood)
    #expect(answers > 0.01)
    #expect(try slope(.divergence) < 1e-4 * answers)
  }

  @Test(arguments: [
    ([], 5, 0), ([false], 5, 2), ([true, false], 8, 2), ([true, true, true], 11, 2),
  ])
  func roundsEndWhenNoMoreIsAskedForOrThereAreNoMore(
    _ answers: [Bool], steps: Int, extraRounds: Int
  ) throws {
    let replay = try ReplayCase("standard")
    var recipe = replay.recipe
    (recipe.steps, recipe.extraSteps, recipe.extraRounds) = (5, 3, extraRounds)
    recipe.batchRows = .init(each: 2)
    var asked = answers[...]
    let learned = try Panacea(map: replay.map, data: replay.data, recipe: recipe).run(
      asksForMore: { _ in asked.popFirst() ?? false }, progress: { _, _ in })
    #expect(learned.steps.count == steps)
    #expect(learned.steps.map(\.number) == Array(1...steps))
    #expect(asked.isEmpty)
  }

  @Test func aDecayingRateRisesFallsAndRestartsAtHalf() {
    var recipe = Recipe.standard(vocabularySize: 48)
    recipe.warmUpSteps = 3
    let first = (0..<10).map { recipe.rate(of: $0, in: 10, round: 0) }
    #expect(first[0] == 0.25 && abs(first[3] - 0.7) < 1e-6 && abs(first[9] - 0.1) < 1e-6)
    #expect(recipe.rate(of: 5, in: 10, round: 1) == first[5] / 2)
    recipe.decaysLearningRate = false
    #expect(recipe.rate(of: 0, in: 10, round: 1) == 1)
  }

  @Test(arguments: [ParameterSpace.Parametrisation.full, .lowRank(rank: 3, scale: 2)])
  func withoutStepsNothingDrifts(_ form: ParameterSpace.Parametrisation) throws {
    let replay = try ReplayCase("standard")
    var recipe = replay.recipe
    recipe.parametrisation = form
    recipe.steps = 0
    let learned = try Panacea(map: replay.map, data: replay.data, recipe: recipe).run { _, _ in }
    #expect(WeightChange(map: replay.map).squaredNorms(to: learned.drift).allSatisfy { $0 == 0 })
    #expect(abs(learned.direction.norm - 1) < 1e-5)
    #expect(learned.steps.isEmpty)
  }

  @Test(arguments: [ParameterSpace.Parametrisation.full, .lowRank(rank: 3, scale: 2)])
  func gradientIsTheSlopeOfTheLoss(_ form: ParameterSpace.Parametrisation) throws {
    let replay = try ReplayCase("standard")
    var recipe = replay.recipe
    recipe.targets = .matching(["*"])
    recipe.parametrisation = form
    let space = try recipe.space(over: replay.map)
    var source = RandomSource(seed: 5)
    let point = Perturbation(space: space, values: source.normal(space.count, deviation: 0.05))
    let objective = Objective(
      terms: [LossTerm(replay.data.harmful, likelihoodWeight: 1)], batchTokens: 24)
    func loss(_ length: Double, along direction: ParameterVector) throws -> (
      Double, ParameterVector
    ) {
      var moved = point
      moved.values.add(direction, scale: Float(length))
      var gradient = Gradient(at: moved)
      let model = Transformer(weights: Weights(map: replay.map, perturbation: moved))
      return (try objective.gradient(of: model, into: &gradient)[0].likelihood, gradient.values)
    }
    let slope = try loss(0, along: space.zeros).1
    let direction = slope.normalised
    var errors: [Double] = []
    for length in [0.0125, 0.003_125, 0.000_781_25] {
      let (above, below) = (
        try loss(length, along: direction).0, try loss(-length, along: direction).0
      )
      #expect(above > below)
      errors.append(abs((above - below) / (2 * length * slope.norm) - 1))
    }
    // The error of a central difference falls with the square of the length.
    #expect(errors[1] < errors[0] / 4)
    #expect(errors[2] < 1e-3)
  }

  @Test func kickRaisesTheHarmfulLossAndItsOppositeLowersIt() throws {
    let replay = try ReplayCase("strong-lambda")
    let learned = try Panacea(map: replay.map, data: replay.data, recipe: replay.recipe)
      .run(from: replay.start) { _, _ in }
    func harmfulLoss(_ length: Double) throws -> Double {
      let moved = learned.kicked(by: length)
      var gradient = Gradient(at: moved)
      return try Objective(
        terms: [LossTerm(replay.data.harmful, likelihoodWeight: 1)], batchTokens: 2048
      ).gradient(
        of: Transformer(weights: Weights(map: replay.map, perturbation: moved)), into: &gradient)[
          0
        ].likelihood
    }
    let plain = try harmfulLoss(0)
    #expect(try harmfulLoss(0.3) > plain)
    #expect(try harmfulLoss(-0.3) < plain)
  }

  @Test func numbersThatAreNotFiniteStopTheRun() throws {
    let replay = try ReplayCase("standard")
    var broken = replay.start
    broken.values.replace(0..<1, with: [.nan])
    #expect {
      _ = try Panacea(map: replay.map, data: replay.data, recipe: replay.recipe)
        .run(from: broken) { _, _ in }
    } throws: {
      ($0 as? DivergenceError)?.step == 1
    }
  }

  /// The weights may overflow in the very last step, when no further step sees it.
  @Test(arguments: [1, 3])
  func overflowingStepsStopTheRun(_ steps: Int) throws {
    let replay = try ReplayCase("standard")
    var recipe = replay.recipe
    recipe.learningRate = 1e30
    recipe.steps = steps
    #expect(throws: DivergenceError.self) {
      _ = try Panacea(map: replay.map, data: replay.data, recipe: recipe)
        .run(from: replay.start) { _, _ in }
    }
  }

  private func expectMatch(
    _ value: Double?, _ expected: JSON?, _ tolerance: Double = 1e-5,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard let value, let expected = expected?.double else {
      Issue.record("a value is missing", sourceLocation: sourceLocation)
      return
    }
    #expect(abs(value - expected) <= tolerance * abs(expected), sourceLocation: sourceLocation)
  }
}
