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
      let keys = change.key.split(separator: ".").map(String.init)
      members = Self.replacing(keys[...], with: change.value, in: members)
    }
    return try Tokenizer(json: .object(members), file: path)
  }

  /// Members with one replaced; more than one key leads to a member of a member.
  private static func replacing(
    _ keys: ArraySlice<String>, with value: JSON, in members: [JSON.Member]
  ) -> [JSON.Member] {
    let old = members.first { $0.key == keys.first }?.value.object ?? []
    let new = keys.count == 1 ? value : .object(replacing(keys.dropFirst(), with: value, in: old))
    return members.filter { $0.key != keys.first } + [JSON.Member(keys.first ?? "", new)]
  }

  /// 64-bit FNV-1a.
  static func digest(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// A digest in hexadecimal.
  static func hexadecimal(_ text: String) -> String {
    let digits = String(digest(text), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static let base64 = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The first bits of a digest, in so many characters of base64.
  static func short(_ text: String, _ count: Int) -> [UInt8] {
    let digest = digest(text)
    let mixed = digest ^ digest >> 32
    return (0..<count).map { base64[Int(mixed >> UInt64(6 * $0) & 63)] }
  }

  /// The numbers of the lines whose digests differ from what was recorded, which has five characters for
  /// each: three for the identifiers, two for the texts.
  func differing(_ texts: [String], at offset: Int, count: Int) -> [Int] {
    let recorded = Array((json["lines"]?.string ?? "").utf8)
    guard recorded.count == 5 * texts.count else { return Array(texts.indices) }
    return texts.indices.filter {
      let start = 5 * $0 + offset
      return !recorded[start..<start + count].elementsEqual(Self.short(texts[$0], count))
    }
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
    #expect(TokenizerGoldens.corpus.count >= 5000)
    #expect(Self.names.count >= 60)
  }

  /// The lines named, a few of them.
  private static func show(_ lines: [Int]) -> String {
    lines.prefix(5).map { "\($0): \(JSON.string(TokenizerGoldens.corpus[$0]).encoded())" }
      .joined(separator: "\n")
  }

  @Test(arguments: names)
  func identifiersAndTextsEqualThoseOfThePythonPackage(name: String) throws {
    let goldens = try Self.goldens(name)
    let tokenizer = try goldens.tokenizer()
    let ids = TokenizerGoldens.corpus.enumerated().map { index, line in
      tokenizer.encode(line, addSpecialTokens: index % 10 == 0)
    }
    for entry in goldens.json["shown"]?.array ?? [] {
      let line = try #require(entry["line"]?.integer)
      #expect(ids[line] == entry["ids"]?.identifiers, "\(Self.show([line]))")
    }
    #expect(ids.reduce(0) { $0 + $1.count } == goldens.json["count"]?.integer)
    let joined = ids.map { $0.map(String.init).joined(separator: ",") + "\n" }
    let differing = goldens.differing(joined, at: 0, count: 3)
    #expect(differing.isEmpty, "identifiers: \(Self.show(differing))")
    #expect(TokenizerGoldens.hexadecimal(joined.joined()) == goldens.json["digest"]?.string)

    let texts = ids.map { ids in
      "\(tokenizer.decode(ids))\n\(tokenizer.decode(ids, skipSpecialTokens: false))\n"
    }
    let unlike = goldens.differing(texts, at: 3, count: 2)
    #expect(unlike.isEmpty, "texts: \(Self.show(unlike))")
    #expect(TokenizerGoldens.hexadecimal(texts.joined()) == goldens.json["decoded"]?.string)
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
    let model = try BytePairEncoding(json: json, isByteLevel: true, file: path)
    for line in TokenizerGoldens.corpus where !line.isEmpty {
      let symbols = line.utf8.compactMap { model.vocabulary[ByteLevelAlphabet.spelling(of: $0)] }
      #expect(model.mergeByScanning(symbols) == model.mergeWithHeap(symbols))
    }
  }

  @Test func aLongTextWithoutSpacesComesBackWhole() throws {
    let text = String(repeating: "abcdeé", count: 20_000)
    for name in ["gpt2", "llama3", "smollm", "qwen2", "o200k", "llama2", "mistral", "gemma"] {
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
