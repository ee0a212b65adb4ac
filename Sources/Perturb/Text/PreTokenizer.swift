internal import FormatIO
internal import Foundation

/// Cuts text into the words that byte-pair encoding works on: the `pre_tokenizer` of a
/// byte-level `tokenizer.json`.
///
/// Steps run in file order, each on every piece the one before it left. A pattern sees nothing
/// outside its piece. Patterns run on ICU (`NSRegularExpression`), whose offsets count UTF-16
/// units; bytes appear only in the result.
struct PreTokenizer: Sendable {
  /// One step of the file's sequence.
  private enum Step: Sendable {
    case split(SplitPattern, SplitBehavior)
    /// A space in front of every piece that does not start with one.
    case addPrefixSpace
  }

  private let steps: [Step]

  /// Leaves text whole.
  static let none = PreTokenizer(steps: [])

  private init(steps: [Step]) {
    self.steps = steps
  }

  /// Cuts at the matches of one pattern after the other; `file` and `place` are named in errors.
  init(patterns: [String], file: String, place: String) throws {
    steps = try patterns.map {
      .split(try SplitPattern(regex: $0, file: file, place: place), .isolated)
    }
  }

  /// The words of a text, as UTF-8, in order. None is empty.
  func words(in text: String) -> [[UInt8]] {
    var pieces = Pieces(text)
    for step in steps {
      switch step {
      case .split(let pattern, let behavior):
        pieces.split { units, range in
          behavior.arrange(pattern.matches(in: units, range: range), in: range)
        }
      case .addPrefixSpace: pieces.addPrefixSpaces()
      }
    }
    return pieces.bytes
  }
}

// MARK: - Reading

extension PreTokenizer {
  /// GPT-2's pattern, which `ByteLevel` steps use unless told otherwise: English contractions, then
  /// letters, digits or other characters with at most one space before, then white space.
  private static let byteLevelPattern =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  /// Reads the `pre_tokenizer` of a `tokenizer.json`.
  ///
  /// - Throws: `InputError` for steps that are not supported, for patterns that ICU does not read,
  ///   and if the last step is not `ByteLevel`.
  init(json: JSON?, file: String) throws {
    var steps: [Step] = []
    var endsInBytes = false
    for (place, step) in flattened(json, list: "pretokenizers", place: "pre_tokenizer") {
      if endsInBytes {
        throw InputError(
          file: file, place: place, expected: "no step after ByteLevel",
          found: (step["type"] ?? .null).encoded())
      }
      endsInBytes = step["type"]?.string == "ByteLevel"
      steps += try Self.read(step, file: file, place: place)
    }
    guard endsInBytes else {
      throw InputError(
        file: file, place: "pre_tokenizer", expected: "a ByteLevel step at the end",
        found: json.map { $0.isNull ? "null" : "none" } ?? "nothing",
        fix: "only byte-level BPE tokenizers are supported")
    }
    self.steps = steps
  }

  private static func read(_ json: JSON, file: String, place: String) throws -> [Step] {
    switch json["type"]?.string {
    case "ByteLevel":
      var steps: [Step] = json["add_prefix_space"]?.boolean == true ? [.addPrefixSpace] : []
      if json["use_regex"]?.boolean ?? true {
        steps.append(
          .split(try SplitPattern(regex: byteLevelPattern, file: file, place: place), .isolated))
      }
      return steps
    case "Digits":
      return [
        .split(.numerals, json["individual_digits"]?.boolean == true ? .isolated : .contiguous)
      ]
    case "Split":
      let pattern: SplitPattern
      if let regex = json["pattern"]?["Regex"]?.string {
        pattern = try SplitPattern(regex: regex, file: file, place: "\(place).pattern")
      } else if let text = json["pattern"]?["String"]?.string {
        pattern = try SplitPattern(
          regex: NSRegularExpression.escapedPattern(for: text), file: file,
          place: "\(place).pattern")
      } else {
        throw InputError(
          file: file, place: "\(place).pattern", expected: "a Regex or String",
          found: (json["pattern"] ?? .null).encoded())
      }
      guard let name = json["behavior"]?.string, let behavior = SplitBehavior(rawValue: name) else {
        throw InputError(
          file: file, place: "\(place).behavior",
          expected: SplitBehavior.allCases.map(\.rawValue).joined(separator: ", "),
          found: (json["behavior"] ?? .null).encoded())
      }
      let inverted = json["invert"]?.boolean ?? false
      return [.split(inverted ? pattern.inverted : pattern, behavior)]
    default:
      throw InputError(
        file: file, place: place, expected: "Sequence, Split, Digits or ByteLevel",
        found: (json["type"] ?? .null).encoded())
    }
  }
}

/// The steps of a pipeline stage in order: those of nested `Sequence`s, the stage itself if it is a
/// single step, none if it is absent or null. Each comes with its place in the file.
func flattened(_ json: JSON?, list: String, place: String) -> [(place: String, step: JSON)] {
  guard let json, !json.isNull else { return [] }
  guard json["type"]?.string == "Sequence", let steps = json[list]?.array else {
    return [(place, json)]
  }
  return steps.enumerated().flatMap { index, step in
    flattened(step, list: list, place: "\(place).\(list)[\(index)]")
  }
}

// MARK: - Pieces

/// A text under division: its UTF-16 units and the pieces found so far, in order.
private struct Pieces {
  private var units: UTF16Text
  private var ranges: [Range<Int>]

  init(_ text: String) {
    units = UTF16Text(Array(text.utf16))
    ranges = units.array.isEmpty ? [] : [0..<units.array.count]
  }

  mutating func split(_ divide: (UTF16Text, Range<Int>) -> [Range<Int>]) {
    ranges = ranges.flatMap { divide(units, $0) }.filter { !$0.isEmpty }
  }

  mutating func addPrefixSpaces() {
    let space = UInt16(0x20)
    var spaced: [UInt16] = []
    ranges = ranges.map { range in
      let start = spaced.count
      if units.array[range.lowerBound] != space { spaced.append(space) }
      spaced += units.array[range]
      return start..<spaced.count
    }
    units = UTF16Text(spaced)
  }

  var bytes: [[UInt8]] {
    ranges.map { Array(String(decoding: units.array[$0], as: UTF16.self).utf8) }
  }
}

/// UTF-16 units twice: for our own look-ups, and in the form that Foundation searches.
struct UTF16Text {
  let array: [UInt16]
  let string: String

  init(_ units: [UInt16]) {
    array = units
    string = String(decoding: units, as: UTF16.self)
  }
}
