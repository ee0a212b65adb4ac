/// The index of a sharded checkpoint: which file holds which tensor.
///
///     {"metadata": {"total_size": BYTES, …}, "weight_map": {TENSOR: FILE, …}}
///
/// `total_size` is often wrong or absent in real files, so it is never relied on.
public struct ShardIndex: Sendable {
  /// The name the index has in a folder.
  public static let fileName = "model.safetensors.index.json"

  /// The path of the index.
  public let path: String
  /// The text as it stands in the file.
  public let bytes: [UInt8]
  /// The file of each tensor.
  public let weightMap: [TensorName: String]
  /// The files, sorted by name.
  public let shardNames: [String]

  /// Reads an index.
  ///
  /// - Throws: `InputError` if it is absent, no strict JSON, has no weight map, or names a shard
  ///   that is no plain file name.
  public init(_ path: String) throws {
    self.path = path
    let file = try MappedFile(path)
    guard file.count <= SafetensorsHeader.maximumByteCount else {
      throw InputError(
        file: path, expected: "an index of at most \(SafetensorsHeader.maximumByteCount) bytes",
        found: "\(file.count) bytes")
    }
    bytes = try file.withBytes(0..<file.count) { Array($0) }
    guard let members = try JSON.parse(bytes, file: path)["weight_map"]?.object else {
      throw InputError(
        file: path, place: "weight_map", expected: "an object that maps tensors to files",
        found: "none")
    }
    var weightMap: [TensorName: String] = [:]
    for member in members {
      let name = TensorName(member.key)
      guard let shard = member.value.string, ShardIndex.isFileName(shard) else {
        throw InputError(
          file: path, place: "weight_map, tensor \(name.quoted)",
          expected: "the name of a file in the same folder",
          found: TensorName(member.value.encoded()).text)
      }
      weightMap[name] = shard
    }
    self.weightMap = weightMap
    shardNames = Set(weightMap.values.map { TensorName($0) }).sorted().map(\.text)
  }

  /// True for a plain file name: no path separator, no NUL, not the folder itself or its parent.
  private static func isFileName(_ text: String) -> Bool {
    let forbidden = [UInt8(ascii: "/"), UInt8(ascii: "\\"), 0]
    return !text.isEmpty && text != "." && text != ".."
      && !text.utf8.contains(where: forbidden.contains)
  }
}
