public import FormatIO

extension Statement {
  /// What making a patch file has to say of it. The files on both sides are those that its index names.
  ///
  /// - Parameter progress: gets the bytes hashed since the last call.
  /// - Throws: `InputError` if the patch file changed since it was opened, or has no digests of files.
  public init(making patch: DeltaFile, progress: (Int) throws -> Void) throws {
    let sides: [(Role, DeltaIndex.Side)] = [
      (.base, patch.index.base), (.target, patch.index.target),
    ]
    self.init(
      .makeDelta, subjects: [try Resource(patch.wholeFile, progress: progress)],
      materials: try sides.flatMap { role, side in
        try side.files.map { file in
          guard let digest = file.digest else {
            throw InputError(
              file: patch.path, place: "file \(TensorName(file.name).quoted)",
              expected: "its SHA-256", found: "none",
              fix: "make the patch file with the digests of whole files")
          }
          return Resource(file.name, digest: digest, role: role)
        }
      },
      externalParameters: ["settings": .object([])], internalParameters: Statement.internals(patch))
  }

  /// What applying or reverting a patch file has to say of the files it wrote.
  ///
  /// - Parameters:
  ///   - patch: the patch file.
  ///   - direction: which way it was used.
  ///   - result: what was written.
  ///   - source: the files it was made from, open since before the work.
  ///   - progress: gets the bytes hashed since the last call.
  /// - Throws: `InputError` if a file changed since it was opened.
  public init(
    using patch: DeltaFile, _ direction: DeltaApplier.Direction, result: AppliedDelta,
    source: [CheckpointFile], progress: (Int) throws -> Void
  ) throws {
    let role: Role = direction == .apply ? .base : .target
    let files = try source.map { file in
      Resource(file.name, digest: try result.digest(of: file, progress: progress), role: role)
    }
    self.init(
      .applyDelta,
      subjects: zip(result.fileNames, result.digests).map { Resource($0, digest: $1) },
      materials: files + [try Resource(patch.wholeFile, role: .delta, progress: progress)],
      externalParameters: ["settings": ["direction": .string(direction.rawValue)]],
      internalParameters: Statement.internals(patch))
  }

  private static func internals(_ patch: DeltaFile) -> JSON {
    [
      "tool": .string(patch.index.tool),
      "content_digests": [
        "base": .string(patch.index.base.content.description),
        "target": .string(patch.index.target.content.description),
      ],
    ]
  }
}
