/// What is wrong with something the user gave: a file, an option, a folder.
///
/// Every message names the file, the place in it, what was expected, what was found and, where it
/// is known, the fix. Programmer errors never use this type; they trap.
public struct InputError: Error, Sendable, Equatable {
  /// The class of failure, which decides the exit code of the program.
  public enum Kind: Int32, Sendable {
    /// The request itself makes no sense: options that contradict each other.
    case usage = 64
    /// The input exists but breaks its format, or uses something that is not supported.
    case malformed = 65
    /// The input, or a file that belongs to it, does not exist or may not be read.
    case missing = 66
    /// The output cannot be created.
    case cannotCreate = 73
    /// Reading or writing failed part way.
    case inputOutput = 74
  }

  /// The class of failure.
  public var kind: Kind
  /// The file or folder concerned.
  public var file: String
  /// Where in the file: an offset, a line, a key, a tensor. Empty when the file as a whole is meant.
  public var place: String
  /// What should have been there.
  public var expected: String
  /// What was there instead.
  public var found: String
  /// What the user can do about it, if that is known.
  public var fix: String?

  /// Describes one failure; `kind` is malformed input unless said otherwise.
  public init(
    _ kind: Kind = .malformed, file: String, place: String = "", expected: String, found: String,
    fix: String? = nil
  ) {
    self.kind = kind
    self.file = file
    self.place = place
    self.expected = expected
    self.found = found
    self.fix = fix
  }
}

extension InputError: CustomStringConvertible {
  /// One line: `FILE, PLACE: expected …, found …. Fix: …`.
  public var description: String {
    let location = place.isEmpty ? file : "\(file), \(place)"
    let message = "\(location): expected \(expected), found \(found)"
    return fix.map { "\(message). Fix: \($0)" } ?? message
  }
}
