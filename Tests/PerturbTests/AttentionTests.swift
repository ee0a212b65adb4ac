import RealModule
import Testing

@testable import Perturb

/// Does attention match its definition, keep sequences and the future apart, and differentiate right?
@Suite struct AttentionTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    let heads, keyHeads, size: Int
    let lengths: [Int]
    /// How many of the keys of the sequence before each sequence shares.
    var shared: [Int] = []
    var softCap: Float?
    var window: Int?
    var testDescription: String {
      "\(heads)/\(keyHeads) heads of \(size), \(lengths) \(shared) cap \(softCap ?? 0) window \(window ?? 0)"
    }
  }

  static let shapes = [
    Shape(heads: 1, keyHeads: 1, size: 2, lengths: [3]),
    Shape(heads: 4, keyHeads: 2, size: 6, lengths: [5, 1, 3]),
    Shape(heads: 3, keyHeads: 1, size: 2, lengths: [7, 2]),
    Shape(heads: 2, keyHeads: 2, size: 8, lengths: [1, 4, 1, 19]),
    // A chain of branches, a sequence of its own, and a branch of that.
    Shape(
      heads: 4, keyHeads: 2, size: 6, lengths: [5, 2, 1, 3, 4, 2], shared: [0, 3, 4, 2, 0, 4]),
    Shape(heads: 2, keyHeads: 1, size: 4, lengths: [6, 2], softCap: 1.5),
    Shape(heads: 2, keyHeads: 2, size: 4, lengths: [7, 1, 3], window: 3),
    Shape(
      heads: 2, keyHeads: 1, size: 2, lengths: [6, 2, 5], shared: [0, 5, 0], softCap: 1, window: 2),
    // More queries than one piece of work takes.
    Shape(heads: 2, keyHeads: 1, size: 2, lengths: [259, 2], shared: [0, 257]),
  ]
  static let smallShapes = Array(shapes.dropLast())

  @Test(arguments: shapes)
  func forwardMatchesTheDefinition(_ shape: Shape) {
    let setup = Setup(shape)
    let output = setup.output(setup.q, setup.k, setup.v)
    #expect(relativeDistance(output.values, setup.naive().values) < 1e-5)
  }

  @Test(arguments: shapes)
  func gradientsMatchDifferences(_ shape: Shape) throws {
    let setup = Setup(shape)
    let (q, k, v) = (setup.q, setup.k, setup.v)
    let dOutput = GradientCheck.normal(rows: q.rows, columns: q.columns, seed: 4)
    let (dq, dk, dv) = setup.attention.backward(dOutput, q: q, k: k, v: v, spans: setup.spans)
    try GradientCheck.expectMatch(dq.values, at: q.values, "dq") { values in
      let q = Matrix(rows: q.rows, columns: q.columns, values: values)
      return GradientCheck.project(setup.output(q, k, v), on: dOutput)
    }
    try GradientCheck.expectMatch(dk.values, at: k.values, "dk") { values in
      let k = Matrix(rows: k.rows, columns: k.columns, values: values)
      return GradientCheck.project(setup.output(q, k, v), on: dOutput)
    }
    try GradientCheck.expectMatch(dv.values, at: v.values, "dv") { values in
      let v = Matrix(rows: v.rows, columns: v.columns, values: values)
      return GradientCheck.project(setup.output(q, k, v), on: dOutput)
    }
  }

  @Test(arguments: smallShapes)
  func tokensSeeOnlyTheirOwnPast(_ shape: Shape) {
    let setup = Setup(shape)
    let before = setup.output(setup.q, setup.k, setup.v)
    for changed in 0..<setup.q.rows {
      var (k, v) = (setup.k, setup.v)
      for column in 0..<k.columns {
        k[changed, column] += 1
        v[changed, column] -= 2
      }
      let after = setup.output(setup.q, k, v)
      for row in 0..<setup.q.rows {
        let range = after.range(ofRows: row..<row + 1)
        let sees = setup.past(of: row).contains(changed)
        #expect((after.values[range] != before.values[range]) == sees, "\(changed) → \(row)")
      }
    }
  }

  @Test(arguments: smallShapes)
  func gradientsStayInTheirSequenceAndPast(_ shape: Shape) {
    let setup = Setup(shape)
    for row in 0..<setup.q.rows {
      var dOutput = Matrix(rows: setup.q.rows, columns: setup.q.columns)
      for column in 0..<dOutput.columns { dOutput[row, column] = 1 }
      let (dq, dk, dv) = setup.attention.backward(
        dOutput, q: setup.q, k: setup.k, v: setup.v, spans: setup.spans)
      for other in 0..<setup.q.rows {
        let sees = setup.past(of: row).contains(other)
        let pulls = dv.values[dv.range(ofRows: other..<other + 1)].contains { $0 != 0 }
        #expect(pulls == sees)
        if !sees { #expect(dk.values[dk.range(ofRows: other..<other + 1)].allSatisfy { $0 == 0 }) }
        if other != row {
          #expect(dq.values[dq.range(ofRows: other..<other + 1)].allSatisfy { $0 == 0 })
        }
      }
    }
  }

  @Test func hugeScoresDoNotOverflow() {
    let setup = Setup(AttentionTests.shapes[1])
    var (q, k) = (setup.q, setup.k)
    q.values.scale(by: 1e4)
    k.values.scale(by: 1e4)
    #expect(setup.output(q, k, setup.v).values.allSatisfy { $0.isFinite })
  }
}

/// Random queries, keys and values of packed sequences.
private struct Setup {
  let attention: Attention
  let spans: [Attention.Span]
  let q, k, v: Matrix

  init(_ shape: AttentionTests.Shape) {
    attention = Attention(
      headCount: shape.heads, keyValueHeadCount: shape.keyHeads, headSize: shape.size,
      scale: 1 / Float(shape.size).squareRoot(), softCap: shape.softCap, window: shape.window)
    var spans: [Attention.Span] = []
    for (index, length) in shape.lengths.enumerated() {
      let start = spans.last?.queries.upperBound ?? 0
      var keys: [Range<Int>] = []
      var left = shape.shared.isEmpty ? 0 : shape.shared[index]
      for range in spans.last?.keys ?? [] where left > 0 {
        keys.append(range.prefix(left))
        left -= keys[keys.count - 1].count
      }
      keys.append(start..<start + length)
      spans.append(Attention.Span(queries: start..<start + length, keys: keys))
    }
    self.spans = spans
    let tokens = shape.lengths.reduce(0, +)
    q = GradientCheck.normal(rows: tokens, columns: shape.heads * shape.size, seed: 1)
    k = GradientCheck.normal(rows: tokens, columns: shape.keyHeads * shape.size, seed: 2)
    v = GradientCheck.normal(rows: tokens, columns: shape.keyHeads * shape.size, seed: 3)
  }

  /// The keys that this query sees.
  func past(of row: Int) -> [Int] {
    spans.filter { $0.queries.contains(row) }.flatMap { span in
      let past = span.keys.joined().filter { $0 <= row }
      return past.suffix(attention.window ?? past.count)
    }
  }

  func output(_ q: Matrix, _ k: Matrix, _ v: Matrix) -> Matrix {
    var output = Matrix(rows: q.rows, columns: q.columns)
    attention.forward(q: q, k: k, v: v, spans: spans, into: &output)
    return output
  }

  /// The definition, in double precision.
  func naive() -> Matrix {
    var output = Matrix(rows: q.rows, columns: q.columns)
    let size = attention.headSize
    for span in spans {
      for row in span.queries {
        for head in 0..<attention.headCount {
          let keyHead = head * attention.keyValueHeadCount / attention.headCount
          let past = past(of: row)
          let weights = past.map { key in
            let score = (0..<size).reduce(0.0) {
              $0 + Double(q[row, head * size + $1]) * Double(k[key, keyHead * size + $1])
            }
            let scaled = score / Double(size).squareRoot()
            guard let cap = attention.softCap.map(Double.init) else { return Double.exp(scaled) }
            return Double.exp(cap * Double.tanh(scaled / cap))
          }
          let total = weights.reduce(0, +)
          for channel in 0..<size {
            let sum = zip(past, weights).reduce(0.0) {
              $0 + $1.1 * Double(v[$1.0, keyHead * size + channel])
            }
            output[row, head * size + channel] = Float(sum / total)
          }
        }
      }
    }
    return output
  }
}
