import FormatIO
import RealModule
import Testing

@testable import Perturb

/// Are losses means of means, do packs change nothing, and are whole-model gradients right?
@Suite struct ObjectiveTests {
  @Test(arguments: GoldenModel.names, [ParameterSpace.Parametrisation.lowRank(rank: 3, scale: 0.5)])
  func lowRankGradientsMatchDifferencesAndTheChainRule(
    _ name: String, form: ParameterSpace.Parametrisation
  ) throws {
    let setup = try Setup(name)
    let matrices = setup.map.slots.filter(\.isBlockMatrix)
    let space = setup.map.space(matrices, form)
    let point = Perturbation(
      space: space, values: GradientCheck.normal(space.count, seed: 1, deviation: 0.1))
    let gradient = try setup.run(setup.mixed, at: point).gradient
    var full = setup.map.space(matrices).origin
    for entry in full.space.entries {
      guard case .full(let range) = entry.form, let own = space.entry(for: entry.slot) else {
        continue
      }
      full.values.replace(range, with: point.change(of: own))
    }
    let whole = try setup.run(setup.mixed, at: full).gradient
    for (entry, other) in zip(space.entries, full.space.entries) {
      guard case .lowRank(let rank, let scale, let a, let b) = entry.form,
        case .full(let range) = other.form
      else { continue }
      // In mixtures a step may send a token to other experts: `BlockTests` has those.
      if setup.map.configuration.mixture == nil {
        try GradientCheck.expectMatch(
          Array(gradient[a]), at: point.values[a], "dA of \(entry.name)", noise: 1e-4
        ) { try setup.value(setup.mixed, at: point, replacing: a, with: $0) }
        try GradientCheck.expectMatch(
          Array(gradient[b]), at: point.values[b], "dB of \(entry.name)", noise: 1e-4
        ) { try setup.value(setup.mixed, at: point, replacing: b, with: $0) }
      }
      let dW = Matrix(rows: entry.outputs, columns: entry.inputs, values: Array(whole[range]))
      let (dA, dB) = factorGradients(
        dW, a: point.values[a], b: point.values[b], rank: rank, scale: scale)
      #expect(relativeDistance(gradient[a], dA) < 1e-3, "dA of \(entry.name)")
      #expect(relativeDistance(gradient[b], dB) < 1e-3, "dB of \(entry.name)")
    }
  }

  @Test(arguments: GoldenModel.smoothNames)
  func gradientsOfLikelihoodAndDivergenceTogetherMatchDifferences(_ name: String) throws {
    let setup = try Setup(name)
    let space = setup.map.space()
    let point = Perturbation(
      space: space, values: GradientCheck.normal(space.count, seed: 1, deviation: 0.02))
    let gradient = try setup.run(setup.mixed, at: point).gradient
    for entry in space.entries {
      guard case .full(let range) = entry.form else { continue }
      if setup.map.isIdle(entry.slot) { continue }
      let part = Array(gradient[range])
      try GradientCheck.expectMatch(
        part, at: point.values[range], "\(entry.name)", step: 5e-4,
        noise: min(5e-3, part.norm / 11)
      ) { try setup.value(setup.mixed, at: point, replacing: range, with: $0) }
    }
  }

  @Test(arguments: GoldenModel.names)
  func partialSpacesGetThePartsOfTheWholeGradient(_ name: String) throws {
    let setup = try Setup(name)
    let whole = setup.map.space()
    let expected = try setup.run(setup.mixed, at: whole.origin).gradient
    let last = setup.map.configuration.layerCount - 1
    for slots in [
      [ModelSlot.finalNorm], [.embedding], [.block(layer: last, .downWeight)],
      [.block(layer: last, .queryWeight), .finalNorm], [.block(layer: 0, .inputNorm)],
    ] {
      let space = setup.map.space(slots)
      let gradient = try setup.run(setup.mixed, at: space.origin).gradient
      for entry in space.entries {
        guard case .full(let range) = entry.form,
          case .full(let place)? = whole.entry(for: entry.slot)?.form
        else { continue }
        #expect(relativeDistance(gradient[range], expected[place]) < 1e-5, "\(entry.name)")
      }
    }
  }

  @Test(arguments: GoldenModel.names, [1, 12, 17])
  func packsChangeNeitherValuesNorGradients(_ name: String, batchTokens: Int) throws {
    let setup = try Setup(name)
    let space = setup.map.space()
    let point = Perturbation(
      space: space, values: GradientCheck.normal(space.count, seed: 1, deviation: 0.02))
    let whole = try setup.run(setup.mixed, at: point)
    let packed = try setup.run(setup.mixed, at: point, batchTokens: batchTokens)
    #expect(relativeDistance(packed.gradient, whole.gradient) < 1e-5)
    for (a, b) in zip(packed.values, whole.values) {
      #expect(abs(a.likelihood - b.likelihood) < 1e-5 * max(1, b.likelihood))
      #expect(abs(a.divergence - b.divergence) < 1e-5 * max(1, b.divergence))
    }
    let model = Transformer(weights: Weights(map: setup.map, perturbation: point))
    let rows = try Objective(terms: setup.mixed, batchTokens: 10_000).rowScores(of: model)
    let split = try Objective(terms: setup.mixed, batchTokens: batchTokens).rowScores(of: model)
    #expect(rows.count == split.count)
    for (a, b) in zip(rows, split) {
      #expect(relativeDistance(a.likelihood, b.likelihood) < 1e-5)
      #expect(a.agreement == b.agreement)
    }
  }

  /// Rows that begin alike are computed once in one pass, and by themselves in passes of their own.
  @Test(
    arguments: ["untied", "grouped"],
    [ParameterSpace.Parametrisation.full, .lowRank(rank: 2, scale: 1)])
  func sharedBeginningsChangeNothing(_ name: String, _ form: ParameterSpace.Parametrisation) throws
  {
    let setup = try Setup(name)
    let space = setup.map.space(nil, form)
    let point = Perturbation(
      space: space, values: GradientCheck.normal(space.count, seed: 1, deviation: 0.02))
    func row(_ prompt: Int32, _ answer: [Int32]) -> Example {
      Example(prompt: Array(prompt..<prompt + 12), answer: answer)
    }
    let terms = [
      LossTerm([row(1, [3, 4, 5]), row(20, [7])], likelihoodWeight: 1),
      LossTerm([row(1, [9, 4]), row(1, [3, 4, 6, 8]), row(20, [8])], likelihoodWeight: -0.5),
      LossTerm([row(1, [3])], likelihoodWeight: 0.7, saturation: .unlikelihood),
    ]
    let together = try setup.run(terms, at: point)
    let apart = try setup.run(terms, at: point, batchTokens: 1)
    #expect(relativeDistance(together.gradient, apart.gradient) < 1e-5)
    for (a, b) in zip(together.values, apart.values) {
      #expect(a.rowLikelihoods.count == b.rowLikelihoods.count)
      for (a, b) in zip(a.rowLikelihoods, b.rowLikelihoods) { #expect(abs(a - b) < 1e-5) }
    }
  }

  @Test(arguments: GoldenModel.names)
  func valuesAreMeansOverRowsOfMeansOverTokens(_ name: String) throws {
    let setup = try Setup(name)
    let golden = try #require(setup.golden.golden["rowLosses"]?.array).compactMap(\.double)
    let terms = [
      LossTerm(setup.rows, likelihoodWeight: 0.3), LossTerm([setup.rows[1]], likelihoodWeight: -2),
      LossTerm(setup.rows, likelihoodWeight: 0), LossTerm([], likelihoodWeight: 1),
    ]
    let values = try setup.run(terms, at: setup.map.space([.finalNorm]).origin).values
    #expect(abs(values[0].likelihood - golden.reduce(0, +) / 3) < 5e-5)
    #expect(abs(values[1].likelihood - golden[1]) < 5e-5)
    #expect(values[2].likelihood == 0 && values[3].likelihood == 0)
    let scores = try Objective(terms: [terms[0]], batchTokens: 8)
      .rowScores(of: Transformer(weights: Weights(map: setup.map)))
    for (row, expected) in zip(scores, golden) {
      let mean = row.likelihood.reduce(0.0) { $0 + Double($1) } / Double(row.likelihood.count)
      #expect(abs(mean - expected) < 5e-5)
    }
  }

  @Test(arguments: GoldenModel.names, [1, 10_000])
  func rowsAboveTheirCeilingAreNotPushed(_ name: String, batchTokens: Int) throws {
    let setup = try Setup(name)
    let losses = try #require(setup.golden.golden["rowLosses"]?.array).compactMap(\.double)
    // Between the largest loss and the others.
    let sorted = losses.sorted()
    let ceiling = Float((sorted[1] + sorted[2]) / 2)
    let below = setup.rows.indices.filter { losses[$0] < Double(ceiling) }.map { setup.rows[$0] }
    #expect(below.count == 2)
    let start = setup.map.space().origin
    let capped = try setup.run(
      [LossTerm(setup.rows, likelihoodWeight: 1, saturation: .ceiling(Float(ceiling)))], at: start,
      batchTokens: batchTokens)
    // The mean still counts three rows.
    let expected = try setup.run([LossTerm(below, likelihoodWeight: 2.0 / 3)], at: start)
    for entry in start.space.entries {
      guard case .full(let range) = entry.form, !setup.map.isIdle(entry.slot) else { continue }
      #expect(
        relativeDistance(capped.gradient[range], expected.gradient[range]) < 1e-4, "\(entry.name)")
    }
    // The value is that of all rows.
    #expect(abs(capped.values[0].likelihood - losses.reduce(0, +) / 3) < 5e-5)

    let none = try setup.run(
      [LossTerm(setup.rows, likelihoodWeight: 1, saturation: .ceiling(0))], at: start,
      batchTokens: batchTokens)
    #expect(none.gradient.allSatisfy { $0 == 0 })
  }

  @Test func onlyTokensThatWereReadMoveTheEmbedding() throws {
    let setup = try Setup("untied")
    let space = setup.map.space([.embedding])
    let gradient = try setup.run([LossTerm(setup.rows, likelihoodWeight: 1)], at: space.origin)
      .gradient
    let width = setup.map.configuration.hiddenSize
    let read = Set(setup.golden.batch.tokens.map(Int.init))
    for token in 0..<setup.map.configuration.vocabularySize {
      let row = gradient[token * width..<(token + 1) * width]
      #expect(row.contains { $0 != 0 } == read.contains(token), "token \(token)")
    }
  }

  @Test(arguments: GoldenModel.smoothNames)
  func unlikelihoodIsTheSlopeOfMinusLogOneMinusP(_ name: String) throws {
    let setup = try Setup(name)
    // One token each, so that the answers are likely enough to be pushed.
    let rows = setup.rows.map { Example(prompt: $0.prompt, answer: Array($0.answer.prefix(1))) }
    let space = setup.map.space(setup.map.slots.filter(\.isBlockMatrix))
    let point = Perturbation(
      space: space, values: GradientCheck.normal(space.count, seed: 2, deviation: 0.1))
    let term = LossTerm(rows, likelihoodWeight: 40, saturation: .unlikelihood)
    let gradient = try setup.run([term], at: point).gradient
    try GradientCheck.expectMatch(gradient, at: point.values.array, name, step: 2e-3, noise: 1e-3) {
      let model = Transformer(
        weights: Weights(map: setup.map, perturbation: Perturbation(space: space, values: $0)))
      let scores = try Objective(
        terms: [LossTerm(rows, likelihoodWeight: 1)], batchTokens: 1000
      ).rowScores(of: model)
      let losses = scores.map { -Double.log(1 - .exp(-Double($0.likelihood[0]))) }
      return 40 * losses.reduce(0, +) / Double(rows.count)
    }
  }

  /// Activations that were kept and those that are computed again are the same numbers.
  @Test(arguments: GoldenModel.names)
  func whatIsKeptForTheBackwardPassChangesNothing(name: String) throws {
    let setup = try Setup(name)
    let slots = setup.map.slots.filter(\.isBlockMatrix)
    let space = setup.map.space(slots)
    let point = Perturbation(
      space: space, values: GradientCheck.normal(space.count, seed: 3, deviation: 0.05))
    // Room for no layer, for one, for all.
    let one = Block.Activations.byteCount(
      tokens: setup.golden.batch.tokens.count, setup.map.configuration, precision: .float32)
    let gradients = try [0, one, Int.max].map { limit in
      var map = setup.map
      map.memory.activationBytes = limit
      let model = Transformer(weights: Weights(map: map, perturbation: point))
      var gradient = Gradient(at: point)
      _ = try Objective(
        terms: [LossTerm(setup.rows, likelihoodWeight: 1)], batchTokens: 10_000
      ).gradient(of: model, into: &gradient)
      return gradient.values.array
    }
    #expect(setup.map.configuration.layerCount > 1 && gradients[0].norm > 0)
    #expect(gradients[0] == gradients[1] && gradients[0] == gradients[2])
  }

  @Test func openingTokensWeighMore() throws {
    let setup = try Setup("untied")
    let start = setup.map.space().origin
    let emphasised = try setup.run(
      [LossTerm(setup.rows, likelihoodWeight: 1, openingEmphasis: 4)], at: start
    ).gradient
    // The opening's tokens three more times, with the weight that they have in the whole answer.
    var expected = try setup.run([LossTerm(setup.rows, likelihoodWeight: 1)], at: start).gradient
    for row in setup.rows {
      let opening = Array(row.answer.prefix(LossTerm.openingTokens))
      let share = Float(opening.count) / Float(row.answer.count * setup.rows.count)
      let term = LossTerm(
        [Example(prompt: row.prompt, answer: opening)], likelihoodWeight: 3 * share)
      expected.add(try setup.run([term], at: start).gradient, scale: 1)
    }
    #expect(setup.rows.contains { $0.answer.count > LossTerm.openingTokens })
    #expect(relativeDistance(emphasised, expected) < 1e-5)
  }

  private func factorGradients(
    _ dW: Matrix, a: [Float], b: [Float], rank: Int, scale: Float
  ) -> (a: [Float], b: [Float]) {
    var (dA, dB) = (a.map { _ in Float(0) }, b.map { _ in Float(0) })
    for row in 0..<dW.rows {
      for column in 0..<dW.columns {
        for inner in 0..<rank {
          let slope = scale * dW[row, column]
          dA[inner * dW.columns + column] += slope * b[row * rank + inner]
          dB[row * rank + inner] += slope * a[inner * dW.columns + column]
        }
      }
    }
    return (dA, dB)
  }
}

/// The rows of a golden model, with reference states.
private struct Setup {
  let golden: GoldenModel
  let rows: [Example]

  var map: TensorMap { golden.map }

  init(_ name: String) throws {
    golden = try GoldenModel(name)
    let batch = golden.batch
    let plain = batch.sequences.indices.map { index in
      let answer = batch.targets[batch.targetRanges[index]].map { Int32($0.token) }
      let read = batch.tokens(of: batch.sequences[index])
      return Example(prompt: Array(read.dropLast(answer.count - 1)), answer: answer)
    }
    let states = try Objective(
      terms: [LossTerm(plain, likelihoodWeight: 0)], batchTokens: 1000
    ).rowStates(of: Transformer(weights: Weights(map: golden.map)))
    rows = zip(plain, states).map {
      Example(prompt: $0.0.prompt, answer: $0.0.answer, reference: $0.1)
    }
  }

  /// Terms of several kinds over some of the rows, one without references.
  var mixed: [LossTerm] {
    let plain = Example(prompt: rows[2].prompt, answer: rows[2].answer)
    return [
      LossTerm(rows, likelihoodWeight: 0.6, divergenceWeight: 0.5),
      LossTerm([plain, rows[0]], likelihoodWeight: -0.3),
      LossTerm([rows[1]], likelihoodWeight: 0, divergenceWeight: 1),
    ]
  }

  func run(_ terms: [LossTerm], at point: Perturbation, batchTokens: Int = 10_000) throws
    -> (values: [Objective.Value], gradient: [Float])
  {
    var gradient = Gradient(at: point)
    let values = try Objective(terms: terms, batchTokens: batchTokens).gradient(
      of: Transformer(weights: Weights(map: map, perturbation: point)), into: &gradient)
    return (values, gradient.values.array)
  }

  /// The weighted loss from the forward pass alone, with some parameters replaced.
  func value(
    _ terms: [LossTerm], at point: Perturbation, replacing range: Range<Int>, with part: [Float]
  ) throws -> Double {
    var point = point
    point.values.replace(range, with: part)
    let model = Transformer(weights: Weights(map: map, perturbation: point))
    let scores = try Objective(terms: terms, batchTokens: 10_000).rowScores(of: model)
    var row = 0
    var total = 0.0
    for term in terms {
      for _ in term.examples {
        let count = Double(scores[row].likelihood.count * term.examples.count)
        let likelihood = scores[row].likelihood.reduce(0.0) { $0 + Double($1) }
        let divergence = scores[row].divergence.reduce(0.0) { $0 + Double($1) }
        total += Double(term.likelihoodWeight) * likelihood / count
        total += Double(term.divergenceWeight) * divergence / count
        row += 1
      }
    }
    return total
  }
}
