/// The rows that a run learns from: the caller's, completed by the built-in ones.
///
/// A caller's rows tell the style of refusals and answers, and they are few. The built-in requests
/// add breadth on both sides of the line between harmful and benign, in the caller's style:
///
/// - built-in harmful requests are refused in the words of the caller's refusals;
/// - built-in benign requests are answered as often as the caller's, and none of them is refused,
///   neither at once nor after the answer has begun;
/// - some harmful requests also come in the task's own format.
public struct LearningRows: Sendable {
  /// Rows with answers.
  public var set: CalibrationSet
  /// Benign requests that must not be refused.
  public var guarded: [CalibrationRow]
  /// Some of them with the opening that says the request back, after which no refusal may come.
  public var restated: [CalibrationRow]

  /// One in so many harmful requests is learned in the task's format as well.
  private static let wrappedShare = 8
  /// One in so many benign requests is guarded after an opening that says it back.
  private static let restatedShare = 2

  /// Completes the caller's rows.
  ///
  /// - Parameters:
  ///   - rows: what the caller's rows leave after others were set aside for choosing and measuring.
  ///   - builtIn: built-in rows to add.
  ///   - format: the format of the task, if it has one.
  public init(_ rows: CalibrationSet, builtIn: CalibrationSet, format: TaskFormat?) {
    set = rows
    let styles = rows.harmful.compactMap(\.refusal)
    set.harmful += builtIn.harmful.enumerated().map { index, row in
      var row = row
      if !styles.isEmpty { row.refusal = styles[index % styles.count] }
      return row
    }
    if let format {
      let requests = set.harmful
      set.harmful += stride(from: 0, to: requests.count, by: Self.wrappedShare)
        .map { requests[$0].wrapped(in: format) }
    }
    let guarded = rows.benign + builtIn.benign
    self.guarded = guarded
    restated = stride(from: 0, to: guarded.count, by: Self.restatedShare).compactMap { index in
      guard let opening = Restatement.opening(for: guarded[index].prompt) else { return nil }
      var row = guarded[index]
      (row.response, row.isComplete) = (opening, false)
      return row
    }
    set.benign = Self.balanced(rows.benign, builtIn.benign)
  }
}

extension LearningRows {
  /// Both kinds of rows, the fewer ones repeated until they are as many as the others.
  private static func balanced(_ own: [CalibrationRow], _ other: [CalibrationRow])
    -> [CalibrationRow]
  {
    guard !own.isEmpty, own.count < other.count else { return own + other }
    return (0..<other.count).map { own[$0 % own.count] } + other
  }
}

extension CalibrationRow {
  /// The same request in a task's format.
  func wrapped(in format: TaskFormat) -> CalibrationRow {
    var row = self
    row.prompt = format.wrap(prompt)
    return row
  }
}
