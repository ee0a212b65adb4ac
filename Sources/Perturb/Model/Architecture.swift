/// A model family as data: the names in its files and the switches of the one decoder block.
///
/// To support a new family, add an entry to `all` and a golden fixture.
public struct Architecture: Sendable {
  /// The `model_type` of config.json.
  public let name: String
  /// How safetensors files call the tensors.
  let safetensors: TensorNames
  /// How GGUF files have the family.
  let gguf: GGUFForm
  /// Whether a token attends to a window only, if config.json has one and does not switch it off.
  var hasWindow = false

  /// A family in GGUF files.
  struct GGUFForm: Sendable {
    /// The `general.architecture`, which also starts the keys of the metadata.
    let name: String
    /// How the tensors are called.
    var names = TensorNames.gguf
    /// Which channels of a query or key head turn together. Those of Llama were put side by side by the
    /// conversion, so that the rows of q_proj and k_proj stand in another order than in safetensors.
    let rotaryPairs: RotaryPairs
  }

  /// Every supported family.
  public static let all: [Architecture] = [llama, mistral, qwen2]

  /// Llama 1–3.2, SmolLM, SmolLM2, TinyLlama and everything else saved as `llama`.
  static let llama = Architecture(
    name: "llama", safetensors: .huggingFace,
    gguf: GGUFForm(name: "llama", rotaryPairs: .neighbours))

  /// Mistral 7B: Llama, at first with a window. GGUF calls it llama as well.
  static let mistral = Architecture(
    name: "mistral", safetensors: .huggingFace, gguf: llama.gguf, hasWindow: true)

  /// Qwen2 and Qwen2.5: Llama with biases of queries, keys and values.
  static let qwen2 = Architecture(
    name: "qwen2", safetensors: .huggingFace, gguf: GGUFForm(name: "qwen2", rotaryPairs: .halves))
}

/// How the files of one format call the tensors of a family.
struct TensorNames: Sendable {
  /// The token embedding, vocabulary × hidden.
  let embedding: String
  /// The last normalisation, hidden.
  let finalNorm: String
  /// The output head, vocabulary × hidden; absent from files that tie it.
  let head: String
  /// The names inside a block; `{layer}` stands for the block's number.
  let block: [BlockRole: String]
  /// The prefix that every name may carry or lack, depending on which class saved the file.
  var optionalPrefix = ""

  /// The names of Llama and its relatives in Hugging Face files.
  static let huggingFace = TensorNames(
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

  /// The names of GGUF, the same for all families.
  static let gguf = TensorNames(
    embedding: "token_embd.weight",
    finalNorm: "output_norm.weight",
    head: "output.weight",
    block: [
      .inputNorm: "blk.{layer}.attn_norm.weight",
      .queryWeight: "blk.{layer}.attn_q.weight",
      .queryBias: "blk.{layer}.attn_q.bias",
      .keyWeight: "blk.{layer}.attn_k.weight",
      .keyBias: "blk.{layer}.attn_k.bias",
      .valueWeight: "blk.{layer}.attn_v.weight",
      .valueBias: "blk.{layer}.attn_v.bias",
      .outputWeight: "blk.{layer}.attn_output.weight",
      .outputBias: "blk.{layer}.attn_output.bias",
      .feedForwardNorm: "blk.{layer}.ffn_norm.weight",
      .gateWeight: "blk.{layer}.ffn_gate.weight",
      .gateBias: "blk.{layer}.ffn_gate.bias",
      .upWeight: "blk.{layer}.ffn_up.weight",
      .upBias: "blk.{layer}.ffn_up.bias",
      .downWeight: "blk.{layer}.ffn_down.weight",
      .downBias: "blk.{layer}.ffn_down.bias",
    ])
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
