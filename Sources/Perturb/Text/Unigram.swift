internal import FormatIO

/// Tokens chosen so that the sum of their scores, which are logarithms of probabilities, is largest
/// (Kudo, 2018): the `Unigram` model of a `tokenizer.json`.
struct Unigram: Sendable {
  /// Identifiers by the UTF-8 of the token.
  let vocabulary: [[UInt8]: Int32]
  private let scores: [Double]
  private let unknown: Int32
  private let unknownScore: Double
  /// The identifiers of `<0x00>` to `<0xFF>` if unknown text is written with them.
  private let bytes: [Int32?]?

  /// The tokens, to be found in a word.
  private var tokens = ByteTrie()

  /// An unknown character scores less than the rarest token by this much.
  private static let penalty = 10.0

  /// The best way to the end of a part of the word, and its last token.
  private struct Path {
    var score = 0.0
    var start = -1
    var token: Int32 = -1
  }

  /// The identifiers of one word.
  func encode(_ word: [UInt8]) -> [Int32] {
    let paths = bestPaths(in: word)
    var parts: [(range: Range<Int>, token: Int32)] = []
    var end = word.count
    while end > 0 {
      let path = paths[end]
      // Unknown characters in a row make one token.
      if path.token == unknown, let last = parts.last, last.token == unknown {
        parts[parts.count - 1].range = path.start..<last.range.upperBound
      } else {
        parts.append((path.start..<end, path.token))
      }
      end = path.start
    }
    return parts.reversed().flatMap { range, token in
      token == unknown ? unknownTokens(Array(word[range])) : [token]
    }
  }

  private func unknownTokens(_ text: [UInt8]) -> [Int32] {
    if let token = vocabulary[text] { return [token] }
    guard let bytes else { return [unknown] }
    let tokens = text.compactMap { bytes[Int($0)] }
    return tokens.count == text.count ? tokens : [unknown]
  }

  /// The best path to every place between two characters (Viterbi).
  private func bestPaths(in word: [UInt8]) -> [Path] {
    var paths = [Path](repeating: Path(), count: word.count + 1)
    func offer(_ token: Int32, score: Double, from start: Int, to end: Int) {
      let score = paths[start].score + score
      if paths[end].start < 0 || score > paths[end].score {
        paths[end] = Path(score: score, start: start, token: token)
      }
    }
    var start = 0
    while start < word.count {
      let length = Pattern.length(startingWith: word[start])
      var hasCharacter = false
      tokens.forEachMatch(in: word, at: start) { end, token in
        offer(token, score: scores[Int(token)], from: start, to: end)
        if end == start + length { hasCharacter = true }
      }
      let next = min(start + length, word.count)
      if !hasCharacter { offer(unknown, score: unknownScore, from: start, to: next) }
      start = next
    }
    return paths
  }

}

// MARK: - Reading

extension Unigram {
  /// Reads the `model` of a `tokenizer.json`.
  ///
  /// - Throws: `InputError` if the vocabulary is no list of texts and scores, or if it names no
  ///   unknown token.
  init(json: JSON, file: String) throws {
    guard let list = json["vocab"]?.array, !list.isEmpty else {
      throw InputError(
        file: file, place: "model.vocab", expected: "a list of texts and scores",
        found: json["vocab"] == nil ? "nothing" : "another kind of value")
    }
    guard let unknown = json["unk_id"]?.integer, list.indices.contains(unknown) else {
      throw InputError(
        file: file, place: "model.unk_id", expected: "one of the \(list.count) tokens",
        found: (json["unk_id"] ?? .null).encoded())
    }
    var vocabulary: [[UInt8]: Int32] = [:]
    vocabulary.reserveCapacity(list.count)
    var scores: [Double] = []
    for (index, entry) in list.enumerated() {
      guard let pair = entry.array, pair.count == 2, let text = pair[0].string,
        let score = pair[1].double, score.isFinite
      else {
        throw InputError(
          file: file, place: "model.vocab[\(index)]", expected: "a text and a score",
          found: entry.encoded())
      }
      vocabulary[Array(text.utf8)] = Int32(index)
      scores.append(score)
    }
    self.vocabulary = vocabulary
    self.scores = scores
    self.unknown = Int32(unknown)
    unknownScore = (scores.min() ?? 0) - Self.penalty
    bytes =
      json["byte_fallback"]?.boolean == true
      ? (UInt8.min...UInt8.max).map { vocabulary[BytePairEncoding.spelling(of: $0)] } : nil
    for (text, token) in vocabulary { tokens.insert(text, token) }
  }
}
