import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Is every adapter that cannot be used refused by name, with what would work?
@Suite struct AdapterErrorTests {
  /// One way to spoil an adapter.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// Settings that change; nil takes one away.
    var settings: [String: String?] = [:]
    var base = "golden/grouped"
    /// The whole message; FOLDER and BASE stand for the paths.
    let message: String
    var spoil: @Sendable (ScratchAdapter) throws -> Void = { _ in }

    var testDescription: String { name }
  }

  private static let merge =
    "merge the adapter with PEFT (merge_and_unload, save_pretrained) and patch the merged model"
  private static let q = "base_model.model.model.layers.0.self_attn.q_proj"

  static let cases: [Case] = [
    Case(
      name: "no settings",
      message: "FOLDER/adapter_config.json: expected the settings of the adapter, found no readable"
        + " file. Fix: name the folder that PEFT saved, with adapter_config.json and"
        + " adapter_model.safetensors"
    ) { try FileManager.default.removeItem(atPath: $0.folder + "/adapter_config.json") },
    Case(
      name: "pickled weights",
      message: "FOLDER/adapter_model.bin: expected adapter_model.safetensors, found a pickle, which"
        + " can run any program when it is read. Fix: load it with PEFT and save it again with"
        + " safe_serialization=True"
    ) {
      try FileManager.default.moveItem(
        atPath: $0.folder + "/adapter_model.safetensors", toPath: $0.folder + "/adapter_model.bin")
    },
    Case(
      name: "another kind", settings: ["peft_type": "\"LOHA\""],
      message:
        "FOLDER/adapter_config.json, key \"peft_type\": expected LORA, found LOHA. Fix: \(merge)"),
    Case(
      name: "a kind without weights", settings: ["peft_type": "\"PROMPT_TUNING\""],
      message:
        "FOLDER/adapter_config.json, key \"peft_type\": expected LORA, found PROMPT_TUNING. Fix:"
        + " patch the base: what this kind learned cannot be part of the weights"),
    Case(
      name: "no kind", settings: ["peft_type": nil],
      message: "FOLDER/adapter_config.json, key \"peft_type\": expected LORA, found no such key"),
    Case(
      name: "repeated layers", settings: ["layer_replication": "[[0, 2], [1, 2]]"],
      message:
        "FOLDER/adapter_config.json, key \"layer_replication\": expected each layer once, found"
        + " [[0,2],[1,2]]. Fix: \(merge)"),
    Case(
      name: "layers of Megatron", settings: ["megatron_config": "{\"a\": 1}"],
      message:
        "FOLDER/adapter_config.json, key \"megatron_config\": expected an adapter of plain layers,"
        + " none of Megatron's, found {\"a\":1}. Fix: \(merge)"),
    Case(
      name: "trained tokens", settings: ["trainable_token_indices": "[3]"],
      message:
        "FOLDER/adapter_config.json, key \"trainable_token_indices\": expected no single rows of the"
        + " embedding, found [3]. Fix: \(merge)"),
    Case(
      name: "parameters", settings: ["target_parameters": "[\"mlp.experts.down_proj\"]"],
      message:
        "FOLDER/adapter_config.json, key \"target_parameters\": expected adapted modules, no adapted"
        + " parameters, found [\"mlp.experts.down_proj\"]. Fix: \(merge)"),
    Case(
      name: "switched on by a text", settings: ["alora_invocation_tokens": "[1, 2]"],
      message:
        "FOLDER/adapter_config.json, key \"alora_invocation_tokens\": expected an adapter that is"
        + " always on, found [1,2]. Fix: patch the base: what is switched on by a text cannot be part of the"
        + " weights"),
    Case(
      name: "grouped inputs", settings: ["use_qalora": "true"],
      message:
        "FOLDER/adapter_config.json, key \"use_qalora\": expected factors of whole inputs, no groups of"
        + " them, found true. Fix: \(merge)"),
    Case(
      name: "a start that changes the base", settings: ["init_lora_weights": "\"pissa_niter_16\""],
      message:
        "FOLDER/adapter_config.json, key \"init_lora_weights\": expected a start that leaves the base"
        + " as it was, found pissa_niter_16. Fix: save it with path_initial_model_for_weight_conversion, which"
        + " makes a plain LoRA of it"),
    Case(
      name: "a quantised start", settings: ["init_lora_weights": "\"loftq\""],
      message:
        "FOLDER/adapter_config.json, key \"init_lora_weights\": expected a start that leaves the base"
        + " as it was, found loftq. Fix: merge it with PEFT into the base that LoftQ made, and patch the merged"
        + " model"),
    Case(
      name: "no rank", settings: ["r": "0"],
      message: "FOLDER/adapter_config.json, key \"r\": expected a whole number above 0, found 0"),
    Case(
      name: "a pattern that is none", settings: ["rank_pattern": "{\"q_(proj\": 2}"],
      message:
        "FOLDER/adapter_config.json, key \"rank_pattern\", pattern \"q_(proj\": expected a regular"
        + " expression, found one that cannot be read"),
    Case(
      name: "a rank that factors do not have", settings: ["rank_pattern": "{\"q_proj\": 2}"],
      message:
        "FOLDER/adapter_model.safetensors, tensor \"\(q).lora_A.weight\": expected shape [2, 24], as"
        + " rank 2 in adapter_config.json and the base's [24, 24] say, found [3, 24]. Fix: name the base that the"
        + " adapter was trained on"),
    Case(
      name: "another base", base: "golden/tied",
      message:
        "FOLDER/adapter_model.safetensors, tensor \"base_model.model.model.layers.0.mlp.down_proj"
        + ".lora_B.weight\": expected shape [16, 3], as rank 3 in adapter_config.json and the base's [16, 40]"
        + " say, found [24, 3]. Fix: name the base that the adapter was trained on"),
    Case(
      name: "a module that is not there",
      message:
        "FOLDER/adapter_model.safetensors, tensor \"base_model.model.model.layers.9.self_attn.q_proj"
        + ".lora_A.weight\": expected a tensor \"model.layers.9.self_attn.q_proj.weight\" in BASE, found none of"
        + " that name. Fix: name the base that the adapter was trained on"
    ) { adapter in
      try adapter.edit { tensors in
        for index in tensors.indices {
          tensors[index].name = tensors[index].name
            .replacingOccurrences(of: "layers.0.self_attn", with: "layers.9.self_attn")
        }
      }
    },
    Case(
      name: "a head of its own where the base has none",
      message:
        "FOLDER/adapter_model.safetensors, tensor \"base_model.model.lm_head.weight\": expected a tensor"
        + " \"lm_head.weight\" in BASE, found none of that name. Fix: save the base with a head of its own"
        + " (tie_word_embeddings false): here it is the embedding"
    ) { adapter in
      try adapter.edit {
        $0.append(.init("base_model.model.lm_head.weight", shape: [1, 2], values: [1, 2]))
      }
    },
    Case(
      name: "one factor alone",
      message:
        "FOLDER/adapter_model.safetensors, module \"model.layers.0.self_attn.q_proj\": expected both"
        + " factors, lora_A and lora_B, found lora_A alone. Fix: save the adapter again; a part of it is missing"
    ) { adapter in try adapter.edit { $0.removeAll { $0.name == "\(q).lora_B.weight" } } },
    Case(
      name: "a number that is none",
      message:
        "FOLDER/adapter_model.safetensors, tensor \"\(q).lora_B.weight\", element 1: expected finite"
        + " numbers, found nan. Fix: the training diverged or the file is damaged; go back to an earlier adapter"
    ) { adapter in
      try adapter.edit { tensors in
        guard let index = tensors.firstIndex(where: { $0.name == "\(q).lora_B.weight" }) else {
          return
        }
        tensors[index].bytes.replaceSubrange(4..<8, with: [0, 0, 0xC0, 0x7F])
      }
    },
    Case(
      name: "tensors of another kind",
      message:
        "FOLDER/adapter_model.safetensors, tensor \"\(q).lora_E\": expected factors of LoRA, magnitudes"
        + " of DoRA, or whole weights and biases, found another kind of tensor. Fix: \(merge)"
    ) { adapter in
      try adapter.edit { $0.append(.init("\(q).lora_E", shape: [3, 1], values: [1, 2, 3])) }
    },
    Case(
      name: "DoRA without lengths", settings: ["use_dora": "true"],
      message:
        "FOLDER/adapter_model.safetensors, module \"model.layers.0.mlp.down_proj\": expected a"
        + " lora_magnitude_vector, as use_dora says, found none. Fix: save the adapter again; a part of it is missing"
    ),
    Case(
      name: "nothing in it",
      message: "FOLDER/adapter_model.safetensors: expected tensors of an adapter, found none"
    ) { adapter in try adapter.edit { $0 = [] } },
    Case(
      name: "a safetensors adapter of a GGUF model", base: "gguf/grouped.gguf",
      message:
        "FOLDER: expected an adapter in GGUF, as the model is, found a folder. Fix: convert it with"
        + " llama.cpp: convert_lora_to_gguf.py --base BASE-FOLDER FOLDER"),
  ]

  @Test(arguments: cases)
  func refused(_ bad: Case) throws {
    let adapter = try ScratchAdapter("lora", settings: bad.settings)
    try bad.spoil(adapter)
    let base = try Checkpoint.open(Fixtures.path(bad.base))
    let error = #expect(throws: InputError.self) { try Adapter.open(adapter.folder, on: base) }
    let expected = bad.message.replacingOccurrences(of: "BASE-FOLDER", with: "\u{0}")
      .replacingOccurrences(of: "FOLDER", with: adapter.folder)
      .replacingOccurrences(of: "BASE", with: base.path)
      .replacingOccurrences(of: "\u{0}", with: "BASE-FOLDER")
    #expect(error?.description == expected)
  }

  @Test func files() throws {
    let base = try Checkpoint.open(Fixtures.path("golden/grouped"))
    func message(_ path: String) -> String? {
      #expect(throws: InputError.self) { try Adapter.open(path, on: base) }?.description
    }
    #expect(
      message("nowhere")
        == "nowhere: expected an adapter, a folder of PEFT or a .gguf file, found no such file or folder"
    )
    let file = Fixtures.path("adapters/lora/adapter_model.safetensors")
    #expect(
      message(file)
        == "\(file): expected a folder that PEFT saved, as the model is in safetensors, found a file. Fix:"
        + " name the folder of the file")
  }

  /// While an adapter is apart, a tied head stays as it was; merged it would not.
  @Test func theEmbeddingOfATiedModel() throws {
    let adapter = try ScratchAdapter("whole")
    try adapter.edit { $0.removeAll { !$0.name.contains("embed_tokens") } }
    let scratch = try ScratchModel([
      "hidden_size": "16", "vocab_size": "56", "tie_word_embeddings": "true",
    ])
    let map = try scratch.map()
    let opened = try Adapter.open(adapter.folder, on: map.checkpoint)
    let error = #expect(throws: InputError.self) { try opened.requireFit(map) }
    #expect(error?.place == "tensor \"model.embed_tokens.weight\"")
    let tied = try ScratchAdapter("whole", settings: ["ensure_weight_tying": "true"])
    try tied.edit { $0.removeAll { $0.name.contains("v_proj") } }
    let both = try Adapter.open(tied.folder, on: map.checkpoint)
    try both.requireFit(map)
    #expect(both.names == ["model.embed_tokens.weight"])
  }
}

/// A copy of a golden adapter that a test may spoil.
final class ScratchAdapter: Sendable {
  let folder: String

  init(_ name: String, settings: [String: String?] = [:]) throws {
    folder = NSTemporaryDirectory() + "adapter-" + UUID().uuidString
    try FileManager.default.copyItem(atPath: Fixtures.path("adapters/\(name)"), toPath: folder)
    var members = try #require(try Fixtures.json("adapters/\(name)/adapter_config.json").object)
    for (key, value) in settings {
      members.removeAll { $0.key == key }
      if let value { members.append(.init(key, try JSON.parse(Array(value.utf8), file: key))) }
    }
    try Data(JSON.object(members).encoded().utf8)
      .write(to: URL(filePath: folder + "/adapter_config.json"))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Writes the tensors again after a change; all are F32.
  func edit(_ change: (inout [ScratchModel.Tensor]) -> Void) throws {
    let path = folder + "/adapter_model.safetensors"
    let file = try Checkpoint.open(path)
    var tensors = try file.tensors.map { tensor in
      ScratchModel.Tensor(
        tensor.name.text, shape: tensor.shape, values: try file.readFloats(tensor))
    }
    change(&tensors)
    try Data(ScratchModel.file(tensors)).write(to: URL(filePath: path))
  }
}
