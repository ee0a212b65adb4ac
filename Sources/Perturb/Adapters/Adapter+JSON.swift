public import FormatIO

extension Adapter {
  /// What reports say of an adapter: where it is, what it is, and how much it changes.
  public var json: JSON {
    .object([
      .init("path", .string(path)),
      .init("kind", .string(kind.rawValue)),
      .init("base", baseName.map(JSON.string) ?? .null),
      .init(
        "ranks",
        .array(
          ranks.map { .object([.init("rank", JSON($0.rank)), .init("matrices", JSON($0.count))]) })),
      .init("scales", .array(scales.map { JSON($0) })),
      .init("replaced", JSON(replacementCount)),
      .init("tensors", .array(names.map { .string($0.text) })),
      .init("digest", .string(digest.description)),
    ])
  }

  /// The same in one line for people.
  public var summary: String {
    let ranks = ranks.map { "\($0.rank)" }.joined(separator: ", ")
    let scales = scales.map { "\($0)" }.joined(separator: ", ")
    var parts = ["\(names.count) tensors"]
    if !ranks.isEmpty { parts.append("rank \(ranks), scale \(scales)") }
    if replacementCount > 0 { parts.append("\(replacementCount) replaced as a whole") }
    return "\(kind.rawValue) adapter of \(baseName ?? "an unnamed base"): "
      + parts.joined(separator: ", ")
  }
}
