import CZstd

/// Decompression of Zstandard data.
public enum Zstd {
  /// Decompresses all frames in `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: the compressed data.
  ///   - file: named in errors.
  ///   - limit: the largest result in bytes; small inputs can expand to any size.
  /// - Throws: `InputError` if the data is damaged, ends early or exceeds the limit.
  public static func decompress(_ bytes: [UInt8], file: String, limit: Int) throws -> [UInt8] {
    guard let context = ZSTD_createDStream() else {
      throw InputError(.inputOutput, file: file, expected: "memory to decompress", found: "none")
    }
    defer { ZSTD_freeDStream(context) }
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
    var position = 0
    // What the decoder still expects; 0 at the end of a frame.
    var pending = 1
    while true {
      var produced = 0
      let before = position
      let hint = bytes.withUnsafeBytes { source in
        piece.withUnsafeMutableBytes { target in
          var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: position)
          var result = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
          let hint = ZSTD_decompressStream(context, &result, &input)
          position = input.pos
          produced = result.pos
          return hint
        }
      }
      guard ZSTD_isError(hint) == 0 else {
        throw InputError(
          file: file, place: "byte \(before)", expected: "intact Zstandard data",
          found: String(cString: ZSTD_getErrorName(hint)))
      }
      guard output.count + produced <= limit else {
        throw InputError(
          file: file, expected: "at most \(limit) bytes after decompression", found: "more")
      }
      output += piece[..<produced]
      if position > before || produced > 0 { pending = hint }
      // A full piece may have left more inside the decoder.
      if position == bytes.count, produced < piece.count { break }
    }
    guard pending == 0 else {
      throw InputError(
        file: file, expected: "complete Zstandard data", found: "an end in the middle",
        fix: "check that the file was copied completely")
    }
    return output
  }
}
