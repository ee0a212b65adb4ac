/// Rows of text in aligned columns.
///
/// Cells are made printable, so text from files cannot disturb the layout. Widths count characters;
/// scripts with double-width characters may be off by some columns.
struct Table {
  /// On which side a column is filled up.
  enum Alignment {
    /// Text: filled up on the right.
    case leading
    /// Numbers: filled up on the left.
    case trailing
  }

  /// The head of a column.
  struct Column {
    var title: String
    var alignment: Alignment

    init(_ title: String, _ alignment: Alignment = .leading) {
      self.title = title
      self.alignment = alignment
    }
  }

  /// What the columns are called. If every title is empty, no head is printed.
  let columns: [Column]
  private var rows: [[String]] = []

  init(_ columns: [Column]) {
    self.columns = columns
  }

  /// Appends a row with one cell for each column.
  mutating func add(_ cells: String...) {
    add(cells)
  }

  /// Appends a row with one cell for each column.
  mutating func add(_ cells: [String]) {
    precondition(cells.count == columns.count, "a row needs one cell for each column")
    rows.append(cells.map(\.printable))
  }

  /// The table, two spaces between columns, no spaces at line ends, no line end after the last row.
  var text: String {
    let titles = columns.map(\.title)
    let lines = (titles.allSatisfy(\.isEmpty) ? [] : [titles]) + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      let line = columns.indices.map { column in
        let filling = String(repeating: " ", count: widths[column] - cells[column].count)
        return switch columns[column].alignment {
        case .leading: cells[column] + filling
        case .trailing: filling + cells[column]
        }
      }.joined(separator: "  ")
      return String(line[..<line.endOfText])
    }.joined(separator: "\n")
  }
}

extension String {
  /// The position after the last character that is no space.
  fileprivate var endOfText: Index {
    lastIndex { $0 != " " }.map(index(after:)) ?? startIndex
  }
}
