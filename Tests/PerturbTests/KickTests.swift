import RealModule
import Testing

@testable import Perturb

/// Is the kick the longest step in its ball, and does it spare benign requests?
struct KickTests {
  private static func setup() throws -> (replay: ReplayCase, data: EncodedSet, recipe: Recipe) {
    let replay = try ReplayCase("standard")
    var data = replay.data
    let opening = try #require(data.refusal.first).answer.prefix(2)
    data.overRefusal = data.benign.map { Example(prompt: $0.prompt, answer: Array(opening)) }
    return (replay, data, replay.recipe)
  }

  private static func overRefusalGradient(
    _ rows: [Example], _ replay: ReplayCase
  ) throws -> [Float] {
    var gradient = Gradient(at: replay.start)
    _ = try Objective(terms: [LossTerm(rows, likelihoodWeight: 1)], batchTokens: 1000).gradient(
      of: Transformer(weights: Weights(map: replay.map, perturbation: replay.start)),
      into: &gradient)
    return gradient.values.array
  }

  private static func direction(_ metric: Recipe.Metric) throws -> [Float] {
    var (replay, data, recipe) = try setup()
    recipe.metric = metric
    return try Kick(map: replay.map, data: data, recipe: recipe)
      .anchored(1, at: replay.start).normalised.array
  }

  @Test func projectedKickDoesNotMoveBenignRefusals() throws {
    let (replay, data, _) = try Self.setup()
    let plain = try Self.direction(.identity)
    let projected = try Self.direction(.benignProjection(groups: 2))
    #expect(data.overRefusal.count >= 3)
    for group in 0..<2 {
      let rows = stride(from: group, to: data.overRefusal.count, by: 2).map { data.overRefusal[$0] }
      let forbidden = try Self.overRefusalGradient(rows, replay).normalised
      #expect(abs(Vector.dot(plain.span, forbidden.span)) > 1e-3, "the plain kick moves them")
      #expect(abs(Vector.dot(projected.span, forbidden.span)) < 1e-4)
    }
    // What is left still climbs.
    #expect(Vector.dot(projected.span, plain.span) > 0.1)
    #expect(abs(projected.norm - 1) < 1e-4)
  }

  @Test func theMarginClimbsTheOddsOfRefusals() throws {
    var (replay, data, recipe) = try Self.setup()
    recipe.metric = .identity
    let kick = Kick(map: replay.map, data: data, recipe: recipe)
    let direction = try kick.margin(at: replay.start)
    func logOdds(at point: Perturbation) throws -> Double {
      let model = Transformer(weights: Weights(map: replay.map, perturbation: point))
      let openings = data.refusalOpenings
      let scores = try Objective(
        terms: [LossTerm(openings, likelihoodWeight: 1)], batchTokens: 1000
      ).rowScores(of: model)
      let odds = scores.map { scores in
        let p = Double.exp(-scores.likelihood.reduce(0.0) { $0 + Double($1) })
        return Double.log(p / (1 - p))
      }
      return odds.reduce(0, +) / Double(odds.count)
    }
    let unit = direction.normalised
    func moved(_ length: Float) -> Perturbation {
      var point = replay.start
      point.values.add(unit, scale: length)
      return point
    }
    let step: Float = 2e-3
    let slope = try (logOdds(at: moved(step)) - logOdds(at: moved(-step))) / (2 * Double(step))
    #expect(slope > 0)
    #expect(abs(direction.norm - slope) < 2e-2 * slope)
    data.refusal = []
    #expect(data.refusalOpenings.isEmpty)
  }

  @Test func theMarginMovesNoAnswersThatHaveBegun() throws {
    var (replay, data, recipe) = try Self.setup()
    data.interruption = data.interruptions(of: data.benign)
    recipe.metric = .benignProjection(groups: 1)
    let kick = Kick(map: replay.map, data: data, recipe: recipe)
    let direction = try kick.margin(at: replay.start).normalised.array
    for rows in [data.interruption, data.task, data.benign] {
      let forbidden = try Self.overRefusalGradient(rows, replay).normalised
      #expect(abs(Vector.dot(direction.span, forbidden.span)) < 1e-4)
    }
    recipe.metric = .identity
    let plain = try Kick(map: replay.map, data: data, recipe: recipe).margin(at: replay.start)
    #expect(Vector.dot(direction.span, plain.normalised.array.span) > 0.1)
  }

  @Test func fisherMetricDampsWhatBenignRowsFeel() throws {
    let (replay, data, _) = try Self.setup()
    let plain = try Self.direction(.identity)
    let shaped = try Self.direction(.benignFisher(damping: 0.1, groups: 2))
    var fisher = [Float](repeating: 0, count: plain.count)
    for group in 0..<2 {
      let rows = stride(from: group, to: data.overRefusal.count, by: 2).map { data.overRefusal[$0] }
      for (index, slope) in try Self.overRefusalGradient(rows, replay).enumerated() {
        fisher[index] += slope * slope
      }
    }
    let mean = fisher.reduce(0, +) / Float(fisher.count)
    let expected = plain.indices.map { plain[$0] / (fisher[$0] + 0.1 * mean) }
    #expect(relativeDistance(shaped, expected.normalised) < 1e-3)
  }

  @Test func withStrongDampingTheFisherMetricIsNone() throws {
    let plain = try Self.direction(.identity)
    let shaped = try Self.direction(.benignFisher(damping: 1e6, groups: 2))
    #expect(relativeDistance(shaped, plain) < 1e-3)
  }
}
