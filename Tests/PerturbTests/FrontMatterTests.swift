import FormatIO
import Testing

@testable import Perturb

/// Is front matter read only where it is understood, and written so that YAML reads it back?
struct FrontMatterTests {
  /// One line, and the texts of its key.
  @Test(
    arguments: [
      ("a: mit", ["mit"]), ("a: apache-2.0  # comment", ["apache-2.0"]), ("a: x # y # z", ["x"]),
      ("a: \"q: \\\"1\\\"\" # c", ["q: \"1\""]), ("a: 'it''s'", ["it's"]),
      ("a: 'it''s' # c", ["it's"]), ("a: \"x\\\" # y\"", ["x\" # y"]), ("a: ''''", ["'"]),
      ("a: 'x'# y", []), ("a: [x, y]", ["x", "y"]), ("a: []", []),
      ("a: [x, 'no', \"y\"]", ["x", "no", "y"]), ("a: ['x, y']", []),
      ("a:\n- x\n- \"y: z\"", ["x", "y: z"]), ("a:\n  - x\n\n  # c\n  - y", ["x", "y"]),
      ("a:", []), ("a: mit\r", ["mit"]),
      // What is more than a text or a list of texts is not taken for one.
      ("a: null", []), ("a: &x mit", []), ("a: !tag mit", []), ("a: *x", []), ("a: |\n  x", []),
      ("a: mit\n  or more", []), ("a: {b: c}", []), ("a: b: c", []), ("a: 'x", []),
      ("a: \"x", []), ("a: 'x'y'", []), ("a:\n- x\n- {y: z}\n- v", []), ("a: [x, [y]]", []),
      ("b:\n  a: x", []), ("a:\n  b: x", []), ("a:\n- x\n  y", []), ("a: \"x\\x41\"", []),
    ] as [(String, [String])])
  func aLineIsReadOrLeft(_ text: String, _ expected: [String]) {
    #expect(FrontMatter("---\nz: 1\n\(text)\n---\nbody\n")["a"] == expected)
  }

  @Test(arguments: ["a: x", "", "---\na: x", "text\n---\na: x\n---", "---\n---\na: x", "--- \u{0}"])
  func aTextWithoutABlockHasNothing(_ text: String) {
    #expect(FrontMatter(text)["a"].isEmpty)
  }

  /// Words that YAML takes for something else, characters that end a line or are not seen, quotes.
  @Test(
    arguments: [
      ("apache-2.0", "apache-2.0"), ("a/b_c", "a/b_c"), ("No", "\"No\""), ("null", "\"null\""),
      ("1.0", "\"1.0\""), ("2024-01-01", "\"2024-01-01\""), ("", "\"\""), ("a: b", "\"a: b\""),
      ("a #b", "\"a #b\""), ("-", "\"-\""), ("---", "\"---\""), ("~", "\"~\""),
      ("\"\\", "\"\\\"\\\\\""), ("a\nb\r\t", "\"a\\u000ab\\u000d\\u0009\""),
      ("\u{85}\u{2028}\u{FEFF}\u{202E}", "\"\\u0085\\u2028\\ufeff\\u202e\""),
      ("\u{E0001}é字", "\"\\U000e0001é字\""), ("{a}", "\"{a}\""), ("é", "\"é\""),
    ])
  func aTextIsQuotedWhereYAMLNeedsIt(_ text: String, _ expected: String) {
    #expect(FrontMatter.quoted(text) == expected)
  }

  @Test(arguments: ["it's \"so\"", "a\n- b", "---", "yes", "#", "[x]", "\u{85}", "🦙 llama"])
  func whatIsWrittenIsReadBack(_ text: String) {
    for texts in [[text], [text, "b"]] {
      let block = (["---"] + FrontMatter.lines("a", texts) + ["---"]).joined(separator: "\n")
      #expect(FrontMatter(block)["a"] == texts)
    }
  }

  @Test(
    arguments: [
      ("a|b", "`a|b`"), ("`", "`` ` ``"), ("a``b", "```a``b```"), ("", "`  `"),
      ("<b>\n\u{202E}", "`<b>⟨U+A⟩⟨U+202E⟩`"),
    ])
  func codeStaysCode(_ text: String, _ expected: String) {
    #expect(Markdown.code(text) == expected)
  }

  @Test func aBarEndsNoCell() {
    let table = Markdown.table(["a"], [[Markdown.code("b|c")]])
    #expect(table == "| a |\n| --- |\n| `b\\|c` |")
  }

  @Test(
    arguments: [
      ("a/b", true), ("Org-1/Model_2.0", true), ("a", false), ("a/b/c", false), ("/a", false),
      ("a/", false), ("./a", false), ("../a", false), ("a/b c", false), ("a/b\n", false),
      ("é/b", false), ("-a/b", false), ("", false),
    ])
  func namesOnAHubHaveAnOwner(_ text: String, _ isIdentifier: Bool) {
    #expect(ModelCard.isIdentifier(text) == isIdentifier)
  }
}
