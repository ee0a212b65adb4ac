import Foundation

/// Which files, whether they differ, and the figures over all tensors.
extension HTMLDifference {
  var summary: [HTML] {
    [
      .element(
        "div", ["class": "verdict \(isDamaged ? "warn" : "plain")"],
        [
          .element("h1", .text(difference.isSame ? "Same" : "Different")),
          .element("p", ["class": "lead"], .text(sentence)),
        ] + (warning.map { [Self.paragraph($0, class: "warning")] } ?? []) + [files]),
      .element("dl", ["class": "tiles"], tiles),
    ]
  }

  // MARK: Sentences

  private var changedCount: Int { difference.tensors.count { $0.isChanged } }
  private var otherBytesCount: Int {
    difference.tensors.count { !$0.isDecoded && !$0.sums.isByteEqual }
  }

  private var sentence: String {
    let tensors = Self.count(difference.tensors.count, "tensor")
    if difference.isSame {
      return difference.isAcrossFormats
        ? "Both formats hold the same numbers in \(tensors)."
        : "Both hold the same \(tensors), number by number, and the same metadata."
    }
    if hasChange {
      return "\(HTMLNumber.count(changedCount)) of \(tensors) changed. The change is "
        + "\(Self.relative(total.relativeNorm)) of the size of A."
    }
    if changedCount > 0 {
      return
        "\(HTMLNumber.count(changedCount)) of \(tensors) changed, in nothing but signs of zeros or "
        + "numbers that are not finite."
    }
    return
      "The numbers that could be compared are the same in \(tensors). What differs is \(other)."
  }

  /// What differs though no number does.
  private var other: String {
    let retyped = difference.tensors.count { $0.hasOtherType }
    let unpaired = difference.onlyInA.count + difference.onlyInB.count
    let causes = [
      (unpaired, Self.count(unpaired, "tensor") + " on one side only"),
      (difference.shapeDifferences.count, "the shape of some tensors"),
      (retyped, "the type of \(Self.count(retyped, "tensor"))"),
      (
        otherBytesCount,
        "the bytes of \(Self.count(otherBytesCount, "tensor")) that cannot be unpacked"
      ),
      (difference.metadata.count, "metadata"),
    ].filter { $0.0 > 0 }.map(\.1)
    let last = causes.last ?? "something that is not shown"
    return causes.count < 2 ? last : causes.dropLast().joined(separator: ", ") + " and " + last
  }

  /// True if B has numbers that are not finite where A has none.
  private var isDamaged: Bool {
    total.notNumbersA + total.infiniteA == 0 && total.notNumbersB + total.infiniteB > 0
  }

  private var warning: String? {
    isDamaged
      ? "B holds numbers that are not finite, A does not: a model with such weights is broken."
      : nil
  }

  private var files: HTML {
    let names = [("A", nameA), ("B", nameB)] + (nameReference.map { [("C", $0)] } ?? [])
    return .element(
      "dl", ["class": "files"],
      names.map { letter, name in
        .element(
          "div", .element("dt", .text(letter)), .element("dd", .text(Self.part(name, most: 200))))
      })
  }

  // MARK: Tiles

  private var tiles: [HTML] {
    var tiles = [
      Self.tile(
        "‖Δ‖ / ‖A‖", Self.relative(total.relativeNorm),
        remark(
          total.relativeNorm.isFinite
            ? "‖Δ‖ is \(HTMLNumber.significant(total.norm))" : "A is all zeros")),
      Self.tile(
        "elements changed", Self.share(total.changedShare),
        remark("of \(HTMLNumber.count(total.count))")),
      Self.tile(
        "cosine of A and B", total.cosine.map { Self.cosine($0, most: 7) } ?? HTMLNumber.none,
        remark("1: same direction")),
      Self.tile(
        "tensors changed", HTMLNumber.count(changedCount),
        remark("of \(HTMLNumber.count(difference.tensors.count))")),
      Self.tile(
        "not finite in B", notFinite(total.notNumbersB, total.infiniteB),
        remark("in A \(notFinite(total.notNumbersA, total.infiniteA))")),
    ]
    if let along = total.along {
      let cosine = total.cosineWithReference.map { HTMLNumber.decimal($0, places: 3) }
      tiles.append(
        Self.tile(
          "Δ along C − A", HTMLNumber.decimal(along, places: 3),
          remark("cosine \(cosine ?? HTMLNumber.none)")))
    }
    return tiles
  }

  private func remark(_ text: String) -> HTML { .element("span", .text(text)) }

  private func notFinite(_ notNumbers: Int, _ infinite: Int) -> String {
    let parts = [(notNumbers, "NaN"), (infinite, "Inf")].filter { $0.0 > 0 }
    return parts.isEmpty
      ? "none" : parts.map { "\(HTMLNumber.count($0.0)) \($0.1)" }.joined(separator: ", ")
  }

  /// A share of elements; nothing but all is 100 %, nothing but none is 0.
  static func share(_ share: Double) -> String {
    if share > 0.999, share < 1 { return "> 99.9\u{A0}%" }
    return share == 1 ? "100\u{A0}%" : HTMLNumber.smallPercent(share)
  }

  /// A cosine with so many places that its distance from 1 shows, as far as that takes no more than these.
  static func cosine(_ value: Double, most: Int = 11) -> String {
    let gap = 1 - value
    let needed = Int((-log10(max(gap, 1e-300))).rounded(.up)) + 1
    if gap == 0 { return "1" }
    return needed > most ? "≈ 1" : HTMLNumber.decimal(value, places: max(3, needed))
  }
}
