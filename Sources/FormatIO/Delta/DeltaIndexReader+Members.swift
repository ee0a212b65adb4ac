// How the members of an index are read, with an error where one is missing or something else.

extension DeltaIndexReader {
  /// The most members of an object.
  static let memberLimit = 1000

  func member(
    _ value: LazyJSON.Members, _ key: String, _ place: String
  ) throws -> LazyJSON {
    guard let member = value[key] else { throw failure(place, "a member \"\(key)\"", "none") }
    return member
  }

  func text(_ value: LazyJSON.Members, _ key: String, _ place: String) throws -> String {
    guard let text = try member(value, key, place).string else {
      throw failure("\(place), \(key)", "a text", "another value")
    }
    return text
  }

  func number(_ value: LazyJSON.Members, _ key: String, _ place: String) throws -> Int {
    guard let number = try member(value, key, place).integer, number >= 0 else {
      throw failure("\(place), \(key)", "a whole number from 0", "another value")
    }
    return number
  }

  func array(
    _ value: LazyJSON.Members, _ key: String, _ place: String
  ) throws -> LazyJSON.Elements {
    guard let array = try member(value, key, place).array else {
      throw failure("\(place), \(key)", "an array", "another value")
    }
    return array
  }

  func digest(
    _ value: LazyJSON.Members, _ key: String, _ place: String
  ) throws -> ContentDigest {
    guard let digest = ContentDigest(hexadecimal: try text(value, key, place)) else {
      throw failure("\(place), \(key)", "64 hexadecimal digits", "another text")
    }
    return digest
  }

  func check(_ value: LazyJSON?, _ place: String) throws -> DeltaCheck {
    guard let check = value?.string.flatMap({ DeltaCheck(hexadecimal: $0) }) else {
      throw failure(place, "a check of 16 digits", "another value")
    }
    return check
  }
}
