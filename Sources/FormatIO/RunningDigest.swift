internal import CFormatIO
internal import Crypto

/// A SHA-256 digest of what it was given so far, which can be computed side by side with another one.
///
/// A library hashes one message at a time, and each instruction waits for the result of the one before. The
/// instructions of two messages fill each other's gaps: one core of an AMD EPYC (Zen 5) hashes 2.0 GB/s with
/// swift-crypto, and 1.55 GB/s of each of two messages here. Most of the time of a patch file goes into
/// digests, and swift-crypto does not do two at once; hence the padding here and the rounds in CFormatIO.
/// Where the CPU has no SHA instructions, swift-crypto does it all, and the tests compare with it everywhere.
struct RunningDigest {
  private static let blockSize = 64
  /// The initial hash value of FIPS 180-4, section 5.3.3.
  private static let initial: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
    0x5be0_cd19,
  ]

  private var state = RunningDigest.initial
  /// The bytes after the last whole block.
  private var pending: [UInt8] = []
  private var byteCount = 0
  /// Does all of the work if this CPU cannot.
  private var library: SHA256?

  /// Whether this CPU can hash two messages side by side.
  static let isFast = sha256_two_is_supported()

  /// The digest of nothing.
  ///
  /// - Parameter isFast: false to let swift-crypto do it.
  init(isFast: Bool = RunningDigest.isFast) {
    precondition(!isFast || RunningDigest.isFast, "the CPU has no SHA instructions")
    if !isFast { library = SHA256() }
  }

  /// Adds bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if library != nil {
      library?.update(bufferPointer: bytes)
      return
    }
    add(fill(bytes))
  }

  /// Adds bytes to two digests, side by side as far as both go on.
  ///
  /// The bytes may be the same ones: those of a tensor are also those of its file.
  static func update(
    _ first: inout RunningDigest, _ bytes: UnsafeRawBufferPointer,
    _ second: inout RunningDigest, _ otherBytes: UnsafeRawBufferPointer
  ) {
    guard first.library == nil, second.library == nil else {
      first.update(bytes)
      second.update(otherBytes)
      return
    }
    let (rest, otherRest) = (first.fill(bytes), second.fill(otherBytes))
    let blocks = min(rest.count, otherRest.count) / blockSize
    if blocks > 0, let start = rest.baseAddress, let otherStart = otherRest.baseAddress {
      sha256_two(&first.state, start, &second.state, otherStart, blocks)
    }
    first.add(UnsafeRawBufferPointer(rebasing: rest.dropFirst(blocks * blockSize)))
    second.add(UnsafeRawBufferPointer(rebasing: otherRest.dropFirst(blocks * blockSize)))
  }

  /// The 32 bytes of the digest; more can be added afterwards.
  func finalize() -> [UInt8] {
    if let library { return Array(library.finalize()) }
    // A one, zeros, and the length in bits fill the last block or two.
    let zeros = (2 * RunningDigest.blockSize - 9 - pending.count) % RunningDigest.blockSize
    let length = withUnsafeBytes(of: UInt64(8 * byteCount).bigEndian) { Array($0) }
    let end = pending + [0x80] + [UInt8](repeating: 0, count: zeros) + length
    var state = state
    sha256_one(&state, end, end.count / RunningDigest.blockSize)
    return state.flatMap { word in withUnsafeBytes(of: word.bigEndian) { Array($0) } }
  }

  // MARK: - Blocks

  /// Completes the block that was begun before; returns the bytes after it.
  private mutating func fill(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    byteCount += bytes.count
    guard !pending.isEmpty else { return bytes }
    let missing = min(RunningDigest.blockSize - pending.count, bytes.count)
    pending += bytes.prefix(missing)
    if pending.count == RunningDigest.blockSize {
      sha256_one(&state, pending, 1)
      pending.removeAll(keepingCapacity: true)
    }
    return UnsafeRawBufferPointer(rebasing: bytes.dropFirst(missing))
  }

  /// Adds whole blocks, and keeps what is after them. No block is begun, unless there are no bytes.
  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let blocks = bytes.count / RunningDigest.blockSize
    if blocks > 0, let start = bytes.baseAddress { sha256_one(&state, start, blocks) }
    pending += bytes.dropFirst(blocks * RunningDigest.blockSize)
  }
}

extension ContentDigest {
  /// The digest of what was hashed so far.
  init(_ hash: RunningDigest) {
    self.init(bytes: hash.finalize())
  }
}
