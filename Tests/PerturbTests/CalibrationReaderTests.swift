import FormatIO
import Testing

@testable import Perturb

private func parse(
  _ text: String, _ role: CalibrationRole = .benign, file: String = "r.jsonl"
) throws -> [CalibrationRow] {
  try CalibrationReader.parse(Array(text.utf8), file: file, role: role).rows
}

@Suite("Calibration files: is every shape read?")
struct CalibrationShapeTests {
  @Test(
    arguments: [
      (#"{"prompt": "a", "response": "b"}"#, "a", "b"),
      (#"{"instruction": "a", "input": "x", "output": "b"}"#, "a\nx", "b"),
      (#"{"instruction": "a", "input": "", "output": "b"}"#, "a", "b"),
      (#"{"goal": "a", "target": "b"}"#, "a", "b"),
      (
        #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"#,
        "a", "b"
      ),
      (#"{"messages": [{"role": "user", "content": "a"}]}"#, "a", nil),
      (#"{"prompt": "a", "response": "b", "is_safe": true, "category": 3}"#, "a", "b"),
      (#"{"prompt": "a", "response": null}"#, "a", nil),
      (#"{"prompt": "a"}"#, "a", nil),
    ] as [(String, String, String?)])
  func jsonLines(line: String, prompt: String, response: String?) throws {
    let rows = try parse(line)
    #expect(rows.map(\.prompt) == [prompt])
    #expect(rows.map(\.response) == [response])
  }

  @Test func optionalMembersAreRead() throws {
    let rows = try parse(
      #"{"prompt":"a","response":"b","refusal":"c","complete":false,"lookalike":true}"#)
    let expected = CalibrationRow(
      prompt: "a", response: "b", refusal: "c", isComplete: false, isLookalike: true,
      source: "r.jsonl, line 1")
    #expect(rows == [expected])
  }

  @Test func targetsAreOpeningsUnlessMarkedComplete() throws {
    #expect(try parse(#"{"goal":"a","target":"b"}"#).map(\.isComplete) == [false])
    #expect(try parse(#"{"goal":"a","target":"b","complete":true}"#).map(\.isComplete) == [true])
  }

  @Test func blankLinesByteOrderMarkAndLineEndsAreSkipped() throws {
    let rows = try parse("\u{FEFF}{\"prompt\":\"a\"}\r\n\r\n \t\n{\"prompt\":\"b\"}")
    #expect(rows.map(\.source) == ["r.jsonl, line 1", "r.jsonl, line 4"])
  }

  @Test func csvKeepsQuotesCommasAndLineEnds() throws {
    let text =
      "\u{FEFF}Prompt, response ,complete,note\r\n"
      + "\"a, \"\"b\"\"\r\nc\",d,FALSE,\r\n\r\n e ,,,x"
    let rows = try parse(text, file: "r.CSV")
    let expected = [
      CalibrationRow(
        prompt: "a, \"b\"\r\nc", response: "d", isComplete: false, source: "r.CSV, line 2"),
      CalibrationRow(prompt: " e ", source: "r.CSV, line 5"),
    ]
    #expect(rows == expected)
  }

  @Test func promptsAreKeptOnceByTheirBytes() throws {
    let text = """
      {"prompt": "caf\u{E9}", "response": "1"}
      {"prompt": "cafe\u{301}"}
      {"prompt": "caf\u{E9}", "response": "2"}
      """
    let contents = try CalibrationReader.parse(
      Array(text.utf8), file: "r.jsonl", role: .benign)
    #expect(contents.rows.map(\.response) == ["1", nil])
    #expect(contents.duplicates == 1)
  }

  @Test func rowsAreComparedByBytes() {
    let composed = CalibrationRow(prompt: "caf\u{E9}", source: "s")
    let decomposed = CalibrationRow(prompt: "cafe\u{301}", source: "s")
    #expect(composed.prompt == decomposed.prompt)
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed, composed]).count == 2)
  }

  @Test(arguments: [(CalibrationRole.harmful, "b"), (.benign, "a"), (.task, "a")])
  func rowsAgainstTheRoleAreLeftOut(role: CalibrationRole, kept: String) throws {
    let text = """
      {"prompt": "a", "response": "x", "is_safe": true}
      {"prompt": "b", "response": "x", "is_safe": false}
      """
    let contents = try CalibrationReader.parse(Array(text.utf8), file: "r.jsonl", role: role)
    #expect(contents.rows.map(\.prompt) == [kept])
    #expect(contents.mislabelled == 1)
  }
}

@Suite("Calibration files: does a bad line give its exact message?")
struct CalibrationErrorTests {
  private static let shape = #"exactly one of "prompt", "instruction", "goal" or "messages""#
  private static let turn =
    "expected one user message and at most one assistant message after it"

  @Test(arguments: [
    ("", ": expected at least one benign row, found no row at all"),
    ("\n \n", ": expected at least one benign row, found no row at all"),
    (
      #"{"prompt":"a","is_safe":false}"#,
      #": expected at least one benign row, found only rows whose "is_safe" is false"#
    ),
    (
      "{\"prompt\":\"a\"}\n{",
      ", line 2, byte 1: expected a member name, found the end of the text"
    ),
    (
      #"[{"prompt":"a"}]"#,
      ", line 1: expected one JSON object on each line, found an array. "
        + "Fix: write each element of the array on a line of its own"
    ),
    ("\n3", ", line 2: expected one JSON object on each line, found a number"),
    ("{}", ", line 1: expected \(shape), found an object without members"),
    (
      #"{"question":"a","answer":"b"}"#,
      ", line 1: expected \(shape), found the members \"question\", \"answer\""
    ),
    (
      #"{"prompt":"a","goal":"b"}"#,
      ", line 1: expected \(shape), found the members \"prompt\", \"goal\""
    ),
    (#"{"prompt":1}"#, #", line 1: expected a string in "prompt", found a number"#),
    (#"{"prompt":" \n"}"#, ", line 1: expected a prompt with text in it, found an empty one"),
    (
      #"{"prompt":"a","response":""}"#,
      #", line 1: expected text in "response", found an empty string. "#
        + #"Fix: leave "response" out, or remove the row"#
    ),
    (
      #"{"prompt":"a\u0000"}"#,
      #", line 1: expected text in "prompt", found a NUL character in it"#
    ),
    (
      #"{"prompt":"a","complete":"no"}"#,
      #", line 1: expected true or false in "complete", found a string"#
    ),
    (#"{"messages":"a"}"#, #", line 1: expected an array in "messages", found a string"#),
    (
      #"{"messages":[]}"#,
      ", line 1: \(turn), found no message. Fix: keep one turn of the conversation on each line"
    ),
    (
      #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},"#
        + #"{"role":"user","content":"c"}]}"#,
      ", line 1: \(turn), found user, assistant, user. "
        + "Fix: keep one turn of the conversation on each line"
    ),
    (
      #"{"messages":[{"role":"system","content":"s"},{"role":"user","content":"a"}]}"#,
      ", line 1: expected messages without a system message, found a system message. "
        + "Fix: remove it, or put its text at the start of the user message"
    ),
    (
      #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":" "}]}"#,
      ", line 1: expected an answer with text in it, found an empty assistant message"
    ),
    (
      #"{"messages":[{"role":"user","content":["a"]}]}"#,
      #", line 1: expected a string in "content" of message 1, found an array"#
    ),
    (
      #"{"messages":[{"content":"a"}]}"#,
      #", line 1: expected a string in "role" of message 1, found none"#
    ),
    ("{\"prompt\":\"a\"}\n\u{0}", ", line 2: expected UTF-8 text, found a NUL byte"),
  ])
  func jsonLines(text: String, message: String) {
    #expect(failure { try parse(text) } == "r.jsonl" + message)
  }

  @Test(arguments: [
    ("", ": expected a header line, found an empty file"),
    ("prompt,response", ": expected at least one benign row, found no row at all"),
    ("a,b\n1,2", ", line 2: expected \(shape), found the members \"a\", \"b\""),
    ("prompt,Prompt\n", ", line 1: expected each column name once, found \"prompt\" again"),
    (
      "prompt,response\na,b,c",
      ", line 2: expected 2 fields as in the header, found 3. "
        + "Fix: put quotes around a field that holds a comma"
    ),
    (
      "prompt\n\"a\nb\"\n\"c\nd",
      ", line 4: expected a closing quote for the field that starts here, "
        + "found the end of the file"
    ),
    (
      "prompt\n\"a\"b",
      ", line 2: expected a comma or the end of the line after a closing quote, found more text. "
        + "Fix: double each quote inside a quoted field"
    ),
    (
      "prompt\na\"b",
      ", line 2: expected quotes around the whole field, found a quote in the middle of one. "
        + "Fix: put the field in quotes and double each quote inside"
    ),
    (
      "prompt\ra",
      ", line 1: expected lines that end in LF or CRLF, found a carriage return alone. "
        + "Fix: convert the line ends, or put quotes around the field"
    ),
    (
      "prompt,complete\na,maybe",
      #", line 2: expected true or false in "complete", found "maybe""#
    ),
    (
      "prompt,response\n,b",
      ", line 2: expected \(shape), found the members \"prompt\", \"response\""
    ),
  ])
  func csv(text: String, message: String) {
    #expect(failure { try parse(text, file: "r.csv") } == "r.csv" + message)
  }

  @Test(arguments: [
    (#"{"prompt":"a"}"#, "response"), (#"{"instruction":"a"}"#, "output"),
    (#"{"goal":"a"}"#, "target"),
    (#"{"messages":[{"role":"user","content":"a"}]}"#, "messages"),
  ])
  func taskRowsNeedAnAnswer(line: String, member: String) {
    #expect(
      failure { try parse(line, .task) }
        == "r.jsonl, line 1: expected an answer in \"\(member)\" of a task row, found none")
  }

  @Test(
    arguments: [
      (
        [0x22, 0x0A, 0xC3, 0x28],
        ", line 2: expected UTF-8 text, found a byte sequence that is not UTF-8"
      ),
      (
        [0xFF, 0xFE, 0x7B, 0x00],
        ": expected UTF-8, found a UTF-16 byte order mark. Fix: save the file as UTF-8"
      ),
    ] as [([UInt8], String)])
  func encodings(bytes: [UInt8], message: String) {
    #expect(
      failure { try CalibrationReader.parse(bytes, file: "r", role: .benign) } == "r" + message)
  }

  @Test func missingFilesAndFoldersAreNamed() {
    let missing = "/nonexistent/rows.jsonl"
    #expect(
      failure { try CalibrationReader.read(missing, role: .task) }
        == "\(missing): expected a readable file, found No such file or directory")
    #expect(
      failure { try CalibrationReader.read("/", role: .task) }
        == "/: expected a readable file, found Is a directory")
  }

  private func failure(_ body: () throws -> Any) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return "\(error)"
    }
  }
}
