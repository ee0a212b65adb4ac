import FormatIO
import Foundation
import Testing

@testable import Perturb

/// Do templates render as Python's jinja2 renders them (`fixtures/scripts/make_templates.py`), and does
/// nothing that a template says do harm?
struct JinjaTests {
  private static func goldens() throws -> JSON {
    let json = try JSON.read(Fixtures.path("templates/templates.json"))
    return try #require(json)
  }

  private static func render(_ text: String, _ variables: JSON = .object([])) throws -> String {
    try Jinja.Template(text, file: "T").render(variables)
  }

  /// The names of the chat templates in the fixture.
  static let families = [
    "chatml", "chatml with a default system message", "llama 2", "llama 3", "mistral", "zephyr",
    "qwen 3", "gemma", "phi 3", "phi 4", "olmo 2", "granite 3", "falcon", "starcoder 2", "deepseek",
    "alpaca", "typed tools",
  ]

  @Test(arguments: families)
  func chatTemplatesRenderAsInPython(family: String) throws {
    let goldens = try Self.goldens()
    let chats = try #require(goldens["chats"]?.array)
    #expect(chats.map { $0["name"]?.string } == Self.families)
    let chat = chats.first { $0["name"]?.string == family }
    let text = try #require(chat?["template"]?.string)
    let template = try Jinja.Template(text, file: "T")
    let cases = try #require(chat?["cases"]?.array)
    #expect(cases.count == 14)
    for example in cases {
      let conversation = try #require(example["conversation"]?.string)
      let variables = JSON.object(
        (goldens["marks"]?.object ?? []) + [
          .init("messages", goldens["conversations"]?[conversation] ?? .null),
          .init("tools", example["tools"]?.boolean == true ? goldens["tools"] ?? .null : .null),
          .init("documents", .null), .init("add_generation_prompt", example["prompts"] ?? .null),
        ])
      guard let expected = example["text"]?.string else {
        #expect(throws: InputError.self) { try template.render(variables) }
        continue
      }
      let rendered = try template.render(variables)
      #expect(rendered.utf8.elementsEqual(expected.utf8), "\(conversation): \(rendered)")
    }
  }

  @Test func everyPartOfTheLanguageIsPythons() throws {
    let goldens = try Self.goldens()
    let cases = try #require(goldens["small"]?.array)
    #expect(cases.count > 600)
    for example in cases {
      let (text, expected) = (example.array?.first?.string, example.array?.last?.string)
      let rendered = try Self.render(try #require(text), goldens["variables"] ?? .null)
      #expect(rendered.utf8.elementsEqual((expected ?? "").utf8), "\(text ?? ""): \(rendered)")
    }
  }

  // MARK: Errors

  @Test(arguments: [
    ("{{ foo.bar }}", 1, "a value", "foo, which is undefined"),
    ("a\n{{ none.x.y }}", 2, "a value", "\"x\" of none, which is undefined"),
    ("\n\n{{ foo(1,\n) }}", 3, "something to call", "foo, which is undefined"),
    ("{% include 'x' %}", 1, "a tag that is known here", "{% include %}"),
    ("{% endif %}", 1, "a tag that is known here", "{% endif %}"),
    ("{{ x|wordwrap }}", 1, "a filter that is known here", "\"wordwrap\""),
    ("{{ x is escaped }}", 1, "a test that is known here", "\"escaped\""),
    (
      "{{ 'a'.zfill(3) }}", 1, "a method that is known here and changes nothing", "\"zfill\""
    ),
    ("{{ [].append(1) }}", 1, "a method that is known here and changes nothing", "\"append\""),
    (
      "{{ raise_exception('no system') }}", 1, "a conversation that the template takes", "no system"
    ),
    ("{{ strftime_now('%d') }}", 1, "something to call", "strftime_now, which is undefined"),
    ("a\n{% if x %}\n", 2, "{% elif %} or {% else %} or {% endif %}", "the end"),
    ("{% if a %}\n{% endfor %}", 2, "{% elif %} or {% else %} or {% endif %}", "{% endfor %}"),
    ("{% for x in %}{% endfor %}", 1, "an expression", "%}"),
    ("{% for x in y recursive %}", 1, "a loop that does not call itself", "\"recursive\""),
    ("{% for a, b in [[1]] %}{% endfor %}", 1, "2 values to unpack", "1"),
    ("{% break %}", 1, "a loop around {% break %}", "none"),
    ("{{ 1 + }}", 1, "an expression", "}}"),
    ("{{ (1 }}", 1, ")", "}"),
    ("{{ a ? b }}", 1, "an expression", "\"?\""),
    ("{{ 'abc }}", 1, "' after a text", "the end"),
    ("{{ '\\ud800' }}", 1, "a character", "\\ud800"),
    ("a\n{# b", 2, "#} after {#", "the end"),
    ("{% raw %}", 1, "{% endraw %} after {% raw %}", "the end"),
    ("{% set true = 1 %}", 1, "a name that can be set", "\"true\""),
    ("{% set a.b = 1 %}", 1, "a namespace to set an attribute of", "a"),
    ("{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}", 1, "at most 1 arguments of m", "2"),
    ("{% macro m(a) %}{% endmacro %}{{ m(b=2) }}", 1, "an argument that m has", "\"b\""),
    ("{{ 1 / 0 }}", 1, "a divisor other than 0", "0"),
    ("{{ 'a' + 1 }}", 1, "operands that + can take", "a text and a number"),
    (
      "{{ 'a'|safe + 'b' }}", 1, "texts that + can join as they are",
      "one with the filter \"safe\""
    ),
    ("{{ [] < {} }}", 1, "values that have an order", "a list and a dictionary"),
    ("{{ 1 in 2 }}", 1, "something to go through", "a number"),
    ("{{ {[]: 1} }}", 1, "a key that cannot change", "a list"),
  ])
  func badTemplatesSayWhatIsWrong(text: String, line: Int, expected: String, found: String) {
    let error = #expect(throws: InputError.self) {
      try Self.render(text, .object([.init("x", "")]))
    }
    #expect(
      error
        == InputError(
          file: "T", place: "line \(line) of the chat template", expected: expected, found: found,
          fix: "name the format to use with --template"))
  }

  // MARK: Limits

  @Test(arguments: [
    (
      "{% for a in range(9) %}{% for b in range(300000) %}{% endfor %}{% endfor %}", "4000000 steps"
    ),
    ("{% for i in range(10**12) %}{% endfor %}", "500000 numbers in a range"),
    ("{{ 'x' * 10**12 }}", "4000000 characters in a value"),
    ("{{ [0] * 10**12 }}", "4000000 characters in a value"),
    ("{{ 'a'|indent(10**12) }}", "4000000 characters in a value"),
    ("{{ ('a' * 2000)|replace('a', 'b' * 3000) }}", "4000000 characters in a text"),
    ("{{ (['a'] * 2000)|join('b' * 3000) }}", "4000000 characters in a text"),
    ("{% for a in range(2000) %}{{ 'x' * 3000 }}{% endfor %}", "4000000 characters of output"),
    (
      "{% set n = namespace(x='ab') %}{% for a in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
      "4000000 characters in a text"
    ),
    (
      "{% set n = namespace(x=[1]) %}{% for a in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}",
      "500000 elements in a value"
    ),
    (
      "{% set n = namespace(x=[]) %}{% for a in range(200) %}{% set n.x = [n.x] %}{% endfor %}",
      "100 values within each other"
    ),
    (
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "400 statements and expressions within each other"
    ),
  ])
  func nothingGrowsWithoutEnd(text: String, limit: String) {
    let error = #expect(throws: InputError.self) { try Self.render(text) }
    #expect(error?.expected == "at most \(limit)")
    #expect(error?.found == "more")
  }

  @Test(arguments: [
    ("{{ ", "(", "x", ")", " }}"), ("{{ ", "[", "x", "]", " }}"), ("{{ ", "{1: ", "x", "}", " }}"),
    ("{{ ", "not ", "x", "", " }}"), ("{{ ", "-", "1", "", " }}"), ("{{ ", "", "x", ".y", " }}"),
    ("{{ ", "", "x", "[0]", " }}"), ("{{ ", "", "x", "()", " }}"), ("{{ ", "", "x", "|list", " }}"),
    ("{{ ", "", "x", " + x", " }}"), ("{{ ", "", "x", " or x", " }}"),
    ("{{ ", "", "x", " if x else x", " }}"), ("", "{% if x %}", "", "{% endif %}", ""),
    ("", "{% for x in x %}", "", "{% endfor %}", ""),
    ("{% for ", "(", "x", ")", " in x %}{% endfor %}"),
    ("{{ ", "f(", "x", ")", " }}"), ("{{ x is ", "in(x is ", "none", ")", " }}"),
  ])
  func deepNestsAreRefused(
    start: String, open: String, middle: String, close: String, end: String
  ) {
    let count = 100_000
    let text =
      start + String(repeating: open, count: count) + middle
      + String(repeating: close, count: count) + end
    let error = #expect(throws: InputError.self) { try Self.render(text) }
    #expect(error?.expected.hasPrefix("at most 120 expressions") == true, "\(error as Any)")
  }

  @Test(arguments: [
    ("{{ 9223372036854775807 + 1 }}", "9223372036854775807 + 1"),
    ("{{ -9223372036854775807 - 2 }}", "-9223372036854775807 - 2"),
    ("{{ 4294967296 * 4294967296 }}", "4294967296 * 4294967296"),
    ("{{ (-9223372036854775807 - 1) // -1 }}", "-9223372036854775808 // -1"),
    ("{{ -(-9223372036854775807 - 1) }}", "0 - -9223372036854775808"),
    ("{{ (-9223372036854775807 - 1)|abs }}", "0 - -9223372036854775808"),
    ("{{ 2 ** 63 }}", "2 ** 63"), ("{{ 1e300|int }}", "1e+300"),
    ("{{ 9223372036854775808 }}", "9223372036854775808"),
  ])
  func largeNumbersAreErrors(text: String, found: String) {
    let error = #expect(throws: InputError.self) { try Self.render(text) }
    #expect(error?.expected.contains("at most 64 bits") == true)
    #expect(error?.found == found)
  }

  @Test(arguments: [
    ("{{ 'abc'[::-9223372036854775807] }}", "c"),
    ("{{ 'abc'[-9223372036854775807:9223372036854775807:9223372036854775807] }}", "a"),
    ("{{ 'abc'[9223372036854775807] }}{{ 'abc'[-9223372036854775807 - 1] }}", ""),
    ("{{ (-9223372036854775807 - 1) % -1 }}", "0"),
    ("{{ range(-9223372036854775807, 9223372036854775807, 9223372036854775807)|length }}", "2"),
  ])
  func placesFarAwayAreNone(text: String, expected: String) throws {
    #expect(try Self.render(text) == expected)
  }

  @Test func brokenTemplatesNeverCrash() throws {
    let goldens = try Self.goldens()
    let templates = (goldens["chats"]?.array ?? []).compactMap { $0["template"]?.string }
    let pieces = [
      "{%", "%}", "{{", "}}", "-", "|", ".", "(", ")", "[", "]", "'", "\\", " in ", "9",
    ]
    let variables = JSON.object([
      .init("messages", goldens["conversations"]?["tools"] ?? .null), .init("bos_token", "<s>"),
      .init("eos_token", "</s>"), .init("tools", goldens["tools"] ?? .null),
    ])
    var random = RandomSource(seed: 7)
    var outcomes = (rendered: 0, refused: 0)
    for _ in 0..<1500 {
      var text = Characters(templates[Int.random(in: templates.indices, using: &random)])
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let start = Int.random(in: 0..<text.count, using: &random)
        let end = min(start + Int.random(in: 0...6, using: &random), text.count)
        let piece = pieces[Int.random(in: pieces.indices, using: &random)]
        text.replaceSubrange(
          start..<end, with: Bool.random(using: &random) ? Characters(piece) : [])
      }
      do {
        _ = try Self.render(text.string, variables)
        outcomes.rendered += 1
      } catch is InputError {
        outcomes.refused += 1
      }
    }
    #expect(outcomes.rendered > 50 && outcomes.refused > 500, "\(outcomes)")
  }
}
