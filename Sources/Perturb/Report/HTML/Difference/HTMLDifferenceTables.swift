import FormatIO

/// Single tensors and metadata: the most changed, those without a counterpart, and keys that differ.
extension HTMLDifference {
  /// How many rows a list of the page has at most.
  static let mostRows = 100

  // MARK: Most changed

  var mostChanged: [HTML] {
    let rows = difference.rows(by: .tensor).compactMap { row in
      row.tensor.map { (label: row.label, tensor: $0) }
    }.filter { $0.tensor.isDecoded && $0.tensor.isChanged }
    guard !rows.isEmpty else { return [] }
    // Those without a relative norm come first: they are the odd ones. Equal ones keep their order.
    func key(_ sums: DifferenceSums) -> Double {
      sums.relativeNorm.isFinite ? sums.relativeNorm : .infinity
    }
    let sorted = rows.enumerated().sorted { left, right in
      let keys = (key(left.element.tensor.sums), key(right.element.tensor.sums))
      return keys.0 != keys.1 ? keys.0 > keys.1 : left.offset < right.offset
    }.map(\.element)
    let shown = sorted.prefix(25)
    let hasSteps = shown.contains { ($0.tensor.sums.largestSteps ?? 0) > 0 }
    let titles =
      ["tensor", "relative norm", "elements changed", "cosine", "mean Δ", "max |Δ|"]
      + (hasSteps ? ["max steps"] : []) + ["not finite A / B"]
    let table = Self.table(
      shown.count < rows.count
        ? "The \(shown.count) with the largest relative norm, of \(HTMLNumber.count(rows.count)) that changed"
        : "All tensors that changed, the largest relative norm first",
      class: "grid", head: titles.map { Self.heading("col", .text($0)) },
      rows: shown.map { row($0.label, $0.tensor, hasSteps: hasSteps) })
    let steps = Self.paragraph(
      "Max steps: the largest distance, counted in neighbouring numbers of the coarser type.")
    return [table] + (hasSteps ? [steps] : [])
  }

  private func row(_ label: String, _ tensor: TensorDifference, hasSteps: Bool) -> HTML {
    let sums = tensor.sums
    let others = [sums.notNumbersA + sums.infiniteA, sums.notNumbersB + sums.infiniteB]
    let cells =
      [
        Self.norm(sums), Self.share(sums.changedShare),
        sums.cosine.map { Self.cosine($0) } ?? HTMLNumber.none, HTMLNumber.significant(sums.mean),
        HTMLNumber.significant(sums.largestDifference),
      ] + (hasSteps ? [sums.largestSteps.map { HTMLNumber.count($0) } ?? HTMLNumber.none] : [])
      + [others == [0, 0] ? "0" : others.map { HTMLNumber.count($0) }.joined(separator: " / ")]
    var remarks = [Self.shape(tensor.shape)]
    remarks.append(
      tensor.hasOtherType
        ? "\(tensor.elementType) → \(tensor.otherElementType)" : "\(tensor.elementType)")
    if tensor.name != tensor.otherName {
      remarks.append("in B \(Self.part(tensor.otherName.text, most: 120))")
    }
    return .element(
      "tr",
      [
        .element(
          "th", ["scope": "row", "class": "name"], .text(Self.part(label, most: 120)),
          .element("small", .text(remarks.joined(separator: " · "))))
      ] + cells.map { .element("td", .text($0)) })
  }

  static func shape(_ shape: [Int]) -> String {
    shape.isEmpty ? "one number" : shape.map { "\($0)" }.joined(separator: " × ")
  }

  // MARK: Not compared

  var unequal: [HTML] {
    let shapes = difference.shapeDifferences.map { pair in
      [
        Self.part(pair.name.text, most: 120), "\(Self.shape(pair.shape)) \(pair.elementType)",
        "\(Self.shape(pair.otherShape)) \(pair.otherElementType)",
      ]
    }
    let bytes = difference.tensors.filter { !$0.isDecoded }.map { tensor in
      [
        Self.part(tensor.name.text, most: 120), "\(tensor.elementType)",
        tensor.sums.isByteEqual ? "same bytes" : "other bytes",
      ]
    }
    return list("Tensors only in A", ["tensor", "shape", "type"], unpaired(difference.onlyInA))
      + list("Tensors only in B", ["tensor", "shape", "type"], unpaired(difference.onlyInB))
      + list("Tensors of different shapes", ["tensor", "in A", "in B"], shapes)
      + list(
        "Tensors whose numbers cannot be unpacked; their bytes were compared",
        ["tensor", "type in A", "result"], bytes)
  }

  private func unpaired(_ tensors: [CheckpointDifference.Unpaired]) -> [[String]] {
    tensors.map { [Self.part($0.name.text, most: 120), Self.shape($0.shape), "\($0.elementType)"] }
  }

  /// A table of the first rows, with a line about those left out; nothing if there are none.
  private func list(_ caption: String, _ titles: [String], _ rows: [[String]]) -> [HTML] {
    guard !rows.isEmpty else { return [] }
    let lines = rows.prefix(Self.mostRows).map { cells -> HTML in
      .element(
        "tr",
        [.element("th", ["scope": "row", "class": "name"], .text(cells[0]))]
          + cells.dropFirst().map { .element("td", ["class": "words"], .text($0)) })
    }
    let table = Self.table(
      "\(caption): \(HTMLNumber.count(rows.count))", class: "list",
      head: titles.map { Self.heading("col", .text($0)) }, rows: lines)
    let left = rows.count - lines.count
    return [table]
      + (left > 0 ? [Self.paragraph("\(HTMLNumber.count(left)) more are not shown.")] : [])
  }

  // MARK: Metadata

  var metadata: [HTML] {
    list(
      "Keys that differ", ["key", "in A", "in B"],
      difference.metadata.map { [Self.part($0.key, most: 120)] + Self.excerpts($0.a, $0.b) })
  }

  /// Two values, cut to where they start to differ.
  static func excerpts(_ a: JSON?, _ b: JSON?) -> [String] {
    let texts = [a, b].map { value in value.map { $0.string ?? $0.encoded() } }
    guard let left = texts[0], let right = texts[1] else {
      return texts.map { $0.map { part($0, most: 160) } ?? "(not there)" }
    }
    let same = zip(left, right).prefix { $0 == $1 }.count
    // A few characters before the place tell what it is about.
    let start = same > 60 ? same - 30 : 0
    if left == right { return [a, b].map { part($0?.encoded() ?? "", most: 160) } }
    return [left, right].map { text in
      (start > 0 ? "… " : "") + part(String(text.dropFirst(start)), most: 160)
    }
  }
}
