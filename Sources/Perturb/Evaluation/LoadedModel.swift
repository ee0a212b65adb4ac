import FormatIO

/// A model with everything around it: weights, tokenizer, prompt format.
public struct LoadedModel: Sendable {
  /// The tensors by place.
  public var map: TensorMap
  /// Turns prompts and answers into tokens.
  public let encoder: PromptEncoder
  /// How the prompt format was chosen, for people.
  public let templateReason: String
  /// Tokens that end an answer.
  public let stopTokens: Set<Int32>

  /// Opens a model and checks that it can be computed with.
  ///
  /// - Parameters:
  ///   - path: a .safetensors file with config.json and tokenizer.json beside it, or a folder.
  ///   - template: a named prompt format; nil finds it from the model's own.
  ///   - precision: how products are computed.
  /// - Throws: `InputError` naming what is missing, malformed or not supported.
  public static func open(_ path: String, template: String? = nil, precision: Precision = .float32)
    throws -> LoadedModel
  {
    let checkpoint = try Checkpoint.open(path)
    try checkpoint.requireModel()
    let configuration = try ModelConfiguration.load(folder: checkpoint.folder)
    var map = try TensorMap(checkpoint: checkpoint, configuration: configuration)
    map.precision = precision
    let tokenizer = try Tokenizer.load(folder: checkpoint.folder)
    guard tokenizer.vocabularySize <= configuration.vocabularySize else {
      throw InputError(
        file: checkpoint.folder + "/tokenizer.json",
        expected: "at most \(configuration.vocabularySize) tokens, as config.json says",
        found: "\(tokenizer.vocabularySize)", fix: "use the tokenizer.json of this model")
    }
    let chosen = try template.map { (try ChatTemplate.named($0), reason: "as asked for") }
    let (format, reason) = try chosen ?? ChatTemplate.detect(folder: checkpoint.folder)
    try map.requireFinite()
    return try LoadedModel(
      map: map,
      encoder: PromptEncoder(
        tokenizer: tokenizer, template: format, folder: checkpoint.folder),
      templateReason: reason,
      stopTokens: try format.stopTokens(folder: checkpoint.folder, tokenizer: tokenizer))
  }
}

extension Checkpoint {
  /// Throws `InputError` if the format is one that is only inspected.
  func requireModel() throws {
    guard case .gguf = shards[0].header else { return }
    throw InputError(
      file: path, expected: "a model in safetensors", found: "a GGUF file",
      fix: "inspect shows it; to patch it, use the safetensors checkpoint that it was made from")
  }
}
