import FormatIO
import Foundation
import Perturb

extension DataOptions {
  /// The rows the options name; the built-in ones where they name none.
  func rows() throws -> CalibrationSet {
    try CalibrationSet.read(harmful: harmful, benign: benign, task: task)
  }

  /// The prompt format asked for; nil takes the model's own.
  var templateName: String? { template == "auto" ? nil : template }
}

extension RunOptions {
  /// Sets the threads of the whole program.
  func apply() { threading.apply() }

  /// How much memory the parts of a run may hold.
  ///
  /// - Throws: `InputError` if nothing fits in what `--memory` grants.
  func memoryPlan(for map: TensorMap, space: ParameterSpace?) throws -> MemoryPlan {
    var plan = try memory.map { try MemoryPlan(limit: $0, map: map, space: space) } ?? MemoryPlan()
    if let batchTokens { plan.batchTokens = batchTokens }
    return plan
  }

  /// How products are to be computed while a patch is learned.
  var learningPrecision: Precision {
    switch precision ?? .auto {
    case .auto: .fastest
    case .f32: .float32
    case .bf16: .bfloat16
    }
  }

  /// How products are to be computed to measure a model: fast only where no weight has to be rounded.
  func measuringPrecision(for map: TensorMap) -> Precision {
    precision ?? .auto == .auto && !map.isStoredAsBFloat16 ? .float32 : learningPrecision
  }
}

extension OutputOptions {
  /// How changed tensors are stored; plain types are rounded at random from a seed.
  func storage(seed: UInt64) -> StorageRounding {
    // Factors are F32 and never added to the base, so nothing is rounded.
    if form == .adapter { return StorageRounding(elementType: .float32, rounding: .nearestEven) }
    let forced: ElementType? =
      switch dtype ?? .keep {
      case .keep: nil
      case .f32: .float32
      case .f16: .float16
      case .bf16: .bfloat16
      }
    guard let forced else {
      return StorageRounding(touchedType: touchedType ?? .auto, seed: seed)
    }
    return StorageRounding(elementType: forced, rounding: .stochastic(seed: seed))
  }
}

extension OutputOptions.TouchedType {
  /// Checks that a format has the type.
  ///
  /// - Throws: `InputError` if it has not.
  func check(for checkpoint: Checkpoint) throws {
    guard self == .q8, case .safetensors = checkpoint.shards[0].header else { return }
    throw InputError(
      .usage, file: "--touched-type q8_0", expected: "a GGUF file",
      found: "safetensors, which has no Q8_0", fix: "use f16 or bf16")
  }
}

extension StorageRounding {
  /// Quantised tensors that change get at least this type; plain types are rounded at random from a seed.
  init(touchedType: OutputOptions.TouchedType, seed: UInt64) {
    let least: ElementType? =
      switch touchedType {
      case .auto, .keep: nil
      case .q8: .q8
      case .f16: .float16
      case .bf16: .bfloat16
      }
    self.init(elementType: least, onlyRaises: least != nil, rounding: .stochastic(seed: seed))
  }
}

extension MethodOptions {
  /// Overwrites what the options name; the rest stays as the recipe has it.
  func apply(to recipe: inout Perturb.Recipe) {
    if !targets.isEmpty { recipe.targets = .matching(targets) }
    switch (rank, recipe.parametrisation) {
    case (.full, _): recipe.parametrisation = .full
    case (.factors(let rank), .lowRank(_, let scale)):
      recipe.parametrisation = .lowRank(rank: rank, scale: scale)
    case (.factors(let rank), .full): recipe.parametrisation = .lowRank(rank: rank, scale: 2)
    // The command has refused a rank for factors that have one.
    case (.factors, .ofAdapter), (nil, _): break
    }
    if case .relative(let rho) = rho { recipe.rho = .relative(rho) }
    if rho == .auto { recipe.rho = .automatic }
    if let steps { (recipe.steps, recipe.extraRounds) = (steps, 0) }
    if let lambda { recipe.lambda = Float(lambda) }
    if let mu { recipe.mu = Float(mu) }
    if let beta { recipe.beta = Float(beta) }
    if let taskWeight { recipe.taskWeight = Float(taskWeight) }
    if let benignWeight { recipe.benignWeight = Float(benignWeight) }
    if let refusalWeight { recipe.refusalWeight = Float(refusalWeight) }
    if let learningRate { recipe.learningRate = Float(learningRate) }
    if let seed { recipe.seed = seed }
  }
}
