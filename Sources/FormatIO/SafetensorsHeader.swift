/// The header of a safetensors file, checked in full.
///
///     file   = u64 little endian N · header (N bytes) · data
///     header = { "__metadata__": {text: text, …},
///                NAME: {"dtype": TYPE, "shape": [d, …], "data_offsets": [begin, end]}, … } 0x20*
///
/// Offsets are counted from the start of the data. Tensors are row-major, little endian, and fill
/// the data without holes or overlap, in any order of entries. Nothing is aligned.
///
/// Where the specification and the reference implementation differ, the specification counts:
/// repeated names and metadata keys, unknown fields, `null` metadata, entries in array form and
/// white space before the header are refused. White space of any kind is accepted after it, and a
/// shape is refused if the product of its dimensions overflows on the way from left to right.
public struct SafetensorsHeader: Sendable {
  /// One tensor as the header tells it.
  public struct Entry: Sendable {
    /// The name, unique in the file.
    public var name: TensorName
    /// How an element is stored.
    public var elementType: ElementType
    /// The dimensions, slowest first.
    public var shape: [Int]
    /// The bytes in the data.
    public var range: Range<Int>
  }

  /// One key and value of `__metadata__`.
  public typealias Metadata = (key: String, value: String)

  /// The largest header the format allows, in bytes.
  public static let maximumByteCount = 100_000_000

  /// The header as it stands in the file, padding included.
  public let bytes: [UInt8]
  /// `__metadata__` in file order; nil if there is none.
  public let metadata: [Metadata]?
  /// The tensors in the order of the header.
  public let entries: [Entry]
  /// The positions in `entries`, in the order of the data.
  let dataOrder: [Int]

  /// Where the data starts in the file.
  public var dataStart: Int { 8 + bytes.count }

  /// Reads and checks the header of a file against the length of the file.
  ///
  /// - Throws: `InputError` that names the byte, the field or the tensor that breaks a rule.
  public init(_ file: MappedFile) throws {
    let byteCount = try SafetensorsHeader.byteCount(of: file)
    bytes = try file.withBytes(8..<8 + byteCount) { Array($0) }
    guard bytes.first == UInt8(ascii: "{") else {
      throw InputError(
        file: file.path, place: "byte 8", expected: "a header that starts with '{'",
        found: bytes.first.map { "byte 0x" + String($0, radix: 16) } ?? "an empty header")
    }
    var reader = SafetensorsEntryReader(JSONParser(bytes: bytes, file: file.path, origin: 8))
    try reader.read()
    metadata = reader.metadata
    entries = reader.entries
    let order = entries.indices.sorted { left, right in
      let (a, b) = (reader.entries[left].range, reader.entries[right].range)
      return (a.lowerBound, a.upperBound, left) < (b.lowerBound, b.upperBound, right)
    }
    dataOrder = order
    try checkLayout(file)
  }

  /// The length of the header, after comparing it with the length of the file.
  private static func byteCount(of file: MappedFile) throws -> Int {
    guard file.count >= 8 else {
      throw InputError(
        file: file.path, expected: "at least 8 bytes for the length of the header",
        found: "a file of \(file.count)")
    }
    let length = try file.withBytes(0..<8) {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard length <= UInt64(maximumByteCount) else {
      throw InputError(
        file: file.path, place: "byte 0",
        expected: "a header length of at most \(maximumByteCount) bytes", found: "\(length)",
        fix: "check that this is a safetensors file")
    }
    guard length <= UInt64(file.count - 8) else {
      throw InputError(
        file: file.path, place: "byte 0",
        expected: "a header length of at most \(file.count - 8), what follows in the file",
        found: "\(length)", fix: "check that the file was copied completely")
    }
    return Int(length)
  }

  /// Checks that tensors fill the data exactly, and that each has the size its shape calls for.
  private func checkLayout(_ file: MappedFile) throws {
    func failure(_ entry: Entry, _ expected: String, _ found: String) -> InputError {
      InputError(
        file: file.path, place: "tensor \(entry.name.quoted)", expected: expected, found: found)
    }
    var end = 0
    for index in dataOrder {
      let entry = entries[index]
      guard entry.range.lowerBound == end else {
        let trouble = entry.range.lowerBound < end ? "an overlap" : "a hole"
        throw failure(
          entry, "data that starts at offset \(end), where the tensor before it ends",
          "offset \(entry.range.lowerBound), \(trouble)")
      }
      end = entry.range.upperBound
      guard let count = SafetensorsHeader.elementCount(entry.shape),
        !count.multipliedReportingOverflow(by: entry.elementType.bits).overflow
      else {
        throw failure(entry, "a shape whose size fits 63 bits", SafetensorsHeader.text(entry.shape))
      }
      guard let byteCount = entry.elementType.byteCount(elements: count) else {
        throw failure(
          entry, "elements that fill whole bytes",
          "\(count) elements of \(entry.elementType.bits) bits")
      }
      guard byteCount == entry.range.count else {
        throw failure(
          entry,
          "\(byteCount) bytes for \(entry.elementType) of shape "
            + SafetensorsHeader.text(entry.shape), "\(entry.range.count) bytes in data_offsets")
      }
    }
    let available = file.count - dataStart
    guard end == available else {
      throw InputError(
        file: file.path, expected: "\(end) bytes of data after the header, the end of the file",
        found: "\(available) bytes",
        fix: available < end ? "check that the file was copied completely" : nil)
    }
  }

  /// The product of the dimensions; nil if it overflows.
  static func elementCount(_ shape: [Int]) -> Int? {
    var count = 1
    for dimension in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      count = product
    }
    return count
  }

  /// A shape for a message, cut after eight dimensions.
  private static func text(_ shape: [Int]) -> String {
    let shown = shape.prefix(8).map(String.init).joined(separator: ", ")
    return shape.count > 8 ? "[\(shown), … \(shape.count) dimensions]" : "[\(shown)]"
  }
}
