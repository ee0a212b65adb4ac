extension Jinja.Parser {
  typealias Expression = Jinja.Expression

  /// The value that a name always stands for; nil for variables.
  static func constant(_ name: String) -> Jinja.Value? {
    switch name {
    case "true", "True": .boolean(true)
    case "false", "False": .boolean(false)
    case "none", "None": Jinja.Value.none
    default: nil
    }
  }

  /// An expression that knows how high it is.
  private func make(_ kind: Expression.Kind, over parts: [Expression?], line: Int) throws
    -> Expression
  {
    let height = 1 + parts.reduce(0) { max($0, $1?.height ?? 0) }
    guard height <= Jinja.Limits.nesting else {
      throw Jinja.Fault.beyond(Jinja.Limits.nesting, "expressions within each other")
    }
    return Expression(kind: kind, line: line, height: height)
  }

  private func make(_ value: Jinja.Value, line: Int) -> Expression {
    Expression(kind: .literal(value), line: line, height: 1)
  }

  /// An expression, or several with commas between them.
  mutating func tupleOrExpression(
    allowsConditional: Bool = true, allowsEmpty: Bool = false
  ) throws -> Expression {
    let line = line
    var parts: [Expression] = []
    var isTuple = false
    while !endsTuple {
      parts.append(try allowsConditional ? expression() : nested { try $0.disjunction() })
      guard skip(symbol: ",") else { break }
      isTuple = true
    }
    if !isTuple, let only = parts.first { return only }
    guard !parts.isEmpty || allowsEmpty else { throw unexpected("an expression") }
    return try make(.list(parts, .tuple), over: parts, line: line)
  }

  private var endsTuple: Bool {
    switch current {
    case .outputEnd, .tagEnd, .symbol(")"): true
    default: false
    }
  }

  /// `value if condition else other`, which binds weakest.
  mutating func expression() throws -> Expression {
    try nested { parser in
      let line = parser.line
      var value = try parser.disjunction()
      while parser.skip(word: "if") {
        let condition = try parser.disjunction()
        let otherwise = parser.skip(word: "else") ? try parser.expression() : nil
        value = try parser.make(
          .conditional(value, condition: condition, otherwise: otherwise),
          over: [value, condition, otherwise], line: line)
      }
      return value
    }
  }

  private mutating func disjunction() throws -> Expression {
    var left = try conjunction()
    while current == .name("or") {
      let line = line
      advance()
      let right = try conjunction()
      left = try make(.or(left, right), over: [left, right], line: line)
    }
    return left
  }

  private mutating func conjunction() throws -> Expression {
    var left = try negation()
    while current == .name("and") {
      let line = line
      advance()
      let right = try negation()
      left = try make(.and(left, right), over: [left, right], line: line)
    }
    return left
  }

  private mutating func negation() throws -> Expression {
    let line = line
    guard skip(word: "not") else { return try comparison() }
    let operand = try nested { try $0.negation() }
    return try make(.not(operand), over: [operand], line: line)
  }

  private mutating func comparison() throws -> Expression {
    let line = line
    let left = try arithmetic(level: 0)
    var parts: [(operation: Jinja.Comparison, right: Expression)] = []
    while let operation = comparisonOperation {
      advance()
      if operation == .isNotIn { advance() }
      parts.append((operation, try arithmetic(level: 0)))
    }
    if parts.isEmpty { return left }
    return try make(.comparison(left, parts), over: [left] + parts.map(\.right), line: line)
  }

  private var comparisonOperation: Jinja.Comparison? {
    switch current {
    case .symbol(let symbol): Jinja.Comparison(rawValue: symbol)
    case .name("in"): .isIn
    case .name("not") where following == .name("in"): .isNotIn
    default: nil
    }
  }

  /// Operators from those that bind weakest; all of them group from the left.
  private static let levels: [Set<Jinja.Arithmetic>] = [
    [.add, .subtract], [.join], [.multiply, .divide, .floorDivide, .remainder], [.power],
  ]

  private mutating func arithmetic(level: Int) throws -> Expression {
    guard level < Self.levels.count else { return try signed() }
    var left = try arithmetic(level: level + 1)
    while case .symbol(let symbol) = current, let operation = Jinja.Arithmetic(rawValue: symbol),
      Self.levels[level].contains(operation)
    {
      let line = line
      advance()
      let right = try arithmetic(level: level + 1)
      left = try make(.arithmetic(operation, left, right), over: [left, right], line: line)
    }
    return left
  }

  /// A sign binds stronger than a filter: `-1|abs` is 1.
  private mutating func signed(allowsFilters: Bool = true) throws -> Expression {
    let line = line
    var value: Expression
    if skip(symbol: "-") {
      let operand = try nested { try $0.signed(allowsFilters: false) }
      value = try make(.negative(operand), over: [operand], line: line)
    } else if skip(symbol: "+") {
      let operand = try nested { try $0.signed(allowsFilters: false) }
      value = try make(.positive(operand), over: [operand], line: line)
    } else {
      value = try primary()
    }
    value = try withParts(value)
    return allowsFilters ? try withFilters(value) : value
  }

  private mutating func primary() throws -> Expression {
    let line = line
    let token = current
    advance()
    switch token {
    case .name(let name):
      if let constant = Self.constant(name) { return make(constant, line: line) }
      return try make(.name(name), over: [], line: line)
    case .string(var text):
      while case .string(let more) = current {
        text += more
        advance()
      }
      return make(.text(text), line: line)
    case .integer(let value): return make(.integer(value), line: line)
    case .real(let value): return make(.real(value), line: line)
    case .symbol("("):
      let inner = try nested { try $0.tupleOrExpression(allowsEmpty: true) }
      try expect(.symbol(")"))
      return inner
    case .symbol("["):
      var elements: [Expression] = []
      while !skip(symbol: "]") {
        if !elements.isEmpty {
          try expect(.symbol(","))
          if skip(symbol: "]") { break }
        }
        elements.append(try expression())
      }
      return try make(.list(elements, .list), over: elements, line: line)
    case .symbol("{"):
      var pairs: [(key: Expression, value: Expression)] = []
      while !skip(symbol: "}") {
        if !pairs.isEmpty {
          try expect(.symbol(","))
          if skip(symbol: "}") { break }
        }
        let key = try expression()
        try expect(.symbol(":"))
        pairs.append((key, try expression()))
      }
      return try make(
        .dictionary(pairs), over: pairs.flatMap { [$0.key, $0.value] }, line: line)
    default:
      throw unexpected("an expression", instead: token, line: line)
    }
  }

  // MARK: What may follow a value

  /// `.name`, `[place]`, `[from:to:step]` and `(arguments)`.
  private mutating func withParts(_ start: Expression) throws -> Expression {
    var value = start
    while true {
      let line = line
      if skip(symbol: ".") {
        if case .integer(let place) = current {
          advance()
          let index = make(.integer(place), line: line)
          value = try make(.item(value, index), over: [value], line: line)
        } else {
          value = try make(.attribute(value, try expectName()), over: [value], line: line)
        }
      } else if skip(symbol: "[") {
        value = try subscripted(value, line: line)
      } else if current == .symbol("(") {
        value = try called(value)
      } else {
        return value
      }
    }
  }

  private mutating func subscripted(_ value: Expression, line: Int) throws -> Expression {
    let start = current == .symbol(":") ? nil : try expression()
    if let start, skip(symbol: "]") {
      return try make(.item(value, start), over: [value, start], line: line)
    }
    try expect(.symbol(":"))
    var bounds: [Expression?] = []
    for _ in 0..<2 {
      let isGiven = current != .symbol(":") && current != .symbol("]")
      bounds.append(isGiven ? try expression() : nil)
      guard skip(symbol: ":") else { break }
    }
    try expect(.symbol("]"))
    let (stop, step) = (bounds[0], bounds.count > 1 ? bounds[1] : nil)
    return try make(
      .slice(value, start: start, stop: stop, step: step), over: [value, start, stop, step],
      line: line)
  }

  private mutating func called(_ value: Expression) throws -> Expression {
    let line = line
    let arguments = try arguments()
    return try make(
      .call(value, arguments), over: [value] + arguments.map(\.value), line: line)
  }

  /// `|filter` and `is test`.
  private mutating func withFilters(_ start: Expression) throws -> Expression {
    var value = start
    while true {
      let line = line
      if skip(symbol: "|") {
        let filter = try filterCall()
        value = try make(
          .filter(value, filter.name, filter.arguments),
          over: [value] + filter.arguments.map(\.value), line: line)
      } else if skip(word: "is") {
        value = try tested(value, line: line)
      } else if current == .symbol("(") {
        value = try called(value)
      } else {
        return value
      }
    }
  }

  private mutating func tested(_ value: Expression, line: Int) throws -> Expression {
    let isNegated = skip(word: "not")
    let name = try expectName()
    var arguments: [Jinja.Argument] = []
    if current == .symbol("(") {
      arguments = try self.arguments()
    } else if beginsBareArgument {
      let argument = try nested { parser in try parser.withParts(try parser.primary()) }
      arguments = [Jinja.Argument(name: nil, value: argument)]
    }
    let test = try make(
      .test(value, name, arguments), over: [value] + arguments.map(\.value), line: line)
    return isNegated ? try make(.not(test), over: [test], line: line) : test
  }

  /// True where a test such as `is divisibleby 3` has its argument without brackets.
  private var beginsBareArgument: Bool {
    switch current {
    case .name(let name): !["else", "or", "and", "if", "is", "in", "not"].contains(name)
    case .string, .integer, .real, .symbol("["), .symbol("{"): true
    default: false
    }
  }

  /// A filter's name and arguments; `|` is read already.
  mutating func filterCall() throws -> Jinja.FilterCall {
    let name = try expectName()
    return Jinja.FilterCall(
      name: name, arguments: current == .symbol("(") ? try arguments() : [])
  }

  /// Filters that follow, each with its `|`.
  mutating func filterCalls() throws -> [Jinja.FilterCall] {
    var filters: [Jinja.FilterCall] = []
    while skip(symbol: "|") { filters.append(try filterCall()) }
    return filters
  }

  private mutating func arguments() throws -> [Jinja.Argument] {
    try expect(.symbol("("))
    var arguments: [Jinja.Argument] = []
    while !skip(symbol: ")") {
      if !arguments.isEmpty {
        try expect(.symbol(","))
        if skip(symbol: ")") { break }
      }
      var name: String?
      if case .name(let text) = current, following == .symbol("=") {
        name = text
        advance()
        advance()
      } else if arguments.last?.name != nil {
        throw unexpected("an argument with a name, as the one before it")
      }
      arguments.append(Jinja.Argument(name: name, value: try expression()))
    }
    return arguments
  }
}
