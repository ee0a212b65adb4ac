import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Does the tokenizer in a GGUF file give the ids of the one it was made from?
@Suite struct GGUFTokenizerTests {
  /// A byte-level tokenizer.json as llama.cpp's conversion writes it.
  private static func converted(_ goldens: TokenizerGoldens, pre: String) throws -> ScratchGGUF {
    let name = try #require(goldens.json["file"]?.string)
    let json = try #require(try JSON.read(TokenizerGoldens.folder.appending(path: name).path))
    var spellings: [Int: String] = [:]
    for member in json["model"]?["vocab"]?.object ?? [] {
      spellings[try #require(member.value.integer)] = member.key
    }
    var types = [Int: Int32]()
    for token in json["added_tokens"]?.array ?? [] {
      let identifier = try #require(token["id"]?.integer)
      spellings[identifier] = token["content"]?.string
      types[identifier] = token["special"]?.boolean == true ? 3 : 4
    }
    let count = spellings.count
    let merges = (json["model"]?["merges"]?.array ?? []).map { merge in
      merge.string ?? (merge.array ?? []).compactMap(\.string).joined(separator: " ")
    }
    return ScratchGGUF([
      ("tokenizer.ggml.model", .text("gpt2")), ("tokenizer.ggml.pre", .text(pre)),
      ("tokenizer.ggml.tokens", .texts((0..<count).map { spellings[$0] ?? "" })),
      ("tokenizer.ggml.token_type", .numbers((0..<count).map { types[$0] ?? 1 })),
      ("tokenizer.ggml.merges", .texts(merges)),
      ("tokenizer.ggml.bos_token_id", .number(0)),
    ])
  }

  private static func tokenizer(_ file: ScratchGGUF) throws -> Tokenizer {
    let read = try file.metadata { metadata, _ in try Tokenizer.read(metadata) }
    return try #require(read)
  }

  /// The patterns behind the names are those of the tokenizers that the names stand for.
  @Test(arguments: [
    ("gpt2", "gpt-2"), ("llama3", "llama-bpe"), ("smollm", "smollm"), ("qwen2", "qwen2"),
    ("o200k", "gpt-4o"), ("qwen35", "qwen35"), ("tekken", "tekken"),
  ])
  func byteLevelIdentifiersAreTheSame(_ name: String, _ pre: String) throws {
    let goldens = try TokenizerTests.goldens(name)
    let (own, other) = (
      try goldens.tokenizer(), try Self.tokenizer(Self.converted(goldens, pre: pre))
    )
    // Qwen's tokenizer.json composes characters first. GGUF has no word for that, so llama.cpp does not.
    let composed = try Normalizer(json: .object([.init("type", "NFC")]), file: "")
    for line in TokenizerGoldens.corpus.map({ name == "qwen2" ? composed.apply($0) : $0 }) {
      let ids = own.encode(line)
      #expect(other.encode(line) == ids, "\(JSON.string(line).encoded())")
      #expect(other.decode(ids) == own.decode(ids))
    }
    #expect(other.vocabularySize == own.vocabularySize)
    #expect(other.specialTokenIdentifiers == own.specialTokenIdentifiers)
  }

  @Test func theDemoModelHasItsTokenizer() throws {
    let own = try Tokenizer.load(folder: Fixtures.path("demo/damaged"))
    let model = try LoadedModel.open(Fixtures.path("gguf/demo-Q8_0.gguf"))
    for line in TokenizerGoldens.corpus {
      #expect(model.encoder.tokenizer.encode(line) == own.encode(line))
    }
    #expect(model.encoder.template.name == "own" && model.stopTokens == [2])
    #expect(model.templateReason == "the model's tokenizer.chat_template")
    let folder = try LoadedModel.open(Fixtures.path("demo/damaged"))
    #expect(folder.templateReason == "the model's chat_template.jinja")
    #expect(model.encoder.encodePrompt(" hi\n") == folder.encoder.encodePrompt(" hi\n"))
    let chatml = try LoadedModel.open(Fixtures.path("demo/damaged"), template: "chatml")
    #expect(chatml.encoder.encodePrompt(" hi\n") == folder.encoder.encodePrompt(" hi\n"))
  }

  // MARK: SentencePiece

  private static func sentencePiece(_ name: String) throws -> (
    file: ScratchGGUF, digests: [String]
  ) {
    let path = TokenizerGoldens.folder.appending(path: "sentencepiece.json").path
    let json = try #require(try JSON.read(path)?[name])
    func list<Element>(_ key: String, _ read: (JSON) -> Element?) -> [Element] {
      json[key]?.array?.compactMap(read) ?? []
    }
    let file = ScratchGGUF([
      ("tokenizer.ggml.model", .text("llama")),
      ("tokenizer.ggml.tokens", .texts(list("tokens", \.string))),
      ("tokenizer.ggml.scores", .reals(list("scores") { $0.double.map(Float.init) })),
      ("tokenizer.ggml.token_type", .numbers(list("types") { $0.integer.map(Int32.init) })),
      ("tokenizer.ggml.bos_token_id", .number(1)),
      ("tokenizer.ggml.unknown_token_id", .number(0)),
      ("tokenizer.ggml.add_space_prefix", .flag(name == "llama")),
    ])
    return (file, list("digests", \.string))
  }

  @Test(arguments: ["llama", "gemma"])
  func sentencePieceIdentifiersAreThoseOfTheLibrary(_ name: String) throws {
    let (file, digests) = try Self.sentencePiece(name)
    let tokenizer = try Self.tokenizer(file)
    // What the two would take for different things.
    let corpus = TokenizerGoldens.corpus.map { line in
      [("▁", "_"), ("<s>", "<S>"), ("</s>", "</S>")].reduce(line) {
        $0.replacingOccurrences(of: $1.0, with: $1.1, options: .literal)
      }
    }
    let ids = corpus.map { tokenizer.encode($0) }
    let lists = ids.map { $0.map(String.init).joined(separator: ",") + "\n" }
    for (number, digest) in digests.enumerated() {
      let hundred = lists[100 * number..<min(100 * number + 100, lists.count)]
      #expect(TokenizerGoldens.hexadecimal(hundred.joined()) == digest, "from \(100 * number) on")
    }
    #expect(digests.count == 52)
    #expect(tokenizer.prefix == [1])
    let space = name == "llama" ? " " : ""
    for (line, ids) in zip(corpus, ids) where !line.isEmpty {
      // The space that was put in front stays: it belongs to the first word of an answer.
      #expect(tokenizer.decode(ids, skipSpecialTokens: false) == space + line)
    }
  }

  @Test func spacesInFrontAndMarksFollowTheMetadata() throws {
    let (file, _) = try Self.sentencePiece("llama")
    let tokenizer = try Self.tokenizer(
      file.changing("tokenizer.ggml.add_space_prefix", .flag(false))
        .changing("tokenizer.ggml.add_bos_token", .flag(false)))
    #expect(tokenizer.prefix.isEmpty)
    #expect(tokenizer.decode(tokenizer.encode("start end")) == "start end")
    #expect(tokenizer.encode("<s>") == [1])
  }

  // MARK: Errors

  @Test func aFileWithoutTokenizerHasNone() throws {
    #expect(try ScratchGGUF([]).metadata { metadata, _ in try Tokenizer.read(metadata) } == nil)
    let error = #expect(throws: InputError.self) {
      try LoadedModel.open(Fixtures.path("gguf/tied.gguf"))
    }
    #expect(error?.kind == .missing && error?.expected == "a tokenizer in the metadata")
    #expect(error?.fix == "put the model's tokenizer.json into the folder of the file")
  }

  @Test(
    arguments: [
      ("tokenizer.ggml.model", .text("bert"), #""bert""#),
      ("tokenizer.ggml.model", .text("t5"), #""t5""#),
      ("tokenizer.ggml.model", nil, "no such key"),
      ("tokenizer.ggml.pre", .text("kimi-k2"), #""kimi-k2""#),
      ("tokenizer.ggml.tokens", .text("a"), #""a""#),
      ("tokenizer.ggml.merges", nil, "no such key"),
      ("tokenizer.ggml.token_type", .numbers([1]), "1"),
      ("tokenizer.ggml.bos_token_id", .number(99_999), "99999"),
    ] as [(String, ScratchGGUF.Value?, String)])
  func whatCannotBeUsedIsNamed(_ key: String, _ value: ScratchGGUF.Value?, _ found: String) throws {
    let file = try Self.converted(TokenizerTests.goldens("gpt2"), pre: "gpt-2")
    let error = #expect(throws: InputError.self) {
      try file.changing(key, value).metadata { metadata, _ in try Tokenizer.read(metadata) }
    }
    #expect(error?.place == "key \"\(key)\"" && error?.found == found)
  }
}
