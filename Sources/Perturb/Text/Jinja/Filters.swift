internal import Foundation

extension Jinja {
  /// What stands behind `|`.
  enum Filters {
    static let all: [String: Operation] = texts.merging(numbers) { $1 }.merging(lists) { $1 }

    static func apply(_ name: String, to value: Value, _ arguments: Arguments) throws -> Value {
      guard let filter = all[name] else {
        throw Fault("a filter that is known here", found: "\"\(name)\"")
      }
      return try filter(value, arguments, name: name)
    }

    // MARK: Texts

    private static let texts: [String: Operation] = [
      "trim": Operation(["chars"]) { .text(try $0.printed().stripped($1.optionalText(0))) },
      "upper": Operation { value, _ in .text(try value.printed().uppercase) },
      "lower": Operation { value, _ in .text(try value.printed().lowercase) },
      "capitalize": Operation { value, _ in .text(try value.printed().capitalized) },
      "title": Operation { value, _ in .text(title(try value.printed())) },
      "string": Operation { value, _ in .text(try value.printed()) },
      // Nothing is escaped, so there is nothing to keep from it.
      "safe": Operation { value, _ in .text(try value.printed()) },
      "replace": Operation(["old", "new", "count"]) { value, call in
        let count = call[2] == Value.none ? -1 : try call.integer(2, default: -1)
        return .text(
          try Methods.replace(
            value.printed(), call.value(0).printed(), call.value(1).printed(), count))
      },
      "indent": Operation(["width", "first", "blank"]) { value, call in
        .text(try indent(value.requireText(), call))
      },
      "tojson": Operation(["ensure_ascii", "indent", "separators", "sort_keys"]) { value, call in
        let writer = JSONWriter(
          indentation: try call[1].flatMap { $0 == .none ? nil : try width($0) },
          separators: try call[2].flatMap(separators),
          escapesBeyondASCII: call.isTrue(0), sortsKeys: call.isTrue(3))
        return .text(try JSONWriter.write(value, with: writer))
      },
    ]

    /// Each word begins with a capital; unlike `str.title`, words end only at spaces and brackets.
    private static func title(_ text: Characters) -> Characters {
      var result: Characters = []
      var beginsWord = true
      for scalar in text {
        let properties = scalar.properties
        result += Characters(beginsWord ? properties.uppercaseMapping : properties.lowercaseMapping)
        beginsWord = scalar.isSpace || ["-", "(", "{", "[", "<"].contains(scalar)
      }
      return result
    }

    private static func indent(_ text: Characters, _ call: Call) throws -> Characters {
      let indentation = try call[0].map(width) ?? Characters("    ")
      let lines = (text + ["\n"]).lines
      var builder = TextBuilder()
      for (index, line) in lines.enumerated() {
        if index > 0 { try builder.append("\n") }
        let isIndented = index == 0 ? call.isTrue(1) : !line.isEmpty || call.isTrue(2)
        if isIndented { try builder.append(indentation) }
        try builder.append(line)
      }
      return builder.characters
    }

    /// A text to indent by, or so many spaces.
    private static func width(_ value: Value) throws -> Characters {
      if case .text(let text) = value { return text }
      return try Arithmetic.multiply.apply(.text([" "]), value).requireText()
    }

    private static func separators(_ value: Value) throws -> (Characters, Characters)? {
      if value == .none { return nil }
      let texts = try value.elements().map { try $0.requireText() }
      guard texts.count == 2 else { throw Fault("two separators", found: "\(texts.count)") }
      return (texts[0], texts[1])
    }

    // MARK: Numbers

    private static let numbers: [String: Operation] = [
      "int": Operation(["default", "base"]) { value, call in
        try whole(value, base: call.integer(1, default: 10)) ?? call[0] ?? .integer(0)
      },
      "float": Operation(["default"]) { value, call in
        try (value.real ?? number(value)).map { .real($0) } ?? call[0] ?? .real(0)
      },
      "abs": Operation { value, _ in
        guard let integer = value.integer else { return .real(try value.requireReal().magnitude) }
        return integer < 0 ? try Arithmetic.subtract.apply(.integer(0), value) : .integer(integer)
      },
      "round": Operation(["precision", "method"]) { try round($0, $1) },
    ]

    private static func whole(_ value: Value, base: Int) throws -> Value? {
      if let integer = value.integer { return .integer(integer) }
      if case .text(let text) = value {
        var digits = text.stripped().filter { $0 != "_" }
        let prefixes = [16: "0x", 8: "0o", 2: "0b"]
        if let prefix = prefixes[base].map({ Characters($0) }),
          digits.lowercase.starts(with: prefix)
        {
          digits.removeFirst(prefix.count)
        }
        guard (2...36).contains(base) else { throw Fault("a base up to 36", found: "\(base)") }
        if let integer = Int(digits.string, radix: base) { return .integer(integer) }
      }
      guard let real = try value.real ?? number(value), real.isFinite else { return nil }
      guard let integer = Int(exactly: real.rounded(.towardZero)) else {
        throw Fault("whole numbers of at most 64 bits", found: digits(real))
      }
      return .integer(integer)
    }

    /// The number that a text writes out, in decimal digits.
    private static func number(_ value: Value) throws -> Double? {
      if value.isUndefined { throw Fault("a value", found: value.kind) }
      guard case .text(let text) = value else { return nil }
      let digits = text.stripped().lowercase.filter { $0 != "_" }.string
      guard !digits.contains("x"), !digits.contains("(") else { return nil }
      return Double(digits)
    }

    private static func round(_ value: Value, _ call: Call) throws -> Value {
      let precision = try call.integer(0, default: 0)
      guard (0...300).contains(precision) else {
        throw Fault("a precision from 0 to 300", found: "\(precision)")
      }
      let real = try value.requireReal()
      switch try call.optionalText(1)?.string ?? "common" {
      case "common":
        if let integer = value.integer { return .integer(integer) }
        return .real(Double(String(format: "%.\(precision)f", real)) ?? real)
      case "ceil":
        return .real((real * pow(10, Double(precision))).rounded(.up) / pow(10, Double(precision)))
      case "floor":
        return .real(
          (real * pow(10, Double(precision))).rounded(.down) / pow(10, Double(precision)))
      case let other: throw Fault("common, ceil or floor", found: "\"\(other)\"")
      }
    }

    // MARK: Values with elements

    private static let lists: [String: Operation] = [
      "default": Operation(["default_value", "boolean"]) { try standard($0, $1) },
      "d": Operation(["default_value", "boolean"]) { try standard($0, $1) },
      "length": Operation { value, _ in try length(value) },
      "count": Operation { value, _ in try length(value) },
      "list": Operation { value, _ in .list(try List(value.elements())) },
      "first": Operation { value, _ in
        try value.elements().first ?? .undefined("the first element of nothing")
      },
      "last": Operation { value, _ in
        try value.elements().last ?? .undefined("the last element of nothing")
      },
      "reverse": Operation { value, _ in
        if case .text(let text) = value { return .text(text.reversed()) }
        return try generator(value.elements().reversed())
      },
      "items": Operation { value, _ in
        try generator(value.isUndefined ? [] : value.requireDictionary().items())
      },
      "join": Operation(["d", "attribute"]) { value, call in
        let parts = try value.elements().map { try part($0, call[1]).printed() }
        return .text(try Methods.join(parts, separator: call[0]?.printed() ?? []))
      },
      "sum": Operation(["attribute", "start"]) { value, call in
        try value.elements().reduce(call[1] ?? .integer(0)) {
          try Arithmetic.add.apply($0, part($1, call[0]))
        }
      },
      "min": Operation(["case_sensitive", "attribute"]) { value, call in
        try sorted(value.elements(), call.isTrue(0), call[1]).first
          ?? .undefined("the least of nothing")
      },
      "max": Operation(["case_sensitive", "attribute"]) { value, call in
        try sorted(value.elements(), call.isTrue(0), call[1], descends: true).first
          ?? .undefined("the largest of nothing")
      },
      "sort": Operation(["reverse", "case_sensitive", "attribute"]) { value, call in
        .list(
          try List(sorted(value.elements(), call.isTrue(1), call[2], descends: call.isTrue(0))))
      },
      "dictsort": Operation(["case_sensitive", "by", "reverse"]) { value, call in
        let by = try call.optionalText(1)?.string ?? "key"
        guard let place = ["key": 0, "value": 1][by] else {
          throw Fault("key or value", found: "\"\(by)\"")
        }
        let items = try value.requireDictionary().items()
        return .list(
          try List(
            sorted(items, call.isTrue(0), .integer(place), descends: call.isTrue(2))))
      },
      "unique": Operation(["case_sensitive", "attribute"]) { value, call in
        var seen: Set<Value> = []
        return try generator(
          value.elements().filter {
            seen.insert(folded(try part($0, call[1]), call.isTrue(0))).inserted
          })
      },
      "map": Operation(nil) { try map($0, $1.given) },
      "select": Operation(nil) { try select($0, $1.given, by: nil, wanted: true) },
      "reject": Operation(nil) { try select($0, $1.given, by: nil, wanted: false) },
      "selectattr": Operation(nil) { try selectByAttribute($0, $1, wanted: true) },
      "rejectattr": Operation(nil) { try selectByAttribute($0, $1, wanted: false) },
    ]

    private static func generator(_ elements: [Value]) throws -> Value {
      .list(try List(elements, kind: .generator))
    }

    private static func standard(_ value: Value, _ call: Call) throws -> Value {
      let isMissing = value.isUndefined || call.isTrue(1) && !value.isTrue
      return isMissing ? call[0] ?? .text([]) : value
    }

    private static func length(_ value: Value) throws -> Value {
      guard let count = value.count else {
        throw Fault("something that has a length", found: value.kind)
      }
      return .integer(count)
    }

    private static let longestPath = 1000

    /// A part of a value by a path such as `function.name` or a place; nil is the value itself.
    ///
    /// - Parameter standard: stands for every part that is not there.
    private static func part(_ value: Value, _ path: Value?, default standard: Value? = nil) throws
      -> Value
    {
      guard let path, path != .none else { return value }
      guard path.size <= longestPath else {
        throw Fault.beyond(longestPath, "characters in a path")
      }
      var keys = [path]
      if case .text(let text) = path {
        keys = text.split(by: ["."], limit: .max).map { name in
          Int(name.string).map { .integer($0) } ?? .text(name)
        }
      }
      return try keys.reduce(value) { value, key in
        let part = try value.item(key)
        return part.isUndefined ? standard ?? part : part
      }
    }

    /// Texts are compared without case unless asked for.
    private static func folded(_ value: Value, _ isCaseSensitive: Bool) -> Value {
      if case .text(let text) = value, !isCaseSensitive { return .text(text.lowercase) }
      return value
    }

    /// In order; what is equal stays as it was.
    private static func sorted(
      _ elements: [Value], _ isCaseSensitive: Bool, _ path: Value?, descends: Bool = false
    ) throws -> [Value] {
      let keys = try elements.map { folded(try part($0, path), isCaseSensitive) }
      let order = try elements.indices.sorted { left, right in
        let (first, second) = descends ? (right, left) : (left, right)
        if try keys[first].precedes(keys[second]) { return true }
        return try !keys[second].precedes(keys[first]) && left < right
      }
      return order.map { elements[$0] }
    }

    /// The elements to do something to with these arguments; none of what is not true.
    ///
    /// - Throws: `Fault` if all of it together would take too long.
    private static func elements(of value: Value, each arguments: Arguments) throws -> [Value] {
      let elements = value.isTrue ? try value.elements() : []
      guard arguments.size <= 8 * Limits.steps / max(elements.count, 1) else {
        throw Fault.beyond(Limits.steps, "steps")
      }
      return elements
    }

    private static func map(_ value: Value, _ arguments: Arguments) throws -> Value {
      var rest = arguments
      let elements = try elements(of: value, each: arguments)
      if let path = arguments["attribute"] {
        return try generator(elements.map { try part($0, path, default: arguments["default"]) })
      }
      guard !rest.places.isEmpty else { throw Fault("a filter or attribute", found: "none") }
      let name = try rest.places.removeFirst().requireText().string
      return try generator(elements.map { try apply(name, to: $0, rest) })
    }

    /// The elements, or those with the attribute, that pass a test; without one, those that are true.
    private static func select(
      _ value: Value, _ arguments: Arguments, by path: Value?, wanted: Bool
    ) throws -> Value {
      var rest = arguments
      let test = rest.places.isEmpty ? nil : try rest.places.removeFirst().requireText().string
      return try generator(
        elements(of: value, each: arguments).filter { element in
          let part = try part(element, path)
          let holds = try test.map { try Tests.holds($0, for: part, rest) } ?? part.isTrue
          return holds == wanted
        })
    }

    private static func selectByAttribute(_ value: Value, _ call: Call, wanted: Bool) throws
      -> Value
    {
      var rest = call.given
      guard !rest.places.isEmpty else { throw Fault("an attribute", found: "none") }
      let path = rest.places.removeFirst()
      return try select(value, rest, by: path, wanted: wanted)
    }
  }
}
