/// The report of a repair as one page.
///
/// This file is its table of contents; each part has a file of its own. The page names no folder and
/// no date: the same run gives the same page, except for the seconds.
struct HTMLReport: HTMLPage {
  let report: RepairReport

  var title: String { "panacea-patch report: \(verdictWord)" }

  var header: [HTML] { [masthead] + verdict }

  /// The parts in reading order; those about a patch only if there is one.
  var sections: [HTMLSection] {
    let patch = [
      HTMLSection(id: "strength", title: "Refusal against damage", content: strengthSearch),
      HTMLSection(id: "learning", title: "Learning", content: learning),
      HTMLSection(id: "layers", title: "Where the patch acts", content: profile),
      HTMLSection(id: "storage", title: "What survived storage", content: storage),
    ]
    let hasPatch = report.after != nil
    return [
      HTMLSection(
        id: "figures", title: hasPatch ? "Before and after" : "Measurements", content: figures)
    ] + (hasPatch ? patch : []) + [
      HTMLSection(id: "answers", title: "Example answers", content: examples),
      HTMLSection(id: "settings", title: "Settings and provenance", content: settings),
      HTMLSection(id: "limits", title: "Limits of this report", content: limits),
    ]
  }

  private var masthead: HTML {
    .element("p", ["class": "masthead"], "panacea-patch \(RepairReport.version) · repair report")
  }

  private var limits: [HTML] {
    let sentences = [
      """
      The patch is not tamper-proof. Further harmful fine-tuning, or a few prompts found by \
      search, can undo it.
      """,
      """
      The held-out rows are few. Read the intervals, not the points: two rates whose intervals \
      overlap may well be the same.
      """,
      """
      Refusals are recognised by fixed rules for English phrases. A refusal in another language \
      counts as an answer of another kind.
      """,
      """
      No judge model and no person read the answers. Refusing and complying are told from how an \
      answer reads, not from what it would bring about.
      """,
      """
      The figures hold for these rows and the likeliest answer to each. Other requests, other \
      prompt formats and sampled answers were not measured.
      """,
    ]
    return [.element("ul", sentences.map { .element("li", .text($0)) })]
  }

  var footer: [HTML] {
    let line = """
      Method: Panacea, arXiv 2501.18100, applied after the fine-tuning. Rates are shown with \
      their 95 % Wilson interval; losses are in nats per token.
      """
    return [Self.paragraph(line)]
  }
}

extension RepairReport {
  /// The report as one self-contained page for people.
  ///
  /// It loads nothing, runs nothing and fits phones, desktops and paper, light and dark. Texts of
  /// the model are escaped, and its answers to harmful requests are cut to their first 20 words.
  public var html: String {
    HTMLReport(report: self).page
  }
}
