extension Jinja {
  /// Makes statements of tokens, by recursive descent; `ExpressionParser.swift` has the expressions.
  struct Parser {
    private let tokens: [Token]
    private var position = 0
    private var nesting = 0
    private var loops = 0

    /// The statements of a template.
    ///
    /// - Throws: `Fault` with the line of the first thing that is out of place.
    static func statements(of text: String) throws -> [Statement] {
      var parser = Parser(tokens: try Lexer.tokens(of: text))
      do {
        return try parser.body(until: []).statements
      } catch var fault as Fault {
        fault.line = fault.line ?? parser.line
        throw fault
      }
    }

    private init(tokens: [Token]) { self.tokens = tokens }

    // MARK: Tokens

    var current: Token.Kind { tokens[position].kind }
    var following: Token.Kind { tokens[min(position + 1, tokens.count - 1)].kind }
    var line: Int { tokens[position].line }

    mutating func advance() { position = min(position + 1, tokens.count - 1) }

    mutating func skip(_ kind: Token.Kind) -> Bool {
      guard current == kind else { return false }
      advance()
      return true
    }

    mutating func skip(symbol: String) -> Bool { skip(.symbol(symbol)) }

    mutating func skip(word: String) -> Bool { skip(.name(word)) }

    mutating func expect(_ kind: Token.Kind) throws {
      guard skip(kind) else { throw unexpected(Self.describe(kind)) }
    }

    mutating func expectName() throws -> String {
      guard case .name(let name) = current else { throw unexpected("a name") }
      advance()
      return name
    }

    func unexpected(
      _ expected: String, instead token: Token.Kind? = nil, line: Int? = nil
    ) -> Fault {
      Fault(line: line ?? self.line, expected, found: Self.describe(token ?? current))
    }

    private static func describe(_ kind: Token.Kind) -> String {
      switch kind {
      case .text: "text"
      case .outputStart: "{{"
      case .outputEnd: "}}"
      case .tagStart: "{%"
      case .tagEnd: "%}"
      case .name(let name): "\"\(name)\""
      case .string: "a text in quotes"
      case .integer, .real: "a number"
      case .symbol(let symbol): "\"\(symbol)\""
      case .end: "the end"
      }
    }

    /// Goes one level deeper.
    mutating func nested<Result>(_ parse: (inout Parser) throws -> Result) throws -> Result {
      guard nesting < Limits.nesting else {
        throw Fault.beyond(Limits.nesting, "expressions and tags within each other")
      }
      nesting += 1
      defer { nesting -= 1 }
      return try parse(&self)
    }

    // MARK: Statements

    /// Reads up to a tag that begins with one of these words, and over the word.
    ///
    /// - Returns: the statements and the word; an empty one for the end of the template, which is
    ///   the end of what ends with no word.
    private mutating func body(until ends: Set<String>) throws
      -> (statements: [Statement], end: String)
    {
      try nested { parser in try parser.readBody(until: ends) }
    }

    private mutating func readBody(until ends: Set<String>) throws
      -> (statements: [Statement], end: String)
    {
      var statements: [Statement] = []
      while true {
        let line = line
        switch current {
        case .text(let text):
          advance()
          statements.append(Statement(kind: .text(text), line: line))
        case .outputStart:
          advance()
          statements.append(Statement(kind: .output(try tupleOrExpression()), line: line))
          try expect(.outputEnd)
        case .tagStart:
          advance()
          guard case .name(let name) = current else { throw unexpected("the name of a tag") }
          advance()
          if ends.contains(name) { return (statements, name) }
          guard let parse = Self.tags[name] else {
            throw Fault(
              line: line, ends.isEmpty ? "a tag that is known here" : Self.list(ends),
              found: "{% \(name) %}")
          }
          statements.append(Statement(kind: try parse(&self), line: line))
          try expect(.tagEnd)
        default:
          guard ends.isEmpty else {
            throw Fault(line: line, Self.list(ends), found: Self.describe(current))
          }
          return (statements, "")
        }
      }
    }

    private static func list(_ ends: Set<String>) -> String {
      ends.sorted().map { "{% \($0) %}" }.joined(separator: " or ")
    }

    /// Reads a body up to this word; the tag's end is next.
    private mutating func body(_ end: String) throws -> [Statement] {
      try expect(.tagEnd)
      return try body(until: [end]).statements
    }

    private typealias Parse = @Sendable (inout Parser) throws -> Statement.Kind

    /// How the rest of each tag is read, after its name and before its end.
    private static let tags: [String: Parse] = [
      "if": { try $0.branches() },
      "for": { try $0.loop() },
      "set": { try $0.set() },
      "macro": { parser in
        let name = try parser.expectName()
        return .macro(try parser.macro(name, end: "endmacro"))
      },
      "call": { parser in
        // Parameters of the body stand right after the word.
        let parameters = parser.current == .symbol("(") ? try parser.parameters() : []
        let call = try parser.expression()
        guard case .call = call.kind else { throw parser.unexpected("a call of a macro") }
        let body = try parser.macroBody("endcall")
        return .call(call, body: Macro(name: "caller", parameters: parameters, body: body))
      },
      "filter": { parser in
        var filters = [try parser.filterCall()]
        filters += try parser.filterCalls()
        return .filter(filters, body: try parser.body("endfilter"))
      },
      "generation": { .scope([], body: try $0.body("endgeneration")) },
      "with": { parser in
        var values: [(Target, Expression)] = []
        while parser.current != .tagEnd {
          if !values.isEmpty { try parser.expect(.symbol(",")) }
          let target = try parser.target()
          try parser.expect(.symbol("="))
          values.append((target, try parser.expression()))
        }
        return .scope(values, body: try parser.body("endwith"))
      },
      "break": { try $0.leaveLoop(.breakLoop, "break") },
      "continue": { try $0.leaveLoop(.continueLoop, "continue") },
    ]

    private mutating func branches() throws -> Statement.Kind {
      var branches: [Branch] = []
      while true {
        let condition = try tupleOrExpression(allowsConditional: false)
        try expect(.tagEnd)
        let (body, end) = try body(until: ["elif", "else", "endif"])
        branches.append(Branch(condition: condition, body: body))
        switch end {
        case "elif": continue
        case "else": return .branches(branches, otherwise: try self.body("endif"))
        default: return .branches(branches, otherwise: [])
        }
      }
    }

    private mutating func loop() throws -> Statement.Kind {
      let target = try targets(end: .name("in"))
      try expect(.name("in"))
      let elements = try tupleOrExpression(allowsConditional: false)
      let filter = skip(word: "if") ? try expression() : nil
      if current == .name("recursive") {
        throw Fault(line: line, "a loop that does not call itself", found: "\"recursive\"")
      }
      try expect(.tagEnd)
      loops += 1
      let (body, end) = try body(until: ["else", "endfor"])
      loops -= 1
      let otherwise = end == "else" ? try self.body("endfor") : []
      return .loop(
        Loop(
          target: target, elements: elements, filter: filter, body: body, otherwise: otherwise))
    }

    private mutating func set() throws -> Statement.Kind {
      let target = try targets(end: .symbol("="))
      if skip(symbol: "=") { return .set(target, try tupleOrExpression()) }
      let filters = try filterCalls()
      return .setBlock(target, filters: filters, body: try body("endset"))
    }

    private mutating func macro(_ name: String, end: String) throws -> Macro {
      let parameters = try parameters()
      return Macro(name: name, parameters: parameters, body: try macroBody(end))
    }

    /// A loop around a macro is not one that the macro could leave.
    private mutating func macroBody(_ end: String) throws -> [Statement] {
      let outer = loops
      loops = 0
      defer { loops = outer }
      return try body(end)
    }

    private mutating func parameters() throws -> [(name: String, value: Expression?)] {
      try expect(.symbol("("))
      var parameters: [(name: String, value: Expression?)] = []
      while !skip(symbol: ")") {
        if !parameters.isEmpty { try expect(.symbol(",")) }
        let name = try expectName()
        let value = skip(symbol: "=") ? try expression() : nil
        if value == nil, parameters.last?.value != nil {
          throw unexpected("a default for \(name), as for the parameter before it")
        }
        parameters.append((name, value))
      }
      return parameters
    }

    private mutating func leaveLoop(_ flow: Flow, _ name: String) throws -> Statement.Kind {
      guard loops > 0 else { throw Fault("a loop around {% \(name) %}", found: "none") }
      return .leaveLoop(flow)
    }

    // MARK: Targets

    /// One target, or several with commas between them, up to a token that is not read.
    private mutating func targets(end: Token.Kind) throws -> Target {
      var targets = [try target()]
      var isTuple = false
      while skip(symbol: ",") {
        isTuple = true
        if current == end { break }
        targets.append(try target())
      }
      return isTuple ? .tuple(targets) : targets[0]
    }

    private mutating func target() throws -> Target {
      if skip(symbol: "(") {
        let target = try nested { try $0.targets(end: .symbol(")")) }
        try expect(.symbol(")"))
        return target
      }
      let name = try expectName()
      if skip(symbol: ".") { return .attribute(of: name, Characters(try expectName())) }
      guard Self.constant(name) == nil else {
        throw Fault("a name that can be set", found: "\"\(name)\"")
      }
      return .name(name)
    }
  }
}
