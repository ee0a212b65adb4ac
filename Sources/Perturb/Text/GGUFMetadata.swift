import FormatIO

/// The metadata of a GGUF file, looked up by key; every failure names file and key.
struct GGUFMetadata {
  let header: GGUFHeader
  let file: MappedFile

  /// The file named in errors.
  var path: String { file.path }

  subscript(key: String) -> GGUFValue? { header[key] }

  /// The text of a key; nil if it is absent or no text.
  func text(_ key: String) -> String? { header[key]?.string }

  /// The texts of an array, as bytes; nil if the key is absent.
  ///
  /// - Throws: `InputError` if it is something else.
  func texts(_ key: String) throws -> [[UInt8]]? {
    guard let value = header[key] else { return nil }
    guard case .array(let array) = value, array.kind == .text else {
      throw error(key, expected: "an array of texts", found: value.json.encoded())
    }
    return try file.texts(array)
  }

  /// The numbers of an array; nil if the key is absent.
  ///
  /// - Throws: `InputError` if it is something else.
  func numbers(_ key: String) throws -> [Double]? {
    guard let value = header[key] else { return nil }
    guard case .array(let array) = value, array.kind != .text else {
      throw error(key, expected: "an array of numbers", found: value.json.encoded())
    }
    return try file.values(array).map { $0.double ?? .nan }
  }

  /// What `read` finds under a key.
  ///
  /// - Throws: `InputError` if there is nothing.
  func required<Value>(_ read: (String) throws -> Value?, _ key: String) throws -> Value {
    guard let value = try read(key) else {
      throw error(key, expected: "an array", found: "no such key")
    }
    return value
  }

  /// The identifier of a token; nil if the key is absent.
  ///
  /// - Throws: `InputError` if it is no token of the `count` ones.
  func token(_ key: String, of count: Int) throws -> Int32? {
    guard let value = header[key] else { return nil }
    guard let identifier = value.integer, (0..<count).contains(identifier) else {
      throw error(key, expected: "one of the \(count) tokens", found: value.json.encoded())
    }
    return Int32(identifier)
  }

  /// An error about a key.
  func error(_ key: String, expected: String, found: String, fix: String? = nil) -> InputError {
    InputError(file: path, place: "key \"\(key)\"", expected: expected, found: found, fix: fix)
  }
}
