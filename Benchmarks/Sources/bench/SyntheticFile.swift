import FormatIO
import Foundation

/// Files of square matrices in BF16 with made-up numbers.
enum SyntheticFile {
  /// Bytes of the data of one file.
  static let bytes = 1 << 30
  /// Rows and columns of a matrix.
  static let width = 4096

  /// Writes a file to the disk.
  ///
  /// - Parameter words: the numbers of a matrix, as many as were asked for, by its position; little endian.
  static func write(to path: String, _ words: (_ layer: Int, _ count: Int) -> [UInt16]) throws {
    let count = width * width
    let layers = bytes / (2 * count)
    let entries = (0..<layers).map { layer in
      "\"model.layers.\(layer).mlp.down_proj.weight\":{\"dtype\":\"BF16\",\"shape\":[\(width),\(width)],"
        + "\"data_offsets\":[\(layer * 2 * count),\((layer + 1) * 2 * count)]}"
    }
    var header = Array(("{" + entries.joined(separator: ",") + "}").utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw CocoaError(.fileWriteUnknown)
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.write(contentsOf: withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) })
    try file.write(contentsOf: Data(header))
    for layer in 0..<layers {
      try file.write(contentsOf: words(layer, count).withUnsafeBytes { Data($0) })
    }
    // What is still to be written to the disk would disturb the first who is measured.
    try file.synchronize()
    try file.close()
  }
}
