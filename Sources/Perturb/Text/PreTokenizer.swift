internal import FormatIO

/// Cuts text into the words that the model works on: the `pre_tokenizer` of a `tokenizer.json`.
///
/// Steps run in file order, each on every piece the one before it left. A pattern sees nothing
/// outside its piece.
struct PreTokenizer: Sendable {
  /// One step of the file's sequence.
  private enum Step: Sendable {
    case split(SplitPattern, SplitBehavior)
    /// A space in front of every piece that does not start with one.
    case addPrefixSpace
    case metaspace(Metaspace)
  }

  private let steps: [Step]

  /// Whether words are sequences of bytes, written in GPT-2's alphabet in the vocabulary.
  let isByteLevel: Bool

  /// Leaves text whole.
  static let none = PreTokenizer(steps: [], isByteLevel: false)

  private init(steps: [Step], isByteLevel: Bool) {
    self.steps = steps
    self.isByteLevel = isByteLevel
  }

  /// Cuts at the matches of one pattern after the other, into words of bytes; `file` and `place` are
  /// named in errors.
  init(patterns: [String], file: String, place: String) throws {
    let steps = try patterns.map {
      Step.split(try SplitPattern(regex: $0, file: file, place: place), .isolated)
    }
    self.init(steps: steps, isByteLevel: true)
  }

  /// The words of a text, in order. None is empty.
  ///
  /// - Parameter isBeginning: whether nothing comes before this text, not even an added token.
  func words(in text: [UInt8], isBeginning: Bool) -> Pieces {
    var pieces = Pieces(text, isBeginning: isBeginning)
    for step in steps {
      switch step {
      case .split(let pattern, let behavior): pieces.split(pattern, behavior)
      case .addPrefixSpace:
        pieces.rewrite { piece, _ in piece.first == 0x20 ? piece : [0x20] + piece }
      case .metaspace(let metaspace):
        pieces.rewrite(metaspace.apply)
        if let pattern = metaspace.pattern { pieces.split(pattern, .mergedWithNext) }
      }
    }
    return pieces
  }
}

/// Spaces written as another character, as SentencePiece has it.
struct Metaspace: Sendable {
  /// Which pieces get a space in front if they have none.
  enum PrependScheme: String, CaseIterable, Sendable {
    case always, never
    /// Only the piece that the text begins with.
    case first
  }

  private let scheme: PrependScheme
  private let mark: [UInt8]
  private let spaces: Replacement?
  /// What cuts pieces: every mark begins one. Nil if they stay whole.
  let pattern: SplitPattern?

  /// Reads a `Metaspace` step of a pre-tokenizer or decoder.
  init(json: JSON, file: String, place: String) throws {
    guard let mark = json["replacement"]?.string, mark.unicodeScalars.count == 1,
      let program = Pattern(literal: mark)
    else {
      throw InputError(
        file: file, place: "\(place).replacement", expected: "one character",
        found: (json["replacement"] ?? .null).encoded())
    }
    self.mark = Array(mark.utf8)
    let name = json["prepend_scheme"] ?? .string(PrependScheme.always.rawValue)
    guard let scheme = name.string.flatMap(PrependScheme.init) else {
      throw InputError(
        file: file, place: "\(place).prepend_scheme",
        expected: PrependScheme.allCases.map(\.rawValue).joined(separator: ", "),
        found: name.encoded())
    }
    // Older files have add_prefix_space instead, and where it contradicts, the Python package gives up.
    if json["add_prefix_space"]?.boolean == false, scheme != .never {
      throw InputError(
        file: file, place: "\(place).add_prefix_space",
        expected: "true, or \"prepend_scheme\": \"never\" beside it", found: "false")
    }
    self.scheme = scheme
    spaces = Replacement(" ", with: mark)
    pattern = json["split"]?.boolean ?? true ? SplitPattern(program) : nil
  }

  /// A piece with its spaces replaced, and one in front if it should have one.
  func apply(_ piece: [UInt8], isBeginning: Bool) -> [UInt8] {
    let text = spaces?.apply(piece) ?? piece
    let isPrepended = scheme == .always || scheme == .first && isBeginning
    return isPrepended && !text.starts(with: mark) ? mark + text : text
  }

  /// The text that a token stands for. In the first one marks vanish, since one was put in front.
  func decode(_ token: [UInt8], isFirst: Bool) -> [UInt8] {
    let marks = Replacement(
      String(decoding: mark, as: UTF8.self), with: isFirst && scheme != .never ? "" : " ")
    return marks?.apply(token) ?? token
  }
}

/// A text under division: its bytes and the pieces found so far, in order.
struct Pieces {
  private(set) var bytes: [UInt8]
  private(set) var ranges: [Range<Int>]
  /// Whether the first piece is what the text begins with.
  private var isBeginning: Bool

  init(_ text: [UInt8], isBeginning: Bool) {
    bytes = text
    ranges = bytes.isEmpty ? [] : [0..<bytes.count]
    self.isBeginning = isBeginning
  }

  mutating func split(_ pattern: SplitPattern, _ behavior: SplitBehavior) {
    let start = ranges.first?.lowerBound
    ranges = bytes.withUnsafeBufferPointer { bytes in
      ranges.flatMap { behavior.arrange(pattern.matches(in: bytes, range: $0)) }
    }.filter { !$0.isEmpty }
    if ranges.first?.lowerBound != start { isBeginning = false }
  }

  /// Writes every piece anew; the flag says whether it is what the text begins with.
  mutating func rewrite(_ change: ([UInt8], Bool) -> [UInt8]) {
    var written: [UInt8] = []
    written.reserveCapacity(bytes.count + 3 * ranges.count)
    ranges = ranges.enumerated().map { index, range in
      let start = written.count
      written += change(Array(bytes[range]), isBeginning && index == 0)
      return start..<written.count
    }
    bytes = written
  }
}

// MARK: - Reading

extension PreTokenizer {
  /// GPT-2's pattern, which `ByteLevel` steps use unless told otherwise: English contractions, then
  /// letters, digits or other characters with at most one space before, then white space.
  private static let byteLevelPattern =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  /// The steps that are known.
  private static let readers:
    [String: @Sendable (_ json: JSON, _ file: String, _ place: String) throws -> [Step]] = [
      "ByteLevel": { json, file, place in
        let pattern = try SplitPattern(regex: byteLevelPattern, file: file, place: place)
        return (json["add_prefix_space"]?.boolean == true ? [.addPrefixSpace] : [])
          + (json["use_regex"]?.boolean ?? true ? [.split(pattern, .isolated)] : [])
      },
      "Digits": { json, file, place in
        // Single characters of the general category Number. Chinese numerals are letters.
        let pattern = try SplitPattern(regex: #"\p{N}"#, file: file, place: place)
        return [
          .split(pattern, json["individual_digits"]?.boolean == true ? .isolated : .contiguous)
        ]
      },
      "Metaspace": { [.metaspace(try Metaspace(json: $0, file: $1, place: $2))] },
      "Punctuation": { json, file, place in
        let pattern = try SplitPattern(regex: #"[\p{P}$+<=>^`|~]"#, file: file, place: place)
        let behavior = try json["behavior"].map {
          try SplitBehavior(json: $0, file: file, place: "\(place).behavior")
        }
        return [.split(pattern, behavior ?? .isolated)]
      },
      "Split": { json, file, place in
        let pattern = try SplitPattern(
          json: json["pattern"], file: file, place: "\(place).pattern")
        let behavior = try SplitBehavior(
          json: json["behavior"], file: file, place: "\(place).behavior")
        return [.split(json["invert"]?.boolean == true ? pattern.inverted : pattern, behavior)]
      },
      "Whitespace": { json, file, place in
        let pattern = try SplitPattern(
          regex: #"\w+|[^\w\s]+"#, joinsWords: true, file: file, place: place)
        return [.split(pattern.inverted, .removed)]
      },
      "WhitespaceSplit": { json, file, place in
        [.split(try SplitPattern(regex: #"\s"#, file: file, place: place), .removed)]
      },
    ]

  /// Reads the `pre_tokenizer` of a `tokenizer.json`; null means none.
  ///
  /// - Throws: `InputError` for steps that are not supported, for patterns that ICU does not read, and
  ///   for steps after `ByteLevel`.
  init(json: JSON?, file: String) throws {
    var steps: [Step] = []
    var endsInBytes = false
    for (place, step) in flattened(json, list: "pretokenizers", place: "pre_tokenizer") {
      let type = step["type"] ?? .null
      if endsInBytes {
        throw InputError(
          file: file, place: place, expected: "no step after ByteLevel", found: type.encoded())
      }
      guard let name = type.string, let read = Self.readers[name] else {
        let known = Self.readers.keys.sorted().joined(separator: ", ")
        throw InputError(
          file: file, place: place, expected: "null, Sequence, \(known)", found: type.encoded())
      }
      endsInBytes = name == "ByteLevel"
      steps += try read(step, file, place)
    }
    self.init(steps: steps, isByteLevel: endsInBytes)
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
