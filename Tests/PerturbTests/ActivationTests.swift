import RealModule
import Testing

@testable import Perturb

/// Are the activations what their formulas say, with their gradients, with a gate and without, also where
/// exponentials saturate?
@Suite struct ActivationTests {
  static let all: [Activation] = [.silu, .tanhGELU, .exactGELU]

  @Test(arguments: all, [(1, 1), (3, 5), (19, 33)])
  func gradientsMatchDifferences(_ activation: Activation, shape: (Int, Int)) throws {
    let (tokens, channels) = shape
    let gate = GradientCheck.normal(rows: tokens, columns: channels, seed: 1, deviation: 2)
    let up = GradientCheck.normal(rows: tokens, columns: channels, seed: 2)
    let dy = GradientCheck.normal(rows: tokens, columns: channels, seed: 3)
    let (dGate, dUp) = activation.backward(
      dy, gate: Operand(gate), up: Operand(up), for: .float32)
    try GradientCheck.expectMatch(dGate.matrix.values, at: gate.values, "dgate") {
      let gate = Matrix(rows: tokens, columns: channels, values: $0)
      return GradientCheck.project(output(activation, gate, up), on: dy)
    }
    let found = try #require(dUp)
    try GradientCheck.expectMatch(found.matrix.values, at: up.values, "dup") {
      let up = Matrix(rows: tokens, columns: channels, values: $0)
      return GradientCheck.project(output(activation, gate, up), on: dy)
    }
    let plain = activation.backward(dy, gate: Operand(gate), up: nil, for: .float32)
    #expect(plain.dUp == nil)
    try GradientCheck.expectMatch(plain.dGate.matrix.values, at: gate.values, "dgate alone") {
      let gate = Matrix(rows: tokens, columns: channels, values: $0)
      return GradientCheck.project(output(activation, gate, nil), on: dy)
    }
  }

  static let extremes: [Float] = [
    -1e30, -200, -90, -20, -3, -1, -1e-3, 0, 1e-6, 0.5, 1, 3, 20, 90, 200, 1e30,
  ]

  @Test(arguments: all, extremes)
  func valuesMatchTheDefinitionAtExtremes(_ activation: Activation, z: Float) {
    let gate = Matrix(rows: 1, columns: 1, values: [z])
    let one = Matrix(rows: 1, columns: 1, values: [1])
    let (value, slope) = definition(activation, Double(z))
    let found = Double(output(activation, gate, one)[0, 0])
    // The exponential saturates at e⁸⁸, so the tail of a huge negative gate stays tiny, not zero.
    #expect(abs(found - value) <= 1e-6 * max(1, abs(value)))
    let dGate = activation.backward(one, gate: Operand(gate), up: nil, for: .float32).dGate.matrix
    #expect(dGate[0, 0].isFinite)
    // As z·(1 − σ) is written 1 + z·(1 − σ), only moderate gates have an accurate slope.
    #expect(abs(Double(dGate[0, 0]) - slope) <= 1e-5)
  }

  /// Value and slope in double precision.
  private func definition(_ activation: Activation, _ z: Double) -> (Double, Double) {
    switch activation {
    case .silu:
      let sigmoid = 1 / (1 + Double.exp(-z))
      return (z * sigmoid, sigmoid * (1 + z * (1 - sigmoid)))
    case .tanhGELU:
      let near = min(max(z, -1e3), 1e3)
      let root = (2 / Double.pi).squareRoot()
      let tangent = Double.tanh(root * (near + 0.044715 * near * near * near))
      let inner = root * (1 + 3 * 0.044715 * near * near)
      return (
        0.5 * z * (1 + tangent),
        0.5 * (1 + tangent) + 0.5 * near * (1 - tangent * tangent) * inner
      )
    case .exactGELU:
      let share = 0.5 * (1 + Double.erf(z / 2.0.squareRoot()))
      let density = Double.exp(-0.5 * min(z * z, 1400)) / (2 * Double.pi).squareRoot()
      return (z * share, share + min(max(z, -1e3), 1e3) * density)
    }
  }

  private func output(_ activation: Activation, _ gate: Matrix, _ up: Matrix?) -> Matrix {
    activation.forward(gate: Operand(gate), up: up.map { Operand($0) }, for: .float32).matrix
  }
}
