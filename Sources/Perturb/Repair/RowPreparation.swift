/// The caller's rows made ready: suspicious ones set aside, missing answers filled in.
struct RowPreparation {
  /// The rows to go on with; their notes say what was done.
  private(set) var rows: CalibrationSet
  /// Where benign rows come from whose requests read like harmful ones; left out of `rows`.
  private(set) var flagged: [String] = []
  /// Whether the model still answers benign requests; nil if its answers were not looked at.
  private(set) var answersAreIntact: Bool?

  /// So many answers tell whether the model's own are worth keeping.
  private static let probedAnswers = 64

  /// What built-in answers start with. Answers that start in many ways leave no first word likelier
  /// than a refusal's.
  private static let opening = "Sure. "

  /// Completes the rows for one model, and screens them if there is a probe.
  ///
  /// - Parameter standIns: benign rows with answers to add where the model's own are broken; none if
  ///   the model cannot read them, or if nothing may be added to the caller's rows.
  init(
    _ rows: CalibrationSet, model: LoadedModel, probe: HarmProbe?, standIns: [CalibrationRow] = [],
    maximumTokens: Int, batchTokens: Int, progress: (Int, Int) throws -> Void
  ) throws {
    self.rows = rows
    if let probe { try screen(model, probe, batchTokens) }
    try answer(model, standIns, maximumTokens, progress)
  }

  /// Sets benign rows aside that may be poisoned: a harmful request with an answer to learn.
  private mutating func screen(
    _ model: LoadedModel, _ probe: HarmProbe, _ batchTokens: Int
  ) throws {
    let own = rows.benign.indices.filter { !rows.benign[$0].isBuiltIn }
    guard !own.isEmpty else { return }
    let transformer = Transformer(weights: Weights(map: model.map))
    let suspicious = try probe.suspicious(
      own.map { rows.benign[$0] }, transformer, encoder: model.encoder, batchTokens: batchTokens)
    let found = zip(own, suspicious).filter(\.1).map(\.0)
    guard !found.isEmpty else { return }
    // Names of files only: a report may be published.
    flagged = found.map { String(rows.benign[$0].source.split(separator: "/").last ?? "") }
    rows.benign.removeSubranges(RangeSet(found, within: rows.benign))
    let listed = flagged.prefix(5).joined(separator: "; ")
    rows.notes.append(
      "\(flagged.count) of \(own.count) benign rows read like harmful requests and were left out: "
        + listed + (flagged.count > 5 ? "; …" : ""))
  }

  /// Fills in benign answers: the model's own if they are intact, else built-in ones, in rows that are
  /// built in already or stand in for the others.
  private mutating func answer(
    _ model: LoadedModel, _ standIns: [CalibrationRow], _ maximumTokens: Int,
    _ progress: (Int, Int) throws -> Void
  ) throws {
    let open = rows.benign.indices.filter {
      rows.benign[$0].response == nil || rows.benign[$0].isBuiltIn
    }
    guard !open.isEmpty else { return }
    let (first, rest) = (open.prefix(Self.probedAnswers), open.dropFirst(Self.probedAnswers))
    let probe = try answers(to: first, model, maximumTokens, open.count, progress)
    answersAreIntact = probe.areIntact
    let found =
      "\(probe.hollow.count) of \(probe.hollow.total) of the model's own answers to benign requests say nothing"
    if probe.areIntact {
      fill(first, probe)
      fill(
        rest,
        try answers(to: rest, model, maximumTokens, open.count) { done, total in
          try progress(done + first.count, total)
        })
      rows.notes.append("\(found): they are intact, and the patch is to keep them")
    } else {
      let replacement: String
      if rows.benign.contains(where: \.isBuiltIn) {
        replacement = "built-in answers stand for them"
      } else if !standIns.isEmpty {
        rows.benign += standIns
        replacement =
          "\(standIns.count) built-in requests with answers stand for them, in the figures as well"
      } else {
        let open = rows.benign.count { $0.response == nil }
        replacement =
          "nothing stands for them: \(open) of \(rows.benign.count) benign rows have no answer to learn"
      }
      for index in rows.benign.indices where rows.benign[index].isBuiltIn {
        rows.benign[index].response = rows.benign[index].response.map { Self.opening + $0 }
      }
      rows.notes.append("\(found): the fine-tune broke them, and \(replacement)")
    }
  }

  private func answers(
    to indices: ArraySlice<Int>, _ model: LoadedModel, _ maximumTokens: Int, _ total: Int,
    _ progress: (Int, Int) throws -> Void
  ) throws -> OwnAnswers {
    try OwnAnswers(
      to: indices.map { rows.benign[$0].prompt }, by: model, maximumTokens: maximumTokens
    ) { try progress($0, total) }
  }

  private mutating func fill(_ indices: ArraySlice<Int>, _ answers: OwnAnswers) {
    for (number, index) in indices.enumerated() where !answers.isHollow[number] {
      rows.benign[index].response = answers.texts[number]
      rows.benign[index].isComplete = answers.isComplete[number]
    }
  }
}
