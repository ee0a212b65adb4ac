import FormatIO
import Glibc

/// Where text goes: results to stdout, everything else to stderr.
///
/// Colour is used only on a terminal, and not when `NO_COLOR` is set or `TERM` is `dumb`.
struct Console: Sendable {
  /// How much is said on stderr. Errors and warnings are always shown.
  enum Level: Int, Comparable, Sendable {
    case quiet
    case normal
    case verbose

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// One of the two output streams of the program.
  enum Stream: Int32, Sendable {
    case output = 1
    case messages = 2
  }

  /// A way to stress text, with its ANSI code.
  enum Style: String, Sendable {
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  /// How much is said on stderr.
  let level: Level

  init(level: Level = .normal) {
    self.level = level
  }

  // MARK: Messages

  /// Starts a part of the run with a title.
  func section(_ title: String) {
    guard level >= .normal else { return }
    write("\n" + styled(title.printable, .bold, on: .messages) + "\n")
  }

  /// Says something most people want to know. May have several lines.
  func message(_ text: String) {
    guard level >= .normal else { return }
    write(text + "\n")
  }

  /// Says something only `--verbose` shows.
  func detail(_ text: String) {
    guard level >= .verbose else { return }
    write(styled(text, .dim, on: .messages) + "\n")
  }

  /// Warns, even with `--quiet`.
  func warning(_ text: String) {
    write(styled("Warning:", .yellow, on: .messages) + " " + text.printable + "\n")
  }

  /// Says why the program stops, in one line.
  func error(_ text: String) {
    write(styled("Error:", .red, on: .messages) + " " + text.printable + "\n")
  }

  // MARK: Results

  /// Prints a result on stdout and a line end.
  ///
  /// - Throws: `InputError` when stdout cannot take it, for example on a full disk.
  func result(_ text: String) throws {
    try Console.write(text + "\n", to: .output)
  }

  /// Prints a result that ends its lines itself.
  ///
  /// - Throws: `InputError` when stdout cannot take it.
  func text(_ text: String) throws {
    try Console.write(text, to: .output)
  }

  // MARK: Streams

  /// The text with a colour if the stream is one for people to read.
  func styled(_ text: String, _ style: Style, on stream: Stream) -> String {
    guard Console.hasColour(stream) else { return text }
    return "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
  }

  /// Whether the stream ends on a terminal.
  static func isTerminal(_ stream: Stream) -> Bool {
    isatty(stream.rawValue) == 1
  }

  /// The width of the terminal in columns; 80 where there is none.
  static func width(of stream: Stream) -> Int {
    var size = winsize()
    guard ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes text as it is to stderr. A failure has nowhere to be told and is passed over.
  func write(_ text: String) {
    try? Console.write(text, to: .messages)
  }

  private static func hasColour(_ stream: Stream) -> Bool {
    isTerminal(stream) && environment("NO_COLOR").isEmpty && environment("TERM") != "dumb"
  }

  private static func environment(_ name: String) -> String {
    getenv(name).map { String(cString: $0) } ?? ""
  }

  private static func write(_ text: String, to stream: Stream) throws {
    var remaining = Array(text.utf8)[...]
    while !remaining.isEmpty {
      let count = remaining.withUnsafeBytes {
        Glibc.write(stream.rawValue, $0.baseAddress, $0.count)
      }
      if count >= 0 {
        remaining = remaining.dropFirst(count)
      } else if errno != EINTR {
        throw InputError(
          .inputOutput, file: stream == .output ? "standard output" : "standard error",
          expected: "to write \(remaining.count) more bytes",
          found: String(cString: strerror(errno)))
      }
    }
  }
}

extension String {
  /// The text with control characters written as escapes.
  ///
  /// Names and messages may come from hostile files: none of them may move the cursor, change
  /// colours, start a new line or reorder what is shown.
  var printable: String {
    var safe = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
        safe += "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars
      default: safe.append(scalar)
      }
    }
    return String(safe)
  }
}
