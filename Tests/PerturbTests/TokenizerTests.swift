import FormatIO
import Foundation
import Testing

@testable import Perturb

/// What `fixtures/tokenizers/make.py` recorded from the Python package.
struct TokenizerGoldens {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../fixtures/tokenizers").standardizedFileURL

  /// The text of every corpus line.
  static let corpus: [String] = {
    let bytes = (try? Array(Data(contentsOf: folder.appending(path: "corpus.txt")))) ?? []
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSON.parse(Array($0), file: "corpus.txt").string
    }
  }()

  /// The committed goldens, and those of the file in `TOKENIZER_GOLDENS` (see `make.py`).
  static let all: [TokenizerGoldens] = {
    let others = ProcessInfo.processInfo.environment["TOKENIZER_GOLDENS"].map { [$0] } ?? []
    return ([folder.appending(path: "goldens.json").path] + others).flatMap { file in
      let json = try? JSON.read(file)
      return json?["goldens"]?.array?.map(TokenizerGoldens.init) ?? []
    }
  }()

  let json: JSON
  var name: String { json["name"]?.string ?? "?" }

  func strings(_ key: String) -> [String] { json[key]?.array?.compactMap(\.string) ?? [] }

  func tokenizer() throws -> Tokenizer {
    let file = try #require(json["file"]?.string)
    let path = file.hasPrefix("/") ? file : Self.folder.appending(path: file).path
    var members = try #require(JSON.read(path)?.object)
    for change in json["changes"]?.object ?? [] {
      members.removeAll { $0.key == change.key }
      members.append(change)
    }
    return try Tokenizer(json: .object(members), file: path)
  }

  /// 64-bit FNV-1a over texts, each ended by a line feed.
  static func digest(_ texts: some Sequence<String>) -> String {
    var value: UInt64 = 0xCBF2_9CE4_8422_2325
    for text in texts {
      for byte in Array(text.utf8) + [0x0A] { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  static func digests(_ texts: [String]) -> [String] {
    stride(from: 0, to: texts.count, by: 100).map { digest(texts[$0..<min($0 + 100, texts.count)]) }
  }
}

extension JSON {
  fileprivate var identifiers: [Int32] { array?.compactMap { $0.integer.map(Int32.init) } ?? [] }
}

struct TokenizerTests {
  static let names = TokenizerGoldens.all.map(\.name)

  static func goldens(_ name: String) throws -> TokenizerGoldens {
    try #require(TokenizerGoldens.all.first { $0.name == name })
  }

  @Test func theCorpusAndTheGoldensAreThere() {
    #expect(TokenizerGoldens.corpus.count >= 2500)
    #expect(Self.names.count >= 30)
  }

  @Test(arguments: names)
  func identifiersEqualThoseOfThePythonPackage(name: String) throws {
    let goldens = try Self.goldens(name)
    let tokenizer = try goldens.tokenizer()
    let ids = TokenizerGoldens.corpus.enumerated().map { index, line in
      tokenizer.encode(line, addSpecialTokens: index % 10 == 0)
    }
    for entry in goldens.json["lines"]?.array ?? [] {
      let line = try #require(entry["line"]?.integer)
      #expect(
        ids[line] == entry["ids"]?.identifiers,
        "line \(line): \(JSON.string(TokenizerGoldens.corpus[line]).encoded())")
    }
    #expect(ids.reduce(0) { $0 + $1.count } == goldens.json["count"]?.integer)
    let digests = TokenizerGoldens.digests(ids.map { $0.map(String.init).joined(separator: ",") })
    #expect(digests == goldens.strings("digests"))
  }

  @Test(arguments: names)
  func decodedTextEqualsThatOfThePythonPackage(name: String) throws {
    let goldens = try Self.goldens(name)
    let tokenizer = try goldens.tokenizer()
    let ids = TokenizerGoldens.corpus.enumerated().map { index, line in
      tokenizer.encode(line, addSpecialTokens: index % 10 == 0)
    }
    let skipped = TokenizerGoldens.digests(ids.map { tokenizer.decode($0) })
    #expect(skipped == goldens.strings("decoded"))
    let kept = TokenizerGoldens.digests(
      ids.map { tokenizer.decode($0, skipSpecialTokens: false) })
    #expect(kept == goldens.strings("decodedWithSpecial"))
  }

  @Test(arguments: names)
  func brokenSequencesDecodeAsInThePythonPackage(name: String) throws {
    let goldens = try Self.goldens(name)
    let tokenizer = try goldens.tokenizer()
    for entry in goldens.json["random"]?.array ?? [] {
      let ids = try #require(entry["ids"]?.identifiers)
      let expected = try #require(entry["text"]?.string)
      let text = tokenizer.decode(ids)
      #expect(text.utf8.elementsEqual(expected.utf8), "\(ids)")
    }
  }

  @Test func bothWaysOfMergingAgree() throws {
    let path = TokenizerGoldens.folder.appending(path: "gpt2.json").path
    let json = try #require(JSON.read(path)?["model"])
    let model = try BytePairEncoding(json: json, file: path)
    for line in TokenizerGoldens.corpus where !line.isEmpty {
      let symbols = line.utf8.compactMap { model.vocabulary[ByteLevelAlphabet.spelling(of: $0)] }
      #expect(model.mergeByScanning(symbols) == model.mergeWithHeap(symbols))
    }
  }

  @Test func aLongTextWithoutSpacesComesBackWhole() throws {
    let text = String(repeating: "abcdeé", count: 20_000)
    for name in ["gpt2", "llama3", "smollm", "qwen2"] {
      let tokenizer = try Self.goldens(name).tokenizer()
      #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    }
  }

  @Test func tokensAreComparedByBytes() throws {
    let tokenizer = try Self.goldens("added tokens, none").tokenizer()
    #expect(tokenizer.id(of: "caf\u{E9}") != nil)
    #expect(tokenizer.id(of: "cafe\u{301}") == nil)
  }
}
