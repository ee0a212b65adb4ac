import FormatIO
import Testing

/// One broken file and the words its error must hold.
struct MalformedCase: CustomTestStringConvertible, Sendable {
  let name: String
  let bytes: [UInt8]
  let words: [String]
  var testDescription: String { name }

  init(_ name: String, _ bytes: [UInt8], _ words: String...) {
    self.name = name
    self.bytes = bytes
    self.words = words
  }

  init(_ name: String, header: String, data: Int = 0, _ words: String...) {
    self.name = name
    bytes = safetensors(header, data: [UInt8](repeating: 7, count: data))
    self.words = words
  }
}

private let large = "9223372036854775807"

private let cases: [MalformedCase] = [
  // R1 to R3: the length of the header.
  .init("R1 empty", [], "at least 8 bytes", "a file of 0"),
  .init("R1 seven bytes", [UInt8](repeating: 0, count: 7), "at least 8 bytes", "a file of 7"),
  .init("R2 over the cap", littleEndian(100_000_001 as UInt64), "at most 100000000", "100000001"),
  .init(
    "R2 2^63", littleEndian(1 << 63 as UInt64) + [123, 125], "at most", "9223372036854775808"),
  .init("R2 2^64-1", littleEndian(UInt64.max) + [123, 125], "at most", "18446744073709551615"),
  .init("R3 beyond the end", littleEndian(3 as UInt64) + [123, 125], "at most 2", "found 3"),
  .init("R3 length only", littleEndian(2 as UInt64), "at most 0", "found 2", "copied completely"),
  // R4: strict UTF-8.
  .init("R4 0xFF", safetensors([0xFF]), "byte 8", "starts with '{'", "0xff"),
  .init(
    "R4 0xFF in a name", safetensors(Array("{\"".utf8) + [0xFF] + Array("\":1}".utf8)),
    "byte 9", "valid UTF-8"),
  .init(
    "R4 overlong", safetensors(Array("{\"".utf8) + [0xC0, 0x80] + Array("\":1}".utf8)),
    "valid UTF-8"),
  .init(
    "R4 surrogate", safetensors(Array("{\"".utf8) + [0xED, 0xA0, 0x80] + Array("\":1}".utf8)),
    "valid UTF-8"),
  .init("R4 byte order mark", safetensors([0xEF, 0xBB, 0xBF, 123, 125]), "byte 8", "0xef"),
  // R5 and R6: strict JSON that starts with an object.
  .init("R5 empty header", safetensors([]), "starts with '{'", "an empty header"),
  .init("R5 lone brace", header: "{", "byte 9", "a member name", "the end of the text"),
  .init("R5 array", header: "[]", "byte 8", "starts with '{'"),
  .init("R5 text after it", header: "{}x", "byte 10", "the end of the text", "'x'"),
  .init("R5 second object", header: "{}{}", "byte 10", "the end of the text"),
  .init("R5 NUL after it", safetensors([123, 125, 0]), "byte 10", "the end of the text"),
  .init("R5 trailing comma", header: "{\(entry("a", "U8", "[0]", 0, 0)),}", "a member name"),
  .init("R5 comment", header: "{/**/}", "byte 9", "a member name", "'/'"),
  .init("R5 single quotes", header: "{'a':1}", "a member name"),
  .init("R5 raw control", safetensors(Array("{\"a\nb\":1}".utf8)), "control characters"),
  .init("R5 lone surrogate", header: "{\"\\ud800\":1}", "surrogate pair"),
  .init("R5 swapped pair", header: "{\"\\udc00\\ud800\":1}", "surrogate pair"),
  .init("R5 half a pair", header: "{\"\\ud800\\u0041\":1}", "low surrogate"),
  .init("R6 white space first", header: " {}", "byte 8", "starts with '{'", "0x20"),
  // R7: metadata.
  .init("R7 null", header: "{\"__metadata__\":null}", "byte 24", "'{'", "'n'"),
  .init("R7 list", header: "{\"__metadata__\":[]}", "'{'", "'['"),
  .init("R7 number", header: "{\"__metadata__\":{\"a\":1}}", "'\"'", "'1'"),
  .init("R7 nested", header: "{\"__metadata__\":{\"a\":{}}}", "'\"'", "'{'"),
  .init("R7 twice", header: "{\"__metadata__\":{},\"__metadata__\":{}}", "once", "__metadata__"),
  .init(
    "R7 twice by escape", header: "{\"__metadata__\":{},\"\\u005f_metadata__\":{}}", "once"),
  // R8: the fields of an entry.
  .init(
    "R8 no dtype", header: "{\"a\":{\"shape\":[],\"data_offsets\":[0,0]}}", "no dtype", "\"a\""),
  .init("R8 no shape", header: "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,0]}}", "no shape"),
  .init("R8 no offsets", header: "{\"a\":{\"dtype\":\"U8\",\"shape\":[]}}", "no data_offsets"),
  .init("R8 empty entry", header: "{\"a\":{}}", "byte 9", "no dtype"),
  .init("R8 array form", header: "{\"a\":[\"U8\",[0],[0,0]]}", "'{'", "'['"),
  .init("R8 string", header: "{\"a\":\"U8\"}", "'{'"),
  .init(
    "R8 unknown field", header: "{\"a\":{\"dtype\":\"U8\",\"strides\":[1]}}", "\"strides\"",
    "dtype, shape or data_offsets"),
  .init(
    "R8 repeated field", header: "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}", "once",
    "\"dtype\" again"),
  .init(
    "R8 repeated by escape", header: "{\"a\":{\"shape\":[1],\"shap\\u0065\":[1]}}", "once",
    "\"shape\" again"),
  .init("R8 unknown dtype", header: "{\"a\":{\"dtype\":\"f32\"}}", "one of BOOL", "\"f32\""),
  .init("R8 dtype number", header: "{\"a\":{\"dtype\":32}}", "'\"'", "'3'"),
  .init("R8 shape number", header: "{\"a\":{\"shape\":4}}", "'['", "'4'"),
  .init("R8 one offset", header: "{\"a\":{\"data_offsets\":[0]}}", "two data_offsets", "found 1"),
  .init("R8 three offsets", header: "{\"a\":{\"data_offsets\":[0,1,2]}}", "two", "found 3"),
  // R9: repeated names.
  .init(
    "R9 name twice",
    header: "{\(entry("a", "U8", "[1]", 0, 1)),\(entry("a", "U8", "[1]", 1, 2))}", data: 2,
    "each name once", "\"a\" again"),
  .init(
    "R9 name by escape",
    header: "{\(entry("a", "U8", "[1]", 0, 1)),\(entry("\\u0061", "U8", "[1]", 1, 2))}", data: 2,
    "each name once", "\"a\" again"),
  .init(
    "R9 empty name twice",
    header: "{\(entry("", "U8", "[0]", 0, 0)),\(entry("", "U8", "[0]", 0, 0))}", "each name once"),
  .init(
    "R9 metadata key", header: "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", "metadata key once"),
  .init(
    "R9 metadata key by escape", header: "{\"__metadata__\":{\"k\":\"1\",\"\\u006B\":\"2\"}}",
    "metadata key once", "\"k\" again"),
  // R10: unsigned integers.
  .init("R10 fraction", header: "{\"a\":{\"shape\":[4.0]}}", "whole number", "4.0"),
  .init("R10 exponent", header: "{\"a\":{\"shape\":[4e0]}}", "whole number", "4e0"),
  .init("R10 negative", header: "{\"a\":{\"shape\":[-1]}}", "whole number", "-1"),
  .init("R10 minus zero", header: "{\"a\":{\"data_offsets\":[-0,1]}}", "whole number", "-0"),
  .init("R10 leading zero", header: "{\"a\":{\"shape\":[04]}}", "','", "'4'"),
  .init("R10 plus", header: "{\"a\":{\"shape\":[+4]}}", "a digit", "'+'"),
  .init("R10 text", header: "{\"a\":{\"shape\":[\"4\"]}}", "a digit"),
  .init("R10 NaN", header: "{\"a\":{\"shape\":[NaN]}}", "a digit", "'N'"),
  .init("R10 boolean", header: "{\"a\":{\"shape\":[true]}}", "a digit"),
  .init("R10 nested", header: "{\"a\":{\"shape\":[[1]]}}", "a digit", "'['"),
  .init("R10 2^63", header: "{\"a\":{\"shape\":[9223372036854775808]}}", "below 2^63"),
  .init("R10 2^64", header: "{\"a\":{\"shape\":[18446744073709551616]}}", "below 2^63"),
  // R11: no holes, no overlap.
  .init(
    "R11 hole first", header: "{\(entry("a", "U8", "[1]", 1, 2))}", data: 2, "offset 0", "a hole"),
  .init(
    "R11 hole between",
    header: "{\(entry("a", "U8", "[1]", 0, 1)),\(entry("b", "U8", "[1]", 2, 3))}", data: 3,
    "\"b\"", "offset 1", "a hole"),
  .init(
    "R11 overlap", header: "{\(entry("a", "U8", "[2]", 0, 2)),\(entry("b", "U8", "[2]", 1, 3))}",
    data: 3, "\"b\"", "offset 2", "an overlap"),
  .init(
    "R11 ten share bytes",
    header: "{" + (0..<10).map { entry("t\($0)", "F32", "[2,2]", 0, 16) }.joined(separator: ",")
      + "}", data: 16, "\"t1\"", "an overlap"),
  .init("R11 backwards", header: "{\(entry("a", "U8", "[1]", 2, 1))}", data: 2, "backwards"),
  // R12 to R14: the size of a tensor.
  .init(
    "R12 product", header: "{\(entry("a", "U8", "[\(large),3]", 0, 1))}", data: 1, "63 bits",
    large),
  .init(
    "R12 product before zero", header: "{\(entry("a", "U8", "[\(large),\(large),0]", 0, 0))}",
    "63 bits"),
  .init(
    "R12 bits", header: "{\(entry("a", "U8", "[\(large)]", 0, 1))}", data: 1, "63 bits"),
  .init(
    "R12 bits of F64", header: "{\(entry("a", "F64", "[288230376151711744]", 0, 1))}", data: 1,
    "63 bits"),
  .init("R13 odd F4", header: "{\(entry("a", "F4", "[3]", 0, 2))}", data: 2, "whole bytes", "3"),
  .init("R13 F6", header: "{\(entry("a", "F6_E2M3", "[2]", 0, 2))}", data: 2, "whole bytes"),
  .init(
    "R14 too few", header: "{\(entry("a", "F32", "[2]", 0, 4))}", data: 4, "8 bytes for F32",
    "4 bytes in data_offsets"),
  .init(
    "R14 too many", header: "{\(entry("a", "F32", "[1]", 0, 8))}", data: 8, "4 bytes for F32"),
  .init(
    "R14 zero", header: "{\(entry("a", "F32", "[0]", 0, 4))}", data: 4, "0 bytes for F32"),
  .init(
    "R14 rank 0", header: "{\(entry("a", "F32", "[]", 0, 0))}", "4 bytes for F32 of shape []"),
  // R15: the end of the file.
  .init(
    "R15 two short", header: "{\(entry("a", "F32", "[1]", 0, 4))}", data: 2, "4 bytes of data",
    "2 bytes", "copied completely"),
  .init(
    "R15 trailing", header: "{\(entry("a", "F32", "[1]", 0, 4))}", data: 5, "4 bytes of data",
    "5 bytes"),
  .init("R15 no tensors", header: "{}", data: 1, "0 bytes of data", "1 bytes"),
  .init(
    "R15 hostile end",
    header: "{\(entry("a", "U8", "[1152921504606846975]", 0, 1_152_921_504_606_846_975))}",
    data: 1, "1152921504606846975 bytes of data", "1 bytes"),
]

@Suite("Malformed safetensors headers")
struct MalformedHeaderTests {
  @Test("each broken file is refused with its own message", arguments: cases)
  func refused(_ example: MalformedCase) throws {
    let folder = try ScratchFolder()
    let path = try folder.write(example.bytes)
    let error = try #require(inputError { _ = try Checkpoint.open(path) })
    #expect(error.kind == .malformed)
    #expect(error.file == path)
    for word in example.words { #expect(error.description.contains(word)) }
  }

  @Test("deep nesting ends in an error, not in a stack overflow")
  func deepNesting() throws {
    let folder = try ScratchFolder()
    let path = try folder.write(
      safetensors("{\"a\":" + String(repeating: "[", count: 1_000_000)))
    #expect(inputError { _ = try Checkpoint.open(path) }?.kind == .malformed)
  }

  @Test("every truncation of a good file is refused")
  func truncations() throws {
    let folder = try ScratchFolder()
    let good = safetensors(
      "{\(entry("a", "U8", "[3]", 0, 3)),\(entry("b", "BF16", "[2]", 3, 7))}  ",
      data: [1, 2, 3, 4, 5, 6, 7])
    #expect(try Checkpoint.open(folder.write(good)).tensors.count == 2)
    for count in 0..<good.count {
      let path = try folder.write(Array(good[..<count]), "short.safetensors")
      #expect(inputError { _ = try Checkpoint.open(path) } != nil, "\(count) bytes")
    }
  }
}
