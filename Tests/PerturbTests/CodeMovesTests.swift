import FormatIO
import Testing

@testable import Perturb

/// Do moved codes do to the inputs of a matrix what the wanted change would do?
@Suite struct CodeMovesTests {
  private static let (outputs, inputs, tokens) = (20, 64, 48)
  static let types = ["Q4_0", "Q4_1", "Q5_0", "Q8_0", "MXFP4", "IQ4_NL"]

  /// A matrix in blocks, a small change of it, and inputs that depend on each other.
  private struct Case {
    let type: ElementType
    let blocks: [UInt8]
    let change: Matrix
    let input: Matrix
    let moments: Matrix

    init(_ name: String, size: Float = 0.1) throws {
      type = try #require(ElementType.gguf.values.first { $0.name == name })
      let (outputs, inputs, tokens) = (
        CodeMovesTests.outputs, CodeMovesTests.inputs, CodeMovesTests.tokens
      )
      let weights = GradientCheck.normal(outputs * inputs, seed: 1, deviation: 1)
      blocks = FloatEncoding(type, rounding: .nearestEven, tensor: "w").encode(weights.span)
      change = Matrix(
        rows: outputs, columns: inputs,
        values: GradientCheck.normal(outputs * inputs, seed: 2, deviation: size))
      // Twelve directions and a little of everything else.
      let few = Matrix(
        rows: tokens, columns: 12, values: GradientCheck.normal(tokens * 12, seed: 3))
      let mixing = Matrix(
        rows: 12, columns: inputs, values: GradientCheck.normal(12 * inputs, seed: 4))
      var input = Matrix(
        rows: tokens, columns: inputs,
        values: GradientCheck.normal(tokens * inputs, seed: 5, deviation: 0.3))
      BLAS.add(few, times: mixing, to: &input)
      self.input = input
      var moments = Matrix(rows: inputs, columns: inputs)
      BLAS.add(input, times: input, transposing: .first, to: &moments)
      self.moments = moments
    }

    func values(_ blocks: [UInt8]) -> [Float] {
      var values = [Float](repeating: 0, count: change.values.count)
      var target = values.mutableSpan
      blocks.withUnsafeBytes { FloatDecoding.decode($0, type, into: &target) }
      return values
    }

    /// x · (stored − before)ᵀ.
    func effect(_ blocks: [UInt8]) -> Matrix {
      effect(zip(values(blocks), values(self.blocks)).map { $0 - $1 })
    }

    func effect(_ change: [Float]) -> Matrix {
      var result = Matrix(rows: input.rows, columns: self.change.rows)
      BLAS.multiply(input, transposing: change, into: &result)
      return result
    }

    /// ‖x · (stored − before − change)ᵀ‖² relative to that of the change.
    func error(_ blocks: [UInt8]) -> Double {
      let (found, wanted) = (effect(blocks), effect(change.values))
      let miss = zip(found.values, wanted.values).reduce(0.0) {
        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
      }
      return miss / Vector.squaredNorm(wanted.values.span)
    }

    func moved(_ moments: Matrix?) -> CodeMoves.Result {
      CodeMoves(moments: moments).move(blocks, type, by: change)
    }
  }

  @Test(arguments: types)
  func outputsComeNearerThanByRounding(_ name: String) throws {
    let matrix = try Case(name)
    let rounded = matrix.error(matrix.moved(nil).blocks)
    let moved = matrix.error(matrix.moved(matrix.moments).blocks)
    #expect(moved < 0.6 * rounded && moved < 0.5)
  }

  /// No single step of any code lowers the error of its row further.
  @Test(arguments: types)
  func theDescentEndsInAMinimum(_ name: String) throws {
    let matrix = try Case(name)
    let blocks = matrix.moved(matrix.moments).blocks
    let codes = try #require(blocks.withUnsafeBytes { BlockCodes($0, matrix.type) })
    let best = matrix.error(blocks)
    for element in stride(from: 0, to: matrix.change.values.count, by: 13) {
      for up in [true, false]
      where codes.step(of: element, from: codes.ranks[element], up: up) != 0 {
        var other = codes
        other.move(element, to: up ? codes.ranks[element] + 1 : codes.ranks[element] - 1)
        #expect(matrix.error(other.blocks) > best - 1e-5)
      }
    }
  }

  /// The shares that are reported are those of the stored change.
  @Test(arguments: types)
  func sharesAreThoseOfTheOutputs(_ name: String) throws {
    let matrix = try Case(name)
    let result = matrix.moved(matrix.moments)
    let (found, wanted) = (matrix.effect(result.blocks), matrix.effect(matrix.change.values))
    let size = Vector.squaredNorm(wanted.values.span)
    let keep = Vector.sumOfProducts(found.values.span, wanted.values.span) / size
    let noise = (Vector.squaredNorm(found.values.span) / size - keep * keep).squareRoot()
    #expect(abs(result.effect.keep - keep) < 2e-3 && abs(result.effect.noise - noise) < 5e-3)
  }

  @Test(arguments: types)
  func withoutInputsCodesAreTheNearest(_ name: String) throws {
    let matrix = try Case(name, size: 0.5)
    let stored = matrix.values(matrix.moved(nil).blocks)
    let codes = try #require(matrix.blocks.withUnsafeBytes { BlockCodes($0, matrix.type) })
    let before = matrix.values(matrix.blocks)
    for index in stored.indices {
      let nearest = codes.nearestMove(of: index, by: matrix.change.values[index]).by
      #expect(abs(stored[index] - before[index] - nearest) <= 1e-4)
    }
  }

  @Test(arguments: types)
  func noChangeMovesNothing(_ name: String) throws {
    let matrix = try Case(name, size: 0)
    let result = matrix.moved(matrix.moments)
    #expect(result.blocks == matrix.blocks)
  }

  @Test func threadsDoNotMatter() throws {
    let matrix = try Case("Q4_0")
    let threads = Parallel.threads
    defer { Parallel.threads = threads }
    Parallel.threads = 1
    let one = matrix.moved(matrix.moments)
    Parallel.threads = 3
    let three = matrix.moved(matrix.moments)
    #expect(one.blocks == three.blocks && one.effect.keep == three.effect.keep)
  }

  /// The moments of a block are those of what its matrices read.
  @Test func inputMomentsAreSumsOverTokens() throws {
    let golden = try GoldenModel("grouped")
    let model = Transformer(weights: Weights(map: golden.map))
    var seen: [Int] = []
    try model.visitInputMoments(of: [golden.batch, golden.batch], layers: 0..<2) { layer, moments in
      seen.append(layer)
      for role in golden.map.configuration.roles(in: layer) where role.isMatrix {
        let sum = try #require(moments[.init(role: role, expert: nil)])
        #expect(sum.rows == golden.map.configuration.shape(of: .block(layer: layer, role)).columns)
        // Symmetric, with more than nothing on the diagonal.
        for index in 0..<sum.rows {
          #expect(sum[index, index] > 0)
          #expect(abs(sum[index, 0] - sum[0, index]) <= 1e-4 * (1 + abs(sum[0, index])))
        }
      }
      guard layer == 0 else { return }
      // The first block reads the embedding, normalised.
      let x = try model.embedding(golden.batch.tokens, at: golden.batch.positions)
      var normed = Matrix(rows: x.rows, columns: x.columns)
      Normalization(
        weight: try Weights(map: golden.map).values(at: .block(layer: 0, .inputNorm)),
        epsilon: golden.map.configuration.normEpsilon
      ).forward(x, into: &normed)
      var expected = Matrix(rows: x.columns, columns: x.columns)
      BLAS.add(normed, times: normed, transposing: .first, scale: 2, to: &expected)
      let found = try #require(moments[.init(role: .queryWeight, expert: nil)])
      let mean = (0..<x.columns).reduce(Float(0)) { $0 + expected[$1, $1] } / Float(x.columns)
      for row in 0..<x.columns {
        for column in 0..<x.columns {
          let wanted = expected[row, column] + (row == column ? 0.01 * mean : 0)
          #expect(abs(found[row, column] - wanted) <= 1e-3 * mean)
        }
      }
    }
    #expect(seen == [0, 1])
  }
}
