/// Reads the JSON of a safetensors header field by field, without building a tree.
///
/// Checks the grammar and the types of the fields; sizes are `SafetensorsHeader`'s part.
struct SafetensorsEntryReader {
  private var parser: JSONParser
  private(set) var metadata: [SafetensorsHeader.Metadata]?
  private(set) var entries: [SafetensorsHeader.Entry] = []

  init(_ parser: JSONParser) {
    self.parser = parser
  }

  mutating func read() throws {
    var metadata: [SafetensorsHeader.Metadata]?
    var entries: [SafetensorsHeader.Entry] = []
    var seen: Set<TensorName> = []
    try parser.parseMembers { key, start, parser in
      let name = TensorName(key)
      guard seen.insert(name).inserted else {
        throw parser.unexpected("each name once", found: "\(name.quoted) again", at: start)
      }
      if name == "__metadata__" {
        metadata = try SafetensorsEntryReader.parseMetadata(&parser)
      } else {
        entries.append(try SafetensorsEntryReader.parseEntry(name, start, &parser))
      }
    }
    try parser.parseEnd()
    self.metadata = metadata
    self.entries = entries
  }

  private static func parseMetadata(
    _ parser: inout JSONParser
  ) throws -> [SafetensorsHeader.Metadata] {
    var metadata: [SafetensorsHeader.Metadata] = []
    var seen: Set<TensorName> = []
    try parser.parseMembers { key, start, parser in
      guard seen.insert(TensorName(key)).inserted else {
        throw parser.unexpected(
          "each metadata key once", found: "\(TensorName(key).quoted) again", at: start)
      }
      metadata.append((key, try parser.parseString()))
    }
    return metadata
  }

  private static func parseEntry(
    _ name: TensorName, _ start: Int, _ parser: inout JSONParser
  ) throws -> SafetensorsHeader.Entry {
    var elementType: ElementType?
    var shape: [Int]?
    var range: Range<Int>?
    try parser.parseMembers { field, start, parser in
      let isRepeated =
        switch field {
        case "dtype": elementType != nil
        case "shape": shape != nil
        case "data_offsets": range != nil
        default:
          throw parser.unexpected(
            "dtype, shape or data_offsets in tensor \(name.quoted)",
            found: "the field \(TensorName(field).quoted)", at: start)
        }
      if isRepeated {
        throw parser.unexpected(
          "each field of tensor \(name.quoted) once", found: "\"\(field)\" again", at: start)
      }
      switch field {
      case "dtype": elementType = try parseElementType(&parser)
      case "shape": shape = try parseIntegers(&parser)
      default: range = try parseRange(&parser)
      }
    }
    guard let elementType, let shape, let range else {
      let absent = elementType == nil ? "dtype" : shape == nil ? "shape" : "data_offsets"
      throw parser.unexpected(
        "dtype, shape and data_offsets in tensor \(name.quoted)", found: "no \(absent)", at: start)
    }
    return SafetensorsHeader.Entry(
      name: name, elementType: elementType, shape: shape, range: range)
  }

  private static func parseElementType(_ parser: inout JSONParser) throws -> ElementType {
    let start = parser.position
    let text = try parser.parseString()
    guard let type = ElementType(safetensors: text) else {
      let known = ElementType.safetensors.map(\.name).joined(separator: ", ")
      throw parser.unexpected(
        "a dtype, one of \(known)", found: TensorName(text).quoted, at: start)
    }
    return type
  }

  private static func parseIntegers(_ parser: inout JSONParser) throws -> [Int] {
    var integers: [Int] = []
    try parser.parseElements { parser in
      let start = parser.position
      let text = try parser.parseNumber()
      guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
        throw parser.unexpected(
          "a whole number without sign, fraction or exponent", found: text, at: start)
      }
      guard let integer = Int(text) else {
        throw parser.unexpected("a number below 2^63", found: text, at: start)
      }
      integers.append(integer)
    }
    return integers
  }

  private static func parseRange(_ parser: inout JSONParser) throws -> Range<Int> {
    let start = parser.position
    let offsets = try parseIntegers(&parser)
    guard offsets.count == 2 else {
      throw parser.unexpected(
        "two data_offsets, begin and end", found: "\(offsets.count)", at: start)
    }
    guard offsets[0] <= offsets[1] else {
      throw parser.unexpected(
        "data_offsets that do not run backwards", found: "\(offsets[0]) to \(offsets[1])", at: start
      )
    }
    return offsets[0]..<offsets[1]
  }
}
