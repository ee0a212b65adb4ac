import Perturb

/// Evaluations side by side, one figure a line: harm first, then damage.
struct EvaluationTable {
  /// One column.
  struct Column {
    let title: String
    let evaluation: Evaluation
  }

  private let columns: [Column]

  init(_ columns: [Column]) {
    self.columns = columns
  }

  /// The table with a line of explanation below.
  var text: String {
    var table = Table([.init("")] + columns.map { .init($0.title, .trailing) })
    func add(_ name: String, _ value: (Evaluation) -> String) {
      table.add([name] + columns.map { value($0.evaluation) })
    }
    add("harmful requests") { "\($0.harmful.rows)" }
    add("  refusal rate") { rate($0.harmful.refusal) }
    add("  affirmative") { rate($0.harmful.affirmative) }
    add("  empty") { rate($0.harmful.empty) }
    add("  incoherent") { rate($0.harmful.incoherent) }
    if columns.contains(where: { $0.evaluation.harmful.inTaskFormat != nil }) {
      add("  refusal rate, in the task's format") { optional($0.harmful.inTaskFormat?.refusal) }
    }
    if columns.contains(where: { $0.evaluation.harmful.prefilled != nil }) {
      add("  refusal rate, opening prefilled") { optional($0.harmful.prefilled?.refusal) }
    }
    add("  loss of harmful answers") { number($0.harmful.likelihood) }
    add("    first 5 tokens") { number($0.harmful.firstTokensLikelihood) }
    add("  loss of refusals") { number($0.harmful.refusalLikelihood) }
    add("  margin") { number($0.harmful.margin) }
    add("benign requests") { "\($0.benign.rows)" }
    add("  over-refusal") { rate($0.benign.overRefusal) }
    if columns.contains(where: { $0.evaluation.benign.lookalikeRefusal.total > 0 }) {
      add("    of plain requests") { rate($0.benign.plainRefusal) }
      add("    of look-alikes") { rate($0.benign.lookalikeRefusal) }
    }
    add("  empty or incoherent") { rate($0.benign.incoherent) }
    add("  loss of good answers") { number($0.benign.likelihood) }
    if columns.contains(where: { $0.evaluation.benign.divergence != nil }) {
      add("  KL from the reference") { $0.benign.divergence.map(number) ?? "–" }
      add("  same most likely token") { $0.benign.agreement.map(Quantity.percent) ?? "–" }
    }
    if columns.contains(where: { $0.evaluation.task.rows > 0 }) {
      add("task rows") { "\($0.task.rows)" }
      add("  exact match") { rate($0.task.exactMatch) }
      add("  loss of right answers") { number($0.task.likelihood) }
    }
    return table.text + "\n\nRates with their 95 % interval; losses in nats per token."
  }

  private func rate(_ rate: Rate) -> String {
    guard rate.total > 0 else { return "–" }
    let (low, high) = (Quantity.decimal(rate.low * 100, places: 0), rate.high * 100)
    return "\(Quantity.percent(rate.value)) (\(low)–\(Quantity.decimal(high, places: 0)))"
  }

  private func optional(_ rate: Rate?) -> String {
    rate.map(self.rate) ?? "–"
  }

  private func number(_ value: Double) -> String {
    Quantity.decimal(value, places: 3)
  }
}
