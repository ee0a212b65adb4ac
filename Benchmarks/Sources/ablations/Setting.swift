import FormatIO
import Perturb

/// One line of the table: a way to make or to spoil a patch.
struct Setting: Sendable {
  /// What a change of the settings may depend on.
  struct Circumstances {
    let vocabularySize: Int
    /// The rows that are given to the run.
    let rows: CalibrationSet
  }

  /// What it is called on the command line and in the table.
  let name: String
  /// What it asks.
  let what: String
  /// Seeds that it is run with.
  var seeds: [UInt64] = [0]
  /// Keeps so many harmful and benign rows of the caller; nil keeps all.
  var rows: Int?
  /// Learns from the built-in rows alone; the task rows stay.
  var usesBuiltInOnly = false
  /// Also measures controls made of the finished patch.
  var hasControls = false
  /// What is changed about the default.
  var change: @Sendable (inout RepairRun.Settings, Circumstances) -> Void = { _, _ in }

  /// All settings, in the order of the table.
  static let all: [Setting] = [
    Setting(name: "default", what: "the default recipe", seeds: [0, 1, 2], hasControls: true),
    Setting(name: "paper", what: "the published recipe and numbers") { settings, given in
      let seed = settings.recipe.seed
      settings.recipe = .paper(
        vocabularySize: given.vocabularySize, rows: given.rows.benign.count + given.rows.task.count)
      settings.recipe.seed = seed
    },
    Setting(name: "ascent", what: "kick only: one step up h at w₀, all rows") { settings, _ in
      (settings.method, settings.recipe.rho) = (.ascent, .automatic)
    },
    Setting(name: "kick only", what: "no drift: one kick at w₀, all rows") { settings, _ in
      settings.recipe.steps = 0
    },
    Setting(name: "kick of one minibatch", what: "the same from 8 harmful rows", rows: 12) {
      settings, _ in
      (settings.recipe.steps, settings.recipe.completesRows) = (0, false)
    },
    Setting(name: "random", what: "Gaussian noise on w₀, size searched for") { settings, _ in
      settings.method = .random
    },
    Setting(
      name: "no over-refusal term", what: "benign requests are only answered, never guarded",
      seeds: [0, 1, 2]
    ) { settings, _ in settings.recipe.overRefusalWeight = 0 },
    Setting(
      name: "no emphasis", what: "all tokens of a refusal weigh the same", seeds: [0, 1, 2]
    ) { settings, _ in settings.recipe.openingEmphasis = 1 },
    Setting(
      name: "caller's rows only", what: "no built-in rows, no task format", seeds: [0, 1, 2]
    ) { settings, _ in settings.recipe.completesRows = false },
    Setting(
      name: "anchored kick", what: "J = h − (r + task + benign), refusals of benign requests held"
    ) { settings, _ in
      settings.recipe.kick = .anchored(weight: 1)
      settings.recipe.metric = .benignProjection(groups: 8)
    },
    Setting(name: "isotropic kick", what: "M = I: the kick may move what other answers say") {
      settings, _ in
      settings.recipe.metric = .identity
    },
    Setting(name: "Fisher kick", what: "M = diagonal Fisher of benign rows") { settings, _ in
      settings.recipe.metric = .benignFisher(damping: 1, groups: 16)
    },
    Setting(name: "unanchored kick", what: "J = h, M = I, at w_T") { settings, _ in
      (settings.recipe.kick, settings.recipe.metric) = (.anchored(weight: 0), .identity)
    },
    Setting(name: "no refusals", what: "no refusal is learned: the paper's terms, our steps") {
      settings, _ in
      settings.recipe.refusalWeight = 0
    },
    Setting(name: "refusal weight 1", what: "a_R = 1") { settings, _ in
      settings.recipe.refusalWeight = 1
    },
    Setting(name: "refusal weight 4", what: "a_R = 4") { settings, _ in
      settings.recipe.refusalWeight = 4
    },
    Setting(
      name: "shallow refusals", what: "no refusal is learned after a compliant opening",
      seeds: [0, 1, 2]
    ) { settings, _ in settings.recipe.deepRefusals = 0 },
    Setting(
      name: "task answers", what: "the task's likelihood instead of its divergence from w₀",
      seeds: [0, 1, 2]
    ) { settings, _ in (settings.recipe.taskWeight, settings.recipe.taskTerm) = (1, .likelihood) },
    Setting(name: "lambda 0.001", what: "λ = 0.001 in every step") { settings, _ in
      settings.recipe.lambda = 0.001
    },
    Setting(name: "lambda 0.1", what: "λ = 0.1") { settings, _ in settings.recipe.lambda = 0.1 },
    Setting(name: "lambda 1", what: "λ = 1") { settings, _ in settings.recipe.lambda = 1 },
    Setting(name: "mu 1", what: "g also at w + ε, μ = 1") { settings, _ in settings.recipe.mu = 1 },
    Setting(name: "KL for benign", what: "β = 3 and no benign answers: stay close to w₀") {
      settings, _ in
      (settings.recipe.beta, settings.recipe.benignWeight) = (3, 0)
    },
    Setting(name: "rank 4", what: "r = 4") { settings, _ in
      settings.recipe.parametrisation = .lowRank(rank: 4, scale: 4)
    },
    Setting(name: "rank 64", what: "r = 64") { settings, _ in
      settings.recipe.parametrisation = .lowRank(rank: 64, scale: 1)
    },
    Setting(name: "full", what: "full matrices, η = 5e-5") { settings, _ in
      (settings.recipe.parametrisation, settings.recipe.learningRate) = (.full, 5e-5)
    },
    Setting(name: "query key value", what: "the paper's targets") { settings, _ in
      settings.recipe.targets = .queryKeyValue
    },
    Setting(name: "attention", what: "q, k, v, o") { settings, _ in
      settings.recipe.targets = .matching(["*.self_attn.*_proj.weight"])
    },
    Setting(name: "feed-forward", what: "gate, up, down") { settings, _ in
      settings.recipe.targets = .matching(["*.mlp.*_proj.weight"])
    },
    Setting(name: "40 steps", what: "few steps, one round") { settings, _ in
      (settings.recipe.steps, settings.recipe.extraRounds) = (40, 0)
    },
    Setting(name: "one round", what: "no further steps, whatever the rows for choosing show") {
      settings, _ in settings.recipe.extraRounds = 0
    },
    Setting(name: "320 steps", what: "twice the steps, one round") { settings, _ in
      (settings.recipe.steps, settings.recipe.extraRounds) = (320, 0)
    },
    Setting(name: "16 rows", what: "16 harmful and 16 benign rows", seeds: [0, 1, 2], rows: 16),
    Setting(name: "32 rows", what: "32 and 32", rows: 32),
    Setting(name: "64 rows", what: "64 and 64", rows: 64),
    Setting(
      name: "built-in rows", what: "no rows but the built-in ones and the task's",
      seeds: [0, 1, 2], usesBuiltInOnly: true),
  ]
}
