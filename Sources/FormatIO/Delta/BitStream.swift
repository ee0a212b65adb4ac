/// Bits one after the other; the first one is the lowest bit of the first byte.
struct BitWriter {
  private var words: [UInt64] = []
  private var pending: UInt64 = 0
  private var filled: UInt64 = 0

  /// Appends the lowest `count` bits of a value, whose other bits must be 0.
  @inline(__always)
  mutating func write(_ value: UInt64, bits count: UInt64) {
    pending |= value << filled
    filled &+= count
    if filled >= 64 {
      words.append(pending)
      filled &-= 64
      pending = value >> (count &- filled)
    }
  }

  /// Appends a number by Elias's gamma code: as many zeros as bits follow its highest bit, a one, those bits.
  mutating func writeGamma(_ value: UInt64) {
    let low = UInt64(63 - value.leadingZeroBitCount)
    write(1 << low, bits: low + 1)
    write(value & ((1 << low) - 1), bits: low)
  }

  /// Appends all bits of another writer.
  mutating func append(_ other: BitWriter) {
    for word in other.words { write(word, bits: 64) }
    write(other.pending, bits: other.filled)
  }

  /// What was written, filled up to whole bytes with zeros.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(words.count * 8 + 8)
    for word in words { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    withUnsafeBytes(of: pending.littleEndian) { bytes += $0.prefix(Int(filled + 7) / 8) }
    return bytes
  }

  /// How many bits were written.
  var bitCount: Int { words.count * 64 + Int(filled) }
}

/// Reads what `BitWriter` wrote. Behind the end stand zeros, and `isOverrun` tells.
struct BitReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// True if more was read than there is.
  var isOverrun: Bool { position > bytes.count * 8 }

  /// True if only the bits are left that fill the last byte, and they are zeros.
  var isAtEnd: Bool {
    var rest = self
    let left = bytes.count * 8 - position
    return left >= 0 && left < 8 && rest.read(left) == 0
  }

  /// The next `count` bits, at most 64.
  @inline(__always)
  mutating func read(_ count: Int) -> UInt64 {
    if count > 56 {
      let low = read(32)
      return low | read(count &- 32) << 32
    }
    let value = window() >> UInt64(position & 7) & ((1 &<< UInt64(count)) &- 1)
    position &+= count
    return value
  }

  /// The next number in Elias's gamma code; nil if it is above `limit`, at most 2³².
  mutating func readGamma(limit: UInt64) -> UInt64? {
    var low = 0
    while read(1) == 0 {
      low += 1
      if low > 32 { return nil }
    }
    let value = 1 << UInt64(low) | read(low)
    return value <= limit ? value : nil
  }

  /// Eight bytes from the one at the position on.
  @inline(__always)
  private func window() -> UInt64 {
    let first = position >> 3
    if first &+ 8 <= bytes.count, let start = bytes.baseAddress {
      return UInt64(littleEndian: start.loadUnaligned(fromByteOffset: first, as: UInt64.self))
    }
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var index = first
    while index < bytes.count, shift < 64 {
      value |= UInt64(bytes[index]) << shift
      index += 1
      shift += 8
    }
    return value
  }
}

/// Reads the fixed fields of a payload.
struct FieldReader {
  private(set) var rest: UnsafeRawBufferPointer

  init(_ bytes: UnsafeRawBufferPointer) { rest = bytes }

  /// The next byte.
  mutating func byte(_ what: String) throws(DeltaFrameFault) -> UInt8 {
    guard let first = rest.first else { throw .init(expected: what, found: "the end") }
    rest = .init(rebasing: rest.dropFirst())
    return first
  }

  /// The next number of seven bits a byte, the lowest first; the highest bit says that more follow.
  mutating func number(_ what: String, limit: Int) throws(DeltaFrameFault) -> Int {
    var value = 0
    for shift in stride(from: 0, to: 56, by: 7) {
      let next = try byte(what)
      value |= Int(next & 127) << shift
      if next < 128 {
        guard value <= limit else {
          throw .init(expected: "\(what) up to \(limit)", found: "\(value)")
        }
        return value
      }
    }
    throw .init(expected: "\(what) up to \(limit)", found: "a longer number")
  }

  /// All that is left, which must be so many bytes.
  func rest(exactly count: Int) throws(DeltaFrameFault) -> UnsafeRawBufferPointer {
    guard rest.count == count else {
      throw .init(expected: "\(count) bytes", found: "\(rest.count)")
    }
    return rest
  }

  /// The next `count` bytes.
  mutating func bytes(
    _ count: Int, _ what: String
  ) throws(DeltaFrameFault) -> UnsafeRawBufferPointer {
    guard count <= rest.count else {
      throw .init(expected: "\(count) bytes of \(what)", found: "\(rest.count)")
    }
    let head = UnsafeRawBufferPointer(rebasing: rest[..<(rest.startIndex + count)])
    rest = .init(rebasing: rest[(rest.startIndex + count)...])
    return head
  }
}

extension [UInt8] {
  /// Appends a number as `FieldReader.number` reads it.
  mutating func appendNumber(_ value: Int) {
    var value = value
    while value >= 128 {
      append(UInt8(value & 127) | 128)
      value >>= 7
    }
    append(UInt8(value))
  }
}
