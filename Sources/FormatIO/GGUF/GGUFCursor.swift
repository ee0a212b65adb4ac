/// Reads the fields of a GGUF header one after the other. No number is used before it was compared
/// with the bytes that are left.
struct GGUFCursor {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private(set) var position: Int

  init(_ bytes: UnsafeRawBufferPointer, from position: Int = 0, file: String) {
    self.bytes = bytes
    self.position = position
    self.file = file
  }

  /// Bytes from here to the end of the file.
  var remaining: Int { bytes.count - position }

  /// An error at a place in the file.
  func failure(
    _ field: String, at place: Int, expected: String, found: String, fix: String? = nil
  ) -> InputError {
    InputError(
      file: file, place: "byte \(place), \(field)", expected: expected, found: found, fix: fix)
  }

  /// A whole number, little endian.
  mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(
    _ type: Number.Type = Number.self, _ field: @autoclosure () -> String
  ) throws -> Number {
    let size = MemoryLayout<Number>.size
    try require(size, field())
    defer { position += size }
    return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Number.self))
  }

  /// The place of a text: a length and so many bytes.
  mutating func text(_ field: @autoclosure () -> String) throws -> Range<Int> {
    let start = position
    let length = try integer(UInt64.self, field())
    guard length <= UInt64(remaining) else {
      throw failure(
        field(), at: start,
        expected: "a length of at most \(remaining) bytes, what is left of the file",
        found: "\(length)")
    }
    defer { position += Int(length) }
    return position..<position + Int(length)
  }

  /// Copies some bytes.
  func copy(_ range: Range<Int>) -> [UInt8] { Array(bytes[range]) }

  /// Steps over so many bytes.
  mutating func skip(_ count: Int, _ field: @autoclosure () -> String) throws {
    try require(count, field())
    position += count
  }

  /// Steps over values of one kind.
  mutating func skip(
    _ count: UInt64, of kind: GGUFValue.Kind, _ field: @autoclosure () -> String
  ) throws {
    let start = position
    // A text has at least its length.
    let least = kind.byteCount ?? 8
    guard count <= UInt64(remaining / least) else {
      throw failure(
        field(), at: start,
        expected: "at most \(remaining / least) elements, as many as the rest of the file can hold",
        found: "\(count)")
    }
    guard kind == .text else { return try skip(Int(count) * least, field()) }
    for _ in 0..<count { _ = try text(field()) }
  }

  private func require(_ count: Int, _ field: @autoclosure () -> String) throws {
    guard remaining >= count else {
      throw failure(
        field(), at: position, expected: "\(count) bytes",
        found: "the end of the file after \(remaining)",
        fix: "check that the file was copied completely")
    }
  }
}

// MARK: - Values

extension GGUFCursor {
  /// The kind of a value.
  mutating func kind(_ field: @autoclosure () -> String) throws -> GGUFValue.Kind {
    let start = position
    let number = try integer(Int32.self, field())
    guard let kind = GGUFValue.Kind(rawValue: number) else {
      throw failure(
        field(), at: start, expected: "a value type from 0 to 12", found: "\(number)")
    }
    return kind
  }

  /// A value of some kind.
  mutating func value(_ kind: GGUFValue.Kind, _ field: @autoclosure () -> String) throws
    -> GGUFValue
  {
    switch kind {
    case .uint8: return .unsigned(UInt64(try integer(UInt8.self, field())))
    case .uint16: return .unsigned(UInt64(try integer(UInt16.self, field())))
    case .uint32: return .unsigned(UInt64(try integer(UInt32.self, field())))
    case .uint64: return .unsigned(try integer(UInt64.self, field()))
    case .int8: return .signed(Int64(try integer(Int8.self, field())))
    case .int16: return .signed(Int64(try integer(Int16.self, field())))
    case .int32: return .signed(Int64(try integer(Int32.self, field())))
    case .int64: return .signed(try integer(Int64.self, field()))
    case .float32:
      return .float(Double(Float(bitPattern: try integer(UInt32.self, field()))))
    case .float64: return .float(Double(bitPattern: try integer(UInt64.self, field())))
    case .bool: return .bool(try integer(UInt8.self, field()) != 0)
    case .text: return .text(copy(try text(field())))
    case .array: return .array(try array(field()))
    }
  }

  private mutating func array(_ field: @autoclosure () -> String) throws -> GGUFArray {
    let start = position
    let kind = try kind("element type of \(field())")
    guard kind != .array else {
      throw failure(
        field(), at: start, expected: "an array of plain values", found: "an array of arrays")
    }
    let count = try integer(UInt64.self, "length of \(field())")
    let first = position
    try skip(count, of: kind, field())
    return GGUFArray(kind: kind, count: Int(count), range: first..<position)
  }
}
