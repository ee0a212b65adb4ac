import FormatIO

/// The tensors of a PEFT adapter, sorted by the module of the base that they belong to.
///
///     base_model.model.MODULE.lora_A.weight             rank × inputs
///     base_model.model.MODULE.lora_B.weight             outputs × rank
///     base_model.model.MODULE.lora_B.bias               outputs
///     base_model.model.MODULE.lora_embedding_A          rank × tokens
///     base_model.model.MODULE.lora_embedding_B          width × rank
///     base_model.model.MODULE.lora_magnitude_vector     outputs
///     base_model.model.MODULE.weight, .bias             stands in for that of the base
///
/// The prefix may be missing, and the name of the adapter may come after the kind: `lora_A.default.weight`.
struct AdapterTensors {
  /// What the tensors of one module are.
  enum Part: Hashable {
    case a, b, biasOfB, embeddingA, embeddingB, magnitudes
  }

  /// The parts of one module.
  struct Module {
    let name: String
    var parts: [Part: TensorInfo] = [:]
  }

  /// Modules with factors, in the order of the file.
  private(set) var modules: [Module] = []
  /// Tensors that stand in for whole tensors of the base, by their names there.
  private(set) var replacements: [(name: String, tensor: TensorInfo)] = []

  private static let endings: [(String, Part)] = [
    (".lora_A.weight", .a), (".lora_B.weight", .b), (".lora_B.bias", .biasOfB),
    (".lora_embedding_A", .embeddingA), (".lora_embedding_B", .embeddingB),
    (".lora_magnitude_vector", .magnitudes), (".lora_magnitude_vector.weight", .magnitudes),
  ]

  /// Sorts the tensors of a file.
  ///
  /// - Throws: `InputError` naming a tensor that is of no known kind.
  init(_ files: Checkpoint) throws {
    var places: [TensorName: Int] = [:]
    for tensor in files.tensors.sorted(by: { $0.name < $1.name }) {
      let key = Self.shortened(tensor.name.text)
      if let (ending, part) = Self.endings.first(where: { key.hasSuffix($0.0) }) {
        let name = String(key.dropLast(ending.count))
        let place = places[TensorName(name)] ?? modules.count
        if place == modules.count { modules.append(Module(name: name)) }
        places[TensorName(name)] = place
        modules[place].parts[part] = tensor
      } else if key.contains(".lora_") || key.contains("original_module")
        || !(key.hasSuffix(".weight") || key.hasSuffix(".bias"))
      {
        throw InputError(
          file: files.path, place: "tensor \(tensor.name.quoted)",
          expected: "factors of LoRA, magnitudes of DoRA, or whole weights and biases",
          found: "another kind of tensor", fix: AdapterConfiguration.mergeInPEFT)
      } else {
        replacements.append((key, tensor))
      }
    }
  }

  /// The name without what PEFT puts around that of the base.
  private static func shortened(_ name: String) -> String {
    var key = name.hasPrefix("base_model.model.") ? String(name.dropFirst(17)) : name
    for kind in [
      "lora_A", "lora_B", "lora_embedding_A", "lora_embedding_B", "lora_magnitude_vector",
    ] {
      key = key.split(separator: ".\(kind).default", omittingEmptySubsequences: false)
        .joined(separator: ".\(kind)")
    }
    for wrapper in [".base_layer.", ".modules_to_save.default.", ".modules_to_save."] {
      key = key.split(separator: wrapper, omittingEmptySubsequences: false).joined(separator: ".")
    }
    return key
  }
}
