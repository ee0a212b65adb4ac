import FormatIO
import Foundation

@testable import Perturb

/// A GGUF file with metadata of the test's making and one small tensor.
struct ScratchGGUF {
  /// A value of metadata; texts as bytes, since they need not be UTF-8.
  enum Value {
    case text(String)
    case number(UInt32)
    case real(Float)
    case flag(Bool)
    case texts([String])
    case numbers([Int32])
    case reals([Float])
  }

  var pairs: [(String, Value)]
  /// Name, dimensions fastest first, number of the type; each number takes four bytes, those of 1 in F32.
  var tensors: [(String, [Int], UInt32)] = [("token_embd.weight", [4, 3], 0)]

  init(_ pairs: [(String, Value)]) {
    self.pairs = pairs
  }

  /// Replaces a value, or takes it away.
  func changing(_ key: String, _ value: Value?) -> ScratchGGUF {
    var copy = self
    copy.pairs.removeAll { $0.0 == key }
    if let value { copy.pairs.append((key, value)) }
    return copy
  }

  /// Writes the file and opens its metadata.
  func metadata<Result>(_ body: (GGUFMetadata, Checkpoint) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).gguf"
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let checkpoint = try Checkpoint.open(path)
    guard case .gguf(let header) = checkpoint.shards[0].header else { preconditionFailure() }
    return try body(GGUFMetadata(header: header, file: checkpoint.shards[0].file), checkpoint)
  }

  private var bytes: [UInt8] {
    var bytes = Array("GGUF".utf8) + little(UInt32(3))
    bytes += little(Int64(tensors.count)) + little(Int64(pairs.count))
    for (key, value) in pairs { bytes += text(key) + encoded(value) }
    var offset = 0
    for (name, sizes, type) in tensors {
      bytes += text(name) + little(UInt32(sizes.count)) + sizes.flatMap { little(Int64($0)) }
      bytes += little(type) + little(UInt64(offset))
      offset += (4 * sizes.reduce(1, *) + 31) / 32 * 32
    }
    bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
    return bytes + (0..<offset / 4).flatMap { _ in little(Float(1).bitPattern) }
  }

  private func encoded(_ value: Value) -> [UInt8] {
    func array(_ kind: Int32, _ count: Int) -> [UInt8] {
      little(Int32(9)) + little(kind) + little(UInt64(count))
    }
    switch value {
    case .text(let value): return little(Int32(8)) + text(value)
    case .number(let value): return little(Int32(4)) + little(value)
    case .real(let value): return little(Int32(6)) + little(value.bitPattern)
    case .flag(let value): return little(Int32(7)) + [value ? 1 : 0]
    case .texts(let values): return array(8, values.count) + values.flatMap(text)
    case .numbers(let values): return array(5, values.count) + values.flatMap { little($0) }
    case .reals(let values):
      return array(6, values.count) + values.flatMap { little($0.bitPattern) }
    }
  }

  private func text(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + text.utf8 }

  private func little(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
