import Crypto
import Testing

@testable import FormatIO

/// What swift-crypto makes of some bytes.
private func expected(_ bytes: ArraySlice<UInt8>) -> [UInt8] { Array(SHA256.hash(data: bytes)) }

/// Digests of two messages, given piece by piece; pieces are pairs of lengths.
private func digests(
  _ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>, _ pieces: [(Int, Int)], isFast: Bool
) -> [[UInt8]] {
  var hashes = (RunningDigest(isFast: isFast), RunningDigest(isFast: isFast))
  var (rest, otherRest) = (first, second)
  for (count, otherCount) in pieces + [(first.count, second.count)] {
    rest.prefix(count).withUnsafeBytes { bytes in
      otherRest.prefix(otherCount).withUnsafeBytes { otherBytes in
        RunningDigest.update(&hashes.0, bytes, &hashes.1, otherBytes)
      }
    }
    (rest, otherRest) = (rest.dropFirst(count), otherRest.dropFirst(otherCount))
  }
  return [hashes.0.finalize(), hashes.1.finalize()]
}

@Suite("Two digests side by side")
struct RunningDigestTests {
  /// With the instructions, where this CPU has them, and without.
  static let ways = RunningDigest.isFast ? [true, false] : [false]

  private let bytes: [UInt8]

  init() {
    var random = SplitMix64(state: 11)
    bytes = (0..<3_000_000).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  @Test("have the values of the standard's examples", arguments: ways)
  func vectors(isFast: Bool) {
    let long =
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
      + "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
    let examples = [
      "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq":
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
      long: "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
      String(repeating: "a", count: 1_000_000):
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    ]
    for (text, digest) in examples {
      for (other, otherDigest) in examples {
        let found = digests(Array(text.utf8)[...], Array(other.utf8)[...], [], isFast: isFast)
        #expect(found.map(\.hexadecimal) == [digest, otherDigest])
      }
    }
  }

  @Test("equal those of swift-crypto for every length up to 300 beside others", arguments: ways)
  func lengths(isFast: Bool) {
    let all = (0...300).map { expected(bytes[..<$0]) }
    for length in 0...300 {
      for other in [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 200, 300] {
        let found = digests(bytes[..<length], bytes[..<other], [], isFast: isFast)
        if found != [all[length], all[other]] { Issue.record("\(length) beside \(other)") }
      }
    }
  }

  @Test("do not depend on the pieces, nor on where the bytes begin", arguments: ways)
  func pieces(isFast: Bool) {
    var random = SplitMix64(state: 12)
    for _ in 0..<2000 {
      func message() -> ArraySlice<UInt8> {
        let start = Int.random(in: 0..<500, using: &random)
        return bytes[start..<start + Int.random(in: 0..<1000, using: &random)]
      }
      let (first, second) = (message(), message())
      let pieces = (0..<5).map { _ in
        (Int.random(in: 0..<200, using: &random), Int.random(in: 0..<200, using: &random))
      }
      let found = digests(first, second, pieces, isFast: isFast)
      if found != [expected(first), expected(second)] {
        Issue.record("\(first.indices) beside \(second.indices) in \(pieces)")
      }
    }
  }

  @Test("of the same bytes, begun at another place, and of long messages", arguments: ways)
  func sameBytes(isFast: Bool) {
    for start in [0, 1, 8, 63, 64, 1001] {
      var (whole, part) = (RunningDigest(isFast: isFast), RunningDigest(isFast: isFast))
      bytes[..<start].withUnsafeBytes { whole.update($0) }
      bytes[start...].withUnsafeBytes { RunningDigest.update(&whole, $0, &part, $0) }
      #expect(
        [whole.finalize(), part.finalize()] == [expected(bytes[...]), expected(bytes[start...])])
    }
  }

  @Test("can be read in between", arguments: ways)
  func inBetween(isFast: Bool) {
    var hash = RunningDigest(isFast: isFast)
    for end in stride(from: 0, to: 1000, by: 37) {
      #expect(hash.finalize() == expected(bytes[..<end]))
      bytes[end..<end + 37].withUnsafeBytes { hash.update($0) }
    }
  }

  @Test("a file and its tensors are hashed in one pass, and two ranges side by side")
  func file() throws {
    let folder = try ScratchFolder()
    // A hole between the tensors, as alignment leaves it, and one at the end.
    let ranges = [100..<1100, 1100..<1100, 1131..<70_003, 70_003..<70_004]
    let file = try MappedFile(folder.write(Array(bytes[..<80_000])))
    let tensors = ranges.map {
      TensorInfo(
        name: "t", elementType: .int8, shape: [$0.count], elementCount: $0.count, shard: 0,
        byteRange: $0)
    }
    let (whole, parts) = try file.digests(with: tensors)
    #expect(whole.bytes == expected(bytes[..<80_000]))
    #expect(parts.map(\.bytes) == ranges.map { expected(bytes[$0]) })
    for range in ranges {
      for other in ranges {
        let (first, second) = try file.digests(of: range, and: file, other)
        #expect([first.bytes, second.bytes] == [expected(bytes[range]), expected(bytes[other])])
      }
    }
  }
}
