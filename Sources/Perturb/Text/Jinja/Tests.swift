extension Jinja {
  /// What stands behind `is`.
  enum Tests {
    private static let all: [String: Operation] = [
      "defined": test { !$0.isUndefined },
      "undefined": test(\.isUndefined),
      "none": test { if case .none = $0 { true } else { false } },
      "boolean": test { if case .boolean = $0 { true } else { false } },
      "true": test { if case .boolean(true) = $0 { true } else { false } },
      "false": test { if case .boolean(false) = $0 { true } else { false } },
      "integer": test { if case .integer = $0 { true } else { false } },
      "float": test { if case .real = $0 { true } else { false } },
      "number": test { $0.real != nil },
      "string": test { if case .text = $0 { true } else { false } },
      "mapping": test { if case .dictionary = $0 { true } else { false } },
      "sequence": test(isSequence),
      "iterable": test { (try? $0.elements()) != nil },
      "callable": test { if case .function = $0 { true } else { $0.isUndefined } },
      "lower": test { try $0.printed().isAll(\.isLowercase) },
      "upper": test { try $0.printed().isAll(\.isUppercase) },
      "odd": test { try Arithmetic.remainder.apply($0, .integer(2)) == .integer(1) },
      "even": test { try Arithmetic.remainder.apply($0, .integer(2)) == .integer(0) },
      "divisibleby": test { try Arithmetic.remainder.apply($0, $1) == .integer(0) },
      "sameas": test(isSame),
      "in": test { try Comparison.isIn.holds($0, $1) },
      "filter": test { Filters.all[try $0.requireText().string] != nil },
      "test": test { find(try $0.requireText().string) != nil },
    ]

    /// Comparisons by their several names.
    private static let comparisons: [String: Comparison] = [
      "==": .equal, "eq": .equal, "equalto": .equal,
      "!=": .unequal, "ne": .unequal,
      "<": .less, "lt": .less, "lessthan": .less,
      "<=": .lessOrEqual, "le": .lessOrEqual,
      ">": .greater, "gt": .greater, "greaterthan": .greater,
      ">=": .greaterOrEqual, "ge": .greaterOrEqual,
    ]

    static func holds(_ name: String, for value: Value, _ arguments: Arguments) throws -> Bool {
      guard let test = find(name) else {
        throw Fault("a test that is known here", found: "\"\(name)\"")
      }
      return try test(value, arguments, name: name).isTrue
    }

    private static func find(_ name: String) -> Operation? {
      if let test = all[name] { return test }
      return comparisons[name].map { comparison in test { try comparison.holds($0, $1) } }
    }

    private static func test(_ holds: @escaping @Sendable (Value) throws -> Bool) -> Operation {
      Operation { value, _ in .boolean(try holds(value)) }
    }

    private static func test(
      _ holds: @escaping @Sendable (Value, Value) throws -> Bool
    ) -> Operation {
      Operation(["other"]) { value, call in .boolean(try holds(value, call.value(0))) }
    }

    private static func isSequence(_ value: Value) -> Bool {
      switch value {
      case .text, .dictionary, .undefined: true
      case .list(let list): list.kind != .view && list.kind != .generator
      default: false
      }
    }

    /// Python's `is`, for constants only: whether equal texts are one is nobody's business.
    private static func isSame(_ left: Value, _ right: Value) throws -> Bool {
      switch (left, right) {
      case (.boolean(let left), .boolean(let right)): left == right
      case (.none, .none): true
      case (_, .boolean), (_, .none): false
      default: throw Fault("true, false or none behind sameas", found: right.kind)
      }
    }
  }
}
