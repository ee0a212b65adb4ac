import FormatIO
import Foundation
import Testing

@testable import Perturb

/// A temporary model folder with the given files, removed after use.
private func withFolder<Result>(
  _ files: [String: String], _ body: (String) throws -> Result
) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  for (name, text) in files {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }
  return try body(folder.path)
}

private func tokenizer(_ name: String) throws -> Tokenizer {
  try TokenizerTests.goldens(name).tokenizer()
}

struct ChatTemplateTests {
  @Test(arguments: [
    ("chatml", "<|im_start|>user\nPROMPT<|im_end|>\n<|im_start|>assistant\n"),
    ("llama2", "[INST] PROMPT [/INST]"),
    (
      "llama3",
      "<|start_header_id|>user<|end_header_id|>\n\nPROMPT<|eot_id|>"
        + "<|start_header_id|>assistant<|end_header_id|>\n\n"
    ),
    ("mistral", "[INST] PROMPT[/INST]"),
    (
      "gemma", "<start_of_turn>user\nPROMPT<end_of_turn>\n<start_of_turn>model\n"
    ),
    ("phi3", "<|user|>\nPROMPT<|end|>\n<|assistant|>\n"),
    ("zephyr", "<|user|>\nPROMPT</s>\n<|assistant|>\n"),
    ("alpaca", "### Instruction:\nPROMPT\n\n### Response:\n"),
    ("plain", "PROMPT\n"),
  ])
  func promptsAreWrittenAsTheModelsExpect(name: String, rendered: String) throws {
    #expect(try ChatTemplate.named(name).render(prompt: "PROMPT") == rendered)
  }

  @Test func anUnknownNameListsTheKnownOnes() {
    let error = #expect(throws: InputError.self) { try ChatTemplate.named("ChatML") }
    #expect(error?.kind == .usage)
    #expect(
      error?.expected
        == "one of chatml, llama2, llama3, mistral, gemma, phi3, zephyr, alpaca, plain, "
        + "or a Jinja file")
  }

  // MARK: The model's own template

  private static let own = """
    {% for m in messages %}{{ bos_token }}{{ m.role }}: {{ m.content | trim }}{{ eos_token }}\
    {% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}
    """

  @Test func theModelsOwnTemplateWinsWhereverItIsKept() throws {
    let string = JSON.string(Self.own).encoded()
    let marks = #""bos_token":"<s>","eos_token":{"content":"</s>","lstrip":false}"#
    let list = #"[{"name":"tool_use","template":"?"},{"name":"default","template":\#(string)}]"#
    for (files, place) in [
      (
        ["chat_template.jinja": Self.own, "tokenizer_config.json": "{\(marks)}"],
        "chat_template.jinja"
      ),
      (
        ["tokenizer_config.json": #"{"chat_template":\#(string),\#(marks)}"#],
        "tokenizer_config.json"
      ),
      (
        ["tokenizer_config.json": #"{"chat_template":\#(list),\#(marks)}"#],
        "tokenizer_config.json"
      ),
      (
        [
          "chat_template.jinja": Self.own, "tokenizer_config.json": #"{"chat_template":"?"}"#,
          "special_tokens_map.json": "{\(marks)}",
        ], "chat_template.jinja"
      ),
    ] {
      let (template, reason) = try withFolder(files) { folder in
        try ModelDescription.folder(folder).template()
      }
      #expect(template.name == "own")
      #expect(reason == "the model's \(place)")
      #expect(template.render(prompt: " PROMPT\n") == "<s>user: PROMPT</s>assistant: ")
      #expect(template.answerSuffix == "</s>")
    }
  }

  @Test func aModelWithoutTemplateGetsPlainText() throws {
    for files in [[:], ["tokenizer_config.json": #"{"chat_template":null}"#]] {
      let detected = try withFolder(files) { try ModelDescription.folder($0).template() }
      #expect(detected.template.name == "plain")
      #expect(detected.reason == "the model has no chat template")
    }
  }

  /// A template that cannot be run is taken for the one format whose marks it has.
  @Test(arguments: [
    ("chatml", "{{ '<|im_start|>' + messages.role }}{{ '<|im_end|>' | wordwrap }}"),
    ("llama2", "{{ today() }}[INST] <<SYS>> {{ x }} [/INST]"),
    ("llama3", "{{ today() }}<|start_header_id|>{{ role }}<|end_header_id|>{{ text }}<|eot_id|>"),
    ("mistral", "{{ today() }}[INST] {{ text }} [/INST]"),
    ("gemma", "{{ today() }}<start_of_turn>user{{ text }}<end_of_turn>"),
    ("phi3", "{{ today() }}<|user|>{{ text }}<|end|><|assistant|>"),
    ("zephyr", "{{ today() }}<|user|>{{ text + eos_token }}<|assistant|>"),
    ("alpaca", "{{ today() }}{{ '### Instruction:' }} … {{ '### Response:' }}"),
  ])
  func aTemplateThatCannotBeRunIsTakenForOneLikeIt(name: String, text: String) throws {
    let detected = try withFolder(["chat_template.jinja": text]) { folder in
      try ModelDescription.folder(folder).template()
    }
    #expect(detected.template.name == name)
    #expect(
      detected.reason.hasPrefix("chat_template.jinja has ")
        && detected.reason.contains("but cannot be run (line 1 of the chat template: expected"))
  }

  @Test(arguments: [
    ("{% include 'x' %}", "a tag that is known here", "{% include %}"),
    ("{{ today() }}<|im_start|>user<|im_sep|><|im_end|>", "something to call", "today, which"),
    ("{% include 'x' %}<|im_start|><|im_end|>[INST][/INST]", "a tag that", "include"),
    ("{{ messages[0].role }}", "a template that writes the prompt once", "0 times"),
    ("{{ messages[0].content * 2 }}", "a template that writes the prompt once", "2 times"),
    ("{{ messages[0].content | replace('\n', ' ') }}", "writes prompts as they are", "changes"),
    ("{{ messages[0].content }}{{ messages[0].content | length }}", "as they are", "changes"),
    ("{{ raise_exception('Not today.') }}", "a conversation that the template takes", "Not today."),
  ])
  func aTemplateThatCannotBeRunIsAnErrorThatNamesTheOption(
    text: String, expected: String, found: String
  ) throws {
    let error = try withFolder(["chat_template.jinja": text]) { folder in
      #expect(throws: InputError.self) { try ModelDescription.folder(folder).template() }
    }
    #expect(error?.expected.contains(expected) == true, "\(error as Any)")
    #expect(error?.found.contains(found) == true, "\(error as Any)")
    #expect(error?.fix == "name the format to use with --template")
  }

  @Test func aFileIsChosenInsteadOfTheModelsOwn() throws {
    let files = [
      "chat_template.jinja": "?", "mine.jinja": Self.own,
      "tokenizer_config.json": #"{"bos_token":"<b>","eos_token":"<e>"}"#,
    ]
    try withFolder(files) { folder in
      let description = ModelDescription.folder(folder)
      let (template, reason) = try description.template(folder + "/mine.jinja")
      #expect(template.name == "mine.jinja" && reason == "as asked for")
      #expect(template.render(prompt: "P") == "<b>user: P<e>assistant: ")
      #expect(try description.template("alpaca").template.name == "alpaca")
      let error = #expect(throws: InputError.self) {
        try description.template(folder + "/other.jinja")
      }
      #expect(error?.kind == .usage)
    }
  }

  @Test func endsOfSequenceComeFromAllFiles() throws {
    let tokenizer = try tokenizer("gpt2")
    let files = [
      "generation_config.json": #"{"eos_token_id":[7,8]}"#,
      "config.json": #"{"eos_token_id":8}"#,
      "tokenizer_config.json": #"{"eos_token":{"content":"<|endoftext|>"}}"#,
    ]
    try withFolder(files) { folder in
      let ends = try ChatTemplate.endOfSequence(folder: folder, tokenizer: tokenizer)
      #expect(ends == [7, 8, 0])
    }
    try withFolder([:]) { folder in
      let ends = try ChatTemplate.endOfSequence(folder: folder, tokenizer: tokenizer)
      #expect(ends.isEmpty)
    }
  }
}

struct PromptEncoderTests {
  @Test func marksBecomeSingleTokens() throws {
    let tokenizer = try tokenizer("smollm")
    let encoder = try PromptEncoder(
      tokenizer: tokenizer, template: .named("chatml"), endOfSequence: [])
    let ids = encoder.encodePrompt("hi")
    #expect(ids.filter { $0 == 1 }.count == 2)
    #expect(ids.filter { $0 == 2 }.count == 1)
    #expect(
      tokenizer.decode(ids, skipSpecialTokens: false)
        == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n")
  }

  @Test func theBeginningOfSequenceMarkIsThereOnce() throws {
    let tokenizer = try tokenizer("llama3")
    let begin = try #require(tokenizer.id(of: "<|begin_of_text|>"))
    for prompt in ["hi", "<|begin_of_text|>hi"] {
      let encoder = try PromptEncoder(
        tokenizer: tokenizer, template: .named("plain"), endOfSequence: [])
      let ids = encoder.encodePrompt(prompt)
      #expect(ids.filter { $0 == begin }.count == 1)
      #expect(ids.first == begin)
    }
  }

  @Test func nothingThatEndsATextComesBetweenPromptAndAnswer() throws {
    let tokenizer = try tokenizer("template with a suffix")
    let encoder = try PromptEncoder(
      tokenizer: tokenizer, template: .named("plain"), endOfSequence: [])
    #expect(encoder.encodePrompt("hi") == [1, 0, 2] + tokenizer.encode("hi\n"))
  }

  @Test func onlyCompleteAnswersCarryTheEndOfTurn() throws {
    let tokenizer = try tokenizer("qwen2")
    for (name, mark) in [("chatml", Int32(2)), ("alpaca", 0)] {
      let encoder = try PromptEncoder(
        tokenizer: tokenizer, template: .named(name), endOfSequence: [0, 5])
      #expect(encoder.encodeAnswer("yes", complete: false) == tokenizer.encode("yes"))
      #expect(encoder.encodeAnswer("yes", complete: true) == tokenizer.encode("yes") + [mark])
    }
  }

  @Test func answersStopAtTheEndOfTurnAndAtEveryEndOfSequence() throws {
    let tokenizer = try tokenizer("gpt2")
    for (name, expected) in [("chatml", Set<Int32>([7, 8, 0, 2])), ("plain", [7, 8, 0])] {
      let encoder = try PromptEncoder(
        tokenizer: tokenizer, template: .named(name), endOfSequence: [7, 8, 0])
      #expect(encoder.stopTokens == expected)
    }
  }

  /// The model's own template writes the beginning-of-sequence mark, once or not at all.
  @Test(arguments: ["<|begin_of_text|>", ""])
  func ownTemplatesGetNoMarkOfTheTokenizer(mark: String) throws {
    let tokenizer = try tokenizer("llama3")
    let template = try ModelTemplate(
      text: "{{ bos_token }}{{ messages[0].content }}{{ '\\n' }}", place: "", file: "",
      marks: [.init("bos_token", .string(mark))]
    ).frame(name: "own")
    let encoder = try PromptEncoder(tokenizer: tokenizer, template: template, endOfSequence: [])
    #expect(encoder.encodePrompt("hi") == tokenizer.encode(mark + "hi\n"))
    #expect(!tokenizer.prefix.isEmpty)
  }

  /// What follows an answer counts up to its first special token; without one, the model's end does.
  @Test(arguments: [
    ("{{ '<|im_end|>\n' }}", "<|im_end|>", 2),
    (" {{ '<|im_end|><|endoftext|>' }}", " <|im_end|>", 2),
    ("{{ '\n\nUser:' }}", "", 5), ("{{ raise_exception('no answers') }}", "", 5),
  ])
  func theEndOfATurnIsFoundInTheTemplate(end: String, text: String, mark: Int32) throws {
    let tokenizer = try tokenizer("qwen2")
    let template = try ModelTemplate(
      text: "{% for m in messages %}{{ m.content }}{% if m.role == 'assistant' %}\(end){% endif %}"
        + "{% endfor %}{{ '<|im_start|>' if add_generation_prompt }}",
      place: "", file: "", marks: []
    ).frame(name: "own")
    let encoder = try PromptEncoder(
      tokenizer: tokenizer, template: template, endOfSequence: [5, 6])
    #expect(encoder.endOfTurn == mark && encoder.stopTokens == [5, 6, mark])
    let ids = tokenizer.encode("yes" + text) + (text.isEmpty ? [mark] : [])
    #expect(encoder.encodeAnswer("yes", complete: true) == ids)
  }

  @Test func aFormatWhoseMarkIsNoTokenIsRefused() throws {
    let tokenizer = try tokenizer("gpt2")
    let error = #expect(throws: InputError.self) {
      try PromptEncoder(tokenizer: tokenizer, template: .named("llama3"), endOfSequence: [])
    }
    #expect(error?.description.contains("<|eot_id|>") == true)
  }
}
