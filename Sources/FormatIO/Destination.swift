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
  ///   - others: further checkpoints that are read and must stay.
  /// - Throws: `InputError` of kind `cannotCreate`, with what to do about it.
  public static func checkDestination(
    source: Checkpoint, destination: String, overwrite: Bool, replaceable: [String] = [],
    others: [Checkpoint] = []
  ) throws {
    try checkDestination(
      destination,
      Output(
        subject: "the input", isFolder: source.isFolder, format: source.shards[0].header.format,
        partCount: source.isInParts ? source.shards.count : 1,
        replaceable: replaceable
          + (source.isFolder ? try FolderListing.companions(source.folder) : [])),
      inputs: [source] + others, overwrite: overwrite)
  }

  /// What is to be written.
  struct Output {
    /// What it is like, for messages: `the input`.
    var subject: String
    /// A folder, or else a file or the first of several.
    var isFolder: Bool
    /// `safetensors` or `gguf`.
    var format: String
    /// The number of files of a GGUF model.
    var partCount = 1
    /// The files of an existing folder that may be lost besides weights, since they are written anew.
    var replaceable: [String] = []

    /// `a folder, as the input is one`.
    func like(_ kind: String) -> String { "\(kind), as \(subject) is one" }
  }

  /// Checks that an output can be written where none of the inputs is.
  static func checkDestination(
    _ destination: String, _ output: Output, inputs: [Checkpoint], overwrite: Bool
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
    if output.isFolder, path.hasSuffix(".safetensors") {
      throw refuse(output.like("a folder"), "the name of a file")
    }
    let other = output.format == "gguf" ? ".safetensors" : ".gguf"
    if path.hasSuffix(other) {
      throw refuse("\(output.format), as \(output.subject) is", "a name that ends in \(other)")
    }
    if !output.isFolder, isFolderName {
      throw refuse(output.like("a file"), "the name of a folder", "add a file name")
    }
    var paths = [path]
    if output.partCount > 1 {
      let count = output.partCount
      guard let parts = GGUFParts(path), parts.number == 1, parts.count == count else {
        throw refuse(
          "a name that ends in \(GGUFParts.ending(1, of: count)), as \(output.subject)"
            + " has \(count) parts", "another one")
      }
      paths = (1...parts.count).map(parts.path)
    }
    for path in paths {
      var link = stat()
      if lstat(path, &link) == 0 {
        try checkExisting(link, output, inputs, path, overwrite: overwrite, refuse)
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
    _ link: stat, _ output: Output, _ inputs: [Checkpoint], _ path: String, overwrite: Bool,
    _ refuse: (String, String, String?) -> InputError
  ) throws {
    var target = stat()
    if stat(path, &target) == 0 {
      let statuses = try inputs.flatMap { input in
        var folder = stat()
        let isFolder = input.isFolder && stat(input.path, &folder) == 0
        return try input.shards.map { try $0.file.status() } + (isFolder ? [folder] : [])
      }
      if statuses.contains(where: { $0.st_ino == target.st_ino && $0.st_dev == target.st_dev }) {
        throw refuse(
          "an output that is not the input", "the input itself", "choose another path")
      }
    }
    let kind = link.st_mode & S_IFMT
    if output.isFolder {
      guard kind == S_IFDIR else {
        throw refuse(output.like("a folder"), "a file or link", "choose another path")
      }
      let names = try FolderListing.names(path)
      guard overwrite || names.isEmpty else {
        throw refuse("no folder with files in it", "one", "use --overwrite or choose another path")
      }
      let kept = Set(output.replaceable.map { TensorName($0) })
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
          output.like("a file"), "a folder or device", "choose another path")
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
