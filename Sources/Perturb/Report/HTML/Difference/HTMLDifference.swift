/// How two checkpoints differ, as one page.
///
/// This file is its table of contents; each part has a file of its own and appears only if there is something
/// to show. The page names files without their folders, and no date: the same difference gives the same page.
struct HTMLDifference: HTMLPage {
  let difference: CheckpointDifference
  let total: DifferenceSums
  let grid: DifferenceGrid

  init(_ difference: CheckpointDifference) {
    self.difference = difference
    total = difference.total
    grid = DifferenceGrid(difference.tensors)
  }

  var title: String { "panacea-patch diff: \(nameA) and \(nameB)" }

  var header: [HTML] { [masthead] + summary }

  var sections: [HTMLSection] {
    [
      HTMLSection(id: "layers", title: "Where they differ", content: maps),
      HTMLSection(id: "spread", title: "How changes are spread", content: distribution),
      HTMLSection(id: "reference", title: "Along the way to C", content: reference),
      HTMLSection(id: "spectrum", title: "How many directions", content: spectrum),
      HTMLSection(id: "tensors", title: "Most changed tensors", content: mostChanged),
      HTMLSection(id: "unequal", title: "What could not be compared", content: unequal),
      HTMLSection(id: "metadata", title: "Metadata", content: metadata),
      HTMLSection(id: "definitions", title: "Definitions", content: definitions),
    ].filter { !$0.content.isEmpty }
  }

  var footer: [HTML] {
    [
      Self.paragraph(
        """
        Figures compare stored weights, not what the models say. A small change of weights can \
        change answers much, and a large one little.
        """)
    ]
  }

  private var masthead: HTML {
    .element("p", ["class": "masthead"], "panacea-patch \(RepairReport.version) · difference")
  }

  // MARK: Words

  /// True if some number differs in a way that norms can say.
  var hasChange: Bool { total.squaredDifference > 0 }

  var nameA: String { Self.fileName(difference.pathA) }
  var nameB: String { Self.fileName(difference.pathB) }
  var nameReference: String? { difference.pathReference.map(Self.fileName) }

  /// The last part of a path.
  static func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// A relative norm as a share in per cent; a dash where there is none.
  static func relative(_ norm: Double) -> String {
    HTMLNumber.smallPercent(norm)
  }

  /// A number of things with its noun: `1 tensor`, `2 tensors`.
  static func count(_ number: Int, _ noun: String) -> String {
    "\(HTMLNumber.count(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  // MARK: Definitions

  private var definitions: [HTML] {
    var lines = [
      ("Δ", "B − A, number by number, in double precision."),
      ("relative norm", "‖Δ‖ / ‖A‖, with ‖x‖ = √Σx² over all numbers of a tensor, layer or kind."),
      (
        "elements changed",
        "share of numbers that differ: by bits where both files use one type, else by value."
      ),
      ("cosine", "Σab / (‖A‖ ‖B‖). 1: B points where A does."),
      ("not finite", "NaN and infinite numbers are counted, and left out of all sums."),
    ]
    if difference.hasReference {
      lines += [
        ("along", "Δ·R / ‖R‖² with R = C − A. 0: no step towards C, 1: as far as C."),
        ("rest", "‖Δ − along · R‖, the part of Δ at right angles to R."),
        ("cosine with R", "Δ·R / (‖Δ‖ ‖R‖)."),
      ]
    }
    if !spectra.isEmpty {
      lines += [
        (
          "share of k directions",
          "(σ₁² + … + σₖ²) / ‖Δ‖², σ the singular values of Δ, largest first."
        ),
        ("effective rank", "exp(−Σ pᵢ ln pᵢ) with pᵢ = σᵢ / Σσ (Roy and Vetterli 2007)."),
      ]
    }
    return [
      .element(
        "dl", ["class": "terms"],
        lines.flatMap { term, meaning in
          [HTML.element("dt", .text(term)), .element("dd", .text(meaning))]
        })
    ]
  }
}

extension CheckpointDifference {
  /// The difference as one self-contained page for people.
  ///
  /// It loads nothing, runs nothing and fits phones, desktops and paper, light and dark. Texts of the files are
  /// escaped, and long ones are cut.
  public var html: String {
    HTMLDifference(self).page
  }
}
