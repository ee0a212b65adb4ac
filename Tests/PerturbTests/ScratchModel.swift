import FormatIO
import Foundation
import Testing

@testable import Perturb

/// A random checkpoint in a temporary folder, for shapes and faults that no fixture has.
final class ScratchModel {
  /// One tensor as it is written.
  struct Tensor {
    var name: String
    var type = "F32"
    var shape: [Int]
    var bytes: [UInt8]

    init(_ name: String, shape: [Int], values: [Float]) {
      (self.name, self.shape) = (name, shape)
      bytes = values.flatMap { value in
        withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
      }
    }
  }

  /// A small model of odd sizes: the heads together are wider than the stream.
  static let settings: [String: String] = [
    "model_type": "\"llama\"", "hidden_size": "10", "num_hidden_layers": "2",
    "num_attention_heads": "4", "num_key_value_heads": "2", "head_dim": "6",
    "intermediate_size": "14", "vocab_size": "23", "rms_norm_eps": "1e-5",
    "tie_word_embeddings": "false",
  ]

  let folder: String
  let configuration: ModelConfiguration

  /// Writes a model with these settings; `edit` may change what is stored.
  init(
    _ changes: [String: String?] = [:], hasBiases: Bool = false,
    edit: (inout [Tensor]) -> Void = { _ in }
  ) throws {
    folder = NSTemporaryDirectory() + "perturb-" + UUID().uuidString
    configuration = try ScratchModel.configuration(changes)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var tensors = ScratchModel.tensors(configuration, hasBiases: hasBiases)
    edit(&tensors)
    try Data(ScratchModel.file(tensors)).write(
      to: URL(fileURLWithPath: folder + "/model.safetensors"))
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The tensors by place.
  func map() throws -> TensorMap {
    try TensorMap(checkpoint: Checkpoint.open(folder), configuration: configuration)
  }

  /// The text of a config.json: the small model's settings with changes; nil removes a key.
  static func json(_ changes: [String: String?] = [:]) -> String {
    var settings = ScratchModel.settings
    for (key, value) in changes { settings[key] = value }
    let members = settings.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
    return "{" + members.joined(separator: ", ") + "}"
  }

  /// Those settings as read.
  static func configuration(_ changes: [String: String?] = [:]) throws -> ModelConfiguration {
    let json = try JSON.parse(Array(json(changes).utf8), file: "config.json")
    return try ModelConfiguration(json: json, file: "config.json")
  }

  /// Every tensor of a model, random.
  static func tensors(_ configuration: ModelConfiguration, hasBiases: Bool) -> [Tensor] {
    let family = configuration.architecture.safetensors[0]
    var named: [(String, ModelSlot)] = [
      (family.embedding, .embedding), (family.finalNorm, .finalNorm),
    ]
    if !configuration.tiesHead { named.append((family.head, .head)) }
    for layer in 0..<configuration.layerCount {
      for role in configuration.roles(in: layer) where hasBiases || !role.isBias {
        let name = family.block[role] ?? ""
        named.append(
          (
            name.replacingOccurrences(of: "{layer}", with: "\(layer)"),
            .block(layer: layer, role)
          ))
      }
    }
    return named.enumerated().map { number, item in
      let shape = configuration.shape(of: item.1)
      let isVector = shape.rows == 1
      // Matrices keep the size of what goes through them; norms stay near 1.
      let deviation = isVector ? 0.3 : 1 / Float(shape.columns).squareRoot()
      var values = GradientCheck.normal(
        shape.rows * shape.columns, seed: UInt64(number), deviation: deviation)
      if item.0.hasSuffix("norm.weight") { values = values.map { $0 + 1 } }
      return Tensor(
        item.0, shape: isVector ? [shape.columns] : [shape.rows, shape.columns], values: values)
    }
  }

  /// The bytes of a safetensors file.
  static func file(_ tensors: [Tensor]) -> [UInt8] {
    var end = 0
    let entries = tensors.map { tensor in
      end += tensor.bytes.count
      return "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type)\",\"shape\":\(tensor.shape),"
        + "\"data_offsets\":[\(end - tensor.bytes.count),\(end)]}"
    }
    var header = Array(("{" + entries.joined(separator: ",") + "}").utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    return length + header + tensors.flatMap(\.bytes)
  }
}

extension TensorMap {
  /// These tensors of the model as a space; all of them if nil.
  func space(_ slots: [ModelSlot]? = nil, _ form: ParameterSpace.Parametrisation = .full)
    -> ParameterSpace
  {
    ParameterSpace(
      tensors: (slots ?? self.slots).compactMap { slot in
        tensor(at: slot).map { tensor in
          let shape = configuration.shape(of: slot)
          return (slot: slot, name: tensor.name, outputs: shape.rows, inputs: shape.columns)
        }
      }, parametrisation: form)
  }
}

extension ParameterSpace {
  /// The point where nothing is changed.
  var origin: Perturbation { Perturbation(space: self, values: zeros) }
}

extension Perturbation {
  /// A point with these numbers.
  init(space: ParameterSpace, values: [Float]) {
    self.init(space: space, values: ParameterVector(values))
  }
}
