internal import FormatIO

extension Jinja {
  /// What an expression stands for. Values never change; only the attributes of a namespace do.
  enum Value {
    /// A name that has no value, or a part that is not there; printed as nothing.
    indirect case undefined(String)
    case none
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case text(Characters)
    case list(List)
    case dictionary(Mapping)
    case namespace(Namespace)
    case loop(LoopState)
    case function(Function)
  }

  /// Everything that has elements in order.
  final class List {
    enum Kind {
      case list, tuple, range
      /// `items`, `keys` or `values` of a dictionary: has a length, but no places.
      case view
      /// What filters such as `map` give: no length, no places, and always true.
      case generator
    }

    let kind: Kind
    let elements: [Value]
    let size: Int
    let depth: Int

    init(_ elements: [Value], kind: Kind = .list) throws {
      (self.kind, self.elements) = (kind, elements)
      (size, depth) = try Value.measure(elements)
    }
  }

  /// Keys with values, in the order they were added.
  final class Mapping {
    private(set) var keys: [Value] = []
    private(set) var values: [Value] = []
    let size: Int
    let depth: Int
    private var places: [Value: Int] = [:]

    /// Of equal keys the last one counts, at the place of the first.
    init(_ pairs: [(key: Value, value: Value)]) throws {
      for (key, value) in pairs {
        guard key.isHashable else { throw Fault("a key that cannot change", found: key.kind) }
        if let place = places[key] {
          values[place] = value
        } else {
          places[key] = keys.count
          keys.append(key)
          values.append(value)
        }
      }
      (size, depth) = try Value.measure(keys + values)
    }

    subscript(key: Value) -> Value? {
      key.isHashable ? places[key].map { values[$0] } : nil
    }

    /// Pairs of key and value.
    func items() throws -> [Value] {
      try zip(keys, values).map { .list(try List([$0, $1], kind: .tuple)) }
    }
  }

  /// What `namespace()` makes: the only thing that loops can change for what comes after them.
  final class Namespace {
    private var attributes: [Characters: Value]

    init(_ attributes: [Characters: Value]) { self.attributes = attributes }

    subscript(name: Characters) -> Value? {
      get { attributes[name] }
      set { attributes[name] = newValue }
    }
  }

  /// The variable `loop` inside a loop.
  final class LoopState {
    let elements: [Value]
    var index = 0

    init(_ elements: [Value]) { self.elements = elements }
  }

  /// Something that can be called.
  final class Function {
    enum Kind {
      case global(Operation)
      case method(Operation, of: Value)
      /// The number of a macro of the interpreter.
      case macro(Int)
    }

    let name: String
    let kind: Kind

    init(_ name: String, _ kind: Kind) { (self.name, self.kind) = (name, kind) }
  }
}

// MARK: - What values are

extension Jinja.Value {
  static func text(_ text: String) -> Jinja.Value { .text(Characters(text)) }

  /// A value from a file.
  init(_ json: JSON) throws {
    switch json {
    case .null: self = .none
    case .boolean(let value): self = .boolean(value)
    case .number(let text): self = Int(text).map { .integer($0) } ?? .real(Double(text) ?? .nan)
    case .string(let text): self = .text(text)
    case .array(let elements): self = .list(try Jinja.List(elements.map { try Self($0) }))
    case .object(let members):
      self = .dictionary(
        try Jinja.Mapping(members.map { (.text($0.key), try Self($0.value)) }))
    }
  }

  /// What counts as yes in a condition.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .boolean(let value): value
    case .integer(let value): value != 0
    case .real(let value): value != 0
    case .text(let text): !text.isEmpty
    case .list(let list): list.kind == .generator || !list.elements.isEmpty
    case .dictionary(let dictionary): !dictionary.keys.isEmpty
    case .namespace, .loop, .function: true
    }
  }

  /// The kind, for messages.
  var kind: String {
    switch self {
    case .undefined(let name): "\(name), which is undefined"
    case .none: "none"
    case .boolean: "a truth value"
    case .integer, .real: "a number"
    case .text: "a text"
    case .list(let list) where list.kind == .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .namespace: "a namespace"
    case .loop: "the loop"
    case .function(let function): "the function \(function.name)"
    }
  }

  /// How much there is to touch; see `Limits.size`.
  var size: Int {
    switch self {
    case .text(let text): text.count + 8
    case .list(let list): list.size
    case .dictionary(let dictionary): dictionary.size
    default: 8
    }
  }

  private var depth: Int {
    switch self {
    case .list(let list): list.depth
    case .dictionary(let dictionary): dictionary.depth
    default: 0
    }
  }

  /// The size and depth of a value with these elements.
  ///
  /// - Throws: `Fault` beyond the limits, and for elements that would make a circle possible.
  fileprivate static func measure(_ elements: [Jinja.Value]) throws -> (size: Int, depth: Int) {
    var (size, depth) = (8, 0)
    for element in elements {
      switch element {
      case .namespace, .loop, .function:
        throw Jinja.Fault("elements that are plain values", found: element.kind)
      default: (size, depth) = (size + element.size, max(depth, element.depth))
      }
    }
    guard size <= Jinja.Limits.size else {
      throw Jinja.Fault.beyond(Jinja.Limits.size / 8, "elements in a value")
    }
    guard depth < Jinja.Limits.valueDepth else {
      throw Jinja.Fault.beyond(Jinja.Limits.valueDepth, "values within each other")
    }
    return (size, depth + 1)
  }

  var isUndefined: Bool { if case .undefined = self { true } else { false } }

  /// The number that is meant where Python takes truth values for numbers.
  var integer: Int? {
    switch self {
    case .integer(let value): value
    case .boolean(let value): value ? 1 : 0
    default: nil
    }
  }

  /// Any number as floating point.
  var real: Double? {
    if case .real(let value) = self { value } else { integer.map(Double.init) }
  }

  /// What a loop goes through.
  ///
  /// - Throws: `Fault` if there is nothing to go through.
  func elements() throws -> [Jinja.Value] {
    switch self {
    case .undefined: return []
    case .text(let text): return text.map { .text([$0]) }
    case .list(let list): return list.elements
    case .dictionary(let dictionary): return dictionary.keys
    default: throw Jinja.Fault("something to go through", found: kind)
    }
  }

  /// How many elements there are; nil for what has no length.
  var count: Int? {
    switch self {
    case .undefined: 0
    case .text(let text): text.count
    case .list(let list): list.kind == .generator ? nil : list.elements.count
    case .dictionary(let dictionary): dictionary.keys.count
    default: nil
    }
  }
}

// MARK: - Comparing

extension Jinja.Value: Hashable {
  /// Python's `==`: numbers and truth values of the same amount are equal, lists and tuples never.
  static func == (left: Jinja.Value, right: Jinja.Value) -> Bool {
    if let left = left.integer, let right = right.integer { return left == right }
    if let left = left.real, let right = right.real { return left == right }
    switch (left, right) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.text(let left), .text(let right)): return left == right
    case (.list(let left), .list(let right)):
      return left === right || left.kind == right.kind && left.elements == right.elements
    case (.dictionary(let left), .dictionary(let right)):
      return left.keys.count == right.keys.count
        && zip(left.keys, left.values).allSatisfy { right[$0] == $1 }
    case (.namespace(let left), .namespace(let right)): return left === right
    default: return false
    }
  }

  func hash(into hasher: inout Hasher) {
    switch self {
    case .boolean, .integer, .real: hasher.combine(real)
    case .text(let text): hasher.combine(text)
    case .list(let list): hasher.combine(list.elements)
    default: break
    }
  }

  fileprivate var isHashable: Bool {
    switch self {
    case .none, .boolean, .integer, .real, .text, .undefined: true
    case .list(let list): list.kind == .tuple && list.elements.allSatisfy(\.isHashable)
    default: false
    }
  }

  /// Python's `<`, for numbers, texts, lists and tuples.
  ///
  /// - Throws: `Fault` for kinds that have no order.
  func precedes(_ other: Jinja.Value) throws -> Bool {
    if let left = integer, let right = other.integer { return left < right }
    if let left = real, let right = other.real { return left < right }
    switch (self, other) {
    case (.text(let left), .text(let right)): return left.lexicographicallyPrecedes(right)
    case (.list(let left), .list(let right)) where left.kind == right.kind:
      for (left, right) in zip(left.elements, right.elements) where left != right {
        return try left.precedes(right)
      }
      return left.elements.count < right.elements.count
    default:
      throw Jinja.Fault("values that have an order", found: "\(kind) and \(other.kind)")
    }
  }
}
