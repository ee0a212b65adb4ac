import Foundation
import FoundationXML

/// What an XML parser sees of a page; the page is both HTML and XML.
final class PageOutline: NSObject, XMLParserDelegate {
  private(set) var elements: Set<String> = []
  private(set) var headings: [String] = []
  private(set) var identifiers: [String] = []
  /// Where links lead to.
  private(set) var targets: [String] = []
  /// All text, and all of a title that a pointer shows.
  private(set) var text = ""
  private(set) var attributes: [(key: String, value: String)] = []
  /// Drawings that a screen reader would announce without a name.
  private(set) var drawingsWithoutTitle = 0
  /// True right after the start of a drawing.
  private var isDrawing = false
  private var failure: (any Error)?

  /// - Throws: the parser's error if the page is not well-formed.
  init(_ page: String) throws {
    super.init()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = self
    guard parser.parse() else { throw failure ?? CocoaError(.coderReadCorrupt) }
  }

  func parser(_ parser: XMLParser, parseErrorOccurred error: any Error) {
    failure = error
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes list: [String: String]
  ) {
    elements.insert(name)
    if ["h1", "h2", "h3"].contains(name) { headings.append(name) }
    if let identifier = list["id"] { identifiers.append(identifier) }
    if let target = list["href"] { targets.append(target) }
    // The name of a drawing is its first element; those inside name parts of it.
    if isDrawing, name != "title" { drawingsWithoutTitle += 1 }
    isDrawing = name == "svg" && list["role"] == "img"
    attributes += list.map { ($0.key, $0.value) }
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    self.text += text
  }
}
