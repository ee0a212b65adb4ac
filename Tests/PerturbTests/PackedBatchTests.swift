import Testing

@testable import Perturb

/// Do sequences that begin alike share rows, and does each still read its own tokens?
@Suite struct PackedBatchTests {
  private static let prompt: [Int32] = Array(1...10)

  @Test func answersToOnePromptBranchFromIt() {
    var batch = PackedBatch()
    batch.append(prompt: Self.prompt, answer: [11, 12, 13])
    batch.append(prompt: Self.prompt, answer: [11, 14])
    batch.append(prompt: Self.prompt + [11], answer: [12, 15, 16])
    #expect(
      batch.sequences.map(\.path) == [[0..<12], [0..<10, 12..<13], [0..<10, 12..<13, 13..<15]])
    #expect(batch.tokens == Self.prompt + [11, 12, 11, 12, 15])
    #expect(batch.positions == Array(0..<12) + [10, 11, 12])
    #expect(batch.targets.map(\.row) == [9, 10, 11, 9, 12, 12, 13, 14])
    #expect(batch.targets.map(\.token) == [11, 12, 13, 11, 14, 12, 15, 16])
    #expect(batch.targetRanges == [0..<3, 3..<5, 5..<8])
    #expect(
      batch.sequences.map { batch.tokens(of: $0) } == [
        Self.prompt + [11, 12], Self.prompt + [11], Self.prompt + [11, 12, 15],
      ])
  }

  @Test func aSequenceKeepsATokenOfItsOwn() {
    var batch = PackedBatch()
    batch.append(prompt: Self.prompt, answer: [11])
    batch.append(prompt: Self.prompt, answer: [12])
    #expect(batch.sequences.map(\.path) == [[0..<10], [0..<9, 10..<11]])
    #expect(batch.targets.map(\.row) == [9, 10])
  }

  @Test func aShortCommonBeginningIsNotShared() {
    var batch = PackedBatch()
    batch.append(prompt: Self.prompt, answer: [11])
    batch.append(prompt: Array(1...7) + [99, 8, 9], answer: [12])
    #expect(batch.sequences.map(\.path) == [[0..<10], [10..<20]])
  }
}
