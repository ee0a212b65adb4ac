import Testing

@testable import FormatIO

@Suite("JSON without a tree")
struct LazyJSONTests {
  /// The tree of a lazy value, of objects only what is asked for.
  private func tree(_ value: LazyJSON, like tree: JSON) -> JSON {
    switch tree {
    case .object(let members):
      let found = value.members
      return .object(
        members.map { member in
          .init(member.key, found[member.key].map { self.tree($0, like: member.value) } ?? .null)
        })
    case .array(let elements):
      guard let found = value.array, found.count == elements.count else { return .null }
      return .array(zip(found, elements).map { self.tree($0, like: $1) })
    case .string: return value.string.map { .string($0) } ?? .null
    case .number: return value.integer.map { JSON($0) } ?? .null
    case .boolean, .null: return tree
    }
  }

  @Test(
    "says what a tree says",
    arguments: [
      "[]", "{}", "[[],{},\"\",0]", "[1,[2,[3,4],5],6]",
      "{\"a\":1,\"b\":{\"c\":[1,2]},\"d\":\"x\"}",
      "{\"a]\":[\"}\",\"\\\"]\",\"\\\\\",\"é\"],\"b\":-12}", "[true,false,null,7]",
    ])
  func sameAsTree(_ text: String) throws {
    let spaced = " " + text.map { "[]{},:".contains($0) ? " \($0)\n" : "\($0)" }.joined()
    // White space in a text would change it: those with brackets in texts are taken as they are.
    for text in text.contains("]\\\"") || text.contains("a]") ? [text] : [text, spaced] {
      let tree = try JSON.parse(Array(text.utf8), file: "f")
      let lazy = try LazyJSON(Array(text.utf8), file: "f", maximumMembers: 9)
      #expect(self.tree(lazy, like: tree).encoded() == tree.encoded())
    }
  }

  @Test("a value of another kind is none")
  func kinds() throws {
    let text = "{\"a\":\"1\",\"b\":1,\"c\":[1],\"d\":{\"x\":1},\"e\":1.5,\"f\":true}"
    let members = try LazyJSON(Array(text.utf8), file: "f", maximumMembers: 9).members
    for (key, kinds) in [("a", "s"), ("b", "i"), ("c", "a"), ("d", "o"), ("e", ""), ("f", "")] {
      let value = try #require(members[key])
      let found = [
        value.string == nil ? "" : "s", value.integer == nil ? "" : "i",
        value.array == nil ? "" : "a", value.members["x"] == nil ? "" : "o",
      ].joined()
      #expect(found == kinds, "\(key)")
    }
    #expect(members["g"] == nil)
    #expect(members["d"]?.shown == "{\"x\":1}" && members["e"]?.shown == "1.5")
  }

  @Test("what is no JSON is refused as with a tree")
  func refused() {
    for text in [
      "", "{", "[1,]", "{\"a\":1,\"a\":2}", "[\"\\x\"]", "[1]2", "\"\u{1}\"", "[nul]", "[1.]",
      String(repeating: "[", count: 130) + String(repeating: "]", count: 130),
    ] {
      let wanted = inputError { _ = try JSON.parse(Array(text.utf8), file: "f") }
      let found = inputError {
        _ = try LazyJSON(Array(text.utf8), file: "f", maximumMembers: 9)
      }
      #expect(wanted != nil && found?.place == wanted?.place, "\(text)")
      #expect(found?.expected == wanted?.expected && found?.found == wanted?.found)
    }
  }
}
