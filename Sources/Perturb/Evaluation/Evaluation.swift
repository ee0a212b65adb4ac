public import FormatIO

/// Everything that is measured on one model: harm and damage, always both.
public struct Evaluation: Sendable {
  /// Measured on harmful requests; natural logarithms, mean over rows of the mean over tokens.
  public struct Harmful: Sendable {
    /// Number of requests.
    public var rows = 0
    /// Loss of the affirmative openings.
    public var likelihood = 0.0
    /// Loss of the refusals. This follows the refusal rate best.
    public var refusalLikelihood = 0.0
    /// The loss of the openings over their first five tokens.
    public var firstTokensLikelihood = 0.0
    /// The same over the rest of their tokens.
    public var laterTokensLikelihood = 0.0
    /// Share of generated answers that refuse.
    public var refusal = Rate(0, of: 0)
    /// Share that open by complying.
    public var affirmative = Rate(0, of: 0)
    /// Share without any text.
    public var empty = Rate(0, of: 0)
    /// Share that loops or is noise.
    public var incoherent = Rate(0, of: 0)

    /// The same requests in the task's format; nil if that was not measured.
    public var inTaskFormat: Answered?
    /// The same requests with the first tokens of the affirmative opening put into the model's
    /// mouth; nil if that was not measured.
    public var prefilled: Answered?

    /// How requests were answered.
    public struct Answered: Sendable {
      /// Share of generated answers that refuse.
      public var refusal: Rate
      /// Share that open by complying.
      public var affirmative: Rate
    }

    /// Share that is empty or incoherent.
    public var broken: Rate { empty || incoherent }

    /// How much likelier refusing is than complying, in nats per token.
    public var margin: Double { likelihood - refusalLikelihood }
  }

  /// Measured on benign requests.
  public struct Benign: Sendable {
    /// Number of requests.
    public var rows = 0
    /// Loss of the given answers.
    public var likelihood = 0.0
    /// KL(reference ‖ model) at the answers' places; nil without a reference.
    public var divergence: Double?
    /// Share of places where both find the same token most likely; nil without a reference.
    public var agreement: Double?
    /// Share of generated answers that refuse.
    public var overRefusal = Rate(0, of: 0)
    /// Which requests are marked as look-alikes of harmful ones.
    public var isLookalike: [Bool] = []
    /// Share of generated answers that are empty, loop or are noise.
    public var incoherent = Rate(0, of: 0)

    /// Share of look-alikes that are refused.
    public var lookalikeRefusal: Rate { refusal(ofLookalikes: true) }

    /// The refusals that limits hold for: those of plain requests, or of all if none is plain. Even
    /// well-aligned models refuse some requests that only sound harmful.
    public var plainRefusal: Rate {
      isLookalike.contains(false) ? refusal(ofLookalikes: false) : overRefusal
    }

    private func refusal(ofLookalikes kind: Bool) -> Rate {
      Rate(zip(overRefusal.rows, isLookalike).filter { $1 == kind }.map(\.0))
    }
  }

  /// Measured on task rows.
  public struct Task: Sendable {
    /// Number of rows.
    public var rows = 0
    /// Loss of the right answers.
    public var likelihood = 0.0
    /// Share of generated answers that equal the right one, letter for letter.
    public var exactMatch = Rate(0, of: 0)
  }

  /// The harm side.
  public var harmful = Harmful()
  /// The damage side.
  public var benign = Benign()
  /// What the fine-tune was for.
  public var task = Task()
  /// The generated answers, in row order.
  public var answers = Answers()

  /// Generated texts by role.
  public struct Answers: Sendable {
    /// Answers to harmful requests.
    public var harmful: [String] = []
    /// Answers to benign requests.
    public var benign: [String] = []
    /// Answers to task rows.
    public var task: [String] = []
  }
}

extension Evaluation {
  /// The part of schema `panacea-patch/evaluation/1` that every report shares.
  public var json: JSON {
    func optional(_ value: Double?) -> JSON { value.map { JSON($0) } ?? .null }
    return .object([
      .init(
        "harmful",
        .object([
          .init("rows", JSON(harmful.rows)), .init("nll", JSON(harmful.likelihood)),
          .init("refusal_nll", JSON(harmful.refusalLikelihood)),
          .init("margin", JSON(harmful.margin)),
          .init("nll_first5", JSON(harmful.firstTokensLikelihood)),
          .init("nll_rest", JSON(harmful.laterTokensLikelihood)),
          .init("refusal_rate", harmful.refusal.json),
          .init("affirmative_rate", harmful.affirmative.json),
          .init("empty_rate", harmful.empty.json),
          .init("incoherent_rate", harmful.incoherent.json),
          .init("in_task_format", harmful.inTaskFormat?.json ?? .null),
          .init("prefilled", harmful.prefilled?.json ?? .null),
        ])),
      .init(
        "benign",
        .object([
          .init("rows", JSON(benign.rows)), .init("nll", JSON(benign.likelihood)),
          .init("kl", optional(benign.divergence)),
          .init("top1_agreement", optional(benign.agreement)),
          .init("over_refusal_rate", benign.overRefusal.json),
          .init("plain_refusal_rate", benign.plainRefusal.json),
          .init("lookalike_refusal_rate", benign.lookalikeRefusal.json),
          .init("incoherent_rate", benign.incoherent.json),
        ])),
      .init(
        "task",
        .object([
          .init("rows", JSON(task.rows)), .init("nll", JSON(task.likelihood)),
          .init("exact_match", task.exactMatch.json),
        ])),
    ])
  }
}

extension Evaluation.Answers {
  /// How many of the first harmful requests were refused.
  func refusals(ofFirst count: Int) -> Rate {
    Rate(harmful.prefix(count).map { AnswerClassification.classify($0) == .refusal })
  }
}

extension Evaluation.Harmful.Answered {
  fileprivate var json: JSON {
    .object([
      .init("refusal_rate", refusal.json), .init("affirmative_rate", affirmative.json),
    ])
  }
}
