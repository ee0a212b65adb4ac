/// A block type whose codes can be moved one by one while the scales stay.
protocol MovableCodes: BlockCodec {
  /// What each code stands for, in units of its scale and up to a constant.
  static var levels: [Float] { get }
  /// Codes that are read but never written.
  static var spareCodes: [UInt8] { get }
  /// Where the bits of a number's code are.
  static func bits(of element: Int) -> CodeBits
}

extension MovableCodes {
  static var spareCodes: [UInt8] { [] }
}

/// The bits of one code in its block: the low ones, then the high ones, if they stand apart.
struct CodeBits {
  let byte: Int
  let shift: UInt8
  /// How many bits are in that byte.
  let width: UInt8
  /// Where the bits above them are.
  var highByte = 0
  var highShift: UInt8 = 0
  var highWidth: UInt8 = 0

  func read(_ block: UnsafeRawPointer) -> UInt8 {
    let low = block.byte(byte) >> shift & CodeBits.mask(width)
    return highWidth == 0
      ? low : low | (block.byte(highByte) >> highShift & CodeBits.mask(highWidth)) << width
  }

  func write(_ code: UInt8, _ block: UnsafeMutableRawPointer) {
    func put(_ bits: UInt8, _ byte: Int, _ shift: UInt8, _ width: UInt8) {
      let mask = CodeBits.mask(width)
      let rest = UnsafeRawPointer(block).byte(byte) & ~(mask << shift)
      block.setByte(byte, rest | (bits & mask) << shift)
    }
    put(code, byte, shift, width)
    if highWidth > 0 { put(code >> width, highByte, highShift, highWidth) }
  }

  private static func mask(_ width: UInt8) -> UInt8 {
    UInt8(truncatingIfNeeded: 1 << UInt16(width) &- 1)
  }
}

/// The codes of some blocks, on the grids that their scales span.
///
/// A number is offset + scale · level; its rank counts the levels from the lowest one.
public struct BlockCodes: Sendable {
  /// The levels of the type, increasing.
  public let levels: [Float]
  /// The rank of each number.
  public private(set) var ranks: [UInt8]
  /// The scale of each number; negative where a greater rank means less.
  public let scales: [Float]
  private let codec: any MovableCodes.Type
  private let codes: [UInt8]
  private var bytes: [UInt8]
  private let codeBits: [CodeBits]

  /// Takes the codes out of whole blocks.
  ///
  /// - Parameters:
  ///   - blocks: the bytes of the blocks.
  ///   - type: how they are packed.
  ///   - factors: what each number is multiplied by once it is unpacked; nil for nothing.
  /// - Returns: nil if codes of this type cannot be moved one by one.
  public init?(_ blocks: UnsafeRawBufferPointer, _ type: ElementType, factors: [Float]? = nil) {
    guard let codec = type.blockCodec as? any MovableCodes.Type else { return nil }
    precondition(blocks.count % codec.bytes == 0)
    self.codec = codec
    codes = codec.levels.indices.map { UInt8($0) }.filter { !codec.spareCodes.contains($0) }
      .sorted { codec.levels[Int($0)] < codec.levels[Int($1)] }
    let levels = codes.map { codec.levels[Int($0)] }
    // A spare code has the rank of its nearest neighbour.
    let ranks = codec.levels.map { level in
      UInt8(levels.indices.min { abs(levels[$0] - level) < abs(levels[$1] - level) } ?? 0)
    }
    let codeBits = (0..<codec.elements).map(codec.bits)
    let count = blocks.count / codec.bytes
    self.ranks = [UInt8](unsafeUninitializedCapacity: count * codec.elements) { target, written in
      guard let start = blocks.baseAddress else { return }
      for block in 0..<count {
        for bits in codeBits {
          target[written] = ranks[Int(bits.read(start + block * codec.bytes))]
          written += 1
        }
      }
    }
    bytes = Array(blocks)
    (self.levels, self.codeBits) = (levels, codeBits)
    // The distance of the numbers that the outermost codes stand for.
    let width = levels[levels.count - 1] - levels[0]
    func values(_ code: UInt8) -> [Float] {
      var probe = Array(blocks)
      var values = [Float](repeating: 0, count: count * codec.elements)
      probe.withUnsafeMutableBytes { probe in
        guard let start = probe.baseAddress else { return }
        for block in 0..<count {
          for bits in codeBits { bits.write(code, start + block * codec.bytes) }
        }
      }
      var target = values.mutableSpan
      probe.withUnsafeBytes { codec.decode($0, into: &target) }
      return values
    }
    let own = zip(values(codes[levels.count - 1]), values(codes[0])).map { ($0 - $1) / width }
    scales = factors.map { zip(own, $0).map { $0 * $1 } } ?? own
  }

  /// What a number grows by from a rank to the next one up or down; 0 where there is none.
  public func step(of element: Int, from rank: UInt8, up: Bool) -> Float {
    let next = up ? Int(rank) + 1 : Int(rank) - 1
    guard levels.indices.contains(next) else { return 0 }
    return scales[element] * (levels[next] - levels[Int(rank)])
  }

  /// The rank that brings a number nearest to where it is and `change` further, and how far it brings it.
  public func nearestMove(of element: Int, by change: Float) -> (rank: UInt8, by: Float) {
    var (rank, moved): (UInt8, Float) = (ranks[element], 0)
    for up in [true, false] {
      while case let step = step(of: element, from: rank, up: up), step != 0,
        abs(moved + step - change) < abs(moved - change)
      {
        rank = up ? rank + 1 : rank - 1
        moved += step
      }
    }
    return (rank, moved)
  }

  /// Gives a number another rank.
  public mutating func move(_ element: Int, to rank: UInt8) {
    guard ranks[element] != rank else { return }
    ranks[element] = rank
    let (block, place) = (element / codec.elements, element % codec.elements)
    bytes.withUnsafeMutableBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      codeBits[place].write(codes[Int(rank)], start + block * codec.bytes)
    }
  }

  /// The blocks with the codes as they are now. Where no code moved, they are as before.
  public var blocks: [UInt8] { bytes }
}

extension ElementType {
  /// True if codes of this type can be moved one by one.
  public var hasMovableCodes: Bool { blockCodec is any MovableCodes.Type }
  /// True if numbers can be packed into this type.
  public var isWritable: Bool { isPatchable || blockCodec is any BlockEncoder.Type }
}

// MARK: - The types

/// Nibbles of two halves of a group in the same bytes.
private func nibble(_ element: Int, of count: Int, from byte: Int) -> CodeBits {
  CodeBits(byte: byte + element % (count / 2), shift: element < count / 2 ? 0 : 4, width: 4)
}

private func uniform(_ count: Int) -> [Float] { (0..<count).map(Float.init) }

extension Q4_0: MovableCodes {
  static let levels = uniform(16)
  static func bits(of element: Int) -> CodeBits { nibble(element, of: 32, from: 2) }
}

extension Q4_1: MovableCodes {
  static let levels = uniform(16)
  static func bits(of element: Int) -> CodeBits { nibble(element, of: 32, from: 4) }
}

extension Q5_0: MovableCodes {
  static let levels = uniform(32)
  static func bits(of element: Int) -> CodeBits { fifthBit(element, from: 2) }
}

extension Q5_1: MovableCodes {
  static let levels = uniform(32)
  static func bits(of element: Int) -> CodeBits { fifthBit(element, from: 4) }
}

/// A nibble, and a bit of the four bytes before the nibbles.
private func fifthBit(_ element: Int, from byte: Int) -> CodeBits {
  var bits = nibble(element, of: 32, from: byte + 4)
  (bits.highByte, bits.highShift, bits.highWidth) = (byte + element / 8, UInt8(element % 8), 1)
  return bits
}

extension Q8_0: MovableCodes {
  static let levels = (0...255).map { Float(Int8(truncatingIfNeeded: $0)) }
  /// ggml never writes −128, and some of its kernels cannot negate it.
  static let spareCodes: [UInt8] = [0x80]
  static func bits(of element: Int) -> CodeBits { CodeBits(byte: 2 + element, shift: 0, width: 8) }
}

extension Q2_K: MovableCodes {
  static let levels = uniform(4)
  static func bits(of element: Int) -> CodeBits {
    let (byte, shift) = place(element / 16)
    return CodeBits(byte: byte + element % 16, shift: shift, width: 2)
  }
}

extension Q3_K: MovableCodes {
  static let levels = uniform(8)
  static func bits(of element: Int) -> CodeBits {
    let (byte, shift, high) = place(element / 16)
    return CodeBits(
      byte: 32 + byte + element % 16, shift: shift, width: 2,
      highByte: byte % 32 + element % 16, highShift: high, highWidth: 1)
  }
}

extension Q4_K: MovableCodes {
  static let levels = uniform(16)
  static func bits(of element: Int) -> CodeBits {
    nibble(element % 64, of: 64, from: 16 + element / 64 * 32)
  }
}

extension Q5_K: MovableCodes {
  static let levels = uniform(32)
  static func bits(of element: Int) -> CodeBits {
    var bits = nibble(element % 64, of: 64, from: 48 + element / 64 * 32)
    (bits.highByte, bits.highShift, bits.highWidth) = (16 + element % 32, UInt8(element / 32), 1)
    return bits
  }
}

extension Q6_K: MovableCodes {
  static let levels = uniform(64)
  static func bits(of element: Int) -> CodeBits {
    let (nibbles, low, bits, high) = place(element / 16)
    return CodeBits(
      byte: nibbles + element % 16, shift: low, width: 4,
      highByte: bits + element % 16, highShift: high, highWidth: 2)
  }
}

extension IQ4_NL: MovableCodes {
  static var levels: [Float] { CodeTable.nonlinear }
  static func bits(of element: Int) -> CodeBits { nibble(element, of: 32, from: 2) }
}

extension IQ4_XS: MovableCodes {
  static var levels: [Float] { CodeTable.nonlinear }
  static func bits(of element: Int) -> CodeBits {
    nibble(element % 32, of: 32, from: 8 + element / 32 * 16)
  }
}

extension MXFP4: MovableCodes {
  static var levels: [Float] { CodeTable.e2m1 }
  static var spareCodes: [UInt8] { [CodeTable.minusZero] }
  static func bits(of element: Int) -> CodeBits { nibble(element, of: 32, from: 1) }
}

extension NVFP4: MovableCodes {
  static var levels: [Float] { CodeTable.e2m1 }
  static var spareCodes: [UInt8] { [CodeTable.minusZero] }
  static func bits(of element: Int) -> CodeBits {
    nibble(element % 16, of: 16, from: 4 + element / 16 * 8)
  }
}

extension TQ2_0: MovableCodes {
  static let levels = uniform(4)
  static let spareCodes: [UInt8] = [3]
  static func bits(of element: Int) -> CodeBits {
    CodeBits(
      byte: element / 128 * 32 + element % 32, shift: UInt8(element % 128 / 32 * 2), width: 2)
  }
}

extension Q1_0: MovableCodes {
  static let levels: [Float] = [-1, 1]
  static func bits(of element: Int) -> CodeBits {
    CodeBits(byte: 2 + element / 8, shift: UInt8(element % 8), width: 1)
  }
}

extension Q2_0: MovableCodes {
  static let levels = uniform(4)
  /// ggml never writes it.
  static let spareCodes: [UInt8] = [3]
  static func bits(of element: Int) -> CodeBits {
    CodeBits(byte: 2 + element / 4, shift: UInt8(element % 4 * 2), width: 2)
  }
}
