@testable import FormatIO

/// Numbers that are the same in each run.
struct FrameNoise {
  private var source: SplitMix64

  init(seed: UInt64) { source = SplitMix64(state: seed) }

  mutating func next() -> UInt64 { source.next() }

  /// From 0 to below 1.
  mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// About normal, as the sum of twelve uniform numbers is.
  mutating func normal() -> Float { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}

/// Two sides of a frame.
struct FramePair {
  var base: [UInt8]
  var target: [UInt8]
  var type: ElementType

  init(_ base: [UInt8], _ target: [UInt8], _ type: ElementType) {
    (self.base, self.target, self.type) = (base, target, type)
  }

  /// Weights with a standard deviation of 0.02 before and after something is added.
  static func bfloat16(
    _ count: Int, seed: UInt64 = 1, change: (Float, inout FrameNoise) -> Float
  ) -> FramePair {
    var noise = FrameNoise(seed: seed)
    let base = (0..<count).map { _ in rounded(noise.normal() * 0.02) }
    let target = base.map { rounded(change(Float(bitPattern: UInt32($0) << 16), &noise)) }
    return FramePair(bytes(base), bytes(target), .bfloat16)
  }

  /// A part of the words, chosen by chance, with the lowest bit turned.
  static func flips(_ count: Int, part: Float, seed: UInt64 = 1) -> FramePair {
    var noise = FrameNoise(seed: seed)
    let base = (0..<count).map { _ in rounded(noise.normal() * 0.02) }
    let target = base.map { noise.uniform() < part ? $0 ^ 1 : $0 }
    return FramePair(bytes(base), bytes(target), .bfloat16)
  }

  private static func rounded(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    return UInt16(truncatingIfNeeded: (bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
  }

  static func bytes<Number>(_ numbers: [Number]) -> [UInt8] { numbers.withUnsafeBytes(Array.init) }

  /// The payload.
  var payload: [UInt8] {
    base.withUnsafeBytes { base in
      target.withUnsafeBytes { DeltaFrame.encode(base: base, target: $0, type: type) }
    }
  }

  /// The other side by a payload.
  func decode(
    _ payload: [UInt8], _ direction: DeltaApplier.Direction
  ) throws(DeltaFrameFault) -> [UInt8] {
    let source = direction == .apply ? base : target
    var result = [UInt8](repeating: 0xA5, count: source.count)
    var fault: DeltaFrameFault?
    payload.withUnsafeBytes { payload in
      source.withUnsafeBytes { source in
        result.withUnsafeMutableBytes { result in
          do throws(DeltaFrameFault) {
            try DeltaFrame.decode(
              payload, source: source, type: type, direction: direction, into: result)
          } catch { fault = error }
        }
      }
    }
    if let fault { throw fault }
    return result
  }

  /// True if a payload leads from each side to the other one.
  func isMet(by payload: [UInt8]) throws -> Bool {
    try decode(payload, .apply) == target && decode(payload, .revert) == base
  }
}
