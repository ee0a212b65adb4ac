/// The digests of all tensors and weight files of two checkpoints.
struct DeltaDigests {
  /// Those of the tensors of one checkpoint.
  struct Tensors {
    fileprivate var digests: [TensorName: ContentDigest] = [:]

    subscript(name: TensorName) -> ContentDigest {
      guard let digest = digests[name] else { preconditionFailure("\(name) was not hashed") }
      return digest
    }
  }

  private(set) var base = Tensors()
  private(set) var target = Tensors()
  /// By path.
  private(set) var files: [String: ContentDigest] = [:]

  private enum Job {
    case file(MappedFile)
    case tensors(base: TensorInfo?, target: TensorInfo?)
  }

  private enum Result {
    case file(String, ContentDigest)
    case tensors(base: ContentDigest?, target: ContentDigest?)
  }

  /// Hashes everything; tensors of one name that are the same are hashed once.
  init(
    _ base: Checkpoint, _ target: Checkpoint, threads: Int, progress: (Int) throws -> Void
  ) throws {
    // Whole files take the longest, so they begin first.
    let files = [base, target].flatMap(\.shards).map { Job.file($0.file) }
    let pairs = target.tensors.map { Job.tensors(base: base.tensor($0.name), target: $0) }
    let rest = base.tensors.filter { target.tensor($0.name) == nil }
      .map { Job.tensors(base: $0, target: nil) }
    let jobs = files + pairs + rest
    try BatchedWork.inOrder(jobs.count, threads: threads, batch: 8 * threads) { number in
      switch jobs[number] {
      case .file(let file):
        return Result.file(file.path, try file.digest(of: 0..<file.count))
      case .tensors(let before?, let after?):
        let (old, new) = (base.shards[before.shard].file, target.shards[after.shard].file)
        let digest = try new.digest(of: after.byteRange)
        let isSame = try old.isSame(before.byteRange, as: new, after.byteRange)
        return .tensors(
          base: isSame ? digest : try old.digest(of: before.byteRange), target: digest)
      case .tensors(let before, let after):
        return .tensors(
          base: try before.map { try base.shards[$0.shard].file.digest(of: $0.byteRange) },
          target: try after.map { try target.shards[$0.shard].file.digest(of: $0.byteRange) })
      }
    } consume: { number, result in
      switch (jobs[number], result) {
      case (.file(let file), .file(let path, let digest)):
        self.files[path] = digest
        try progress(file.count)
      case (.tensors(let before, let after), .tensors(let first, let second)):
        if let before { self.base.digests[before.name] = first }
        if let after { self.target.digests[after.name] = second }
        try progress((before?.byteCount ?? 0) + (after?.byteCount ?? 0))
      default: preconditionFailure("a result of another job")
      }
    }
  }
}
