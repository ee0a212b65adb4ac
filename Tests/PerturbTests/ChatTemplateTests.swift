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
    (
      "llama3",
      "<|start_header_id|>user<|end_header_id|>\n\nPROMPT<|eot_id|>"
        + "<|start_header_id|>assistant<|end_header_id|>\n\n"
    ),
    ("alpaca", "### Instruction:\nPROMPT\n\n### Response:\n"),
    ("plain", "PROMPT\n"),
  ])
  func promptsAreWrittenAsTheModelsExpect(name: String, rendered: String) throws {
    #expect(try ChatTemplate.named(name).render(prompt: "PROMPT") == rendered)
  }

  @Test func anUnknownNameListsTheKnownOnes() {
    let error = #expect(throws: InputError.self) { try ChatTemplate.named("ChatML") }
    #expect(error?.kind == .usage)
    #expect(error?.expected == "one of chatml, llama3, alpaca, plain")
  }

  @Test(arguments: [
    ("chatml", "{{ '<|im_start|>' + message['role'] }}{{ '<|im_end|>' }}"),
    ("llama3", "{{ bos }}<|start_header_id|>{{ role }}<|end_header_id|>{{ text }}<|eot_id|>"),
    ("alpaca", "{{ '### Instruction:' }} … {{ '### Response:' }}"),
  ])
  func theFormatIsRecognisedWhereverTheTemplateIsKept(name: String, text: String) throws {
    let string = JSON.string(text).encoded()
    let other = #"{"name":"tool_use","template":"?"}"#
    let list = #"[\#(other),{"name":"default","template":\#(string)}]"#
    for files in [
      ["chat_template.jinja": text],
      ["tokenizer_config.json": #"{"chat_template":\#(string)}"#],
      ["tokenizer_config.json": #"{"chat_template":\#(list)}"#],
      ["chat_template.jinja": text, "tokenizer_config.json": #"{"chat_template":"?"}"#],
    ] {
      let detected = try withFolder(files) { try ChatTemplate.detect(folder: $0) }
      #expect(detected.template.name == name)
      #expect(detected.reason.contains(try #require(files.keys.min())))
    }
  }

  @Test func aModelWithoutTemplateGetsPlainText() throws {
    for files in [[:], ["tokenizer_config.json": #"{"chat_template":null}"#]] {
      let detected = try withFolder(files) { try ChatTemplate.detect(folder: $0) }
      #expect(detected.template.name == "plain")
      #expect(detected.reason == "the model has no chat template")
    }
  }

  @Test(arguments: ["[INST] {{ text }} [/INST]", "<|im_start|>user<|im_sep|>{{ text }}<|im_end|>"])
  func anotherTemplateIsAnErrorThatNamesTheOption(text: String) throws {
    let error = try withFolder(["chat_template.jinja": text]) { folder in
      #expect(throws: InputError.self) { try ChatTemplate.detect(folder: folder) }
    }
    #expect(error?.description.contains("chatml, llama3, alpaca, plain") == true)
    #expect(error?.fix?.contains("--template") == true)
  }

  @Test func answersStopAtTheEndOfTurnAndAtEveryEndOfSequence() throws {
    let tokenizer = try tokenizer("gpt2")
    let files = [
      "generation_config.json": #"{"eos_token_id":[7,8]}"#,
      "config.json": #"{"eos_token_id":8}"#,
      "tokenizer_config.json": #"{"eos_token":{"content":"<|endoftext|>"}}"#,
    ]
    try withFolder(files) { folder in
      let ends = try ChatTemplate.endOfSequence(folder: folder, tokenizer: tokenizer)
      #expect(ends == [7, 8, 0])
      let chatml = try ChatTemplate.named("chatml")
      #expect(chatml.stopTokens(endOfSequence: ends, tokenizer: tokenizer) == [7, 8, 0, 2])
      let plain = try ChatTemplate.named("plain")
      #expect(plain.stopTokens(endOfSequence: ends, tokenizer: tokenizer) == [7, 8, 0])
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

  @Test func aFormatWhoseMarkIsNoTokenIsRefused() throws {
    let tokenizer = try tokenizer("gpt2")
    let error = #expect(throws: InputError.self) {
      try PromptEncoder(tokenizer: tokenizer, template: .named("llama3"), endOfSequence: [])
    }
    #expect(error?.description.contains("<|eot_id|>") == true)
  }
}
