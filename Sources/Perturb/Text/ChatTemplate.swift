internal import FormatIO

/// How a conversation is written down for a model: what stands around a prompt, and what ends an
/// answer.
///
/// Named formats are rows of the table `all`; a new one is one more row. They add no system message
/// and no beginning-of-sequence mark of their own: the latter is the tokenizer's business. A model's
/// own template becomes such a frame too (`ModelTemplate`), with every mark that it writes.
public struct ChatTemplate: Sendable {
  /// The name by which the format is chosen; `own` for the model's own template.
  public let name: String
  /// What stands before the prompt.
  public let promptPrefix: String
  /// What stands between the prompt and the answer, the assistant's header included.
  public let promptSuffix: String
  /// What follows an answer. Its first special token ends the turn; without one, the model's
  /// end-of-sequence token does (`endOfSequence`).
  public let answerSuffix: String
  /// True for a template of the model: it writes the beginning-of-sequence mark or leaves it out.
  let writesBeginning: Bool
  /// True if white space at the ends of a prompt is left out.
  let trimsPrompt: Bool
  /// A template that cannot be run is taken for this format if it has all of these and none of
  /// `foreign`.
  let markers: [String]
  /// Marks of relatives that share the markers but write turns otherwise.
  private let foreign: [String]

  /// A named format.
  private init(
    _ name: String, prefix: String, suffix: String, endOfTurn: String = "", markers: [String] = [],
    foreign: [String] = []
  ) {
    self.name = name
    promptPrefix = prefix
    promptSuffix = suffix
    answerSuffix = endOfTurn
    (writesBeginning, trimsPrompt) = (false, false)
    self.markers = markers
    self.foreign = foreign
  }

  /// What a template was found to write.
  init(
    name: String, promptPrefix: String, promptSuffix: String, answerSuffix: String,
    trimsPrompt: Bool
  ) {
    self.name = name
    self.promptPrefix = promptPrefix
    self.promptSuffix = promptSuffix
    self.answerSuffix = answerSuffix
    self.trimsPrompt = trimsPrompt
    (writesBeginning, markers, foreign) = (true, [], [])
  }

  /// Every known format.
  public static let all: [ChatTemplate] = [
    ChatTemplate(
      "chatml", prefix: "<|im_start|>user\n",
      suffix: "<|im_end|>\n<|im_start|>assistant\n", endOfTurn: "<|im_end|>",
      markers: ["<|im_start|>", "<|im_end|>"], foreign: ["<|im_sep|>"]),
    ChatTemplate(
      "llama2", prefix: "[INST] ", suffix: " [/INST]", endOfTurn: "</s>",
      markers: ["[INST]", "[/INST]", "<<SYS>>"]),
    ChatTemplate(
      "llama3", prefix: "<|start_header_id|>user<|end_header_id|>\n\n",
      suffix: "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
      endOfTurn: "<|eot_id|>", markers: ["<|start_header_id|>", "<|eot_id|>"]),
    ChatTemplate(
      "mistral", prefix: "[INST] ", suffix: "[/INST]", endOfTurn: "</s>",
      markers: ["[INST]", "[/INST]"], foreign: ["<<SYS>>"]),
    ChatTemplate(
      "gemma", prefix: "<start_of_turn>user\n",
      suffix: "<end_of_turn>\n<start_of_turn>model\n", endOfTurn: "<end_of_turn>",
      markers: ["<start_of_turn>", "<end_of_turn>"]),
    ChatTemplate(
      "phi3", prefix: "<|user|>\n", suffix: "<|end|>\n<|assistant|>\n", endOfTurn: "<|end|>",
      markers: ["<|user|>", "<|assistant|>", "<|end|>"]),
    ChatTemplate(
      "zephyr", prefix: "<|user|>\n", suffix: "</s>\n<|assistant|>\n", endOfTurn: "</s>",
      markers: ["<|user|>", "<|assistant|>", "eos_token"], foreign: ["<|end|>", "bos_token"]),
    ChatTemplate(
      "alpaca", prefix: "### Instruction:\n", suffix: "\n\n### Response:\n",
      markers: ["### Instruction:", "### Response:"]),
    plain,
  ]

  /// The prompt on its own, then a line feed: for models that were never taught a format.
  static let plain = ChatTemplate("plain", prefix: "", suffix: "\n")

  /// The text that the model continues with its answer.
  public func render(prompt: String) -> String {
    promptPrefix + (trimsPrompt ? Characters(prompt).stripped().string : prompt) + promptSuffix
  }

  /// The format with this name.
  ///
  /// - Throws: `InputError` of the usage kind that lists the names.
  public static func named(_ name: String) throws -> ChatTemplate {
    guard let template = all.first(where: { $0.name == name }) else {
      throw InputError(
        .usage, file: "--template", expected: "one of \(names), or a Jinja file",
        found: "\"\(name)\"")
    }
    return template
  }

  private static var names: String { all.map(\.name).joined(separator: ", ") }

  /// The formats whose marks a template has.
  static func alike(_ text: String) -> [ChatTemplate] {
    all.filter { format in
      !format.markers.isEmpty && format.markers.allSatisfy(text.contains)
        && !format.foreign.contains(where: text.contains)
    }
  }
}

// MARK: - What a model folder says

extension ChatTemplate {
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
}
