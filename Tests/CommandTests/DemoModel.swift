import FormatIO
import Foundation
import Testing

/// The small models that `make demo` uses.
enum DemoModel {
  static func folder(_ name: String) -> URL {
    packageRoot.appending(path: "fixtures/demo/\(name)")
  }

  /// The options that name its calibration rows.
  static let rows = ["harmful", "benign", "task"].flatMap { role in
    ["--\(role)", packageRoot.appending(path: "fixtures/demo/calibration/\(role).jsonl").path]
  }

  /// A copy of the damaged model that a test may spoil.
  static func copy(to folder: URL) throws {
    try FileManager.default.copyItem(at: self.folder("damaged"), to: folder)
  }

  /// Writes the damaged model as two shards with an index.
  static func shard(to folder: URL) throws {
    try copy(to: folder)
    let file = folder.appending(path: "model.safetensors")
    let checkpoint = try Checkpoint.open(file.path)
    let half = checkpoint.tensors.count / 2
    var places: [JSON.Member] = []
    for (number, part) in [checkpoint.tensors[..<half], checkpoint.tensors[half...]].enumerated() {
      let name = "model-0000\(number + 1)-of-00002.safetensors"
      let tensors = try part.map { try Stored($0.name.text, $0, of: checkpoint) }
      try write(tensors, to: folder.appending(path: name))
      places += part.map { .init($0.name.text, .string(name)) }
    }
    let index = JSON.object([.init("metadata", .object([])), .init("weight_map", .object(places))])
    try Data(index.encoded().utf8)
      .write(to: folder.appending(path: "model.safetensors.index.json"))
    try FileManager.default.removeItem(at: file)
  }

  /// Writes the damaged model as the text part of a model of pictures and text: under another name in file and
  /// configuration, beside tensors that it does not know.
  static func wrap(to folder: URL) throws {
    try copy(to: folder)
    let file = folder.appending(path: "model.safetensors")
    let checkpoint = try Checkpoint.open(file.path)
    let known = try checkpoint.tensors.map {
      try Stored("language_model." + $0.name.text, $0, of: checkpoint)
    }
    let unknown = Stored(
      name: "vision_tower.patches.weight", type: "F32", shape: [2, 3],
      bytes: Data((0..<24).map { UInt8($0) }))
    try write([unknown] + known, to: file)
    let path = folder.appending(path: "config.json")
    let inner = try JSON.parse(Array(Data(contentsOf: path)), file: path.path)
    let outer = JSON.object([.init("model_type", "llava"), .init("text_config", inner)])
    try Data(outer.encoded().utf8).write(to: path)
  }

  /// A tensor as a safetensors file holds it.
  private struct Stored {
    let name, type: String
    let shape: [Int]
    let bytes: Data

    init(name: String, type: String, shape: [Int], bytes: Data) {
      (self.name, self.type, self.shape, self.bytes) = (name, type, shape, bytes)
    }

    init(_ name: String, _ tensor: TensorInfo, of checkpoint: Checkpoint) throws {
      self.init(
        name: name, type: tensor.elementType.name, shape: tensor.shape,
        bytes: try checkpoint.withBytes(of: tensor) { Data($0) })
    }
  }

  private static func write(_ tensors: [Stored], to file: URL) throws {
    var entries = [JSON.Member("__metadata__", .object([.init("format", "pt")]))]
    var data = Data()
    for tensor in tensors {
      let start = data.count
      data.append(tensor.bytes)
      entries.append(
        .init(
          tensor.name,
          .object([
            .init("dtype", .string(tensor.type)),
            .init("shape", .array(tensor.shape.map { JSON($0) })),
            .init("data_offsets", .array([JSON(start), JSON(data.count)])),
          ])))
    }
    let header = Data(JSON.object(entries).encoded().utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
    try (length + header + data).write(to: file)
  }
}
