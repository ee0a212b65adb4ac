import Crypto

/// A SHA-256 digest of a file, of a tensor, or of everything a checkpoint says.
public struct ContentDigest: Hashable, Sendable {
  /// The 32 bytes.
  public let bytes: [UInt8]

  private init(_ hash: SHA256) {
    bytes = Array(hash.finalize())
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

  /// The digest of a checkpoint from those of its tensors, which may be computed in parallel.
  ///
  /// Tensors sorted by the bytes of their names; for each: length and bytes of the name, length and
  /// bytes of the element type, rank, dimensions, digest of the data. Numbers are 64 bits, little
  /// endian. Sharding, order, padding and metadata do not count.
  ///
  /// - Parameters:
  ///   - tensors: all tensors of a checkpoint.
  ///   - digests: the digest of each, in the same order.
  public init(tensors: [TensorInfo], digests: [ContentDigest]) {
    precondition(tensors.count == digests.count)
    var hash = SHA256()
    func add(_ number: Int, to hash: inout SHA256) {
      withUnsafeBytes(of: UInt64(number).littleEndian) { hash.update(bufferPointer: $0) }
    }
    for (tensor, digest) in zip(tensors, digests).sorted(by: { $0.0.name < $1.0.name }) {
      for text in [tensor.name.text, tensor.elementType.name] {
        add(text.utf8.count, to: &hash)
        hash.update(data: Array(text.utf8))
      }
      add(tensor.shape.count, to: &hash)
      for dimension in tensor.shape { add(dimension, to: &hash) }
      hash.update(data: digest.bytes)
    }
    self.init(hash)
  }
}

extension ContentDigest: CustomStringConvertible {
  /// 64 hexadecimal digits.
  public var description: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
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
    ContentDigest(tensors: tensors, digests: try tensors.map { try digest(of: $0) })
  }
}
