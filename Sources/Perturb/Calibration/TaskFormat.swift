/// The text that a task's prompts have in common, around the part that changes.
///
/// A fine-tune learns its task in one fixed format, and a harmful request in that format may get
/// through where a plain one does not. Harmful requests are therefore put into it, to be refused
/// there too: the Paraphrase strategy of "Do as I do (Safely)" (arXiv 2406.10288).
public struct TaskFormat: Sendable, Equatable {
  /// What stands before the changing part.
  public let prefix: String
  /// What stands after it.
  public let suffix: String

  /// Fewer prompts than this show no format.
  private static let leastPrompts = 4
  /// So many of ten prompts must share the text: a few odd rows do not hide a format.
  private static let sharedTenths = 8
  /// A format has at least so many letters; less is chance.
  private static let leastLength = 12

  /// The format of these prompts; nil if they share none.
  public init?(prompts: [String]) {
    guard prompts.count >= Self.leastPrompts else { return nil }
    let texts = prompts.map { Array($0.utf8) }
    let before = Self.sharedPrefix(of: texts)
    let rest = texts.filter { $0.starts(with: before) }.map { Array($0.dropFirst(before.count)) }
    let after = Self.sharedPrefix(of: rest.map { $0.reversed() })
    prefix = String(decoding: before, as: UTF8.self)
    suffix = String(decoding: after.reversed(), as: UTF8.self)
    guard before.count + after.count >= Self.leastLength else { return nil }
  }

  /// The request in the task's format.
  public func wrap(_ request: String) -> String {
    prefix + request + suffix
  }

  /// The longest start that eight of ten texts share, cut back to the end of a word.
  ///
  /// Sorted texts with a common start are neighbours, and the first and last of a run of neighbours
  /// share what all of the run share.
  private static func sharedPrefix(of texts: [[UInt8]]) -> [UInt8] {
    let sorted = texts.sorted { $0.lexicographicallyPrecedes($1) }
    let run = (sorted.count * sharedTenths + 9) / 10
    guard run > 0 else { return [] }
    var longest: ArraySlice<UInt8> = []
    for start in 0...sorted.count - run {
      let (first, last) = (sorted[start], sorted[start + run - 1])
      let length = zip(first, last).prefix { $0 == $1 }.count
      if length > longest.count { longest = first.prefix(length) }
    }
    return Array(longest.reversed().drop { !$0.isWhiteSpace }.reversed())
  }
}
