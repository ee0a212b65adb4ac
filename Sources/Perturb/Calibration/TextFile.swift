import FormatIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads text files whole: calibration files are small.
enum TextFile {
  /// The bytes of a file.
  ///
  /// - Throws: `InputError` if the file is missing, is a folder, cannot be read, or is badly compressed.
  static func read(_ path: String) throws -> [UInt8] {
    guard !path.utf8.contains(0), let file = fopen(path, "rb") else {
      let reason = path.utf8.contains(0) ? "a NUL character in the name" : lastError()
      throw InputError(.missing, file: path, expected: "a readable file", found: reason)
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    guard ferror(file) == 0 else {
      let kind: InputError.Kind = errno == EISDIR ? .missing : .inputOutput
      throw InputError(kind, file: path, expected: "a readable file", found: lastError())
    }
    return try decompressed(bytes, file: path)
  }

  /// How large a compressed file may become; calibration sets are far smaller.
  private static let decompressedLimit = 256 << 20

  private static func decompressed(_ bytes: [UInt8], file: String) throws -> [UInt8] {
    guard hasSuffix(".zst", file) || bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else {
      return bytes
    }
    return try Zstd.decompress(bytes, file: file, limit: decompressedLimit)
  }

  /// The text without its byte order mark, once it is known to be UTF-8 without NUL characters.
  static func checked(_ bytes: [UInt8], file: String) throws -> [UInt8] {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw InputError(
        file: file, expected: "UTF-8", found: "a UTF-16 byte order mark",
        fix: "save the file as UTF-8")
    }
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    let newLine = UInt8(ascii: "\n")
    if let position = text.firstIndex(of: 0) {
      let line = text[..<position].count { $0 == newLine } + 1
      throw InputError(
        file: file, place: "line \(line)", expected: "UTF-8 text", found: "a NUL byte")
    }
    if String(validating: text, as: UTF8.self) != nil { return text }
    // UTF-8 never spreads a character over a line feed, so the broken line can be found alone.
    let lines = text.split(separator: newLine, omittingEmptySubsequences: false)
    let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
    throw InputError(
      file: file, place: "line \(index + 1)", expected: "UTF-8 text",
      found: "a byte sequence that is not UTF-8")
  }

  /// True if the name ends so, in upper or lower case.
  static func hasSuffix(_ suffix: String, _ path: String) -> Bool {
    path.lowercased().utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  }

  private static func lastError() -> String { String(cString: strerror(errno)) }
}
