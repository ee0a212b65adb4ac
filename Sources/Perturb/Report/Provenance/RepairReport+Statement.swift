public import FormatIO

extension RepairReport {
  /// What a repair has to say of the files it wrote.
  ///
  /// - Parameters:
  ///   - outputs: the files that were written, the patch file among them if there is one.
  ///   - materials: what they were made from.
  ///   - invocation: what the caller asked for beyond the settings of the report.
  ///   - progress: gets the bytes hashed since the last call.
  /// - Throws: `InputError` if a file changed since it was opened.
  public func statement(
    of outputs: [CheckpointFile], materials: RepairMaterials, invocation: [JSON.Member],
    progress: (Int) throws -> Void
  ) throws -> Statement {
    let subjects = try outputs.map { try Resource($0, progress: progress) }
    return Statement(
      .patch, subjects: subjects, materials: try materials.resources(progress: progress),
      externalParameters: .object(
        invocation + [.init("settings", settings.json), .init("limits", settings.budgets.json)]),
      internalParameters: .object([
        .init("kernel", .string(precision.kernelName)),
        .init("content_digests", contentDigests),
      ]),
      byproducts: [outcomeResource])
  }

  /// Digests of what tensors say, whatever the headers, shards and metadata around them; not of files. See
  /// `Checkpoint.contentDigest`.
  private var contentDigests: JSON {
    let digests = [
      ("base", inputDigest), ("adapter", adapter?.digest), ("output", outputDigest),
      ("calibration_rows", rowsDigest),
    ]
    return .object(
      digests.compactMap { name, digest in digest.map { .init(name, .string($0.description)) } })
  }

  /// How it ended, to read at once; all figures, in the content.
  private var outcomeResource: Resource {
    let verdict = verdict.map { JSON.string($0.rawValue) } ?? .null
    let missed = JSON.array(misses.map { .string($0.name) })
    func figures(_ evaluation: Evaluation?) -> JSON {
      guard let evaluation else { return .null }
      return .object([
        .init("held_out_harmful_rows", JSON(evaluation.harmful.rows)),
        .init("harmful_refusal_rate", evaluation.harmful.refusal.json),
        .init("benign_refusal_rate", evaluation.benign.overRefusal.json),
        .init("benign_incoherent_rate", evaluation.benign.incoherent.json),
        .init("benign_kl", evaluation.benign.divergence.map { JSON($0) } ?? .null),
        .init("task_exact_match", evaluation.task.exactMatch.json),
      ])
    }
    let all = JSON.object([
      .init("outcome", .string(outcome.rawValue)), .init("verdict", verdict),
      .init("missed", missed), .init("before", before.json), .init("after", after?.json ?? .null),
      .init(
        "patch",
        .object([
          .init("relative_norm", JSON(relativeNorm)),
          .init("relative_drift", JSON(relativeDrift)), .init("rho", JSON(rho)),
          .init("keep", JSON(share.keep)), .init("noise", JSON(share.noise)),
        ])),
    ])
    return Resource(
      "outcome", content: Array(all.encoded().utf8), mediaType: "application/json",
      annotations: [
        .init("outcome", .string(outcome.rawValue)), .init("verdict", verdict),
        .init("missed", missed), .init("before", figures(before)), .init("after", figures(after)),
      ])
  }
}
