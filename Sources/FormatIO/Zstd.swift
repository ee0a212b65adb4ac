import CZstd

/// Compression and decompression with Zstandard.
public enum Zstd {
  /// Decompresses all frames in `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: the compressed data.
  ///   - file: named in errors.
  ///   - limit: the largest result in bytes; small inputs can expand to any size.
  /// - Throws: `InputError` if the data is damaged, ends early or exceeds the limit.
  public static func decompress(_ bytes: [UInt8], file: String, limit: Int) throws -> [UInt8] {
    guard let context = ZSTD_createDStream() else { throw noMemory("decompress", file) }
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

  /// Compresses bytes into one frame, with what `prefix` holds known on both sides.
  ///
  /// - Parameters:
  ///   - bytes: what to compress.
  ///   - prefix: bytes that the reader has, too; they need not be similar.
  ///   - level: from 1, fast, to 19, small.
  static func compress(
    _ bytes: [UInt8], prefix: [UInt8] = [], level: Int32 = 9
  ) throws -> [UInt8] {
    guard let context = ZSTD_createCCtx() else { throw noMemory("compress") }
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    // The window has to reach back over the prefix.
    let reach = Int.bitWidth - (prefix.count + bytes.count).leadingZeroBitCount
    if !prefix.isEmpty {
      ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, Int32(min(max(reach, 20), 27)))
    }
    let room = ZSTD_compressBound(bytes.count)
    var code = 0
    let result = prefix.withUnsafeBytes { prefix in
      ZSTD_CCtx_refPrefix(context, prefix.baseAddress, prefix.count)
      return bytes.withUnsafeBytes { bytes in
        [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
          code = ZSTD_compress2(context, buffer.baseAddress, room, bytes.baseAddress, bytes.count)
          count = ZSTD_isError(code) == 0 ? code : 0
        }
      }
    }
    guard ZSTD_isError(code) == 0 else { throw noMemory("compress") }
    return result
  }

  /// Whether bytes are one frame and nothing else. Those of the first versions and those to be skipped are none.
  static func isOneFrame(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
      && ZSTD_findFrameCompressedSize(bytes.baseAddress, bytes.count) == bytes.count
  }

  /// Decompresses one frame whose length is known.
  ///
  /// - Parameters:
  ///   - bytes: the frame and nothing else.
  ///   - count: how many bytes must come out; no more than that is ever allocated.
  ///   - prefix: what was in front when it was compressed.
  ///   - file: named in errors.
  ///   - place: named in errors.
  /// - Throws: `InputError` if the frame is damaged or another number of bytes comes out.
  static func decompress(
    _ bytes: UnsafeRawBufferPointer, count: Int, prefix: [UInt8] = [],
    file: String, place: String
  ) throws -> [UInt8] {
    guard isOneFrame(bytes) else {
      throw InputError(
        file: file, place: place, expected: "one Zstandard frame", found: "another thing")
    }
    guard let context = ZSTD_createDCtx() else { throw noMemory("decompress", file) }
    defer { ZSTD_freeDCtx(context) }
    var code = 0
    let result = prefix.withUnsafeBytes { prefix in
      ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count)
      return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        code = ZSTD_decompressDCtx(
          context, buffer.baseAddress, count, bytes.baseAddress, bytes.count)
        filled = ZSTD_isError(code) == 0 ? code : 0
      }
    }
    guard ZSTD_isError(code) == 0 else {
      throw InputError(
        file: file, place: place, expected: "intact Zstandard data of \(count) bytes",
        found: String(cString: ZSTD_getErrorName(code)))
    }
    guard result.count == count else {
      throw InputError(
        file: file, place: place, expected: "\(count) bytes after decompression",
        found: "\(result.count)")
    }
    return result
  }

  private static func noMemory(_ goal: String, _ file: String = "zstd") -> InputError {
    InputError(.inputOutput, file: file, expected: "memory to \(goal)", found: "none")
  }
}
