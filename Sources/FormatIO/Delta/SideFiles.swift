/// The files of a checkpoint that a patch file speaks of: those with tensors, then what lies beside them.
struct SideFiles {
  /// One file, and the tensors in it by where they begin.
  struct File {
    let name: String
    let file: MappedFile
    let tensors: [TensorInfo]

    init(name: String, file: MappedFile, tensors: [TensorInfo]) {
      (self.name, self.file, self.tensors) = (name, file, tensors)
    }

    /// A file with weights.
    init(_ shard: Checkpoint.Shard) {
      self.init(
        name: shard.fileName, file: shard.file,
        tensors: shard.tensors.sorted {
          ($0.byteRange.lowerBound, $0.byteRange.upperBound)
            < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
        })
    }

    /// Everything that is in no tensor.
    func rest() throws -> [UInt8] {
      try file.withBytes(0..<file.count) { bytes in
        var rest: [UInt8] = []
        var end = 0
        for tensor in tensors {
          rest += bytes[end..<tensor.byteRange.lowerBound]
          end = tensor.byteRange.upperBound
        }
        return rest + bytes[end...]
      }
    }
  }

  let checkpoint: Checkpoint
  let files: [File]

  /// Lists the files. Of a folder, index, configuration, tokenizer and the like belong to it, and nothing else.
  init(_ checkpoint: Checkpoint) throws {
    self.checkpoint = checkpoint
    let shards = checkpoint.shards.map { File($0) }
    guard checkpoint.isFolder else {
      files = shards
      return
    }
    let names = try FolderListing.companions(checkpoint.folder)
    let index = checkpoint.index == nil ? [] : [ShardIndex.fileName]
    files =
      shards
      + (try (index + names).map { name in
        File(
          name: name, file: try MappedFile(Checkpoint.join(checkpoint.folder, name)), tensors: [])
      })
  }

  /// How the checkpoint lies on the disk.
  var form: DeltaIndex.Side.Form {
    checkpoint.isFolder ? .folder : files.count > 1 ? .parts : .file
  }

  /// The position of the file that most likely resembles one of another checkpoint.
  func partner(of other: File, _ number: Int) -> Int? {
    if let same = files.firstIndex(where: { $0.name.utf8.elementsEqual(other.name.utf8) }) {
      return same
    }
    let isAlike =
      files.indices.contains(number) && files[number].tensors.isEmpty == other.tensors.isEmpty
    return isAlike && !other.tensors.isEmpty ? number : nil
  }
}

extension Checkpoint {
  /// What lies in its folder and is no part of it, so that no patch file holds it: other weights, hidden files, folders
  /// (with a slash behind their names). None if it is no folder.
  ///
  /// - Throws: `InputError` if the folder cannot be read.
  public func namesLeftOut() throws -> [String] {
    guard isFolder else { return [] }
    let names = Set(try SideFiles(self).files.map { TensorName($0.name) })
    return try FolderListing.names(folder).filter { !names.contains(TensorName($0)) }
      .map { Checkpoint.isFolder(Checkpoint.join(folder, $0)) ? $0 + "/" : $0 }
  }
}
