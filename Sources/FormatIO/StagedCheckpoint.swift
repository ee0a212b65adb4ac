/// A finished copy of a checkpoint that does not have its name yet.
///
/// It can be opened and read under `path`. Dropping it without `commit` removes it.
public struct StagedCheckpoint {
  /// Where the copy is for now.
  public let path: String
  private let finish: () throws -> Void

  init(path: String, commit: @escaping () throws -> Void) {
    self.path = path
    finish = commit
  }

  /// Makes the copy durable and gives it its name, replacing what was there.
  ///
  /// - Throws: `InputError` if the file system refuses.
  public func commit() throws {
    try finish()
  }
}
