internal import FormatIO
internal import Foundation

/// A chat template as models carry it, written in Jinja, with the marks that it may name.
///
/// It is run once, on made-up prompts: what it writes around them is the frame that every prompt gets.
struct ModelTemplate {
  /// The template.
  let text: String
  /// Where it stands, for people: `chat_template.jinja`.
  let place: String
  /// The file named in errors.
  let file: String
  /// The variables `bos_token`, `eos_token` and their like.
  let marks: [JSON.Member]
}

// MARK: - Finding it

extension ModelTemplate {
  /// The template of a model folder: `chat_template.jinja`, else `chat_template` of
  /// `tokenizer_config.json`; of several, the one named `default`. Nil if there is none.
  ///
  /// - Throws: `InputError` if one of the files is malformed.
  init?(folder: String) throws {
    let marks = try Self.marks(folder: folder)
    let file = "chat_template.jinja"
    if FileManager.default.fileExists(atPath: folder + "/" + file) {
      try self.init(file: folder + "/" + file, place: file, marks: marks)
      return
    }
    let configuration = "tokenizer_config.json"
    let entry = try JSON.read(folder + "/" + configuration)?["chat_template"]
    let named = entry?.array ?? []
    let chosen = named.first { $0["name"]?.string == "default" } ?? named.first
    guard let text = entry?.string ?? chosen?["template"]?.string else { return nil }
    self.init(
      text: text, place: configuration, file: folder + "/" + configuration, marks: marks)
  }

  /// The template in a file.
  ///
  /// - Throws: `InputError` if there is no such file, or no text in it.
  init(file: String, place: String, marks: [JSON.Member]) throws {
    do {
      text = try String(contentsOfFile: file, encoding: .utf8)
    } catch {
      let isThere = FileManager.default.fileExists(atPath: file)
      throw InputError(
        isThere ? .malformed : .missing, file: file, expected: "a chat template, UTF-8 text",
        found: isThere ? error.localizedDescription : "no such file")
    }
    (self.place, self.file, self.marks) = (place, file, marks)
  }

  /// The special tokens that the files of a folder name: strings, or objects with `content`.
  ///
  /// - Throws: `InputError` if one of the files is malformed.
  static func marks(folder: String) throws -> [JSON.Member] {
    try ["special_tokens_map.json", "tokenizer_config.json"].flatMap { file in
      (try JSON.read(folder + "/" + file)?.object ?? []).compactMap { member in
        guard member.key.hasSuffix("_token"),
          let token = member.value.string ?? member.value["content"]?.string
        else { return nil }
        return JSON.Member(member.key, .string(token))
      }
    }
  }
}

// MARK: - Running it

extension ModelTemplate {
  /// What the template writes around a single prompt, and after an answer.
  ///
  /// - Throws: `InputError` if the template cannot be run, does not write the prompt once, or treats
  ///   prompts differently by what they say.
  func frame(name: String) throws -> ChatTemplate {
    let template = try Jinja.Template(text, file: file)
    func render(_ contents: [String], asksForAnswer: Bool) throws -> String {
      let messages = zip(["user", "assistant"], contents).map { role, content in
        JSON.object([.init("role", .string(role)), .init("content", .string(content))])
      }
      return try template.render(
        .object(
          marks + [
            .init("messages", .array(messages)), .init("tools", .null), .init("documents", .null),
            .init("add_generation_prompt", .boolean(asksForAnswer)),
          ]))
    }

    let prompt = "Prompt 3f7b"
    let rendered = try render([prompt], asksForAnswer: true)
    let parts = rendered.components(separatedBy: prompt)
    guard parts.count == 2 else {
      throw refusal("a template that writes the prompt once", found: "\(parts.count - 1) times")
    }
    let padded = " \n\(prompt)\n "
    let trimsPrompt = try render([padded], asksForAnswer: true) == rendered

    let answer = "Answer 9c2e"
    // A template that refuses answers has no word about their end.
    let conversation = try? render([prompt, answer], asksForAnswer: false)
    let afterAnswer = conversation?.components(separatedBy: answer) ?? []
    let frame = ChatTemplate(
      name: name, promptPrefix: parts[0], promptSuffix: parts[1],
      answerSuffix: afterAnswer.count == 2 ? afterAnswer[1] : "", trimsPrompt: trimsPrompt)
    for prompt in [padded, "[a]\n\n'b' \"c\" & <d> {{ e }}: \\n 1 + 1 = 2"] {
      let written = try render([prompt], asksForAnswer: true)
      guard written.utf8.elementsEqual(frame.render(prompt: prompt).utf8) else {
        throw refusal("a template that writes prompts as they are", found: "one that changes them")
      }
    }
    return frame
  }

  private func refusal(_ expected: String, found: String) -> InputError {
    InputError(
      file: file, place: "chat template", expected: expected, found: found,
      fix: "name the format to use with --template")
  }
}

extension ChatTemplate {
  /// The format of a model by its own template, and in words why: the template itself; if it cannot be
  /// run, the known format whose marks it has; `plain` if there is none.
  ///
  /// - Throws: `InputError` if the template cannot be run and is like no format, or like several.
  static func detect(_ own: ModelTemplate?) throws -> (template: ChatTemplate, reason: String) {
    guard let own else { return (plain, "the model has no chat template") }
    do {
      return (try own.frame(name: "own"), "the model's \(own.place)")
    } catch let error as InputError {
      let alike = alike(own.text)
      guard alike.count == 1, let format = alike.first else { throw error }
      let marks = format.markers.joined(separator: " and ")
      return (
        format,
        "\(own.place) has \(marks), but cannot be run "
          + "(\(error.place): expected \(error.expected), found \(error.found))"
      )
    }
  }
}
