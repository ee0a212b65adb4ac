import FormatIO
import Testing

@testable import Perturb

/// Do products of BF16 weights match a plain sum, and does a model computed with them stay close to
/// the reference?
@Suite(.enabled(if: Precision.fastest == .bfloat16, "this CPU has no AVX512-BF16"))
struct BFloat16ProductTests {
  /// Numbers that BF16 holds exactly, with their bits.
  private static func exact(_ count: Int, seed: UInt64) -> (values: [Float], bits: [UInt16]) {
    let bits = GradientCheck.normal(count, seed: seed, deviation: 1).map {
      UInt16(truncatingIfNeeded: $0.bitPattern >> 16)
    }
    return (bits.map { Float(bitPattern: UInt32($0) << 16) }, bits)
  }

  /// Sizes around the borders of tiles (12 rows, 32 columns), pieces (96) and blocks (2048 deep).
  static let sizes = [
    (1, 1, 1), (12, 32, 2), (13, 33, 3), (5, 95, 31), (29, 97, 64), (64, 130, 577), (3, 20, 2049),
    (17, 40, 4100),
  ]

  @Test(arguments: sizes)
  func multipliesRowsByTheTranspose(rows: Int, outputs: Int, inputs: Int) {
    let (x, _) = Self.exact(rows * inputs, seed: 1)
    let (w, bits) = Self.exact(outputs * inputs, seed: 2)
    var y = Matrix(rows: rows, columns: outputs + 3)
    for index in y.values.indices { y.values[index] = 7 }
    WeightMatrix.Elements.bfloat16(bits).multiply(
      Operand(Matrix(rows: rows, columns: inputs, values: x)), into: &y, columnsFrom: 2)
    for row in 0..<rows {
      for output in 0..<outputs {
        var sum = 0.0
        var size = 0.0
        for input in 0..<inputs {
          let part = Double(x[row * inputs + input]) * Double(w[output * inputs + input])
          sum += part
          size += abs(part)
        }
        #expect(abs(Double(y[row, output + 2]) - sum) <= 1e-6 * size + 1e-30)
      }
      #expect(y[row, 0] == 7 && y[row, 1] == 7 && y[row, outputs + 2] == 7, "columns beside it")
    }
    var again = y
    WeightMatrix.Elements.bfloat16(bits).packed(inputs: inputs).multiply(
      Operand(Matrix(rows: rows, columns: inputs, values: x)), into: &again, columnsFrom: 2)
    #expect(again == y, "packed weights give the same bits")
  }

  @Test(arguments: sizes)
  func addsRowsTimesTheMatrix(rows: Int, outputs: Int, inputs: Int) {
    let (dy, _) = Self.exact(rows * (outputs + 2), seed: 3)
    let (w, bits) = Self.exact(outputs * inputs, seed: 4)
    var dx = Matrix(rows: rows, columns: inputs)
    for index in dx.values.indices { dx.values[index] = 0.5 }
    WeightMatrix.Elements.bfloat16(bits).accumulate(
      Operand(Matrix(rows: rows, columns: outputs + 2, values: dy)), columnsFrom: 1, into: &dx)
    for row in 0..<rows {
      for input in 0..<inputs {
        var sum = 0.5
        var size = 0.5
        for output in 0..<outputs {
          let part =
            Double(dy[row * (outputs + 2) + 1 + output]) * Double(w[output * inputs + input])
          sum += part
          size += abs(part)
        }
        #expect(abs(Double(dx[row, input]) - sum) <= 1e-6 * size)
      }
    }
  }

  /// A second term beside a narrow, an exactly full and a twice divided depth, narrow and wide itself.
  @Test(arguments: [(5, 3), (64, 16), (2048, 16), (2047, 129), (4100, 16), (3, 2100)])
  func addsASecondProduct(inputs: Int, rank: Int) {
    let (rows, outputs) = (13, 33)
    let (x, _) = Self.exact(rows * inputs, seed: 1)
    let (w, bits) = Self.exact(outputs * inputs, seed: 2)
    let (projected, _) = Self.exact(rows * rank, seed: 3)
    let (b, changeBits) = Self.exact(outputs * rank, seed: 4)
    var y = Matrix(rows: rows, columns: outputs)
    WeightMatrix.Elements.bfloat16(bits).multiply(
      Operand(Matrix(rows: rows, columns: inputs, values: x)),
      plus: (
        Operand(Matrix(rows: rows, columns: rank, values: projected)), .bfloat16(changeBits)
      ), into: &y)
    // Two products in turn add in the same order, so not a bit may differ.
    var expected = Matrix(rows: rows, columns: outputs)
    WeightMatrix.Elements.bfloat16(bits).multiply(
      Operand(Matrix(rows: rows, columns: inputs, values: x)), into: &expected)
    WeightMatrix.Elements.bfloat16(changeBits).multiply(
      Operand(Matrix(rows: rows, columns: rank, values: projected)), accumulating: true,
      into: &expected)
    #expect(y == expected)
    for row in 0..<rows {
      for output in 0..<outputs {
        var (sum, size) = (0.0, 0.0)
        for (left, right, depth) in [(x, w, inputs), (projected, b, rank)] {
          for index in 0..<depth {
            let part = Double(left[row * depth + index]) * Double(right[output * depth + index])
            (sum, size) = (sum + part, size + abs(part))
          }
        }
        #expect(abs(Double(y[row, output]) - sum) <= 1e-6 * size)
      }
    }

    // Backwards, of two matrices with the same input: Σ dy · w + pulled · a, in one pass over dx.
    let (dy, _) = Self.exact(rows * inputs, seed: 5)
    let pulled = Matrix(rows: rows, columns: rank, values: projected)
    let factor = Operand(Matrix(rows: rows, columns: inputs, values: dy))
    let change = WeightMatrix.Change(rank: rank, a: .bfloat16(changeBits), b: .bfloat16([]))
    let parts = [change, nil].map { change in
      WeightMatrix.Pullback(
        weight: WeightMatrix(elements: .bfloat16(bits), change: change), dy: factor, pulled: pulled)
    }
    var expectedBack = Matrix(rows: rows, columns: outputs)
    for _ in parts { WeightMatrix.Elements.bfloat16(bits).accumulate(factor, into: &expectedBack) }
    WeightMatrix.Elements.bfloat16(changeBits).accumulate(Operand(pulled), into: &expectedBack)
    let dx = WeightMatrix.inputGradient(parts, inputs: outputs)
    #expect(relativeDistance(dx.values, expectedBack.values) < 1e-6)
  }

  @Test(arguments: sizes)
  func addsTheTransposeTimesRows(tokens: Int, outputs: Int, inputs: Int) {
    let (dy, _) = Self.exact(tokens * outputs, seed: 5)
    let (x, _) = Self.exact(tokens * inputs, seed: 6)
    let (before, after) = (3, 2)
    var dw = [Float](repeating: 0.5, count: before + outputs * inputs + after)
    dw.withUnsafeMutableBufferPointer { dw in
      BFloat16.accumulate(
        transposing: Matrix(rows: tokens, columns: outputs, values: dy),
        times: RoundedMatrix(Matrix(rows: tokens, columns: inputs, values: x)),
        into: dw.extracting(before..<before + outputs * inputs))
    }
    for output in 0..<outputs {
      for input in 0..<inputs {
        var (sum, size) = (0.5, 0.5)
        for token in 0..<tokens {
          let part = Double(dy[token * outputs + output]) * Double(x[token * inputs + input])
          sum += part
          size += abs(part)
        }
        #expect(abs(Double(dw[before + output * inputs + input]) - sum) <= 1e-6 * size)
      }
    }
    #expect(dw.prefix(before).allSatisfy { $0 == 0.5 } && dw.suffix(after).allSatisfy { $0 == 0.5 })
  }

  /// The product is that of the rounded rows: ties go to even, and what is no number stays none.
  @Test func roundsRowsToTheNearest() {
    let one = WeightMatrix.Elements.bfloat16([0x3F80])
    let tie = Float(bitPattern: 0x3F80_8000)
    let odd = Float(bitPattern: 0x3F81_8000)
    let x: [Float] = [tie, tie.nextUp, odd, -tie.nextDown, .nan, .infinity, 0]
    var y = Matrix(rows: x.count, columns: 1)
    one.multiply(Operand(Matrix(rows: x.count, columns: 1, values: x)), into: &y)
    let up = Float(bitPattern: 0x3F81_0000)
    #expect(y.values[0] == 1 && y.values[1] == up && y.values[3] == -1)
    #expect(y.values[2] == Float(bitPattern: 0x3F82_0000))
    #expect(y.values[4].isNaN && y.values[5] == .infinity && y.values[6] == 0)
  }

  @Test func aModelStaysCloseToTheReference() throws {
    let path = Fixtures.path("demo/damaged")
    let reference = try LoadedModel.open(path)
    let fast = try LoadedModel.open(path, precision: .bfloat16)
    let rows = try CalibrationSet.read(
      harmful: [Fixtures.path("demo/calibration/harmful.jsonl")],
      benign: [Fixtures.path("demo/calibration/benign.jsonl")],
      task: [])
    let examples = try EncodedSet(
      rows, encoder: reference.encoder,
      contextLength: reference.map.configuration.contextLength
    ).refusal.prefix(8)
    func measure(_ model: LoadedModel) throws -> (loss: Double, gradient: [Float]) {
      let space = try Recipe.standard(vocabularySize: 1024).space(over: model.map)
      var values = space.initialValues(seed: 1)
      values.add(
        ParameterVector(GradientCheck.normal(space.count, seed: 5, deviation: 0.01)), scale: 1)
      let point = Perturbation(space: space, values: values)
      var gradient = Gradient(at: point)
      let loss = try Objective(
        terms: [LossTerm(Array(examples), likelihoodWeight: 1)], batchTokens: 2048
      ).gradient(
        of: Transformer(weights: Weights(map: model.map, perturbation: point)), into: &gradient)
      return (loss[0].likelihood, gradient.values.array)
    }
    let (exact, close) = (try measure(reference), try measure(fast))
    #expect(exact.loss != close.loss, "the other kernel was used")
    #expect(abs(exact.loss - close.loss) < 0.01 * exact.loss)
    #expect(Vector.dot(exact.gradient.normalised.span, close.gradient.normalised.span) > 0.999)
  }
}

/// A change kept as two factors must act as if it were added.
struct LowRankChangeTests {
  @Test func factorsActAsTheirProduct() {
    let (rows, outputs, inputs, rank) = (5, 7, 6, 2)
    func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
      GradientCheck.normal(count, seed: seed, deviation: 1)
    }
    let (a, b) = (numbers(rank * inputs, 1), numbers(outputs * rank, 2))
    let w = numbers(outputs * inputs, 3)
    var sum = w
    for output in 0..<outputs {
      for input in 0..<inputs {
        for inner in 0..<rank {
          sum[output * inputs + input] += 0.5 * b[output * rank + inner] * a[inner * inputs + input]
        }
      }
    }
    let apart = WeightMatrix(
      elements: .float32(w),
      change: .init(rank: rank, a: .float32(a), b: .float32(b.map { 0.5 * $0 })))
    let merged = WeightMatrix(elements: .float32(sum), change: nil)
    let x = Operand(Matrix(rows: rows, columns: inputs, values: numbers(rows * inputs, 4)))
    let dy = Operand(Matrix(rows: rows, columns: outputs, values: numbers(rows * outputs, 5)))
    var (y, expected) = (
      Matrix(rows: rows, columns: outputs), Matrix(rows: rows, columns: outputs)
    )
    apart.multiply(x, into: &y)
    merged.multiply(x, into: &expected)
    #expect(relativeDistance(y.values, expected.values) < 1e-6)
    let dx = WeightMatrix.inputGradient(
      [.init(weight: apart, dy: dy, pulled: apart.change?.pull(dy))], inputs: inputs)
    let expectedBack = WeightMatrix.inputGradient(
      [.init(weight: merged, dy: dy, pulled: nil)], inputs: inputs)
    #expect(relativeDistance(dx.values, expectedBack.values) < 1e-6)
  }
}
