import FormatIO
import Foundation
import Testing

/// Bytes of a safetensors file with this header and data, exactly as given.
func safetensors(_ header: String, data: [UInt8] = []) -> [UInt8] {
  safetensors(Array(header.utf8), data: data)
}

/// Bytes of a safetensors file whose header need not be text.
func safetensors(_ header: [UInt8], data: [UInt8] = []) -> [UInt8] {
  littleEndian(UInt64(header.count)) + header + data
}

/// The bytes of an integer, lowest first.
func littleEndian<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// A header entry.
func entry(_ name: String, _ type: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
  "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
}

/// A folder for one test, removed with everything in it when the value goes away.
final class ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "formatio-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of a file in the folder.
  func path(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ bytes: [UInt8], _ name: String = "model.safetensors") throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  /// Makes a folder in it.
  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: path(name), withIntermediateDirectories: true)
  }

  /// The bytes of a file in the folder.
  func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  /// The names in the folder, sorted.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}

/// The input error `body` throws, or nil.
func inputError(_ body: () throws -> Void) -> InputError? {
  do {
    try body()
  } catch let error as InputError {
    return error
  } catch {
    Issue.record("an error of another type: \(error)")
  }
  return nil
}

extension Checkpoint.Shard {
  /// The header of a safetensors file.
  var safetensors: SafetensorsHeader {
    get throws {
      guard case .safetensors(let header) = header else {
        throw InputError(file: path, expected: "a safetensors header", found: "another")
      }
      return header
    }
  }
}
