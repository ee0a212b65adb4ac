internal import FormatIO
internal import Foundation

/// How a conversation is written down for a model: what stands around a prompt, and what ends an
/// answer.
///
/// Formats are rows of the table `all`; a new one is one more row. A format adds no system message
/// and no beginning-of-sequence mark of its own: the latter is the tokenizer's business.
public struct ChatTemplate: Sendable {
  /// The name by which the format is chosen.
  public let name: String
  /// What stands before the prompt.
  public let promptPrefix: String
  /// What stands between the prompt and the answer, the assistant's header included.
  public let promptSuffix: String
  /// The token that ends an answer; empty if the format has none and the model's
  /// end-of-sequence token does (`endTokens`).
  public let endOfTurn: String
  /// A model's own template is in this format if it has all of these and none of `foreign`.
  private let markers: [String]
  /// Marks of relatives that share the markers but write turns otherwise.
  private let foreign: [String]

  private init(
    _ name: String, prefix: String, suffix: String, endOfTurn: String = "", markers: [String] = [],
    foreign: [String] = []
  ) {
    self.name = name
    promptPrefix = prefix
    promptSuffix = suffix
    self.endOfTurn = endOfTurn
    self.markers = markers
    self.foreign = foreign
  }

  /// Every known format.
  public static let all: [ChatTemplate] = [
    ChatTemplate(
      "chatml", prefix: "<|im_start|>user\n",
      suffix: "<|im_end|>\n<|im_start|>assistant\n", endOfTurn: "<|im_end|>",
      markers: ["<|im_start|>", "<|im_end|>"], foreign: ["<|im_sep|>"]),
    ChatTemplate(
      "llama3", prefix: "<|start_header_id|>user<|end_header_id|>\n\n",
      suffix: "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
      endOfTurn: "<|eot_id|>", markers: ["<|start_header_id|>", "<|eot_id|>"]),
    ChatTemplate(
      "alpaca", prefix: "### Instruction:\n", suffix: "\n\n### Response:\n",
      markers: ["### Instruction:", "### Response:"]),
    plain,
  ]

  /// The prompt on its own, then a line feed: for models that were never taught a format.
  private static let plain = ChatTemplate("plain", prefix: "", suffix: "\n")

  /// The text that the model continues with its answer.
  public func render(prompt: String) -> String {
    promptPrefix + prompt + promptSuffix
  }

  /// The format with this name.
  ///
  /// - Throws: `InputError` of the usage kind that lists the names.
  public static func named(_ name: String) throws -> ChatTemplate {
    guard let template = all.first(where: { $0.name == name }) else {
      throw InputError(
        .usage, file: "--template", expected: "one of \(names)", found: "\"\(name)\"")
    }
    return template
  }

  private static var names: String { all.map(\.name).joined(separator: ", ") }
}

// MARK: - What a model folder says

extension ChatTemplate {
  /// Recognises the format of a model by its own chat template: `chat_template.jinja`, else
  /// `chat_template` of `tokenizer_config.json` (of several, the one named `default`).
  ///
  /// A model without a template gets `plain`.
  ///
  /// - Returns: the format, and in words why it was chosen.
  /// - Throws: `InputError` if there is a template in no known format.
  public static func detect(folder: String) throws -> (template: ChatTemplate, reason: String) {
    let own = try ownTemplate(folder: folder)
    return try detect(own?.text, place: own?.file ?? "", file: folder + "/" + (own?.file ?? ""))
  }

  /// Recognises the format of a chat template; nil stands for none.
  ///
  /// - Parameters:
  ///   - text: the template.
  ///   - place: where it was found, for people.
  ///   - file: named in errors.
  static func detect(_ text: String?, place: String, file: String) throws
    -> (template: ChatTemplate, reason: String)
  {
    guard let text else { return (plain, "the model has no chat template") }
    for template in all where !template.markers.isEmpty {
      if template.markers.allSatisfy(text.contains),
        !template.foreign.contains(where: text.contains)
      {
        return (template, "\(place) has \(template.markers.joined(separator: " and "))")
      }
    }
    throw InputError(
      file: file, place: "chat template",
      expected: "a known prompt format (\(names))", found: "another one",
      fix: "name the format to use with --template")
  }

  private static func ownTemplate(folder: String) throws -> (text: String, file: String)? {
    let file = "chat_template.jinja"
    if FileManager.default.fileExists(atPath: folder + "/" + file) {
      do {
        return (try String(contentsOfFile: folder + "/" + file, encoding: .utf8), file)
      } catch {
        throw InputError(
          file: folder + "/" + file, expected: "UTF-8 text", found: error.localizedDescription)
      }
    }
    let configuration = "tokenizer_config.json"
    let entry = try JSON.read(folder + "/" + configuration)?["chat_template"]
    let named = entry?.array ?? []
    let chosen = named.first { $0["name"]?.string == "default" } ?? named.first
    return (entry?.string ?? chosen?["template"]?.string).map { ($0, configuration) }
  }

  /// The model's end-of-sequence tokens, as its configuration files name them: `eos_token_id` of
  /// `generation_config.json` and `config.json`, `eos_token` of `tokenizer_config.json`. Without
  /// repetition, in that order.
  ///
  /// - Throws: `InputError` if one of the files is malformed. Files that are absent are skipped.
  public static func endOfSequence(folder: String, tokenizer: Tokenizer) throws -> [Int32] {
    var identifiers: [Int32] = []
    for file in ["generation_config.json", "config.json"] {
      guard let entry = try JSON.read(folder + "/" + file)?["eos_token_id"] else { continue }
      identifiers += (entry.array ?? [entry]).compactMap {
        $0.integer.flatMap(Int32.init(exactly:))
      }
    }
    let entry = try JSON.read(folder + "/tokenizer_config.json")?["eos_token"]
    if let token = entry?.string ?? entry?["content"]?.string {
      identifiers += [tokenizer.id(of: token)].compactMap { $0 }
    }
    var seen: Set<Int32> = []
    return identifiers.filter { seen.insert($0).inserted }
  }

  /// The tokens at which an answer is over: the end of a turn in this format, and the model's
  /// end-of-sequence tokens.
  func stopTokens(endOfSequence: [Int32], tokenizer: Tokenizer) -> Set<Int32> {
    Set(endOfSequence + [tokenizer.id(of: endOfTurn)].compactMap { $0 })
  }
}
