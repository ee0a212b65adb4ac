/// What applying or reverting a patch file wrote, and what from.
///
/// Only `DeltaApplier.write` makes one, after it compared all tensors of the source and all files of the result
/// with the patch file. So their digests are known without another look at the data.
public struct AppliedDelta: Sendable {
  /// The side of the patch file that was written.
  public let side: DeltaIndex.Side
  /// The names of its files on the disk, in the order of the side.
  public let fileNames: [String]
  /// Their digests, as `sha256sum` prints them.
  public let digests: [ContentDigest]

  private let patch: DeltaFile
  private let source: Checkpoint
  private let direction: DeltaApplier.Direction

  init(
    _ patch: DeltaFile, _ direction: DeltaApplier.Direction, source: Checkpoint,
    fileNames: [String], digests: [ContentDigest]
  ) {
    side = patch.index.sides(direction).result
    (self.fileNames, self.digests) = (fileNames, digests)
    (self.patch, self.source) = (patch, source)
    self.direction = direction
  }

  /// The digest of a file of the source, as `sha256sum` prints it.
  ///
  /// It is the one in the patch file where the file holds the tensors at the same places with the same bytes
  /// around them. Another one is hashed.
  ///
  /// - Parameters:
  ///   - file: a file of the checkpoint that was read: a shard, or one beside them.
  ///   - progress: gets the bytes done since the last call. May throw to stop.
  /// - Throws: `InputError` if the file is no longer what it was when it was opened.
  public func digest(
    of file: CheckpointFile, progress: (Int) throws -> Void
  ) throws -> ContentDigest {
    guard let digest = try recordedDigest(of: file.file) else {
      return try ContentDigest(file.file, progress: progress)
    }
    try progress(file.file.count)
    return digest
  }

  private func recordedDigest(of file: MappedFile) throws -> ContentDigest? {
    guard let shard = source.shards.first(where: { $0.file === file }) else { return nil }
    let found = SideFiles.File(shard)
    let tensors = patch.index.tensors.map { $0.source(direction) }
    let recorded = patch.index.sides(direction).source.files.first { recorded in
      recorded.byteCount == file.count
        && recorded.tensors.elementsEqual(found.tensors) { placement, tensor in
          placement.offset == tensor.byteRange.lowerBound
            && tensors[placement.tensor]?.name == tensor.name
        }
    }
    guard let recorded,
      try found.rest().withUnsafeBytes({ ContentDigest($0) }) == recorded.rest.digest
    else { return nil }
    return recorded.digest
  }
}

extension DeltaIndex.Side {
  /// What its files are called when they are written to a path, in their order.
  ///
  /// - Parameter destination: a file, the first of as many parts, or a folder, as the side is one.
  public func fileNames(at destination: String) -> [String] {
    let path = CheckpointWriter.trimmed(destination)
    let parts = form == .parts ? GGUFParts(path) : nil
    return files.enumerated().map { number, file in
      switch form {
      case .file: Checkpoint.fileName(of: path)
      case .parts: parts.map { Checkpoint.fileName(of: $0.path(number + 1)) } ?? file.name
      case .folder: file.name
      }
    }
  }
}
