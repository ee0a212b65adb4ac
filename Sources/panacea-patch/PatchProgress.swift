import FormatIO
import Perturb

/// Tells on stderr what a repair run is doing.
struct PatchProgress {
  private let console: Console
  private let settings: RepairRun.Settings
  private var line: ProgressLine?
  private var tokens = 0
  private var learningStart = ContinuousClock.now
  private var relativeDrift = 0.0

  /// A watcher for a run with these settings.
  init(console: Console, settings: RepairRun.Settings) {
    self.console = console
    self.settings = settings
  }

  /// Takes in one event.
  mutating func handle(_ event: RepairRun.Event) {
    switch event {
    case .began(let phase):
      end()
      console.section(title(of: phase))
      learningStart = .now
      // The line starts with the work, so that its first rate is right.
      if phase == .learning { show("learning", 0, of: settings.recipe.steps, unit: "steps") }
    case .noted(let notes):
      end()
      for note in notes { console.message(note) }
    case .generating(let done, let total):
      show("answering", done, of: total, unit: "prompts")
      if done == total { end() }
    case .measuredBaseline(let evaluation):
      end()
      console.message(EvaluationTable([.init(title: "before", evaluation: evaluation)]).text)
    case .learned(let step, let total, let drift):
      if drift.isFinite { relativeDrift = drift }
      tokens += step.tokens
      // A later round starts a new line where the last one ended.
      show(
        "learning", step.number, of: total, already: line == nil ? step.number - 1 : 0,
        unit: "steps", note: note(step))
      if step.number == total { end() }
    case .tried(let trial):
      end()
      console.message(line(for: trial))
    case .raised(let type, let bytes):
      end()
      console.message(
        "  the tensors' own types do not hold the patch: those that change become \(type.name), "
          + "\(Quantity.bytes(bytes)) more")
    case .writing(let done, let total):
      show("writing", done / 1_000_000, of: max(1, total / 1_000_000), unit: "MB")
    }
  }

  /// Ends the current line, if there is one.
  mutating func end() {
    line?.finish()
    line = nil
  }

  private mutating func show(
    _ title: String, _ done: Int, of total: Int, already: Int = 0, unit: String,
    note: String = ""
  ) {
    if line == nil {
      line = ProgressLine(
        title, total: total, already: already, unit: unit, console: console)
    }
    line?.update(done, note: note)
  }

  private func title(of phase: RepairRun.Phase) -> String {
    switch phase {
    case .baseline: "Measuring the model as it is"
    case .learning: "Learning the patch (\(settings.method.rawValue))"
    case .search: "Choosing the strength of the kick"
    case .writing: "Writing"
    case .verification: "Measuring what was written"
    }
  }

  private func note(_ step: LearningStep) -> String {
    let losses = [
      ("task", step.task), ("benign", step.benign), ("refusal", step.refusal),
      ("harmful", step.harmful), ("KL", step.divergence),
    ].compactMap { name, value in value.map { "\(name) \(Quantity.decimal($0, places: 3))" } }
    let seconds = (ContinuousClock.now - learningStart) / .seconds(1)
    let speed = "\(Quantity.decimal(Double(tokens) / max(seconds, 1e-9), places: 0)) tokens/s"
    let drift = "‖δ‖/‖w‖ " + Quantity.decimal(relativeDrift * 100, places: 3) + " %"
    return (losses + [drift, speed]).joined(separator: ", ")
  }

  private func line(for trial: StrengthSearch.Trial) -> String {
    let size = trial.rho == 0 ? "after \(trial.steps) steps" : "ρ \(trial.rho.formattedBriefly)"
    let figures = trial.evaluation
    let verdict =
      trial.rho == 0
      ? "" : trial.isAcceptable ? ", pays" : ", does not pay"
    return "  \(size): refusal \(Quantity.percent(figures.harmful.refusal.value)), "
      + "loss of harmful answers \(Quantity.decimal(figures.harmful.likelihood, places: 2)), "
      + "over-refusal \(Quantity.percent(figures.benign.plainRefusal.value))" + verdict
  }
}

extension Double {
  /// Two significant digits, for very small numbers: `6.1e-05`.
  var formattedBriefly: String {
    guard self != 0, isFinite else { return "\(self)" }
    var (mantissa, exponent) = (magnitude, 0)
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    return (self < 0 ? "-" : "") + Quantity.decimal(mantissa, places: 1) + "e\(exponent)"
  }
}
