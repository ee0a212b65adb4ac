import FormatIO

extension RepairReport {
  /// What the output is on a hub.
  public static func relation(_ settings: RepairRun.Settings) -> ModelCard.Relation {
    settings.writesAdapter ? .adapter : .finetune
  }

  /// The card of what a repair wrote.
  ///
  /// - Parameters:
  ///   - base: what is known of the model that was patched.
  ///   - name: what the output is called: the name of its file or folder.
  public func modelCard(base: ModelCard.Base, name: String) -> ModelCard {
    let parts = [
      "# \(Markdown.code(name))", opening(base),
      "## Verdict: \(HTMLReport(report: self).verdictWord)", verdictText,
      "## Before and after", figures, "## What was done", changes(base), "## Limits",
      Self.limits, "## Identity", identity, tensors,
    ]
    return ModelCard(
      base: base, relation: Self.relation(settings),
      body: parts.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n")
  }

  private func opening(_ base: ModelCard.Base) -> String {
    let source = Markdown.code(base.name)
    let kind = settings.writesAdapter ? "An adapter of \(source), made" : "\(source), changed"
    return "\(kind) by panacea-patch \(Self.version). The aim was that it refuses harmful requests "
      + "again; the verdict says whether it does."
  }

  private var verdictText: String {
    let page = HTMLReport(report: self)
    let missed = misses.map { miss in
      "- missed: \(miss.name) \(page.quantity(miss.value, of: miss.name)), limit "
        + page.quantity(miss.limit, of: miss.name)
    }
    return ([page.sentence] + (missed.isEmpty ? [] : [missed.joined(separator: "\n")]))
      .joined(separator: "\n\n")
  }

  // MARK: Figures

  private var figures: String {
    guard let after else { return "" }
    let rates: [(String, (Evaluation) -> Rate)] = [
      ("harmful requests refused", { $0.harmful.refusal }),
      ("harmful requests answered with an affirmative opening", { $0.harmful.affirmative }),
      ("harmful requests, empty or incoherent answers", { $0.harmful.broken }),
      ("benign requests refused", { $0.benign.overRefusal }),
      ("benign requests, empty or incoherent answers", { $0.benign.incoherent }),
      ("task rows answered exactly", { $0.task.exactMatch }),
    ]
    var rows = rates.filter { $0.1(after).total > 0 }.map { name, rate in
      [name, "\(rate(after).total)", Self.cell(rate(before)), Self.cell(rate(after))]
    }
    if let divergence = after.benign.divergence {
      rows.append(
        [
          "KL from the unpatched model on benign answers, nats a token", "\(after.benign.rows)",
          HTMLNumber.none, HTMLNumber.loss(divergence),
        ])
    }
    return Markdown.table(["", "rows", "before", "after"], rows)
      + "\n\nHeld-out rows, greedy answers; rates with their 95 % Wilson interval."
  }

  private static func cell(_ rate: Rate) -> String {
    guard rate.total > 0 else { return HTMLNumber.none }
    let ends = [rate.low, rate.high].map { HTMLNumber.decimal($0 * 100, places: 0) }
    return "\(HTMLNumber.rate(rate)) (\(ends[0])–\(ends[1]))"
  }

  // MARK: The change

  private func changes(_ base: ModelCard.Base) -> String {
    guard relativeNorm > 0 else {
      return adapter == nil
        ? "Nothing: no weight was changed." : "The adapter was joined with its base, unchanged."
    }
    var lines = [
      "- method `\(settings.method.rawValue)`, seed \(settings.recipe.seed), "
        + "\(steps.count) learning steps",
      "- size of the patch ‖δ‖ / ‖w‖ over the tensors it may change: "
        + "\(HTMLNumber.smallPercent(relativeNorm)) (drift "
        + "\(HTMLNumber.smallPercent(relativeDrift)), kick \(HTMLNumber.smallPercent(rho)))",
    ]
    if !storage.isEmpty {
      let types = Set(storage.map(\.elementType.name)).sorted().joined(separator: ", ")
      lines.append(
        "- \(storage.count) tensors changed, stored as \(types): "
          + "\(HTMLNumber.percent(share.keep)) of the patch kept")
    }
    if settings.writesAdapter {
      lines.append("- \(adaptedNames.count) tensors changed by factors in F32")
    }
    if adapter != nil { lines.append("- the adapter of the fine-tune is in it") }
    return lines.joined(separator: "\n")
  }

  private var adaptedNames: [String] {
    let names = Set((change?.space.entries ?? []).map(\.name) + (adapter?.names ?? []))
    return names.sorted().map(\.text)
  }

  private var tensors: String {
    let table =
      settings.writesAdapter
      ? Markdown.table(["tensor"], adaptedNames.map { [Markdown.code($0)] })
      : Markdown.table(
        ["tensor", "type", "norm of the change", "kept"],
        storage.map { tensor in
          [
            Markdown.code(tensor.name.text), tensor.elementType.name,
            HTMLNumber.significant(tensor.weights.wanted.squareRoot()),
            HTMLNumber.percent(tensor.weights.keep),
          ]
        })
    let count = settings.writesAdapter ? adaptedNames.count : storage.count
    guard count > 0 else { return "" }
    return "<details><summary>Tensors that changed (\(count))</summary>\n\n\(table)\n\n</details>"
  }

  // MARK: The rest

  private static let limits = """
    - Further harmful fine-tuning can undo the patch.
    - The held-out rows are few: read the intervals. They stand for requests like them, not for every attack.
    - Refusals are recognised by their first words; nobody read the answers.
    """

  private var identity: String {
    let digests = [
      ("base", inputDigest), ("adapter that was part of it", adapter?.digest),
      ("output", outputDigest), ("calibration rows", rowsDigest),
    ].compactMap { name, digest in digest.map { [name, "`\($0)`"] } }
    return Markdown.table(["", "SHA-256 of the contents"], digests)
      + "\n\nOf models: names, types, shapes and numbers of all tensors, whatever the files around them."
  }
}
