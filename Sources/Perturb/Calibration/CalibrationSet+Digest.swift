import FormatIO

extension CalibrationSet {
  /// What `digest` is a digest of, in words.
  static let hashed =
    "a JSON array for each row (role, prompt, answer, refusal, complete), joined by line feeds"

  /// The digest of what all rows say; where they come from does not count.
  var digest: ContentDigest {
    let text = CalibrationRole.allCases.flatMap { role in
      self[role].map { row in
        JSON.array([
          JSON.string(role.rawValue), .string(row.prompt),
          row.response.map { .string($0) } ?? .null, row.refusal.map { .string($0) } ?? .null,
          .boolean(row.isComplete),
        ]).encoded()
      }
    }.joined(separator: "\n")
    return Array(text.utf8).withUnsafeBytes { ContentDigest($0) }
  }
}
