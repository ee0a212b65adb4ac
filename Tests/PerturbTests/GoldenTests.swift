import FormatIO
import Testing

@testable import Perturb

/// Does the model compute what transformers computes?
@Suite struct GoldenTests {
  @Test(arguments: GoldenModel.names)
  func lossMatches(_ name: String) throws {
    let golden = try GoldenModel(name)
    let scores = try Transformer(weights: Weights(map: golden.map))
      .scores(golden.batch, targets: golden.targets(likelihood: 1))
    let loss = zip(scores.likelihood, golden.targets(likelihood: 1)).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1.likelihoodWeight)
    }
    let expected = try golden.number("loss")
    #expect(abs(loss - expected) <= 1e-5 * expected)
  }

  @Test(arguments: GoldenModel.names)
  func everyGradientMatches(_ name: String) throws {
    let golden = try GoldenModel(name)
    let start = golden.wholeSpace.origin
    var gradient = Gradient(at: start)
    _ = try Transformer(weights: Weights(map: golden.map, perturbation: start))
      .gradient(golden.batch, targets: golden.targets(likelihood: 1), into: &gradient)
    try expectMatch(gradient, golden, prefix: "grad.")
  }

  @Test(arguments: GoldenModel.names)
  func divergenceAndItsGradientsMatch(_ name: String) throws {
    let golden = try GoldenModel(name)
    let space = golden.wholeSpace
    var shifted = space.origin
    for entry in space.entries {
      guard let tensor = golden.tensors.tensor(TensorName("delta.\(entry.name)")),
        case .full(let range) = entry.form
      else { continue }
      let delta = try golden.part(of: golden.tensors.readFloats(tensor), at: entry.slot)
      shifted.values.replace(range, with: delta)
    }
    #expect(shifted.values.norm > 0)
    let reference = try Transformer(weights: Weights(map: golden.map)).targetStates(golden.batch)
    var gradient = Gradient(at: shifted)
    let targets = golden.targets(divergence: 1)
    let scores = try Transformer(weights: Weights(map: golden.map, perturbation: shifted))
      .gradient(golden.batch, targets: targets, reference: reference, into: &gradient)
    let divergence = zip(scores.divergence, targets).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1.divergenceWeight)
    }
    let expected = try golden.number("divergence")
    #expect(abs(divergence - expected) <= 1e-4 * expected)
    try expectMatch(gradient, golden, prefix: "kl_grad.")
  }

  @Test(arguments: GoldenModel.names)
  func greedyAnswersMatch(_ name: String) throws {
    let golden = try GoldenModel(name)
    let rows = try #require(golden.golden["generated"]?.array)
    let prompts = golden.batch.sequences.indices.map { index in
      let sequence = golden.batch.sequences[index]
      let answer = golden.batch.targetRanges[index].count
      return Array(golden.batch.tokens(of: sequence).dropLast(answer - 1))
    }
    let generation = Generation(
      model: Transformer(weights: Weights(map: golden.map)), maximumTokens: 8, stopTokens: [])
    let expected = rows.map { ($0.array ?? []).compactMap { $0.integer.map(Int32.init) } }
    #expect(try generation.answers(to: prompts) == expected)
  }

  private func expectMatch(_ gradient: Gradient, _ golden: GoldenModel, prefix: String) throws {
    for entry in gradient.space.entries {
      guard case .full(let range) = entry.form else { continue }
      let tensor = try golden.tensor(prefix + entry.name.text)
      let expected = try golden.part(of: tensor, at: entry.slot)
      var difference = gradient.values[range]
      difference.add(expected, scale: -1)
      // What changes nothing has a gradient of rounding errors only: small beside that of its tensor.
      let size = golden.map.isIdle(entry.slot) ? tensor.norm : expected.norm
      let relative = difference.norm / max(size, 1e-6)
      #expect(relative <= 1e-3, "\(entry.name) \(entry.slot)")
    }
  }
}
