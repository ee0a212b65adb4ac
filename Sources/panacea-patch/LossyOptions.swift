import ArgumentParser
import FormatIO
import Perturb

/// What `delta apply --lossy` and `delta revert --lossy` take besides.
struct LossyOptions: ParsableArguments {
  @Flag(
    help: """
      Apply the change of numbers to another file of the same model, of any format and types, and say how much of \
      it the file holds.
      """)
  var lossy = false

  @Option(
    help: ArgumentHelp(
      "With --lossy: the checkpoint that the patch itself starts from.", valueName: "model"))
  var original: String?

  @Option(
    help: ArgumentHelp(
      "With --lossy: what quantised tensors that change become, by default auto: their own type where it holds the change.",
      valueName: "type"))
  var touchedType: OutputOptions.TouchedType?

  @Option(
    help: ArgumentHelp(
      "With --lossy: start of all random rounding, a whole number (default: 0).", valueName: "n"),
    transform: MethodOptions.seed)
  var seed: UInt64?

  @Flag(
    help:
      "With --lossy: write although the file holds less than half of the change (exit code 3 all the same)."
  )
  var force = false

  @Flag(help: "With --lossy: add no record of the patch to the file's metadata.")
  var noProvenance = false

  func validate() throws {
    let others: [(String, Bool)] = [
      ("--original", original != nil), ("--touched-type", touchedType != nil),
      ("--seed", seed != nil), ("--force", force), ("--no-provenance", noProvenance),
    ]
    if !lossy, let (name, _) = others.first(where: \.1) {
      throw ValidationError("expected --lossy with \(name), found \(name) alone")
    }
    if lossy, original == nil {
      throw ValidationError(
        "expected --original <model> with --lossy, found --lossy alone: a patch file tells which bits change, and how "
          + "far a number moves is known only with the checkpoint that the patch itself starts from"
      )
    }
  }

  /// How the result is stored.
  func settings(overwrites: Bool) -> LossyDelta.Settings {
    var settings = LossyDelta.Settings(seed: seed ?? 0)
    let type = touchedType ?? .auto
    settings.storage = StorageRounding(touchedType: type, seed: settings.seed)
    settings.raisesTypes = type == .auto
    settings.recordsProvenance = !noProvenance
    (settings.isForced, settings.overwrites) = (force, overwrites)
    return settings
  }
}
