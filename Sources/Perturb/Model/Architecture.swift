/// A model family as data: the names in its files and the switches of the one decoder block.
///
/// To support a new family, add an entry to `all` and a golden fixture.
public struct Architecture: Sendable {
  /// The `model_type` of config.json.
  public let name: String
  /// The tensor that holds the token embedding, vocabulary × hidden.
  let embedding: String
  /// The tensor of the last normalisation, hidden.
  let finalNorm: String
  /// The tensor of the output head, vocabulary × hidden; absent from files that tie it.
  let head: String
  /// The names inside a block; `{layer}` stands for the block's number.
  let block: [BlockRole: String]
  /// The prefix that every name may carry or lack, depending on which class saved the file.
  let optionalPrefix: String

  /// Every supported family.
  public static let all: [Architecture] = [llama]

  /// Llama 1–3.2, SmolLM, SmolLM2, TinyLlama and everything else saved as `llama`.
  static let llama = Architecture(
    name: "llama",
    embedding: "model.embed_tokens.weight",
    finalNorm: "model.norm.weight",
    head: "lm_head.weight",
    block: [
      .inputNorm: "model.layers.{layer}.input_layernorm.weight",
      .queryWeight: "model.layers.{layer}.self_attn.q_proj.weight",
      .queryBias: "model.layers.{layer}.self_attn.q_proj.bias",
      .keyWeight: "model.layers.{layer}.self_attn.k_proj.weight",
      .keyBias: "model.layers.{layer}.self_attn.k_proj.bias",
      .valueWeight: "model.layers.{layer}.self_attn.v_proj.weight",
      .valueBias: "model.layers.{layer}.self_attn.v_proj.bias",
      .outputWeight: "model.layers.{layer}.self_attn.o_proj.weight",
      .outputBias: "model.layers.{layer}.self_attn.o_proj.bias",
      .feedForwardNorm: "model.layers.{layer}.post_attention_layernorm.weight",
      .gateWeight: "model.layers.{layer}.mlp.gate_proj.weight",
      .gateBias: "model.layers.{layer}.mlp.gate_proj.bias",
      .upWeight: "model.layers.{layer}.mlp.up_proj.weight",
      .upBias: "model.layers.{layer}.mlp.up_proj.bias",
      .downWeight: "model.layers.{layer}.mlp.down_proj.weight",
      .downBias: "model.layers.{layer}.mlp.down_proj.bias",
    ],
    optionalPrefix: "model.")
}

/// What a tensor does inside a decoder block.
public enum BlockRole: Int, CaseIterable, Sendable {
  case inputNorm
  case queryWeight, queryBias, keyWeight, keyBias, valueWeight, valueBias
  case outputWeight, outputBias
  case feedForwardNorm
  case gateWeight, gateBias, upWeight, upBias, downWeight, downBias

  /// True for the matrices of the block, the tensors that a patch moves by default.
  public var isMatrix: Bool {
    switch self {
    case .queryWeight, .keyWeight, .valueWeight, .outputWeight, .gateWeight, .upWeight, .downWeight:
      true
    default: false
    }
  }

  /// True for tensors that some checkpoints of a family lack.
  var isOptional: Bool {
    switch self {
    case .queryBias, .keyBias, .valueBias, .outputBias, .gateBias, .upBias, .downBias: true
    default: false
    }
  }
}

/// Where a tensor stands in the model: one of the three outer ones, or a role in a block.
public enum ModelSlot: Hashable, Sendable {
  case embedding
  case block(layer: Int, BlockRole)
  case finalNorm
  case head

  /// The number of the block, if it is in one.
  public var layer: Int? {
    if case .block(let layer, _) = self { layer } else { nil }
  }

  /// True for the matrices inside the blocks.
  public var isBlockMatrix: Bool {
    if case .block(_, let role) = self { role.isMatrix } else { false }
  }
}
