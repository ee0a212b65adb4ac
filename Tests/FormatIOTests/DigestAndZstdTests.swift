import FormatIO
import Testing

@Suite("Digests")
struct ContentDigestTests {
  @Test("a file has the digest of the standard's test vector")
  func vector() throws {
    let folder = try ScratchFolder()
    #expect(
      try ContentDigest(file: folder.write(Array("abc".utf8))).description
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      try ContentDigest(file: folder.write([], "empty")).description
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test("a file of many blocks has the digest of the standard's long test vector")
  func longVector() throws {
    let folder = try ScratchFolder()
    let letters = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(
      try ContentDigest(file: folder.write(letters)).description
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("the content digest sees names, types, shapes and data, and nothing else")
  func content() throws {
    let folder = try ScratchFolder()
    func digest(_ header: String, _ data: [UInt8]) throws -> ContentDigest {
      try Checkpoint.open(folder.write(safetensors(header, data: data))).contentDigest()
    }
    let (a, b) = (entry("a", "U8", "[2,1]", 0, 2), entry("b", "I8", "[1]", 2, 3))
    let base = try digest("{\(a),\(b)}", [1, 2, 3])
    let same = [
      try digest("{\(b),\"__metadata__\":{\"k\":\"v\"},\(a)}   ", [1, 2, 3]),
      try digest(
        "{\(entry("b", "I8", "[1]", 0, 1)),\(entry("a", "U8", "[2,1]", 1, 3))}", [3, 1, 2]),
    ]
    #expect(same.allSatisfy { $0 == base })
    let others = [
      try digest("{\(a),\(b)}", [1, 2, 4]),
      try digest("{\(entry("a", "U8", "[1,2]", 0, 2)),\(b)}", [1, 2, 3]),
      try digest("{\(a),\(entry("b", "U8", "[1]", 2, 3))}", [1, 2, 3]),
      try digest("{\(a),\(entry("c", "I8", "[1]", 2, 3))}", [1, 2, 3]),
      try digest("{\(a)}", [1, 2]),
    ]
    #expect(Set(others + [base]).count == 6)
  }
}

@Suite("Zstandard")
struct ZstdTests {
  /// `printf hello | zstd`: one frame with a checksum.
  private let hello: [UInt8] = [
    40, 181, 47, 253, 4, 88, 41, 0, 0, 104, 101, 108, 108, 111, 163, 109, 159, 136,
  ]
  /// A megabyte of zeros.
  private let zeros: [UInt8] = [
    40, 181, 47, 253, 4, 88, 84, 0, 0, 16, 0, 0, 1, 0, 251, 255, 57, 192, 2, 2, 0, 16, 0, 2, 0, 16,
    0, 2, 0, 16, 0, 2, 0, 16, 0, 2, 0, 16, 0, 2, 0, 16, 0, 3, 0, 16, 0, 241, 62, 22, 225,
  ]

  @Test("frames are decompressed, one after the other")
  func frames() throws {
    let bytes = try Zstd.decompress(hello + hello, file: "f", limit: 100)
    #expect(bytes == Array("hellohello".utf8))
    #expect(
      try Zstd.decompress(zeros, file: "f", limit: 1 << 20) == .init(repeating: 0, count: 1 << 20))
  }

  @Test("damaged, short and oversized data is refused")
  func refused() {
    func found(_ bytes: [UInt8], limit: Int = 100) -> String? {
      inputError { _ = try Zstd.decompress(bytes, file: "f", limit: limit) }?.found
    }
    for count in 0..<hello.count { #expect(found(Array(hello[..<count])) != nil, "\(count)") }
    var damaged = hello
    damaged[damaged.count - 1] ^= 1
    #expect(found(damaged) != nil)
    #expect(found(hello + [1, 2, 3, 4]) != nil)
    #expect(found(zeros, limit: 1 << 20 - 1) == "more")
  }
}
