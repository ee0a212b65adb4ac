/// One line on stderr that says how far a phase is, how fast it goes and how long it will take.
///
/// On a terminal the line is redrawn in place, at most ten times a second. Elsewhere (a log file, a
/// pipe) a line is printed for each tenth of the work. With `--quiet` nothing is printed.
struct ProgressLine {
  /// How the progress is shown.
  enum Mode: Equatable {
    case silent
    /// Redrawn in place and cut to this many columns.
    case redrawn(width: Int)
    case logged
  }

  /// What is being done, for example `learning`.
  let title: String
  /// How many units there are in all.
  let total: Int
  /// What is counted, in the plural, for example `steps`.
  let unit: String

  /// How many were done before the line began; they took none of its time.
  let already: Int

  private let console: Console
  private let mode: Mode
  private let start = ContinuousClock.now
  private var lastDrawn: Duration?
  private var lastTenth = 0

  init(
    _ title: String, total: Int, already: Int = 0, unit: String, console: Console,
    mode: Mode? = nil
  ) {
    self.title = title
    self.already = already
    lastTenth = total > 0 ? already * 10 / total : 0
    self.total = total
    self.unit = unit
    self.console = console
    self.mode = mode ?? ProgressLine.mode(for: console)
  }

  /// Shows that so many units are done; `note` carries figures such as losses.
  mutating func update(_ completed: Int, note: String = "") {
    console.write(output(completed, note: note, elapsed: .now - start))
  }

  /// Leaves the line on the terminal as it is and moves on to the next one.
  mutating func finish() {
    if case .redrawn = mode, lastDrawn != nil { console.write("\n") }
    lastDrawn = nil
  }

  /// The bytes to print for this update, empty when it is too early for another one.
  mutating func output(_ completed: Int, note: String, elapsed: Duration) -> String {
    switch mode {
    case .silent: return ""
    case .redrawn(let width):
      if let lastDrawn, completed < total, elapsed - lastDrawn < .milliseconds(100) { return "" }
      lastDrawn = elapsed
      let line = text(completed, note: note, elapsed: elapsed).prefix(max(width - 1, 1))
      return "\r\u{1B}[2K\(line)"
    case .logged:
      let tenth = total > 0 ? completed * 10 / total : 10
      guard tenth > lastTenth else { return "" }
      lastTenth = tenth
      return text(completed, note: note, elapsed: elapsed) + "\n"
    }
  }

  /// The line: `learning 40/200 steps (20 %), 2.0 steps/s, 1 min 20 s left, NOTE`.
  func text(_ completed: Int, note: String, elapsed: Duration) -> String {
    let share = total > 0 ? completed * 100 / total : 100
    var parts = ["\(title) \(completed)/\(total) \(unit) (\(share) %)"]
    let seconds = elapsed / .seconds(1)
    if completed > already, seconds > 0 {
      let rate = Double(completed - already) / seconds
      parts.append(Quantity.decimal(rate, places: rate < 100 ? 1 : 0) + " \(unit)/s")
      if completed < total {
        let left = Duration.seconds(Double(total - completed) / rate)
        parts.append(Quantity.duration(left) + " left")
      } else {
        parts.append("took " + Quantity.duration(elapsed))
      }
    }
    if !note.isEmpty { parts.append(note) }
    return parts.joined(separator: ", ").printable
  }

  private static func mode(for console: Console) -> Mode {
    if console.level == .quiet { return .silent }
    guard Console.isTerminal(.messages) else { return .logged }
    return .redrawn(width: Console.width(of: .messages))
  }
}

/// A progress line that counts bytes, shown in megabytes.
struct ByteProgress {
  private var line: ProgressLine
  private var done = 0

  init(_ title: String, total: Int, console: Console) {
    line = ProgressLine(
      title, total: max(1, total / ByteProgress.unit), unit: "MB", console: console)
  }

  private static let unit = 1_000_000

  /// So many bytes more are done.
  mutating func advance(by count: Int) {
    let before = done / ByteProgress.unit
    done += count
    if done / ByteProgress.unit > before { line.update(done / ByteProgress.unit) }
  }

  /// Moves on to the next line.
  mutating func finish() { line.finish() }
}
