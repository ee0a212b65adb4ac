import ArgumentParser
import FormatIO
import Perturb

/// Shows what is in a checkpoint.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a model file and whether it can be patched.",
    discussion: """
      Needs no config.json and no tokenizer.json: any well-formed file can be looked at. \
      Unless --verbose or --digests is given, the table lists the largest tensors only; \
      the JSON document always lists all.
      """)

  @Argument(help: "A .gguf or .safetensors file, or a folder in Hugging Face layout.")
  var model: String

  @Flag(help: "Add the SHA-256 of each tensor's bytes.")
  var digests = false

  @OptionGroup(title: "Model")
  var parts: ModelOptions

  @OptionGroup(title: "Messages")
  var messages: ConsoleOptions

  func run() throws {
    let console = messages.console
    let checkpoint = try Checkpoint.open(model)
    let adapter = try parts.adapter.map { try Adapter.open($0, on: checkpoint) }
    var inspection = Inspection(checkpoint, adapter: adapter)
    if digests {
      var progress = ProgressLine(
        "digests", total: inspection.tensors.count, unit: "tensors", console: console)
      try inspection.addDigests(from: checkpoint) { progress.update($0) }
      progress.finish()
    }
    try console.result(
      messages.json
        ? inspection.json.encoded(indented: true)
        : InspectionTables(inspection, showsAll: digests || messages.verbose).text)
  }
}

/// An inspection as people read it.
struct InspectionTables {
  private let inspection: Inspection
  private let showsAll: Bool

  init(_ inspection: Inspection, showsAll: Bool) {
    self.inspection = inspection
    self.showsAll = showsAll
  }

  /// The parts, with an empty line between them.
  var text: String {
    [summary, elementTypes, tensors, metadata].filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private var summary: String {
    var table = Table([.init(""), .init("")])
    table.add("format", inspection.format)
    table.add("family", inspection.family ?? "unknown")
    table.add("tensors", Quantity.count(inspection.tensors.count))
    table.add("parameters", Quantity.count(inspection.parameters))
    table.add("size", Quantity.bytes(inspection.tensors.reduce(0) { $0 + $1.byteCount }))
    table.add(
      "tokenizer", inspection.tokenCount.map { Quantity.count($0) + " tokens" } ?? "none usable")
    table.add("prompt format", inspection.promptFormat ?? "unknown, name one with --template")
    if let fault = inspection.promptFormatFault { table.add("", "- " + fault) }
    if let adapter = inspection.adapter { table.add("adapter", adapter.summary) }
    table.add("patchable", inspection.isPatchable ? "yes" : "no")
    for reason in inspection.reasons { table.add("", "- " + reason) }
    return table.text
  }

  private var elementTypes: String {
    let groups = Dictionary(grouping: inspection.tensors, by: \.elementType)
    guard !groups.isEmpty else { return "" }
    var table = Table([
      .init("dtype"), .init("tensors", .trailing), .init("parameters", .trailing),
      .init("size", .trailing),
    ])
    for (type, members) in groups.sorted(by: { $0.key < $1.key }) {
      table.add(
        type, Quantity.count(members.count),
        Quantity.count(members.reduce(0) { $0 + $1.elementCount }),
        Quantity.bytes(members.reduce(0) { $0 + $1.byteCount }))
    }
    return table.text
  }

  private var tensors: String {
    guard !inspection.tensors.isEmpty else { return "" }
    let list = LargestFirst(inspection.tensors, showsAll: showsAll, by: \.byteCount)
    let hasDigests = list.shown.contains { $0.sha256 != nil }
    var columns: [Table.Column] = [
      .init(list.isCut ? "largest tensors" : "tensors"), .init("dtype"), .init("shape", .trailing),
      .init("size", .trailing),
    ]
    if hasDigests { columns.append(.init("sha256")) }
    var table = Table(columns)
    for tensor in list.shown {
      let shape = tensor.shape.map(String.init).joined(separator: " × ")
      let cells = [
        tensor.name.text, tensor.elementType, shape.isEmpty ? "one number" : shape,
        Quantity.bytes(tensor.byteCount),
      ]
      table.add(hasDigests ? cells + [tensor.sha256 ?? ""] : cells)
    }
    return table.text + list.more
  }

  private var metadata: String {
    guard !inspection.metadata.isEmpty else { return "" }
    var table = Table([.init("metadata"), .init("")])
    for member in inspection.metadata {
      table.add(
        member.key, InspectionTables.shortened(member.value.string ?? member.value.encoded()))
    }
    return table.text
  }

  /// The start of a long value; training tools store tens of kilobytes in one.
  private static func shortened(_ text: String) -> String {
    text.unicodeScalars.count <= 100 ? text : String(text.unicodeScalars.prefix(99)) + "…"
  }
}
