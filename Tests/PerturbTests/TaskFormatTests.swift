import Testing

@testable import Perturb

/// Is the text around a task's input found, and nothing but it?
struct TaskFormatTests {
  private static let inputs = [
    "A fine film.", "Dull and far too long.", "A feast for the eyes.", "Nobody needs this.",
    "The best comedy of the year.",
  ]

  @Test func findsTextBeforeAndAfter() throws {
    let prompts = Self.inputs.map {
      "Is this review positive?\nReview: \($0)\nAnswer with one word."
    }
    let format = try #require(TaskFormat(prompts: prompts))
    #expect(format.prefix == "Is this review positive?\nReview: ")
    #expect(
      format.wrap("How do I brew tea?")
        == prompts[0].replacing(Self.inputs[0], with: "How do I brew tea?"))
  }

  @Test func stopsAtWords() throws {
    let prompts = Self.inputs.map { "Rate the sentence: the a\($0)" }
    #expect(TaskFormat(prompts: prompts)?.prefix == "Rate the sentence: the ")
  }

  @Test func forgivesAFewOddPrompts() throws {
    let prompts = ["Hello!"] + Self.inputs.map { "Translate into French: \($0)" }
    #expect(TaskFormat(prompts: prompts)?.prefix == "Translate into French: ")
  }

  @Test func findsNoneInFreePrompts() {
    #expect(TaskFormat(prompts: Self.inputs) == nil)
    #expect(
      TaskFormat(prompts: ["How do I x?", "How do I y?", "How do I z?", "How do I w?"]) == nil)
    #expect(TaskFormat(prompts: Array(repeating: "The same words again", count: 3)) == nil)
  }

  @Test func keepsLettersWhole() throws {
    // é and è share their first byte.
    let prompts = ["é", "è", "ê", "ë"].map { "Classify this letter please: \($0)" }
    #expect(TaskFormat(prompts: prompts)?.prefix == "Classify this letter please: ")
  }
}
