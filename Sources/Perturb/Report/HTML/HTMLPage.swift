/// One page that needs nothing else: no network, no script, no font.
///
/// It is well-formed XML too, fits phones, desktops and paper, light and dark. What follows from its
/// parts is here, so that all pages are built, guarded and laid out alike.
protocol HTMLPage {
  /// What browsers show as the name of the page.
  var title: String { get }
  /// What stands above the table of contents.
  var header: [HTML] { get }
  /// The parts in reading order.
  var sections: [HTMLSection] { get }
  /// What stands below all parts.
  var footer: [HTML] { get }
}

/// One part of a page.
struct HTMLSection {
  let id: String
  let title: String
  let content: [HTML]

  var html: HTML {
    .element(
      "section", ["id": id, "aria-labelledby": "\(id)-title"],
      [.element("h2", ["id": "\(id)-title"], .text(title))] + content)
  }
}

extension HTMLPage {
  /// The page.
  var page: String {
    HTML.document(
      head: head,
      body: [
        .element("header", header),
        contents,
        .element("main", sections.map(\.html)),
        .element("footer", footer),
      ])
  }

  private var head: [HTML] {
    [
      .element("meta", ["charset": "utf-8"]),
      // Nothing may be loaded or run, even if mark-up got in through a text of a model.
      .element(
        "meta",
        [
          "http-equiv": "Content-Security-Policy",
          "content": "default-src 'none'; style-src 'unsafe-inline'",
        ]),
      .element(
        "meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      .element("meta", ["name": "color-scheme", "content": "light dark"]),
      .element("title", .text(title)),
      .style(HTMLStyle.sheet),
    ]
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

  /// One figure that matters, with its name and a remark.
  static func tile(_ name: String, _ figure: String, _ rest: HTML...) -> HTML {
    .element(
      "div", .element("dt", .text(name)),
      .element("dd", [.element("b", .text(figure))] + rest))
  }

  /// A text as it is, unless it has more characters than this.
  static func part(_ text: String, most: Int) -> String {
    let short = text.prefix(most)
    return short.endIndex < text.endIndex ? short + " …" : text
  }
}
