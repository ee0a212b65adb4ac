extension Jinja {
  /// What can be called on a value: `value.method(arguments)`.
  enum Methods {
    /// The method of a value; nil if its kind has none of this name.
    ///
    /// - Throws: `Fault` for methods that Python has and that are not built, or would change a value.
    static func find(_ name: String, of value: Value) throws -> Function? {
      let (methods, others): ([String: Operation], Set<String>)
      switch value {
      case .text: (methods, others) = (texts, otherMethodsOfTexts)
      case .dictionary: (methods, others) = (dictionaries, changingDictionaries)
      case .list(let list) where list.kind == .list || list.kind == .tuple:
        (methods, others) = (lists, list.kind == .list ? changingLists : [])
      case .loop: (methods, others) = (loops, ["changed"])
      default: return nil
      }
      guard !others.contains(name) else {
        throw Fault("a method that is known here and changes nothing", found: "\"\(name)\"")
      }
      return methods[name].map { Function(name, .method($0, of: value)) }
    }

    private static let changingLists: Set = [
      "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
    ]
    private static let changingDictionaries: Set = [
      "clear", "fromkeys", "pop", "popitem", "setdefault", "update",
    ]
    private static let otherMethodsOfTexts: Set = [
      "casefold", "center", "encode", "expandtabs", "format_map", "isascii", "isdecimal",
      "isidentifier", "isnumeric", "isprintable", "istitle", "ljust", "maketrans", "partition",
      "rindex", "rjust", "rpartition", "swapcase", "translate", "zfill",
    ]

    // MARK: Texts

    private static func text(
      _ parameters: [String] = [],
      _ body: @escaping @Sendable (Characters, Call) throws -> Value
    ) -> Operation {
      Operation(parameters) { value, call in try body(try value.requireText(), call) }
    }

    private static let texts: [String: Operation] = [
      "strip": text(["chars"]) { .text($0.stripped(try $1.optionalText(0))) },
      "lstrip": text(["chars"]) { .text($0.stripped(try $1.optionalText(0), .left)) },
      "rstrip": text(["chars"]) { .text($0.stripped(try $1.optionalText(0), .right)) },
      "upper": text { text, _ in .text(text.uppercase) },
      "lower": text { text, _ in .text(text.lowercase) },
      "title": text { text, _ in .text(text.titled) },
      "capitalize": text { text, _ in .text(text.capitalized) },
      "split": text(["sep", "maxsplit"]) { try split($0, $1) },
      "rsplit": text(["sep", "maxsplit"]) { text, call in
        let separator = try call.optionalText(0).map { Characters($0.reversed()) }
        let parts = try cut(Array(text.reversed()), separator, call)
        return .list(try List(parts.reversed().map { .text($0.reversed()) }))
      },
      "splitlines": text { text, _ in .list(try List(text.lines.map { .text($0) })) },
      "startswith": text(["prefix"]) { text, call in
        .boolean(try texts(call.value(0)).contains { text.starts(with: $0) })
      },
      "endswith": text(["suffix"]) { text, call in
        .boolean(try texts(call.value(0)).contains { text.ends(with: $0) })
      },
      "removeprefix": text(["prefix"]) { text, call in
        let part = try call.text(0)
        return .text(text.starts(with: part) ? Array(text.dropFirst(part.count)) : text)
      },
      "removesuffix": text(["suffix"]) { text, call in
        let part = try call.text(0)
        return .text(text.ends(with: part) ? Array(text.dropLast(part.count)) : text)
      },
      "replace": text(["old", "new", "count"]) { text, call in
        .text(try replace(text, call.text(0), call.text(1), call.integer(2, default: -1)))
      },
      "find": text(["sub"]) { text, call in
        .integer(try place(of: call.text(0), in: text) ?? -1)
      },
      "rfind": text(["sub"]) { text, call in
        let part = try call.text(0)
        let place = place(of: part.reversed(), in: text.reversed())
        return .integer(place.map { text.count - $0 - part.count } ?? -1)
      },
      "index": text(["sub"]) { text, call in
        guard let place = try place(of: call.text(0), in: text) else {
          throw Fault("a text that contains the one looked for", found: "another text")
        }
        return .integer(place)
      },
      "count": text(["sub"]) { text, call in
        let part = try call.text(0)
        return .integer(part.isEmpty ? text.count + 1 : text.places(of: part).count)
      },
      "join": text(["iterable"]) { text, call in
        let parts = try call.value(0).elements().map { try $0.requireText() }
        return .text(try join(parts, separator: text))
      },
      "format": Operation(nil) { try .text(format($0.requireText(), $1.given)) },
      "isdigit": text { text, _ in
        all(text) { $0.properties.numericType == .decimal || $0.properties.numericType == .digit }
      },
      "isalpha": text { text, _ in all(text, isLetter) },
      "isalnum": text { text, _ in all(text) { isLetter($0) || $0.properties.numericType != nil } },
      "isspace": text { text, _ in all(text, \.isSpace) },
      "isupper": text { text, _ in .boolean(text.isAll(\.isUppercase)) },
      "islower": text { text, _ in .boolean(text.isAll(\.isLowercase)) },
    ]

    private static func all(_ text: Characters, _ isWanted: (Unicode.Scalar) -> Bool) -> Value {
      .boolean(!text.isEmpty && text.allSatisfy(isWanted))
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
        true
      default: false
      }
    }

    /// One text, or several in a tuple.
    private static func texts(_ value: Value) throws -> [Characters] {
      guard case .list(let list) = value, list.kind == .tuple else {
        return [try value.requireText()]
      }
      return try list.elements.map { try $0.requireText() }
    }

    private static func split(_ text: Characters, _ call: Call) throws -> Value {
      .list(try List(cut(text, call.optionalText(0), call).map { .text($0) }))
    }

    private static func cut(_ text: Characters, _ separator: Characters?, _ call: Call) throws
      -> [Characters]
    {
      let given = try call.integer(1, default: -1)
      let limit = given < 0 ? Int.max : given
      guard let separator else { return text.words(limit: limit) }
      guard !separator.isEmpty else { throw Fault("a separator", found: "an empty text") }
      return text.split(by: separator, limit: limit)
    }

    private static func place(of part: Characters, in text: Characters) -> Int? {
      part.isEmpty ? 0 : text.places(of: part, limit: 1).first
    }

    /// The text with another one in the place of each part, or of the first `count` ones.
    static func replace(
      _ text: Characters, _ old: Characters, _ new: Characters, _ count: Int
    ) throws -> Characters {
      let limit = count < 0 ? Int.max : count
      // Python puts the new text around every character if the old one is empty.
      let places =
        old.isEmpty ? Array((0...text.count).prefix(limit)) : text.places(of: old, limit: limit)
      var builder = TextBuilder()
      var start = 0
      for place in places {
        try builder.append(Array(text[start..<place]))
        try builder.append(new)
        start = place + old.count
      }
      try builder.append(Array(text[start...]))
      return builder.characters
    }

    static func join(_ parts: [Characters], separator: Characters) throws -> Characters {
      var builder = TextBuilder()
      for (index, part) in parts.enumerated() {
        if index > 0 { try builder.append(separator) }
        try builder.append(part)
      }
      return builder.characters
    }

    /// `str.format` with fields `{}`, `{0}` and `{name}`; no attributes, no widths.
    private static func format(_ text: Characters, _ arguments: Arguments) throws -> Characters {
      var builder = TextBuilder()
      var next = 0
      var rest = text[...]
      while let scalar = rest.popFirst() {
        guard scalar == "{" || scalar == "}" else {
          try builder.append([scalar])
          continue
        }
        if rest.first == scalar {
          rest.removeFirst()
          try builder.append([scalar])
          continue
        }
        let field = Characters(rest.prefix { $0 != "}" }).string
        guard scalar == "{", field.unicodeScalars.count < rest.count,
          field.unicodeScalars.allSatisfy(\.isNamePart)
        else { throw Fault("fields such as {}, {0} and {name}", found: text.string) }
        rest.removeFirst(field.unicodeScalars.count + 1)
        let place = field.isEmpty ? next : Int(field)
        if field.isEmpty { next += 1 }
        let value = place.map { arguments.places.indices.contains($0) ? arguments.places[$0] : nil }
        guard let value = value ?? arguments[field] else {
          throw Fault("a value for each field", found: "none for {\(field)}")
        }
        try builder.append(value.printed())
      }
      return builder.characters
    }

    // MARK: Lists, dictionaries, loops

    private static let lists: [String: Operation] = [
      "count": Operation(["value"]) { list, call in
        let value = try call.value(0)
        return .integer(try list.elements().count { $0 == value })
      },
      "index": Operation(["value"]) { list, call in
        let value = try call.value(0)
        guard let place = try list.elements().firstIndex(of: value) else {
          throw Fault("a list that contains the value looked for", found: "another list")
        }
        return .integer(place)
      },
      "copy": Operation { list, _ in list },
    ]

    private static let dictionaries: [String: Operation] = [
      "get": Operation(["key", "default"]) { dictionary, call in
        try dictionary.requireDictionary()[call.value(0)] ?? call[1] ?? .none
      },
      "items": Operation { dictionary, _ in
        .list(try List(dictionary.requireDictionary().items(), kind: .view))
      },
      "keys": Operation { dictionary, _ in
        .list(try List(dictionary.requireDictionary().keys, kind: .view))
      },
      "values": Operation { dictionary, _ in
        .list(try List(dictionary.requireDictionary().values, kind: .view))
      },
      "copy": Operation { dictionary, _ in dictionary },
    ]

    private static let loops: [String: Operation] = [
      "cycle": Operation(nil) { value, call in
        guard case .loop(let loop) = value, !call.given.places.isEmpty else {
          throw Fault("values to choose from", found: "none")
        }
        return call.given.places[loop.index % call.given.places.count]
      }
    ]
  }
}
