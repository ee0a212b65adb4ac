import FormatIO
import Testing

@testable import Perturb

/// Are all gradients of a whole block right, the biases included?
@Suite struct BlockTests {
  @Test(arguments: [true, false], [1, 9])
  func gradientsMatchDifferences(hasBiases: Bool, tokens: Int) throws {
    let model = try ScratchModel(["num_hidden_layers": "1"], hasBiases: hasBiases)
    let map = try model.map()
    let slots = map.slots.filter { $0.layer == 0 }
    let space = map.space(slots)
    let lengths = tokens == 1 ? [1] : [4, tokens - 4]
    let x = GradientCheck.normal(rows: tokens, columns: 10, seed: 1)
    let dy = GradientCheck.normal(rows: tokens, columns: 10, seed: 2)
    let run = BlockRun(map: map, lengths: lengths)

    var gradient = Gradient(at: space.origin)
    var dx = dy
    try run.backward(&dx, x: x, at: space.origin, into: &gradient)
    try GradientCheck.expectMatch(dx.values, at: x.values, "dx", step: 3e-3, noise: 1e-3) {
      let x = Matrix(rows: tokens, columns: 10, values: $0)
      return GradientCheck.project(try run.output(x, at: space.origin), on: dy)
    }
    for entry in space.entries {
      guard case .full(let range) = entry.form, case .block(_, let role) = entry.slot else {
        continue
      }
      let part = gradient.values[range]
      // One token attends only to itself, whatever query and key are.
      if tokens == 1, [.queryWeight, .queryBias, .keyWeight, .keyBias].contains(role) {
        #expect(part.allSatisfy { abs($0) < 1e-5 }, "\(entry.name)")
        continue
      }
      let zero = [Float](repeating: 0, count: part.count)
      try GradientCheck.expectMatch(part, at: zero, "\(entry.name)", step: 3e-3, noise: 1e-3) {
        var point = space.origin
        point.values.replace(range, with: $0)
        return GradientCheck.project(try run.output(x, at: point), on: dy)
      }
    }
  }
}

/// Runs the first block of a model on packed sequences.
private struct BlockRun {
  let map: TensorMap
  let rotary: RotaryEmbedding
  let spans: [Attention.Span]

  init(map: TensorMap, lengths: [Int]) {
    self.map = map
    rotary = RotaryEmbedding(
      frequencies: map.configuration.rotaryFrequencies, positions: lengths.flatMap { 0..<$0 })
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
      x, rotary: rotary, spans: spans, workspace: &workspace, into: &y)
    return y
  }

  func backward(
    _ d: inout Matrix, x: Matrix, at point: Perturbation, into gradient: inout Gradient
  ) throws {
    let block = try block(at: point)
    var workspace = Block.Workspace(tokens: x.rows, configuration: map.configuration)
    block.activate(x, rotary: rotary, spans: spans, workspace: &workspace)
    block.backward(
      &d, x: x, rotary: rotary, spans: spans,
      activations: Block.Activations(taking: &workspace, precision: .float32), into: &gradient)
  }

  private func block(at point: Perturbation) throws -> Block {
    var weights = BlockWeights()
    try Weights(map: map, perturbation: point).load(0, into: &weights)
    return Block(layer: 0, configuration: map.configuration, weights: weights)
  }
}
