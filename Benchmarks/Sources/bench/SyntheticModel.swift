import FormatIO
import Foundation
import Perturb

/// A Llama of any size with random BF16 weights, the same for every run: speed and memory do not
/// depend on what they say.
struct SyntheticModel {
  var layers = 4
  var width = 256
  private static let vocabularySize = 2048
  private static let headSize = 64

  /// Writes it into a new folder and opens it.
  func open(in folder: String) throws -> TensorMap {
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let json = configuration
    try Data(json.encoded().utf8).write(to: URL(fileURLWithPath: folder + "/config.json"))
    try write(to: folder + "/model.safetensors")
    return try TensorMap(
      checkpoint: Checkpoint.open(folder),
      configuration: ModelConfiguration(json: json, file: folder + "/config.json"))
  }

  private var feedForwardSize: Int { 3 * width }

  private var configuration: JSON {
    .object([
      .init("model_type", .string("llama")), .init("hidden_size", JSON(width)),
      .init("intermediate_size", JSON(feedForwardSize)), .init("num_hidden_layers", JSON(layers)),
      .init("num_attention_heads", JSON(width / Self.headSize)),
      .init("vocab_size", JSON(Self.vocabularySize)), .init("rms_norm_eps", JSON(1e-5)),
      .init("max_position_embeddings", JSON(2048)), .init("tie_word_embeddings", .boolean(true)),
    ])
  }

  private var tensors: [(name: String, shape: [Int])] {
    [("model.embed_tokens.weight", [Self.vocabularySize, width]), ("model.norm.weight", [width])]
      + (0..<layers).flatMap { layer in
        [
          ("input_layernorm", [width]), ("post_attention_layernorm", [width]),
          ("self_attn.q_proj", [width, width]), ("self_attn.k_proj", [width, width]),
          ("self_attn.v_proj", [width, width]), ("self_attn.o_proj", [width, width]),
          ("mlp.gate_proj", [feedForwardSize, width]), ("mlp.up_proj", [feedForwardSize, width]),
          ("mlp.down_proj", [width, feedForwardSize]),
        ].map { ("model.layers.\(layer).\($0).weight", $1) }
      }
  }

  /// A safetensors file: the length of the header, the header, the numbers.
  private func write(to path: String) throws {
    var end = 0
    let header = JSON.object(
      tensors.map { name, shape in
        let start = end
        end += 2 * shape.reduce(1, *)
        return .init(
          name,
          .object([
            .init("dtype", .string("BF16")), .init("shape", .array(shape.map { JSON($0) })),
            .init("data_offsets", .array([JSON(start), JSON(end)])),
          ]))
      }
    ).encoded()
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
    bytes += Data(header.utf8)
    var source = RandomSource(seed: 1)
    for (_, shape) in tensors {
      let bits = (0..<shape.reduce(1, *)).map { _ in
        // Norms are 1; the others have either sign and a size between 1/64 and 1/32.
        shape.count == 1 ? 0x3f80 : UInt16(truncatingIfNeeded: source.next()) & 0x807f | 0x3c80
      }
      bits.withUnsafeBytes { bytes += Data($0) }
    }
    try bytes.write(to: URL(fileURLWithPath: path))
  }
}
