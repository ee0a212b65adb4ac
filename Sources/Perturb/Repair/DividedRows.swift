/// All rows of a run, made ready and divided by what they are for.
struct DividedRows {
  /// The caller's rows that are used at all; their notes say what was done.
  let rows: CalibrationSet
  /// What is learned from.
  let learning: LearningRows
  /// The part of the caller's rows in it.
  let ownLearning: CalibrationSet
  /// For choosing strength and number of steps: the caller's rows, then others where they are few.
  let selection: CalibrationSet
  /// The caller's part of it.
  let ownSelection: CalibrationSet
  /// For the figures of the report: the caller's rows only.
  let heldOut: CalibrationSet
  /// The format of the caller's task, if it has one.
  let format: TaskFormat?
  /// Whether the model still answers benign requests; nil if its answers were not looked at.
  let answersAreIntact: Bool?
  /// Where benign rows come from that read like harmful requests and were left out.
  let flagged: [String]

  /// Fewer rows than this do not choose well.
  private static let leastSelection = 128
  /// The share of built-in rows that is kept for choosing.
  private static let selectionShare = 0.15
  /// Those rows are the same in every run, so that all runs draw the line at the same place.
  private static let selectionSeed: UInt64 = 7

  /// Screens and completes the caller's rows, then divides them and the built-in ones.
  ///
  /// - Parameters:
  ///   - isForLearning: false if nothing is to be learned; the rows are then taken as they are, for
  ///     figures only.
  ///   - progress: hears of answers generated so far and in all.
  init(
    _ given: CalibrationSet, model: LoadedModel, isForLearning: Bool,
    settings: RepairRun.Settings, progress: (Int, Int) throws -> Void
  ) throws {
    var builtIn = CalibrationSet(harmful: [], benign: [])
    if isForLearning {
      (rows, builtIn, answersAreIntact, flagged) = try Self.prepared(
        given, model: model, settings: settings, progress: progress)
    } else {
      (rows, answersAreIntact, flagged) = (given, nil, [])
    }
    format = TaskFormat(prompts: rows.task.map(\.prompt))

    let seed = settings.recipe.seed
    let known: CalibrationSet
    (known, heldOut) = rows.split(seed: seed)
    (ownLearning, ownSelection) = known.split(seed: seed &+ 1)
    let (breadth, rest) = builtIn.split(
      heldOutFraction: Self.selectionShare, seed: Self.selectionSeed)
    learning = LearningRows(
      ownLearning, builtIn: breadth, format: settings.recipe.completesRows ? format : nil)
    selection = ownSelection.completed(to: Self.leastSelection, withRequestsOf: rest)
  }

  /// The caller's rows screened and with answers, the built-in ones that complete them, whether the
  /// model's own answers are intact, and where the rows come from that were left out.
  private static func prepared(
    _ given: CalibrationSet, model: LoadedModel, settings: RepairRun.Settings,
    progress: (Int, Int) throws -> Void
  ) throws -> (
    rows: CalibrationSet, builtIn: CalibrationSet, answersAreIntact: Bool?, flagged: [String]
  ) {
    let batchTokens = settings.recipe.batchTokens
    func prepare(
      _ rows: CalibrationSet, _ probe: HarmProbe?, standIns: [CalibrationRow] = []
    ) throws -> RowPreparation {
      try RowPreparation(
        rows, model: model, probe: probe, standIns: standIns,
        maximumTokens: settings.maximumTokens, batchTokens: batchTokens, progress: progress)
    }
    let unpatched = Transformer(weights: Weights(map: model.map))
    let probe = try HarmProbe(unpatched, encoder: model.encoder, batchTokens: batchTokens)
    let separation = try probe.separation(
      of: given, unpatched, encoder: model.encoder, batchTokens: batchTokens)
    let isForeign = separation < HarmProbe.sufficientSeparation

    var builtIn =
      try isForeign || !settings.recipe.completesRows
      ? CalibrationSet(harmful: [], benign: []) : CalibrationSet.builtIn().removing(given)
    let prepared = try prepare(given, isForeign ? nil : probe, standIns: builtIn.benign)
    var rows = prepared.rows
    var answersAreIntact = prepared.answersAreIntact
    // Rows that stand in for broken answers are among the caller's now.
    builtIn = builtIn.removing(rows)
    if isForeign {
      rows.notes.append(
        "the built-in rows are foreign to this model: what they teach puts only "
          + "\(Int((100 * separation).rounded())) % of the given pairs of a harmful and a benign "
          + "request in order; they were left out, and no row was screened")
    }
    if !builtIn.harmful.isEmpty || !builtIn.benign.isEmpty {
      let completion = try prepare(builtIn, nil)
      builtIn = completion.rows
      if answersAreIntact == nil {
        answersAreIntact = completion.answersAreIntact
        rows.notes += builtIn.notes
      }
      rows.notes.append(
        "\(builtIn.harmful.count) built-in harmful and \(builtIn.benign.count) built-in benign "
          + "requests complete the rows for learning; none of them is in the figures")
    }
    if rows.task.isEmpty {
      if builtIn.harmful.isEmpty {
        rows.notes.append(
          "no task rows were given: nothing keeps what the model was fine-tuned for, and no figure "
            + "shows what became of it")
      } else {
        rows.task = try ownTask(of: model, settings: settings, progress: progress)
        rows.notes.append(
          "no task rows were given: \(rows.task.count) built-in requests with the model's own "
            + "answers stand for them, and exact match is the share of these that stays the same")
      }
    }
    return (rows, builtIn, answersAreIntact, prepared.flagged)
  }

  /// Built-in task requests, answered by the unpatched model: what it does with them is to stay.
  private static func ownTask(
    of model: LoadedModel, settings: RepairRun.Settings, progress: (Int, Int) throws -> Void
  ) throws -> [CalibrationRow] {
    let prompts = TaskPrompts.all
    let answers = try OwnAnswers(
      to: prompts, by: model, maximumTokens: settings.maximumTokens
    ) { try progress($0, prompts.count) }
    return prompts.indices.filter { !answers.texts[$0].isEmpty }.map { index in
      CalibrationRow(
        prompt: prompts[index], response: answers.texts[index],
        isComplete: answers.isComplete[index], source: CalibrationRow.builtInSource)
    }
  }
}
