import FormatIO
import Foundation
import Testing

@testable import Perturb

@Suite("Calibration sets: what is filled in and how are they split?")
struct CalibrationSetTests {
  private static func rows(_ range: Range<Int>) -> [CalibrationRow] {
    range.map { CalibrationRow(prompt: "prompt \($0)", response: "r", source: "test") }
  }

  @Test func filesAreJoinedAndCompleted() throws {
    try withFiles([
      "first.jsonl": """
      {"prompt": "a", "response": "b", "refusal": "c"}
      {"prompt": "d"}
      {"prompt": "a"}
      {"prompt": "e", "is_safe": true}
      """,
      "second.csv": "prompt\nd\nf\n", "task.jsonl": #"{"prompt": "t", "response": "u"}"#,
    ]) { folder in
      let set = try CalibrationSet.read(
        harmful: [folder + "first.jsonl", folder + "second.csv"], benign: [],
        task: [folder + "task.jsonl"])
      #expect(set.harmful.map(\.prompt) == ["a", "d", "f"])
      #expect(set.harmful.map(\.response) == ["b", "Sure, here is", "Sure, here is"])
      #expect(set.harmful.map(\.isComplete) == [true, false, false])
      #expect(set.harmful.first?.refusal == "c")
      #expect(
        set.harmful.dropFirst().allSatisfy { CalibrationSet.refusals.contains($0.refusal ?? "") })
      #expect(set.benign == (try CalibrationSet.builtIn(.usual).benign))
      #expect(set.task.map(\.prompt) == ["t"])
      #expect(
        set.notes == [
          "\(folder)first.jsonl: left out 1 rows whose prompt came before",
          "\(folder)first.jsonl: left out 1 rows marked safe",
          "\(folder)second.csv: left out 1 rows whose prompt came before",
          "2 of 3 harmful rows have no response: \"Sure, here is\" stands for it",
          "2 of 3 harmful rows have no refusal: a built-in one stands for it",
        ])
    }
  }

  @Test func benignRowsWithoutAnAnswerKeepNone() throws {
    try withFiles(["benign.jsonl": #"{"prompt": "a"}"#]) { folder in
      let set = try CalibrationSet.read(harmful: [], benign: [folder + "benign.jsonl"], task: [])
      #expect(set.benign.map(\.response) == [nil])
      #expect(set.benign.map(\.refusal) == [nil])
    }
  }

  @Test func benignRowsWhoseAnswersLoopAreLeftOut() throws {
    let loop = "1. **Choose a new new new new new new"
    try withFiles([
      "benign.jsonl": """
      {"prompt": "a", "response": "\(loop)"}
      {"prompt": "b", "response": "Press the red button once, then wait."}
      {"prompt": "c"}
      {"prompt": "d", "response": "\(loop)"}
      """, "task.jsonl": #"{"prompt": "e", "response": "0 0 0 0 0 0 0 0 0 0"}"#,
    ]) { folder in
      let set = try CalibrationSet.read(
        harmful: [], benign: [folder + "benign.jsonl"], task: [folder + "task.jsonl"])
      #expect(set.benign.map(\.prompt) == ["b", "c"])
      #expect(set.task.map(\.prompt) == ["e"])
      #expect(
        set.notes == [
          "\(folder)benign.jsonl, line 1: the answer loops or is noise; the row was left out, "
            + "and 1 more like it"
        ])
    }
  }

  @Test func benignRowsThatAllLoopAreAnError() throws {
    let row = #"{"prompt": "a", "response": "go go go go go go go go"}"#
    try withFiles(["benign.jsonl": row]) { folder in
      let error = #expect(throws: InputError.self) {
        try CalibrationSet.read(harmful: [], benign: [folder + "benign.jsonl"], task: [])
      }
      #expect(
        error?.description == "\(folder)benign.jsonl: expected at least one benign row, "
          + "found only rows whose answers loop or are noise")
    }
  }

  @Test func aPromptCannotBeHarmfulAndBenign() throws {
    try withFiles(["rows.jsonl": #"{"prompt": "a", "response": "b"}"#]) { folder in
      let path = folder + "rows.jsonl"
      let error = #expect(throws: InputError.self) {
        try CalibrationSet.read(harmful: [path], benign: [path], task: [])
      }
      #expect(
        error?.description == "\(path), line 1: expected a prompt that is not harmful as well, "
          + "found the prompt of \(path), line 1. Fix: remove one of the two rows")
    }
  }

  /// One row through `zstd`. The content tells that it is compressed, whatever the name says.
  @Test(arguments: ["rows.jsonl.zst", "rows.jsonl"])
  func compressedFilesAreRead(name: String) throws {
    let bytes = try #require(
      Data(
        base64Encoded:
          "KLUv/QRYaQEAeyJwcm9tcHQiOiJOYW1lIGEgY29sb3VyIiwicmVzcG9uc2UiOiJCbHVlIn0KkpJGbA=="))
    try withFiles([name: ""]) { folder in
      try bytes.write(to: URL(fileURLWithPath: folder + name))
      let rows = try CalibrationReader.read(folder + name, role: .benign)
      #expect(rows.map(\.prompt) == ["Name a colour"])
      #expect(rows.map(\.response) == ["Blue"])
      try bytes.dropLast(3).write(to: URL(fileURLWithPath: folder + name))
      #expect(throws: InputError.self) {
        try CalibrationReader.read(folder + name, role: .benign)
      }
    }
  }

  /// The bytes are what `zstd --no-check` makes of "prompt\nhello\n".
  @Test(arguments: ["rows.csv.zst", "rows.CSV.ZST", "rows.csv"])
  func compressedTablesAreRead(name: String) throws {
    let frame: [UInt8] = [
      0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0x69, 0x00, 0x00, 0x70, 0x72, 0x6F, 0x6D, 0x70, 0x74,
      0x0A, 0x68, 0x65, 0x6C, 0x6C, 0x6F, 0x0A,
    ]
    try withFiles([:]) { folder in
      let path = folder + name
      try Data(frame).write(to: URL(fileURLWithPath: path))
      let rows = try CalibrationReader.read(path, role: .benign)
      #expect(rows == [CalibrationRow(prompt: "hello", source: "\(path), line 2")])
    }
  }

  @Test func splitIgnoresTheOrderOfRows() {
    let rows = Self.rows(0..<50)
    let first = CalibrationSet(harmful: rows, benign: []).split(seed: 1)
    let second = CalibrationSet(harmful: rows.reversed(), benign: []).split(seed: 1)
    #expect(first.calibration.harmful == second.calibration.harmful)
    #expect(first.heldOut.harmful == second.heldOut.harmful)
    #expect(first.heldOut.harmful.count == 10)
    #expect(Set(first.heldOut.harmful).union(first.calibration.harmful) == Set(rows))
  }

  /// Frozen values: reports can only be repeated if the split never changes.
  @Test func splitIsTheSameOnEveryMachine() {
    let set = CalibrationSet(harmful: Self.rows(0..<20), benign: [])
    #expect(
      set.split(seed: 0).heldOut.harmful.map(\.prompt) == [
        "prompt 6", "prompt 10", "prompt 4", "prompt 0",
      ])
  }

  @Test func seedsGiveDifferentSplits() {
    let set = CalibrationSet(harmful: Self.rows(0..<50), benign: [])
    #expect(set.split(seed: 1).heldOut.harmful != set.split(seed: 2).heldOut.harmful)
    #expect(set.split(seed: 1).heldOut.harmful != set.split(seed: 1 << 63).heldOut.harmful)
  }

  @Test(arguments: [(0, 0.2, 0), (1, 0.2, 0), (2, 0.2, 1), (2, 1, 1), (16, 0.2, 3), (10, 0, 1)])
  func bothSidesGetRows(count: Int, fraction: Double, heldOut: Int) {
    let set = CalibrationSet(harmful: [], benign: Self.rows(0..<count))
    let parts = set.split(heldOutFraction: fraction, seed: 3)
    #expect(parts.heldOut.benign.count == heldOut)
    #expect(parts.calibration.benign.count == count - heldOut)
  }

  @Test(arguments: UInt64(0)..<20)
  func equalPromptsStayTogether(seed: UInt64) {
    let twice = Self.rows(0..<10).flatMap { row in
      [row, CalibrationRow(prompt: row.prompt, response: "other", source: "test")]
    }
    let set = CalibrationSet(harmful: [], benign: twice, task: Self.rows(5..<30))
    let parts = set.split(seed: seed)
    let heldOut = Set((parts.heldOut.benign + parts.heldOut.task).map(\.prompt))
    let used = Set((parts.calibration.benign + parts.calibration.task).map(\.prompt))
    #expect(heldOut.isDisjoint(with: used))
    #expect(parts.heldOut.benign.count == 4)
    #expect(parts.heldOut.task.count == 5)
  }

  @Test func tooFewRowsAreRefused() throws {
    try CalibrationSet(harmful: Self.rows(0..<16), benign: Self.rows(16..<32)).requireEnoughRows()
    let error = #expect(throws: InputError.self) {
      try CalibrationSet(harmful: Self.rows(0..<16), benign: Self.rows(0..<15)).requireEnoughRows()
    }
    #expect(
      error?.description
        == "benign calibration rows: expected at least 16 different prompts, found 15. "
        + "Fix: add rows, or leave out --benign to use the built-in set")
  }

  private func withFiles(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/calibration-\(UUID().uuidString)/"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in files {
      try text.write(toFile: folder + name, atomically: false, encoding: .utf8)
    }
    try body(folder)
  }
}

@Suite("Built-in rows: are they what the design promises?")
struct BuiltInCalibrationTests {
  private let set: CalibrationSet

  init() throws { set = try CalibrationSet.builtIn() }

  @Test func usualAndFurtherRowsAreAll() throws {
    let usual = try CalibrationSet.builtIn(.usual)
    let further = try CalibrationSet.builtIn(.further)
    for rows in [usual, further] {
      #expect(rows.harmful.count >= 300 && rows.benign.count >= 300)
    }
    #expect(set.harmful == usual.harmful + further.harmful)
    #expect(set.benign == usual.benign + further.benign)
  }

  @Test func thereAreEnough() {
    #expect(set.harmful.count >= 700)
    #expect(set.benign.count >= 950)
    #expect(set.benign.count(where: \.isLookalike) >= 210)
    #expect(set.task.isEmpty)
    #expect(set.notes.isEmpty)
    #expect((set.harmful + set.benign).allSatisfy { $0.source == "built-in" })
  }

  @Test func promptsAreAllDifferent() {
    let prompts = (set.harmful + set.benign).map { $0.prompt.lowercased() }
    #expect(Set(prompts).count == prompts.count)
  }

  @Test func harmfulRowsHaveAnOpeningAndARefusal() {
    for row in set.harmful {
      #expect(!row.isComplete)
      #expect(AnswerClassification.classify(row.response ?? "") == .affirmative, "\(row)")
      #expect(AnswerClassification.classify(row.refusal ?? "") == .refusal, "\(row)")
    }
  }

  /// An opening repeats the request and says nothing beyond it, so it is hardly longer.
  @Test func openingsAreShort() {
    for row in set.harmful {
      #expect((row.response ?? "").utf8.count <= row.prompt.utf8.count + 30, "\(row)")
    }
  }

  @Test(arguments: CalibrationSet.refusals)
  func refusalsAreDetectedAndUsed(refusal: String) {
    #expect(AnswerClassification.classify(refusal) == .refusal)
    let share = Double(set.harmful.count { $0.refusal == refusal }) / Double(set.harmful.count)
    #expect((0.1...0.25).contains(share))
  }

  @Test func benignAnswersAreShortCompleteAndNoRefusals() {
    for row in set.benign {
      let answer = row.response ?? ""
      #expect(row.isComplete)
      #expect(answer.split(separator: " ").count <= 40, "\(row)")
      #expect([.other, .affirmative].contains(AnswerClassification.classify(answer)), "\(row)")
    }
  }

  /// Otherwise the frame alone would tell a harmful request from a benign one.
  @Test func framesOfBothSetsOverlap() {
    func frames(_ rows: [CalibrationRow]) -> [String] {
      rows.map { $0.prompt.split(separator: " ").prefix(3).joined(separator: " ") }
    }
    let benign = Set(frames(set.benign))
    let common = frames(set.harmful).filter(benign.contains)
    #expect(Set(common).count >= 20)
    #expect(common.count * 10 >= set.harmful.count * 8)
  }
}
