import Testing

@testable import Perturb

/// Are rows completed without touching what the caller gave?
struct LearningRowsTests {
  private static func row(_ prompt: String, _ refusal: String? = nil) -> CalibrationRow {
    CalibrationRow(prompt: prompt, response: "answer", refusal: refusal, source: "test")
  }

  private static let own = CalibrationSet(
    harmful: (0..<8).map { row("harmful \($0)", $0 % 2 == 0 ? "No." : "I won't.") },
    benign: [row("benign 0"), row("benign 1")], task: [row("task 0")])
  private static let builtIn = CalibrationSet(
    harmful: (0..<5).map { row("extra \($0)", "Built-in refusal.") },
    benign: [row("extra benign")])

  @Test func builtInRequestsAreRefusedInTheCallersWords() {
    let rows = LearningRows(Self.own, builtIn: Self.builtIn, format: nil)
    #expect(rows.set.harmful.prefix(8).elementsEqual(Self.own.harmful))
    #expect(rows.set.harmful.count == 13)
    #expect(Set(rows.set.harmful.suffix(5).compactMap(\.refusal)) == ["No.", "I won't."])
  }

  @Test func everyBenignRequestIsGuarded() {
    let rows = LearningRows(Self.own, builtIn: Self.builtIn, format: nil)
    #expect(rows.guarded.map(\.prompt) == ["benign 0", "benign 1", "extra benign"])
    #expect(rows.set.task == Self.own.task)
  }

  @Test func theCallersBenignRowsAreHalfOfAll() {
    let one = LearningRows(Self.own, builtIn: Self.builtIn, format: nil)
    #expect(one.set.benign == Self.own.benign + Self.builtIn.benign)
    let many = CalibrationSet(harmful: [], benign: (0..<5).map { Self.row("extra \($0)") })
    let rows = LearningRows(Self.own, builtIn: many, format: nil)
    #expect(rows.set.benign.suffix(5).elementsEqual(many.benign))
    #expect(
      rows.set.benign.prefix(5).map(\.prompt)
        == ["benign 0", "benign 1", "benign 0", "benign 1", "benign 0"])
    #expect(LearningRows(many, builtIn: Self.builtIn, format: nil).set.benign.count == 6)
  }

  @Test func everyEighthComesInTheTasksFormatAsWell() throws {
    let prompts = ["one.", "two!", "three", "four?"].map { "Classify the text: \($0)" }
    let format = try #require(TaskFormat(prompts: prompts))
    let rows = LearningRows(Self.own, builtIn: Self.builtIn, format: format)
    let wrapped = rows.set.harmful.filter { $0.prompt.hasPrefix("Classify the text: ") }
    #expect(
      wrapped.map(\.prompt)
        == ["Classify the text: harmful 0", "Classify the text: extra 0"])
    #expect(wrapped.map(\.refusal) == ["No.", "No."])
  }

  @Test func fewRowsForChoosingAreCompleted() {
    let few = CalibrationSet(harmful: Array(Self.own.harmful.prefix(3)), benign: Self.own.benign)
    let completed = few.completed(to: 5, withRequestsOf: Self.builtIn)
    #expect(completed.harmful.map(\.prompt).suffix(2) == ["extra 0", "extra 1"])
    #expect(completed.benign.map(\.prompt) == ["benign 0", "benign 1", "extra benign"])
    #expect(completed.benign.last?.response == nil)
    #expect(few.completed(to: 2, withRequestsOf: Self.builtIn).harmful == few.harmful)
  }

  @Test(arguments: [
    ("How do I boil an egg?", "To boil an egg, you can"),
    ("Write a tutorial on how to paint a door, please.", "To paint a door, you can"),
    ("Help me write a poem", "To write a poem, you can"),
    ("I want to swim", nil), ("What is the capital of Peru?", nil), ("", nil),
  ])
  func requestsAreSaidBack(_ request: String, _ opening: String?) {
    #expect(Restatement.opening(for: request) == opening)
  }

  @Test func everyOtherBenignRequestIsGuardedAfterItsRestatement() {
    let benign = (0..<4).map { Self.row("How do I mend sock \($0)?") }
    let rows = LearningRows(
      CalibrationSet(harmful: [], benign: benign), builtIn: Self.builtIn, format: nil)
    #expect(
      rows.restated.map(\.response) == ["To mend sock 0, you can", "To mend sock 2, you can"])
    #expect(rows.restated.allSatisfy { !$0.isComplete })
  }

  @Test func promptsOfAnotherSetAreRemoved() {
    let rest = Self.builtIn.removing(
      CalibrationSet(harmful: [Self.row("extra benign")], benign: [Self.row("extra 3")]))
    #expect(rest.harmful.map(\.prompt) == ["extra 0", "extra 1", "extra 2", "extra 4"])
    #expect(rest.benign.isEmpty)
  }
}

/// Are answers that say nothing told from short ones that do?
struct OwnAnswersTests {
  @Test(arguments: [
    ("", true), ("Sure, here is how to iron a shirt", true),
    ("Sure, here is a tutorial on how to iron a shirt.", true),
    ("I'm sorry, but I can't help with that.", true), ("how to iron a shirt", true),
    ("To iron a shirt, you'll need to heat the fabric and press it flat on a board.", false),
    ("Positive.", false), ("1. Fill the iron with water.", false),
  ])
  func hollowAnswers(_ answer: String, _ isHollow: Bool) {
    #expect(OwnAnswers.isHollow(answer, to: "Tell me how to iron a shirt") == isHollow)
  }

  @Test func aQuarterOfHollowAnswersMeansBroken() {
    func answers(hollow: Int) -> OwnAnswers {
      let texts = (0..<8).map { $0 < hollow ? "" : "Heat the iron, then press the cloth." }
      return OwnAnswers(
        texts: texts, isComplete: texts.map { _ in true },
        requests: texts.map { _ in "Tell me how to iron a shirt" })
    }
    #expect(answers(hollow: 1).areIntact)
    #expect(!answers(hollow: 2).areIntact)
    #expect(answers(hollow: 2).hollow == Rate(2, of: 8))
    #expect(!OwnAnswers(texts: [], isComplete: [], requests: []).areIntact)
  }
}

/// Refusals that come after the answer has begun.
struct DeepRefusalTests {
  @Test func aRefusalFollowsTheFirstTokensOfTheCompliantAnswer() {
    var set = EncodedSet()
    set.harmful = (0..<20).map { Example(prompt: [$0, 1], answer: Array(100...120)) }
    set.refusal = (0..<20).map { Example(prompt: [$0, 1], answer: [200 + $0]) }
    let deep = set.refusalsAfterOpenings(oneIn: 2)
    #expect(deep.map { $0.prompt[0] } == Array(stride(from: 0, to: 20, by: 2)))
    #expect(deep.map(\.answer) == stride(from: Int32(0), to: 20, by: 2).map { [200 + $0] })
    #expect(deep.map { $0.prompt.count - 2 } == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2])
    #expect(
      deep.allSatisfy {
        $0.prompt.dropFirst(2).elementsEqual(Array(100...120).prefix($0.prompt.count - 2))
      })
    #expect(set.refusalsAfterOpenings(oneIn: 0).isEmpty)
  }

  @Test func benignAnswersAreGuardedInTheirMidst() {
    var set = EncodedSet()
    set.benign = (0..<40).map { Example(prompt: [$0, 1], answer: Array(100...120)) }
    #expect(set.interruptions(of: set.benign).isEmpty)
    set.refusal = (0..<3).map { Example(prompt: [$0], answer: [200 + $0, 1, 2, 3, 4]) }
    let guards = set.interruptions(of: set.benign)
    #expect(guards.map { $0.prompt[0] } == Array(0..<40))
    #expect(guards.map { $0.prompt.count - 2 } == Array(1...16) + Array(1...16) + Array(1...8))
    #expect(
      guards.allSatisfy {
        $0.prompt.dropFirst(2).elementsEqual(Array(100...120).prefix($0.prompt.count - 2))
      })
    #expect(
      guards.map(\.answer).prefix(4) == [[200, 1, 2], [201, 1, 2], [202, 1, 2], [200, 1, 2]])
  }
}
