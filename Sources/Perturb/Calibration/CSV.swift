import FormatIO

/// A table of comma-separated values with a header line, as RFC 4180 describes it.
///
///     file   = header line-end { record line-end }
///     record = field { "," field }
///     field  = bare | '"' { byte | '""' } '"'       a quoted field may hold commas and line ends
///
/// Lines end in LF or CRLF; the last one may lack its end; blank lines are skipped. Everything else
/// that the grammar does not cover is refused, because a repaired guess would train on wrong text.
struct CSV {
  /// One line of the table, which may span several lines of the file.
  struct Record {
    /// The line of the file on which the record starts, from 1.
    var line: Int
    /// As many fields as the header has.
    var fields: [String]
  }

  /// The names of the columns, in lower case and without spaces around them.
  let columns: [String]
  /// The records below the header, in file order.
  let records: [Record]

  /// Parses a whole file.
  ///
  /// - Parameters:
  ///   - bytes: valid UTF-8 without a byte order mark.
  ///   - file: named in errors.
  /// - Throws: `InputError` with the line of the first violation.
  init(_ bytes: [UInt8], file: String) throws {
    var parser = CSVParser(bytes: bytes, file: file)
    var records: [Record] = []
    while let record = try parser.parseRecord() { records.append(record) }
    guard let header = records.first else {
      throw InputError(file: file, expected: "a header line", found: "an empty file")
    }
    columns = header.fields.map { name in
      String(
        name.lowercased().drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace)
          .reversed())
    }
    for (index, name) in columns.enumerated()
    where columns[..<index].contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
      throw InputError(
        file: file, place: "line \(header.line)", expected: "each column name once",
        found: "\"\(name)\" again")
    }
    for record in records.dropFirst() where record.fields.count != columns.count {
      throw InputError(
        file: file, place: "line \(record.line)",
        expected: "\(columns.count) fields as in the header",
        found: "\(record.fields.count)", fix: "put quotes around a field that holds a comma")
    }
    self.records = Array(records.dropFirst())
  }
}

/// Walks over the bytes once and keeps count of the lines.
private struct CSVParser {
  let bytes: [UInt8]
  let file: String
  var position = 0
  var line = 1

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  /// The next record, or nil at the end of the file.
  mutating func parseRecord() throws -> CSV.Record? {
    while try consumeLineEnd() {}
    guard position < bytes.count else { return nil }
    var record = CSV.Record(line: line, fields: [])
    while true {
      record.fields.append(try parseField())
      if position == bytes.count { return record }
      if try consumeLineEnd() { return record }
      position += 1  // the comma
    }
  }

  /// Reads up to a comma, a line end or the end of the file.
  private mutating func parseField() throws -> String {
    if position < bytes.count, bytes[position] == Self.quote { return try parseQuotedField() }
    let start = position
    while position < bytes.count,
      ![Self.comma, Self.lineFeed, Self.carriageReturn].contains(bytes[position])
    {
      guard bytes[position] != Self.quote else {
        throw failure(
          expected: "quotes around the whole field", found: "a quote in the middle of one",
          fix: "put the field in quotes and double each quote inside")
      }
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func parseQuotedField() throws -> String {
    let firstLine = line
    var text: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == Self.lineFeed { line += 1 }
      guard byte == Self.quote else {
        text.append(byte)
        continue
      }
      if position < bytes.count, bytes[position] == Self.quote {
        text.append(Self.quote)
        position += 1
        continue
      }
      let next = position < bytes.count ? bytes[position] : Self.comma
      guard [Self.comma, Self.lineFeed, Self.carriageReturn].contains(next) else {
        throw failure(
          expected: "a comma or the end of the line after a closing quote",
          found: "more text", fix: "double each quote inside a quoted field")
      }
      return String(decoding: text, as: UTF8.self)
    }
    line = firstLine
    throw failure(
      expected: "a closing quote for the field that starts here", found: "the end of the file")
  }

  /// Steps over LF or CRLF and says whether there was one.
  private mutating func consumeLineEnd() throws -> Bool {
    guard position < bytes.count else { return false }
    if bytes[position] == Self.carriageReturn {
      guard position + 1 < bytes.count, bytes[position + 1] == Self.lineFeed else {
        throw failure(
          expected: "lines that end in LF or CRLF", found: "a carriage return alone",
          fix: "convert the line ends, or put quotes around the field")
      }
      position += 1
    }
    guard bytes[position] == Self.lineFeed else { return false }
    position += 1
    line += 1
    return true
  }

  private func failure(expected: String, found: String, fix: String? = nil) -> InputError {
    InputError(file: file, place: "line \(line)", expected: expected, found: found, fix: fix)
  }
}
