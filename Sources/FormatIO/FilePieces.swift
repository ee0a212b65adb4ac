import Crypto
import Glibc

// Long files piece by piece, so that memory does not grow with them.

extension MappedFile {
  /// How much is hashed or compared at once.
  private static let pieceSize = 4 << 20

  /// Calls `body` with bytes of the file, and lets their pages go: memory must not grow with the file.
  func withPiece<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    defer { advise(range, .mayBeDropped) }
    return try withBytes(range, body)
  }

  /// A copy of some bytes of the file.
  ///
  /// - Throws: `InputError` if the file has become shorter.
  func read(_ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      while filled < range.count {
        let room = UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
        filled += try read(room, at: range.lowerBound + filled)
      }
    }
  }

  /// Fills the start of `room`, which is not empty, with bytes of the file from `offset` on.
  ///
  /// Unlike the map, this gives an error where a file has become shorter, not SIGBUS.
  ///
  /// - Returns: how many.
  /// - Throws: `InputError` of kind `inputOutput`.
  func read(_ room: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
    while true {
      let count = pread(descriptor, room.baseAddress, room.count, off_t(offset))
      if count > 0 { return count }
      guard count < 0, errno == EINTR else {
        throw InputError(
          .inputOutput, file: path, place: "byte \(offset)", expected: "\(self.count) bytes",
          found: count == 0 ? "that it has become shorter" : String(cString: strerror(errno)))
      }
    }
  }

  /// Ranges that cover another one, small enough to be in memory at once.
  static func pieces(of range: Range<Int>) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: pieceSize).map {
      $0..<min($0 + pieceSize, range.upperBound)
    }
  }

  /// The digest of some bytes of the file.
  ///
  /// - Parameter progress: gets the bytes hashed since the last call. May throw to stop.
  /// - Throws: `InputError` if the file is no longer what it was when it was opened.
  func digest(of range: Range<Int>, progress: (Int) throws -> Void = { _ in }) throws
    -> ContentDigest
  {
    var hash = SHA256()
    try checkUnchanged()
    for piece in MappedFile.pieces(of: range) {
      try withPiece(piece) { hash.update(bufferPointer: $0) }
      try progress(piece.count)
    }
    return ContentDigest(hash)
  }

  /// The digests of some bytes of this file and of others of any file, computed side by side.
  ///
  /// The longer range takes the rest of its time alone.
  ///
  /// - Throws: `InputError` if a file is no longer what it was when it was opened.
  func digests(of range: Range<Int>, and other: MappedFile, _ otherRange: Range<Int>) throws
    -> (ContentDigest, ContentDigest)
  {
    var (hash, otherHash) = (RunningDigest(), RunningDigest())
    try checkUnchanged()
    try other.checkUnchanged()
    let common = min(range.count, otherRange.count)
    for (piece, otherPiece) in zip(
      MappedFile.pieces(of: range.prefix(common)),
      MappedFile.pieces(of: otherRange.prefix(common)))
    {
      try withPiece(piece) { bytes in
        try other.withPiece(otherPiece) { otherBytes in
          RunningDigest.update(&hash, bytes, &otherHash, otherBytes)
        }
      }
    }
    try add(range.dropFirst(common), to: &hash)
    try other.add(otherRange.dropFirst(common), to: &otherHash)
    return (ContentDigest(hash), ContentDigest(otherHash))
  }

  /// Adds some bytes of the file to a digest.
  func add(_ range: Range<Int>, to hash: inout RunningDigest) throws {
    for piece in MappedFile.pieces(of: range) { try withPiece(piece) { hash.update($0) } }
  }

  /// The digest of the whole file, and those of its tensors, in one pass.
  ///
  /// - Parameter tensors: in the order of the data; what is around them counts for the file alone.
  /// - Throws: `InputError` if the file is no longer what it was when it was opened.
  func digests(with tensors: [TensorInfo]) throws -> (ContentDigest, [ContentDigest]) {
    var whole = RunningDigest()
    var end = 0
    try checkUnchanged()
    let digests = try tensors.map { tensor in
      let range = tensor.byteRange
      // Only an empty tensor may begin before the end of another.
      if range.lowerBound > end { try add(end..<range.lowerBound, to: &whole) }
      end = max(end, range.upperBound)
      var hash = RunningDigest()
      for piece in MappedFile.pieces(of: range) {
        try withPiece(piece) { RunningDigest.update(&whole, $0, &hash, $0) }
      }
      return ContentDigest(hash)
    }
    try add(end..<count, to: &whole)
    return (ContentDigest(whole), digests)
  }
}
