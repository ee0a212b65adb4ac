import Testing

@testable import Perturb

/// Do operands that are computed row by row hold what a rounded matrix would?
@Suite struct OperandTests {
  private static let whole = GradientCheck.normal(rows: 7, columns: 6, seed: 3)

  /// Two operands of three columns each, which side by side are the whole.
  private static func halves(for precision: Precision) -> [Operand] {
    Operand.computing(2, rows: 7, columns: 3, for: precision) { row, output in
      for column in 0..<6 { output[column] = whole[row, column] }
    }
  }

  @Test func inSinglePrecisionTheyAreExact() {
    let halves = Self.halves(for: .float32)
    #expect(halves.map(\.matrix) == [Self.whole.columns(0..<3), Self.whole.columns(3..<6)])
  }

  @Test(.enabled(if: BFloat16.isSupported))
  func inBF16TheyAreRounded() {
    let expected = RoundedMatrix(Self.whole).expanded
    let halves = Self.halves(for: .bfloat16)
    #expect(halves.map(\.expanded) == [expected.columns(0..<3), expected.columns(3..<6)])
    halves[1].withRow(4) { row in
      #expect((0..<3).map { row[$0] } == Array(expected.row(4)[3...]))
    }
  }

  /// A product of the second of them starts in the midst of its rows.
  @Test(.enabled(if: BFloat16.isSupported))
  func productsReadTheRightColumns() {
    let half = Self.halves(for: .bfloat16)[1]
    let w = WeightMatrix.Elements([1, 0, 0, 0, 1, 0, 0, 0, 1], as: .bfloat16)
    var (y, packed) = (Matrix(rows: 7, columns: 3), Matrix(rows: 7, columns: 3))
    w.multiply(half, into: &y)
    w.packed(inputs: 3).multiply(half, into: &packed)
    #expect(y == half.expanded && packed == half.expanded)
    let part = WeightMatrix.Pullback(weight: WeightMatrix(elements: w), dy: half, pulled: nil)
    #expect(WeightMatrix.inputGradient([part], inputs: 3) == half.expanded)
  }
}
