import Glibc

/// Writes a copy of a checkpoint with some tensors replaced.
///
/// What is not replaced stays byte for byte, header and padding included, so a copy without
/// replacements and metadata is identical. A file gives a file; a folder gives a folder with the
/// same shards, the index, and the small files beside the weights. Data is streamed: memory does
/// not grow with the size of a tensor or of the checkpoint.
public struct CheckpointWriter {
  /// The new content of one tensor.
  public struct Replacement {
    /// How the new elements are stored.
    public var elementType: ElementType
    /// Gives the bytes of a range of elements, in row-major order. Ranges come in order, without
    /// gaps, and consist of whole rows where the type allows it.
    public var bytes: (Range<Int>) throws -> [UInt8]

    /// Describes the content as a function from element ranges to bytes.
    public init(_ elementType: ElementType, bytes: @escaping (Range<Int>) throws -> [UInt8]) {
      self.elementType = elementType
      self.bytes = bytes
    }
  }

  /// How many elements are asked for at once; a longer row comes whole.
  public static let elementsPerPiece = 1 << 20

  /// The checkpoint that is copied.
  public let source: Checkpoint
  /// The tensors that change.
  public var replacements: [TensorName: Replacement] = [:]
  /// Added to `__metadata__` of every shard with a replaced tensor (of the first one if there is
  /// none). A key that is already there gets the new value.
  public var metadata: [SafetensorsHeader.Metadata] = []

  /// Prepares a copy without changes.
  public init(_ source: Checkpoint) {
    self.source = source
  }

  /// Writes the copy. It appears under its name when it is complete, and not at all on failure.
  ///
  /// See `stage` for the parameters and errors.
  public func write(
    to destination: String, overwrite: Bool = false, progress: (Int) throws -> Void = { _ in }
  ) throws {
    try stage(at: destination, overwrite: overwrite, progress: progress).commit()
  }

  /// Writes the copy beside its name, so that it can be read back before it takes its place.
  ///
  /// - Parameters:
  ///   - destination: a file or a folder, like the source.
  ///   - overwrite: replaces what is there; see `checkDestination`.
  ///   - progress: gets the bytes written since the last call. May throw to stop.
  /// - Throws: `InputError`, for example for a full disk; whatever the closures throw.
  public func stage(
    at destination: String, overwrite: Bool = false, progress: (Int) throws -> Void = { _ in }
  ) throws -> StagedCheckpoint {
    try CheckpointWriter.checkDestination(
      source: source, destination: destination, overwrite: overwrite)
    for name in replacements.keys.sorted() where source.tensor(name) == nil {
      throw InputError(
        file: source.path, place: "tensor \(name.quoted)", expected: "a tensor to replace",
        found: "none of that name")
    }
    guard source.isFolder else {
      let file = try stage(source.shards[0], at: destination, progress)
      return StagedCheckpoint(path: file.temporary, commit: file.commit)
    }
    let folder = try StagedFolder(CheckpointWriter.trimmed(destination))
    for shard in source.shards {
      let path = Checkpoint.join(folder.temporary, shard.fileName)
      try stage(shard, at: path, progress).commit()
    }
    for name in try FolderListing.companions(source.folder) {
      let file = try MappedFile(Checkpoint.join(source.folder, name))
      let copy = try StagedFile(
        Checkpoint.join(folder.temporary, name), mode: try file.status().st_mode)
      try copy.copy(file, 0..<file.count) { _ in }
      try copy.commit()
    }
    try writeIndex(folder.temporary)
    return StagedCheckpoint(path: folder.temporary, commit: folder.commit)
  }
}

// MARK: - One shard

extension CheckpointWriter {
  private func stage(
    _ shard: Checkpoint.Shard, at path: String, _ progress: (Int) throws -> Void
  ) throws -> StagedFile {
    let output = try StagedFile(path, mode: try shard.file.status().st_mode)
    let isTouched = shard.tensors.contains { replacements[$0.name] != nil }
    let header = try newHeader(of: shard, isTouched: isTouched)
    if header == nil, !isTouched, output.clone(shard.file) {
      try progress(shard.file.count)
      return output
    }
    if let header {
      let length = UInt64(header.count).littleEndian
      try withUnsafeBytes(of: length) { try output.write($0) }
      try header.withUnsafeBytes { try output.write($0) }
      try progress(8 + header.count)
    } else {
      try output.copy(shard.file, 0..<shard.header.dataStart, progress: progress)
    }
    // Tensors between two replaced ones are copied in one run.
    var copied = shard.header.dataStart
    for tensor in shard.tensors {
      guard let replacement = replacements[tensor.name] else { continue }
      try output.copy(shard.file, copied..<tensor.byteRange.lowerBound, progress: progress)
      try write(replacement, of: tensor, to: output, progress)
      copied = tensor.byteRange.upperBound
    }
    try output.copy(shard.file, copied..<shard.file.count, progress: progress)
    try shard.file.checkUnchanged()
    return output
  }

  /// The header to write; nil if the source's stays as it is.
  private func newHeader(of shard: Checkpoint.Shard, isTouched: Bool) throws -> [UInt8]? {
    let types = shard.tensors.reduce(into: [TensorName: ElementType]()) { types, tensor in
      guard let type = replacements[tensor.name]?.elementType else { return }
      if type != tensor.elementType { types[tensor.name] = type }
    }
    let isFirst = shard.fileName.utf8.elementsEqual(source.shards[0].fileName.utf8)
    let takesMetadata = isTouched || replacements.isEmpty && isFirst
    let additions = takesMetadata ? metadata : []
    guard !types.isEmpty || !additions.isEmpty else { return nil }
    return try shard.header.rewritten(types: types, additions: additions, file: shard.path)
  }

  private func write(
    _ replacement: Replacement, of tensor: TensorInfo, to output: StagedFile,
    _ progress: (Int) throws -> Void
  ) throws {
    let type = replacement.elementType
    let row = max(1, tensor.shape.last ?? 1)
    let limit = CheckpointWriter.elementsPerPiece
    let step = type.bits % 8 == 0 ? max(1, limit / row) * row : limit
    for start in stride(from: 0, to: tensor.elementCount, by: step) {
      let range = start..<min(start + step, tensor.elementCount)
      let bytes = try replacement.bytes(range)
      precondition(bytes.count * 8 == range.count * type.bits, "wrong size for \(tensor.name)")
      try bytes.withUnsafeBytes { try output.write($0) }
      try progress(bytes.count)
    }
  }
}

// MARK: - The index

extension CheckpointWriter {
  /// Copies the index; `total_size` follows if element types changed.
  private func writeIndex(_ folder: String) throws {
    guard let index = source.index else { return }
    var bytes = index.bytes
    let sizes = source.tensors.map { tensor in
      (replacements[tensor.name]?.elementType).flatMap {
        $0.byteCount(elements: tensor.elementCount)
      } ?? tensor.byteCount
    }
    let total = sizes.reduce(0, +)
    if total != source.tensors.reduce(0, { $0 + $1.byteCount }) {
      let document = try JSON.parse(bytes, file: index.path)
      bytes = Array(
        (CheckpointWriter.withTotalSize(total, document).encoded(indented: true) + "\n").utf8)
    }
    let mode = try MappedFile(index.path).status().st_mode
    let output = try StagedFile(Checkpoint.join(folder, ShardIndex.fileName), mode: mode)
    try bytes.withUnsafeBytes { try output.write($0) }
    try output.commit()
  }

  /// The index with another `metadata.total_size`, where it has one.
  private static func withTotalSize(_ total: Int, _ document: JSON) -> JSON {
    func changing(_ key: String, in value: JSON, _ change: (JSON) -> JSON) -> JSON {
      guard case .object(let members) = value else { return value }
      return .object(
        members.map { $0.key == key ? JSON.Member(key, change($0.value)) : $0 })
    }
    return changing("metadata", in: document) { metadata in
      changing("total_size", in: metadata) { _ in JSON(total) }
    }
  }
}
