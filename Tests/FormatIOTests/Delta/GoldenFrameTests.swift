import Foundation
import Testing

@testable import FormatIO

/// Frames as an earlier build wrote them: the format must not change by accident.
///
/// `WRITE_FRAMES=1 swift test --filter GoldenFrameTests` writes them anew after a change that is meant.
@Suite("Golden frames")
struct GoldenFrameTests {
  /// A frame with both sides; those of one side have theirs as `base`.
  struct Frame: Codable {
    var name: String
    var type: String
    var elements: Int
    var bytes: Int
    var isStored = false
    var base: Data
    var target: Data
    var payload: Data

    init(_ name: String, _ pair: FramePair, isStored: Bool = false) {
      (self.name, self.isStored, type) = (name, isStored, pair.type.name)
      (elements, bytes) = (pair.type.elementsPerBlock, pair.type.bytesPerBlock)
      (base, target) = (Data(pair.base), Data(isStored ? [] : pair.target))
      payload = Data(
        isStored
          ? pair.base.withUnsafeBytes { DeltaFrame.encodeStored($0, type: pair.type) }
          : pair.payload)
    }
  }

  private static let path =
    "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    + "/fixtures/delta/frames.json"

  /// One of each method, form and kind of residual.
  private static var frames: [Frame] {
    var noise = FrameNoise(seed: 11)
    let (bytes, others) = (noise.bytes(200), noise.bytes(200))
    let floats = (0..<120).map { _ in noise.normal() }
    let blocks = noise.bytes(34 * 30)
    let remade = blocks.enumerated().map { place, byte in
      noise.uniform() < (place % 34 < 10 ? 0.9 : 0.05) ? byte &- 1 &- UInt8(place & 1) : byte
    }
    // Steps across zero are small only in the order of the numbers.
    let zeros = (0..<400).map { _ in noise.below(8) - 4 }
    let moved = zeros.map { $0 + noise.below(3) - 1 }
    func number(_ order: Int) -> UInt16 { order < 0 ? 0x8000 | UInt16(-1 - order) : UInt16(order) }
    // The example of the documentation.
    let few = [UInt16](repeating: 0x3C00, count: 100)
    var changed = few
    (changed[5], changed[70]) = (0x3C01, 0x3C01)
    return [
      .init("example", .init(FramePair.bytes(few), FramePair.bytes(changed), .bfloat16)),
      .init("few turned bits", .flips(1000, part: 0.01)),
      .init("many turned bits", .flips(1000, part: 0.4)),
      .init("split", mixed(1500) { _ in true }),
      .init("split rows", mixed(2000) { $0 / 128 % 4 == 1 }),
      .init(
        "around zero",
        .init(
          FramePair.bytes(zeros.map(number)), FramePair.bytes(moved.map(number)), .bfloat16)),
      .init(
        "float32",
        .init(FramePair.bytes(floats), FramePair.bytes(floats.map { $0 * 1.001 }), .float32)),
      .init(
        "float64 of float32",
        .init(
          FramePair.bytes(floats.map { Double($0) }),
          FramePair.bytes(floats.map { Double($0 + 1e-5) }), .float64)),
      .init("nothing in common", .init(bytes, others, .int8)),
      .init(
        "whole numbers",
        .init(bytes, bytes.map { noise.uniform() < 0.4 ? $0 &+ 1 : $0 }, .int8)),
      .init(
        "blocks",
        .init(blocks, remade, .q8)),
      .init("weights of one side", .bfloat16(800) { weight, _ in weight }, isStored: true),
      .init("bytes of one side", .init(bytes, [], .int8), isStored: true),
    ]
  }

  /// Numbers of two exponents. Only the smaller ones change in their mantissa; some exponents grow or shrink, some
  /// signs change.
  private static func mixed(_ count: Int, isChanged: (Int) -> Bool) -> FramePair {
    var noise = FrameNoise(seed: 12)
    let base = (0..<count).map { _ in
      UInt16(noise.uniform() < 0.5 ? 0x3C00 : 0x3D00) | UInt16(noise.below(128))
    }
    let target = base.enumerated().map { place, word in
      guard isChanged(place) else { return word }
      if noise.uniform() < 0.03 { return word ^ 0x8000 }
      if noise.uniform() < 0.05 { return word &+ 0x80 }
      if noise.uniform() < 0.05 { return word &- 0x83 }
      return word < 0x3D00 ? word &+ UInt16(noise.below(4)) : word
    }
    return .init(FramePair.bytes(base), FramePair.bytes(target), .bfloat16)
  }

  @Test("frames of earlier builds are read")
  func reading() throws {
    if ProcessInfo.processInfo.environment["WRITE_FRAMES"] != nil {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      try (encoder.encode(GoldenFrameTests.frames) + Data("\n".utf8))
        .write(to: URL(fileURLWithPath: GoldenFrameTests.path))
    }
    let frames = try JSONDecoder().decode(
      [Frame].self, from: Data(contentsOf: URL(fileURLWithPath: GoldenFrameTests.path)))
    #expect(frames.count == 13)
    let types = ElementType.safetensors + ElementType.gguf.values
    for frame in frames {
      let type = try #require(types.first { $0.name == frame.type })
      guard frame.isStored else {
        let pair = FramePair(Array(frame.base), Array(frame.target), type)
        #expect(try pair.isMet(by: Array(frame.payload)), "\(frame.name)")
        continue
      }
      var result = [UInt8](repeating: 0xA5, count: frame.base.count)
      try result.withUnsafeMutableBytes { result in
        try Array(frame.payload).withUnsafeBytes {
          try DeltaFrame.decodeStored($0, type: type, into: result)
        }
      }
      #expect(result == Array(frame.base), "\(frame.name)")
    }
  }
}
