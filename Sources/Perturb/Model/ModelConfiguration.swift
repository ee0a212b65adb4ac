public import FormatIO
import Foundation

/// The numbers of one model, read from its config.json or from the metadata of its GGUF file.
public struct ModelConfiguration: Sendable {
  /// The family the model belongs to.
  public let architecture: Architecture
  /// How its file may call the tensors.
  var names: [TensorNames]
  /// Where these numbers come from, in words.
  var source = "config.json"
  /// How weights are quantised whose scales are tensors beside them; nil if none are.
  let quantization: WeightQuantization?
  /// Width of the residual stream.
  public let hiddenSize: Int
  /// Number of decoder blocks.
  public let layerCount: Int
  /// Number of query heads.
  public let headCount: Int
  /// Number of key and value heads; each serves headCount / keyValueHeadCount query heads.
  public let keyValueHeadCount: Int
  /// Width of one head.
  public let headSize: Int
  /// Width of the feed-forward layer.
  public let feedForwardSize: Int
  /// Number of tokens the model knows.
  public let vocabularySize: Int
  /// Added to the mean square before its root is taken.
  public let normEpsilon: Float
  /// What files take away from the weights of normalisations.
  var normOffset: Float
  /// The longest sequence that is computed, in tokens.
  public internal(set) var contextLength: Int
  /// True if the output head is the embedding.
  public let tiesHead: Bool
  /// Whether matrices have biases; nil leaves it to the file.
  let hasBiases: Bool?
  /// What is done to the gate, or to the inner channels without one.
  let activation: Activation
  /// Factors of the embedding, of what a layer adds to the stream, and of the logits.
  let embeddingScale, residualScale, logitScale: Float
  /// What the products of queries and keys are multiplied by.
  let attentionScale: Float
  /// Limits c of c · tanh(x / c), for these products and for the logits.
  let attentionSoftCap, logitSoftCap: Float?
  /// The experts, in a mixture of them.
  let mixture: Mixture?
  /// How tokens see each other in each block.
  let layers: [Layer]
  /// The angles that blocks turn queries and keys by; `Layer.rotation` is an index into them.
  var rotations: [Rotation]
  /// Which channels turn together, as the rows of the file have them.
  public internal(set) var rotaryPairs = RotaryPairs.halves

  /// How the tokens of one block see each other, and what comes after.
  struct Layer: Sendable {
    /// A token sees so many, itself included; nil for all before it.
    var window: Int?
    /// By which angles queries and keys turn; nil if they do not.
    var rotation: Int?
    /// Whether experts stand in place of the feed-forward layer.
    var isMixture: Bool
  }

  /// Angles that queries and keys are turned by.
  struct Rotation: Sendable {
    /// Angle per position of each pair; the channels of a head that are left stay as they are.
    var frequencies: [Float]
    /// What turned channels are multiplied by.
    var scale: Float = 1
  }

  /// A mixture of experts.
  struct Mixture: Sendable {
    /// How many there are, and how many each token is sent to.
    let expertCount, chosenCount: Int
    /// Width of each.
    let feedForwardSize: Int
    /// Width of the expert that sees every token; nil if there is none.
    let sharedSize: Int?
    /// Whether the weights of the chosen ones sum to 1.
    let normalizesWeights: Bool
  }

  /// Width of all query heads together.
  var queryWidth: Int { headCount * headSize }
  /// Width of all key (or value) heads together.
  var keyValueWidth: Int { keyValueHeadCount * headSize }

  /// Inner channels of the feed-forward layers that a token passes in one block, at most.
  var innerWidth: Int {
    guard let mixture else { return feedForwardSize }
    return max(
      feedForwardSize,
      mixture.chosenCount * mixture.feedForwardSize + (mixture.sharedSize ?? 0))
  }

  /// The angles of the first block that has any, as most families have for all.
  public var rotaryFrequencies: [Float] { rotations.first?.frequencies ?? [] }

  /// The width (rows, columns) of any matrix of the model; vectors have one row.
  func shape(of slot: ModelSlot) -> (rows: Int, columns: Int) {
    switch slot {
    case .embedding, .head: (vocabularySize, hiddenSize)
    case .positions: (contextLength, hiddenSize)
    case .finalNorm, .finalNormBias: (1, hiddenSize)
    case .block(_, let role, let expert):
      shape(
        of: role, feedForward: expert.flatMap { _ in mixture?.feedForwardSize } ?? feedForwardSize)
    }
  }

  private func shape(of role: BlockRole, feedForward: Int) -> (rows: Int, columns: Int) {
    switch role {
    case .inputNorm, .inputNormBias, .outputNorm, .feedForwardNorm, .feedForwardNormBias, .downNorm,
      .outputBias, .downBias, .sharedRouterWeight:
      (1, hiddenSize)
    case .queryWeight: (queryWidth, hiddenSize)
    case .queryBias: (1, queryWidth)
    case .keyWeight, .valueWeight: (keyValueWidth, hiddenSize)
    case .keyBias, .valueBias: (1, keyValueWidth)
    case .queryNorm: (1, architecture.normsHeadsTogether ? queryWidth : headSize)
    case .keyNorm: (1, architecture.normsHeadsTogether ? keyValueWidth : headSize)
    case .outputWeight: (hiddenSize, queryWidth)
    case .routerWeight: (mixture?.expertCount ?? 0, hiddenSize)
    case .gateWeight, .upWeight: (feedForward, hiddenSize)
    case .gateBias, .upBias: (1, feedForward)
    case .downWeight: (hiddenSize, feedForward)
    case .sharedGateWeight, .sharedUpWeight: (mixture?.sharedSize ?? 0, hiddenSize)
    case .sharedDownWeight: (hiddenSize, mixture?.sharedSize ?? 0)
    }
  }

  /// The roles in one block, those of the experts left out.
  func roles(in layer: Int) -> [BlockRole] {
    let dense: Set<BlockRole> = [
      .gateWeight, .gateBias, .upWeight, .upBias, .downWeight, .downBias,
    ]
    let sparse: Set<BlockRole> = [
      .routerWeight, .sharedRouterWeight, .sharedGateWeight, .sharedUpWeight, .sharedDownWeight,
    ]
    let excluded = layers[layer].isMixture ? dense : sparse
    return BlockRole.allCases.filter { architecture.roles.contains($0) && !excluded.contains($0) }
  }
}

// MARK: - Reading config.json

extension ModelConfiguration {
  /// Reads `config.json` in a model's folder.
  ///
  /// - Throws: `InputError` naming the key that is missing, or that asks for something not built.
  public static func load(folder: String) throws -> ModelConfiguration {
    let path = folder + "/config.json"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw InputError(
        .missing, file: path, expected: "the model's configuration", found: "no readable file",
        fix: "put the config.json of the model beside its weights")
    }
    return try ModelConfiguration(json: JSON.parse([UInt8](data), file: path), file: path)
  }

  /// Reads a parsed config.json; `file` is named in errors.
  public init(json: JSON, file: String) throws {
    let reader = ConfigurationReader(json: json, file: file)
    try self.init(reader, of: reader.architecture())
  }

  /// Takes the numbers from a document with the keys of config.json.
  init(_ document: ConfigurationReader, of architecture: Architecture) throws {
    let isNested = document.value("text_config")?.object != nil
    let reader = document.textModel.completed(by: isNested ? architecture.nestedDefaults : [:])
      .renamed(architecture.keys)
    self.architecture = architecture
    names = architecture.safetensors
    quantization = try WeightQuantization(document)
    hiddenSize = try reader.positiveInteger("hidden_size")
    layerCount = try reader.positiveInteger("num_hidden_layers")
    headCount = try reader.positiveInteger("num_attention_heads")
    keyValueHeadCount = try reader.positiveInteger("num_key_value_heads", default: headCount)
    guard headCount % keyValueHeadCount == 0 else {
      throw reader.error(
        "num_key_value_heads", expected: "a divisor of num_attention_heads (\(headCount))",
        found: "\(keyValueHeadCount)")
    }
    headSize = try reader.positiveInteger("head_dim", default: hiddenSize / headCount)
    guard headSize > 0, headSize % 2 == 0 else {
      throw reader.error("head_dim", expected: "an even number", found: "\(headSize)")
    }
    let isGated = architecture.roles.contains(.gateWeight)
    feedForwardSize = try reader.positiveInteger(
      "intermediate_size", default: isGated ? nil : 4 * hiddenSize)
    vocabularySize = try reader.positiveInteger("vocab_size")
    normEpsilon = Float(try reader.number("rms_norm_eps", default: 1e-6, above: 0))
    normOffset = architecture.normOffset
    tiesHead = try document.boolean(
      "tie_word_embeddings",
      default: reader.boolean("tie_word_embeddings", default: architecture.tiesHead))
    hasBiases = try architecture.hasBiases.map { try reader.boolean("use_bias", default: $0) }
    activation = try reader.activation(default: architecture.activation)
    embeddingScale =
      architecture.scalesEmbedding
      ? Float(hiddenSize).squareRoot()
      : Float(try reader.number("embedding_multiplier", default: 1, above: 0))
    residualScale = Float(try reader.number("residual_multiplier", default: 1, above: 0))
    logitScale = 1 / Float(try reader.number("logits_scaling", default: 1, above: 0))
    let width = try reader.number("query_pre_attn_scalar", default: Double(headSize), above: 0)
    attentionScale =
      try reader.optionalNumber("attention_multiplier").map(Float.init)
      ?? 1 / Float(width).squareRoot()
    attentionSoftCap = try reader.optionalNumber("attn_logit_softcapping").map(Float.init)
    logitSoftCap = try reader.optionalNumber("final_logit_softcapping").map(Float.init)
    try reader.refuseWhatIsNotBuilt()
    mixture =
      architecture.roles.contains(.routerWeight) ? try reader.mixture(of: architecture) : nil
    let context = try reader.positiveInteger("max_position_embeddings", default: 2048)
    let (rotations, limit) = try reader.rotations(of: architecture, headSize, context: context)
    self.rotations = rotations
    contextLength = min(context, limit)
    layers = try reader.layers(layerCount, of: architecture)
  }
}
