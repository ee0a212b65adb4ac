import Glibc

extension CheckpointWriter {
  /// Checks, before hours of work, that an output can be written.
  ///
  /// Refused are: the source itself under any name, a path of another kind (file, first of as many
  /// parts, folder) or format, an existing output without `overwrite`, a folder that does not exist or
  /// cannot be written to. A
  /// folder is only replaced if nothing but old weights would be lost.
  ///
  /// - Parameters:
  ///   - source: the checkpoint that will be copied.
  ///   - destination: the path of the output.
  ///   - overwrite: whether an existing output may be replaced.
  ///   - replaceable: names of files in an existing folder that may be lost with it, since the caller writes them
  ///     anew.
  /// - Throws: `InputError` of kind `cannotCreate`, with what to do about it.
  public static func checkDestination(
    source: Checkpoint, destination: String, overwrite: Bool, replaceable: [String] = []
  ) throws {
    let path = trimmed(destination)
    func refuse(_ expected: String, _ found: String, _ fix: String? = nil) -> InputError {
      InputError(
        .cannotCreate, file: destination, expected: expected, found: found, fix: fix)
    }
    let isFolderName = destination.hasSuffix("/")
    guard !path.isEmpty, !path.utf8.contains(0), path != "/" else {
      throw refuse("a path for the output", path.isEmpty ? "an empty one" : "none that can be used")
    }
    if source.isFolder, path.hasSuffix(".safetensors") {
      throw refuse("a folder, as the input is one", "the name of a file")
    }
    let format = source.shards[0].header.format
    let other = format == "gguf" ? ".safetensors" : ".gguf"
    if path.hasSuffix(other) {
      throw refuse("\(format), as the input is", "a name that ends in \(other)")
    }
    if !source.isFolder, isFolderName {
      throw refuse("a file, as the input is one", "the name of a folder", "add a file name")
    }
    var paths = [path]
    if source.isInParts {
      guard let parts = GGUFParts(path), parts.number == 1, parts.count == source.shards.count
      else {
        let count = source.shards.count
        throw refuse(
          "a name that ends in -00001-of-\(count).gguf with five digits each, as the input has"
            + " \(count) parts", "another one")
      }
      paths = (1...parts.count).map(parts.path)
    }
    for path in paths {
      var link = stat()
      if lstat(path, &link) == 0 {
        try checkExisting(
          link, source, path, overwrite: overwrite, replaceable: replaceable, refuse)
      }
    }
    let parent = Checkpoint.folder(of: path)
    guard Checkpoint.isFolder(parent) else {
      throw refuse("a folder \(parent) to write into", "none", "create it first")
    }
    guard access(parent, W_OK | X_OK) == 0 else {
      throw refuse(
        "permission to write into \(parent)", String(cString: strerror(errno)),
        "choose another folder or change its permissions")
    }
  }

  private static func checkExisting(
    _ link: stat, _ source: Checkpoint, _ path: String, overwrite: Bool, replaceable: [String],
    _ refuse: (String, String, String?) -> InputError
  ) throws {
    var target = stat()
    if stat(path, &target) == 0 {
      var inputs = try source.shards.map { try $0.file.status() }
      var folder = stat()
      if source.isFolder, stat(source.path, &folder) == 0 { inputs.append(folder) }
      if inputs.contains(where: { $0.st_ino == target.st_ino && $0.st_dev == target.st_dev }) {
        throw refuse(
          "an output that is not the input", "the input itself", "choose another path")
      }
    }
    let kind = link.st_mode & S_IFMT
    if source.isFolder {
      guard kind == S_IFDIR else {
        throw refuse("a folder, as the input is one", "a file or link", "choose another path")
      }
      let names = try FolderListing.names(path)
      guard overwrite || names.isEmpty else {
        throw refuse("no folder with files in it", "one", "use --overwrite or choose another path")
      }
      let kept = Set(
        (try FolderListing.companions(source.folder) + replaceable).map { TensorName($0) })
      let lost = names.first { name in
        !kept.contains(TensorName(name)) && !isWeight(name)
          || Checkpoint.isFolder("\(path)/\(name)")
      }
      if let lost {
        throw refuse(
          "a folder with nothing but an older output in it",
          "\(TensorName(lost).quoted), which would be lost", "move it or choose another path")
      }
    } else {
      guard kind == S_IFREG || kind == S_IFLNK && !Checkpoint.isFolder(path) else {
        throw refuse(
          "a file, as the input is one", "a folder or device", "choose another path")
      }
      guard overwrite else {
        throw refuse("no file of that name", "one", "use --overwrite or choose another path")
      }
    }
  }

  private static func isWeight(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") || name.hasSuffix(ShardIndex.fileName)
  }

  /// The path without slashes at its end.
  static func trimmed(_ path: String) -> String {
    var text = path[...]
    while text.count > 1, text.last == "/" { text.removeLast() }
    return String(text)
  }
}
