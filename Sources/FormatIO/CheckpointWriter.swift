import Crypto
import Glibc

/// Writes a copy of a checkpoint with some tensors replaced.
///
/// What is not replaced stays byte for byte, header and padding included, so a copy without
/// replacements and metadata is identical. A file gives a file, a GGUF model in parts as many parts; a folder
/// gives a folder with the same shards, the index, and the small files beside the weights. Data is streamed: memory does
/// not grow with the size of a tensor or of the checkpoint. Digests of source and copy are computed
/// on the way; they share those of the tensors that stay.
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
  /// Added to the metadata of every shard with a replaced tensor (of the first one if there is
  /// none). A key that is already there gets the new value.
  ///
  /// Gets the content digest of the source, which is known only when all is copied. Headers come
  /// first in a file, so their length must not depend on it.
  public var metadata: (_ source: ContentDigest) -> [SafetensorsHeader.Metadata] = { _ in [] }

  /// Names of files in an existing output folder that may be lost; see `checkDestination`.
  public var replaceable: [String] = []

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
      source: source, destination: destination, overwrite: overwrite, replaceable: replaceable)
    for name in replacements.keys.sorted() where source.tensor(name) == nil {
      throw InputError(
        file: source.path, place: "tensor \(name.quoted)", expected: "a tensor to replace",
        found: "none of that name")
    }
    let folder =
      source.isFolder || source.isInParts
      ? try StagedFolder(CheckpointWriter.trimmed(destination)) : nil
    let parts = source.isInParts ? GGUFParts(destination) : nil
    var digests = Digests()
    let files = try source.shards.enumerated().map { number, shard in
      let name =
        parts.map { Checkpoint.fileName(of: $0.path(number + 1)) } ?? shard.fileName
      let path = folder.map { Checkpoint.join($0.temporary, name) } ?? destination
      return try stage(shard, at: path, &digests, progress)
    }
    let (sourceDigest, digest) = (ContentDigest(digests.source), ContentDigest(digests.copy))
    for (shard, file) in zip(source.shards, files) {
      guard let start = try newStart(of: shard, source: sourceDigest)?.bytes else { continue }
      try start.withUnsafeBytes { try file.rewriteStart($0) }
    }
    func staged(_ path: String, _ commit: @escaping () throws -> Void) -> StagedCheckpoint {
      StagedCheckpoint(path: path, sourceDigest: sourceDigest, digest: digest, commit: commit)
    }
    guard let folder else { return staged(files[0].temporary, files[0].commit) }
    for file in files { try file.commit() }
    if let parts {
      let names = (1...parts.count).map { Checkpoint.fileName(of: parts.path($0)) }
      return staged(Checkpoint.join(folder.temporary, names[0])) { try folder.commit(files: names) }
    }
    for name in try FolderListing.companions(source.folder) {
      let file = try MappedFile(Checkpoint.join(source.folder, name))
      let copy = try StagedFile(
        Checkpoint.join(folder.temporary, name), mode: try file.status().st_mode)
      try copy.copy(file, 0..<file.count)
      try copy.commit()
    }
    try writeIndex(folder.temporary)
    return staged(folder.temporary, folder.commit)
  }
}

// MARK: - One shard

extension CheckpointWriter {
  /// The digests of tensors, as they stand in the source and in the copy.
  private struct Digests {
    var source: [ContentDigest.Part] = []
    var copy: [ContentDigest.Part] = []

    /// Adds a tensor that was copied, or one that was replaced.
    mutating func add(
      _ tensor: TensorInfo, _ digest: ContentDigest,
      replaced: (type: ElementType, digest: ContentDigest)? = nil
    ) {
      var part = ContentDigest.Part(
        name: tensor.name, elementType: tensor.elementType, shape: tensor.shape, data: digest)
      source.append(part)
      if let replaced { (part.elementType, part.data) = replaced }
      copy.append(part)
    }
  }

  private func stage(
    _ shard: Checkpoint.Shard, at path: String, _ digests: inout Digests,
    _ progress: (Int) throws -> Void
  ) throws -> StagedFile {
    let output = try StagedFile(path, mode: try shard.file.status().st_mode)
    // Any digest will do for now: what is written later is as long.
    let start = try newStart(of: shard, source: ContentDigest([]))
    let isTouched = shard.tensors.contains { replacements[$0.name] != nil }
    if start == nil, !isTouched, output.clone(shard.file) {
      for tensor in shard.tensors {
        digests.add(tensor, try source.digest(of: tensor))
        try progress(tensor.byteCount)
      }
      try progress(shard.header.dataStart)
      return output
    }
    let dataStart = min(shard.header.dataStart, shard.file.count)
    if let start {
      try start.bytes.withUnsafeBytes { try output.write($0) }
      try progress(start.bytes.count)
    } else {
      try output.copy(shard.file, 0..<dataStart) { try progress($0.count) }
    }
    var (read, written) = (dataStart, 0)
    for (number, tensor) in shard.tensors.enumerated() {
      // What is between tensors stays, unless they move.
      if let offset = start?.offsets?[number] {
        try [UInt8](repeating: 0, count: offset - written).withUnsafeBytes { try output.write($0) }
        written = offset + size(of: tensor)
      } else {
        try output.copy(shard.file, read..<max(read, tensor.byteRange.lowerBound)) { _ in }
      }
      read = max(read, tensor.byteRange.upperBound)
      if let replacement = replacements[tensor.name] {
        let digest = try write(replacement, of: tensor, to: output, progress)
        digests.add(
          tensor, try source.digest(of: tensor), replaced: (replacement.elementType, digest))
      } else {
        var hash = SHA256()
        try output.copy(shard.file, tensor.byteRange) { bytes in
          hash.update(bufferPointer: bytes)
          try progress(bytes.count)
        }
        digests.add(tensor, ContentDigest(hash))
      }
    }
    try output.copy(shard.file, read..<shard.file.count) { _ in }
    try output.finish()
    try shard.file.checkUnchanged()
    return output
  }

  /// What a file starts with.
  private struct Start {
    let bytes: [UInt8]
    /// Where its tensors begin in the data, in their order, if they moved apart.
    var offsets: [Int]?
  }

  /// The bytes up to the data; nil if those of the source stay as they are.
  private func newStart(of shard: Checkpoint.Shard, source digest: ContentDigest) throws -> Start? {
    let types = shard.tensors.reduce(into: [TensorName: ElementType]()) { types, tensor in
      guard let type = replacements[tensor.name]?.elementType else { return }
      if type != tensor.elementType { types[tensor.name] = type }
    }
    let isTouched = shard.tensors.contains { replacements[$0.name] != nil }
    let isFirst = shard.fileName.utf8.elementsEqual(source.shards[0].fileName.utf8)
    let takesMetadata = isTouched || replacements.isEmpty && isFirst
    let additions = takesMetadata ? metadata(digest) : []
    guard !types.isEmpty || !additions.isEmpty else { return nil }
    switch shard.header {
    case .safetensors(let header):
      let new = try header.rewritten(types: types, additions: additions, file: shard.path)
      return Start(bytes: withUnsafeBytes(of: UInt64(new.count).littleEndian) { Array($0) } + new)
    case .gguf(let header):
      let (bytes, offsets) = try header.rewritten(shard.file, types: types, additions: additions)
      return Start(bytes: bytes, offsets: offsets)
    }
  }

  /// The bytes of a tensor in the copy.
  private func size(of tensor: TensorInfo) -> Int {
    (replacements[tensor.name]?.elementType).flatMap { $0.byteCount(elements: tensor.elementCount) }
      ?? tensor.byteCount
  }

  /// Writes the new content of a tensor and returns its digest.
  private func write(
    _ replacement: Replacement, of tensor: TensorInfo, to output: StagedFile,
    _ progress: (Int) throws -> Void
  ) throws -> ContentDigest {
    var hash = SHA256()
    let type = replacement.elementType
    let row = max(1, tensor.shape.last ?? 1)
    let limit = CheckpointWriter.elementsPerPiece
    let step =
      type.elementsPerBlock == 1 || row % type.elementsPerBlock == 0
      ? max(1, limit / row) * row : limit
    for start in stride(from: 0, to: tensor.elementCount, by: step) {
      let range = start..<min(start + step, tensor.elementCount)
      let bytes = try replacement.bytes(range)
      precondition(
        bytes.count == type.byteCount(elements: range.count), "wrong size for \(tensor.name)")
      try bytes.withUnsafeBytes { bytes in
        hash.update(bufferPointer: bytes)
        try output.write(bytes)
      }
      try progress(bytes.count)
    }
    return ContentDigest(hash)
  }
}

// MARK: - The index

extension CheckpointWriter {
  /// Copies the index; `total_size` follows if element types changed.
  private func writeIndex(_ folder: String) throws {
    guard let index = source.index else { return }
    var bytes = index.bytes
    let total = source.tensors.reduce(0) { $0 + size(of: $1) }
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
