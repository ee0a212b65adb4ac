import Crypto
import Glibc

/// A new file of F32 tensors that were computed, in either format.
///
/// It appears under its name when it is complete, and not at all on failure.
public struct NewTensorFile {
  /// One tensor.
  public struct Tensor {
    let name: TensorName
    let shape: [Int]
    let values: [Float]

    /// Describes a tensor; `shape` is slowest first, and there are as many values as it says.
    public init(_ name: TensorName, shape: [Int], values: [Float]) {
      precondition(shape.reduce(1, *) == values.count)
      (self.name, self.shape, self.values) = (name, shape, values)
    }

    var byteCount: Int { values.count * MemoryLayout<Float>.stride }
  }

  /// The tensors, in the order of the data.
  public var tensors: [Tensor]
  /// The digest of the base, for whoever asks the staged file.
  public var sourceDigest: ContentDigest

  /// A file of these tensors, made from a source with this digest.
  public init(_ tensors: [Tensor], source: ContentDigest) {
    (self.tensors, sourceDigest) = (tensors, source)
  }

  /// The digest of the tensors.
  var digest: ContentDigest {
    ContentDigest(
      tensors.map { tensor in
        .init(
          name: tensor.name, elementType: .float32, shape: tensor.shape,
          data: tensor.values.withUnsafeBytes { ContentDigest($0) })
      })
  }
}

// MARK: - Safetensors

extension NewTensorFile {
  /// Writes a safetensors file and others into a new folder beside the name of that.
  ///
  /// - Parameters:
  ///   - destination: the folder; see `checkDestination`.
  ///   - fileName: the name of the safetensors file.
  ///   - metadata: texts for its header.
  ///   - others: names and contents of the other files.
  /// - Throws: `InputError`, for example for a full disk.
  public func stage(
    folder destination: String, fileName: String, metadata: [SafetensorsHeader.Metadata],
    others: [(name: String, text: String)]
  ) throws -> StagedCheckpoint {
    let folder = try StagedFolder(CheckpointWriter.trimmed(destination))
    let output = try StagedFile(Checkpoint.join(folder.temporary, fileName), mode: 0o644)
    let header = safetensorsHeader(metadata)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    try (length + header).withUnsafeBytes { try output.write($0) }
    for tensor in tensors { try tensor.values.withUnsafeBytes { try output.write($0) } }
    try output.commit()
    for other in others {
      let file = try StagedFile(Checkpoint.join(folder.temporary, other.name), mode: 0o644)
      try Array(other.text.utf8).withUnsafeBytes { try file.write($0) }
      try file.commit()
    }
    return StagedCheckpoint(
      path: folder.temporary, sourceDigest: sourceDigest, digest: digest, commit: folder.commit)
  }

  private func safetensorsHeader(_ metadata: [SafetensorsHeader.Metadata]) -> [UInt8] {
    let texts = JSON.object(metadata.map { JSON.Member($0.key, .string($0.value)) })
    var members = [JSON.Member("__metadata__", texts)]
    var end = 0
    for tensor in tensors {
      let range = end..<end + tensor.byteCount
      members.append(
        .init(
          tensor.name.text,
          .object([
            .init("dtype", .string(ElementType.float32.name)),
            .init("shape", .array(tensor.shape.map { JSON($0) })),
            .init("data_offsets", .array([JSON(range.lowerBound), JSON(range.upperBound)])),
          ])))
      end = range.upperBound
    }
    var bytes = Array(JSON.object(members).encoded().utf8)
    bytes += [UInt8](repeating: 0x20, count: (8 - bytes.count % 8) % 8)
    return bytes
  }
}

// MARK: - GGUF

extension NewTensorFile {
  /// Writes a GGUF file beside its name.
  ///
  /// - Parameters:
  ///   - destination: the file; see `checkDestination`.
  ///   - metadata: keys and values; numbers are written as U32 and F32.
  /// - Throws: `InputError`, for example for a full disk.
  public func stage(
    gguf destination: String, metadata: [(key: String, value: GGUFValue)]
  ) throws -> StagedCheckpoint {
    let output = try StagedFile(destination, mode: 0o644)
    var written = 0
    func write(_ bytes: [UInt8]) throws {
      try bytes.withUnsafeBytes { try output.write($0) }
      written += bytes.count
    }
    func pad() throws {
      try write([UInt8](repeating: 0, count: Self.aligned(written) - written))
    }
    try write(ggufHeader(metadata))
    try pad()
    for tensor in tensors {
      try tensor.values.withUnsafeBytes { try output.write($0) }
      written += tensor.byteCount
      try pad()
    }
    try output.finish()
    return StagedCheckpoint(
      path: output.temporary, sourceDigest: sourceDigest, digest: digest, commit: output.commit)
  }

  private static func aligned(_ count: Int) -> Int { (count + 31) / 32 * 32 }

  private func ggufHeader(_ metadata: [(key: String, value: GGUFValue)]) -> [UInt8] {
    func little(_ number: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
    func text(_ bytes: [UInt8]) -> [UInt8] { little(UInt64(bytes.count)) + bytes }
    var bytes = Array("GGUF".utf8) + little(UInt32(3))
    bytes += little(UInt64(tensors.count)) + little(UInt64(metadata.count))
    for (key, value) in metadata {
      bytes += text(Array(key.utf8))
      switch value {
      case .float(let number):
        bytes += little(GGUFValue.Kind.float32.rawValue) + little(Float(number).bitPattern)
      case .unsigned(let number):
        bytes += little(GGUFValue.Kind.uint32.rawValue) + little(UInt32(clamping: number))
      case .text(let value):
        bytes += little(GGUFValue.Kind.text.rawValue) + text(value)
      default: preconditionFailure("\(key) is no text and no number of 32 bits")
      }
    }
    var offset = 0
    for tensor in tensors {
      bytes += text(Array(tensor.name.utf8)) + little(UInt32(tensor.shape.count))
      for size in tensor.shape.reversed() { bytes += little(UInt64(size)) }
      bytes += little(UInt32(0)) + little(UInt64(offset))  // 0 is F32
      offset = Self.aligned(offset + tensor.byteCount)
    }
    return bytes
  }
}

// MARK: - Where it goes

extension NewTensorFile {
  /// Checks, before hours of work, that such a file or folder can be written.
  ///
  /// - Parameters:
  ///   - destination: the path of the output.
  ///   - files: the names of the files of a folder; nil for a single file.
  ///   - inputs: paths that must not be replaced.
  ///   - overwrite: whether an existing output may be replaced; of a folder, if it holds nothing else.
  /// - Throws: `InputError` of kind `cannotCreate`, with what to do about it.
  public static func checkDestination(
    _ destination: String, files: [String]?, inputs: [String], overwrite: Bool
  ) throws {
    func refuse(_ expected: String, _ found: String, _ fix: String) -> InputError {
      InputError(.cannotCreate, file: destination, expected: expected, found: found, fix: fix)
    }
    let path = CheckpointWriter.trimmed(destination)
    let isFolderName = files != nil
    let ending =
      path.hasSuffix(".gguf") ? ".gguf" : path.hasSuffix(".safetensors") ? ".safetensors" : ""
    guard !path.isEmpty, path != "/", !path.utf8.contains(0), isFolderName ? ending.isEmpty : true
    else {
      throw refuse("a folder for the adapter", "another name", "give the name of a folder")
    }
    guard isFolderName || ending == ".gguf" else {
      throw refuse("a name that ends in .gguf", "another one", "add .gguf")
    }
    var found = stat()
    if stat(path, &found) == 0 {
      for input in inputs {
        var other = stat()
        guard stat(input, &other) == 0, other.st_ino == found.st_ino, other.st_dev == found.st_dev
        else { continue }
        throw refuse("an output that is not an input", "an input itself", "choose another path")
      }
      let isFolder = found.st_mode & S_IFMT == S_IFDIR
      guard isFolder == isFolderName else {
        throw refuse(
          isFolderName ? "a folder" : "a file", isFolder ? "a folder" : "a file",
          "choose another path")
      }
      let names = isFolder ? try FolderListing.names(path) : [path]
      guard overwrite || names.isEmpty else {
        throw refuse("nothing of that name", "something", "use --overwrite or choose another path")
      }
      if let files, let lost = names.first(where: { name in !files.contains(name) }) {
        throw refuse(
          "a folder with nothing but an older adapter in it",
          "\(TensorName(lost).quoted), which would be lost", "move it or choose another path")
      }
    }
    let parent = Checkpoint.folder(of: path)
    guard Checkpoint.isFolder(parent), access(parent, W_OK | X_OK) == 0 else {
      throw refuse(
        "a folder \(parent) to write into", "none that can be written to",
        "create it first or choose another")
    }
  }
}
