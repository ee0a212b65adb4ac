import Glibc

/// Finds on a sample how the words of a dense frame take the fewest bits.
struct FramePlan {
  /// The best form found.
  let form: DenseFrame.Form
  /// About how many bits the frame takes in it.
  let bits: Double

  /// - Parameters:
  ///   - words: about how many to look at.
  ///   - changes: how many words change, if that is known: the sample is taken for as large a part of the
  ///     frame as it has of the changes. Otherwise `changedWords` says of how many it is a part.
  ///   - kinds: the residuals to try.
  /// - Returns: nil if the sample has no changed unit.
  init?(
    base: UnsafeRawPointer, target: UnsafeRawPointer, byteCount: Int, layout: WordLayout,
    words: Int, changes: Int?, changedWords: Int, kinds: [ResidualForm.Kind], shift: Int
  ) {
    let packed = UnsafeMutableRawPointer.allocate(
      byteCount: 2 * (words + layout.unitWords) * layout.wordBytes, alignment: 16)
    defer { packed.deallocate() }
    let units = ChangedUnits.count(byteCount, layout)
    let wanted = max(1, min(units, words / layout.unitWords))
    var size = 0
    let t = packed + (words + layout.unitWords) * layout.wordBytes
    for index in 0..<wanted {
      let start = index * units / wanted * layout.unitBytes
      let length = min(layout.unitBytes, byteCount - start)
      guard memcmp(base + start, target + start, length) != 0 else { continue }
      (packed + size).copyMemory(from: base + start, byteCount: length)
      (t + size).copyMemory(from: target + start, byteCount: length)
      size += length
    }
    guard size > 0 else { return nil }
    let count = size / layout.wordBytes
    var scale = Double(changedWords) / Double(count)
    if let changes {
      let places = UnsafeMutablePointer<UInt32>.allocate(capacity: count + 64)
      defer { places.deallocate() }
      let found = WordKernels.changes(
        base: packed, target: t, count: count, wordBytes: layout.wordBytes, shift: 0,
        limit: count, places: places)
      scale = Double(changes) / Double(found)
    }
    let reference = FramePlan.reference(packed, count: count, layout)
    var best: (form: DenseFrame.Form, bits: Double)?
    func consider(_ form: DenseFrame.Form) {
      let (tokens, _) = DenseFrame.tokens(
        base: packed, target: t, count: count, layout: layout, form: form, runs: [])
      let bits = tokens.estimate(contexts: form.contexts(layout), scale: scale)
      tokens.deallocate()
      if best.map({ bits < $0.bits }) ?? true { best = (form, bits) }
    }
    let isFloat = layout.mantissaBits > 0
    for kind in kinds {
      let ordered: ResidualForm.Kind =
        isFloat && shift == 0 && kind == .difference ? .orderedDifference : kind
      consider(
        .init(
          residual: .init(kind: ordered, width: layout.wordBits, shift: shift), isSplit: false))
      guard isFloat, shift < layout.mantissaBits else { continue }
      consider(
        .init(
          residual: .init(kind: kind, width: layout.mantissaBits, shift: shift), isSplit: true,
          reference: reference))
    }
    guard let best else { return nil }
    (form, bits) = (best.form, best.bits + Double(8 * 32))
  }

  /// An exponent that few are above.
  private static func reference(
    _ words: UnsafeRawPointer, count: Int, _ layout: WordLayout
  ) -> Int {
    guard layout.mantissaBits > 0 else { return 0 }
    let exponentBits = layout.wordBits - 1 - layout.mantissaBits
    var counts = [Int](repeating: 0, count: 1 << exponentBits)
    // Sign and exponent are in the highest two bytes, or in the only one.
    let (size, high) = (layout.wordBytes, min(2, layout.wordBytes))
    for index in 0..<count {
      let end = words + (index &+ 1) &* size
      let top =
        high == 1
        ? Int((end - 1).load(as: UInt8.self))
        : Int(UInt16(littleEndian: (end - 2).loadUnaligned(as: UInt16.self)))
      counts[(top &>> (high &* 8 &- 1 &- exponentBits)) & (1 &<< exponentBits &- 1)] &+= 1
    }
    var (exponent, above) = (counts.count - 1, 0)
    while exponent > 0, above + counts[exponent] <= count / 256 {
      above += counts[exponent]
      exponent -= 1
    }
    return exponent
  }
}
