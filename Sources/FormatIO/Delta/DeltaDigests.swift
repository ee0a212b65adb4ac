/// The digests of all tensors of two checkpoints, and of their weight files where they are wanted.
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
    /// A file, and its tensors on the way.
    case fileWithTensors(Checkpoint.Shard, isTarget: Bool)
    case file(MappedFile)
    /// One or both of them.
    case tensors(base: TensorInfo?, target: TensorInfo?)

    var isWholeFile: Bool {
      if case .fileWithTensors = self { true } else { false }
    }
  }

  private struct Result {
    var file: (path: String, digest: ContentDigest)?
    var base: [(TensorName, ContentDigest)] = []
    var target: [(TensorName, ContentDigest)] = []
    /// The bytes hashed, those of tensors and those of files.
    var byteCount = 0
  }

  /// Hashes all tensors, and all files if `hashesFiles`.
  init(
    _ base: Checkpoint, _ target: Checkpoint, hashesFiles: Bool, threads: Int,
    progress: (Int) throws -> Void
  ) throws {
    let jobs = DeltaDigests.jobs(base, target, hashesFiles: hashesFiles, threads: threads)
    // Progress is told when a batch is done: few files are as much work as many tensors.
    let batch = jobs.allSatisfy(\.isWholeFile) ? 2 * threads : 8 * threads
    try BatchedWork.inOrder(jobs.count, threads: threads, batch: batch) { number in
      try DeltaDigests.result(of: jobs[number], base, target)
    } consume: { _, result in
      if let file = result.file { files[file.path] = file.digest }
      for (name, digest) in result.base { self.base.digests[name] = digest }
      for (name, digest) in result.target { self.target.digests[name] = digest }
      try progress(result.byteCount)
    }
  }

  /// What can be hashed at once; what takes the longest begins first.
  private static func jobs(
    _ base: Checkpoint, _ target: Checkpoint, hashesFiles: Bool, threads: Int
  ) -> [Job] {
    let pairs = target.tensors.map { Job.tensors(base: base.tensor($0.name), target: $0) }
    let rest = base.tensors.filter { target.tensor($0.name) == nil }
      .map { Job.tensors(base: $0, target: nil) }
    guard hashesFiles else { return pairs + rest }
    let shards =
      base.shards.map { ($0, isTarget: false) } + target.shards.map { ($0, isTarget: true) }
    let sizes = shards.map(\.0.file.count)
    // The digests of a file and of its tensors side by side take less work than one after the other, but half
    // as long again as the file's alone: too long if there are threads enough to hash the tensors meanwhile.
    if 2 * (sizes.max() ?? 0) * threads <= 3 * sizes.reduce(0, +) {
      return shards.sorted { $0.0.file.count > $1.0.file.count }
        .map { .fileWithTensors($0, isTarget: $1) }
    }
    return shards.map { .file($0.0.file) } + pairs + rest
  }

  private static func result(
    of job: Job, _ base: Checkpoint, _ target: Checkpoint
  ) throws -> Result {
    var result = Result()
    switch job {
    case .fileWithTensors(let shard, let isTarget):
      let (digest, digests) = try shard.file.digests(with: shard.tensors)
      let tensors = Array(zip(shard.tensors.map(\.name), digests))
      if isTarget { result.target = tensors } else { result.base = tensors }
      result.file = (shard.file.path, digest)
      result.byteCount = shard.tensors.reduce(shard.file.count) { $0 + $1.byteCount }
    case .file(let file):
      result.file = (file.path, try file.digest(of: 0..<file.count))
      result.byteCount = file.count
    case .tensors(let before?, let after?):
      let (first, second) = try base.shards[before.shard].file.digests(
        of: before.byteRange, and: target.shards[after.shard].file, after.byteRange)
      (result.base, result.target) = ([(before.name, first)], [(after.name, second)])
      result.byteCount = before.byteCount + after.byteCount
    case .tensors(let before, let after):
      func digests(_ tensor: TensorInfo?, _ checkpoint: Checkpoint) throws
        -> [(TensorName, ContentDigest)]
      {
        guard let tensor else { return [] }
        let file = checkpoint.shards[tensor.shard].file
        return [(tensor.name, try file.digest(of: tensor.byteRange))]
      }
      result.base = try digests(before, base)
      result.target = try digests(after, target)
      result.byteCount = (before?.byteCount ?? 0) + (after?.byteCount ?? 0)
    }
    return result
  }
}
