internal import FormatIO

/// What is put around a text's identifiers: the `post_processor` of a `tokenizer.json`.
struct PostProcessor: Sendable {
  private(set) var prefix: [Int32] = []
  private(set) var suffix: [Int32] = []

  /// Puts these identifiers in front of every text.
  init(prefix: [Int32]) {
    self.prefix = prefix
  }

  /// Reads the `post_processor` stage. `ByteLevel` only trims offsets, which we do not keep.
  init(json: JSON?, file: String) throws {
    for (place, step) in flattened(json, list: "processors", place: "post_processor") {
      switch step["type"]?.string {
      case "ByteLevel": continue
      case "TemplateProcessing":
        let (before, after) = try Self.readTemplate(step, file: file, place: place)
        prefix = before + prefix
        suffix += after
      case "BertProcessing", "RobertaProcessing":
        prefix.insert(try Self.readToken(step, "cls", file: file, place: place), at: 0)
        suffix.append(try Self.readToken(step, "sep", file: file, place: place))
      default:
        throw InputError(
          file: file, place: place,
          expected: "null, Sequence, ByteLevel, TemplateProcessing, BertProcessing,"
            + " RobertaProcessing",
          found: (step["type"] ?? .null).encoded())
      }
    }
  }

  /// Reads a mark of BERT's: its text and its identifier.
  private static func readToken(
    _ json: JSON, _ key: String, file: String, place: String
  ) throws -> Int32 {
    let pair = json[key]?.array ?? []
    guard pair.count == 2, let identifier = pair[1].integer.flatMap(Int32.init(exactly:)),
      identifier >= 0
    else {
      throw InputError(
        file: file, place: "\(place).\(key)", expected: "a text and an identifier",
        found: (json[key] ?? .null).encoded())
    }
    return identifier
  }

  /// Reads the template for a single text: special tokens around one `{"Sequence": {"id": "A"}}`.
  private static func readTemplate(
    _ json: JSON, file: String, place: String
  ) throws -> (before: [Int32], after: [Int32]) {
    let pieces = json["single"]?.array ?? []
    let parts = pieces.split(omittingEmptySubsequences: false) {
      $0["Sequence"]?["id"]?.string == "A"
    }
    guard parts.count == 2 else {
      throw InputError(
        file: file, place: "\(place).single", expected: "one sequence A",
        found: "\(parts.count - 1)")
    }
    let identifiers = try parts.map {
      try $0.flatMap { piece in
        guard let name = piece["SpecialToken"]?["id"]?.string,
          let list = json["special_tokens"]?[name]?["ids"]?.array
        else {
          throw InputError(
            file: file, place: "\(place).single",
            expected: "special tokens that the template lists with their ids",
            found: piece.encoded())
        }
        return try list.map { entry in
          guard let identifier = entry.integer.flatMap(Int32.init(exactly:)), identifier >= 0 else {
            throw InputError(
              file: file, place: "\(place).special_tokens.\(name)", expected: "identifiers",
              found: entry.encoded())
          }
          return identifier
        }
      }
    }
    return (identifiers[0], identifiers[1])
  }
}
