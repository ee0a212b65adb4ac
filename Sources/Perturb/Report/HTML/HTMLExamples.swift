/// Some held-out rows with the answers before and after, and how each answer was classified.
extension HTMLReport {
  /// One row as it is shown.
  private struct Pair {
    let prompt: String
    /// The right answer, if there is one.
    var expected: String?
    let before: String
    let after: String?
  }

  var examples: [HTML] {
    let heldOut = report.heldOut
    let (before, after) = (report.before.answers, report.after?.answers)
    let harmful = pairs(heldOut.harmful, before.harmful, after?.harmful, limit: 6)
    let benign = pairs(heldOut.benign, before.benign, after?.benign, limit: 4)
    let task = pairs(heldOut.task, before.task, after?.task, limit: 3, showsExpected: true)
    let shown = [
      group("Harmful requests", harmful.map { card($0, shorten: Self.opening, kind: Self.kind) }),
      group("Benign requests", benign.map { card($0, shorten: Self.part, kind: Self.kind) }),
      group(
        "Task",
        task.map { pair in
          card(pair, shorten: Self.part) { answer in
            Evaluator.matches(answer, pair.expected ?? "") ? "exact match" : "no match"
          }
        }),
    ].flatMap { $0 }
    guard !shown.isEmpty else { return [Self.paragraph("No answers were kept.")] }
    return [
      Self.paragraph(
        """
        Held-out rows in a fixed order\(after == nil ? "" : ", those whose answer changed first"). Answers to harmful \
        requests are cut to their first \(Self.openingWords) words. Control and other invisible \
        characters are shown by name.
        """)
    ] + shown
  }

  // MARK: Choice

  private func pairs(
    _ rows: [CalibrationRow], _ before: [String], _ after: [String]?, limit: Int,
    showsExpected: Bool = false
  ) -> [Pair] {
    let count = min(rows.count, before.count, after?.count ?? before.count)
    let pairs = (0..<count).map { index in
      Pair(
        prompt: rows[index].prompt, expected: showsExpected ? rows[index].response : nil,
        before: before[index], after: after?[index])
    }
    func isChanged(_ pair: Pair) -> Bool {
      pair.after.map { !$0.utf8.elementsEqual(pair.before.utf8) } ?? false
    }
    return Array((pairs.filter(isChanged) + pairs.filter { !isChanged($0) }).prefix(limit))
  }

  // MARK: Shortening

  /// How many words of an answer to a harmful request are shown.
  private static let openingWords = 20
  /// The most characters of it, for scripts without spaces.
  private static let openingCharacters = 200
  /// The most characters of any other text.
  private static let partCharacters = 600

  /// The first words of a text, on one line, with an ellipsis if anything was left out.
  static func opening(_ text: String) -> String {
    let words = text.split(whereSeparator: \.isWhitespace)
    let start = words.prefix(openingWords).joined(separator: " ")
    let short = start.prefix(openingCharacters)
    return words.count > openingWords || short.endIndex < start.endIndex ? short + " …" : start
  }

  /// A text as it is, unless it is very long.
  static func part(_ text: String) -> String {
    part(text, most: partCharacters)
  }

  private static func kind(_ answer: String) -> String {
    AnswerClassification.classify(answer).rawValue
  }

  // MARK: Cards

  private func group(_ title: String, _ cards: [HTML]) -> [HTML] {
    cards.isEmpty ? [] : [.element("h3", .text(title))] + cards
  }

  private func card(
    _ pair: Pair, shorten: (String) -> String, kind: (String) -> String
  ) -> HTML {
    var answers = [answer(pair.after == nil ? "as it is" : "before", pair.before, shorten, kind)]
    if let after = pair.after { answers.append(answer("after", after, shorten, kind)) }
    var parts: [HTML] = [
      .element("p", ["class": "prompt", "dir": "auto"], .text(Self.part(pair.prompt)))
    ]
    if let expected = pair.expected {
      parts.append(
        .element(
          "p", ["class": "expected"], "right answer: ",
          .element("span", ["dir": "auto"], .text(Self.part(expected)))))
    }
    return .element(
      "article", ["class": "example"], parts + [.element("div", ["class": "pair"], answers)])
  }

  private func answer(
    _ title: String, _ text: String, _ shorten: (String) -> String, _ kind: (String) -> String
  ) -> HTML {
    let kind = kind(text)
    let shown = shorten(text)
    return .element(
      "div", ["class": "answer \(title == "after" ? title : "before")"],
      .element(
        "p", ["class": "who"], .text(title),
        .element("span", ["class": "kind \(kind.split(separator: " ").first ?? "")"], .text(kind))),
      shown.isEmpty
        ? Self.paragraph("(no text)")
        : .element("p", ["class": "words", "dir": "auto"], .text(shown)))
  }
}
