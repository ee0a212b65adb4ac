public import FormatIO

/// Everything a run found out, for people and pipelines alike.
public struct RepairReport: Sendable {
  /// How a run ended.
  public enum Outcome: String, Sendable {
    /// The target was met within the budgets, or a plain copy was asked for.
    case done
    /// The target or a budget was missed.
    case targetMissed = "target missed"
    /// The model refuses already.
    case nothingToDo = "nothing to do"
  }

  /// How many rows of one role went where.
  public struct RowCounts: Sendable {
    /// Rows learned from.
    public let learning: Int
    /// Rows the strength was chosen on.
    public let selection: Int
    /// Rows the figures are from.
    public let heldOut: Int
  }

  /// The program's version, recorded in every report and patched file.
  public static let version = "0.1.0"

  /// What was asked for.
  public let settings: RepairRun.Settings
  /// The limits that applied to the held-out rows.
  public private(set) var budgets: Budgets
  /// The limits that applied to the rows for choosing.
  public private(set) var selectionBudgets: Budgets
  /// How the run ended.
  public var outcome = Outcome.targetMissed
  /// The judgement; nil if nothing was patched.
  public private(set) var verdict: Verdict?
  /// The damage limits that were broken, and the target if it was missed.
  public private(set) var misses: [Budgets.Miss] = []
  /// Whether the output was written.
  public var isWritten = false
  /// The unpatched model on held-out rows.
  public var before = Evaluation()
  /// How many of all the caller's harmful requests the unpatched model refuses: this decides whether
  /// it refuses already. Nil if a part of them was enough to tell that it does not.
  public var refusalOfAllRows: Rate?
  /// The unpatched model on the rows the strength was chosen on; nil if none was chosen.
  public var selectionBefore: Evaluation?
  /// The drift without the kick on held-out rows; nil without a kick.
  public var driftOnly: Evaluation?
  /// The patched model on held-out rows, read back from the file.
  public var after: Evaluation?
  /// Every step of learning.
  public var steps: [LearningStep] = []
  /// Every strength that was tried, on selection rows.
  public var trials: [StrengthSearch.Trial] = []
  /// ‖ε‖ / ‖W‖ of the kick; negative if it goes back, towards answers.
  public var rho = 0.0
  /// ‖w_T − w₀‖ / ‖W‖ of the drift.
  public var relativeDrift = 0.0
  /// ‖δ‖ / ‖W‖ of the whole patch.
  public var relativeNorm = 0.0
  /// The share of each layer in the kick.
  public var coefficients: SafetyCoefficients?
  /// What was learned, for those who want to measure more than the report does.
  public var learned: LearnedChange?
  /// The change that was chosen of it.
  public var change: Perturbation?
  /// What storage kept, tensor by tensor.
  public var storage: [StoredPatch.TensorStorage] = []
  /// How much of the patch is in the stored weights.
  public var share = PatchShare()
  /// How much of it arrives at outputs, over the tensors whose codes were moved; nil if none were.
  public var effect: PatchShare?
  /// Seconds of each phase; indicative.
  public var seconds: [RepairRun.Phase: Double] = [:]
  /// The adapter that was part of the model; nil if there was none.
  public var adapter: Adapter?
  /// How products were computed.
  public var precision = Precision.float32
  /// Digest of the input's tensors.
  public var inputDigest: ContentDigest?
  /// Digest of the output's tensors.
  public var outputDigest: ContentDigest?
  /// Digest of all calibration rows.
  public private(set) var rowsDigest: ContentDigest?
  /// Where benign rows come from that read like harmful requests and were left out.
  public private(set) var flagged: [String] = []
  /// Rows by role.
  public private(set) var rows: [(role: CalibrationRole, counts: RowCounts)] = []
  /// The rows that the figures are from, in the order of the answers, and what reading noted.
  public private(set) var heldOut = CalibrationSet(harmful: [], benign: [])

  /// An empty report.
  init(settings: RepairRun.Settings) {
    self.settings = settings
    (budgets, selectionBudgets) = (settings.budgets, settings.budgets)
  }

  /// Where the model's own answers were not looked at, the fine-tune counts as having broken them if
  /// the given ones are this unlikely, in nats per token.
  static let brokenBenignLoss = 2.0
  /// The default limit on benign KL where the answers are intact.
  static let divergenceBudget = 0.5

  /// Settles the limit on KL: staying close to broken answers would keep the damage.
  mutating func setBudgets(
    _ asked: Budgets, before: Evaluation, answersAreIntact: Bool?, heldOut: CalibrationSet,
    selection: CalibrationSet
  ) {
    var asked = asked
    let areIntact = answersAreIntact ?? (before.benign.likelihood < Self.brokenBenignLoss)
    if asked.divergence == nil, areIntact { asked.divergence = Self.divergenceBudget }
    (budgets, selectionBudgets) = (asked.on(heldOut), asked.on(selection))
  }

  mutating func setRows(_ divided: DividedRows) {
    setRows(
      all: divided.rows, learning: divided.ownLearning, selection: divided.ownSelection,
      heldOut: divided.heldOut, flagged: divided.flagged)
  }

  mutating func setRows(
    all: CalibrationSet, learning: CalibrationSet, selection: CalibrationSet,
    heldOut: CalibrationSet, flagged: [String]
  ) {
    self.flagged = flagged
    self.heldOut = heldOut
    rows = CalibrationRole.allCases.map { role in
      (
        role,
        RowCounts(
          learning: learning[role].count, selection: selection[role].count,
          heldOut: heldOut[role].count)
      )
    }
    rowsDigest = all.digest
  }

  /// Settles verdict and outcome from `before` and `after`.
  mutating func judge(isIdentity: Bool) {
    guard let after else { return }
    guard !isIdentity else {
      (verdict, outcome) = (.noEffect, .done)
      return
    }
    verdict = Verdict(before: before, after: after, budgets: budgets)
    misses = budgets.damage(before: before, after: after)
    if let shortfall = budgets.shortfall(after: after) { misses.append(shortfall) }
    let keep = storage.keep
    if keep < StoredPatch.leastKeep {
      misses.append(
        Budgets.Miss(name: "share kept in storage", limit: StoredPatch.leastKeep, value: keep))
    }
    outcome = misses.isEmpty ? .done : .targetMissed
  }
}
