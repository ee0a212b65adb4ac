import Glibc

/// The contents of a folder, not of its subfolders.
enum FolderListing {
  /// The names in the folder, sorted by bytes, without `.` and `..`.
  ///
  /// - Throws: `InputError` of kind `missing` if the folder cannot be read.
  static func names(_ path: String) throws -> [String] {
    guard let folder = opendir(path) else {
      throw InputError.system(.missing, file: path, "to list the folder", code: errno)
    }
    defer { closedir(folder) }
    var names: [TensorName] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(TensorName(name)) }
    }
    return names.sorted().map(\.text)
  }

  /// The names of the files that belong to a checkpoint in the folder besides its weights.
  ///
  /// Configuration, tokenizer, templates, licence, model card: regular files (links followed) of at
  /// most 64 MiB. Weights in any format, indexes of weights and hidden files are left out.
  static func companions(_ path: String) throws -> [String] {
    let weights = [
      ".safetensors", ".index.json", ".bin", ".pt", ".pth", ".ckpt", ".gguf", ".h5", ".msgpack",
      ".onnx", ".npz", ".partial",
    ]
    return try names(path).filter { name in
      guard !name.hasPrefix("."), !weights.contains(where: name.hasSuffix) else { return false }
      var status = stat()
      return stat(Checkpoint.join(path, name), &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && status.st_size <= 64 << 20
    }
  }
}
