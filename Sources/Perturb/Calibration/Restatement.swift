/// The opening with which many answers say the request back: "How do I boil an egg?" is answered by
/// "To boil an egg, you can".
///
/// Models open harmful and benign answers so. Where refusals of the first are learned after such an
/// opening, the second have to be guarded there.
enum Restatement {
  /// What stands before the act that is asked for; first letters that may be capitals are left out.
  private static let marks = [
    "how to ", "ow do I ", "ow can I ", "elp me ", "way to ", "want to ", "plan to ", "steps to ",
    "instructions to ", "method to ", "guide to ",
  ]
  /// What ends it.
  private static let ends: Set<UInt8> = Set(".,:;!?\n".utf8)
  /// A single word is hardly an act.
  private static let leastWords = 2

  /// The opening for a request in English; nil if it asks in another way.
  static func opening(for request: String) -> String? {
    let bytes = Array(request.utf8)
    for mark in marks {
      guard let start = bytes.firstRange(of: Array(mark.utf8))?.upperBound else { continue }
      let act = bytes[start...].prefix { !ends.contains($0) }
      guard act.split(separator: UInt8(ascii: " ")).count >= leastWords else { continue }
      return "To " + String(decoding: act, as: UTF8.self) + ", you can"
    }
    return nil
  }
}
