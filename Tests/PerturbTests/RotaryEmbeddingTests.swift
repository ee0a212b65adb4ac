import Testing

@testable import Perturb

/// Is the rotary embedding a rotation that knows only distances?
@Suite struct RotaryEmbeddingTests {
  static let frequencies: [[Float]] = [[0.7], [1, 0.1], [1, 0.3, 0.09, 0.027, 0.0081]]

  @Test(arguments: frequencies)
  func backwardUndoesForward(_ frequencies: [Float]) {
    let positions = [0, 1, 5, 2, 99, 1000, 0]
    let rotary = RotaryEmbedding(frequencies: frequencies, positions: positions)
    let x = GradientCheck.normal(rows: 7, columns: 3 * 2 * frequencies.count, seed: 1)
    var turned = x
    rotary.forward(&turned)
    #expect(relativeDistance(turned.values, x.values) > 0.1)
    rotary.backward(&turned)
    #expect(relativeDistance(turned.values, x.values) < 1e-6)
  }

  @Test(arguments: frequencies)
  func everyHeadKeepsItsLengthAndPositionZeroItsPlace(_ frequencies: [Float]) {
    let size = 2 * frequencies.count
    let rotary = RotaryEmbedding(frequencies: frequencies, positions: [0, 3, 64])
    let x = GradientCheck.normal(rows: 3, columns: 2 * size, seed: 2)
    var turned = x
    rotary.forward(&turned)
    for start in stride(from: 0, to: x.values.count, by: size) {
      let (before, after) = (x.values[start..<start + size], turned.values[start..<start + size])
      #expect(abs(Array(before).norm - Array(after).norm) < 1e-5)
    }
    #expect(turned.values[..<(2 * size)] == x.values[..<(2 * size)])
  }

  @Test(arguments: frequencies, [0, 1, 7])
  func productsDependOnDistanceOnly(_ frequencies: [Float], distance: Int) {
    let size = 2 * frequencies.count
    let q = GradientCheck.normal(rows: 1, columns: size, seed: 3)
    let k = GradientCheck.normal(rows: 1, columns: size, seed: 4)
    let products = [0, 1, 13, 100].map { position in
      var (q, k) = (q, k)
      RotaryEmbedding(frequencies: frequencies, positions: [position + distance]).forward(&q)
      RotaryEmbedding(frequencies: frequencies, positions: [position]).forward(&k)
      return Vector.dot(q.values.span, k.values.span)
    }
    for product in products { #expect(abs(product - products[0]) < 1e-4) }
    let plain = Vector.dot(q.values.span, k.values.span)
    if distance > 0 { #expect(abs(products[0] - plain) > 1e-4) }
  }

  @Test func pairsAreTheHalvesOfAHead() {
    // A quarter turn of the first pair only: (x₀, x₂) → (−x₂, x₀).
    let rotary = RotaryEmbedding(frequencies: [.pi / 2, 0], positions: [1])
    var x = Matrix(rows: 1, columns: 4, values: [1, 2, 3, 4])
    rotary.forward(&x)
    for (value, expected) in zip(x.values, [-3, 2, 1, 4] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
  }
}
