/// A finished copy of a checkpoint that does not have its name yet.
///
/// It can be opened and read under `path`. Dropping it without `commit` removes it.
public struct StagedCheckpoint {
  /// Where the copy is for now.
  public let path: String
  /// The content digest of what was copied.
  public let sourceDigest: ContentDigest
  /// The content digest of the copy, of the bytes as they were handed to the disk.
  public let digest: ContentDigest
  private let finish: () throws -> Void

  init(
    path: String, sourceDigest: ContentDigest, digest: ContentDigest,
    commit: @escaping () throws -> Void
  ) {
    self.path = path
    self.sourceDigest = sourceDigest
    self.digest = digest
    finish = commit
  }

  /// Makes the copy durable and gives it its name, replacing what was there.
  ///
  /// - Throws: `InputError` if the file system refuses.
  public func commit() throws {
    try finish()
  }
}
