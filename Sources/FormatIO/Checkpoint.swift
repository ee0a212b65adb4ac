import Glibc

/// The tensors of a safetensors or GGUF file, of a GGUF model in parts, or of a folder in Hugging Face layout.
///
/// Opening reads and checks the headers only. Data stays in memory-mapped files.
public final class Checkpoint: Sendable {
  /// One file.
  public struct Shard: Sendable {
    /// The path of the file.
    public var path: String { file.path }
    /// The name of the file in its folder.
    public let fileName: String
    /// The header with its metadata.
    public let header: Header
    /// The tensors in the order of the data.
    public let tensors: [TensorInfo]
    /// The mapped file.
    public let file: MappedFile
  }

  /// What a file starts with.
  public enum Header: Sendable {
    case safetensors(SafetensorsHeader)
    case gguf(GGUFHeader)
  }

  /// The path it was opened by.
  public let path: String
  /// The folder of the file, where `config.json` lives; the path itself for a folder.
  public let folder: String
  /// True if a folder was opened.
  public let isFolder: Bool
  /// The index that lists the shards; nil for a single file.
  public let index: ShardIndex?
  /// True for a GGUF model in parts.
  var isInParts: Bool { !isFolder && shards.count > 1 }
  /// The files, sorted by name.
  public let shards: [Shard]
  /// The tensors, shard by shard, in the order of the data.
  public let tensors: [TensorInfo]
  /// Changes of numbers that reading makes; nil if numbers are those of the files.
  public let overlay: TensorOverlay?
  /// What the numbers of tensors are multiplied by when they are read, where that is in other tensors.
  public let scales: [TensorName: TensorScales]
  private let positions: [TensorName: Int]

  /// Opens a file, or a folder that holds `model.safetensors` or an index with its shards.
  ///
  /// `model.safetensors` comes first if a folder has both, as in transformers. Files the index does
  /// not list are ignored. A single safetensors file of a sharded set is just that file; the first part
  /// of a GGUF model opens all of them.
  ///
  /// - Throws: `InputError`: `missing` if the path or a shard is absent, `malformed` if a header
  ///   breaks a rule or the index and the shards contradict each other.
  public static func open(_ path: String) throws -> Checkpoint {
    try Checkpoint(path)
  }

  private init(_ path: String) throws {
    self.path = path
    isFolder = Checkpoint.isFolder(path)
    if isFolder {
      folder = path
      let single = Checkpoint.join(path, "model.safetensors")
      let indexPath = Checkpoint.join(path, ShardIndex.fileName)
      if access(single, F_OK) == 0 {
        index = nil
        shards = [try Checkpoint.openShard(single, position: 0)]
      } else if access(indexPath, F_OK) == 0 {
        let index = try ShardIndex(indexPath)
        self.index = index
        shards = try index.shardNames.enumerated().map { position, name in
          try Checkpoint.openShard(Checkpoint.join(path, name), position: position)
        }
      } else {
        throw InputError(
          .missing, file: path, expected: "model.safetensors or \(ShardIndex.fileName) in it",
          found: "neither", fix: "name the .safetensors file itself if it has another name")
      }
    } else {
      folder = Checkpoint.folder(of: path)
      index = nil
      let first = try Checkpoint.openShard(path, position: 0)
      if case .gguf = first.header {
        shards = [first] + (try Checkpoint.restOfParts(first))
      } else {
        shards = [first]
      }
    }
    tensors = shards.flatMap(\.tensors)
    if let index { try Checkpoint.check(index, against: shards) }
    positions = Dictionary(
      zip(tensors.lazy.map(\.name), tensors.indices), uniquingKeysWith: { first, _ in first })
    (overlay, scales) = (nil, [:])
  }

  /// The same files, read in another way.
  private init(
    _ other: Checkpoint, overlay: TensorOverlay?, scales: [TensorName: TensorScales]
  ) {
    (path, folder, isFolder) = (other.path, other.folder, other.isFolder)
    (index, shards, tensors) = (other.index, other.shards, other.tensors)
    positions = other.positions
    (self.overlay, self.scales) = (overlay, scales)
  }

  /// The same files, read with this overlay in place of another one; nil takes it away.
  public func overlaid(by overlay: TensorOverlay?) -> Checkpoint {
    Checkpoint(self, overlay: overlay, scales: scales)
  }

  /// The same files, read with these scales in place of others. An overlay comes after them.
  public func scaled(by scales: [TensorName: TensorScales]) -> Checkpoint {
    Checkpoint(self, overlay: overlay, scales: scales)
  }

  static func openShard(_ path: String, position: Int) throws -> Shard {
    let file = try MappedFile(path)
    let header = try Header(file)
    return Shard(
      fileName: fileName(of: path), header: header, tensors: header.tensors(shard: position),
      file: file)
  }

  /// Checks that each shard holds the tensors the index places there, and no others.
  private static func check(_ index: ShardIndex, against shards: [Shard]) throws {
    var found = 0
    for shard in shards {
      for tensor in shard.tensors {
        let place = index.weightMap[tensor.name]
        guard let place, place.utf8.elementsEqual(shard.fileName.utf8) else {
          throw InputError(
            file: shard.path, place: "tensor \(tensor.name.quoted)",
            expected: "only tensors that \(ShardIndex.fileName) places in this file",
            found: place.map { "one it places in \($0)" } ?? "one it does not list")
        }
        found += 1
      }
    }
    guard found < index.weightMap.count else { return }
    let held = Set(shards.lazy.flatMap(\.tensors).map(\.name))
    for name in index.weightMap.keys.sorted() where !held.contains(name) {
      throw InputError(
        file: index.path, place: "weight_map, tensor \(name.quoted)",
        expected: "a tensor that \(index.weightMap[name] ?? "the shard") holds",
        found: "none of that name in it")
    }
  }

  /// The tensor with this name, compared by bytes.
  public func tensor(_ name: TensorName) -> TensorInfo? {
    positions[name].map { tensors[$0] }
  }

  /// Calls `body` with the bytes of a tensor of this checkpoint. They may start at any address.
  ///
  /// - Throws: `InputError` if the file changed since it was opened; whatever `body` throws.
  public func withBytes<Result>(
    of tensor: TensorInfo, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try shards[tensor.shard].file.withBytes(tensor.byteRange, body)
  }
}

extension Checkpoint {
  /// Tells the system what is about to become of a tensor's bytes.
  public func advise(_ tensor: TensorInfo, _ advice: MappedFile.Advice) {
    shards[tensor.shard].file.advise(tensor.byteRange, advice)
  }
}

// MARK: - Paths

extension Checkpoint {
  /// True if the path, symbolic links followed, is a folder.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// A path inside a folder.
  static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The folder that holds the file, without resolving links; "." for a bare name.
  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last component of a path.
  static func fileName(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }
}
