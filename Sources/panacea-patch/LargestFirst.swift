/// The members of a list that a table shows: all of them as they come, or the largest ones.
struct LargestFirst<Element> {
  /// How many are shown unless all are asked for.
  static var limit: Int { 10 }

  let shown: [Element]
  private let rest: Int
  /// Whether there are others.
  var isCut: Bool { rest > 0 }
  /// The line that says so, for the end of the table.
  var more: String {
    isCut ? "\n… and \(Quantity.count(rest)) more (--verbose lists all)" : ""
  }

  init(_ all: [Element], showsAll: Bool, by size: (Element) -> Int) {
    guard !showsAll, all.count > LargestFirst.limit else {
      (shown, rest) = (all, 0)
      return
    }
    // The position decides between equals, so that the order never varies.
    let sizes = all.map(size)
    let order = all.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    shown = order.prefix(LargestFirst.limit).map { all[$0] }
    rest = all.count - shown.count
  }
}
