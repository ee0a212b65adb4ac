import FormatIO
import Testing

@Suite("JSON")
struct JSONParserTests {
  @Test(
    "strict JSON is accepted and written back",
    arguments: [
      "null", "true", "false", "0", "-0", "12", "-1.5e+10", "1E2", "\"\"", "[]", "{}",
      "[1,[2,{\"a\":[]}]]", "{\"b\":1,\"a\":2}", "\"\\\"\\\\\\n\\t\"", "\"é😀\"",
    ])
  func accepted(_ text: String) throws {
    #expect(try JSON.parse(Array(" \(text)\n\t\r ".utf8), file: "f").encoded() == text)
  }

  @Test(
    "anything else is refused with its offset",
    arguments: [
      ("", 0), ("nul", 0), ("True", 0), ("01", 1), ("-", 1), ("1.", 2), (".5", 0), ("1e", 2),
      ("+1", 0), ("NaN", 0), ("Infinity", 0), ("[1,]", 3), ("[1 2]", 3), ("[", 1), ("{\"a\"}", 4),
      ("{\"a\":}", 5), ("{a:1}", 1), ("{\"a\":1,}", 7), ("\"a", 2), ("\"\u{1}\"", 1),
      ("\"\\x\"", 3),
      ("\"\\u12g4\"", 5), ("\"\\ud800\"", 1), ("\"\\udc00\"", 1), ("\"\\ud800\\u0041\"", 1),
      ("1 1", 2), ("// c\n1", 0), ("{\"a\":1,\"a\":2}", 7), ("{\"a\":1,\"\\u0061\":2}", 7),
    ])
  func refused(_ text: String, _ offset: Int) throws {
    let error = try #require(inputError { _ = try JSON.parse(Array(text.utf8), file: "f") })
    #expect(error.file == "f" && error.kind == .malformed)
    #expect(error.place == "byte \(offset)")
  }

  @Test(
    "bytes that are no UTF-8 are refused", arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80]])
  func encoding(_ bytes: [UInt8]) {
    #expect(inputError { _ = try JSON.parse([34] + bytes + [34], file: "f") } != nil)
  }

  @Test("names that differ only in normalisation are two names")
  func normalisation() throws {
    let value = try JSON.parse(Array("{\"caf\u{E9}\":1,\"cafe\u{301}\":2}".utf8), file: "f")
    #expect(value["caf\u{E9}"]?.integer == 1 && value["cafe\u{301}"]?.integer == 2)
  }

  @Test("escapes are decoded")
  func escapes() throws {
    let value = try JSON.parse(Array("\"\\u0041\\/\\b\\f\\ud83d\\ude00\\u0000\"".utf8), file: "f")
    #expect(value.string == "A/\u{8}\u{c}😀\0")
  }

  @Test("nesting is bounded")
  func depth() throws {
    func nested(_ levels: Int) -> [UInt8] {
      Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
    }
    #expect(try JSON.parse(nested(129), file: "f").array?.count == 1)
    #expect(inputError { _ = try JSON.parse(nested(130), file: "f") } != nil)
  }
}
