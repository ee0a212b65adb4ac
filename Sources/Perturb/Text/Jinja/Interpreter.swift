extension Jinja {
  /// Functions that every template has.
  enum Globals {
    static let all: [String: Operation] = [
      "range": Operation(["start", "stop", "step"]) { _, call in
        let start = call[1] == nil ? 0 : try call.integer(0)
        let stop = try call.integer(call[1] == nil ? 0 : 1)
        let step = try call.integer(2, default: 1)
        guard step != 0 else { throw Fault("a step other than 0", found: "0") }
        let most = Limits.size / 8
        let numbers = Array(stride(from: start, to: stop, by: step).prefix(most))
        guard numbers.count < most else { throw Fault.beyond(most, "numbers in a range") }
        return .list(try List(numbers.map { .integer($0) }, kind: .range))
      },
      "dict": Operation(nil) { _, call in .dictionary(try Mapping(pairs(call.given))) },
      "namespace": Operation(nil) { _, call in
        let pairs = try pairs(call.given).map { (try $0.key.requireText(), $0.value) }
        for (_, value) in pairs { try Namespace.requirePlain(value) }
        return .namespace(Namespace(Dictionary(pairs) { $1 }))
      },
      "raise_exception": Operation(["message"]) { _, call in
        throw Fault(
          "a conversation that the template takes", found: try call.value(0).printed().string)
      },
    ]

    /// The pairs of a dictionary, if one is given, and those given by name.
    private static func pairs(_ arguments: Arguments) throws -> [(key: Value, value: Value)] {
      guard arguments.places.count <= 1 else {
        throw Fault("at most 1 argument without a name", found: "\(arguments.places.count)")
      }
      let first = try arguments.places.first?.requireDictionary()
      return zip(first?.keys ?? [], first?.values ?? []).map { (key: $0, value: $1) }
        + arguments.names.map { (key: .text($0.name), value: $0.value) }
    }
  }

  /// Runs statements.
  struct Interpreter {
    /// Variables; a name not found here is looked for in the parent.
    private final class Scope {
      var variables: [String: Value] = [:]
      let parent: Scope?

      init(in parent: Scope?) { self.parent = parent }

      func find(_ name: String) -> Value? {
        var scope: Scope? = self
        while let current = scope {
          if let value = current.variables[name] { return value }
          scope = current.parent
        }
        return nil
      }
    }

    private var output: Characters = []
    private var scope: Scope
    /// Macros by number, with the variables around them: values that held those would be circles.
    private var macros: [(macro: Macro, scope: Scope)] = []
    private var steps = 0
    private var depth = 0
    private var line = 1

    /// What the statements write.
    ///
    /// - Throws: `Fault` with the line of the expression that failed.
    static func run(_ statements: [Statement], variables: [String: Value]) throws -> String {
      var interpreter = Interpreter(variables)
      do {
        _ = try interpreter.execute(statements)
      } catch var fault as Fault {
        fault.line = fault.line ?? interpreter.line
        throw fault
      }
      return interpreter.output.string
    }

    private init(_ variables: [String: Value]) {
      let globals = Scope(in: nil)
      globals.variables = Dictionary(
        uniqueKeysWithValues: Globals.all.map { name, body in
          (name, .function(Function(name, .global(body))))
        })
      scope = Scope(in: globals)
      scope.variables = variables
    }

    // MARK: Limits

    private mutating func spend(_ count: Int) throws {
      steps += count
      guard steps <= Limits.steps else { throw Fault.beyond(Limits.steps, "steps") }
    }

    /// A new value, paid for by its size.
    private mutating func made(_ value: Value) throws -> Value {
      try spend(value.size / 8)
      return value
    }

    private mutating func deeper<Result>(
      _ body: (inout Interpreter) throws -> Result
    ) throws -> Result {
      guard depth < Limits.depth else {
        throw Fault.beyond(Limits.depth, "statements and expressions within each other")
      }
      depth += 1
      defer { depth -= 1 }
      return try body(&self)
    }

    private mutating func write(_ text: Characters) throws {
      guard text.count <= Limits.output - output.count else {
        throw Fault.beyond(Limits.output, "characters of output")
      }
      try spend(text.count / 8)
      output += text
    }

    // MARK: Statements

    private mutating func execute(_ statements: [Statement]) throws -> Flow {
      try deeper { interpreter in
        for statement in statements {
          try interpreter.spend(1)
          interpreter.line = statement.line
          let flow = try interpreter.execute(statement)
          if flow != .next { return flow }
        }
        return .next
      }
    }

    private mutating func execute(_ statement: Statement) throws -> Flow {
      switch statement.kind {
      case .text(let text): try write(text)
      case .output(let expression): try write(evaluate(expression).printed())
      case .branches(let branches, let otherwise):
        for branch in branches where try evaluate(branch.condition).isTrue {
          return try execute(branch.body)
        }
        return try execute(otherwise)
      case .loop(let loop): return try execute(loop)
      case .set(let target, let expression): try assign(evaluate(expression), to: target)
      case .setBlock(let target, let filters, let body):
        try assign(filtered(filters, body), to: target)
      case .macro(let macro): scope.variables[macro.name] = define(macro)
      case .call(let expression, let body): try write(call(expression, body).printed())
      case .filter(let filters, let body): try write(filtered(filters, body).requireText())
      case .scope(let values, let body):
        let values = try values.map { ($0.target, try evaluate($0.value)) }
        return try inScope(of: scope) { interpreter in
          for (target, value) in values { try interpreter.assign(value, to: target) }
          return try interpreter.execute(body)
        }
      case .leaveLoop(let flow): return flow
      }
      return .next
    }

    /// With new variables whose parents are those of `parent`.
    private mutating func inScope<Result>(
      of parent: Scope, _ body: (inout Interpreter) throws -> Result
    ) throws -> Result {
      let outer = scope
      scope = Scope(in: parent)
      defer { scope = outer }
      return try body(&self)
    }

    /// What the body writes.
    private mutating func captured(_ body: (inout Interpreter) throws -> Void) throws -> Value {
      let outer = output
      output = []
      defer { output = outer }
      try body(&self)
      try spend(output.count / 8)
      return .text(output)
    }

    private mutating func filtered(_ filters: [FilterCall], _ body: [Statement]) throws -> Value {
      let text = try captured { interpreter in
        try interpreter.inScope(of: interpreter.scope) { _ = try $0.execute(body) }
      }
      return try filters.reduce(text) { value, filter in
        try apply(filter.name, to: value, filter.arguments)
      }
    }

    private mutating func execute(_ loop: Loop) throws -> Flow {
      var elements = try evaluate(loop.elements).elements()
      try spend(elements.count)
      if let filter = loop.filter {
        elements = try elements.filter { element in
          try inScope(of: scope) { interpreter in
            try interpreter.assign(element, to: loop.target)
            return try interpreter.evaluate(filter).isTrue
          }
        }
      }
      guard !elements.isEmpty else {
        return try inScope(of: scope) { try $0.execute(loop.otherwise) }
      }
      let state = LoopState(elements)
      for (index, element) in elements.enumerated() {
        state.index = index
        let flow = try inScope(of: scope) { interpreter in
          interpreter.scope.variables["loop"] = .loop(state)
          try interpreter.assign(element, to: loop.target)
          return try interpreter.execute(loop.body)
        }
        if flow == .breakLoop { break }
      }
      return .next
    }

    private mutating func assign(_ value: Value, to target: Target) throws {
      switch target {
      case .name(let name): scope.variables[name] = value
      case .attribute(let name, let attribute):
        guard case .namespace(let namespace)? = scope.find(name) else {
          throw Fault("a namespace to set an attribute of", found: scope.find(name)?.kind ?? name)
        }
        try Namespace.requirePlain(value)
        namespace[attribute] = value
      case .tuple(let targets):
        let elements = try value.elements()
        guard elements.count == targets.count else {
          throw Fault("\(targets.count) values to unpack", found: "\(elements.count)")
        }
        for (element, target) in zip(elements, targets) { try assign(element, to: target) }
      }
    }

    // MARK: Calls

    private mutating func define(_ macro: Macro) -> Value {
      macros.append((macro, scope))
      return .function(Function(macro.name, .macro(macros.count - 1)))
    }

    /// Calls a macro that may call the body.
    private mutating func call(_ expression: Expression, _ body: Macro) throws -> Value {
      guard case .call(let callee, let arguments) = expression.kind else { return .none }
      var given = try evaluate(arguments)
      given.names.append(("caller", define(body)))
      return try call(evaluate(callee), given)
    }

    private mutating func call(_ value: Value, _ arguments: Arguments) throws -> Value {
      guard case .function(let function) = value else {
        throw Fault("something to call", found: value.kind)
      }
      try spend(arguments.size / 8)
      switch function.kind {
      case .global(let body): return try made(body(.none, arguments, name: function.name))
      case .method(let body, let receiver):
        try spend(receiver.size / 8)
        return try made(body(receiver, arguments, name: function.name))
      case .macro(let number):
        let (macro, around) = macros[number]
        return try call(macro, arguments, around)
      }
    }

    private mutating func call(_ macro: Macro, _ arguments: Arguments, _ around: Scope) throws
      -> Value
    {
      var arguments = arguments
      let caller = macro.parameters.contains { $0.name == "caller" } ? nil : arguments["caller"]
      if caller != nil { arguments.names.removeAll { $0.name == "caller" } }
      let values = try arguments.bound(to: macro.parameters.map(\.name), of: macro.name)
      return try inScope(of: around) { interpreter in
        interpreter.scope.variables["caller"] = caller
        for (parameter, value) in zip(macro.parameters, values) {
          interpreter.scope.variables[parameter.name] =
            try value ?? parameter.value.map { try interpreter.evaluate($0) }
            ?? .undefined(parameter.name)
        }
        return try interpreter.captured { _ = try $0.execute(macro.body) }
      }
    }

    private mutating func evaluate(_ arguments: [Argument]) throws -> Arguments {
      var values = Arguments()
      for argument in arguments {
        let value = try evaluate(argument.value)
        if let name = argument.name {
          values.names.append((name, value))
        } else {
          values.places.append(value)
        }
      }
      return values
    }

    private mutating func apply(_ filter: String, to value: Value, _ arguments: [Argument]) throws
      -> Value
    {
      let arguments = try evaluate(arguments)
      try spend((value.size + arguments.size) / 8)
      return try made(Filters.apply(filter, to: value, arguments))
    }

    // MARK: Expressions

    private mutating func evaluate(_ expression: Expression) throws -> Value {
      try spend(1)
      let outer = line
      line = expression.line
      let value = try deeper { try $0.evaluate(kind: expression.kind) }
      // What fails next is what this is a part of.
      line = outer
      return value
    }

    private mutating func evaluate(kind: Expression.Kind) throws -> Value {
      switch kind {
      case .literal(let value): return value
      case .name(let name): return scope.find(name) ?? .undefined(name)
      case .list(let elements, let kind):
        return .list(try List(elements.map { try evaluate($0) }, kind: kind))
      case .dictionary(let pairs):
        return try made(
          .dictionary(try Mapping(pairs.map { (try evaluate($0.key), try evaluate($0.value)) })))
      case .attribute(let value, let name): return try evaluate(value).attribute(name)
      case .item(let value, let key):
        let (value, key) = (try evaluate(value), try evaluate(key))
        try spend(key.size / 8)
        return try value.item(key)
      case .slice(let value, let start, let stop, let step):
        let value = try evaluate(value)
        try spend(value.size / 8)
        return try value.slice(
          start.map { try evaluate($0) }, stop.map { try evaluate($0) },
          step.map { try evaluate($0) })
      case .call(let callee, let arguments):
        let function = try evaluate(callee)
        return try call(function, evaluate(arguments))
      case .filter(let value, let name, let arguments):
        return try apply(name, to: evaluate(value), arguments)
      case .test(let value, let name, let arguments):
        let (value, arguments) = (try evaluate(value), try evaluate(arguments))
        try spend((value.size + arguments.size) / 8)
        return .boolean(try Tests.holds(name, for: value, arguments))
      case .negative(let operand):
        let value = try evaluate(operand)
        if case .real(let real) = value { return .real(-real) }
        return try Arithmetic.subtract.apply(.integer(0), value)
      case .positive(let operand):
        return try Arithmetic.add.apply(.integer(0), evaluate(operand))
      case .not(let operand): return .boolean(!(try evaluate(operand).isTrue))
      case .arithmetic(let operation, let left, let right):
        if operation == .add, left.isMarkedSafe || right.isMarkedSafe {
          // Python would escape the other operand for HTML.
          throw Fault("texts that + can join as they are", found: "one with the filter \"safe\"")
        }
        let (left, right) = (try evaluate(left), try evaluate(right))
        try spend((left.size + right.size) / 8)
        return try made(operation.apply(left, right))
      case .comparison(let first, let parts):
        var left = try evaluate(first)
        for (operation, right) in parts {
          let right = try evaluate(right)
          try spend((left.size + right.size) / 8)
          guard try operation.holds(left, right) else { return .boolean(false) }
          left = right
        }
        return .boolean(true)
      case .and(let left, let right):
        let value = try evaluate(left)
        return value.isTrue ? try evaluate(right) : value
      case .or(let left, let right):
        let value = try evaluate(left)
        return value.isTrue ? value : try evaluate(right)
      case .conditional(let value, let condition, let otherwise):
        if try evaluate(condition).isTrue { return try evaluate(value) }
        return try otherwise.map { try evaluate($0) } ?? .undefined("the value without an else")
      }
    }
  }
}

extension Jinja.Expression {
  /// True for `value|safe`.
  fileprivate var isMarkedSafe: Bool {
    if case .filter(_, "safe", _) = kind { true } else { false }
  }
}

extension Jinja.Namespace {
  /// A namespace within a namespace could hold itself.
  fileprivate static func requirePlain(_ value: Jinja.Value) throws {
    _ = try Jinja.List([value])
  }
}
