extension Jinja {
  /// What filters, tests, methods and global functions are: something done to a value.
  struct Operation: Sendable {
    /// The parameters by place; nil if any number is taken.
    private let parameters: [String]?
    private let body: @Sendable (Value, Call) throws -> Value

    init(
      _ parameters: [String]? = [], _ body: @escaping @Sendable (Value, Call) throws -> Value
    ) {
      (self.parameters, self.body) = (parameters, body)
    }

    /// Does it; `name` is for messages.
    func callAsFunction(_ value: Value, _ arguments: Arguments, name: String) throws -> Value {
      try body(value, Call(name: name, given: arguments, parameters: parameters))
    }
  }

  /// The values of arguments.
  struct Arguments {
    var places: [Value] = []
    var names: [(name: String, value: Value)] = []

    subscript(name: String) -> Value? { names.last { $0.name == name }?.value }

    var size: Int { places.reduce(0) { $0 + $1.size } + names.reduce(0) { $0 + $1.value.size } }

    /// The arguments by parameter; nil where none is given.
    func bound(to parameters: [String], of name: String) throws -> [Value?] {
      guard places.count <= parameters.count else {
        throw Fault("at most \(parameters.count) arguments of \(name)", found: "\(places.count)")
      }
      var bound: [Value?] = places + Array(repeating: nil, count: parameters.count - places.count)
      for (argument, value) in names {
        guard let place = parameters.firstIndex(of: argument) else {
          throw Fault("an argument that \(name) has", found: "\"\(argument)\"")
        }
        guard bound[place] == nil else {
          throw Fault("each argument of \(name) once", found: "\"\(argument)\" again")
        }
        bound[place] = value
      }
      return bound
    }
  }

  /// The arguments of one call, with the kinds that are asked for.
  struct Call {
    let name: String
    /// As they stand, for what takes any number.
    let given: Arguments
    private let bound: [Value?]

    init(name: String, given: Arguments, parameters: [String]?) throws {
      (self.name, self.given) = (name, given)
      bound = try parameters.map { try given.bound(to: $0, of: name) } ?? given.places
    }

    /// The value at a place; nil if it is not given.
    subscript(place: Int) -> Value? { bound.indices.contains(place) ? bound[place] : nil }

    /// - Throws: `Fault` if the value is not given.
    func value(_ place: Int) throws -> Value {
      guard let value = self[place] else {
        throw Fault("argument \(place + 1) of \(name)", found: "none")
      }
      return value
    }

    func text(_ place: Int) throws -> Characters { try value(place).requireText() }

    func integer(_ place: Int) throws -> Int { try value(place).requireInteger() }

    /// A text that may be missing or none.
    func optionalText(_ place: Int) throws -> Characters? {
      guard let value = self[place], value != .none else { return nil }
      return try value.requireText()
    }

    func integer(_ place: Int, default standard: Int) throws -> Int {
      try self[place]?.requireInteger() ?? standard
    }

    func isTrue(_ place: Int, default standard: Bool = false) -> Bool {
      self[place]?.isTrue ?? standard
    }
  }
}

// MARK: - Kinds that are asked for

extension Jinja.Value {
  func requireText() throws -> Characters {
    guard case .text(let text) = self else { throw Jinja.Fault("a text", found: kind) }
    return text
  }

  func requireInteger() throws -> Int {
    guard let integer else { throw Jinja.Fault("a whole number", found: kind) }
    return integer
  }

  func requireReal() throws -> Double {
    guard let real else { throw Jinja.Fault("a number", found: kind) }
    return real
  }

  func requireDictionary() throws -> Jinja.Mapping {
    guard case .dictionary(let dictionary) = self else {
      throw Jinja.Fault("a dictionary", found: kind)
    }
    return dictionary
  }
}

// MARK: - Operators

extension Jinja.Arithmetic {
  private typealias Value = Jinja.Value

  /// The value of `left operator right`, as Python has it.
  ///
  /// - Throws: `Fault` for kinds that do not go together, for division by zero, and for whole numbers
  ///   beyond 64 bits.
  func apply(_ left: Jinja.Value, _ right: Jinja.Value) throws -> Jinja.Value {
    switch (self, left, right) {
    case (.join, _, _):
      return .text(try Self.join([left.printed(), right.printed()]))
    case (.add, .text(let left), .text(let right)):
      return .text(try Self.join([left, right]))
    case (.add, .list(let left), .list(let right))
    where left.kind == right.kind && (left.kind == .list || left.kind == .tuple):
      return .list(try Jinja.List(left.elements + right.elements, kind: left.kind))
    case (.multiply, .text, _), (.multiply, .list, _): return try Self.times(left, right)
    case (.multiply, _, .text), (.multiply, _, .list): return try Self.times(right, left)
    default: break
    }
    if let left = left.integer, let right = right.integer, self != .divide,
      !(self == .power && right < 0)
    {
      return .integer(try whole(left, right))
    }
    if let left = left.real, let right = right.real { return .real(try real(left, right)) }
    throw Jinja.Fault("operands that \(rawValue) can take", found: "\(left.kind) and \(right.kind)")
  }

  private static func join(_ parts: [Characters]) throws -> Characters {
    var builder = Jinja.TextBuilder()
    for part in parts { try builder.append(part) }
    return builder.characters
  }

  private static func times(_ value: Jinja.Value, _ factor: Jinja.Value) throws -> Jinja.Value {
    let factor = max(try factor.requireInteger(), 0)
    // A text takes 8 for itself, however long it is; what a list takes, each of its copies takes.
    var size = value.size
    if case .text(let text) = value { size = text.count }
    let (total, overflows) = size.multipliedReportingOverflow(by: factor)
    guard !overflows, total <= Jinja.Limits.size else {
      throw Jinja.Fault.beyond(Jinja.Limits.size, "characters in a value")
    }
    switch value {
    case .text(let text): return .text(Characters(repeatElement(text, count: factor).joined()))
    case .list(let list) where list.kind == .list || list.kind == .tuple:
      return .list(
        try Jinja.List(
          Array(repeatElement(list.elements, count: factor).joined()), kind: list.kind))
    default: throw Jinja.Fault("a value that * can repeat", found: value.kind)
    }
  }

  private func whole(_ left: Int, _ right: Int) throws -> Int {
    let (value, overflows): (Int, Bool)
    switch self {
    case .add: (value, overflows) = left.addingReportingOverflow(right)
    case .subtract: (value, overflows) = left.subtractingReportingOverflow(right)
    case .multiply: (value, overflows) = left.multipliedReportingOverflow(by: right)
    case .power: (value, overflows) = Self.power(left, right)
    case .floorDivide, .remainder, .divide, .join:
      guard right != 0 else { throw Jinja.Fault("a divisor other than 0", found: "0") }
      let (quotient, isTooLarge) = left.dividedReportingOverflow(by: right)
      let rest = isTooLarge ? 0 : left % right
      // Python rounds down, and the remainder has the sign of the divisor.
      let isAbove = rest != 0 && (rest < 0) != (right < 0)
      (value, overflows) =
        self == .remainder
        ? (isAbove ? rest + right : rest, false) : (isAbove ? quotient - 1 : quotient, isTooLarge)
    }
    guard !overflows else {
      throw Jinja.Fault("whole numbers of at most 64 bits", found: "\(left) \(rawValue) \(right)")
    }
    return value
  }

  private static func power(_ base: Int, _ exponent: Int) -> (Int, Bool) {
    if (-1...1).contains(base) {
      return (exponent == 0 ? 1 : exponent % 2 == 0 ? base * base : base, false)
    }
    var result = 1
    for _ in 0..<min(exponent, 64) {
      let (product, overflows) = result.multipliedReportingOverflow(by: base)
      if overflows { return (0, true) }
      result = product
    }
    return (result, false)
  }

  private func real(_ left: Double, _ right: Double) throws -> Double {
    switch self {
    case .add: return left + right
    case .subtract: return left - right
    case .multiply: return left * right
    case .power:
      throw Jinja.Fault("** of whole numbers", found: "\(left) ** \(right)")
    case .divide, .floorDivide, .remainder, .join:
      guard right != 0 else { throw Jinja.Fault("a divisor other than 0", found: "0") }
      if self == .divide { return left / right }
      var rest = left.truncatingRemainder(dividingBy: right)
      if rest != 0, (rest < 0) != (right < 0) { rest += right }
      return self == .remainder ? rest : ((left - rest) / right).rounded()
    }
  }
}

extension Jinja.Comparison {
  /// Whether `left operator right` holds.
  ///
  /// - Throws: `Fault` for kinds that have no order or no elements.
  func holds(_ left: Jinja.Value, _ right: Jinja.Value) throws -> Bool {
    switch self {
    case .equal: left == right
    case .unequal: left != right
    case .less: try left.precedes(right)
    case .greater: try right.precedes(left)
    case .lessOrEqual: try left == right || left.precedes(right)
    case .greaterOrEqual: try left == right || right.precedes(left)
    case .isIn: try right.contains(left)
    case .isNotIn: try !right.contains(left)
    }
  }
}

// MARK: - Parts of values

extension Jinja.Value {
  fileprivate func contains(_ value: Jinja.Value) throws -> Bool {
    switch self {
    case .text(let text): try text.contains(value.requireText())
    case .dictionary(let dictionary): dictionary[value] != nil
    default: try elements().contains(value)
    }
  }

  /// `value[key]`; a missing part is undefined.
  ///
  /// - Throws: `Fault` for a part of something undefined.
  func item(_ key: Jinja.Value) throws -> Jinja.Value {
    switch (self, key) {
    case (.undefined, _): throw Jinja.Fault("a value", found: kind)
    case (.dictionary(let dictionary), _):
      if let value = dictionary[key] { return value }
    case (.text(let text), _):
      if let place = Self.place(key, of: text.count) { return .text([text[place]]) }
    case (.list(let list), _) where list.kind != .generator && list.kind != .view:
      if let place = Self.place(key, of: list.elements.count) { return list.elements[place] }
    default: break
    }
    guard case .text(let name) = key else { return .undefined("the element") }
    return try attribute(name.string)
  }

  private static func place(_ key: Jinja.Value, of count: Int) -> Int? {
    guard let index = key.integer else { return nil }
    let place = index < 0 ? index.addingReportingOverflow(count).partialValue : index
    return (0..<count).contains(place) ? place : nil
  }

  /// `value.name`: a method, else an attribute or the member of a dictionary.
  ///
  /// - Throws: `Fault` for a part of something undefined, and for methods that are not built.
  func attribute(_ name: String) throws -> Jinja.Value {
    if isUndefined { throw Jinja.Fault("a value", found: kind) }
    if let method = try Jinja.Methods.find(name, of: self) { return .function(method) }
    let missing = Jinja.Value.undefined("\"\(name)\" of \(kind)")
    switch self {
    case .dictionary(let dictionary): return dictionary[.text(name)] ?? missing
    case .namespace(let namespace): return namespace[Characters(name)] ?? missing
    case .loop(let loop): return loop.attribute(name) ?? missing
    default: return missing
    }
  }

  /// `value[start:stop:step]`, as Python has it.
  ///
  /// - Throws: `Fault` for what has no places, and for a step of 0.
  func slice(_ start: Jinja.Value?, _ stop: Jinja.Value?, _ step: Jinja.Value?) throws
    -> Jinja.Value
  {
    func bound(_ value: Jinja.Value?) throws -> Int? {
      guard let value, value != .none else { return nil }
      return try value.requireInteger()
    }
    let step = try bound(step) ?? 1
    guard step != 0 else { throw Jinja.Fault("a step other than 0", found: "0") }
    switch self {
    case .text(let text):
      return .text(Self.slice(text, try bound(start), try bound(stop), step))
    case .list(let list) where list.kind != .generator && list.kind != .view:
      let part = Self.slice(list.elements, try bound(start), try bound(stop), step)
      return .list(try Jinja.List(part, kind: list.kind))
    default: throw Jinja.Fault("a text or a list to take a part of", found: kind)
    }
  }

  private static func slice<Element>(
    _ elements: [Element], _ start: Int?, _ stop: Int?, _ step: Int
  ) -> [Element] {
    let count = elements.count
    // Where nothing more can be taken: before the first element if the step is negative.
    let (low, high) = step < 0 ? (-1, count - 1) : (0, count)
    func place(_ bound: Int?, _ standard: Int) -> Int {
      guard let bound else { return standard }
      return max(low, min(bound < 0 ? max(bound, -count - 1) + count : bound, high))
    }
    let first = place(start, step < 0 ? high : low)
    let end = place(stop, step < 0 ? low : high)
    let stride = max(-count - 1, min(step, count + 1))
    return Swift.stride(from: first, to: end, by: stride).map { elements[$0] }
  }
}

extension Jinja.LoopState {
  fileprivate func attribute(_ name: String) -> Jinja.Value? {
    let count = elements.count
    func element(_ place: Int) -> Jinja.Value {
      elements.indices.contains(place) ? elements[place] : .undefined("\(name) of the loop")
    }
    switch name {
    case "index": return .integer(index + 1)
    case "index0": return .integer(index)
    case "revindex": return .integer(count - index)
    case "revindex0": return .integer(count - index - 1)
    case "first": return .boolean(index == 0)
    case "last": return .boolean(index == count - 1)
    case "length": return .integer(count)
    case "previtem": return element(index - 1)
    case "nextitem": return element(index + 1)
    case "depth": return .integer(1)
    case "depth0": return .integer(0)
    default: return nil
    }
  }
}
