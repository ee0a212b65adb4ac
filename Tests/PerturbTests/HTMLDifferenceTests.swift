import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Is the page of a difference well-formed, harmless whatever files say, and right about what it shows?
struct HTMLDifferenceTests {
  /// A text that tries to leave the place it stands in.
  private static let hostile = "\"><script>alert(1)</script><!-- & ]]> \u{0}\u{202E}"

  // MARK: Form

  @Test(arguments: ["full", "one layer", "hundreds", "same", "empty", "A is zero", "not finite"])
  func thePageIsWellFormed(_ name: String) throws {
    let page = difference(name).html
    try #require(page.hasPrefix("<!DOCTYPE html>\n"))
    let outline = try PageOutline(page)
    #expect(outline.headings.first == "h1")
    #expect(Set(outline.identifiers).count == outline.identifiers.count)
    #expect(outline.targets.allSatisfy { outline.identifiers.contains(String($0.dropFirst())) })
    #expect(outline.targets.allSatisfy { $0.hasPrefix("#") })
    #expect(outline.drawingsWithoutTitle == 0)
    let broken = /\b(nan|inf|infinity)\b/.ignoresCase()
    #expect(!outline.attributes.contains { $0.value.contains(broken) })
    #expect(
      outline.elements.isDisjoint(with: ["script", "link", "img", "iframe", "object", "use"]))
    #expect(!outline.attributes.contains { $0.key.hasPrefix("on") || $0.key == "src" })
    for text in ["://", "@import", "url("] { #expect(!page.contains(text), "\(text)") }
  }

  @Test func theSameDifferenceGivesTheSamePage() {
    #expect(difference("full").html == difference("full").html)
  }

  @Test func textsOfFilesAreEscapedAndCut() {
    let page = difference("full").html
    #expect(page.contains("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(page.contains("⟨U+0000⟩⟨U+202E⟩"))
    #expect(!page.contains("\u{202E}") && !page.contains("<script"))
    #expect(!page.contains("secret-folder"))
    #expect(!page.contains(String(repeating: "x", count: 400)))
  }

  // MARK: Parts

  @Test(
    arguments: [
      (
        "full",
        [
          "layers", "spread", "reference", "spectrum", "tensors", "unequal", "metadata",
          "definitions",
        ]
      ),
      ("one layer", ["layers", "spread", "tensors", "definitions"]),
      ("same", ["definitions"]), ("empty", ["definitions"]),
      ("metadata only", ["metadata", "definitions"]),
      ("unpaired only", ["unequal", "definitions"]),
      ("C is A", ["layers", "spread", "reference", "tensors", "definitions"]),
    ] as [(String, [String])])
  func partsAppearOnlyWithSomethingToShow(_ name: String, _ parts: [String]) throws {
    let page = HTMLDifference(difference(name))
    #expect(page.sections.map(\.id) == parts)
    #expect(page.sections.allSatisfy { !$0.content.isEmpty })
  }

  @Test(
    arguments: [
      ("same", "Same", "Both hold the same 2 tensors, number by number, and the same metadata."),
      (
        "metadata only", "Different",
        "The numbers that could be compared are the same in 2 tensors. What differs is metadata."
      ),
      (
        "unpaired only", "Different",
        "are the same in 2 tensors. What differs is 1 tensor on one side only."
      ),
      (
        "one layer", "Different", "2 of 2 tensors changed. The change is 1\u{A0}% of the size of A."
      ),
    ])
  func oneSentenceSaysWhetherTheyDiffer(_ name: String, _ word: String, _ sentence: String) {
    let page = difference(name).html
    #expect(page.contains("<h1>\(word)</h1>"))
    #expect(page.contains(sentence))
  }

  @Test func theHeadHoldsTheFigures() throws {
    let text = try PageOutline(difference("full").html).text
    for figure in [
      "a.safetensors", "‖Δ‖ / ‖A‖", "cosine of A and B", "3 NaN", "C lacks 1 tensor of A",
    ] {
      #expect(text.contains(figure), "\(figure)")
    }
    #expect(text.contains("a model with such weights is broken"))
    #expect(try !PageOutline(difference("one layer").html).text.contains("is broken"))
  }

  // MARK: Maps

  @Test func everyLayerAndKindHasItsCell() throws {
    let page = difference("hundreds")
    let grid = HTMLDifference(page).grid
    #expect(grid.layers == Array(0..<300))
    #expect(grid.kinds.map(\.name) == ["attention.query", "feed-forward.down"])
    #expect(grid.outside.map(\.name) == ["embedding"])
    let text = try PageOutline(page.html).text
    #expect(text.contains("layer 299, feed-forward.down: "))
    #expect(text.contains("all layers, attention.query: "))
  }

  @Test func expertsAreSummed() {
    let experts = (0..<4).map { (number: Int) in
      tensor("expert \(number)", 0, "experts.up", norm: 0.1, expert: number)
    }
    let grid = DifferenceGrid(experts)
    #expect(grid.kinds.map(\.tensorCount) == [4])
    #expect(grid.kinds[0].layers[0]?.count == 400)
    #expect(((grid.layerTotals[0].relativeNorm - 0.1) / 0.1).magnitude < 1e-12)
  }

  @Test func cellsWithoutAFigureAreMarked() {
    #expect(HTMLDifference.normCell(nil) == .absent)
    #expect(HTMLDifference.normCell(tensor("", 0, "", norm: 0).sums) == .zero)
    #expect(HTMLDifference.normCell(tensor("", 0, "", norm: .infinity).sums) == .undefined)
    var sums = tensor("", 0, "", norm: 0).sums
    (sums.notNumbersB, sums.summed, sums.squaredA) = (100, 0, 0)
    #expect(HTMLDifference.normCell(sums) == .undefined)
    #expect(difference("A is zero").html.contains("no figure: A is all zeros, or not finite"))
  }

  @Test func theMapOfSharesIsThereOnlyIfTheyDiffer() {
    #expect(!difference("one layer").html.contains("Share of elements changed"))
    #expect(difference("full").html.contains("Share of elements changed"))
  }

  // MARK: Scales

  @Test(arguments: [[1e-4, 3e-3, 0.1], [1e-300, 1e-299], [5, 0, -1, .nan, .infinity, 50]])
  func theScaleGoesFromTheLeastToTheLargest(_ values: [Double]) throws {
    let scale = try #require(HTMLScale(ratiosOf: values))
    let shown = values.filter { $0.isFinite && $0 > 0 }.sorted()
    #expect(scale.place(of: try #require(shown.first)) == 0)
    #expect(scale.place(of: try #require(shown.last)) == 1)
    #expect(scale.place(of: 0) == 0 && scale.place(of: .infinity) == 0)
    #expect((1...6).contains(scale.ticks.count))
    #expect(scale.ticks.allSatisfy { (0...1).contains(scale.place(of: $0)) })
    #expect(scale.ticks == scale.ticks.sorted())
  }

  @Test func equalRatiosAreEqualSteps() throws {
    let scale = try #require(HTMLScale(ratiosOf: [1e-4, 1e-2]))
    #expect((scale.place(of: 1e-3) - 0.5).magnitude < 1e-12)
    // One value lies in the middle; a tiny one does not press all others to one end.
    #expect(try #require(HTMLScale(ratiosOf: [0.3])).place(of: 0.3) - 0.5 < 1e-12)
    let cut = try #require(HTMLScale(ratiosOf: [1e-30, 1e-3, 1e-1], decades: 4))
    #expect((cut.place(of: 1e-3) - 0.5).magnitude < 1e-12 && cut.place(of: 1e-30) == 0)
    #expect(HTMLScale(ratiosOf: [0, .nan, .infinity, -2]) == nil)
    #expect(HTMLScale(ratiosOf: []) == nil)
  }

  @Test(
    arguments: [
      (0, "lower", "0"), (0.25, "lower", "50"), (0.5, "upper", "0"), (1, "upper", "100"),
    ] as [(Double, String, String)])
  func coloursGoFromTheFirstOverTheMiddleToTheLast(
    _ place: Double, _ half: String, _ depth: String
  ) {
    #expect(HTMLHeatMap.colour(place) == (half, depth))
  }

  @Test func axesReachBelowZero() {
    let axis = HTMLChart.Axis("", showing: [-0.3, 0.9], isSigned: true)
    #expect(axis.low <= -0.3 && axis.high >= 0.9 && axis.ticks.contains { $0.magnitude < 1e-12 })
    #expect(axis.share(of: axis.low) == 0 && axis.share(of: axis.high) == 1)
    #expect(HTMLChart.Axis("", showing: [-2, -1], isSigned: true).low == -2)
    #expect(
      HTMLChart.Axis("", showing: [2], wholeNumbers: true).ticks.allSatisfy { $0 == $0.rounded() })
  }

  // MARK: Words

  @Test(
    arguments: [
      (1, "1"), (0, "0.000"), (0.5, "0.500"), (-1, "-1.000"), (1 - 2e-5, "0.999980"),
      (1 - 1e-15, "≈ 1"),
    ] as [(Double, String)])
  func cosinesShowHowFarFromOneTheyAre(_ value: Double, _ text: String) {
    #expect(HTMLDifference.cosine(value) == text)
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
  func countsHaveSeparators(_ value: Int, _ text: String) {
    #expect(HTMLNumber.count(value) == text)
  }

  @Test(
    arguments: [
      ([], nil), ([2], 2), ([1, 3], 2), ([1, 2, 9], 2),
    ] as [([Double], Double?)])
  func theMedianIsTheMiddle(_ values: [Double], _ median: Double?) {
    #expect(HTMLDifference.median(values) == median)
  }

  @Test func metadataIsCutToWhereItDiffers() {
    let start = String(repeating: "same ", count: 100)
    let texts = HTMLDifference.excerpts(
      .string(start + "left"), .string(start + "right" + String(repeating: "!", count: 300)))
    #expect(texts[0].hasPrefix("… ") && texts[0].hasSuffix("left") && texts[0].count < 50)
    #expect(texts[1].contains("right") && texts[1].hasSuffix(" …") && texts[1].count < 200)
    #expect(HTMLDifference.excerpts(nil, 3) == ["(not there)", "3"])
    // A number and its text are told apart.
    #expect(HTMLDifference.excerpts(3, "3") == ["3", "\"3\""])
  }

  // MARK: Differences

  private func difference(_ name: String) -> CheckpointDifference {
    switch name {
    case "full": return full
    case "one layer":
      return make([
        tensor("q", 0, "attention.query", norm: 0.01),
        tensor("d", 0, "feed-forward.down", norm: 0.01),
      ])
    case "hundreds":
      let layers = (0..<300).flatMap { layer in
        [
          tensor("\(layer).q", layer, "attention.query", norm: 1e-3 * Double(layer + 1)),
          tensor("\(layer).d", layer, "feed-forward.down", norm: 1e-4),
        ]
      }
      return make(layers + [tensor("e", nil, "embedding", norm: 0.02)])
    case "empty": return make([])
    case "A is zero":
      return make([
        tensor("q", 0, "attention.query", norm: .infinity),
        tensor("d", 1, "attention.query", norm: 0.1),
      ])
    case "not finite":
      var broken = tensor("q", 0, "attention.query", norm: .nan)
      (broken.sums.changed, broken.sums.notNumbersB, broken.sums.summed) = (100, 100, 0)
      return make([broken])
    case "metadata only":
      return make(unchanged, metadata: [.init(key: "step", a: 1, b: 2)])
    case "unpaired only":
      return make(unchanged, onlyInA: [.init(name: "x", elementType: .float32, shape: [])])
    case "C is A":
      return make([tensor("q", 0, "attention.query", norm: 0.01)], reference: "c")
    default: return make(unchanged)
    }
  }

  private var unchanged: [TensorDifference] {
    [tensor("q", 0, "attention.query", norm: 0), tensor("e", nil, "embedding", norm: 0)]
  }

  /// Everything there is, with hostile texts where a file could put them.
  private var full: CheckpointDifference {
    var tensors = (0..<4).flatMap { layer in
      [
        tensor("\(layer).q \(Self.hostile)", layer, "attention.query", norm: 0.01 * Double(layer)),
        tensor("\(layer).d", layer, "kind \(Self.hostile)", norm: 0.02),
      ]
    }
    tensors.append(tensor("packed", nil, "unknown", norm: 0, isDecoded: false))
    tensors[3].sums.notNumbersB = 3
    tensors[3].sums.changed = 40
    tensors[5].spectrum = .init(shares: [0.5, 0.7, .nan], effectiveRank: 3.5, isEstimate: true)
    for index in tensors.indices {
      tensors[index].sums.squaredReference = 0.04
      tensors[index].sums.referenceProduct = -0.01
    }
    let long = String(repeating: "x", count: 500)
    return make(
      tensors, reference: "/secret-folder/c \(Self.hostile)",
      onlyInA: [.init(name: .init(Self.hostile), elementType: .float32, shape: [2])],
      onlyInB: (0..<150).map { .init(name: "new \($0)", elementType: .float16, shape: [1]) },
      shapes: [
        .init(
          name: "s", otherName: "s", elementType: .float32, otherElementType: .bfloat16,
          shape: [2, 3], otherShape: [3, 2])
      ],
      metadata: [.init(key: Self.hostile, a: .string(Self.hostile + long), b: nil)],
      withoutReference: ["packed"])
  }

  private func make(
    _ tensors: [TensorDifference], reference: String? = nil,
    onlyInA: [CheckpointDifference.Unpaired] = [], onlyInB: [CheckpointDifference.Unpaired] = [],
    shapes: [CheckpointDifference.ShapeDifference] = [],
    metadata: [CheckpointDifference.MetadataDifference] = [], withoutReference: [TensorName] = []
  ) -> CheckpointDifference {
    CheckpointDifference(
      pathA: "/secret-folder/a.safetensors", pathB: "secret-folder/b", pathReference: reference,
      tensors: tensors, onlyInA: onlyInA, onlyInB: onlyInB, shapeDifferences: shapes,
      metadata: metadata, isAcrossFormats: false, withoutReference: withoutReference)
  }

  /// 100 numbers with this relative norm; infinite if A is zero.
  private func tensor(
    _ name: String, _ layer: Int?, _ kind: String, norm: Double, expert: Int? = nil,
    isDecoded: Bool = true
  ) -> TensorDifference {
    var sums = DifferenceSums()
    (sums.count, sums.summed) = (100, 100)
    sums.changed = norm == 0 ? 0 : 100
    sums.squaredA = norm.isFinite ? 1 : 0
    sums.squaredDifference = norm.isFinite ? norm * norm : norm == .infinity ? 1 : 0
    sums.squaredB = sums.squaredA + sums.squaredDifference
    sums.product = sums.squaredA
    sums.isByteEqual = norm == 0
    return TensorDifference(
      name: TensorName(name), otherName: TensorName(name), elementType: .bfloat16,
      otherElementType: .bfloat16, shape: [10, 10], layer: layer, kind: kind, expert: expert,
      isDecoded: isDecoded, sums: sums, spectrum: nil)
  }
}
