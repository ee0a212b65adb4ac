import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Which settings of a `tokenizer.json` are refused, and how the error names them.
struct TokenizerErrorTests {
  static let bytes = #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}"#

  /// A tokenizer of three tokens with one stage replaced.
  static func text(_ changes: [String: String]) -> String {
    var members = [
      "model": #"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}"#,
      "pre_tokenizer": bytes,
      "added_tokens": "[]",
    ]
    members.merge(changes) { $1 }
    return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }

  static func tokenizer(_ changes: [String: String] = [:]) throws -> Tokenizer {
    let json = try JSON.parse(Array(text(changes).utf8), file: "tokenizer.json")
    return try Tokenizer(json: json, file: "tokenizer.json")
  }

  @Test func theSmallestTokenizerWorks() throws {
    let tokenizer = try Self.tokenizer()
    #expect(tokenizer.encode("abba") == [2, 1, 0])
    #expect(tokenizer.decode([2, 1, 0, 99, -1]) == "abba")
    #expect(tokenizer.vocabularySize == 3)
    #expect(tokenizer.specialTokenIdentifiers.isEmpty)
  }

  @Test(arguments: [
    ("normalizer", #"{"type":"BertNormalizer"}"#, "normalizer", "\"BertNormalizer\""),
    (
      "normalizer", #"{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"ByteLevel"}]}"#,
      "normalizer.normalizers[1]", "\"ByteLevel\""
    ),
    (
      "normalizer", #"{"type":"Precompiled"}"#, "normalizer.precompiled_charsmap", "no text"
    ),
    (
      "normalizer", #"{"type":"Precompiled","precompiled_charsmap":"//8A"}"#,
      "normalizer.precompiled_charsmap", "3 bytes, 0 of them the trie"
    ),
    (
      "normalizer", #"{"type":"Precompiled","precompiled_charsmap":"CAAAAAAAAAA="}"#,
      "normalizer.precompiled_charsmap", "8 bytes, 8 of them the trie"
    ),
    ("normalizer", #"{"type":"Prepend"}"#, "normalizer.prepend", "null"),
    ("normalizer", #"{"type":"Replace","content":""}"#, "normalizer.pattern", "null"),
    (
      "normalizer", #"{"type":"Replace","pattern":{"String":"a"}}"#, "normalizer.content", "null"
    ),
    (
      "normalizer", #"{"type":"Replace","pattern":{"Regex":"[a"},"content":""}"#,
      "normalizer.pattern", "\"[a\""
    ),
    ("pre_tokenizer", #"{"type":"UnicodeScripts"}"#, "pre_tokenizer", "\"UnicodeScripts\""),
    ("pre_tokenizer", #"{"type":"Metaspace"}"#, "pre_tokenizer.replacement", "null"),
    (
      "pre_tokenizer", #"{"type":"Metaspace","replacement":"_","prepend_scheme":"last"}"#,
      "pre_tokenizer.prepend_scheme", "\"last\""
    ),
    (
      "pre_tokenizer", #"{"type":"Metaspace","replacement":"_","add_prefix_space":false}"#,
      "pre_tokenizer.add_prefix_space", "false"
    ),
    (
      "pre_tokenizer",
      #"{"type":"Sequence","pretokenizers":[\#(bytes),{"type":"Digits"}]}"#,
      "pre_tokenizer.pretokenizers[1]", "\"Digits\""
    ),
    (
      "pre_tokenizer",
      #"{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated","invert":false}"#,
      "pre_tokenizer.pattern", "\"(a\""
    ),
    (
      "pre_tokenizer",
      #"{"type":"Split","pattern":{"String":"a"},"behavior":"Glued","invert":false}"#,
      "pre_tokenizer.behavior", "\"Glued\""
    ),
    ("post_processor", #"{"type":"Padding"}"#, "post_processor", "\"Padding\""),
    ("post_processor", #"{"type":"BertProcessing"}"#, "post_processor.cls", "null"),
    (
      "post_processor", #"{"type":"TemplateProcessing","single":[],"special_tokens":{}}"#,
      "post_processor.single", "0"
    ),
    ("decoder", #"{"type":"WordPiece"}"#, "decoder", "\"WordPiece\""),
    (
      "decoder", #"{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"CTC"}]}"#,
      "decoder.decoders[1]", "\"CTC\""
    ),
    (
      "decoder", #"{"type":"Strip","content":"ab"}"#, "decoder", #"{"type":"Strip","content":"ab"}"#
    ),
    ("model", #"{"type":"WordPiece"}"#, "model.type", "\"WordPiece\""),
    ("model", #"{"type":"Unigram"}"#, "model.type", "\"Unigram\""),
    (
      "model", #"{"type":"BPE","end_of_word_suffix":"</w>"}"#, "model.end_of_word_suffix",
      "\"</w>\""
    ),
    ("model", #"{"type":"BPE","dropout":0.1}"#, "model.dropout", "0.1"),
    (
      "model", #"{"type":"BPE","vocab":{"a":0},"merges":[],"byte_fallback":true}"#,
      "model.byte_fallback", "true, and 255 characters missing"
    ),
    (
      "model", #"{"type":"BPE","vocab":{"a":0},"merges":[],"fuse_unk":true}"#,
      "model.fuse_unk", "true, and 255 characters missing"
    ),
    (
      "model", #"{"type":"BPE","vocab":{"a":0},"merges":[],"unk_token":"?"}"#,
      "model.unk_token", "\"?\""
    ),
    ("model", #"{"type":"BPE","vocab":{"a":0},"merges":["a a"]}"#, "model.merges[0]", "\"aa\""),
    ("model", #"{"type":"BPE","vocab":{"a":0},"merges":["a"]}"#, "model.merges[0]", "\"a\""),
    ("model", #"{"type":"BPE","vocab":{"a":-1}}"#, "model.vocab, token \"a\"", "-1"),
    (
      "model", #"{"type":"BPE","vocab":{"a":1,"b":1}}"#, "model.vocab, token \"b\"",
      "1, which another token has"
    ),
    ("added_tokens", #"[{"id":7,"content":""}]"#, "added_tokens[0].content", "\"\""),
    ("added_tokens", #"[{"id":7,"content":"a"}]"#, "added_tokens[0].id", "7"),
    ("added_tokens", #"[{"id":1,"content":"<s>"}]"#, "added_tokens[0].id", "1"),
  ])
  func whatIsNotSupportedIsNamed(stage: String, value: String, place: String, found: String) {
    let error = #expect(throws: InputError.self) { try Self.tokenizer([stage: value]) }
    #expect(error?.file == "tokenizer.json")
    #expect(error?.place == place)
    #expect(error?.found == found)
  }

  /// Without a step of bytes, text is made of characters, and there may be a model of words and scores.
  @Test(arguments: [
    (#"{"type":"Unigram"}"#, "model.vocab", "nothing"),
    (#"{"type":"Unigram","vocab":[["a",-1]]}"#, "model.unk_id", "null"),
    (#"{"type":"Unigram","vocab":[["a",-1]],"unk_id":1}"#, "model.unk_id", "1"),
    (#"{"type":"Unigram","vocab":[["a"]],"unk_id":0}"#, "model.vocab[0]", #"["a"]"#),
    (#"{"type":"WordLevel","vocab":{}}"#, "model.type", "\"WordLevel\""),
  ])
  func modelsThatCannotBeReadAreNamed(model: String, place: String, found: String) {
    let error = #expect(throws: InputError.self) {
      try Self.tokenizer(["model": model, "pre_tokenizer": "null"])
    }
    #expect(error?.place == place)
    #expect(error?.found == found)
  }

  /// Places outside the trie and texts outside the map are no matches.
  @Test func aBrokenCharacterMapLeavesTextAlone() throws {
    for unit in [UInt32.max, 0x100, 0x161, 0x8000_0061, 0x0000_0561] {
      let bytes = [4, 0, 0, 0].map(UInt8.init) + withUnsafeBytes(of: unit.littleEndian, Array.init)
      let map = Data(bytes).base64EncodedString()
      let tokenizer = try Self.tokenizer([
        "normalizer": #"{"type":"Precompiled","precompiled_charsmap":"\#(map)"}"#
      ])
      #expect(tokenizer.encode("abba") == [2, 1, 0])
    }
  }

  @Test(arguments: [nil, "tokenizer.model"])
  func aFolderWithoutTokenizerSaysWhatToPutThere(other: String?) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    if let other { try Data().write(to: folder.appending(path: other)) }
    let error = #expect(throws: InputError.self) { try Tokenizer.load(folder: folder.path) }
    #expect(error?.kind == .missing)
    #expect(error?.found == other ?? "no such file")
    #expect(
      error?.fix?.contains(other == nil ? "tokenizer.json" : "save_pretrained('\(folder.path)')")
        == true)
  }
}
