import FormatIO
import Testing

/// Can the codes of a block be moved one by one, and nothing else with them?
@Suite struct BlockCodesTests {
  private static let all = ElementType.gguf.values + ElementType.safetensors
  static let types = Set(all.filter(\.hasMovableCodes).map(\.name)).sorted()

  private static func type(_ name: String) throws -> ElementType {
    try #require(all.first { $0.name == name })
  }

  /// Blocks of seeded numbers, or of seeded bytes whose numbers are finite where nothing can be packed.
  private static func blocks(_ type: ElementType) throws -> [UInt8] {
    var seed: UInt64 = 7
    if type.isWritable {
      let values = (0..<8 * type.elementsPerBlock).map { Float(($0 * 37) % 101) - 50 }
      return FloatEncoding(type, rounding: .nearestEven, tensor: "").encode(values.span)
    }
    var blocks: [UInt8] = []
    while blocks.count < max(8 * type.bytesPerBlock, 256) {
      let block = (0..<type.bytesPerBlock).map { _ in
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: seed >> 40)
      }
      // Spare codes stand off the grid.
      let packed = type.name == "Q2_0" ? block.map { $0 & ~($0 & $0 << 1 & 0xAA) } : block
      if values(packed, type).allSatisfy({ abs($0) < 1e4 }) { blocks += packed }
    }
    return blocks
  }

  private static func values(_ blocks: [UInt8], _ type: ElementType) -> [Float] {
    var values = [Float](repeating: 0, count: type.elementCount(bytes: blocks.count))
    var target = values.mutableSpan
    blocks.withUnsafeBytes { FloatDecoding.decode($0, type, into: &target) }
    return values
  }

  @Test func everyTypeThatIsWrittenInBlocksCanBeMovedButOne() {
    let written = ElementType.gguf.values.filter { $0.isWritable && $0.elementsPerBlock > 1 }
    #expect(Set(written.map(\.name)).subtracting(Self.types) == ["TQ1_0"])
    #expect(Self.types.count == 19)
  }

  @Test(arguments: types)
  func aMoveChangesOneNumberByItsStep(_ name: String) throws {
    let type = try Self.type(name)
    let blocks = try Self.blocks(type)
    let codes = try #require(blocks.withUnsafeBytes { BlockCodes($0, type) })
    #expect(codes.blocks == blocks)
    let before = Self.values(blocks, type)
    for element in stride(from: 0, to: before.count, by: 7) {
      for up in [true, false] {
        let step = codes.step(of: element, from: codes.ranks[element], up: up)
        guard codes.scales[element] != 0, step != 0 else { continue }
        var moved = codes
        moved.move(element, to: up ? codes.ranks[element] + 1 : codes.ranks[element] - 1)
        let after = Self.values(moved.blocks, type)
        #expect(
          abs(after[element] - before[element] - step) <= 1e-4 * abs(step) + 1e-6
            * abs(before[element]))
        #expect(zip(before, after).enumerated().allSatisfy { $0 == element || $1.0 == $1.1 })
        moved.move(element, to: codes.ranks[element])
        #expect(Self.values(moved.blocks, type) == before)
      }
    }
  }

  /// The nearest rank is the best of all ranks.
  @Test(arguments: types)
  func theNearestMoveIsTheNearest(_ name: String) throws {
    let type = try Self.type(name)
    let blocks = try Self.blocks(type)
    let codes = try #require(blocks.withUnsafeBytes { BlockCodes($0, type) })
    for element in stride(from: 0, to: codes.ranks.count, by: 11) {
      let scale = codes.scales[element]
      for factor: Float in [-3.3, -0.4, 0.1, 0.7, 2.6] {
        let change = factor * scale
        let found = codes.nearestMove(of: element, by: change)
        let here = codes.levels[Int(codes.ranks[element])]
        let distances = codes.levels.map { abs(scale * ($0 - here) - change) }
        #expect(abs(found.by - change) <= (distances.min() ?? 0) + 1e-4 * abs(scale))
        #expect(abs(scale * (codes.levels[Int(found.rank)] - here) - found.by) <= 1e-4 * abs(scale))
      }
    }
  }

  @Test func otherTypesHaveNoCodesToMove() {
    #expect([UInt8](repeating: 0, count: 54).withUnsafeBytes { BlockCodes($0, .float16) } == nil)
  }
}
