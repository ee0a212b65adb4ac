import Testing

@testable import Perturb

/// Does the normalisation do what its formula says, and do its gradients match differences?
@Suite struct NormalizationTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let form: Normalization.Form
    let tokens, channels: Int
    /// How many parts of so many channels a token has.
    var parts = 1
    var testDescription: String { "\(form), \(tokens) × \(parts) × \(channels)" }
  }

  static let shapes = [
    Shape(form: .rootMeanSquare, tokens: 1, channels: 1),
    Shape(form: .rootMeanSquare, tokens: 1, channels: 5),
    Shape(form: .rootMeanSquare, tokens: 3, channels: 17),
    Shape(form: .rootMeanSquare, tokens: 37, channels: 4),
    Shape(form: .rootMeanSquare, tokens: 3, channels: 6, parts: 4),
    Shape(form: .layer, tokens: 1, channels: 5),
    Shape(form: .layer, tokens: 5, channels: 17),
    Shape(form: .layer, tokens: 3, channels: 7, parts: 2),
  ]

  @Test(arguments: shapes)
  func forwardMatchesTheDefinition(_ shape: Shape) {
    let setup = Setup(shape)
    let y = setup.output(setup.x)
    let (channels, layer) = (shape.channels, shape.form == .layer)
    for part in 0..<shape.tokens * shape.parts {
      let row = (0..<channels).map { Double(setup.x.values[part * channels + $0]) }
      let mean = layer ? row.reduce(0, +) / Double(channels) : 0
      let squares = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let root = (squares / Double(channels) + Double(setup.epsilon)).squareRoot()
      for channel in 0..<channels {
        let expected =
          (row[channel] - mean) / root * Double(setup.weight[channel])
          + Double(setup.bias?[channel] ?? 0)
        #expect(abs(Double(y.values[part * channels + channel]) - expected) < 1e-5)
      }
    }
    let operand = setup.norm.forward(setup.x, for: .float32)
    #expect(operand.matrix == y)
  }

  @Test(arguments: shapes)
  func gradientsMatchDifferences(_ shape: Shape) throws {
    let setup = Setup(shape)
    let x = setup.x
    let dy = GradientCheck.normal(rows: x.rows, columns: x.columns, seed: 3)
    let before = GradientCheck.normal(rows: x.rows, columns: x.columns, seed: 4)
    var dx = before
    let (dw, db) = setup.norm.backward(dy, x: x, adding: &dx, wantsWeight: true)
    dx.values.add(before.values, scale: -1)
    try GradientCheck.expectMatch(dx.values, at: x.values, "dx", step: 1e-3, noise: 1e-3) {
      let x = Matrix(rows: x.rows, columns: x.columns, values: $0)
      return GradientCheck.project(setup.output(x), on: dy)
    }
    try GradientCheck.expectMatch(dw, at: setup.weight, "dw") {
      GradientCheck.project(setup.output(x, weight: $0), on: dy)
    }
    guard let bias = setup.bias else { return }
    try GradientCheck.expectMatch(db, at: bias, "db") {
      GradientCheck.project(setup.output(x, bias: $0), on: dy)
    }
  }

  @Test func weightGradientIsLeftOutUnlessWanted() {
    let x = GradientCheck.normal(rows: 2, columns: 3, seed: 1)
    var dx = Matrix(rows: 2, columns: 3)
    let norm = Normalization(weight: [1, 1, 1], epsilon: 1e-5)
    #expect(norm.backward(x, x: x, adding: &dx, wantsWeight: false).weight.isEmpty)
  }

  /// Random numbers to be normalised.
  private struct Setup {
    let form: Normalization.Form
    let x: Matrix
    let weight: [Float]
    let bias: [Float]?
    let epsilon: Float

    init(_ shape: Shape) {
      form = shape.form
      x = GradientCheck.normal(
        rows: shape.tokens, columns: shape.parts * shape.channels, seed: 1)
      weight = GradientCheck.normal(shape.channels, seed: 2)
      bias = form == .layer ? GradientCheck.normal(shape.channels, seed: 5) : nil
      // With one channel the output is nearly a sign; a large ε gives it a slope.
      epsilon = shape.channels == 1 ? 1 : 1e-5
    }

    var norm: Normalization {
      Normalization(form: form, weight: weight, bias: bias, epsilon: epsilon)
    }

    func output(_ x: Matrix, weight: [Float]? = nil, bias: [Float]? = nil) -> Matrix {
      var y = Matrix(rows: x.rows, columns: x.columns)
      Normalization(
        form: form, weight: weight ?? self.weight, bias: bias ?? self.bias, epsilon: epsilon
      ).forward(x, into: &y)
      return y
    }
  }
}
