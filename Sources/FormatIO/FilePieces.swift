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

  /// True if a range of another file holds the same bytes.
  func isSame(_ range: Range<Int>, as other: MappedFile, _ otherRange: Range<Int>) throws -> Bool {
    guard range.count == otherRange.count else { return false }
    for (piece, otherPiece) in zip(
      MappedFile.pieces(of: range), MappedFile.pieces(of: otherRange))
    {
      let isSame = try withPiece(piece) { bytes in
        try other.withPiece(otherPiece) { otherBytes in
          guard let start = bytes.baseAddress, let otherStart = otherBytes.baseAddress else {
            return true
          }
          return memcmp(start, otherStart, bytes.count) == 0
        }
      }
      if !isSame { return false }
    }
    return true
  }
}
