@testable import FormatIO

/// The bytes of a GGUF file, each field open to be broken.
struct GGUFBytes {
  var magic = Array("GGUF".utf8)
  var version: UInt32 = 3
  var tensorCount: Int64?
  var pairCount: Int64?
  var pairs: [[UInt8]] = []
  var tensors: [[UInt8]] = []
  var alignment = 32
  var data: [UInt8] = []

  var bytes: [UInt8] {
    var bytes = magic + littleEndian(version)
    bytes += littleEndian(tensorCount ?? Int64(tensors.count))
    bytes += littleEndian(pairCount ?? Int64(pairs.count))
    bytes += pairs.flatMap { $0 } + tensors.flatMap { $0 }
    if alignment > 0, !data.isEmpty {
      bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
    }
    return bytes + data
  }

  static func text(_ text: String) -> [UInt8] { littleEndian(UInt64(text.utf8.count)) + text.utf8 }

  static func pair(_ key: String, _ kind: Int32, _ value: [UInt8]) -> [UInt8] {
    text(key) + littleEndian(kind) + value
  }

  static func array(_ kind: Int32, _ count: UInt64, _ values: [UInt8]) -> [UInt8] {
    littleEndian(kind) + littleEndian(count) + values
  }

  /// `sizes` are in the order of the file, fastest first.
  static func tensor(_ name: String, _ sizes: [Int64], _ type: UInt32 = 0, at offset: UInt64 = 0)
    -> [UInt8]
  {
    text(name) + littleEndian(UInt32(sizes.count)) + sizes.flatMap { littleEndian($0) }
      + littleEndian(type) + littleEndian(offset)
  }
}

extension SyntheticCheckpoint {
  /// The bytes of a GGUF file with all tensors.
  func gguf() -> [UInt8] {
    var file = GGUFBytes()
    file.pairs = [GGUFBytes.pair("general.name", 8, GGUFBytes.text(metadata))]
    for tensor in tensors {
      file.tensors.append(
        GGUFBytes.tensor(
          tensor.name, tensor.shape.reversed().map(Int64.init), tensor.type.ggufNumber ?? 0,
          at: UInt64(file.data.count)))
      file.data += tensor.bytes
      file.data += [UInt8](repeating: 0, count: (32 - file.data.count % 32) % 32)
    }
    return file.bytes
  }
}
