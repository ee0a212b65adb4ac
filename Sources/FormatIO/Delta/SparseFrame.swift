/// The frame of few changes: where they are, and what they are.
///
/// The form: the kind of residual and the shift (a byte each); how many words change; then tokens in two contexts: as a
/// section each, the gaps (how many unchanged words lie before a changed one) and the residuals of whole words.
struct SparseFrame {
  /// The places of changed words in ascending order.
  let places: UnsafePointer<UInt32>
  let count: Int
  /// How residuals are taken; the kind is the one that takes fewer bits.
  private(set) var form: ResidualForm
  /// About how many bits the payload takes.
  private(set) var bits: Double
  private let tokens: TokenWriter

  private static let contexts = 2

  /// - Parameter places: stay the caller's. Call `deallocate` at the end.
  init(
    base: UnsafeRawPointer, target: UnsafeRawPointer, layout: WordLayout,
    places: UnsafePointer<UInt32>, count: Int
  ) {
    (self.places, self.count) = (places, count)
    let size = max(1, count * layout.wordBytes)
    let packed = UnsafeMutableRawPointer.allocate(byteCount: 2 * size, alignment: 16)
    let gaps = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, count))
    defer {
      packed.deallocate()
      gaps.deallocate()
    }
    let (b, t) = (packed, packed + size)
    WordKernels.gather(base, places: places, count: count, wordBytes: layout.wordBytes, into: b)
    WordKernels.gather(target, places: places, count: count, wordBytes: layout.wordBytes, into: t)
    var next: UInt32 = 0
    for index in 0..<count {
      gaps[index] = UInt64(places[index] &- next)
      next = places[index] &+ 1
    }
    let differing = WordKernels.differingBits(
      base: b, target: t, count: count, wordBytes: layout.wordBytes)
    let shift = min(differing.trailingZeroBitCount, layout.wordBits - 1)

    func write(_ form: ResidualForm) -> (TokenWriter, Double) {
      var tokens = TokenWriter(capacity: 2 * count)
      tokens.append(gaps, count: count, context: 0)
      tokens.append(
        residualsOf: b, t, count: count, wordBytes: layout.wordBytes, form: form, context: 1)
      return (tokens, tokens.estimate(contexts: SparseFrame.contexts, scale: 1))
    }
    form = .init(kind: .xor, width: layout.wordBits, shift: shift)
    let (xor, xorBits) = write(form)
    var difference = form
    difference.kind = .difference
    let (other, otherBits) = write(difference)
    if xorBits <= otherBits {
      (tokens, bits) = (xor, xorBits)
      other.deallocate()
    } else {
      (tokens, bits, form) = (other, otherBits, difference)
      xor.deallocate()
    }
    // The fields, the states and the number of bytes of bits.
    bits += Double(8 * (3 + 3 + 16 + 3))
  }

  func deallocate() { tokens.deallocate() }

  /// The payload.
  func payload() -> [UInt8] {
    var payload = [DeltaFrame.Method.sparse.rawValue, form.kind.rawValue, UInt8(form.shift)]
    payload.appendNumber(count)
    tokens.write(contexts: SparseFrame.contexts, to: &payload)
    return payload
  }

  /// - Parameters:
  ///   - payload: without the method.
  ///   - words: how many words a side has.
  static func decode(
    _ payload: UnsafeRawBufferPointer, source: UnsafeRawPointer, words: Int, layout: WordLayout,
    isForward: Bool, into result: UnsafeMutableRawPointer
  ) throws(DeltaFrameFault) {
    var fields = FieldReader(payload)
    let form = try ResidualForm(
      kind: try fields.byte("a kind of residual"), width: layout.wordBits,
      shift: try fields.byte("a shift"), layout: layout)
    let count = try fields.number("changed words", limit: words)
    var tokens = try TokenReader(fields.rest, contexts: contexts)
    defer { tokens.deallocate() }
    let places = try tokens.takePlaces(count, below: words, context: 0)
    defer { places.deallocate() }
    result.copyMemory(from: source, byteCount: words * layout.wordBytes)
    try tokens.takeResiduals(
      at: places, count: count, source: source, result: result, wordBytes: layout.wordBytes,
      form: form, isForward: isForward, context: 1)
    try tokens.finish()
  }
}

extension ResidualForm {
  /// What a payload says.
  init(kind: UInt8, width: Int, shift: UInt8, layout: WordLayout) throws(DeltaFrameFault) {
    guard let kind = Kind(rawValue: kind) else {
      throw .init(expected: "a kind of residual from 0 to 2", found: "\(kind)")
    }
    guard shift < width else {
      throw .init(expected: "a shift below \(width)", found: "\(shift)")
    }
    self.init(kind: kind, width: width, shift: Int(shift))
    guard kind != .orderedDifference || (shift == 0 && width == layout.wordBits) else {
      throw .init(expected: "ordered differences of whole words", found: "a shift or a part")
    }
  }
}

extension TokenReader {
  /// Takes out a section of gaps. The caller deallocates the places.
  mutating func takePlaces(
    _ count: Int, below words: Int, context: UInt8
  ) throws(DeltaFrameFault) -> UnsafeMutablePointer<UInt32> {
    let places = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, count))
    let gaps = UnsafeMutablePointer<UInt64>.allocate(capacity: TokenReader.batch)
    defer { gaps.deallocate() }
    contexts.update(repeating: context, count: min(count, TokenReader.batch))
    var (start, next): (Int, UInt64) = (0, 0)
    do throws(DeltaFrameFault) {
      while start < count {
        let size = min(TokenReader.batch, count - start)
        try takeBatch(size)
        HybridToken.join(symbols, count: size, into: gaps, bits: &bits)
        for index in 0..<size {
          guard gaps[index] < UInt64(words), next &+ gaps[index] < UInt64(words) else {
            throw DeltaFrameFault(expected: "a place below \(words)", found: "a later one")
          }
          next &+= gaps[index]
          places[start &+ index] = UInt32(truncatingIfNeeded: next)
          next &+= 1
        }
        start += size
      }
    } catch {
      places.deallocate()
      throw error
    }
    return places
  }

  /// Takes out a section of residuals in one context and puts them upon the words at some places.
  mutating func takeResiduals(
    at places: UnsafePointer<UInt32>, count: Int, source: UnsafeRawPointer,
    result: UnsafeMutableRawPointer, wordBytes: Int, form: ResidualForm, isForward: Bool,
    context: UInt8
  ) throws(DeltaFrameFault) {
    let values = UnsafeMutablePointer<UInt64>.allocate(capacity: TokenReader.batch)
    let packed = UnsafeMutableRawPointer.allocate(
      byteCount: 2 * TokenReader.batch * wordBytes, alignment: 16)
    defer {
      values.deallocate()
      packed.deallocate()
    }
    let changed = packed + TokenReader.batch * wordBytes
    contexts.update(repeating: context, count: min(count, TokenReader.batch))
    for start in stride(from: 0, to: count, by: TokenReader.batch) {
      let size = min(TokenReader.batch, count - start)
      WordKernels.gather(
        source, places: places + start, count: size, wordBytes: wordBytes, into: packed)
      changed.copyMemory(from: packed, byteCount: size * wordBytes)
      try takeResiduals(
        size, source: packed, result: changed, wordBytes: wordBytes, form: form,
        isForward: isForward, values: values)
      WordKernels.scatter(
        changed, places: places + start, count: size, wordBytes: wordBytes, into: result)
    }
  }
}
