import FormatIO
import Foundation
import Testing

/// Does `inspect` tell what is in a file, for programs and for people, and refuse what is broken?
struct InspectTests {
  /// Two tensors; one name has an escape sequence that must not reach a terminal.
  private static let header = #"""
    {"__metadata__":{"format":"pt"},"a\u001b[31m":{"dtype":"BF16","shape":[2,3],"data_offsets":\#
    [0,12]},"scalar":{"dtype":"F32","shape":[],"data_offsets":[12,16]}}
    """#
  private static let data = (0..<16).map { UInt8($0) }

  private static func file(_ header: String, data: [UInt8]) -> [UInt8] {
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    return length + Array(header.utf8) + data
  }

  @Test func documentHasTheSchema() throws {
    let folder = try TemporaryFolder()
    let path = try folder.create("m.safetensors", Self.file(Self.header, data: Self.data)).path
    let run = try runBinary("inspect", path, "--json")
    #expect(run.status == 0)
    #expect(run.messages.isEmpty)
    let json = try JSON.parse(Array(run.output.utf8), file: "stdout")
    #expect(
      json.object?.map(\.key) == [
        "schema", "version", "format", "family", "parameters", "metadata", "tensors", "patchable",
        "reasons",
      ])
    #expect(json["schema"]?.string == "panacea-patch/inspection/1")
    #expect(json["format"]?.string == "safetensors")
    #expect(json["family"]?.isNull == true)
    #expect(json["parameters"]?.integer == 7)
    #expect(json["metadata"]?["format"]?.string == "pt")
    #expect(json["patchable"]?.boolean == false)
    #expect(json["reasons"]?.array?.count == 2)
    let tensors = try #require(json["tensors"]?.array)
    #expect(tensors.map { $0["name"]?.string } == ["a\u{1B}[31m", "scalar"])
    #expect(tensors.map { $0["dtype"]?.string } == ["BF16", "F32"])
    #expect(tensors.map { $0["shape"]?.array?.map(\.integer) } == [[2, 3], []])
    #expect(tensors.map { $0["bytes"]?.integer } == [12, 4])
    #expect(tensors.allSatisfy { $0["sha256"] == nil })
  }

  /// A GGUF file is shown, its shapes as they stand in it, whatever it lacks; the patch says what.
  @Test func ggufIsShownAndItsGapsNamed() throws {
    func number(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    func text(_ text: String) -> [UInt8] { number(UInt64(text.utf8.count)) + Array(text.utf8) }
    var bytes = Array("GGUF".utf8) + number(UInt32(3)) + number(Int64(1)) + number(Int64(2))
    bytes += text("general.architecture") + number(Int32(8)) + text("llama")
    bytes += text("tokenizer.ggml.tokens") + number(Int32(9)) + number(Int32(8))
    bytes += number(UInt64(2)) + text("a") + text("b")
    bytes += text("blk.0.attn_q.weight") + number(UInt32(2)) + number(Int64(32)) + number(Int64(3))
    bytes += number(UInt32(8)) + number(UInt64(0))
    bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32 + 3 * 34)
    let folder = try TemporaryFolder()
    let path = try folder.create("m.gguf", bytes).path
    let run = try runBinary("inspect", path, "--json")
    #expect(run.status == 0)
    let json = try JSON.parse(Array(run.output.utf8), file: "stdout")
    #expect(json["format"]?.string == "gguf" && json["family"]?.string == "llama")
    #expect(json["metadata"]?["tokenizer.ggml.tokens"]?.string == "2 × STR")
    let tensor = try #require(json["tensors"]?.array?.first)
    #expect(tensor["shape"]?.array?.map(\.integer) == [32, 3])
    #expect(tensor["dtype"]?.string == "Q8_0" && tensor["bytes"]?.integer == 102)
    #expect(json["patchable"]?.boolean == false && json["reasons"]?.array?.count == 2)
    let patch = try runBinary("patch", path, path + ".out")
    #expect(patch.status == 65)
    #expect(
      patch.messages.contains(
        #"m.gguf, key "llama.embedding_length": expected a whole number, found no such key"#))
  }

  /// The expected values are from `sha256sum`.
  @Test func digestsAreThoseOfTheBytes() throws {
    let folder = try TemporaryFolder()
    let path = try folder.create("m.safetensors", Self.file(Self.header, data: Self.data)).path
    let run = try runBinary("inspect", path, "--json", "--digests")
    let json = try JSON.parse(Array(run.output.utf8), file: "stdout")
    #expect(
      json["tensors"]?.array?.map { $0["sha256"]?.string } == [
        "fff3a9bcdd37363d703c1c4f9512533686157868f0d4f16a0f02d0f1da24f9a2",
        "71b92110bf135c85581c8a128f6a19c0f6aca752b0c6c91e3571899cf09b145d",
      ])
  }

  @Test func tableIsAlignedAndHarmless() throws {
    let folder = try TemporaryFolder()
    let path = try folder.create("m.safetensors", Self.file(Self.header, data: Self.data)).path
    let run = try runBinary("inspect", path)
    #expect(run.status == 0)
    let parts = run.output.components(separatedBy: "\n\n")
    #expect(
      Array(parts.dropFirst()) == [
        """
        dtype  tensors  parameters  size
        BF16         1           6  12 B
        F32          1           1   4 B
        """,
        #"""
        tensors      dtype       shape  size
        a\u{1b}[31m  BF16        2 × 3  12 B
        scalar       F32    one number   4 B
        """#,
        """
        metadata
        format    pt

        """,
      ])
    #expect(parts[0].hasPrefix("format         safetensors\nfamily         unknown\n"))
    #expect(parts[0].contains("\npatchable      no\n"))
    #expect(parts[0].contains("config.json"))
    #expect(parts[0].contains("tokenizer.json"))
  }

  @Test func missingFileEndsWith66() throws {
    let folder = try TemporaryFolder()
    let path = folder.url.appending(path: "absent.safetensors").path
    let run = try runBinary("inspect", path, "--json")
    #expect(run.status == 66)
    #expect(run.output.isEmpty)
    #expect(run.messages.hasPrefix("Error: \(path): expected "))
    #expect(run.messages.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    [], [1, 2, 3], file(header, data: Array(data.dropLast())), file(header, data: data + [0]),
    file("{\"a\":", data: []),
  ])
  func malformedFileEndsWith65(_ bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.create("m.safetensors", bytes).path
    let run = try runBinary("inspect", path, "--json")
    #expect(run.status == 65)
    #expect(run.output.isEmpty)
    #expect(run.messages.hasPrefix("Error: \(path)"))
    #expect(run.messages.contains(": expected "))
  }

  /// Lost results must not look like success.
  @Test func fullOutputIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = try folder.create("m.safetensors", Self.file(Self.header, data: Self.data)).path
    let run = try runBinary("inspect", path, output: "/dev/full")
    #expect(run.status == 74)
    #expect(run.messages.hasPrefix("Error: standard output: expected to write "))
  }
}
