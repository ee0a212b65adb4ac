import ArgumentParser
import FormatIO
import Perturb

extension Delta.WritingOptions {
  /// Applies a patch to another file of its model, or reverts one there.
  func runLossy(
    _ direction: DeltaApplier.Direction, original: String, model: String, patch: String,
    output: String
  ) throws {
    let console = messages.console
    let checkpoint = try Checkpoint.open(model)
    try lossy.touchedType?.check(for: checkpoint)
    let run = LossyDelta(
      try DeltaFile(patch), direction, original: try Checkpoint.open(original), to: checkpoint,
      settings: lossy.settings(overwrites: overwrite))
    var comparing = ByteProgress("comparing", total: run.comparingWork, console: console)
    var writing: (line: ProgressLine, unit: Int)?
    let report = try run.run(output: output) { event in
      switch event {
      case .compared(let bytes): comparing.advance(by: bytes)
      case .noted(let note):
        comparing.finish()
        console.message(note.prefix(1).uppercased() + note.dropFirst() + ".")
      case .readingInputs:
        comparing.finish()
        console.message("Reading the built-in rows to see what quantised matrices read.")
      case .raised(let type, let count, let bytes):
        writing?.line.finish()
        writing = nil
        console.message(
          "The types of \(Quantity.count(count)) quantised tensors do not hold the change: they become \(type), "
            + "\(bytes < 0 ? "" : "+")\(Quantity.bytes(bytes)).")
      case .writing(let done, let total):
        if writing == nil {
          comparing.finish()
          let unit = 1_000_000
          writing = (
            ProgressLine(
              "writing", total: max(1, total / unit), unit: "MB", console: console), unit
          )
        }
        if let unit = writing?.unit { writing?.line.update(done / unit) }
      }
    }
    writing?.line.finish()
    let far = report.tensors.count(where: \.isFar)
    if far > 0 {
      console.warning(
        "\(Quantity.count(far)) of \(Quantity.count(report.tensors.count)) changed tensors are farther from those of "
          + "the original than their types explain: if this is another fine-tune, the patch may do something else in it."
      )
    }
    if !report.isKept {
      console.warning(
        "the file holds \(Quantity.percent(report.keep)) of the change, less than half: what the patch does elsewhere "
          + "it will not do here. Use a wider --touched-type.")
    }
    try console.result(
      messages.json
        ? report.json.encoded(indented: true)
        : LossyDeltaSummary(report, output: output).text)
    if !report.isKept { throw ExitStatus.targetMissed.code }
  }
}
