import FormatIO

/// Reads calibration files: JSON Lines, or CSV with a header where the name ends in `.csv`.
///
/// Either may be compressed with Zstandard; the name then ends in `.jsonl.zst` or `.csv.zst`.
///
///     JSON Lines = { object line-end }      blank lines are skipped
///
/// A row has exactly one of these shapes; other members are ignored:
///
///     prompt (response) (refusal)           our own, and BeaverTails with is_safe
///     instruction (input) (output)          Alpaca; the input follows after a line break
///     goal (target)                         AdvBench; the target is an opening, not an answer
///     messages                              OpenAI chat: one user turn, at most one answer
///
/// Every shape may carry `refusal`, `complete`, `lookalike` and `is_safe`.
public enum CalibrationReader {
  /// The rows of one file, in file order, each prompt once.
  ///
  /// - Parameters:
  ///   - path: the file, also named in errors and in each row's `source`.
  ///   - role: what the rows are for. Task rows need an answer. Rows marked with `is_safe` against
  ///     the role are left out: safe ones from harmful files, unsafe ones from the others.
  /// - Throws: `InputError` with file and line for the first row that cannot be used, and for a file
  ///   without any usable row.
  public static func read(_ path: String, role: CalibrationRole) throws -> [CalibrationRow] {
    try readFile(path, role: role).rows
  }

  /// What a file gave, with the number of rows that were left out.
  struct Contents {
    var rows: [CalibrationRow] = []
    /// Rows whose prompt an earlier row has, byte by byte.
    var duplicates = 0
    /// Rows whose `is_safe` contradicts the role.
    var mislabelled = 0
    /// Where benign rows come from that were left out: small models write answers that loop, and a
    /// single one that is learned makes the patched model loop on requests of the same form.
    var broken: [String] = []
  }

  static func readFile(_ path: String, role: CalibrationRole) throws -> Contents {
    try parse(TextFile.read(path), file: path, role: role)
  }

  /// Reads rows from the bytes of a file; `file` decides the format and is named in errors.
  static func parse(
    _ bytes: [UInt8], file: String, role: CalibrationRole
  ) throws -> Contents {
    let bytes = try TextFile.checked(bytes, file: file)
    var contents = Contents()
    var prompts: Set<[UInt8]> = []
    func take(_ fields: JSON, line: Int) throws {
      let interpreter = RowInterpreter(fields: fields, file: file, line: line, role: role)
      guard let row = try interpreter.row() else {
        contents.mislabelled += 1
        return
      }
      if role == .benign, let answer = row.response, AnswerClassification.isIncoherent(answer) {
        contents.broken.append(row.source)
        return
      }
      if prompts.insert(Array(row.prompt.utf8)).inserted {
        contents.rows.append(row)
      } else {
        contents.duplicates += 1
      }
    }

    if TextFile.hasSuffix(".csv", file) || TextFile.hasSuffix(".csv.zst", file) {
      try readCSV(bytes, file: file, take)
    } else {
      try readJSONLines(bytes, file: file, take)
    }
    guard !contents.rows.isEmpty else {
      let found =
        contents.mislabelled > 0
        ? "only rows whose \"is_safe\" is \(role == .harmful)"
        : contents.broken.isEmpty ? "no row at all" : "only rows whose answers loop or are noise"
      throw InputError(file: file, expected: "at least one \(role.rawValue) row", found: found)
    }
    return contents
  }

  // MARK: - JSON Lines

  private static func readJSONLines(
    _ bytes: [UInt8], file: String, _ take: (JSON, Int) throws -> Void
  ) throws {
    let blank: Set<UInt8> = [0x20, 0x09, 0x0D]
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      guard let first = line.first(where: { !blank.contains($0) }) else { continue }
      if first == UInt8(ascii: "[") {
        throw InputError(
          file: file, place: "line \(index + 1)", expected: "one JSON object on each line",
          found: "an array", fix: "write each element of the array on a line of its own")
      }
      let fields: JSON
      do {
        fields = try JSON.parse(Array(line), file: file)
      } catch var error as InputError {
        error.place = "line \(index + 1), \(error.place)"
        throw error
      }
      guard fields.object != nil else {
        throw InputError(
          file: file, place: "line \(index + 1)", expected: "one JSON object on each line",
          found: fields.kindInWords)
      }
      try take(fields, index + 1)
    }
  }

  // MARK: - CSV

  /// The columns that hold a truth value.
  private static let flags = ["complete", "lookalike", "is_safe"]

  /// Turns each record into an object, so that both formats share one interpreter. An empty field is
  /// an absent one, since CSV has no other way to say so.
  private static func readCSV(
    _ bytes: [UInt8], file: String, _ take: (JSON, Int) throws -> Void
  ) throws {
    let table = try CSV(bytes, file: file)
    for record in table.records {
      let members = try zip(table.columns, record.fields).map { column, field in
        if field.isEmpty { return JSON.Member(column, .null) }
        guard flags.contains(column) else { return JSON.Member(column, .string(field)) }
        switch field.lowercased() {
        case "true", "1": return JSON.Member(column, true)
        case "false", "0": return JSON.Member(column, false)
        default:
          throw InputError(
            file: file, place: "line \(record.line)", expected: "true or false in \"\(column)\"",
            found: "\"\(field)\"")
        }
      }
      try take(.object(members), record.line)
    }
  }
}
