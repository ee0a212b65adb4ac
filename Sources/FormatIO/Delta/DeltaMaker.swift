import Glibc

/// Makes a patch file from two checkpoints.
///
/// Digests come first, since they tell which tensors are the same; then the frames of what differs. Both are
/// computed on several threads. Memory holds a few frames, never a tensor.
public struct DeltaMaker: Sendable {
  /// The checkpoint that the patch applies to.
  public let base: Checkpoint
  /// The checkpoint that comes out.
  public let target: Checkpoint
  /// Named in the file.
  public let tool: String
  let threads: Int
  private let hashesFiles: Bool
  /// How many bytes of both sides are worth being kept when a run is stopped.
  private let sectionSize: Int

  /// Prepares a patch.
  ///
  /// - Parameter hashesFiles: whether the index has the digests of whole files besides those of tensors and of
  ///   what is around them.
  public init(
    base: Checkpoint, target: Checkpoint, tool: String, hashesFiles: Bool = true, threads: Int
  ) {
    self.init(
      base: base, target: target, tool: tool, hashesFiles: hashesFiles, threads: threads,
      sectionSize: 4 << 30)
  }

  init(
    base: Checkpoint, target: Checkpoint, tool: String, hashesFiles: Bool = true, threads: Int,
    sectionSize: Int
  ) {
    (self.base, self.target, self.tool) = (base, target, tool)
    (self.hashesFiles, self.threads, self.sectionSize) = (hashesFiles, threads, sectionSize)
  }

  /// The bytes that `progress` counts up to.
  public var work: Int {
    // Files and tensors are hashed, then tensors compared.
    [base, target].flatMap(\.shards).reduce(0) { $0 + (hashesFiles ? 3 : 2) * $1.file.count }
  }

  /// Checks, before the work, that a patch file can be written.
  ///
  /// - Parameter overwrite: whether a file that is there may be replaced.
  /// - Throws: `InputError` of kind `cannotCreate`, with what to do about it.
  public static func checkDestination(_ path: String, overwrite: Bool) throws {
    func refuse(_ expected: String, _ found: String, _ fix: String) -> InputError {
      InputError(.cannotCreate, file: path, expected: expected, found: found, fix: fix)
    }
    guard path.hasSuffix(".ppd") else {
      throw refuse("a name that ends in .ppd", "another one", "name the patch file so")
    }
    var status = stat()
    if lstat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw refuse("a file", "a folder, link or device", "choose another path")
      }
      guard overwrite else {
        throw refuse("no file of that name", "one", "use --overwrite or choose another path")
      }
    }
    let folder = Checkpoint.folder(of: path)
    guard Checkpoint.isFolder(folder), access(folder, W_OK | X_OK) == 0 else {
      throw refuse("a folder \(folder) that can be written to", "none", "create it first")
    }
  }

  /// Writes the patch file, which appears under its name when it is complete.
  ///
  /// - Parameters:
  ///   - path: where it goes; what is there is replaced.
  ///   - resumes: whether finished parts are kept in `PATH.partial` when the run is stopped, and taken from there.
  ///   - progress: gets the work done since the last call, in bytes. May throw to stop.
  /// - Returns: the index of the new file.
  /// - Throws: `InputError` if a checkpoint changes meanwhile or the disk is full.
  public func make(
    _ path: String, resumes: Bool = false, progress: (Int) throws -> Void = { _ in }
  ) throws -> DeltaIndex {
    let parts = resumes ? try DeltaParts(of: path, tensors: base.tensors + target.tensors) : nil
    let digests = try DeltaDigests(
      base, target, hashesFiles: hashesFiles, threads: threads, progress: progress)
    let pairs = pairs(digests)
    let files = try parts?.files(sections(pairs), by: self, progress)
    let output = try DeltaFileWriter(path)
    let tensors =
      try files?.flatMap(output.append) ?? changes(of: pairs[...], to: output, progress)
    let sources = (try SideFiles(base), try SideFiles(target))
    let index = DeltaIndex(
      tool: tool,
      base: try side(sources.0, others: sources.1, digests, tensors.map(\.base), output),
      target: try side(sources.1, others: sources.0, digests, tensors.map(\.target), output),
      tensors: tensors)
    try output.finish(index)
    parts?.remove()
    return index
  }

  // MARK: - Which tensors belong together

  /// A tensor of each side, and what the index says of them.
  struct Pair {
    let base, target: TensorInfo?
    let stored: (base: DeltaIndex.Stored?, target: DeltaIndex.Stored?)

    fileprivate init(_ base: TensorInfo?, _ target: TensorInfo?, _ digests: DeltaDigests) {
      (self.base, self.target) = (base, target)
      stored = (
        base.map { .init($0, digests.base[$0.name]) },
        target.map { .init($0, digests.target[$0.name]) }
      )
    }

    var byteCount: Int { (base?.byteCount ?? 0) + (target?.byteCount ?? 0) }
  }

  /// Tensors of one name, or else of the same bytes; those of the target in its order, then the rest of the
  /// base.
  private func pairs(_ digests: DeltaDigests) -> [Pair] {
    // A renamed tensor costs nothing if it is found again by what it holds.
    var unnamed: [ContentDigest: [TensorInfo]] = [:]
    for tensor in base.tensors.reversed() where target.tensor(tensor.name) == nil {
      unnamed[digests.base[tensor.name], default: []].append(tensor)
    }
    var renamed: Set<TensorName> = []
    let pairs = target.tensors.map { after in
      if let before = base.tensor(after.name) { return Pair(before, after, digests) }
      let digest = digests.target[after.name]
      guard let before = unnamed[digest]?.last, before.elementType == after.elementType,
        before.byteCount > 0
      else { return Pair(nil, after, digests) }
      unnamed[digest]?.removeLast()
      renamed.insert(before.name)
      return Pair(before, after, digests)
    }
    let removed = base.tensors.filter {
      target.tensor($0.name) == nil && !renamed.contains($0.name)
    }
    return pairs + removed.map { Pair($0, nil, digests) }
  }

  /// Runs of pairs that are worth being kept when a run is stopped.
  private func sections(_ pairs: [Pair]) -> [ArraySlice<Pair>] {
    var sections: [ArraySlice<Pair>] = []
    var (start, size) = (0, 0)
    for (number, pair) in pairs.enumerated() {
      size += pair.byteCount
      guard size >= sectionSize || number == pairs.count - 1 else { continue }
      sections.append(pairs[start...number])
      (start, size) = (number + 1, 0)
    }
    return sections
  }

  // MARK: - How one becomes the other

  /// Appends the frames of some pairs.
  func changes(
    of pairs: ArraySlice<Pair>, to output: DeltaFileWriter, _ progress: (Int) throws -> Void
  ) throws -> [DeltaIndex.Tensor] {
    try pairs.map { pair in
      let (before, after) = pair.stored
      let change = try change(
        pair.base, pair.target, isSame: before?.digest == after?.digest, output)
      try progress(pair.byteCount)
      return DeltaIndex.Tensor(base: before, target: after, change: change)
    }
  }

  private func change(
    _ before: TensorInfo?, _ after: TensorInfo?, isSame: Bool, _ output: DeltaFileWriter
  ) throws -> DeltaIndex.Change {
    guard let before, let after else {
      return .stored(
        base: try before.map { try stored($0, of: base, from: 0, output) },
        target: try after.map { try stored($0, of: target, from: 0, output) })
    }
    let type = after.elementType
    if before.elementType == type {
      if isSame, before.elementCount == after.elementCount { return .same }
      // Rows that were added or taken away at the end, as a larger vocabulary has them.
      if before.elementCount == after.elementCount
        || before.shape.dropFirst() == after.shape.dropFirst() && !after.shape.isEmpty
      {
        let common = min(before.elementCount, after.elementCount)
        guard common % type.elementsPerBlock == 0 else { return try bothStored() }
        let residual = try stream(common, type, output) { piece in
          try self.residual(before, after, type, piece)
        }
        func tail(_ tensor: TensorInfo, _ checkpoint: Checkpoint) throws -> DeltaIndex.Stream? {
          guard tensor.elementCount > common else { return nil }
          return try stored(tensor, of: checkpoint, from: common, output)
        }
        return .residual(
          residual, baseTail: try tail(before, base), targetTail: try tail(after, target))
      }
    } else if before.elementCount == after.elementCount,
      ConvertedFrame.exists(before.elementType, type), try isConvertedSmaller(before, after)
    {
      return .converted(
        forward: try converted(before, of: base, to: after, of: target, output),
        backward: try converted(after, of: target, to: before, of: base, output))
    }
    func bothStored() throws -> DeltaIndex.Change {
      .stored(
        base: try stored(before, of: base, from: 0, output),
        target: try stored(after, of: target, from: 0, output))
    }
    return try bothStored()
  }

  private func residual(
    _ before: TensorInfo, _ after: TensorInfo, _ type: ElementType, _ piece: Range<Int>
  ) throws -> [UInt8] {
    try base.withPiece(of: before, piece) { before in
      try target.withPiece(of: after, piece) { after in
        DeltaFrame.encode(base: before, target: after, type: type)
      }
    }
  }

  /// One side from the other, converted to its type.
  private func converted(
    _ source: TensorInfo, of checkpoint: Checkpoint, to result: TensorInfo,
    of other: Checkpoint, _ output: DeltaFileWriter
  ) throws -> DeltaIndex.Stream {
    try stream(result.elementCount, result.elementType, output) { piece in
      try converted(source, of: checkpoint, to: result, of: other, piece)
    }
  }

  private func converted(
    _ source: TensorInfo, of checkpoint: Checkpoint, to result: TensorInfo,
    of other: Checkpoint, _ piece: Range<Int>
  ) throws -> [UInt8] {
    try checkpoint.withPiece(of: source, piece) { bytes in
      try other.withPiece(of: result, piece) {
        ConvertedFrame.encode(bytes, source.elementType, $0, result.elementType)
      }
    }
  }

  /// Compares both ways on some elements from the middle.
  private func isConvertedSmaller(_ before: TensorInfo, _ after: TensorInfo) throws -> Bool {
    // Whole blocks of every type.
    let start = before.elementCount / 2 / 256 * 256
    let sample = start..<min(start + 1 << 16, before.elementCount)
    let both =
      try converted(before, of: base, to: after, of: target, sample).count
      + converted(after, of: target, to: before, of: base, sample).count
    let alone = try [(before, base), (after, target)].reduce(0) { sum, side in
      try sum
        + side.1.withPiece(of: side.0, sample) {
          DeltaFrame.encodeStored($0, type: side.0.elementType).count
        }
    }
    return both < alone
  }

  /// The elements of a tensor from one on, by themselves.
  private func stored(
    _ tensor: TensorInfo, of checkpoint: Checkpoint, from first: Int, _ output: DeltaFileWriter
  ) throws -> DeltaIndex.Stream {
    try stream(tensor.elementCount - first, tensor.elementType, output) { piece in
      try checkpoint.withPiece(of: tensor, piece.lowerBound + first..<piece.upperBound + first) {
        DeltaFrame.encodeStored($0, type: tensor.elementType)
      }
    }
  }

  /// Encodes elements frame by frame and appends the frames.
  private func stream(
    _ count: Int, _ type: ElementType, _ output: DeltaFileWriter,
    _ encode: @Sendable (Range<Int>) throws -> [UInt8]
  ) throws -> DeltaIndex.Stream {
    var stream = DeltaIndex.Stream(offset: output.position)
    let frames = DeltaFrame.pieces(of: count)
    try BatchedWork.inOrder(frames.count, threads: threads, batch: DeltaFrame.batch(type)) {
      number in
      let frame = try encode(frames[number])
      return (frame, frame.withUnsafeBytes(DeltaCheck.init))
    } consume: { _, frame in
      try output.append(frame.0)
      stream.lengths.append(frame.0.count)
      stream.checks.append(frame.1)
    }
    return stream
  }

  // MARK: - Files

  /// The largest header that is stored whole, so that the other side's header need not be at hand.
  private static let ownHeaderLimit = 1 << 20

  /// What is in no tensor of a file, appended where the other side does not have it.
  private func rest(
    of file: SideFiles.File, _ number: Int, _ others: SideFiles, _ output: DeltaFileWriter
  ) throws -> DeltaIndex.Rest {
    let bytes = try file.rest()
    func rest(_ form: DeltaIndex.Rest.Form) -> DeltaIndex.Rest {
      .init(
        byteCount: bytes.count, digest: bytes.withUnsafeBytes { ContentDigest($0) }, form: form)
    }
    var prefix: (file: Int, bytes: [UInt8])?
    if let partner = others.partner(of: file, number),
      file.tensors.isEmpty || bytes.count > DeltaMaker.ownHeaderLimit
    {
      prefix = (partner, try others.files[partner].rest())
    }
    if let prefix, prefix.bytes == bytes { return rest(.same(file: prefix.file)) }
    let packed = try Zstd.compress(bytes, prefix: prefix?.bytes ?? [])
    let blob = DeltaIndex.Blob(
      offset: output.position, length: packed.count,
      check: packed.withUnsafeBytes(DeltaCheck.init))
    try output.append(packed)
    return rest(.stored(blob, prefix: prefix?.file))
  }

  private func side(
    _ side: SideFiles, others: SideFiles, _ digests: DeltaDigests, _ tensors: [DeltaIndex.Stored?],
    _ output: DeltaFileWriter
  ) throws -> DeltaIndex.Side {
    var positions: [TensorName: Int] = [:]
    for (number, tensor) in tensors.enumerated() {
      if let tensor { positions[tensor.name] = number }
    }
    let files = try side.files.enumerated().map { number, file in
      let rest = try rest(of: file, number, others, output)
      return DeltaIndex.File(
        name: file.name, byteCount: file.file.count,
        // A file without tensors is nothing but its rest.
        digest: file.tensors.isEmpty ? rest.digest : digests.files[file.file.path],
        tensors: file.tensors.compactMap { tensor in
          positions[tensor.name].map { .init(tensor: $0, offset: tensor.byteRange.lowerBound) }
        },
        rest: rest)
    }
    return DeltaIndex.Side(
      form: side.form, format: side.checkpoint.shards[0].header.format,
      content: DeltaIndex.content(of: tensors), files: files)
  }
}

extension DeltaIndex.Stored {
  /// A tensor of a checkpoint and its digest.
  init(_ tensor: TensorInfo, _ digest: ContentDigest) {
    self.init(
      name: tensor.name, elementType: tensor.elementType, shape: tensor.shape,
      elementCount: tensor.elementCount, digest: digest)
  }
}
