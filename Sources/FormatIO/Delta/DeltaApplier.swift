import Glibc

/// Makes one side of a patch file from the other.
///
/// The source is compared with the patch before anything is written: names, types, shapes and digests of all
/// its tensors. How they are spread over files does not matter. What comes out is the other side's files byte
/// for byte; the digest of each is compared before it gets its name.
public struct DeltaApplier: Sendable {
  /// Which way a patch is used.
  public enum Direction: String, Sendable {
    /// From the base to the target.
    case apply
    /// From the target back to the base.
    case revert
  }

  let patch: DeltaFile
  let source: Checkpoint
  let direction: Direction
  let threads: Int

  private var sourceSide: DeltaIndex.Side { patch.index.sides(direction).source }
  private var resultSide: DeltaIndex.Side { patch.index.sides(direction).result }

  /// Prepares to apply a patch to a checkpoint, or to revert one.
  public init(_ patch: DeltaFile, _ direction: Direction, source: Checkpoint, threads: Int) {
    (self.patch, self.direction, self.source, self.threads) = (patch, direction, source, threads)
  }

  /// The bytes that `progress` counts up to.
  public var work: Int {
    // A result of any size may be claimed; there is no room for it.
    let source = source.tensors.reduce(0) { $0 + $1.byteCount }
    return source + min(resultSide.byteCount, .max - source)
  }

  /// Checks the source, writes the result and compares it.
  ///
  /// - Parameters:
  ///   - destination: a file, the first of as many parts, or a folder, as the result is one.
  ///   - overwrite: whether what is there may be replaced.
  ///   - resumes: whether finished files are kept in `DESTINATION.partial` when the run is stopped, and taken
  ///     from there.
  ///   - progress: gets the work done since the last call, in bytes. May throw to stop.
  /// - Returns: what was written, and what from.
  /// - Throws: `InputError` naming the tensor or file that is not what the patch was made for; the frame of the
  ///   patch that is damaged; or what the file system refuses.
  @discardableResult
  public func write(
    to destination: String, overwrite: Bool = false, resumes: Bool = false,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> AppliedDelta {
    let side = resultSide
    try CheckpointWriter.checkDestination(
      destination,
      .init(
        subject: "the result", isFolder: side.form == .folder, format: side.format,
        partCount: side.form == .parts ? side.files.count : 1,
        replaceable: side.files.map(\.name)),
      inputs: [source], overwrite: overwrite)
    // A full disk is no reason to hash for an hour.
    if !resumes {
      try DiskRoom(of: Checkpoint.folder(of: CheckpointWriter.trimmed(destination))).require(
        side.byteCount, for: "the result", file: destination,
        fix: "free some space or write to another disk")
    }
    try patch.checkData(threads: threads)
    try checkSource(progress)
    let rests = try side.files.map { try rest(of: $0) }
    try patch.checkFormat(of: side, rests[0])
    let path = CheckpointWriter.trimmed(destination)
    let names = side.fileNames(at: destination)
    func result(_ digests: [ContentDigest]) -> AppliedDelta {
      AppliedDelta(patch, direction, source: source, fileNames: names, digests: digests)
    }
    guard side.form != .file || resumes else {
      let (file, digest) = try stage(side.files[0], rests[0], at: path, progress)
      try file.commit()
      return result([digest])
    }
    let folder =
      resumes
      ? try StagedFolder(resuming: path + ".partial", as: path, names: names)
      : try StagedFolder(path)
    let digests = try zip(zip(side.files, names), rests).map { file, rest in
      let place = Checkpoint.join(folder.temporary, file.1)
      if resumes, let digest = try digest(ofFinished: file.0, at: place) {
        try progress(file.0.byteCount)
        return digest
      }
      let (staged, digest) = try stage(file.0, rest, at: place, progress)
      try staged.commit()
      return digest
    }
    if side.form == .folder {
      try folder.commit()
    } else {
      try folder.commit(files: names)
    }
    return result(digests)
  }

  // MARK: - The source

  /// Compares all tensors of the source with what the patch was made for.
  ///
  /// - Parameter progress: gets the bytes compared since the last call. May throw to stop.
  /// - Throws: `InputError` naming the tensor that is another one.
  public func checkSource(_ progress: (Int) throws -> Void = { _ in }) throws {
    let format = source.shards[0].header.format
    guard format == sourceSide.format else {
      throw wrongSource(nil, "a checkpoint of format \(sourceSide.format)", format)
    }
    let wanted = patch.index.tensors.compactMap { $0.source(direction) }
    for stored in wanted { _ = try tensor(stored) }
    let names = Set(wanted.map(\.name))
    if let extra = source.tensors.first(where: { !names.contains($0.name) }) {
      throw wrongSource(extra.name, "no such tensor", "one")
    }
    // Two tensors of about one size are hashed side by side, of those that are near each other: a wrong one
    // is found early, and the first of them is named.
    let window = 16 * threads
    let pairs = stride(from: 0, to: wanted.count, by: window).flatMap { start in
      let numbers = (start..<min(start + window, wanted.count))
        .sorted { wanted[$0].byteCount > wanted[$1].byteCount }
      return stride(from: 0, to: numbers.count, by: 2).map { numbers[$0...].prefix(2) }
    }
    var found: [Int: ContentDigest] = [:]
    var next = 0
    try BatchedWork.inOrder(pairs.count, threads: threads, batch: 8 * threads) { pair in
      try digests(of: pairs[pair].map { try tensor(wanted[$0]) })
    } consume: { pair, digests in
      for (number, digest) in zip(pairs[pair], digests) { found[number] = digest }
      while let digest = found.removeValue(forKey: next) {
        guard digest == wanted[next].digest else {
          throw wrongSource(wanted[next].name, "data of digest \(wanted[next].digest)", "\(digest)")
        }
        try progress(wanted[next].byteCount)
        next += 1
      }
    }
  }

  /// The digests of one tensor or two.
  private func digests(of tensors: [TensorInfo]) throws -> [ContentDigest] {
    let files = tensors.map { source.shards[$0.shard].file }
    guard tensors.count == 2 else {
      return try zip(tensors, files).map { try $1.digest(of: $0.byteRange) }
    }
    let (first, second) = try files[0].digests(
      of: tensors[0].byteRange, and: files[1], tensors[1].byteRange)
    return [first, second]
  }

  /// The tensor of the source.
  func tensor(_ stored: DeltaIndex.Stored) throws -> TensorInfo {
    guard let tensor = source.tensor(stored.name) else {
      throw wrongSource(stored.name, "a tensor of that name", "none")
    }
    guard tensor.elementType == stored.elementType, tensor.shape == stored.shape else {
      throw wrongSource(
        stored.name, "\(stored.elementType) of shape \(stored.shape)",
        "\(tensor.elementType) of shape \(tensor.shape)")
    }
    return tensor
  }

  private func wrongSource(
    _ name: TensorName?, _ expected: String, _ found: String
  ) -> InputError {
    let side = direction == .apply ? "base" : "target"
    return InputError(
      file: source.path, place: name.map { "tensor \($0.quoted)" } ?? "", expected: expected,
      found: found,
      fix: "use the checkpoint that is the \(side) of \(patch.path) (delta show names its digests)")
  }

  // MARK: - Around the tensors

  /// The bytes of a file of the result that are in no tensor.
  private func rest(of file: DeltaIndex.File) throws -> [UInt8] {
    switch file.rest.form {
    case .same(let number): return try sourceRest(number)
    case .stored(let blob, let prefix):
      return try patch.rest(
        file.rest, blob, prefix: try prefix.map(sourceRest) ?? [], name: file.name)
    }
  }

  /// The bytes of a file of the source that are in no tensor, which must be those the patch was made with.
  private func sourceRest(_ number: Int) throws -> [UInt8] {
    let file = sourceSide.files[number]
    let path: String
    if file.tensors.isEmpty {
      path = Checkpoint.join(source.folder, file.name)
    } else {
      guard source.shards.indices.contains(number) else { throw otherHeader(source.path, file) }
      path = source.shards[number].path
    }
    let tensors = file.tensors.isEmpty ? [] : source.shards[number].tensors
    let rest = try SideFiles.File(name: file.name, file: try MappedFile(path), tensors: tensors)
      .rest()
    guard rest.withUnsafeBytes({ ContentDigest($0) }) == file.rest.digest else {
      throw otherHeader(path, file)
    }
    return rest
  }

  private func otherHeader(_ path: String, _ file: DeltaIndex.File) -> InputError {
    InputError(
      file: path,
      expected: file.tensors.isEmpty
        ? "the \(TensorName(file.name).quoted) that the patch was made with"
        : "the header that the patch was made with", found: "another one",
      fix: "use the files as they were" + (file.digest.map { ", of digest \($0)" } ?? ""))
  }

  // MARK: - The result

  /// The digest of a file that a run before finished; nil if none did.
  private func digest(
    ofFinished file: DeltaIndex.File, at path: String
  ) throws -> ContentDigest? {
    guard access(path, F_OK) == 0 else { return nil }
    let found = try MappedFile(path)
    guard found.count == file.byteCount else { return nil }
    var check = check(file)
    for piece in MappedFile.pieces(of: 0..<found.count) {
      try found.withPiece(piece) { check.add($0) }
    }
    let (digest, fault) = check.finish()
    return fault == nil ? digest : nil
  }

  private func check(_ file: DeltaIndex.File) -> ResultCheck {
    ResultCheck(file) { patch.index.tensors[$0].result(direction) }
  }

  /// A stretch of a file of the result, short enough to be in memory.
  private enum Piece {
    /// Bytes around the tensors.
    case rest(Range<Int>)
    /// Bytes of a file of the source, of a tensor that stays as it is.
    case copy(MappedFile, Range<Int>)
    /// One frame of a tensor.
    case frame(Frame)

    var byteCount: Int {
      switch self {
      case .rest(let range), .copy(_, let range): range.count
      case .frame(let frame): frame.byteCount
      }
    }
  }

  /// What makes the frames of a file.
  struct Frame: Sendable {
    let payload: DeltaIndex.Blob
    let number: Int
    let result: DeltaIndex.Stored
    /// Its elements in the stream.
    let elements: Range<Int>
    let source: Source

    /// The length of what comes out; whole blocks, as the index was checked.
    var byteCount: Int { result.elementType.byteCount(elements: elements.count) ?? 0 }

    enum Source {
      /// The same elements of a tensor.
      case residual(TensorInfo)
      /// The same elements of a tensor of another type.
      case converted(TensorInfo)
      case none
    }
  }

  /// Writes a file of the result beside its place, and compares it.
  private func stage(
    _ file: DeltaIndex.File, _ rest: [UInt8], at path: String, _ progress: (Int) throws -> Void
  ) throws -> (StagedFile, ContentDigest) {
    let pieces = try self.pieces(of: file)
    let batch = BatchedWork.batch(pieceSize: pieces.map(\.byteCount).max() ?? 1)
    let mode = try source.shards[0].file.status().st_mode
    let output = try StagedFile(path, mode: mode, canBeNameless: true)
    var check = check(file)
    try BatchedWork.inOrder(pieces.count, threads: threads, batch: batch) { number in
      switch pieces[number] {
      case .rest(let range): Array(rest[range])
      case .copy(let file, let range): try file.read(range)
      case .frame(let frame): try decode(frame)
      }
    } consume: { _, bytes in
      // One long chain, which takes the longest: the other threads do the rest meanwhile.
      bytes.withUnsafeBytes { check.add($0) }
      try progress(bytes.count)
    } alsoConsume: { _, bytes in
      try bytes.withUnsafeBytes(output.write)
    }
    try output.finish()
    let (digest, fault) = check.finish()
    if let fault {
      throw InputError(
        file: patch.path, place: fault.place, expected: "a result of digest \(fault.expected)",
        found: "\(fault.found)", fix: "fetch the patch file again")
    }
    return (output, digest)
  }

  /// All of a file, in its order.
  private func pieces(of file: DeltaIndex.File) throws -> [Piece] {
    var pieces: [Piece] = []
    var (end, restEnd) = (0, 0)
    func addRest(upTo start: Int) {
      pieces += MappedFile.pieces(of: restEnd..<restEnd + start - end).map { .rest($0) }
      restEnd += start - end
    }
    for placement in file.tensors {
      let tensor = patch.index.tensors[placement.tensor]
      guard let result = tensor.result(direction) else { continue }
      addRest(upTo: placement.offset)
      end = placement.offset + result.byteCount
      if case .same = tensor.change, let source = tensor.source(direction) {
        let source = try self.tensor(source)
        let file = self.source.shards[source.shard].file
        pieces += MappedFile.pieces(of: source.byteRange).map { .copy(file, $0) }
      } else {
        pieces += try frames(of: tensor, result).map { .frame($0) }
      }
    }
    addRest(upTo: file.byteCount)
    return pieces
  }

  /// The frames that make a tensor of the result; none if it is a copy.
  func frames(of tensor: DeltaIndex.Tensor, _ result: DeltaIndex.Stored) throws -> [Frame] {
    func frames(_ stream: DeltaIndex.Stream?, _ count: Int, _ source: Frame.Source) -> [Frame] {
      guard let stream else { return [] }
      return zip(DeltaFrame.pieces(of: count), stream.blobs).enumerated().map { number, piece in
        Frame(
          payload: piece.1, number: number, result: result, elements: piece.0, source: source)
      }
    }
    let isApplied = direction == .apply
    switch tensor.change {
    case .same: return []
    case .residual(let common, let baseTail, let targetTail):
      guard let source = tensor.source(direction) else { return [] }
      let count = min(source.elementCount, result.elementCount)
      return frames(common, count, .residual(try self.tensor(source)))
        + frames(isApplied ? targetTail : baseTail, result.elementCount - count, .none)
    case .converted(let forward, let backward):
      guard let source = tensor.source(direction) else { return [] }
      return frames(
        isApplied ? forward : backward, result.elementCount,
        .converted(try self.tensor(source)))
    case .stored(let base, let target):
      return frames(isApplied ? target : base, result.elementCount, .none)
    }
  }

  /// The bytes of the result that a frame stands for.
  func decode(_ frame: Frame) throws -> [UInt8] {
    let type = frame.result.elementType
    let count = frame.byteCount
    func result(_ make: (UnsafeMutableRawBufferPointer) throws -> Void) throws -> [UInt8] {
      try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        try make(UnsafeMutableRawBufferPointer(buffer))
        filled = count
      }
    }
    return try patch.withFrame(frame.payload) { payload in
      do {
        switch frame.source {
        case .none:
          return try result { try DeltaFrame.decodeStored(payload, type: type, into: $0) }
        case .residual(let tensor):
          return try source.withPiece(of: tensor, frame.elements) { bytes in
            try result {
              try DeltaFrame.decode(
                payload, source: bytes, type: type, direction: direction, into: $0)
            }
          }
        case .converted(let tensor):
          return try source.withPiece(of: tensor, frame.elements) { bytes in
            try result {
              try ConvertedFrame.decode(
                payload, source: bytes, tensor.elementType, type, into: $0)
            }
          }
        }
      } catch let fault as DeltaFrameFault {
        throw InputError(
          file: patch.path,
          place: "tensor \(frame.result.name.quoted), frame \(frame.number)",
          expected: fault.expected, found: fault.found, fix: "fetch the patch file again")
      }
    }
  }
}
