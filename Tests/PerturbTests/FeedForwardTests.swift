import RealModule
import Testing

@testable import Perturb

/// Is the gate z·σ(z)·u, with its gradients, also where the exponential saturates?
@Suite struct FeedForwardTests {
  @Test(arguments: [(1, 1), (3, 5), (19, 33)])
  func gradientsMatchDifferences(tokens: Int, channels: Int) throws {
    let gate = GradientCheck.normal(rows: tokens, columns: channels, seed: 1, deviation: 2)
    let up = GradientCheck.normal(rows: tokens, columns: channels, seed: 2)
    let dy = GradientCheck.normal(rows: tokens, columns: channels, seed: 3)
    let (dGate, dUp) = GatedActivation.backward(
      dy, gate: Operand(gate), up: Operand(up), for: .float32)
    try GradientCheck.expectMatch(dGate.matrix.values, at: gate.values, "dgate") { values in
      let gate = Matrix(rows: tokens, columns: channels, values: values)
      return GradientCheck.project(output(gate, up), on: dy)
    }
    try GradientCheck.expectMatch(dUp.matrix.values, at: up.values, "dup") { values in
      let up = Matrix(rows: tokens, columns: channels, values: values)
      return GradientCheck.project(output(gate, up), on: dy)
    }
  }

  @Test(arguments: [-1e30, -200, -90, -20, -1, 0, 1e-6, 1, 20, 90, 200, 1e30] as [Float])
  func forwardMatchesTheDefinitionAtExtremes(_ z: Float) {
    let gate = Matrix(rows: 1, columns: 1, values: [z])
    let one = Matrix(rows: 1, columns: 1, values: [1])
    let expected = Double(z) / (1 + .exp(-Double(z)))
    let found = Double(output(gate, one)[0, 0])
    // The exponential saturates at e⁸⁸, so the tail of a huge negative gate stays tiny, not zero.
    #expect(abs(found - expected) <= 1e-6 * max(1, abs(expected)))
    let dGate = GatedActivation.backward(
      one, gate: Operand(gate), up: Operand(one), for: .float32
    ).dGate.matrix
    let sigmoid = 1 / (1 + .exp(-Double(z)))
    // As z·(1 − σ) is written 1 + z·(1 − σ), only moderate gates have an accurate slope.
    let slope = sigmoid * (1 + Double(z) * (1 - sigmoid))
    #expect(dGate[0, 0].isFinite)
    #expect(abs(Double(dGate[0, 0]) - slope) <= 1e-5)
  }

  private func output(_ gate: Matrix, _ up: Matrix) -> Matrix {
    GatedActivation.forward(gate: Operand(gate), up: Operand(up), for: .float32).matrix
  }
}
