/// The finished parts of a patch file whose making may be stopped and taken up again.
///
/// They lie in `PATH.partial`. Each of them is a patch file for some of the tensors, as if a file of each side
/// had these and nothing else. All data are hashed again when the work is taken up, so a part counts only for
/// the very tensors that it was made of, and only if it is whole.
struct DeltaParts {
  private let folder: StagedFolder

  /// Takes up the folder that an earlier run left, or creates it.
  ///
  /// - Parameter tensors: all that parts can be made of.
  /// - Throws: `InputError` of kind `cannotCreate` if there is something in it that no such run left.
  init(of path: String, tensors: [TensorInfo]) throws {
    folder = try StagedFolder(
      resuming: path + ".partial", as: path, names: tensors.indices.map(DeltaParts.name))
  }

  private static func name(_ number: Int) -> String { "part-\(number + 1).ppd" }

  /// A patch file for each section of the pairs: those that are there, and new ones.
  func files(
    _ sections: [ArraySlice<DeltaMaker.Pair>], by maker: DeltaMaker,
    _ progress: (Int) throws -> Void
  ) throws -> [DeltaFile] {
    try sections.enumerated().map { number, pairs in
      let path = Checkpoint.join(folder.temporary, DeltaParts.name(number))
      if let part = finished(path, pairs, threads: maker.threads) {
        try progress(pairs.reduce(0) { $0 + $1.byteCount })
        return part
      }
      let part = try DeltaFileWriter(path)
      let tensors = try maker.changes(of: pairs, to: part, progress)
      try part.finish(try DeltaIndex(part: tensors, of: maker, to: part))
      return try DeltaFile(path)
    }
  }

  /// A part that an earlier run finished; nil if there is none, or one of other tensors, or a damaged one.
  private func finished(
    _ path: String, _ pairs: ArraySlice<DeltaMaker.Pair>, threads: Int
  ) -> DeltaFile? {
    guard let part = try? DeltaFile(path),
      part.index.tensors.elementsEqual(
        pairs, by: { ($0.base, $0.target) == ($1.stored.base, $1.stored.target) }),
      (try? part.checkData(threads: threads)) != nil
    else { return nil }
    return part
  }

  /// Removes the parts when they are no longer needed.
  func remove() {
    Interruption.remove(folder.temporary)
  }
}

extension DeltaIndex {
  /// The index of a part: on each side a file of these tensors, without a header.
  fileprivate init(
    part tensors: [Tensor], of maker: DeltaMaker, to output: DeltaFileWriter
  ) throws {
    let empty = try Zstd.compress([])
    let blob = Blob(
      offset: output.position, length: empty.count, check: empty.withUnsafeBytes(DeltaCheck.init))
    try output.append(empty)
    func side(_ checkpoint: Checkpoint, _ stored: [Stored?], _ form: Rest.Form) -> Side {
      let content = DeltaIndex.content(of: stored)
      var end = 0
      let placements = stored.enumerated().compactMap { number, tensor in
        tensor.map { tensor in
          defer { end += tensor.byteCount }
          return Placement(tensor: number, offset: end)
        }
      }
      let nothing = ContentDigest(UnsafeRawBufferPointer(start: nil, count: 0))
      let rest = Rest(byteCount: 0, digest: nothing, form: form)
      let file = File(
        name: "part", byteCount: end, digest: nil, tensors: placements, rest: rest)
      return Side(
        form: .file, format: checkpoint.shards[0].header.format, content: content, files: [file])
    }
    self.init(
      tool: maker.tool,
      base: side(maker.base, tensors.map(\.base), .stored(blob, prefix: nil)),
      target: side(maker.target, tensors.map(\.target), .same(file: 0)), tensors: tensors)
  }
}

extension DeltaIndex.Tensor {
  /// The same with frames that lie so many bytes further on.
  func moved(by distance: Int) -> DeltaIndex.Tensor {
    DeltaIndex.Tensor(base: base, target: target, change: change.moved(by: distance))
  }
}

extension DeltaIndex.Change {
  fileprivate func moved(by distance: Int) -> DeltaIndex.Change {
    func moved(_ stream: DeltaIndex.Stream) -> DeltaIndex.Stream {
      .init(offset: stream.offset + distance, lengths: stream.lengths, checks: stream.checks)
    }
    return switch self {
    case .same: .same
    case .residual(let common, let baseTail, let targetTail):
      .residual(
        moved(common), baseTail: baseTail.map(moved), targetTail: targetTail.map(moved))
    case .converted(let forward, let backward):
      .converted(forward: moved(forward), backward: moved(backward))
    case .stored(let base, let target):
      .stored(base: base.map(moved), target: target.map(moved))
    }
  }
}
