import FormatIO

/// What the matrices of a model read in some text, as input moments of its blocks.
///
/// They are computed once. If they are small enough they lie in a scratch file from then on; otherwise
/// they are computed again each time.
final class SampledInputs {
  /// The most bytes that are kept.
  private static let largestFile = 2 << 30

  private let map: TensorMap
  private let samples: [PackedBatch]
  private var kept: (file: ScratchFile, blocks: [[Place]])?

  /// Where a part lies in the file.
  private struct Place {
    let places: [BlockWeights.Place]
    let size: Int
    let offset: Int
  }

  /// Prepares to read these batches with the unpatched model.
  init(map: TensorMap, samples: [PackedBatch]) {
    (self.map, self.samples) = (map, samples)
  }

  /// True if there is nothing to read.
  var isEmpty: Bool { samples.isEmpty }

  /// Shows the moments of some blocks, one after the other.
  ///
  /// - Throws: `InputError` if a scratch file fails or the model's file changed; what `body` throws.
  func visit(layers: Range<Int>, _ body: (_ layer: Int, InputMoments) throws -> Void) throws {
    if let kept {
      for layer in layers { try body(layer, Self.read(kept.blocks[layer], kept.file)) }
      return
    }
    let layerCount = map.configuration.layerCount
    let bytes = InputMoments.byteCount(map.configuration) * layerCount
    let file = bytes <= Self.largestFile ? try ScratchFile(count: bytes) : nil
    var blocks: [[Place]] = []
    var end = 0
    try Transformer(weights: Weights(map: map)).visitInputMoments(
      of: samples, layers: file == nil ? layers : 0..<layerCount
    ) { layer, moments in
      if let file {
        blocks.append(
          try moments.parts.map { part in
            try part.sum.values.withUnsafeBytes { try file.write($0, at: end) }
            defer { end += part.sum.values.count * MemoryLayout<Float>.stride }
            return Place(places: part.places, size: part.sum.rows, offset: end)
          })
      }
      if layers.contains(layer) { try body(layer, moments) }
    }
    kept = file.map { ($0, blocks) }
  }

  private static func read(_ block: [Place], _ file: ScratchFile) throws -> InputMoments {
    var moments = InputMoments()
    for place in block {
      var sum = Matrix(unwrittenRows: place.size, columns: place.size)
      try sum.values.withUnsafeMutableBytes { try file.read($0, at: place.offset) }
      moments.parts.append(.init(places: place.places, sum: sum))
    }
    return moments
  }
}
