import FormatIO
import Testing

@testable import Perturb

/// Are all gradients of a whole block right, in every family?
@Suite struct BlockTests {
  @Test(arguments: [true, false], [1, 9])
  func gradientsMatchDifferences(hasBiases: Bool, tokens: Int) throws {
    let model = try ScratchModel(["num_hidden_layers": "1"], hasBiases: hasBiases)
    try expectMatch(BlockRun(map: model.map(), layer: 0, tokens: tokens))
  }

  /// The upper block, which has experts where the family has them.
  @Test(arguments: [
    "qwen3", "gemma", "gemma2", "gemma3", "phi3", "gpt2", "olmo2", "granite", "starcoder2",
    "mixtral", "qwen2-moe", "qwen3-moe",
  ])
  func everyFamilyMatchesDifferences(_ name: String) throws {
    let map = try GoldenModel(name).map
    // A longer step may send a token to other experts.
    try expectMatch(
      BlockRun(map: map, layer: 1, tokens: 9), step: map.configuration.mixture == nil ? 3e-3 : 3e-4)
  }

  private func expectMatch(_ run: BlockRun, step: Float = 3e-3) throws {
    let map = run.map
    let (tokens, width) = (run.tokens, map.configuration.hiddenSize)
    let space = map.space(map.slots.filter { $0.layer == run.layer })
    let x = GradientCheck.normal(rows: tokens, columns: width, seed: 1)
    let dy = GradientCheck.normal(rows: tokens, columns: width, seed: 2)
    var gradient = Gradient(at: space.origin)
    var dx = dy
    try run.backward(&dx, x: x, at: space.origin, into: &gradient)
    let noise = Double(3 / step) * 1e-6
    try GradientCheck.expectMatch(dx.values, at: x.values, "dx", step: step, noise: noise) {
      let x = Matrix(rows: tokens, columns: width, values: $0)
      return GradientCheck.project(try run.output(x, at: space.origin), on: dy)
    }
    for entry in space.entries {
      guard case .full(let range) = entry.form, let role = entry.slot.role else { continue }
      let part = gradient.values[range]
      let zero = [Float](repeating: 0, count: part.count)
      // One token attends only to itself, whatever query and key are; and some experts get no token.
      let isIdle =
        (tokens == 1 && [.queryWeight, .queryBias, .keyWeight, .keyBias].contains(role))
        || map.isIdle(entry.slot)
      if isIdle || (entry.slot.place?.expert != nil && part == zero) {
        #expect(part.allSatisfy { abs($0) < 1e-5 }, "\(entry.slot)")
        continue
      }
      try GradientCheck.expectMatch(
        part, at: zero, "\(entry.slot)", step: step, noise: min(noise, part.norm / 11)
      ) {
        var point = space.origin
        point.values.replace(range, with: $0)
        return GradientCheck.project(try run.output(x, at: point), on: dy)
      }
    }
  }
}

/// Runs one block of a model on packed sequences.
private struct BlockRun {
  let map: TensorMap
  let layer: Int
  let tokens: Int
  let rotaries: [RotaryEmbedding]
  let spans: [Attention.Span]

  init(map: TensorMap, layer: Int, tokens: Int) {
    (self.map, self.layer, self.tokens) = (map, layer, tokens)
    let lengths = tokens == 1 ? [1] : [4, tokens - 4]
    rotaries = map.configuration.rotaries(at: lengths.flatMap { 0..<$0 })
    var spans: [Attention.Span] = []
    for length in lengths {
      let start = spans.last?.queries.upperBound ?? 0
      spans.append(Attention.Span(queries: start..<start + length, keys: [start..<start + length]))
    }
    self.spans = spans
  }

  func output(_ x: Matrix, at point: Perturbation) throws -> Matrix {
    var workspace = Block.Workspace(tokens: x.rows, configuration: map.configuration)
    var y = Matrix(rows: x.rows, columns: x.columns)
    try block(at: point).forward(
      x, rotaries: rotaries, spans: spans, workspace: &workspace, into: &y)
    return y
  }

  func backward(
    _ d: inout Matrix, x: Matrix, at point: Perturbation, into gradient: inout Gradient
  ) throws {
    let block = try block(at: point)
    var workspace = Block.Workspace(tokens: x.rows, configuration: map.configuration)
    block.activate(x, rotaries: rotaries, spans: spans, workspace: &workspace)
    block.backward(
      &d, x: x, rotaries: rotaries, spans: spans,
      activations: Block.Activations(taking: &workspace, precision: .float32), into: &gradient)
  }

  private func block(at point: Perturbation) throws -> Block {
    var weights = BlockWeights()
    try Weights(map: map, perturbation: point).load(layer, into: &weights)
    return Block(layer: layer, configuration: map.configuration, weights: weights)
  }
}
