import Testing

@testable import Perturb

/// Are the controls what they claim to be: noise of a given size, and a step up ∇h?
@Suite struct ControlsTests {
  @Test(arguments: [1e-4, 1e-2])
  func noiseHasTheNormAskedFor(_ rho: Double) throws {
    let replay = try ReplayCase("standard")
    let noise = try noise(replay, seed: 1)
    let measure = WeightChange(map: replay.map)
    let length = try measure.length(
      along: noise.direction, at: noise.drift, relativeNorm: rho)
    let moved = measure.squaredNorms(from: noise.drift, to: noise.kicked(by: length))
    let weights = try measure.squaredWeightNorm(of: noise.drift.space)
    let relative = (moved.reduce(0, +) / weights).squareRoot()
    #expect(abs(relative / rho - 1) < 1e-5)
    #expect(noise.drift.values.array.allSatisfy { $0 == 0 })
    #expect(noise.steps.isEmpty)
  }

  @Test func noiseFollowsTheSeed() throws {
    let replay = try ReplayCase("standard")
    let first = try noise(replay, seed: 1).direction
    #expect(try noise(replay, seed: 1).direction == first)
    let other = try noise(replay, seed: 2).direction
    #expect(abs(cosine(first.array, other.array)) < 0.05)
  }

  /// A Gaussian has fourth moment 3; a tensor's part of the norm goes with its size.
  @Test func noiseIsGaussianAndSpreadEvenly() throws {
    let replay = try ReplayCase("standard")
    let noise = try noise(replay, seed: 3)
    let count = Double(noise.direction.count)
    let fourth = noise.direction.array.reduce(0.0) {
      let square = Double($1) * Double($1) * count
      return $0 + square * square / count
    }
    #expect(abs(fourth - 3) < 0.3)
    for entry in noise.drift.space.entries {
      guard case .full(let range) = entry.form else {
        Issue.record("noise must be in full form")
        continue
      }
      let share = Vector.squaredNorm(noise.direction[range].span)
      #expect(abs(share * count / Double(range.count) - 1) < 0.35, "\(entry.name)")
    }
  }

  @Test func ascentGoesUpTheHarmfulLoss() throws {
    let replay = try ReplayCase("standard")
    var recipe = replay.recipe
    recipe.ceiling = 100
    let learned = try Ascent(map: replay.map, data: replay.data, recipe: recipe).run { _, _ in }
    let slope = try harmfulGradient(replay, replay.data.harmful)
    #expect(cosine(learned.direction.array, slope) > 1 - 1e-6)
    #expect(learned.drift.values.array.allSatisfy { $0 == 0 })
  }

  @Test func ascentLeavesRowsAboveTheCeilingAlone() throws {
    let replay = try ReplayCase("standard")
    let scores = try Objective(
      terms: [LossTerm(replay.data.harmful, likelihoodWeight: 1)], batchTokens: 24
    ).rowScores(of: Transformer(weights: Weights(map: replay.map)))
    let losses = scores.map { $0.likelihood.reduce(0, +) / Float($0.likelihood.count) }
    let sorted = losses.sorted()
    var recipe = replay.recipe
    recipe.ceiling = (sorted[1] + sorted[2]) / 2
    let learned = try Ascent(map: replay.map, data: replay.data, recipe: recipe).run { _, _ in }
    let low = zip(replay.data.harmful, losses).filter { $0.1 < recipe.ceiling }.map(\.0)
    #expect(cosine(learned.direction.array, try harmfulGradient(replay, low)) > 1 - 1e-6)
    #expect(
      cosine(learned.direction.array, try harmfulGradient(replay, replay.data.harmful)) < 0.99)
  }

  private func noise(_ replay: ReplayCase, seed: UInt64) throws -> LearnedChange {
    var recipe = replay.recipe
    recipe.seed = seed
    return try RandomPerturbation(map: replay.map, recipe: recipe).run { _, _ in }
  }

  private func harmfulGradient(_ replay: ReplayCase, _ rows: [Example]) throws -> [Float] {
    var recipe = replay.recipe
    recipe.parametrisation = .full
    let space = try recipe.space(over: replay.map)
    let point = space.origin
    var gradient = Gradient(at: point)
    _ = try Objective(terms: [LossTerm(rows, likelihoodWeight: 1)], batchTokens: 2048).gradient(
      of: Transformer(weights: Weights(map: replay.map, perturbation: point)), into: &gradient)
    return gradient.values.array
  }

  private func cosine(_ a: [Float], _ b: [Float]) -> Double {
    Double(Vector.dot(a.span, b.span)) / (a.norm * b.norm)
  }
}
