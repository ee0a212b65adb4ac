import Crypto
import Foundation
import Testing

@testable import FormatIO

/// Do blocks hold what ggml's reference says? blocks.json has digests of what the Python gguf package
/// makes of the same bytes and numbers.
@Suite struct BlockCodecTests {
  private struct Golden: Decodable {
    let blocks: Int
    let decode, encode: [String: String]

    init() throws {
      let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
      let data = try Data(contentsOf: URL(fileURLWithPath: "/\(path)/fixtures/gguf/blocks.json"))
      self = try JSONDecoder().decode(Golden.self, from: data)
    }
  }

  // In the order of make_blocks.py, where the position is the seed.
  private static let decoded = [
    "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
    "IQ4_XS", "TQ1_0", "TQ2_0", "MXFP4", "NVFP4",
  ]
  private static let encoded = [
    "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "TQ1_0", "TQ2_0", "MXFP4",
  ]

  /// The outputs of SplitMix64 from a seed.
  private static func words(_ count: Int, seed: Int) -> [UInt64] {
    (0..<count).map { index in
      var z = UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(seed)
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  private static func bytes(_ count: Int, seed: Int) -> [UInt8] {
    Array(words((count + 7) / 8, seed: seed).flatMap { littleEndian($0) }.prefix(count))
  }

  /// Numbers of many sizes; some runs of 32 are one number, or zero.
  private static func numbers(_ count: Int, seed: Int) -> [Float] {
    var values = words(count, seed: seed).enumerated().map { index, word in
      Float(Int(word >> 40) - 1 << 23) * 0x1p-23
        * Float(sign: .plus, exponent: index / 32 % 23 - 11, significand: 1)
    }
    for index in values.indices {
      let run = index / 32
      if run % 8 == 7 { values[index] = values[run * 32] }
      if run % 16 == 3 { values[index] = 0 }
    }
    return values
  }

  private static func type(_ name: String) throws -> ElementType {
    try #require(
      ElementType.gguf.values.first { $0.name == name } ?? ElementType(safetensors: name))
  }

  private static func decode(_ bytes: [UInt8], _ type: ElementType) -> [Float] {
    var values = [Float](repeating: 0, count: type.elementCount(bytes: bytes.count))
    var span = values.mutableSpan
    bytes.withUnsafeBytes { FloatDecoding.decode($0, type, into: &span) }
    return values
  }

  private static func encode(_ values: [Float], _ name: String) throws -> [UInt8] {
    let type = try type(name)
    let encoder = try #require(type.blockCodec as? any BlockEncoder.Type)
    var bytes = [UInt8](
      repeating: 0xAA, count: try #require(type.byteCount(elements: values.count)))
    bytes.withUnsafeMutableBytes { encoder.encode(values.span, into: $0) }
    return bytes
  }

  @Test(arguments: zip(decoded.indices, decoded))
  func decodesLikeTheReference(seed: Int, name: String) throws {
    let golden = try Golden()
    let type = try Self.type(name)
    let bytes = Self.bytes(golden.blocks * type.bytesPerBlock, seed: seed)
    let bits = Self.decode(bytes, type).map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern }
    let digest = SHA256.hash(data: bits.flatMap { littleEndian($0) })
    #expect(digest.map { String(format: "%02x", $0) }.joined() == golden.decode[name])
  }

  @Test(arguments: zip(encoded.indices, encoded))
  func encodesLikeTheReference(seed: Int, name: String) throws {
    let golden = try Golden()
    let count = golden.blocks * (try Self.type(name)).elementsPerBlock
    let bytes = try Self.encode(Self.numbers(count, seed: 1000 + seed), name)
    let digest = SHA256.hash(data: bytes)
    #expect(digest.map { String(format: "%02x", $0) }.joined() == golden.encode[name])
  }

  /// What the reference encoder leaves of normal numbers as a relative error, and a hundredth more.
  @Test(arguments: [
    ("Q4_0", 0.0863), ("Q4_1", 0.0785), ("Q5_0", 0.0429), ("Q5_1", 0.0383), ("Q8_0", 0.0054),
    ("Q2_K", 0.297), ("Q3_K", 0.152), ("Q4_K", 0.0719), ("Q5_K", 0.0365), ("Q6_K", 0.0178),
    ("IQ4_NL", 0.0763), ("MXFP4", 0.115),
  ])
  func encodesNormalNumbersAsWellAsTheReference(name: String, error: Double) throws {
    // Sums of twelve uniform numbers are close enough to normal.
    let uniform = Self.words(12 * 65_536, seed: 5).map { Double($0 >> 11) * 0x1p-53 }
    let values = (0..<65_536).map { index in
      Float(uniform[12 * index..<12 * index + 12].reduce(-6, +))
    }
    let back = Self.decode(try Self.encode(values, name), try Self.type(name))
    var (missed, total) = (0.0, 0.0)
    for (value, stored) in zip(values, back) {
      missed += Double(stored - value) * Double(stored - value)
      total += Double(value) * Double(value)
    }
    #expect((missed / total).squareRoot() < 1.01 * error)
  }

  /// Zeros, huge numbers and numbers below the steps of half precision are no trap.
  @Test(
    arguments: ElementType.blockCodecs.filter { $0.value is any BlockEncoder.Type }.map(\.key)
      .sorted())
  func extremesAreEncoded(name: String) throws {
    let count = 2 * (try Self.type(name)).elementsPerBlock
    for size in [0, .leastNonzeroMagnitude, 1e-20, 1e4, 3e38, .infinity, .nan] as [Float] {
      let values = (0..<count).map { $0 % 3 == 0 ? size : -size / 3 }
      let bytes = try Self.encode(values, name)
      if size == 0 { #expect(Self.decode(bytes, try Self.type(name)).allSatisfy { $0 == 0 }) }
    }
  }

  /// Every type has the size of the table, and the codec agrees with it.
  @Test func sizesAgree() throws {
    for (name, codec) in ElementType.blockCodecs {
      let type = try Self.type(name)
      #expect(codec.elements == type.elementsPerBlock && codec.bytes == type.bytesPerBlock)
    }
    #expect(Set(ElementType.gguf.values.map(\.name)).count == ElementType.gguf.count)
    #expect(ElementType.gguf.keys.allSatisfy { ElementType.removedFromGGUF[$0] == nil })
  }
}
