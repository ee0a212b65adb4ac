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
      var entries = [JSON.Member("__metadata__", .object([.init("format", "pt")]))]
      var data = Data()
      for tensor in part {
        let start = data.count
        try checkpoint.withBytes(of: tensor) { data.append(contentsOf: $0) }
        entries.append(
          .init(
            tensor.name.text,
            .object([
              .init("dtype", .string(tensor.elementType.name)),
              .init("shape", .array(tensor.shape.map { JSON($0) })),
              .init("data_offsets", .array([JSON(start), JSON(data.count)])),
            ])))
        places.append(.init(tensor.name.text, .string(name)))
      }
      let header = Data(JSON.object(entries).encoded().utf8)
      let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) }
      try (length + header + data).write(to: folder.appending(path: name))
    }
    let index = JSON.object([.init("metadata", .object([])), .init("weight_map", .object(places))])
    try Data(index.encoded().utf8)
      .write(to: folder.appending(path: "model.safetensors.index.json"))
    try FileManager.default.removeItem(at: file)
  }
}
