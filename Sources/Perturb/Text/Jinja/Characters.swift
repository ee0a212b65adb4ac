/// A text as the language of templates sees it: one element for each Unicode scalar.
///
/// `String` would count and compare grapheme clusters; Python, which defines what templates mean,
/// counts and compares code points.
typealias Characters = [Unicode.Scalar]

extension Characters {
  init(_ text: some StringProtocol) {
    self = Array(text.unicodeScalars)
  }

  /// The same text as a Swift string.
  var string: String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: self)
    return String(view)
  }
}

extension Unicode.Scalar {
  /// White space as Python's `str.isspace` has it: Unicode's and the four separators of ASCII.
  var isSpace: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }

  var isDigit: Bool { ("0"..."9").contains(self) }

  /// May be in the name of a variable; names are ASCII here.
  var isNamePart: Bool {
    isDigit || self == "_" || ("a"..."z").contains(self) || ("A"..."Z").contains(self)
  }

  /// Ends a line for Python's `str.splitlines`.
  fileprivate var endsLine: Bool {
    switch value {
    case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029: true
    default: false
    }
  }
}

// MARK: - Searching

extension Characters {
  /// The places where a text begins, from left to right without overlaps; at most `limit` of them.
  ///
  /// Takes time proportional to the lengths (Knuth, Morris and Pratt 1977).
  func places(of part: Characters, limit: Int = .max) -> [Int] {
    guard !part.isEmpty, part.count <= count, limit > 0 else { return [] }
    // For each prefix of `part`, how long the longest proper prefix is that also ends it.
    var borders = [Int](repeating: 0, count: part.count)
    var length = 0
    for index in part.indices.dropFirst() {
      while length > 0, part[index] != part[length] { length = borders[length - 1] }
      if part[index] == part[length] { length += 1 }
      borders[index] = length
    }
    var places: [Int] = []
    length = 0
    for index in indices {
      while length > 0, self[index] != part[length] { length = borders[length - 1] }
      if self[index] == part[length] { length += 1 }
      guard length == part.count else { continue }
      places.append(index + 1 - length)
      length = 0
      if places.count == limit { break }
    }
    return places
  }

  func contains(_ part: Characters) -> Bool {
    part.isEmpty || !places(of: part, limit: 1).isEmpty
  }

  func ends(with part: Characters) -> Bool {
    suffix(part.count).elementsEqual(part)
  }
}

// MARK: - Python's text methods

extension Characters {
  /// Which ends are meant.
  enum Ends {
    case both, left, right
  }

  /// Without white space, or any of `characters`, at the ends.
  func stripped(_ characters: Characters? = nil, _ ends: Ends = .both) -> Characters {
    let set = characters.map(Set.init)
    func isStripped(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isSpace }
    var part = self[...]
    if ends != .right { part = part.drop(while: isStripped) }
    if ends != .left {
      while let last = part.last, isStripped(last) { part.removeLast() }
    }
    return Array(part)
  }

  /// The parts between separators, at most `limit` cuts from the left.
  func split(by separator: Characters, limit: Int) -> [Characters] {
    var parts: [Characters] = []
    var start = 0
    for place in places(of: separator, limit: limit) {
      parts.append(Array(self[start..<place]))
      start = place + separator.count
    }
    return parts + [Array(self[start...])]
  }

  /// The words between white space, at most `limit` cuts from the left; the rest keeps its white
  /// space.
  func words(limit: Int) -> [Characters] {
    var words: [Characters] = []
    var rest = drop(while: \.isSpace)
    while !rest.isEmpty {
      if words.count == limit { return words + [Array(rest)] }
      words.append(Array(rest.prefix { !$0.isSpace }))
      rest = rest.drop { !$0.isSpace }.drop(while: \.isSpace)
    }
    return words
  }

  /// The lines without their ends; an end at the very end begins no further line.
  var lines: [Characters] {
    var lines: [Characters] = []
    var line: Characters = []
    var index = 0
    while index < count {
      if self[index].endsLine {
        lines.append(line)
        line = []
        if self[index] == "\r", index + 1 < count, self[index + 1] == "\n" { index += 1 }
      } else {
        line.append(self[index])
      }
      index += 1
    }
    return line.isEmpty ? lines : lines + [line]
  }

  var lowercase: Characters { flatMap { Characters($0.properties.lowercaseMapping) } }

  var uppercase: Characters { flatMap { Characters($0.properties.uppercaseMapping) } }

  /// The first character as in titles, all others in lower case.
  var capitalized: Characters {
    prefix(1).flatMap { Characters($0.properties.titlecaseMapping) }
      + Array(dropFirst()).lowercase
  }

  /// Every run of letters capitalized.
  var titled: Characters {
    var result: Characters = []
    var isInWord = false
    for scalar in self {
      let properties = scalar.properties
      result += Characters(isInWord ? properties.lowercaseMapping : properties.titlecaseMapping)
      isInWord = properties.isCased
    }
    return result
  }

  /// True if there are letters with case, and all are of the wanted one.
  func isAll(_ isWanted: (Unicode.Scalar.Properties) -> Bool) -> Bool {
    let cased = lazy.map(\.properties).filter(\.isCased)
    return !cased.isEmpty && cased.allSatisfy(isWanted)
  }
}
