import FormatIO
import Foundation

/// What says how to compute with the weights of a checkpoint: the files beside it, or its own metadata.
enum ModelDescription {
  /// A folder in Hugging Face layout: config.json, tokenizer.json and their like.
  case folder(String)
  /// The metadata of a GGUF file, which has all of it.
  case gguf(GGUFMetadata, Checkpoint)

  init(of checkpoint: Checkpoint) {
    let first = checkpoint.shards[0]
    switch first.header {
    case .safetensors: self = .folder(checkpoint.folder)
    case .gguf(let header):
      self = .gguf(GGUFMetadata(header: header, file: first.file), checkpoint)
    }
  }

  /// The name of the family; nil if nothing says it.
  var family: String? {
    switch self {
    case .folder(let folder):
      try? JSON.read(folder + "/config.json")?["model_type"]?.string
    case .gguf(let metadata, _): metadata.text("general.architecture")
    }
  }

  /// The names of the files beside the weights that it may be read from.
  var fileNames: [String] {
    let tokenizer = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]
    switch self {
    case .folder:
      return tokenizer + ["config.json", "generation_config.json", "chat_template.jinja"]
    case .gguf(let metadata, _): return metadata["tokenizer.ggml.tokens"] == nil ? tokenizer : []
    }
  }

  /// The sizes of the model.
  ///
  /// - Throws: `InputError` naming what is missing, or asks for something not built.
  func configuration() throws -> ModelConfiguration {
    switch self {
    case .folder(let folder): try ModelConfiguration.load(folder: folder)
    case .gguf(let metadata, let checkpoint): try ModelConfiguration(metadata, of: checkpoint)
    }
  }

  /// The tokenizer. A GGUF file without one may have a tokenizer.json beside it.
  ///
  /// - Throws: `InputError` naming what is missing, malformed or not supported.
  func tokenizer() throws -> Tokenizer {
    switch self {
    case .folder(let folder): return try Tokenizer.load(folder: folder)
    case .gguf(let metadata, let checkpoint):
      if let tokenizer = try Tokenizer.read(metadata) { return tokenizer }
      do {
        return try Tokenizer.load(folder: checkpoint.folder)
      } catch let error as InputError where error.kind == .missing {
        throw InputError(
          .missing, file: metadata.path, place: "key \"tokenizer.ggml.tokens\"",
          expected: "a tokenizer in the metadata", found: "none",
          fix: "put the model's tokenizer.json into the folder of the file")
      }
    }
  }

  /// The prompt format to use, and in words why.
  ///
  /// - Parameter choice: the name of a format, or a Jinja file; nil takes the model's own template.
  /// - Throws: `InputError` if the template cannot be run and is like no known format.
  func template(_ choice: String? = nil) throws -> (template: ChatTemplate, reason: String) {
    guard let choice else { return try ChatTemplate.detect(ownTemplate()) }
    if FileManager.default.fileExists(atPath: choice),
      !ChatTemplate.all.contains(where: { $0.name == choice })
    {
      let template = try ModelTemplate(file: choice, place: choice, marks: marks())
      let name = URL(filePath: choice).lastPathComponent
      return (try template.frame(name: name), "as asked for")
    }
    return (try ChatTemplate.named(choice), "as asked for")
  }

  private func ownTemplate() throws -> ModelTemplate? {
    switch self {
    case .folder(let folder): return try ModelTemplate(folder: folder)
    case .gguf(let metadata, _):
      let key = "tokenizer.chat_template"
      guard let text = metadata.text(key) else { return nil }
      return ModelTemplate(text: text, place: key, file: metadata.path, marks: try marks())
    }
  }

  /// The special tokens that a template may name, by variable.
  private func marks() throws -> [JSON.Member] {
    switch self {
    case .folder(let folder): return try ModelTemplate.marks(folder: folder)
    case .gguf(let metadata, let checkpoint):
      guard let tokens = try metadata.texts("tokenizer.ggml.tokens") else {
        return try ModelTemplate.marks(folder: checkpoint.folder)
      }
      let names = [("bos", "bos"), ("eos", "eos"), ("unknown", "unk"), ("padding", "pad")]
      return try names.compactMap { key, name in
        let key = "tokenizer.ggml.\(key)_token_id"
        return try metadata.token(key, of: tokens.count).map { identifier in
          let text = String(decoding: tokens[Int(identifier)], as: UTF8.self)
          return JSON.Member("\(name)_token", .string(text))
        }
      }
    }
  }

  /// The tokens that end a text or a turn, without repetition.
  ///
  /// - Throws: `InputError` if what names them is malformed.
  func endOfSequence(tokenizer: Tokenizer) throws -> [Int32] {
    switch self {
    case .folder(let folder):
      return try ChatTemplate.endOfSequence(folder: folder, tokenizer: tokenizer)
    case .gguf(let metadata, _):
      let tokens = try ["eos", "eot", "eom"].compactMap {
        try metadata.token("tokenizer.ggml.\($0)_token_id", of: tokenizer.vocabularySize)
      }
      var seen: Set<Int32> = []
      return tokens.filter { seen.insert($0).inserted }
    }
  }
}
