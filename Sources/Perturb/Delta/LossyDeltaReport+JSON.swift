public import FormatIO

extension LossyDeltaReport {
  /// The whole report, schema `panacea-patch/delta-lossy/1`.
  public var json: JSON {
    func digest(_ digest: ContentDigest?) -> JSON {
      digest.map { .string($0.description) } ?? .null
    }
    let (before, after) = (tensors.map(\.bytesBefore), tensors.map(\.bytesAfter))
    let members: [JSON.Member] = [
      .init("schema", "panacea-patch/delta-lossy/1"),
      .init("version", .string(RepairReport.version)),
      .init("written", .boolean(isWritten)),
      .init("settings", settingsJSON),
      .init("patch_sha256", digest(patch)),
      .init("original_content_sha256", digest(original)),
      .init("exact_result_content_sha256", digest(result)),
      .init("input_content_sha256", digest(input)),
      .init("output_content_sha256", digest(output)),
      .init("calibration", digest(rows)),
      .init("kernel", kernel.map { .string($0) } ?? .null),
      .init("distance", distance.json),
      .init("far_tensors", JSON(tensors.count(where: \.isFar))),
      .init("norm", JSON(weights.wanted.squareRoot())),
      .init("keep", JSON(keep)),
      .init("weights", weights.json),
      .init("effect", effect?.json ?? .null),
      .init("raised", raised.map { .string($0.name) } ?? .null),
      .init("bytes_before", JSON(before.reduce(0, +))),
      .init("bytes_after", JSON(after.reduce(0, +))),
      .init("tensors", .array(tensors.map(\.json))),
    ]
    return .object(members)
  }

  /// How much of the change is in the weights of all tensors.
  public var weights: PatchShare {
    tensors.reduce(into: PatchShare()) { $0 += $1.storage.weights }
  }

  /// How much of it arrives at outputs, where codes were moved; nil if none were.
  public var effect: PatchShare? { tensors.map(\.storage).effect }

  /// What decides the bytes of the result, besides the three inputs.
  private var settingsJSON: JSON {
    let storage = settings.storage
    let own = settings.raisesTypes ? "auto" : "keep"
    return .object([
      .init("command", .string("delta \(direction == .apply ? "apply" : "revert") --lossy")),
      .init("touched_type", .string(storage.elementType?.name ?? own)),
      .init("raised", raised.map { .string($0.name) } ?? .null),
      .init("seed", .number("\(settings.seed)")),
    ])
  }

  /// What goes into the file, under the names that `patch` uses where it has them.
  func provenance(
    of checkpoint: Checkpoint, digest: ContentDigest
  ) -> [SafetensorsHeader.Metadata] {
    let entries = [
      ("panacea.version", RepairReport.version),
      ("panacea.settings", settingsJSON.encoded()),
      ("panacea.input", digest.description),
      ("panacea.patch", patch.description),
      ("panacea.original", original.description),
    ]
    let inputs = [
      rows.map { ("panacea.calibration", $0.description) },
      kernel.map { ("panacea.kernel", $0) },
    ].compactMap { $0 }
    return (checkpoint.originMetadata + entries + inputs).map { (key: $0.0, value: $0.1) }
  }
}

extension LossyDeltaReport.Tensor {
  fileprivate var json: JSON {
    .object([
      .init("name", .string(storage.name.text)), .init("kind", .string(kind)),
      .init("dtype_before", .string(before.name)),
      .init("dtype", .string(storage.elementType.name)),
      .init("norm", JSON(norm)), .init("keep", JSON(storage.weights.keep)),
      .init("noise", JSON(storage.weights.noise)),
      .init("effect", storage.effect?.json ?? .null),
      .init("distance", distance.json),
      .init("bytes_before", JSON(bytesBefore)), .init("bytes_after", JSON(bytesAfter)),
    ])
  }
}

extension WeightDistance {
  fileprivate var json: JSON {
    .object([.init("relative", JSON(relative)), .init("cosine", JSON(cosine))])
  }
}
