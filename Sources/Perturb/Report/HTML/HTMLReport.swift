/// The report of a repair as one page that needs nothing else: no network, no script, no font.
///
/// This file is its table of contents; each part has a file of its own. The page names no folder and
/// no date: the same run gives the same page, except for the seconds.
struct HTMLReport {
  let report: RepairReport

  /// The page.
  var page: String {
    HTML.document(
      head: head,
      body: [
        .element("header", [masthead] + verdict),
        contents,
        .element("main", sections.map(\.html)),
        .element("footer", footer),
      ])
  }

  /// One part of the page.
  struct Section {
    let id: String
    let title: String
    let content: [HTML]

    var html: HTML {
      .element(
        "section", ["id": id, "aria-labelledby": "\(id)-title"],
        [.element("h2", ["id": "\(id)-title"], .text(title))] + content)
    }
  }

  /// The parts in reading order; those about a patch only if there is one.
  private var sections: [Section] {
    let patch = [
      Section(id: "strength", title: "Refusal against damage", content: strengthSearch),
      Section(id: "learning", title: "Learning", content: learning),
      Section(id: "layers", title: "Where the patch acts", content: profile),
      Section(id: "storage", title: "What survived storage", content: storage),
    ]
    let hasPatch = report.after != nil
    return [
      Section(
        id: "figures", title: hasPatch ? "Before and after" : "Measurements", content: figures)
    ] + (hasPatch ? patch : []) + [
      Section(id: "answers", title: "Example answers", content: examples),
      Section(id: "settings", title: "Settings and provenance", content: settings),
      Section(id: "limits", title: "Limits of this report", content: limits),
    ]
  }

  private var head: [HTML] {
    [
      .element("meta", ["charset": "utf-8"]),
      // Nothing may be loaded or run, even if mark-up got in through an answer.
      .element(
        "meta",
        [
          "http-equiv": "Content-Security-Policy",
          "content": "default-src 'none'; style-src 'unsafe-inline'",
        ]),
      .element(
        "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      .element("meta", ["name": "color-scheme", "content": "light dark"]),
      .element("title", "panacea-patch report: \(verdictWord)"),
      .style(Self.styleSheet),
    ]
  }

  private var masthead: HTML {
    .element("p", ["class": "masthead"], "panacea-patch \(RepairReport.version) · repair report")
  }

  private var contents: HTML {
    .element(
      "nav", ["aria-label": "Contents"],
      .element(
        "ul",
        sections.map { section in
          .element("li", .element("a", ["href": "#\(section.id)"], .text(section.title)))
        }))
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

  private var footer: [HTML] {
    let line = """
      Method: Panacea, arXiv 2501.18100, applied after the fine-tuning. Rates are shown with \
      their 95 % Wilson interval; losses are in nats per token.
      """
    return [Self.paragraph(line)]
  }

  // MARK: Shared parts

  /// A paragraph.
  static func paragraph(_ text: String, class name: String = "note") -> HTML {
    .element("p", ["class": name], .text(text))
  }

  /// A table in a box that scrolls by itself where the page is too narrow.
  static func table(
    _ caption: String, class name: String = "", head: [HTML] = [], rows: [HTML], foot: [HTML] = []
  ) -> HTML {
    var parts: [HTML] = [.element("caption", .text(caption))]
    if !head.isEmpty { parts.append(.element("thead", .element("tr", head))) }
    parts.append(.element("tbody", rows))
    if !foot.isEmpty { parts.append(.element("tfoot", foot)) }
    return .element(
      "div",
      ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      .element("table", ["class": name], parts))
  }

  /// The head of a column or of a row.
  static func heading(_ scope: String, _ content: HTML...) -> HTML {
    .element("th", ["scope": scope], content)
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
