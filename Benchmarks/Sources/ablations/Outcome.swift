import FormatIO
import Perturb

/// What one patch measured.
struct Outcome {
  /// Figures by name, in the order of the table. Shares are from 0 to 1.
  struct Figures: CustomStringConvertible {
    /// Names and values.
    let values: [(name: String, value: Double)]

    init(values: [(name: String, value: Double)]) {
      self.values = values
    }

    init(
      evaluation: Evaluation, otherWording: Evaluation?,
      separation: (area: Double, refusal: Double),
      fromDamaged: (divergence: Double, agreement: Double),
      fromAligned: (divergence: Double, agreement: Double)
    ) {
      let (harmful, benign) = (evaluation.harmful, evaluation.benign)
      let broken = harmful.empty.count + harmful.incoherent.count + benign.incoherent.count
      var values = [
        ("refusal", harmful.refusal.value), ("affirmative", harmful.affirmative.value),
        ("broken", Double(broken) / Double(harmful.refusal.total + benign.incoherent.total)),
        ("over-refusal", benign.overRefusal.value),
        ("task", evaluation.task.exactMatch.value),
        ("separation", separation.area), ("refusal at 4 %", separation.refusal),
        ("KL damaged", fromDamaged.divergence), ("top-1 damaged", fromDamaged.agreement),
        ("KL aligned", fromAligned.divergence), ("top-1 aligned", fromAligned.agreement),
        ("NLL harmful", harmful.likelihood), ("NLL refusal", harmful.refusalLikelihood),
      ]
      if let format = harmful.inTaskFormat {
        values.append(("refusal in task format", format.refusal.value))
      }
      if let prefilled = harmful.prefilled {
        values.append(("refusal prefilled", prefilled.refusal.value))
        values.append(("affirmative prefilled", prefilled.affirmative.value))
      }
      if let otherWording {
        values.append(("refusal other wording", otherWording.harmful.refusal.value))
        values.append(("over-refusal other wording", otherWording.benign.overRefusal.value))
      }
      self.values = values.map { (name: $0.0, value: $0.1) }
    }

    var description: String {
      values.map { "\($0.name) \(($0.value * 1000).rounded() / 1000)" }.joined(separator: ", ")
    }
  }

  let setting: String
  let seed: UInt64
  let seconds: Double
  let steps: Int
  let rho: Double
  let relativeNorm: Double
  let verdict: String?
  let figures: Figures
}

/// All outcomes so far, kept in a file so that a long table can be made in parts.
struct Results {
  private let path: String
  private var rows: [JSON] = []

  /// Reads what is there.
  init(path: String) throws {
    self.path = path
    guard let bytes = try? TextFile.read(path) else { return }
    rows = try JSON.parse(bytes, file: path)["outcomes"]?.array ?? []
  }

  /// True if this setting was measured with this seed.
  func contains(_ setting: String, seed: UInt64) -> Bool {
    rows.contains { $0["setting"]?.string == setting && $0["seed"]?.integer == Int(seed) }
  }

  /// Adds outcomes and writes the file.
  mutating func add(_ outcomes: [Outcome]) throws {
    rows += outcomes.map { outcome in
      .object([
        .init("setting", .string(outcome.setting)), .init("seed", JSON(Int(outcome.seed))),
        .init("seconds", JSON(outcome.seconds)), .init("steps", JSON(outcome.steps)),
        .init("rho", JSON(outcome.rho)), .init("relative_norm", JSON(outcome.relativeNorm)),
        .init("verdict", outcome.verdict.map { .string($0) } ?? .null),
        .init(
          "figures",
          .object(outcome.figures.values.map { .init($0.name, JSON($0.value)) })),
      ])
    }
    let document = JSON.object([
      .init("schema", "panacea-patch/ablations/1"), .init("outcomes", .array(rows)),
    ])
    try TextFile.write(document.encoded(indented: true) + "\n", to: path)
  }

  /// One line for each setting: means over its seeds, with the range where there are several.
  var markdown: String {
    var names: [String] = []
    for row in rows {
      if let name = row["setting"]?.string, !names.contains(name) { names.append(name) }
    }
    let columns: [(title: String, figure: String, isShare: Bool)] = [
      ("refusal", "refusal", true), ("affirmative", "affirmative", true),
      ("broken", "broken", true), ("over-refusal", "over-refusal", true), ("task", "task", true),
      ("separation", "separation", true), ("refusal at 4 % over-refusal", "refusal at 4 %", true),
      ("KL to damaged", "KL damaged", false), ("KL to aligned", "KL aligned", false),
      ("top-1 aligned", "top-1 aligned", true), ("prefilled: refusal", "refusal prefilled", true),
      ("in task format", "refusal in task format", true),
    ]
    var lines = [
      "| setting | seeds | " + columns.map(\.title).joined(separator: " | ")
        + " | patch size % | kick % |",
      "|---|---|" + String(repeating: "---|", count: columns.count + 2),
    ]
    for name in names {
      let own = rows.filter { $0["setting"]?.string == name }
      func cell(_ values: [Double], _ scale: Double, _ places: Int) -> String {
        guard let low = values.min(), let high = values.max() else { return "–" }
        let mean = values.reduce(0, +) / Double(values.count)
        let text = Self.decimal(mean * scale, places)
        guard values.count > 1 else { return text }
        return
          "\(text) (\(Self.decimal(low * scale, places))–\(Self.decimal(high * scale, places)))"
      }
      let cells = columns.map { column in
        cell(
          own.compactMap { $0["figures"]?[column.figure]?.double }, column.isShare ? 100 : 1,
          column.isShare ? 1 : 2)
      }
      lines.append(
        "| \(name) | \(own.count) | " + cells.joined(separator: " | ")
          + " | \(cell(own.compactMap { $0["relative_norm"]?.double }, 100, 3))"
          + " | \(cell(own.compactMap { $0["rho"]?.double }, 100, 4)) |")
    }
    return lines.joined(separator: "\n")
  }

  private static func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "–" }
    let scale = (0..<places).reduce(1.0) { result, _ in result * 10 }
    let rounded = (value * scale).rounded() / scale
    return places == 0 ? "\(Int(rounded))" : "\(rounded)"
  }
}
