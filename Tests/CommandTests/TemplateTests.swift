import FormatIO
import Foundation
import Testing

/// Does the program say which prompt format it uses and why, and take one from a file?
struct TemplateTests {
  /// The demo model with another chat template.
  private static func model(_ template: String, in folder: TemporaryFolder) throws -> URL {
    let model = folder.url.appending(path: "model")
    try DemoModel.copy(to: model)
    try Data(template.utf8).write(to: model.appending(path: "chat_template.jinja"))
    return model
  }

  /// Measures the model on two requests.
  private static func evaluate(
    _ model: URL, in folder: TemporaryFolder, _ options: [String] = []
  ) throws -> BinaryRun {
    let answers = #""response": "Here is how.", "refusal": "I cannot."}"#
    let rows = try ["lamp", "map"].map { thing in
      try folder.create(
        "\(thing).jsonl", Array(#"{"prompt": "How do I fold a \#(thing)?", \#(answers)"#.utf8))
    }
    return try runBinary(
      ["evaluate", model.path, "--harmful", rows[0].path, "--benign", rows[1].path]
        + ["--max-tokens", "2"] + options)
  }

  @Test func theModelsOwnTemplateIsNamed() throws {
    let folder = try TemporaryFolder()
    let run = try Self.evaluate(DemoModel.folder("damaged"), in: folder)
    #expect(run.status == 0, "\(run.messages)")
    #expect(run.messages.contains("prompt format own: the model's chat_template.jinja"))
  }

  @Test func aTemplateComesFromAFile() throws {
    let folder = try TemporaryFolder()
    let model = try Self.model("{% include 'x' %}", in: folder)
    let template = try folder.create(
      "mine.jinja", Array("<|im_start|>{{ messages[0].content }}<|im_end|>".utf8))
    let run = try Self.evaluate(model, in: folder, ["--template", template.path])
    #expect(run.status == 0, "\(run.messages)")
    #expect(run.messages.contains("prompt format mine.jinja: as asked for"))
  }

  @Test func aBrokenFileIsNamedWithItsLine() throws {
    let folder = try TemporaryFolder()
    let template = try folder.create("mine.jinja", Array("\n{{ messages | pprint }}".utf8))
    let run = try Self.evaluate(
      DemoModel.folder("damaged"), in: folder, ["--template", template.path])
    #expect(run.status == 65)
    #expect(run.messages.contains("mine.jinja, line 2 of the chat template"))
    #expect(run.messages.contains("found \"pprint\""))
  }

  @Test func aTemplateThatCannotBeRunFallsBackToItsLike() throws {
    let folder = try TemporaryFolder()
    let model = try Self.model("{{ today() }}<|im_start|>user<|im_end|>", in: folder)
    let run = try Self.evaluate(model, in: folder)
    #expect(run.status == 0, "\(run.messages)")
    let reason =
      "chatml: chat_template.jinja has <|im_start|> and <|im_end|>, but cannot be run "
      + "(line 1 of the chat template: expected something to call, found today, which is undefined)"
    #expect(run.messages.contains("prompt format \(reason)"), "\(run.messages)")
    let inspection = try runBinary("inspect", model.path)
    #expect(inspection.output.contains(reason))
  }

  @Test func inspectSaysWhyThereIsNone() throws {
    let folder = try TemporaryFolder()
    let model = try Self.model("{% include 'x' %}", in: folder)
    let run = try runBinary("inspect", model.path)
    #expect(run.status == 0)
    #expect(run.output.contains("unknown, name one with --template"))
    #expect(run.output.contains("expected a tag that is known here, found {% include %}"))
  }
}
