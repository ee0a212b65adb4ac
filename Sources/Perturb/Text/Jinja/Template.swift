internal import FormatIO

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
          statements, variables: Swift.Dictionary(values) { $1 })
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
