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
  public var stopTokens: Set<Int32> { encoder.stopTokens }
  /// The adapter that is part of the weights; nil if there is none.
  public let adapter: Adapter?

  /// Opens a model and checks that it can be computed with.
  ///
  /// - Parameters:
  ///   - path: a .gguf file, a .safetensors file with config.json and tokenizer.json beside it, or a folder.
  ///   - template: a named prompt format, or a Jinja file; nil takes the model's own template.
  ///   - precision: how products are computed.
  ///   - adapterPath: an adapter of the model; both together are the model then.
  /// - Throws: `InputError` naming what is missing, malformed or not supported.
  public static func open(
    _ path: String, template: String? = nil, precision: Precision = .float32,
    adapter adapterPath: String? = nil
  ) throws -> LoadedModel {
    let base = try Checkpoint.open(path)
    let adapter = try adapterPath.map { try Adapter.open($0, on: base) }
    let checkpoint = adapter?.applied(to: base) ?? base
    let description = ModelDescription(of: checkpoint)
    var map = try TensorMap(checkpoint: checkpoint, configuration: description.configuration())
    map.precision = precision
    try adapter?.requireFit(map)
    let tokenizer = try description.tokenizer()
    let known = map.configuration.vocabularySize
    guard tokenizer.vocabularySize <= known else {
      throw InputError(
        file: path, place: "tokenizer",
        expected: "at most \(known) tokens, as \(map.configuration.source) says",
        found: "\(tokenizer.vocabularySize)", fix: "use the tokenizer.json of this model")
    }
    let (format, reason) = try description.template(template)
    try map.requireFinite()
    let endOfSequence = try description.endOfSequence(tokenizer: tokenizer)
    let encoder = try PromptEncoder(
      tokenizer: tokenizer, template: format, endOfSequence: endOfSequence)
    return LoadedModel(map: map, encoder: encoder, templateReason: reason, adapter: adapter)
  }
}
