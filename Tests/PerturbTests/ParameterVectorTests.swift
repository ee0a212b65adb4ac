import Testing

@testable import Perturb

/// Is a vector in a file the same vector?
struct ParameterVectorTests {
  /// More than one stretch, and no whole number of them.
  private static let count = ParameterVector.stretch + 1234

  private static func pair(seed: UInt64) -> (memory: ParameterVector, file: ParameterVector) {
    let values = GradientCheck.normal(count, seed: seed)
    var (memory, file) = (
      ParameterVector(zeros: count, liesInFile: false),
      ParameterVector(zeros: count, liesInFile: true)
    )
    memory.replace(0..<count, with: values)
    file.replace(0..<count, with: values)
    return (memory, file)
  }

  @Test func arithmeticGivesTheSameBits() {
    var (a, b) = (Self.pair(seed: 1), Self.pair(seed: 2))
    #expect(a.memory.array == GradientCheck.normal(Self.count, seed: 1))
    #expect(a.memory == a.file && a.memory != b.memory)
    #expect(a.memory.norm == a.file.norm && a.memory.dot(b.memory) == a.file.dot(b.file))
    a.memory.add(b.memory, scale: 0.3)
    a.file.add(b.file, scale: 0.3)
    a.memory.update(with: b.memory) { $0 *= $1 }
    a.file.update(with: b.file) { $0 *= $1 }
    a.memory.scale(by: 1.7)
    a.file.scale(by: 1.7)
    #expect(a.memory == a.file && a.memory.normalised == a.file.normalised)
  }

  @Test func copiesAreIndependent() {
    for original in [Self.pair(seed: 3).memory, Self.pair(seed: 3).file] {
      var copy = original
      copy.replace(5..<7, with: [8, 9])
      #expect(copy[4..<8] == [original[4..<5][0], 8, 9, original[7..<8][0]])
      #expect(original.array == GradientCheck.normal(Self.count, seed: 3))
      copy.add(copy, scale: 1)
      #expect(copy[5..<7] == [16, 18])
    }
  }

  /// What lies in memory although it is long goes where long vectors go, and stays the same.
  @Test func settlingKeepsTheNumbers() {
    var long = ParameterVector(zeros: ParameterVector.lengthInMemory + 1, liesInFile: false)
    long.replace(7..<9, with: [3, 4])
    let settled = long.settled
    #expect(settled == long && settled.norm == 5)
    let short = Self.pair(seed: 4).memory
    #expect(short.settled == short)
  }

  @Test func zeroAndWhatIsNotFiniteHaveNoDirection() {
    for liesInFile in [false, true] {
      var vector = ParameterVector(zeros: 3, liesInFile: liesInFile)
      #expect(vector.norm == 0 && vector.normalised.array == [0, 0, 0])
      vector.replace(1..<2, with: [.nan])
      #expect(vector.norm.isNaN && vector.normalised.array == [0, 0, 0])
    }
  }
}
