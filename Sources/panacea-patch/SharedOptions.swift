import ArgumentParser
import Foundation
import Perturb

/// Which rows a model is measured with, and for `patch` learns from.
struct DataOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Requests the model should refuse, with compliant answers (default: built in).",
      valueName: "file"))
  var harmful: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Requests the model should answer, with good answers (default: built in).",
      valueName: "file"))
  var benign: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Rows of the task the model was fine-tuned for (default: none).", valueName: "file"))
  var task: [String] = []

  @Option(
    help: ArgumentHelp(
      "Prompt format: auto (the model's own template), \(DataOptions.templates), or a Jinja file.",
      valueName: "name|file"),
    transform: { choice in
      guard
        choice == "auto" || ChatTemplate.all.contains(where: { $0.name == choice })
          || FileManager.default.fileExists(atPath: choice)
      else { throw ValidationError("expected auto, \(DataOptions.templates), or a Jinja file") }
      return choice
    })
  var template: String?

  private static let templates = ChatTemplate.all.map(\.name).joined(separator: ", ")
}

/// What belongs to the model besides its file.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A LoRA adapter of the model, a folder of PEFT or a .gguf file; both are the model then.",
      valueName: "adapter"))
  var adapter: String?
}

/// How many threads work with files.
struct ThreadOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads to compute with (default: one for each core).", valueName: "n"),
    transform: OptionValue.positiveInteger)
  var threads: Int?

  /// Sets the number of threads.
  func apply() {
    Parallel.threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
  }
}

/// How much work is done at once, and how much text is generated.
struct RunOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Longest answer to generate, in tokens.", valueName: "n"),
    transform: OptionValue.positiveInteger)
  var maxTokens: Int?

  @Option(
    help: ArgumentHelp(
      "Tokens computed at once: more is faster and takes more memory.", valueName: "n"),
    transform: OptionValue.positiveInteger)
  var batchTokens: Int?

  @Option(
    help: ArgumentHelp(
      "Stay below this much memory, pages of the model's file included: 600M, 12G. Less takes longer.",
      valueName: "size"),
    transform: OptionValue.bytes)
  var memory: Int?

  @OptionGroup var threading: ThreadOptions

  /// How products are computed.
  enum ComputedPrecision: String, CaseIterable, ExpressibleByArgument {
    /// The fastest that the CPU has.
    case auto
    case f32
    case bf16
  }

  @Option(
    help: ArgumentHelp(
      "How products with BF16 weights are computed; f32 is the reference, auto takes bf16 where the "
        + "CPU has instructions for it", valueName: "type"),
    transform: { name in
      guard let precision = ComputedPrecision(rawValue: name) else {
        throw ValidationError("expected auto, f32 or bf16")
      }
      guard precision != .bf16 || Precision.fastest == .bfloat16 else {
        throw ValidationError("this CPU has no AVX512-BF16; use f32 or auto")
      }
      return precision
    })
  var precision: ComputedPrecision?

  func validate() throws {
    // The plan below a limit chooses the number of tokens; another one could break the limit.
    if memory != nil, batchTokens != nil {
      throw ValidationError("expected --memory or --batch-tokens, found both")
    }
  }
}

/// What is written, and what may be replaced.
struct OutputOptions: ParsableArguments {
  /// How the patched tensors are stored.
  enum StoredType: String, CaseIterable, ExpressibleByArgument {
    /// As in the input.
    case keep
    case f32
    case f16
    case bf16
  }

  @Option(
    help: ArgumentHelp(
      "Element type for the tensors that change, by default their own", valueName: "type"))
  var dtype: StoredType?

  /// What is written.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    /// The whole model, an adapter merged into it.
    case model
    /// A LoRA adapter of the base, with fine-tune and patch in it.
    case adapter
  }

  @Option(
    name: .customLong("output"),
    help: ArgumentHelp(
      "What is written, by default model; adapter: a new LoRA adapter of the base, with --adapter and patch in it.",
      valueName: "form"))
  var form: Form?

  /// How the tensors that change are stored in a quantised file.
  enum TouchedType: String, CaseIterable, ExpressibleByArgument {
    /// Their own types, unless those do not hold the patch.
    case auto
    case keep
    case q8 = "q8_0"
    case f16
    case bf16
  }

  @Option(
    help: ArgumentHelp(
      "What quantised tensors that change become, by default auto: their own type where it holds the patch.",
      valueName: "type"))
  var touchedType: TouchedType?

  @Option(
    help: ArgumentHelp(
      "Also write all results to this file: .html is a page to read, .json is data.",
      valueName: "file"),
    transform: ReportFile.path)
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Also write a patch file (.ppd): what turns <input> into <output>, and back.",
      valueName: "file"))
  var delta: String?

  @Flag(help: "Learn and measure, write nothing.")
  var dryRun = false

  @Flag(help: "Replace an existing <output>.")
  var overwrite = false

  @Flag(help: "Write although the target or a budget was missed (exit code 3 all the same).")
  var force = false

  @Flag(help: "Add no record of the patch to the file's metadata.")
  var noProvenance = false

  func validate() throws {
    if dtype != nil, touchedType != nil {
      throw ValidationError("expected --dtype or --touched-type, found both")
    }
    if delta != nil, dryRun || form == .adapter {
      throw ValidationError(
        "expected --delta with a model to write, found \(dryRun ? "--dry-run" : "--output adapter")"
      )
    }
    if form == .adapter, dtype != nil || touchedType != nil {
      throw ValidationError(
        "expected --output model with --dtype or --touched-type, found --output adapter, whose factors are F32"
      )
    }
  }
}

/// How much is said, and in which form the results come.
struct ConsoleOptions: ParsableArguments {
  @Flag(help: "Print the results as one JSON document.")
  var json = false

  @Flag(help: "Print results, warnings and errors only.")
  var quiet = false

  @Flag(help: "Print more detail.")
  var verbose = false

  /// The console these options ask for.
  var console: Console {
    Console(level: quiet ? .quiet : verbose ? .verbose : .normal)
  }

  func validate() throws {
    if quiet, verbose { throw ValidationError("expected --quiet or --verbose, found both") }
  }
}

/// How the patch is learned. What is not given is nil: the recipe decides.
struct MethodOptions: ParsableArguments {
  enum Method: String, CaseIterable, ExpressibleByArgument {
    /// The learned drift and the kick.
    case panacea
    /// Gaussian noise of the same size, a control.
    case random
    /// The kick alone, a control.
    case ascent
  }

  enum Recipe: String, CaseIterable, ExpressibleByArgument {
    case `default`
    /// The published algorithm with the published numbers.
    case paper
  }

  /// The space the patch is learned in.
  enum Rank: Equatable {
    case full
    case factors(Int)
  }

  /// The size of the kick against the weights it is added to.
  enum Radius: Equatable {
    /// The largest that keeps the damage budgets.
    case auto
    case relative(Double)
  }

  @Option(
    help: ArgumentHelp("What makes the patch, by default panacea", valueName: "name"))
  var method: Method?

  @Option(
    help: ArgumentHelp(
      "Sets every value that is not given here, by default the default recipe", valueName: "name"))
  var recipe: Recipe?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Names of the tensors to change, with * and ? (default: matrices inside the blocks).",
      valueName: "glob"))
  var targets: [String] = []

  @Option(
    help: ArgumentHelp(
      "Rank of the learned change, or full: whole matrices, with scratch files in TMPDIR.",
      valueName: "n|full"),
    transform: { text in
      if text == "full" { return .full }
      guard let rank = Int(text), rank > 0 else {
        throw ValidationError("expected a whole number above 0, or full")
      }
      return .factors(rank)
    })
  var rank: Rank?

  @Option(
    help: ArgumentHelp(
      "Size of the kick as a share of the weights' norm, or auto.", valueName: "auto|x"),
    transform: { text in
      text == "auto"
        ? .auto
        : .relative(try OptionValue.parse(text, "auto, or a number of at least 0") { $0 >= 0 })
    })
  var rho: Radius?

  @Option(
    help: ArgumentHelp("Most learning steps; 0 learns no drift.", valueName: "n"),
    transform: OptionValue.nonNegativeInteger)
  var steps: Int?

  @Option(
    help: ArgumentHelp("Weight λ of the gain in harmful loss under the kick.", valueName: "x"),
    transform: OptionValue.nonNegative)
  var lambda: Double?

  @Option(
    help: ArgumentHelp("Weight μ of the utility loss under the kick.", valueName: "x"),
    transform: OptionValue.nonNegative)
  var mu: Double?

  @Option(
    help: ArgumentHelp(
      "Weight β of the divergence from the unpatched model on benign rows.", valueName: "x"),
    transform: OptionValue.nonNegative)
  var beta: Double?

  @Option(
    help: ArgumentHelp("Weight of the term that keeps the task.", valueName: "x"),
    transform: OptionValue.nonNegative)
  var taskWeight: Double?

  @Option(
    help: ArgumentHelp("Weight of the loss on benign rows.", valueName: "x"),
    transform: OptionValue.nonNegative)
  var benignWeight: Double?

  @Option(
    help: ArgumentHelp("Weight of the loss on refusals of harmful requests.", valueName: "x"),
    transform: OptionValue.nonNegative)
  var refusalWeight: Double?

  @Option(
    help: ArgumentHelp("Step size of the optimiser.", valueName: "x"),
    transform: OptionValue.positive)
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "Largest divergence on benign rows that is accepted, in nats a token.", valueName: "x"),
    transform: OptionValue.nonNegative)
  var klBudget: Double?

  @Option(
    help: ArgumentHelp(
      "Start of all random choices, a whole number.", valueName: "n"),
    transform: Self.seed)
  var seed: UInt64?

  /// The start of random choices that a text names.
  static func seed(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw ValidationError("expected a whole number from 0 to 2^64 - 1")
    }
    return seed
  }

  func validate() throws {
    if targets.contains(where: \.isEmpty) {
      throw ValidationError(
        "The value '' is invalid for '--targets <glob>': expected a tensor name or a pattern")
    }
  }
}

/// The values that options accept; each failure says what was expected.
///
/// The parser puts the option and the value found in front of these messages.
enum OptionValue {
  static func positiveInteger(_ text: String) throws -> Int {
    guard let value = Int(text), value > 0 else {
      throw ValidationError("expected a whole number above 0")
    }
    return value
  }

  /// A number of bytes: `600M`, `12G`, `1.5GiB`; M and G alone are binary, as memory is sold.
  static func bytes(_ text: String) throws -> Int {
    let units: [(String, Double)] = [
      ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("KB", 1e3), ("MB", 1e6),
      ("GB", 1e9), ("K", 1024), ("M", 1_048_576), ("G", 1_073_741_824), ("", 1),
    ]
    let upper = text.uppercased()
    for (unit, factor) in units where upper.hasSuffix(unit.uppercased()) {
      let bytes = Double(upper.dropLast(unit.count)).map { $0 * factor } ?? .nan
      guard bytes >= 1, bytes < 0x1p62 else { break }
      return Int(bytes)
    }
    throw ValidationError("expected a size such as 600M or 12G")
  }

  static func nonNegativeInteger(_ text: String) throws -> Int {
    guard let value = Int(text), value >= 0 else {
      throw ValidationError("expected a whole number of at least 0")
    }
    return value
  }

  static func positive(_ text: String) throws -> Double {
    try parse(text, "a number above 0") { $0 > 0 }
  }

  static func nonNegative(_ text: String) throws -> Double {
    try parse(text, "a number of at least 0") { $0 >= 0 }
  }

  static func parse(
    _ text: String, _ expected: String, _ accepts: (Double) -> Bool
  ) throws -> Double {
    guard let value = Double(text), value.isFinite, accepts(value) else {
      throw ValidationError("expected \(expected)")
    }
    return value
  }
}
