import FormatIO
import Testing

@testable import Perturb

/// Is a statement what in-toto and SLSA ask for, byte by byte, whatever files are called?
struct StatementTests {
  private static let digest = [UInt8]("abc".utf8).withUnsafeBytes { ContentDigest($0) }

  @Test func theTextIsTheDocumentedOne() {
    let statement = Statement(
      .patch, subjects: [Resource("out.gguf", digest: Self.digest)],
      materials: [
        Resource("in.gguf", digest: Self.digest, annotations: [.init("role", "base")])
      ],
      externalParameters: .object([.init("seed", 7)]), internalParameters: .object([]),
      byproducts: [Resource("outcome", content: [1, 2, 255], mediaType: "application/json")],
      version: "9.8.7")
    // SHA-256 of "abc", from FIPS 180-4.
    let sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    let name = Statement.namespace
    #expect(name.hasPrefix("urn:uuid:"))
    let expected = """
      {"_type":"https://in-toto.io/Statement/v1",\
      "subject":[{"name":"out.gguf","digest":{"sha256":"\(sha)"}}],\
      "predicateType":"https://slsa.dev/provenance/v1",\
      "predicate":{"buildDefinition":{"buildType":"\(name)/patch/1",\
      "externalParameters":{"seed":7},"internalParameters":{},\
      "resolvedDependencies":[{"name":"in.gguf","digest":{"sha256":"\(sha)"},\
      "annotations":{"role":"base"}}]},\
      "runDetails":{"builder":{"id":"\(name)","version":{"panacea-patch":"9.8.7"}},\
      "byproducts":[{"name":"outcome","content":"AQL/","mediaType":"application/json"}]}}}
      """
    #expect(statement.json.encoded() == expected)
    #expect(statement.text == statement.json.encoded(indented: true) + "\n")
  }

  @Test(arguments: ["a\"b\\c\n\u{1}", "\u{202E}gpj.exe", "</script>", "字 🦙", "' OR 1=1 --"])
  func hostileNamesComeBack(_ name: String) throws {
    let statement = Statement(
      .patch, subjects: [Resource(name, digest: Self.digest)], materials: [],
      externalParameters: .object([]), internalParameters: .object([]))
    let text = statement.text
    #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    let parsed = try JSON.parse(Array(text.utf8), file: "statement")
    #expect(parsed["subject"]?.array?.first?["name"]?.string == name)
  }

  @Test func resourcesLeaveOutWhatIsNotKnown() {
    #expect(Resource("a").json.encoded() == "{\"name\":\"a\"}")
  }

  /// Its digest must stay what it is while the rows stay.
  @Test func rowsAreHashedByWhatTheySay() {
    func digest(_ source: String, _ prompt: String = "b") -> String {
      CalibrationSet(
        harmful: [
          .init(prompt: "a", response: "x", refusal: "y", isComplete: false, source: source)
        ],
        benign: [.init(prompt: prompt, source: source)]
      ).digest.description
    }
    let text = "[\"harmful\",\"a\",\"x\",\"y\",false]\n[\"benign\",\"b\",null,null,true]"
    let expected = [UInt8](text.utf8).withUnsafeBytes { ContentDigest($0) }.description
    #expect(digest("one.jsonl") == expected && digest("two.jsonl") == expected)
    #expect(digest("one.jsonl", "c") != expected)
  }
}
