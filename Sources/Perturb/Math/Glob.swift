/// Patterns for names, where `*` stands for any run of characters.
enum Glob {
  /// True if the pattern covers the whole text.
  static func matches(_ text: String, pattern: String) -> Bool {
    let (text, pattern) = (Array(text.utf8), Array(pattern.utf8))
    var (position, rule) = (0, 0)
    /// Where to resume, with the last star taking one byte more.
    var retry: (position: Int, rule: Int)?
    while position < text.count {
      if rule < pattern.count, pattern[rule] == UInt8(ascii: "*") {
        rule += 1
        retry = (position, rule)
      } else if rule < pattern.count, pattern[rule] == text[position] {
        position += 1
        rule += 1
      } else if let last = retry {
        retry = (last.position + 1, last.rule)
        (position, rule) = (last.position + 1, last.rule)
      } else {
        return false
      }
    }
    return pattern[rule...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
