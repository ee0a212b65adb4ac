internal import FormatIO

/// The language of Hugging Face chat templates: the part of Jinja that they use.
///
///     text → Lexer → tokens → Parser → syntax tree → Interpreter → text
///
/// What values mean and how they print follows Python, with the settings of transformers'
/// `apply_chat_template`: values cannot be changed in place, and line feeds after tags and white
/// space before them are trimmed. A template comes with a model and is trusted with nothing: it has
/// `Limits`, and every failure is an error.
enum Jinja {}

extension Jinja {
  /// A template that was read and can be rendered.
  struct Template {
    private let statements: [Statement]
    private let file: String

    /// Reads a template; `file` is named in errors.
    ///
    /// - Throws: `InputError` with the line of what is not understood.
    init(_ text: String, file: String) throws {
      self.file = file
      statements = try Self.explaining(file) { try Parser.statements(of: text) }
    }

    /// The text for these variables.
    ///
    /// - Throws: `InputError` with the line of what failed.
    func render(_ variables: JSON) throws -> String {
      try Self.explaining(file) {
        let values = try (variables.object ?? []).map { ($0.key, try Value($0.value)) }
        return try Interpreter.run(
          statements, variables: Dictionary(values) { $1 })
      }
    }

    private static func explaining<Result>(_ file: String, _ body: () throws -> Result) throws
      -> Result
    {
      do {
        return try body()
      } catch let fault as Fault {
        throw InputError(
          file: file, place: fault.line.map { "line \($0) of the chat template" } ?? "",
          expected: fault.expected, found: fault.found,
          fix: "name the format to use with --template")
      }
    }
  }
}
