import FormatIO
import Foundation
import Testing

/// Does every bad input end with its exit code, a message that names the place, and no output?
struct BadInputTests {
  /// One way to spoil a model or a call.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let status: Int32
    /// What the message must contain.
    let message: [String]
    var options: [String] = []
    var rows = DemoModel.rows
    let spoil: @Sendable (URL) throws -> Void

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case(name: "truncated weights", status: 65, message: ["model.safetensors"]) { model in
      let file = model.appending(path: "model.safetensors")
      try Data(contentsOf: file).dropLast(100).write(to: file)
    },
    Case(name: "header longer than the file", status: 65, message: ["model.safetensors"]) { model in
      let file = model.appending(path: "model.safetensors")
      var bytes = try Data(contentsOf: file)
      bytes.replaceSubrange(0..<8, with: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F])
      try bytes.write(to: file)
    },
    Case(name: "no weights", status: 66, message: ["model.safetensors"]) { model in
      try FileManager.default.removeItem(at: model.appending(path: "model.safetensors"))
    },
    Case(name: "no config", status: 66, message: ["config.json"]) { model in
      try FileManager.default.removeItem(at: model.appending(path: "config.json"))
    },
    Case(name: "no tokenizer", status: 66, message: ["tokenizer.json"]) { model in
      try FileManager.default.removeItem(at: model.appending(path: "tokenizer.json"))
    },
    Case(name: "unknown family", status: 65, message: ["model_type", "mamba"]) { model in
      try replace("\"llama\"", by: "\"mamba\"", in: model.appending(path: "config.json"))
    },
    Case(name: "unsupported tokenizer stage", status: 65, message: ["tokenizer.json", "Unigram"]) {
      try replace("\"BPE\"", by: "\"Unigram\"", in: $0.appending(path: "tokenizer.json"))
    },
    Case(name: "a weight that is no number", status: 65, message: ["tensor", "nan"]) { model in
      let file = model.appending(path: "model.safetensors")
      var bytes = try Data(contentsOf: file)
      bytes.replaceSubrange(bytes.count - 2..<bytes.count, with: [0xC0, 0x7F])
      try bytes.write(to: file)
    },
    Case(name: "FP8 weights", status: 65, message: ["tensor", "F8_E4M3"]) { model in
      try storeAsFloat8(in: model.appending(path: "model.safetensors"))
    },
    Case(name: "a shard that is missing", status: 66, message: ["model-00002-of-00002"]) { model in
      try FileManager.default.removeItem(at: model)
      try DemoModel.shard(to: model)
      try FileManager.default.removeItem(
        at: model.appending(path: "model-00002-of-00002.safetensors"))
    },
    Case(name: "a shard outside the folder", status: 65, message: ["index.json"]) { model in
      try FileManager.default.removeItem(at: model)
      try DemoModel.shard(to: model)
      try replace(
        "model-00002-of-00002", by: "../model-00002-of-00002",
        in: model.appending(path: "model.safetensors.index.json"))
    },
    Case(
      name: "a prompt longer than the context", status: 65, message: ["line 1", "context"],
      rows: DemoModel.rows + ["--task", "LONG"]
    ) { model in
      let prompt = String(repeating: "one two three ", count: 400)
      try Data("{\"prompt\":\"\(prompt)\",\"response\":\"four\"}\n".utf8)
        .write(to: model.deletingLastPathComponent().appending(path: "LONG"))
    },
    Case(
      name: "a calibration line that is no JSON", status: 65, message: ["BAD", "line 2"],
      rows: DemoModel.rows + ["--harmful", "BAD"]
    ) { model in
      try Data("{\"prompt\":\"a\",\"response\":\"b\"}\nnot json\n".utf8)
        .write(to: model.deletingLastPathComponent().appending(path: "BAD"))
    },
    Case(
      name: "too few rows", status: 65, message: ["harmful", "16"], rows: ["--harmful", "FEW"]
    ) { model in
      try Data("{\"prompt\":\"a\",\"response\":\"b\"}\n".utf8)
        .write(to: model.deletingLastPathComponent().appending(path: "FEW"))
    },
    Case(
      name: "rows that are not there", status: 66, message: ["NOTHING"],
      rows: ["--harmful", "NOTHING"]
    ) { _ in },
    Case(
      name: "targets that match nothing", status: 64, message: ["--targets", "no.such.*"],
      options: ["--targets", "no.such.*"]
    ) { _ in },
    Case(
      name: "too little memory", status: 64, message: ["--memory 10M", "give it"],
      options: ["--memory", "10MB"]
    ) { _ in },
    Case(
      name: "a limit and a size of passes", status: 64, message: ["--memory or --batch-tokens"],
      options: ["--memory", "1G", "--batch-tokens", "100"]
    ) { _ in },
    Case(
      name: "a size that is none", status: 64, message: ["600M or 12G"],
      options: ["--memory", "much"]
    ) { _ in },
    Case(
      name: "a report in a folder that is not there", status: 73, message: ["report.json"],
      options: ["--report", "no/such/folder/report.json"]
    ) { _ in },
    Case(
      name: "an unknown prompt format", status: 64, message: ["chatml"],
      options: ["--template", "telegram"]
    ) { _ in },
    Case(
      name: "a chat template that cannot be run", status: 65,
      message: ["chat_template.jinja", "line 2", "{% include %}", "--template"]
    ) { model in
      try Data("a\n{% include 'b' %}".utf8).write(
        to: model.appending(path: "chat_template.jinja"))
    },
  ]

  @Test(arguments: cases)
  func refused(_ bad: Case) throws {
    let folder = try TemporaryFolder()
    let model = folder.url.appending(path: "model")
    try DemoModel.copy(to: model)
    try bad.spoil(model)
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    let rows = bad.rows.map { row in
      row.allSatisfy(\.isUppercase) ? folder.url.appending(path: row).path : row
    }
    let run = try runBinary(
      ["patch", model.path, folder.url.appending(path: "out").path] + rows + bad.options)
    #expect(run.status == bad.status, "\(run.messages)")
    for part in bad.message { #expect(run.messages.contains(part), "\(run.messages)") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == before)
  }

  @Test func outputs() throws {
    let folder = try TemporaryFolder()
    let model = folder.url.appending(path: "model")
    try DemoModel.copy(to: model)
    let taken = folder.url.appending(path: "taken")
    try DemoModel.copy(to: taken)
    for output in [model, taken, folder.url.appending(path: "no/such/folder/out")] {
      let run = try runBinary(["patch", model.path, output.path] + DemoModel.rows)
      #expect(run.status == 73, "\(run.messages)")
      #expect(run.messages.contains(output.lastPathComponent))
    }
  }

  @Test func aFullDiskLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let output = folder.url.appending(path: "out")
    let run = try runBinary(
      ["patch", DemoModel.folder("damaged").path, output.path] + DemoModel.rows
        + ["--steps", "0", "--rho", "0", "--max-tokens", "2"], fileSizeLimit: 1 << 20)
    #expect(run.status == 74, "\(run.messages)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  private static func replace(_ old: String, by new: String, in file: URL) throws {
    let text = try String(contentsOf: file, encoding: .utf8)
    try #require(text.contains(old), "\(old) is not in \(file.lastPathComponent)")
    try Data(text.replacing(old, with: new).utf8).write(to: file)
  }

  /// Declares the gates, two bytes an element, to be twice as many elements of one byte.
  private static func storeAsFloat8(in file: URL) throws {
    let bytes = try Data(contentsOf: file)
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = String(decoding: bytes[8..<8 + length], as: UTF8.self)
    let old = "\"dtype\":\"BF16\",\"shape\":[384,128]"
    try #require(header.contains(old))
    let changed = Data(
      header.replacing(old, with: "\"dtype\":\"F8_E4M3\",\"shape\":[384,256]").utf8)
    let prefix = withUnsafeBytes(of: UInt64(changed.count).littleEndian) { Data($0) }
    try (prefix + changed + bytes[(8 + length)...]).write(to: file)
  }
}
