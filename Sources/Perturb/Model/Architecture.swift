/// A model family as data: the names in its files and the switches of the one decoder block.
///
/// To support a new family, add an entry to `all` and a golden fixture. Which roles a block has is what
/// the names of its safetensors files say. Numbers that only some families have (soft caps, scales,
/// head sizes) are keys of the configuration and need no switch.
public struct Architecture: Sendable {
  /// The `model_type` of config.json.
  public let name: String
  /// How safetensors files call the tensors: the ways that are found.
  let safetensors: [TensorNames]
  /// How GGUF files have the family.
  let gguf: GGUFForm
  /// How config.json calls keys that it does not call as Llama does.
  var keys: [String: String] = [:]
  /// What a normalisation divides by.
  var normalization = Normalization.Form.rootMeanSquare
  /// What safetensors files take away from the weights of normalisations.
  var normOffset: Float = 0
  /// What is done to the gate, or to the inner channels without one, if config.json does not say.
  var activation = Activation.silu
  /// Whether the embedding is multiplied by √hidden.
  var scalesEmbedding = false
  /// Whether the head is the embedding, if config.json does not say.
  var tiesHead = false
  /// Whether all heads of queries, and all of keys, are normalised as one, if they are at all.
  var normsHeadsTogether = false
  /// Whether queries and keys are turned by their positions.
  var isRotary = true
  /// Which layers attend to a window only, if config.json has one.
  var windows = Windows.none
  /// Every so many layers, one has no positions at all, if config.json does not say.
  var unrotatedEvery: Int?
  /// The base of the angles in layers with a window, if it differs.
  var windowedRotaryBase: Double?
  /// Whether matrices have biases, if config.json does not say; nil leaves it to the file.
  var hasBiases: Bool?
  /// Whether the weights of the chosen experts are made to sum to 1, if config.json does not say.
  var normalizesRouting = true

  /// What keys are where config.json leaves them out: inside a model of pictures and text, it leaves out what
  /// is as in the family's class in transformers.
  var nestedDefaults: [String: Int] = [:]

  /// A family in GGUF files.
  struct GGUFForm: Sendable {
    /// The `general.architecture`, which also starts the keys of the metadata.
    let name: String
    /// How the tensors are called.
    var names = TensorNames.gguf
    /// Which channels of a query or key head turn together. Those of Llama were put side by side by the
    /// conversion, so that the rows of q_proj and k_proj stand in another order than in safetensors.
    var rotaryPairs = RotaryPairs.halves
    /// Whether the weights of the chosen experts are made to sum to 1; no key says it.
    var normalizesRouting = true
    /// The number of layers of a size whose `query_pre_attn_scalar` is hidden / heads; no key says it.
    var layersOfWideQueries: Int?
  }

  /// Which layers attend to a window, the others to everything before a token.
  enum Windows: Sendable {
    case none
    case everyLayer
    /// All but each of so many.
    case allButEvery(Int)
    /// Those from `max_window_layers` on, and only if `use_sliding_window` is set.
    case upperIfAsked
    /// Those that `layer_types` lists, and only if `use_sliding_window` is set.
    case listedIfAsked
  }

  /// The roles of its blocks, where one has them.
  var roles: Set<BlockRole> {
    Set(safetensors[0].block.keys)
  }
}

// MARK: - The families

extension Architecture {
  /// Every supported family.
  public static let all: [Architecture] = [
    llama, mistral, smollm3, qwen2, qwen3, gemma, gemma2, gemma3, phi3, gpt2, olmo2, granite,
    starcoder2, mixtral, qwen2Mixture, qwen3Mixture,
  ]

  /// Llama 1–3.2, SmolLM, SmolLM2, TinyLlama and everything else saved as `llama`.
  static let llama = Architecture(
    name: "llama", safetensors: [.huggingFace],
    gguf: GGUFForm(name: "llama", rotaryPairs: .neighbours),
    nestedDefaults: [
      "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
      "num_attention_heads": 32, "max_position_embeddings": 2048,
    ])

  /// Mistral 7B: Llama, at first with a window. GGUF calls it llama as well.
  static let mistral = Architecture(
    name: "mistral", safetensors: [.huggingFace], gguf: llama.gguf, windows: .everyLayer,
    nestedDefaults: [
      "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
      "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 131_072,
      "sliding_window": 4096,
    ])

  /// SmolLM3: Llama, with every fourth layer blind to positions.
  static let smollm3 = Architecture(
    name: "smollm3", safetensors: [.huggingFace],
    gguf: GGUFForm(name: "smollm3", rotaryPairs: .neighbours), tiesHead: true,
    windows: .listedIfAsked,
    unrotatedEvery: 4)

  /// Qwen2 and Qwen2.5: Llama with biases of queries, keys and values.
  static let qwen2 = Architecture(
    name: "qwen2", safetensors: [.huggingFace], gguf: GGUFForm(name: "qwen2"),
    windows: .upperIfAsked)

  /// Qwen3: without those biases, but with normalised heads.
  static let qwen3 = Architecture(
    name: "qwen3", safetensors: [.normedHeads], gguf: GGUFForm(name: "qwen3"),
    windows: .upperIfAsked)

  /// Gemma 1: norm weights less 1, a scaled embedding, and GELU.
  static let gemma = Architecture(
    name: "gemma", safetensors: [.huggingFace], gguf: GGUFForm(name: "gemma"),
    normOffset: 1, activation: .tanhGELU, scalesEmbedding: true, tiesHead: true)

  /// Gemma 2: norms around each layer, soft caps, and a window in every other layer.
  static let gemma2 = Architecture(
    name: "gemma2", safetensors: [.normedAround],
    gguf: GGUFForm(name: "gemma2", layersOfWideQueries: 46),
    normOffset: 1, activation: .tanhGELU, scalesEmbedding: true, tiesHead: true,
    windows: .allButEvery(2))

  /// The text model of Gemma 3: normalised heads, and a window with angles of its own in five of six layers.
  static let gemma3 = Architecture(
    name: "gemma3_text", safetensors: [.normedHeadsAround],
    gguf: GGUFForm(name: "gemma3", layersOfWideQueries: 62),
    normOffset: 1, activation: .tanhGELU, scalesEmbedding: true, tiesHead: true,
    windows: .allButEvery(6), windowedRotaryBase: 10_000,
    nestedDefaults: [
      "vocab_size": 262_208, "hidden_size": 2304, "intermediate_size": 9216,
      "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
      "query_pre_attn_scalar": 256, "max_position_embeddings": 131_072, "sliding_window": 4096,
      "rope_theta": 1_000_000,
    ])

  /// Phi-3, Phi-3.5, Phi-4 and Phi-4-mini: Llama with fused matrices.
  static let phi3 = Architecture(
    name: "phi3", safetensors: [.fused], gguf: GGUFForm(name: "phi3", names: .fusedGGUF),
    windows: .everyLayer)

  /// GPT-2.
  static let gpt2 = Architecture(
    name: "gpt2", safetensors: [.gpt2], gguf: GGUFForm(name: "gpt2", names: .fusedGGUF),
    keys: [
      "hidden_size": "n_embd", "num_hidden_layers": "n_layer", "num_attention_heads": "n_head",
      "intermediate_size": "n_inner", "max_position_embeddings": "n_positions",
      "rms_norm_eps": "layer_norm_epsilon", "hidden_act": "activation_function",
    ],
    normalization: .layer, activation: .tanhGELU, tiesHead: true, isRotary: false,
    hasBiases: true)

  /// OLMo 2: norms only after each layer, and of all queries and keys together.
  static let olmo2 = Architecture(
    name: "olmo2", safetensors: [.normedAfter], gguf: GGUFForm(name: "olmo2"),
    normsHeadsTogether: true)

  /// Granite 3: Llama with a factor at every joint.
  static let granite = Architecture(
    name: "granite", safetensors: [.huggingFace],
    gguf: GGUFForm(name: "granite", rotaryPairs: .neighbours))

  /// StarCoder2.
  static let starcoder2 = Architecture(
    name: "starcoder2", safetensors: [.starcoder2], gguf: GGUFForm(name: "starcoder2"),
    keys: ["rms_norm_eps": "norm_epsilon"], normalization: .layer, activation: .tanhGELU,
    tiesHead: true, windows: .everyLayer, hasBiases: true)

  /// Mixtral: Mistral with experts. GGUF calls it llama as well.
  static let mixtral = Architecture(
    name: "mixtral",
    safetensors: [.mixtral, .mixtral.stacked(under: "model.layers.{layer}.mlp")], gguf: llama.gguf,
    keys: ["num_experts": "num_local_experts", "moe_intermediate_size": "intermediate_size"],
    windows: .everyLayer)

  /// The mixtures of Qwen1.5 and Qwen2.
  static let qwen2Mixture = Architecture(
    name: "qwen2_moe",
    safetensors: [.qwen2Mixture, .qwen2Mixture.stacked(under: "model.layers.{layer}.mlp")],
    gguf: GGUFForm(name: "qwen2moe", normalizesRouting: false), windows: .listedIfAsked,
    normalizesRouting: false)

  /// The mixtures of Qwen3.
  static let qwen3Mixture = Architecture(
    name: "qwen3_moe",
    safetensors: [.qwen3Mixture, .qwen3Mixture.stacked(under: "model.layers.{layer}.mlp")],
    gguf: GGUFForm(name: "qwen3moe"), windows: .listedIfAsked, normalizesRouting: false)
}
