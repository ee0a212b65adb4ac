/// How the files of one format call the tensors of a family.
///
/// `{layer}` stands for the number of a block, `{expert}` for that of an expert. Roles of one name lie in
/// one tensor, their rows one below the other in the order of `BlockRole`; experts of one name lie
/// in one tensor, one after the other.
struct TensorNames: Sendable {
  /// The token embedding, vocabulary × hidden.
  var embedding: String
  /// The last normalisation, hidden.
  var finalNorm: String
  var finalNormBias = ""
  /// The output head, vocabulary × hidden; absent from files that tie it.
  var head: String
  /// Learned positions, positions × hidden.
  var positions = ""
  /// The names inside a block.
  var block: [BlockRole: String]
  /// The names of the experts' matrices.
  var experts: [BlockRole: String] = [:]
  /// True if matrices of blocks are stored inputs × outputs.
  var isTransposed = false
  /// What every name may begin with instead of the first of these, depending on which class saved the file.
  var prefixes: [String] = []

  /// The same names with others inside the blocks; an empty one removes a role.
  func with(_ block: [BlockRole: String], experts: [BlockRole: String] = [:]) -> TensorNames {
    var names = self
    names.block.merge(block) { $1 }
    names.block = names.block.filter { !$0.value.isEmpty }
    names.experts = experts
    return names
  }
}

// MARK: - Hugging Face

extension TensorNames {
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
    prefixes: ["model.", "", "model.language_model.", "language_model.model.", "language_model."])

  /// Qwen3: queries and keys are normalised head by head.
  static let normedHeads = huggingFace.with([
    .queryNorm: "model.layers.{layer}.self_attn.q_norm.weight",
    .keyNorm: "model.layers.{layer}.self_attn.k_norm.weight",
  ])

  /// Gemma 2: what is added to the stream is normalised as well.
  static let normedAround = huggingFace.with([
    .outputNorm: "model.layers.{layer}.post_attention_layernorm.weight",
    .feedForwardNorm: "model.layers.{layer}.pre_feedforward_layernorm.weight",
    .downNorm: "model.layers.{layer}.post_feedforward_layernorm.weight",
  ])

  /// Gemma 3: both.
  static let normedHeadsAround = normedAround.with([
    .queryNorm: "model.layers.{layer}.self_attn.q_norm.weight",
    .keyNorm: "model.layers.{layer}.self_attn.k_norm.weight",
  ])

  /// OLMo 2: only what is added to the stream is normalised, and queries and keys.
  static let normedAfter = normedHeadsAround.with([.inputNorm: "", .feedForwardNorm: ""])

  /// Phi-3: matrices that read the same input are one tensor.
  static let fused = huggingFace.with([
    .queryWeight: "model.layers.{layer}.self_attn.qkv_proj.weight",
    .keyWeight: "model.layers.{layer}.self_attn.qkv_proj.weight",
    .valueWeight: "model.layers.{layer}.self_attn.qkv_proj.weight",
    .gateWeight: "model.layers.{layer}.mlp.gate_up_proj.weight",
    .upWeight: "model.layers.{layer}.mlp.gate_up_proj.weight",
    .queryBias: "", .keyBias: "", .valueBias: "", .gateBias: "", .upBias: "",
  ])

  /// StarCoder2: normalisations with biases, a feed-forward layer without a gate.
  static let starcoder2: TensorNames = {
    var names = huggingFace.with([
      .inputNormBias: "model.layers.{layer}.input_layernorm.bias",
      .feedForwardNormBias: "model.layers.{layer}.post_attention_layernorm.bias",
      .upWeight: "model.layers.{layer}.mlp.c_fc.weight",
      .upBias: "model.layers.{layer}.mlp.c_fc.bias",
      .downWeight: "model.layers.{layer}.mlp.c_proj.weight",
      .downBias: "model.layers.{layer}.mlp.c_proj.bias",
      .gateWeight: "", .gateBias: "",
    ])
    names.finalNormBias = "model.norm.bias"
    return names
  }()

  /// GPT-2, whose matrices are stored inputs × outputs.
  static let gpt2 = TensorNames(
    embedding: "transformer.wte.weight",
    finalNorm: "transformer.ln_f.weight",
    finalNormBias: "transformer.ln_f.bias",
    head: "lm_head.weight",
    positions: "transformer.wpe.weight",
    block: [
      .inputNorm: "transformer.h.{layer}.ln_1.weight",
      .inputNormBias: "transformer.h.{layer}.ln_1.bias",
      .queryWeight: "transformer.h.{layer}.attn.c_attn.weight",
      .keyWeight: "transformer.h.{layer}.attn.c_attn.weight",
      .valueWeight: "transformer.h.{layer}.attn.c_attn.weight",
      .queryBias: "transformer.h.{layer}.attn.c_attn.bias",
      .keyBias: "transformer.h.{layer}.attn.c_attn.bias",
      .valueBias: "transformer.h.{layer}.attn.c_attn.bias",
      .outputWeight: "transformer.h.{layer}.attn.c_proj.weight",
      .outputBias: "transformer.h.{layer}.attn.c_proj.bias",
      .feedForwardNorm: "transformer.h.{layer}.ln_2.weight",
      .feedForwardNormBias: "transformer.h.{layer}.ln_2.bias",
      .upWeight: "transformer.h.{layer}.mlp.c_fc.weight",
      .upBias: "transformer.h.{layer}.mlp.c_fc.bias",
      .downWeight: "transformer.h.{layer}.mlp.c_proj.weight",
      .downBias: "transformer.h.{layer}.mlp.c_proj.bias",
    ],
    isTransposed: true,
    prefixes: ["transformer.", ""])

  /// Mixtral: a router and experts in place of the feed-forward layer.
  static let mixtral = huggingFace.with(
    [
      .routerWeight: "model.layers.{layer}.block_sparse_moe.gate.weight",
      .gateBias: "", .upBias: "", .downBias: "",
    ],
    experts: [
      .gateWeight: "model.layers.{layer}.block_sparse_moe.experts.{expert}.w1.weight",
      .upWeight: "model.layers.{layer}.block_sparse_moe.experts.{expert}.w3.weight",
      .downWeight: "model.layers.{layer}.block_sparse_moe.experts.{expert}.w2.weight",
    ])

  /// Mixtures of Qwen: experts beside an expert that sees every token.
  static let qwen2Mixture = huggingFace.with(
    qwenRouter.merging([
      .sharedRouterWeight: "model.layers.{layer}.mlp.shared_expert_gate.weight",
      .sharedGateWeight: "model.layers.{layer}.mlp.shared_expert.gate_proj.weight",
      .sharedUpWeight: "model.layers.{layer}.mlp.shared_expert.up_proj.weight",
      .sharedDownWeight: "model.layers.{layer}.mlp.shared_expert.down_proj.weight",
    ]) { $1 }, experts: qwenExperts)

  /// The same without the shared expert.
  static let qwen3Mixture = normedHeads.with(qwenRouter, experts: qwenExperts)

  /// A mixture with its experts stacked in one tensor, as transformers 5 has them in memory.
  func stacked(under layer: String) -> TensorNames {
    with(
      [.routerWeight: layer + ".gate.weight"],
      experts: [
        .gateWeight: layer + ".experts.gate_up_proj", .upWeight: layer + ".experts.gate_up_proj",
        .downWeight: layer + ".experts.down_proj",
      ])
  }

  private static let qwenRouter: [BlockRole: String] = [
    .routerWeight: "model.layers.{layer}.mlp.gate.weight"
  ]
  private static let qwenExperts: [BlockRole: String] = [
    .gateWeight: "model.layers.{layer}.mlp.experts.{expert}.gate_proj.weight",
    .upWeight: "model.layers.{layer}.mlp.experts.{expert}.up_proj.weight",
    .downWeight: "model.layers.{layer}.mlp.experts.{expert}.down_proj.weight",
  ]
}

// MARK: - GGUF

extension TensorNames {
  /// The names of GGUF, of which families use what they have.
  static let gguf = TensorNames(
    embedding: "token_embd.weight",
    finalNorm: "output_norm.weight",
    finalNormBias: "output_norm.bias",
    head: "output.weight",
    positions: "position_embd.weight",
    block: [
      .inputNorm: "blk.{layer}.attn_norm.weight",
      .inputNormBias: "blk.{layer}.attn_norm.bias",
      .queryWeight: "blk.{layer}.attn_q.weight",
      .queryBias: "blk.{layer}.attn_q.bias",
      .keyWeight: "blk.{layer}.attn_k.weight",
      .keyBias: "blk.{layer}.attn_k.bias",
      .valueWeight: "blk.{layer}.attn_v.weight",
      .valueBias: "blk.{layer}.attn_v.bias",
      .queryNorm: "blk.{layer}.attn_q_norm.weight",
      .keyNorm: "blk.{layer}.attn_k_norm.weight",
      .outputWeight: "blk.{layer}.attn_output.weight",
      .outputBias: "blk.{layer}.attn_output.bias",
      .outputNorm: "blk.{layer}.post_attention_norm.weight",
      .feedForwardNorm: "blk.{layer}.ffn_norm.weight",
      .feedForwardNormBias: "blk.{layer}.ffn_norm.bias",
      .routerWeight: "blk.{layer}.ffn_gate_inp.weight",
      .gateWeight: "blk.{layer}.ffn_gate.weight",
      .gateBias: "blk.{layer}.ffn_gate.bias",
      .upWeight: "blk.{layer}.ffn_up.weight",
      .upBias: "blk.{layer}.ffn_up.bias",
      .downWeight: "blk.{layer}.ffn_down.weight",
      .downBias: "blk.{layer}.ffn_down.bias",
      .sharedRouterWeight: "blk.{layer}.ffn_gate_inp_shexp.weight",
      .sharedGateWeight: "blk.{layer}.ffn_gate_shexp.weight",
      .sharedUpWeight: "blk.{layer}.ffn_up_shexp.weight",
      .sharedDownWeight: "blk.{layer}.ffn_down_shexp.weight",
      .downNorm: "blk.{layer}.post_ffw_norm.weight",
    ],
    experts: [
      .gateWeight: "blk.{layer}.ffn_gate_exps.weight",
      .upWeight: "blk.{layer}.ffn_up_exps.weight",
      .downWeight: "blk.{layer}.ffn_down_exps.weight",
    ])

  /// GPT-2 and Phi-3 in GGUF: one tensor for queries, keys and values, and one for gate and up.
  static let fusedGGUF: TensorNames = {
    var names = gguf
    for role in [BlockRole.queryWeight, .keyWeight, .valueWeight] {
      names.block[role] = "blk.{layer}.attn_qkv.weight"
    }
    for role in [BlockRole.queryBias, .keyBias, .valueBias] {
      names.block[role] = "blk.{layer}.attn_qkv.bias"
    }
    names.block[.gateWeight] = "blk.{layer}.ffn_up.weight"
    return names
  }()
}
