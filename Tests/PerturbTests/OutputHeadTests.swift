import FormatIO
import RealModule
import Testing

@testable import Perturb

/// Are cross-entropy, KL divergence and their gradients right over several tiles and chunks?
@Suite struct OutputHeadTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    let vocabulary, places: Int
    let likelihood, divergence: Float
    var testDescription: String {
      "\(vocabulary) tokens, \(places) places, nll \(likelihood), kl \(divergence)"
    }
  }

  static let settings =
    [(1, 0), (0, 1), (0.7, 0.4), (-1, 0.5)].flatMap { likelihood, divergence in
      [(23, 3), (4096, 2), (5003, 5)].map { vocabulary, places in
        Setting(
          vocabulary: vocabulary, places: places, likelihood: likelihood, divergence: divergence)
      }
    } + [Setting(vocabulary: 4099, places: 300, likelihood: 1, divergence: 0.5)]

  @Test(arguments: settings)
  func scoresMatchTheDefinition(_ setting: Setting) throws {
    let run = try HeadRun(setting)
    let scores = try run.head(at: run.point).scores(
      run.hidden, targets: run.targets, reference: run.reference)
    for place in [0, setting.places / 2, setting.places - 1] {
      let own = try run.logarithms(run.hidden, place, at: run.point)
      let likelihood = -own[run.targets[place].token]
      #expect(abs(Double(scores.likelihood[place]) - likelihood) < 1e-5 * max(1, likelihood))
      guard let row = run.targets[place].reference else {
        #expect(scores.divergence[place] == 0 && scores.agreement[place])
        continue
      }
      let other = try run.logarithms(run.reference, row, at: run.space.origin)
      let divergence = zip(other, own).reduce(0.0) { $0 + .exp($1.0) * ($1.0 - $1.1) }
      #expect(abs(Double(scores.divergence[place]) - divergence) < 1e-5 * max(1, divergence))
      let agree = own.firstIndex(of: own.max() ?? 0) == other.firstIndex(of: other.max() ?? 0)
      #expect(scores.agreement[place] == agree)
    }
  }

  @Test(arguments: settings)
  func gradientsMatchDifferences(_ setting: Setting) throws {
    let run = try HeadRun(setting)
    var gradient = Gradient(at: run.point)
    let (scores, dHidden) = try run.head(at: run.point).backward(
      run.hidden, targets: run.targets, reference: run.reference, into: &gradient)
    let plain = try run.head(at: run.point).scores(
      run.hidden, targets: run.targets, reference: run.reference)
    #expect(scores.likelihood == plain.likelihood && scores.divergence == plain.divergence)

    let noise = 1e-4 * Double(setting.places)
    func expectMatch(
      _ gradient: [Float], at point: [Float], _ label: String, loss: ([Float]) throws -> Double
    ) throws {
      try GradientCheck.expectMatch(
        gradient, at: point, label, noise: min(noise, gradient.norm / 20), loss: loss)
    }
    try expectMatch(dHidden.values, at: run.hidden.values, "dhidden") { values in
      try run.loss(Matrix(rows: setting.places, columns: 6, values: values), at: run.point)
    }
    try expectMatch(gradient.values.array, at: run.point.values.array, "dw") { values in
      try run.loss(run.hidden, at: Perturbation(space: run.space, values: values))
    }
  }

  @Test func anEqualModelHasNoDivergence() throws {
    let run = try HeadRun(
      Setting(vocabulary: 5003, places: 7, likelihood: 0, divergence: 1), sameReference: true)
    var gradient = Gradient(at: run.space.origin)
    let (scores, dHidden) = try run.head(at: run.space.origin).backward(
      run.hidden, targets: run.targets, reference: run.reference, into: &gradient)
    #expect(scores.divergence.allSatisfy { $0 < 1e-6 } && scores.agreement.allSatisfy { $0 })
    #expect(dHidden.values.norm < 1e-5 && gradient.values.norm < 1e-5)
  }

  @Test func theMostLikelyTokenIsTheLargestLogit() throws {
    let run = try HeadRun(Setting(vocabulary: 5003, places: 300, likelihood: 0, divergence: 0))
    let tokens = try run.head(at: run.point).mostLikelyTokens(run.hidden)
    #expect(tokens.count == 300)
    #expect(tokens.contains { $0 >= 4096 })
    for place in [0, 1, 255, 256, 299] {
      let own = try run.logarithms(run.hidden, place, at: run.point)
      #expect(own[tokens[place]] >= (own.max() ?? 0) - 1e-5)
    }
  }
}

/// Are states and logits those of transformers, token by token?
@Suite struct GoldenHeadTests {
  @Test(arguments: GoldenModel.names)
  func statesAndLogarithmsOfAllTokensMatch(_ name: String) throws {
    let golden = try GoldenModel(name)
    let states = try Transformer(weights: Weights(map: golden.map)).targetStates(golden.batch)
    // The fixture has the states of every token, those of a row's last included.
    let hidden = try golden.tensor("hidden")
    let width = golden.map.configuration.hiddenSize
    var expected: [Float] = []
    for target in golden.batch.targets {
      let row = target.row + target.sequence
      expected += hidden[row * width..<(row + 1) * width]
    }
    #expect(relativeDistance(states.values, expected) < 1e-5)

    let logits = try golden.tensor("logits")
    let vocabulary = golden.map.configuration.vocabularySize
    #expect(logits.count == states.rows * vocabulary)
    let all = (0..<states.rows * vocabulary).map { HeadTarget(token: $0 % vocabulary) }
    let places = (0..<all.count).map { $0 / vocabulary }
    let scores = try OutputHead(weights: Weights(map: golden.map)).scores(
      states.gathering(rows: places), targets: all, reference: nil)
    for place in 0..<states.rows {
      let row = logits[place * vocabulary..<(place + 1) * vocabulary].map(Double.init)
      let normalizer = Double.log(row.reduce(0.0) { $0 + .exp($1) })
      for token in 0..<vocabulary {
        let found = Double(scores.likelihood[place * vocabulary + token])
        #expect(abs(found - (normalizer - row[token])) < 2e-5)
      }
    }
  }
}

/// A head with random states, targets and a reference.
private struct HeadRun {
  let model: ScratchModel
  let map: TensorMap
  let space: ParameterSpace
  let point: Perturbation
  let hidden: Matrix
  let reference: Matrix
  let targets: [HeadTarget]

  init(_ setting: OutputHeadTests.Setting, sameReference: Bool = false) throws {
    model = try ScratchModel([
      "vocab_size": "\(setting.vocabulary)", "hidden_size": "6", "num_hidden_layers": "1",
    ])
    map = try model.map()
    space = map.space([.head])
    point = Perturbation(
      space: space, values: GradientCheck.normal(space.count, seed: 3, deviation: 0.3))
    hidden = GradientCheck.normal(rows: setting.places, columns: 6, seed: 1, deviation: 2)
    // The reference rows stand in another order than the places.
    let other = GradientCheck.normal(rows: setting.places, columns: 6, seed: 2, deviation: 2)
    reference = sameReference ? hidden : other
    var source = RandomSource(seed: 4)
    targets = (0..<setting.places).map { place in
      let hasReference = setting.divergence != 0 && (place % 3 != 1 || sameReference)
      return HeadTarget(
        token: Int.random(in: 0..<setting.vocabulary, using: &source),
        likelihoodWeight: setting.likelihood * Float(1 + place % 2),
        divergenceWeight: hasReference ? setting.divergence : 0,
        reference: hasReference
          ? (sameReference ? place : setting.places - 1 - place) : nil)
    }
  }

  func head(at point: Perturbation) -> OutputHead {
    OutputHead(weights: Weights(map: map, perturbation: point))
  }

  func loss(_ hidden: Matrix, at point: Perturbation) throws -> Double {
    let scores = try head(at: point).scores(hidden, targets: targets, reference: reference)
    return targets.indices.reduce(0.0) {
      $0 + Double(targets[$1].likelihoodWeight) * Double(scores.likelihood[$1])
        + Double(targets[$1].divergenceWeight) * Double(scores.divergence[$1])
    }
  }

  /// The logarithms of all probabilities at one place, in double precision.
  func logarithms(_ states: Matrix, _ row: Int, at point: Perturbation) throws -> [Double] {
    let weight = try Weights(map: map, perturbation: point).values(at: .head)
    let logits = (0..<map.configuration.vocabularySize).map { token in
      (0..<6).reduce(0.0) { $0 + Double(weight[token * 6 + $1]) * Double(states[row, $1]) }
    }
    let largest = logits.max() ?? 0
    let normalizer = largest + .log(logits.reduce(0.0) { $0 + .exp($1 - largest) })
    return logits.map { $0 - normalizer }
  }
}
