/// The header of a GGUF file, checked in full (ggml, docs/gguf.md and gguf.cpp).
///
///     file  = "GGUF" · version u32 · tensors i64 · pairs i64 · pair… · info… · pad · data
///     pair  = key text · kind i32 · value
///     text  = length u64 · bytes
///     array = kind i32 · length u64 · values
///     info  = name text · dimensions u32 · sizes u64…, fastest first · type u32 · offset u64
///     data  = tensors, each at a multiple of the alignment (`general.alignment`, else 32)
///
/// All numbers are little endian. Offsets are counted from the start of the data. Where the
/// specification and ggml differ this reader takes what either does, as long as no two tensors overlap and all
/// lie in the file; it refuses arrays of arrays, which ggml does, and names that are no UTF-8.
public struct GGUFHeader: Sendable {
  /// A key and its value.
  public struct Pair: Sendable {
    /// The key, unique in the file.
    public let key: String
    /// How the value is stored.
    public let kind: GGUFValue.Kind
    /// The value.
    public let value: GGUFValue
    /// Its bytes in the file, key included.
    let range: Range<Int>
  }

  /// One tensor as the header tells it.
  public struct Entry: Sendable {
    /// The name, unique in the file.
    public let name: TensorName
    /// How its elements are stored.
    public let elementType: ElementType
    /// The dimensions, slowest first: the file has them the other way round.
    public let shape: [Int]
    /// The product of the dimensions.
    public let elementCount: Int
    /// The bytes in the data.
    public let range: Range<Int>
    /// Where the number of the type stands in the file; the offset follows it.
    let typePlace: Int
  }

  /// The four letters at the start.
  static let magic: UInt32 = 0x4655_4747

  /// The version of the format, 2 or 3.
  public let version: UInt32
  /// The metadata, in file order.
  public let metadata: [Pair]
  /// The tensors, in the order of the header.
  public let entries: [Entry]
  /// What offsets of tensors are multiples of.
  public let alignment: Int
  /// Where the data starts in the file.
  public let dataStart: Int
  /// The positions in `entries`, in the order of the data.
  let dataOrder: [Int]
  /// Where the pairs end in the file, and where the table of tensors does.
  let pairsEnd, tableEnd: Int
  private let places: [String: Int]

  /// Reads and checks the header of a file against the length of the file.
  ///
  /// - Throws: `InputError` that names the byte and the field that breaks a rule.
  public init(_ file: MappedFile) throws {
    self = try file.withBytes(0..<file.count) { try GGUFHeader(GGUFCursor($0, file: file.path)) }
  }

  private init(_ start: GGUFCursor) throws {
    var cursor = start
    version = try GGUFHeader.version(&cursor)
    let tensorsPlace = cursor.position
    let tensorCount = try cursor.integer(Int64.self, "number of tensors")
    let pairsPlace = cursor.position
    let pairCount = try cursor.integer(Int64.self, "number of metadata pairs")
    // The least that a tensor and a pair take.
    for (count, least, place, field) in [
      (tensorCount, 24, tensorsPlace, "number of tensors"),
      (pairCount, 13, pairsPlace, "number of metadata pairs"),
    ] where count < 0 || count > cursor.remaining / least {
      throw cursor.failure(
        field, at: place,
        expected: "at most \(cursor.remaining / least), as many as the file can hold",
        found: "\(count)")
    }

    var metadata: [Pair] = []
    var places: [String: Int] = [:]
    for number in 0..<Int(pairCount) {
      let place = cursor.position
      let pair = try GGUFHeader.pair(&cursor, number)
      guard places.updateValue(number, forKey: pair.key) == nil else {
        throw cursor.failure(
          "metadata pair \(number)", at: place, expected: "each key once",
          found: "\(TensorName(pair.key).quoted) again")
      }
      metadata.append(pair)
    }
    (self.metadata, self.places, pairsEnd) = (metadata, places, cursor.position)
    let alignment = try GGUFHeader.alignment(
      places["general.alignment"].map { metadata[$0] }, cursor)

    var entries: [Entry] = []
    var seen: Set<TensorName> = []
    for number in 0..<Int(tensorCount) {
      let place = cursor.position
      let entry = try GGUFHeader.entry(&cursor, number, alignment)
      guard seen.insert(entry.name).inserted else {
        throw cursor.failure(
          "tensor \(number)", at: place, expected: "each name once",
          found: "\(entry.name.quoted) again")
      }
      entries.append(entry)
    }
    tableEnd = cursor.position
    dataStart = GGUFHeader.aligned(tableEnd, alignment)
    let available = max(0, tableEnd + cursor.remaining - dataStart)
    dataOrder = try GGUFHeader.order(entries, available, cursor)
    (self.entries, self.alignment) = (entries, alignment)
  }

  /// The value of a key, or nil.
  public subscript(key: String) -> GGUFValue? { places[key].map { metadata[$0].value } }

  /// The next multiple of the alignment, the position itself if it is one.
  static func aligned(_ position: Int, _ alignment: Int) -> Int {
    (position + alignment - 1) / alignment * alignment
  }
}

// MARK: - Parts of the header

extension GGUFHeader {
  private static func version(_ cursor: inout GGUFCursor) throws -> UInt32 {
    let magic = try cursor.integer(UInt32.self, "magic")
    guard magic == GGUFHeader.magic else {
      throw cursor.failure(
        "magic", at: 0, expected: "\"GGUF\"", found: "0x" + String(magic.byteSwapped, radix: 16))
    }
    let version = try cursor.integer(UInt32.self, "version")
    switch version {
    case 2, 3: return version
    case _ where version & 0xFFFF == 0 && version != 0:
      throw cursor.failure(
        "version", at: 4, expected: "a little-endian file",
        found: "a big-endian one (version \(version.byteSwapped))",
        fix: "convert it on the machine it is for, or start from the safetensors checkpoint")
    default:
      throw cursor.failure(
        "version", at: 4, expected: "2 or 3", found: "\(version)",
        fix: version == 1 ? "convert the model again with a current llama.cpp" : nil)
    }
  }

  private static func pair(_ cursor: inout GGUFCursor, _ number: Int) throws -> Pair {
    let place = cursor.position
    let bytes = cursor.copy(try cursor.text("key of metadata pair \(number)"))
    guard !bytes.isEmpty, let key = String(validating: bytes, as: UTF8.self) else {
      throw cursor.failure(
        "key of metadata pair \(number)", at: place, expected: "a name in UTF-8",
        found: bytes.isEmpty ? "an empty one" : "other bytes")
    }
    let field = "value of \(TensorName(key).quoted)"
    let kind = try cursor.kind("type of the " + field)
    let value = try cursor.value(kind, field)
    return Pair(key: key, kind: kind, value: value, range: place..<cursor.position)
  }

  private static func alignment(_ pair: Pair?, _ cursor: GGUFCursor) throws -> Int {
    guard let pair else { return 32 }
    guard pair.kind == .uint32, let value = pair.value.integer, value > 0, value & (value - 1) == 0
    else {
      throw cursor.failure(
        "general.alignment", at: pair.range.lowerBound, expected: "a power of two, stored as U32",
        found: "\(pair.value.integer.map { "\($0)" } ?? "no number") stored as \(pair.kind.name)")
    }
    return value
  }

  private static func entry(_ cursor: inout GGUFCursor, _ number: Int, _ alignment: Int) throws
    -> Entry
  {
    var place = cursor.position
    let bytes = cursor.copy(try cursor.text("name of tensor \(number)"))
    guard bytes.count <= 64, let text = String(validating: bytes, as: UTF8.self) else {
      throw cursor.failure(
        "name of tensor \(number)", at: place, expected: "at most 64 bytes of UTF-8",
        found: bytes.count > 64 ? "\(bytes.count)" : "other bytes")
    }
    let name = TensorName(text)
    func field(_ part: String) -> String { "\(part) of tensor \(name.quoted)" }
    place = cursor.position
    let dimensions = try cursor.integer(UInt32.self, field("number of dimensions"))
    guard dimensions <= 4 else {
      throw cursor.failure(
        field("number of dimensions"), at: place, expected: "at most 4", found: "\(dimensions)")
    }
    place = cursor.position
    let sizes = try (0..<dimensions).map { _ in try cursor.integer(Int64.self, field("shape")) }
    guard sizes.allSatisfy({ $0 >= 0 }),
      let count = SafetensorsHeader.elementCount(sizes.map(Int.init))
    else {
      throw cursor.failure(
        field("shape"), at: place, expected: "sizes from 0 whose product fits 63 bits",
        found: "\(sizes)")
    }
    let typePlace = cursor.position
    let type = try elementType(&cursor, field("type"))
    guard Int(sizes.first ?? 1) % type.elementsPerBlock == 0 else {
      throw cursor.failure(
        field("shape"), at: place,
        expected: "rows of whole blocks of \(type.elementsPerBlock) elements, as \(type) has them",
        found: "rows of \(sizes.first ?? 1)")
    }
    guard let byteCount = type.byteCount(elements: count), byteCount <= Int.max / 2 else {
      throw cursor.failure(
        field("shape"), at: place, expected: "a size in bytes that fits 62 bits",
        found: "\(count) elements of \(type)")
    }
    place = cursor.position
    let offset = try cursor.integer(UInt64.self, field("offset"))
    guard offset <= UInt64(Int.max / 2), Int(offset) % alignment == 0 else {
      throw cursor.failure(
        field("offset"), at: place, expected: "a multiple of the alignment, \(alignment)",
        found: "\(offset)")
    }
    return Entry(
      name: name, elementType: type, shape: sizes.reversed().map(Int.init), elementCount: count,
      range: Int(offset)..<Int(offset) + byteCount, typePlace: typePlace)
  }

  private static func elementType(_ cursor: inout GGUFCursor, _ field: String) throws -> ElementType
  {
    let place = cursor.position
    let number = try cursor.integer(UInt32.self, field)
    if let type = ElementType.gguf[number] { return type }
    let found =
      ElementType.removedFromGGUF[number].map { "\(number), \($0), which ggml has removed" }
      ?? (number > 130 ? "\(number), a type of a fork of ggml" : "\(number)")
    throw cursor.failure(
      field, at: place, expected: "one of the \(ElementType.gguf.count) tensor types of ggml",
      found: found, fix: "convert the model again with a current llama.cpp")
  }

  /// The entries by offset, after checking that none overlap and that all lie in the file.
  private static func order(_ entries: [Entry], _ available: Int, _ cursor: GGUFCursor) throws
    -> [Int]
  {
    let order = entries.indices.sorted { left, right in
      let (a, b) = (entries[left].range, entries[right].range)
      return (a.lowerBound, a.upperBound, left) < (b.lowerBound, b.upperBound, right)
    }
    var end = 0
    for index in order {
      let entry = entries[index]
      func failure(_ expected: String, _ found: String, _ fix: String? = nil) -> InputError {
        cursor.failure(
          "offset of tensor \(entry.name.quoted)", at: entry.typePlace + 4, expected: expected,
          found: found, fix: fix)
      }
      guard entry.range.lowerBound >= end || entry.range.isEmpty else {
        throw failure(
          "data from \(end) on, where the tensor before it ends",
          "offset \(entry.range.lowerBound), an overlap")
      }
      guard entry.range.upperBound <= available else {
        throw failure(
          "data within the \(available) bytes after the header",
          "an end at \(entry.range.upperBound)",
          "check that the file was copied completely")
      }
      end = max(end, entry.range.upperBound)
    }
    return order
  }
}

// MARK: - Arrays

extension MappedFile {
  /// Calls `body` with the bytes of an array as they are stored.
  ///
  /// - Throws: `InputError` if the file changed since its header was read; whatever `body` throws.
  public func withBytes<Result>(
    of array: GGUFArray, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try withBytes(array.range, body)
  }

  /// The texts of an array, as bytes.
  ///
  /// - Throws: `InputError` if the file changed since its header was read.
  public func texts(_ array: GGUFArray) throws -> [[UInt8]] {
    precondition(array.kind == .text)
    return try withBytes(0..<array.range.upperBound) { bytes in
      var cursor = GGUFCursor(bytes, from: array.range.lowerBound, file: path)
      return try (0..<array.count).map { number in
        cursor.copy(try cursor.text("text \(number)"))
      }
    }
  }

  /// The values of an array of anything but texts.
  ///
  /// - Throws: `InputError` if the file changed since its header was read.
  public func values(_ array: GGUFArray) throws -> [GGUFValue] {
    try withBytes(0..<array.range.upperBound) { bytes in
      var cursor = GGUFCursor(bytes, from: array.range.lowerBound, file: path)
      return try (0..<array.count).map { try cursor.value(array.kind, "element \($0)") }
    }
  }
}
