import Testing

@testable import Perturb

/// Does the normalisation do what its formula says, and do its gradients match differences?
@Suite struct NormalizationTests {
  static let shapes = [(1, 1), (1, 5), (3, 17), (37, 4)]

  @Test(arguments: shapes)
  func forwardMatchesTheDefinition(tokens: Int, channels: Int) {
    let x = GradientCheck.normal(rows: tokens, columns: channels, seed: 1, deviation: 3)
    let weight = GradientCheck.normal(channels, seed: 2)
    let y = output(x, weight)
    for token in 0..<tokens {
      let row = (0..<channels).map { Double(x[token, $0]) }
      let root = (row.reduce(0) { $0 + $1 * $1 } / Double(channels) + 1e-5).squareRoot()
      for channel in 0..<channels {
        let expected = row[channel] / root * Double(weight[channel])
        #expect(abs(Double(y[token, channel]) - expected) < 1e-5)
      }
    }
  }

  @Test(arguments: shapes)
  func gradientsMatchDifferences(tokens: Int, channels: Int) throws {
    // With one channel the output is nearly a sign; a large ε gives it a slope.
    let epsilon: Float = channels == 1 ? 1 : 1e-5
    let x = GradientCheck.normal(rows: tokens, columns: channels, seed: 1)
    let weight = GradientCheck.normal(channels, seed: 2)
    let dy = GradientCheck.normal(rows: tokens, columns: channels, seed: 3)
    let before = GradientCheck.normal(rows: tokens, columns: channels, seed: 4)
    var dx = before
    let dw = Normalization.backward(
      dy, x: x, weight: weight, epsilon: epsilon, adding: &dx, wantsWeight: true)
    dx.values.add(before.values, scale: -1)
    try GradientCheck.expectMatch(dx.values, at: x.values, "dx", step: 1e-3, noise: 1e-3) {
      values in
      let x = Matrix(rows: tokens, columns: channels, values: values)
      return GradientCheck.project(output(x, weight, epsilon), on: dy)
    }
    try GradientCheck.expectMatch(dw, at: weight, "dw") { weight in
      GradientCheck.project(output(x, weight, epsilon), on: dy)
    }
  }

  @Test func weightGradientIsLeftOutUnlessWanted() {
    let x = GradientCheck.normal(rows: 2, columns: 3, seed: 1)
    var dx = Matrix(rows: 2, columns: 3)
    let dw = Normalization.backward(
      x, x: x, weight: [1, 1, 1], epsilon: 1e-5, adding: &dx, wantsWeight: false)
    #expect(dw.isEmpty)
  }

  private func output(_ x: Matrix, _ weight: [Float], _ epsilon: Float = 1e-5) -> Matrix {
    var y = Matrix(rows: x.rows, columns: x.columns)
    Normalization.forward(x, weight: weight, epsilon: epsilon, into: &y)
    return y
  }
}
