import Crypto

/// A SHA-256 digest of a file, of a tensor, or of everything a checkpoint says.
public struct ContentDigest: Hashable, Sendable {
  /// The 32 bytes, eight in each number: a list of hundreds of thousands of digests must not take an array each.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// The 32 bytes.
  public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

  /// The digest of these 32 bytes.
  init(bytes: [UInt8]) {
    words = bytes.withUnsafeBytes { bytes in
      func word(_ number: Int) -> UInt64 {
        bytes.loadUnaligned(fromByteOffset: 8 * number, as: UInt64.self)
      }
      return (word(0), word(1), word(2), word(3))
    }
  }

  /// The digest of what was hashed so far.
  init(_ hash: SHA256) {
    self.init(bytes: Array(hash.finalize()))
  }

  /// The digest of a file as a whole, as `sha256sum` prints it.
  ///
  /// - Throws: `InputError` if the file cannot be read or changes meanwhile.
  public init(file path: String) throws {
    let file = try MappedFile(path)
    self = try file.withBytes(0..<file.count) { ContentDigest($0) }
  }

  /// The digest of bytes in memory.
  public init(_ bytes: UnsafeRawBufferPointer) {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    self.init(hash)
  }

  /// What counts of one tensor.
  struct Part {
    var name: TensorName
    var elementType: ElementType
    var shape: [Int]
    var data: ContentDigest
  }

  /// The digest of a checkpoint from those of all of its tensors, in any order.
  ///
  /// Tensors sorted by the bytes of their names; for each: length and bytes of the name, length and
  /// bytes of the element type, rank, dimensions, digest of the data. Numbers are 64 bits, little
  /// endian. Sharding, order, padding and metadata do not count.
  init(_ parts: [Part]) {
    self.init(sorted: parts.sorted { $0.name < $1.name })
  }

  /// The same of tensors that are sorted.
  init(sorted parts: some Sequence<Part>) {
    var hash = SHA256()
    func add(_ number: Int, to hash: inout SHA256) {
      withUnsafeBytes(of: UInt64(number).littleEndian) { hash.update(bufferPointer: $0) }
    }
    for part in parts {
      for text in [part.name.text, part.elementType.name] {
        add(text.utf8.count, to: &hash)
        hash.update(data: Array(text.utf8))
      }
      add(part.shape.count, to: &hash)
      for dimension in part.shape { add(dimension, to: &hash) }
      hash.update(data: part.data.bytes)
    }
    self.init(hash)
  }
}

extension ContentDigest {
  /// True if the bytes are the same.
  public static func == (left: ContentDigest, right: ContentDigest) -> Bool {
    left.words == right.words
  }

  /// Feeds the bytes to the hasher.
  public func hash(into hasher: inout Hasher) {
    withUnsafeBytes(of: words) { hasher.combine(bytes: $0) }
  }
}

extension ContentDigest: CustomStringConvertible {
  /// 64 hexadecimal digits.
  public var description: String { bytes.hexadecimal }

  /// Reads what `description` writes; nil for anything else.
  init?(hexadecimal text: String) {
    guard let bytes = [UInt8](hexadecimal: text), bytes.count == SHA256.byteCount else {
      return nil
    }
    self.init(bytes: bytes)
  }
}

extension [UInt8] {
  /// Two digits for each byte, in lower case.
  var hexadecimal: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Reads pairs of digits in lower case; nil for anything else.
  init?(hexadecimal text: String) {
    func value(_ digit: UInt8) -> UInt8? {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
      default: nil
      }
    }
    let digits = text.utf8.compactMap(value)
    guard digits.count == text.utf8.count, digits.count % 2 == 0 else { return nil }
    self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}

extension Checkpoint {
  /// The digest of the bytes of a tensor.
  ///
  /// - Throws: `InputError` if the file changes meanwhile.
  public func digest(of tensor: TensorInfo) throws -> ContentDigest {
    try withBytes(of: tensor) { ContentDigest($0) }
  }

  /// The digest of names, types, shapes and data; the same for every sharding of the same tensors.
  ///
  /// - Throws: `InputError` if a file changes meanwhile.
  public func contentDigest() throws -> ContentDigest {
    ContentDigest(
      try tensors.map {
        .init(
          name: $0.name, elementType: $0.elementType, shape: $0.shape, data: try digest(of: $0))
      })
  }
}
