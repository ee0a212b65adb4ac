import Foundation

/// A piece of a page that is well-formed by construction: text is escaped, elements are closed.
///
/// The page is XML as well, so that any XML parser can check it. A string literal is text, never
/// mark-up: what a model wrote cannot become an element whichever way it gets here.
struct HTML: Sendable, ExpressibleByStringInterpolation {
  /// The mark-up.
  let source: String

  private init(source: String) {
    self.source = source
  }

  init(stringLiteral text: String) {
    self = .text(text)
  }

  /// Text from anywhere; what has no harmless look is shown as a name.
  static func text(_ text: String) -> HTML {
    var source = ""
    for scalar in text.unicodeScalars { source += escaped(scalar) }
    return HTML(source: source)
  }

  /// An element with its attributes in the given order; attribute values are text too.
  static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String>, _ children: [HTML]
  ) -> HTML {
    let list = attributes.map { " \($0.key)=\"\(HTML.text($0.value).source)\"" }.joined()
    let end = blocks.contains(name) ? "\n" : ""
    if children.isEmpty, empty.contains(name) { return HTML(source: "<\(name)\(list)/>\(end)") }
    let content = children.map(\.source).joined()
    return HTML(source: "<\(name)\(list)>\(content)</\(name)>\(end)")
  }

  /// The same with the children one by one.
  static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String>, _ children: HTML...
  ) -> HTML {
    element(name, attributes, children)
  }

  /// An element without attributes.
  static func element(_ name: String, _ children: [HTML]) -> HTML {
    element(name, [:], children)
  }

  /// The same with the children one by one.
  static func element(_ name: String, _ children: HTML...) -> HTML {
    element(name, [:], children)
  }

  /// The program's own style sheet; it must not contain `<` or `&`.
  static func style(_ sheet: String) -> HTML {
    HTML(source: "<style>\n\(sheet)\n</style>\n")
  }

  /// The document around a head and a body.
  static func document(head: [HTML], body: [HTML]) -> String {
    let page = element(
      "html", ["lang": "en"], element("head", head), element("body", body))
    return "<!DOCTYPE html>\n" + page.source
  }

  /// Elements that never have content.
  private static let empty: Set<String> = ["meta", "br", "path", "rect", "line", "polyline"]

  /// Elements that a line of the source ends with, for those who read or compare it.
  private static let blocks: Set<String> = [
    "html", "head", "body", "meta", "title", "header", "nav", "section", "article", "h1", "h2",
    "h3",
    "p", "ul", "li", "table", "caption", "thead", "tbody", "tfoot", "tr", "dl", "dd", "div",
    "figure", "figcaption", "svg", "footer",
  ]
}

// MARK: - Escaping

extension HTML {
  /// One character as mark-up. Invisible ones that could hide or reorder text get a visible form;
  /// line ends, tabs and the two joiners that scripts and emoji need are kept.
  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "&": return "&amp;"
    case "<": return "&lt;"
    case ">": return "&gt;"
    case "\"": return "&quot;"
    case "\n", "\t", "\u{200C}", "\u{200D}": return String(scalar)
    default: return isHidden(scalar) ? named(scalar) : String(scalar)
    }
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
    default: scalar.properties.isNoncharacterCodePoint
    }
  }

  private static func named(_ scalar: Unicode.Scalar) -> String {
    "\u{27E8}U+" + String(format: "%04X", scalar.value) + "\u{27E9}"
  }
}

// MARK: - Numbers

/// Numbers as the page and the terminal show them: the same rounding, a dash where there is none.
enum HTMLNumber {
  /// What stands for a number that is not there.
  static let none = "\u{2013}"

  /// A number with a fixed count of places, rounded half away from zero.
  static func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite else { return none }
    let scale = pow(10, Double(places))
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 1e15 else { return significant(value) }
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return sign + String(format: "%.\(places)f", scaled / scale)
  }

  /// A number with three significant figures.
  static func significant(_ value: Double) -> String {
    value.isFinite ? String(format: "%.3g", value) : none
  }

  /// A count with separators: `134,515,008`.
  static func count(_ value: Int) -> String {
    var digits = "\(value.magnitude)"
    var end = digits.endIndex
    while let start = digits.index(end, offsetBy: -3, limitedBy: digits.startIndex),
      start > digits.startIndex
    {
      digits.insert(",", at: start)
      end = start
    }
    return value < 0 ? "-" + digits : digits
  }

  /// A share in per cent: `12.5 %`.
  static func percent(_ share: Double, places: Int = 1) -> String {
    share.isFinite ? decimal(share * 100, places: places) + "\u{A0}%" : none
  }

  /// A small share in per cent, with three significant figures: `0.0625 %`.
  static func smallPercent(_ share: Double) -> String {
    share.isFinite ? significant(share * 100) + "\u{A0}%" : none
  }

  /// A loss or a divergence: three places.
  static func loss(_ value: Double) -> String {
    decimal(value, places: 3)
  }

  /// A rate without its interval; a dash if there are no rows.
  static func rate(_ rate: Rate) -> String {
    rate.total > 0 ? percent(rate.value) : none
  }
}
