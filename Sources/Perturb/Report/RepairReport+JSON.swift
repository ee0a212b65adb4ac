public import FormatIO

extension RepairReport {
  /// The whole report, schema `panacea-patch/patch/1`.
  public var json: JSON {
    .object([
      .init("schema", "panacea-patch/patch/1"),
      .init("version", .string(Self.version)),
      .init("outcome", .string(outcome.rawValue)),
      .init("verdict", verdict.map { .string($0.rawValue) } ?? .null),
      .init("written", .boolean(isWritten)),
      .init("missed", .array(misses.map(\.json))),
      .init("before", before.json),
      .init("all_harmful_rows", refusalOfAllRows.map(json(ofAllRows:)) ?? .null),
      .init("drift_only", driftOnly?.json ?? .null),
      .init("after", after?.json ?? .null),
      .init("budgets", budgets.json),
      .init("adapter", adapter?.json ?? .null),
      .init("patch", patchJSON),
      .init("search", .array(trials.map(\.json))),
      .init("steps", .array(steps.map(\.json))),
      .init("rows", rowsJSON),
      .init("flagged_benign_rows", .array(flagged.map { .string($0) })),
      .init("notes", .array(heldOut.notes.map { .string($0) })),
      .init("settings", settings.json),
      .init("provenance", provenanceJSON),
      .init("seconds", secondsJSON),
    ])
  }

  private func json(ofAllRows refusal: Rate) -> JSON {
    .object([.init("rows", JSON(refusal.total)), .init("refusal_rate", refusal.json)])
  }

  private var patchJSON: JSON {
    .object([
      .init("relative_norm", JSON(relativeNorm)),
      .init("relative_drift", JSON(relativeDrift)),
      .init("rho", JSON(rho)),
      .init("safety_coefficients", .array((coefficients?.layers ?? []).map { JSON($0) })),
      .init(
        "safety_coefficients_by_kind",
        .object(
          (coefficients?.kick.kinds ?? []).map { kind in
            .init(kind.role.kind, .array(kind.layers.map { JSON($0) }))
          })),
      .init("keep", JSON(share.keep)),
      .init("noise", JSON(share.noise)),
      .init("effect", effect?.json ?? .null),
      .init(
        "tensors",
        .array(
          storage.map { tensor in
            .object([
              .init("name", .string(tensor.name.text)),
              .init("dtype", .string(tensor.elementType.name)),
              .init("norm", JSON(tensor.weights.wanted.squareRoot())),
              .init("keep", JSON(tensor.weights.keep)), .init("noise", JSON(tensor.weights.noise)),
              .init("effect", tensor.effect?.json ?? .null),
            ])
          })),
    ])
  }

  private var rowsJSON: JSON {
    .object(
      rows.map { role, counts in
        .init(
          role.rawValue,
          .object([
            .init("learning", JSON(counts.learning)), .init("selection", JSON(counts.selection)),
            .init("held_out", JSON(counts.heldOut)),
          ]))
      })
  }

  private var provenanceJSON: JSON {
    func digest(_ digest: ContentDigest?) -> JSON {
      digest.map { .string($0.description) } ?? .null
    }
    return .object([
      .init("input", digest(inputDigest)), .init("adapter", digest(adapter?.digest)),
      .init("output", digest(outputDigest)),
      .init("calibration", digest(rowsDigest)), .init("kernel", .string(precision.kernelName)),
    ])
  }

  private var secondsJSON: JSON {
    .object(
      RepairRun.Phase.allCases.compactMap { phase in
        seconds[phase].map { .init(phase.rawValue, JSON($0)) }
      })
  }

  /// What goes into the file: enough to know what was done to it and to do it again.
  func provenance(
    of checkpoint: Checkpoint, digest: ContentDigest
  ) -> [SafetensorsHeader.Metadata] {
    let entries = [
      ("panacea.version", Self.version),
      ("panacea.settings", settings.json.encoded()),
      ("panacea.input", digest.description),
      ("panacea.calibration", rowsDigest?.description ?? ""),
      ("panacea.kernel", precision.kernelName),
    ]
    let source = adapter.map { [("panacea.adapter", $0.digest.description)] } ?? []
    return (checkpoint.originMetadata + entries + source).map { (key: $0.0, value: $0.1) }
  }
}

extension Checkpoint {
  /// What the format itself wants to have said of a file that was made from this one.
  var originMetadata: [(String, String)] {
    switch shards[0].header {
    case .safetensors:
      // transformers refuses a file whose metadata lacks a format, and we are about to add some.
      let known = shards.flatMap { $0.header.metadata ?? [] }
      return known.contains { $0.key == "format" } ? [] : [("format", "pt")]
    case .gguf(let header):
      // A file that names its own base keeps that.
      guard header["general.base_model.count"] == nil, let name = header["general.name"]?.string
      else { return [] }
      let others = ["organization", "version"].compactMap { key in
        header["general.\(key)"]?.string.map { ("general.base_model.0.\(key)", $0) }
      }
      return [("general.base_model.count", "1"), ("general.base_model.0.name", name)] + others
    }
  }
}

// MARK: - Parts

extension RepairRun.Settings {
  /// All settings that decide the result.
  var json: JSON {
    .object([
      .init("method", .string(method.rawValue)),
      .init("recipe", recipe.json),
      .init("output", .string(writesAdapter ? "adapter" : "model")),
      .init("dtype", .string(storage.elementType?.name ?? "keep")),
      .init("max_tokens", JSON(maximumTokens)),
    ])
  }
}

extension Recipe {
  /// All settings of the method; ρ is "auto", a relative size, or a length in the parameters.
  var json: JSON {
    let (rank, scale): (JSON, JSON) =
      switch parametrisation {
      case .full: ("full", .null)
      case .lowRank(let rank, let scale): (JSON(rank), JSON(scale))
      // The report has them with the adapter.
      case .ofAdapter: ("adapter", "adapter")
      }
    let targets: JSON =
      switch self.targets {
      case .blockMatrices: "block matrices"
      case .queryKeyValue: "query, key, value"
      case .matching(let patterns): .array(patterns.map { .string($0) })
      }
    let kick: JSON =
      switch self.kick {
      case .margin: "margin"
      case .anchored(let weight): .object([.init("anchored", JSON(weight))])
      case .lastMinibatch: "last minibatch"
      }
    let metric: JSON =
      switch self.metric {
      case .identity: "identity"
      case .benignProjection(let groups): .object([.init("benign_projection", JSON(groups))])
      case .benignFisher(let damping, let groups):
        .object([.init("benign_fisher", JSON(groups)), .init("damping", JSON(damping))])
      }
    let rho: JSON =
      switch self.rho {
      case .automatic: "auto"
      case .relative(let rho): .object([.init("relative", JSON(rho))])
      case .parameters(let length): .object([.init("parameters", JSON(length))])
      }
    return .object([
      .init("targets", targets), .init("rank", rank), .init("scale", scale),
      .init("steps", JSON(steps)), .init("extra_rounds", JSON(extraRounds)),
      .init("extra_steps", JSON(extraSteps)), .init("learning_rate", JSON(learningRate)),
      .init("weight_decay", JSON(weightDecay)), .init("clip", clipNorm.map { JSON($0) } ?? .null),
      .init("decays_learning_rate", .boolean(decaysLearningRate)),
      .init("warm_up_steps", JSON(warmUpSteps)),
      .init(
        "batch_rows",
        .object([
          .init("harmful", JSON(batchRows.harmful)), .init("benign", JSON(batchRows.benign)),
          .init("task", JSON(batchRows.task)), .init("over_refusal", JSON(batchRows.overRefusal)),
        ])), .init("batch_tokens", JSON(batchTokens)),
      .init("task_weight", JSON(taskWeight)), .init("task_term", .string(taskTerm.rawValue)),
      .init("benign_weight", JSON(benignWeight)),
      .init("refusal_weight", JSON(refusalWeight)),
      .init("opening_emphasis", JSON(openingEmphasis)),
      .init("deep_refusals", JSON(deepRefusals)),
      .init("over_refusal_weight", JSON(overRefusalWeight)), .init("beta", JSON(beta)),
      .init("lambda", JSON(lambda)), .init("mu", JSON(mu)), .init("rho", rho),
      .init("kick", kick), .init("metric", metric), .init("ceiling", JSON(ceiling)),
      .init("ceiling_on_mean", .boolean(ceilingOnMean)),
      .init("completes_rows", .boolean(completesRows)), .init("seed", .number("\(seed)")),
    ])
  }
}

extension PatchShare {
  var json: JSON {
    .object([.init("keep", JSON(keep)), .init("noise", JSON(noise))])
  }
}

extension Budgets {
  var json: JSON {
    .object([
      .init("refusal_target", JSON(refusalTarget)),
      .init("over_refusal_rise", JSON(overRefusalRise)), .init("task_drop", JSON(taskDrop)),
      .init("incoherent_rise", JSON(incoherentRise)),
      .init("kl", divergence.map { JSON($0) } ?? .null),
    ])
  }
}

extension Budgets.Miss {
  fileprivate var json: JSON {
    .object([
      .init("name", .string(name)), .init("limit", JSON(limit)), .init("value", JSON(value)),
    ])
  }
}

extension StrengthSearch.Trial {
  fileprivate var json: JSON {
    .object([
      .init("rho", JSON(rho)), .init("steps", JSON(steps)),
      .init("accepted", .boolean(isAcceptable)),
      .init("missed", .array(misses.map(\.json))), .init("selection", evaluation.json),
    ])
  }
}

extension LearningStep {
  fileprivate var json: JSON {
    func optional(_ value: Double?) -> JSON { value.map { JSON($0) } ?? .null }
    return .object([
      .init("step", JSON(number)), .init("task", optional(task)),
      .init("benign", optional(benign)), .init("refusal", optional(refusal)),
      .init("harmful", optional(harmful)), .init("kl", optional(divergence)),
      .init("gradient_norm", JSON(gradientNorm)), .init("tokens", JSON(tokens)),
    ])
  }
}
