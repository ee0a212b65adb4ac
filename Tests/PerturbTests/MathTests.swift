import FormatIO
import RealModule
import Testing

@testable import Perturb

/// Are the kernels under the model accurate?
@Suite struct MathTests {
  @Test func exponentialIsAccurate() {
    var worst = 0.0
    for index in 0...700_000 {
      let x = min(88, -87 + Float(index) * 0.00025)
      let expected = Double.exp(Double(x))
      worst = max(worst, abs(Double(Vector.exponential(x)) - expected) / expected)
    }
    #expect(worst < 1e-6)
    #expect(Vector.exponential(0) == 1)
    #expect(Vector.exponential(-1000) < 1e-37 && Vector.exponential(-.infinity) < 1e-37)
    #expect(Vector.exponential(1000) == Vector.exponential(88))
    #expect(Vector.exponential(.nan).isNaN)
  }

  @Test(arguments: [1, 2, 7, 64, 4097], [0, 80, -500, 10_000] as [Float])
  func logSumExpMatchesTheDefinition(count: Int, shift: Float) {
    let values = GradientCheck.normal(count, seed: 1, deviation: 3).map { $0 + shift }
    let largest = Double(values.max() ?? 0)
    let sum = values.reduce(0.0) { $0 + .exp(Double($1) - largest) }
    let expected = largest + .log(sum)
    let found = Double(Vector.logSumExp(values.span))
    #expect(abs(found - expected) < 1e-6 * max(5, abs(expected)))
  }

  @Test(arguments: [0, 1, 3, 31, 4095, 4096, 4097, 10_001])
  func dotAndNormMatchTheDefinition(_ count: Int) {
    let (a, b) = (GradientCheck.normal(count, seed: 1), GradientCheck.normal(count, seed: 2))
    let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(Double(Vector.dot(a.span, b.span)) - dot) < 1e-4)
    let squares = a.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(a.norm - squares.squareRoot()) <= 1e-6 * squares.squareRoot())
    #expect(abs(a.normalised.norm - (count == 0 ? 0 : 1)) < 1e-6)
  }

  /// A single-precision sum of so many terms would be off by more than one in ten thousand.
  @Test func longVectorsAreAddedUpExactly() {
    let (a, b) = (
      [Float](repeating: 0.1, count: 3_000_001), [Float](repeating: 0.3, count: 3_000_001)
    )
    let expected = 3_000_001 * Double(a[0]) * Double(b[0])
    #expect(abs(Double(Vector.dot(a.span, b.span)) / expected - 1) < 1e-6)
    #expect(abs(a.norm / (3_000_001.0.squareRoot() * Double(a[0])) - 1) < 1e-6)
  }

  @Test func zeroHasNoDirection() {
    #expect([Float](repeating: 0, count: 3).normalised == [0, 0, 0])
  }

  @Test func theFirstOfEqualLargestElementsCounts() {
    let values: [Float] = [-3, 2, 5, 5, 1]
    #expect(Vector.indexOfMaximum(values.span) == 2)
    #expect(Vector.maximum(values.span) == 5)
  }

  @Test(arguments: [(1, 1, 1), (3, 5, 7), (193, 17, 9), (5, 389, 33), (200, 3, 401)])
  func productsMatchNaiveLoops(tokens: Int, inputs: Int, outputs: Int) {
    let x = GradientCheck.normal(rows: tokens, columns: inputs, seed: 1)
    let w = GradientCheck.normal(rows: outputs, columns: inputs, seed: 2)
    let dy = GradientCheck.normal(rows: tokens, columns: outputs, seed: 3)

    var y = GradientCheck.normal(rows: tokens, columns: outputs, seed: 4)
    BLAS.multiply(x, transposing: w.values, into: &y)
    let expectedY = naive(tokens, outputs, inputs) { x[$0, $2] * w[$1, $2] }
    #expect(relativeDistance(y.values, expectedY) < 1e-5)

    let startX = GradientCheck.normal(tokens * inputs, seed: 5)
    var dx = Matrix(rows: tokens, columns: inputs, values: startX)
    BLAS.accumulate(dy, times: w.values, into: &dx)
    let expectedX = zip(
      startX, naive(tokens, inputs, outputs) { dy[$0, $2] * w[$2, $1] }
    ).map { $0 + $1 }
    #expect(relativeDistance(dx.values, expectedX) < 1e-5)

    let startW = GradientCheck.normal(outputs * inputs + 5, seed: 6)
    var dw = startW
    dw.withUnsafeMutableBufferPointer { dw in
      BLAS.accumulate(
        transposing: dy, times: x, into: dw.extracting(3..<3 + outputs * inputs))
    }
    let product = naive(outputs, inputs, tokens) { dy[$2, $0] * x[$2, $1] }
    let expectedW = startW.indices.map { index in
      index < 3 || index >= 3 + product.count
        ? startW[index] : startW[index] + product[index - 3]
    }
    #expect(relativeDistance(dw, expectedW) < 1e-5)
    #expect(dw[..<3] == startW[..<3] && dw.suffix(2) == startW.suffix(2))
  }

  @Test(arguments: [(1, 1, 1), (7, 5, 2), (197, 13, 3)])
  func lowRankProductsMatchNaiveLoops(outputs: Int, inputs: Int, rank: Int) {
    let a = GradientCheck.normal(rank * inputs, seed: 1)
    let b = GradientCheck.normal(outputs * rank, seed: 3)
    let start = GradientCheck.normal(outputs * inputs, seed: 2)
    var w = start
    BLAS.accumulateLowRank(b: b, a: a, rank: rank, scale: 0.25, into: &w)
    let product = naive(outputs, inputs, rank) { row, column, inner in
      b[row * rank + inner] * a[inner * inputs + column]
    }
    #expect(relativeDistance(w, zip(start, product).map { $0 + 0.25 * $1 }) < 1e-5)
  }

  @Test(arguments: [
    ("", "", true), ("", "a", false), ("*", "", true), ("*", "anything", true), ("a", "a", true),
    ("a", "b", false), ("a*", "a", true), ("*b", "aab", true), ("*b", "aba", false),
    ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false), ("**", "x", true),
    ("model.layers.1.*", "model.layers.10.mlp", false), ("*.q_proj.*", "l.q_proj.weight", true),
    ("*é", "cafe\u{301}", false), ("*\u{301}", "cafe\u{301}", true), ("a?", "ab", false),
    ("*aab", "aaaab", true),
  ])
  func patternsCoverWholeNames(pattern: String, text: String, expected: Bool) {
    #expect(Glob.matches(text, pattern: pattern) == expected)
  }

  private func naive(
    _ rows: Int, _ columns: Int, _ depth: Int, _ term: (Int, Int, Int) -> Float
  ) -> [Float] {
    (0..<rows).flatMap { row in
      (0..<columns).map { column in
        Float((0..<depth).reduce(0.0) { $0 + Double(term(row, column, $1)) })
      }
    }
  }
}

/// Do random numbers repeat, differ between seeds and streams, and have the right shape?
@Suite struct RandomSourceTests {
  @Test func theSameSeedRepeats() {
    var (a, b) = (RandomSource(seed: 7, stream: 3), RandomSource(seed: 7, stream: 3))
    #expect((0..<100).allSatisfy { _ in a.next() == b.next() })
  }

  @Test func seedsAndStreamsShareNoNumbers() {
    var seen: Set<UInt64> = []
    for seed in 0..<20 as Range<UInt64> {
      for stream in 0..<20 as Range<UInt64> {
        var source = RandomSource(seed: seed, stream: stream)
        for _ in 0..<50 { seen.insert(source.next()) }
      }
    }
    #expect(seen.count == 20 * 20 * 50)
  }

  @Test(arguments: [100_000, 100_001])
  func normalNumbersHaveTheRightMoments(_ count: Int) {
    var source = RandomSource(seed: 1)
    let values = source.normal(count, deviation: 2)
    #expect(values.count == count)
    let numbers = values.map { Double($0) / 2 }
    func moment(_ power: Int) -> Double {
      numbers.reduce(0) { $0 + .pow($1, power) } / Double(count)
    }
    // Five standard errors each.
    let error = 5 / Double(count).squareRoot()
    #expect(abs(moment(1)) < error)
    #expect(abs(moment(2) - 1) < error * 2.0.squareRoot())
    #expect(abs(moment(3)) < error * 15.0.squareRoot())
    #expect(abs(moment(4) - 3) < error * 96.0.squareRoot())
  }

  @Test func uniformNumbersFillTheUnitInterval() {
    var source = RandomSource(seed: 2)
    let numbers = (0..<10_000).map { _ in source.uniform() }
    #expect(numbers.allSatisfy { (0..<1).contains($0) })
    #expect(abs(numbers.reduce(0, +) / 10_000 - 0.5) < 0.015)
  }
}

/// Are results the same bits whatever the thread count?
///
/// The count is global, so these tests run one after the other and put it back.
@Suite(.serialized) struct ThreadTests {
  @Test func everyIndexRunsOnce() {
    for threads in 1...3 {
      let counts: [Float] = withThreads(threads) {
        // Many pieces of work, the last of which is short.
        var rows = Matrix(rows: 100_001, columns: 3)
        rows.updateParts { row, values in
          for column in 0..<values.count { values[column] += Float(3 * row + column) + 1 }
        }
        return rows.values
      }
      #expect(counts == (1...300_003).map { Float($0) })
    }
  }

  @Test func productsKeepTheirBits() {
    let x = GradientCheck.normal(rows: 401, columns: 67, seed: 1)
    let w = GradientCheck.normal(rows: 395, columns: 67, seed: 2)
    let dy = GradientCheck.normal(rows: 401, columns: 395, seed: 3)
    expectSameBits {
      var y = Matrix(rows: 401, columns: 395)
      BLAS.multiply(x, transposing: w.values, into: &y)
      var dx = x
      BLAS.accumulate(dy, times: w.values, into: &dx)
      var dw = w.values
      dw.withUnsafeMutableBufferPointer { BLAS.accumulate(transposing: dy, times: x, into: $0) }
      return y.values + dx.values + dw
    }
  }

  @Test func attentionKeepsItsBits() {
    let attention = Attention(headCount: 6, keyValueHeadCount: 3, headSize: 10, scale: 0.5)
    let spans = [0..<31, 31..<32, 32..<77].map { Attention.Span(queries: $0, keys: [$0]) }
    let q = GradientCheck.normal(rows: 77, columns: 60, seed: 1)
    let k = GradientCheck.normal(rows: 77, columns: 30, seed: 2)
    let v = GradientCheck.normal(rows: 77, columns: 30, seed: 3)
    expectSameBits {
      var output = q
      attention.forward(q: q, k: k, v: v, spans: spans, into: &output)
      let (dq, dk, dv) = attention.backward(q, q: q, k: k, v: v, spans: spans)
      return output.values + dq.values + dk.values + dv.values
    }
  }

  @Test(arguments: [ParameterSpace.Parametrisation.full, .lowRank(rank: 3, scale: 0.5)])
  func gradientsOfAWholeModelKeepTheirBits(_ form: ParameterSpace.Parametrisation) throws {
    // Wide enough for several panels, tiles and pieces.
    let model = try ScratchModel(
      [
        "vocab_size": "4500", "hidden_size": "36", "intermediate_size": "210", "head_dim": "50",
      ], hasBiases: true)
    let map = try model.map()
    let space = map.space(nil, form)
    let point = Perturbation(
      space: space, values: GradientCheck.normal(space.count, seed: 1, deviation: 0.01))
    var batch = PackedBatch()
    var source = RandomSource(seed: 2)
    for length in [200, 3, 47] {
      let tokens = (0..<length).map { _ in Int32.random(in: 0..<4500, using: &source) }
      batch.append(prompt: Array(tokens[..<(length / 3)]), answer: Array(tokens[(length / 3)...]))
    }
    let targets = batch.targets.map { HeadTarget(token: $0.token, likelihoodWeight: 0.01) }
    try expectSameBits {
      var gradient = Gradient(at: point)
      let scores = try Transformer(weights: Weights(map: map, perturbation: point))
        .gradient(batch, targets: targets, into: &gradient)
      return scores.likelihood + gradient.values.array
    }
  }

  private func expectSameBits(_ compute: () throws -> [Float]) rethrows {
    let expected = try withThreads(1, compute).map(\.bitPattern)
    for threads in [2, 3] {
      let found = try withThreads(threads, compute).map(\.bitPattern)
      #expect(found == expected, "\(threads) threads")
    }
  }

  private func withThreads<Result>(_ count: Int, _ body: () throws -> Result) rethrows -> Result {
    let before = Parallel.threads
    Parallel.threads = count
    defer { Parallel.threads = before }
    return try body()
  }
}
