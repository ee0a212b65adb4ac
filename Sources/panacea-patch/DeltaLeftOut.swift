import FormatIO

/// What is in the folders that a patch was made from and not in the patch, for people and pipelines.
struct DeltaLeftOut {
  /// How many names a note has.
  private static let shownNames = 5

  private let sides: [(key: String, folder: String, names: [String])]

  init(base: Checkpoint, target: Checkpoint) throws {
    sides = try [("base", base), ("target", target)].map { key, checkpoint in
      (key, checkpoint.path, try checkpoint.namesLeftOut())
    }
  }

  /// A sentence for each side that has more than its checkpoint.
  var notes: [String] {
    sides.filter { !$0.names.isEmpty }.map { key, folder, names in
      let shown = names.prefix(DeltaLeftOut.shownNames).map { TensorName($0).quoted }
      let rest = names.count - shown.count
      return "Note: not in the patch, as no part of the \(key) \(folder): "
        + "\(shown.joined(separator: ", "))"
        + (rest > 0 ? " and \(Quantity.count(rest)) more" : "") + "."
    }.map(\.printable)
  }

  /// All names by side.
  var json: JSON {
    .object(sides.map { .init($0.key, .array($0.names.map { .string($0) })) })
  }
}
