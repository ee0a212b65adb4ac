public import FormatIO
import Synchronization

extension CheckpointDifference {
  /// What is compared and measured.
  public struct Options: Sendable {
    /// Names of tensors to compare, with `*`; all tensors, and the metadata, if empty. A name on either side
    /// counts.
    public var select: [String] = []
    /// How many singular values of each change are reported; nil computes none.
    public var singularValues: Int?

    /// All tensors, without singular values.
    public init() {}
  }

  /// Compares two checkpoints.
  ///
  /// The files are read once, piece by piece, and their pages let go; memory does not grow with them.
  ///
  /// - Parameters:
  ///   - a: the one that Δ starts at.
  ///   - b: the one it ends at.
  ///   - reference: a third one, C; Δ is split into the part along C − A and the rest.
  ///   - options: what is compared and measured.
  ///   - notify: called with the bytes done so far and those in all.
  /// - Throws: `InputError` if a file changed since it was opened, or if nothing is selected; between formats also
  ///   if config.json or metadata say nothing usable about the model.
  public init(
    _ a: Checkpoint, _ b: Checkpoint, reference: Checkpoint? = nil, options: Options = Options(),
    notify: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    let pairing = try TensorPairing(a, b, reference: reference, select: options.select)
    let isAcrossFormats = a.format != b.format
    let sums = try Self.sums(of: pairing.pairs, notify)
    let tensors = zip(pairing.pairs, sums).map { TensorDifference($0, $1) }
    let isWhole = options.select.isEmpty && !isAcrossFormats
    self.init(
      pathA: a.path, pathB: b.path, pathReference: reference?.path, tensors: tensors,
      onlyInA: pairing.onlyInA, onlyInB: pairing.onlyInB,
      shapeDifferences: pairing.shapeDifferences,
      metadata: isWhole ? try a.metadataDifferences(from: b) : [],
      isAcrossFormats: isAcrossFormats, withoutReference: pairing.withoutReference)
  }

  /// So many numbers are a piece of work. Pieces are the same for any number of threads, and so are the sums.
  private static let piece = 64 * DifferenceKernel.run
  /// So many pieces are read before their pages are let go.
  private static let piecesAtOnce = 128

  /// A part of a pair.
  private struct Piece: Sendable {
    let pair: Int
    let range: Range<Int>
  }

  private static func sums(
    of pairs: [ComparedPair], _ notify: (_ done: Int, _ total: Int) -> Void
  ) throws -> [DifferenceSums] {
    var sums = [DifferenceSums](repeating: DifferenceSums(), count: pairs.count)
    let total = pairs.reduce(0) { $0 + $1.byteCount }
    var (waiting, done) = ([Piece](), 0)
    notify(0, total)
    func work() throws {
      for (piece, part) in zip(waiting, try Self.sums(of: waiting, pairs)) {
        sums[piece.pair] += part
        let pair = pairs[piece.pair]
        for side in [pair.a, pair.b] + (pair.c.map { [$0] } ?? []) { side.release(piece.range) }
        done += pair.byteCount * piece.range.count / max(1, pair.count)
      }
      waiting.removeAll(keepingCapacity: true)
      notify(min(done, total), total)
    }
    for (index, pair) in pairs.enumerated() {
      if !pair.isDecoded { sums[index].largestSteps = nil }
      // A tensor of the same size in no elements is as equal as its type.
      if pair.count == 0 {
        sums[index].isByteEqual = pair.a.tensor.elementType == pair.b.tensor.elementType
      }
      for start in stride(from: 0, to: pair.count, by: piece) {
        waiting.append(Piece(pair: index, range: start..<min(pair.count, start + piece)))
        if waiting.count == piecesAtOnce { try work() }
      }
    }
    try work()
    return sums
  }

  private static func sums(
    of pieces: [Piece], _ pairs: [ComparedPair]
  ) throws -> [DifferenceSums] {
    let fault = Mutex<(any Error)?>(nil)
    var results = [DifferenceSums](repeating: DifferenceSums(), count: pieces.count)
    results.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let results = buffer
      Parallel.forEach(pieces.count) { index in
        let piece = pieces[index]
        do {
          results[index] = try pairs[piece.pair].sums(over: piece.range)
        } catch {
          fault.withLock { $0 = error }
        }
      }
    }
    if let error = fault.withLock({ $0 }) { throw error }
    return results
  }
}

extension TensorDifference {
  fileprivate init(_ pair: ComparedPair, _ sums: DifferenceSums) {
    self.init(
      name: pair.a.tensor.name, otherName: pair.b.tensor.name,
      elementType: pair.a.tensor.elementType, otherElementType: pair.b.tensor.elementType,
      shape: pair.shape, layer: pair.place.layer, kind: pair.place.kind,
      expert: pair.place.expert, isDecoded: pair.isDecoded, sums: sums, spectrum: nil)
  }
}

// MARK: - Metadata

extension Checkpoint {
  /// Keys that say how a model is cut into files, not what it is.
  private static let layoutKeys: Set<String> = ["split.no", "split.count", "split.tensors.count"]

  /// The keys whose values differ, in the order of this checkpoint, then of the other one. Of files that disagree
  /// about a key, the first one counts.
  ///
  /// - Throws: `InputError` if a file changed since it was opened.
  fileprivate func metadataDifferences(
    from other: Checkpoint
  ) throws -> [CheckpointDifference.MetadataDifference] {
    let (here, there) = (metadataValues(), other.metadataValues())
    var differences: [CheckpointDifference.MetadataDifference] = []
    for key in here.keys + there.keys.filter({ here.values[$0] == nil }) {
      let (a, b) = (here.values[key], there.values[key])
      if let a, let b, try a.isSame(as: b) { continue }
      differences.append(.init(key: key.text, a: a?.json, b: b?.json))
    }
    return differences
  }

  /// A value and the file it is from.
  private struct Value {
    let value: GGUFValue
    let file: MappedFile

    var json: JSON { value.json }

    func isSame(as other: Value) throws -> Bool {
      guard case .array(let array) = value, case .array(let second) = other.value else {
        return value == other.value
      }
      guard array.kind == second.kind, array.count == second.count else { return false }
      return try file.withBytes(of: array) { a in
        try other.file.withBytes(of: second) { a.elementsEqual($0) }
      }
    }
  }

  private func metadataValues() -> (keys: [TensorName], values: [TensorName: Value]) {
    var (keys, values) = ([TensorName](), [TensorName: Value]())
    for shard in shards {
      let pairs: [(key: String, value: GGUFValue)] =
        switch shard.header {
        case .safetensors(let header):
          (header.metadata ?? []).map { ($0.key, .text(Array($0.value.utf8))) }
        case .gguf(let header): header.metadata.map { ($0.key, $0.value) }
        }
      for (key, value) in pairs where !Self.layoutKeys.contains(key) {
        // Keys are bytes, as names are.
        let name = TensorName(key)
        guard values[name] == nil else { continue }
        keys.append(name)
        values[name] = Value(value: value, file: shard.file)
      }
    }
    return (keys, values)
  }
}
