/// The loops over words. Words stand at any address and are little endian.
///
/// Each function has a body for any word size and an entry that picks the size: bodies are only specialised
/// within a file.
enum WordKernels {}

// MARK: - Residuals

extension WordKernels {
  /// The numbers that make `target` of `base`.
  static func residuals(
    base: UnsafeRawPointer, target: UnsafeRawPointer, count: Int, wordBytes: Int,
    form: ResidualForm, into values: UnsafeMutablePointer<UInt64>
  ) {
    switch wordBytes {
    case 1: residuals(UInt8.self, base, target, count, form) { values[$0] = UInt64($1) }
    case 2: residuals(UInt16.self, base, target, count, form) { values[$0] = UInt64($1) }
    case 4: residuals(UInt32.self, base, target, count, form) { values[$0] = UInt64($1) }
    default: residuals(UInt64.self, base, target, count, form) { values[$0] = $1 }
    }
  }

  /// The same if the numbers have at most 8 bits.
  static func residualBytes(
    base: UnsafeRawPointer, target: UnsafeRawPointer, count: Int, wordBytes: Int,
    form: ResidualForm, into values: UnsafeMutablePointer<UInt8>
  ) {
    switch wordBytes {
    case 1: residuals(UInt8.self, base, target, count, form) { values[$0] = $1 }
    case 2:
      residuals(UInt16.self, base, target, count, form) {
        values[$0] = UInt8(truncatingIfNeeded: $1)
      }
    case 4:
      residuals(UInt32.self, base, target, count, form) {
        values[$0] = UInt8(truncatingIfNeeded: $1)
      }
    default:
      residuals(UInt64.self, base, target, count, form) {
        values[$0] = UInt8(truncatingIfNeeded: $1)
      }
    }
  }

  /// Differences are taken modulo 2ⁿ and counted 0, -1, 1, -2, 2 …
  @inline(__always)
  private static func residuals<Word: FixedWidthInteger & UnsignedInteger>(
    _: Word.Type, _ base: UnsafeRawPointer, _ target: UnsafeRawPointer, _ count: Int,
    _ form: ResidualForm, _ put: (Int, Word) -> Void
  ) {
    let mask = Word.max &>> Word(Word.bitWidth - form.valueBits)
    let (shift, top) = (Word(form.shift), Word(form.valueBits - 1))
    switch form.kind {
    case .xor:
      for index in 0..<count {
        let (b, t) = (word(base, index, Word.self), word(target, index, Word.self))
        put(index, ((b ^ t) &>> shift) & mask)
      }
    case .difference:
      for index in 0..<count {
        let (b, t) = (word(base, index, Word.self), word(target, index, Word.self))
        let value = ((t &- b) &>> shift) & mask
        put(index, ((value &<< 1) ^ (0 &- (value &>> top))) & mask)
      }
    case .orderedDifference:
      for index in 0..<count {
        let (b, t) = (word(base, index, Word.self), word(target, index, Word.self))
        let value = ((ordered(t) &- ordered(b)) &>> shift) & mask
        put(index, ((value &<< 1) ^ (0 &- (value &>> top))) & mask)
      }
    }
  }

  /// Changes the words of `result`, which hold one side above the form's width, by numbers; the other bits come
  /// from `source`.
  ///
  /// - Parameters:
  ///   - isForward: true if `source` is base.
  ///   - values: at most `valueBits` long.
  static func apply(
    source: UnsafeRawPointer, result: UnsafeMutableRawPointer, count: Int, wordBytes: Int,
    form: ResidualForm, isForward: Bool, values: UnsafePointer<UInt64>
  ) {
    switch wordBytes {
    case 1:
      apply(UInt8.self, source, result, count, form, isForward) {
        UInt8(truncatingIfNeeded: values[$0])
      }
    case 2:
      apply(UInt16.self, source, result, count, form, isForward) {
        UInt16(truncatingIfNeeded: values[$0])
      }
    case 4:
      apply(UInt32.self, source, result, count, form, isForward) {
        UInt32(truncatingIfNeeded: values[$0])
      }
    default: apply(UInt64.self, source, result, count, form, isForward) { values[$0] }
    }
  }

  /// The same with numbers of at most 8 bits.
  static func apply(
    source: UnsafeRawPointer, result: UnsafeMutableRawPointer, count: Int, wordBytes: Int,
    form: ResidualForm, isForward: Bool, bytes: UnsafePointer<UInt8>
  ) {
    switch wordBytes {
    case 1: apply(UInt8.self, source, result, count, form, isForward) { bytes[$0] }
    case 2: apply(UInt16.self, source, result, count, form, isForward) { UInt16(bytes[$0]) }
    case 4: apply(UInt32.self, source, result, count, form, isForward) { UInt32(bytes[$0]) }
    default: apply(UInt64.self, source, result, count, form, isForward) { UInt64(bytes[$0]) }
    }
  }

  @inline(__always)
  private static func apply<Word: FixedWidthInteger & UnsignedInteger>(
    _: Word.Type, _ source: UnsafeRawPointer, _ result: UnsafeMutableRawPointer, _ count: Int,
    _ form: ResidualForm, _ isForward: Bool, _ value: (Int) -> Word
  ) {
    let mask = Word.max &>> Word(Word.bitWidth - form.width)
    let shift = Word(form.shift)
    // All ones to take the number away: -x is ~x + 1.
    let sign: Word = isForward ? 0 : .max
    @inline(__always)
    func put(_ index: Int, _ word: Word) {
      result.storeBytes(
        of: word, toByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
    }
    @inline(__always)
    func step(_ index: Int) -> Word {
      let value = value(index)
      let step = ((value &>> 1) ^ (0 &- (value & 1))) &<< shift
      return (step ^ sign) &- sign
    }
    switch form.kind {
    case .xor:
      for index in 0..<count {
        let before = word(UnsafeRawPointer(result), index, Word.self)
        put(index, before ^ (value(index) &<< shift))
      }
    case .difference:
      for index in 0..<count {
        let before = word(UnsafeRawPointer(result), index, Word.self)
        let other = word(source, index, Word.self) &+ step(index)
        put(index, (before & ~mask) | (other & mask))
      }
    case .orderedDifference:
      for index in 0..<count {
        put(index, unordered(ordered(word(source, index, Word.self)) &+ step(index)))
      }
    }
  }

  @inline(__always)
  private static func word<Word: FixedWidthInteger>(
    _ bytes: UnsafeRawPointer, _ index: Int, _: Word.Type
  ) -> Word {
    bytes.loadUnaligned(fromByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
  }

  /// Floating-point numbers in their order: the bits of negative ones turned, the sign of others set.
  @inline(__always)
  private static func ordered<Word: FixedWidthInteger & UnsignedInteger>(_ word: Word) -> Word {
    let top = Word(Word.bitWidth - 1)
    return word ^ ((0 &- (word &>> top)) | (1 &<< top))
  }

  @inline(__always)
  private static func unordered<Word: FixedWidthInteger & UnsignedInteger>(_ word: Word) -> Word {
    let top = Word(Word.bitWidth - 1)
    return word ^ (((word &>> top) &- 1) | (1 &<< top))
  }
}

// MARK: - Signs and exponents

extension WordKernels {
  /// How many contexts `exponentContexts` gives.
  static let exponentContexts = 64

  /// Contexts from what both sides know: 16·(0 if sign and exponent are alike, 1 if only the exponent grows,
  /// 2 if only the exponent shrinks, 3 if the sign changes) + how far the larger exponent is below `reference`, 15 at most.
  static func exponentContexts(
    base: UnsafeRawPointer, target: UnsafeRawPointer, count: Int, layout: WordLayout,
    reference: Int, first: UInt8, into contexts: UnsafeMutablePointer<UInt8>
  ) {
    switch layout.wordBytes {
    case 1: classify(UInt8.self, base, target, count, layout, reference, first, contexts)
    case 2: classify(UInt16.self, base, target, count, layout, reference, first, contexts)
    case 4: classify(UInt32.self, base, target, count, layout, reference, first, contexts)
    default: classify(UInt64.self, base, target, count, layout, reference, first, contexts)
    }
  }

  @inline(__always)
  private static func classify<Word: FixedWidthInteger & UnsignedInteger>(
    _: Word.Type, _ base: UnsafeRawPointer, _ target: UnsafeRawPointer, _ count: Int,
    _ layout: WordLayout, _ reference: Int, _ first: UInt8,
    _ contexts: UnsafeMutablePointer<UInt8>
  ) {
    let (mantissa, top) = (Word(layout.mantissaBits), Word(Word.bitWidth - 1))
    let magnitude = Word.max &>> 1
    let reference = Word(reference)
    for index in 0..<count {
      let (b, t) = (word(base, index, Word.self), word(target, index, Word.self))
      let (eb, et) = ((b & magnitude) &>> mantissa, (t & magnitude) &>> mantissa)
      let larger = max(eb, et)
      let below = min(reference &- min(reference, larger), 15)
      let crossing: Word = et > eb ? 16 : et < eb ? 32 : 0
      let kind: Word = (b ^ t) &>> top == 0 ? crossing : 48
      contexts[index] = first &+ UInt8(truncatingIfNeeded: kind | below)
    }
  }

  /// The places of words whose bits from `shift` up differ. Stops when it has more than `limit`.
  ///
  /// - Parameter places: has room for 64 more than `limit`.
  /// - Returns: how many there are; more than `limit` if it stopped.
  static func changes(
    base: UnsafeRawPointer, target: UnsafeRawPointer, count: Int, wordBytes: Int, shift: Int,
    limit: Int, places: UnsafeMutablePointer<UInt32>
  ) -> Int {
    switch wordBytes {
    case 1: changes(UInt8.self, base, target, count, shift, limit, places)
    case 2: changes(UInt16.self, base, target, count, shift, limit, places)
    case 4: changes(UInt32.self, base, target, count, shift, limit, places)
    default: changes(UInt64.self, base, target, count, shift, limit, places)
    }
  }

  @inline(__always)
  private static func changes<Word: FixedWidthInteger & UnsignedInteger>(
    _: Word.Type, _ base: UnsafeRawPointer, _ target: UnsafeRawPointer, _ count: Int,
    _ shift: Int, _ limit: Int, _ places: UnsafeMutablePointer<UInt32>
  ) -> Int {
    let mask = Word.max &<< Word(shift)
    var lanes: UInt64 = 0
    for lane in 0..<8 / MemoryLayout<Word>.size {
      lanes |= UInt64(mask) &<< UInt64(lane * Word.bitWidth)
    }
    let wide = SIMD8<UInt64>(repeating: lanes)
    let perLane = 8 / MemoryLayout<Word>.size
    let perChunk = 8 * perLane
    var found = 0
    var index = 0
    while index &+ perChunk <= count {
      let offset = index &* MemoryLayout<Word>.size
      let b = base.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
      let t = target.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
      let x = (b ^ t) & wide
      if x != .zero {
        // Without a branch for each word: nobody can predict which one changed.
        for lane in 0..<8 {
          for place in 0..<perLane {
            places[found] = UInt32(truncatingIfNeeded: index &+ lane &* perLane &+ place)
            let bits = Word(truncatingIfNeeded: x[lane] &>> UInt64(place &* Word.bitWidth))
            found &+= bits == 0 ? 0 : 1
          }
        }
        if found > limit { return found }
      }
      index &+= perChunk
    }
    while index < count {
      if (word(base, index, Word.self) ^ word(target, index, Word.self)) & mask != 0 {
        places[found] = UInt32(truncatingIfNeeded: index)
        found &+= 1
      }
      index &+= 1
    }
    return found
  }

  /// Collects words at places.
  static func gather(
    _ source: UnsafeRawPointer, places: UnsafePointer<UInt32>, count: Int, wordBytes: Int,
    into result: UnsafeMutableRawPointer
  ) {
    switch wordBytes {
    case 1: gather(UInt8.self, source, places, count, result)
    case 2: gather(UInt16.self, source, places, count, result)
    case 4: gather(UInt32.self, source, places, count, result)
    default: gather(UInt64.self, source, places, count, result)
    }
  }

  @inline(__always)
  private static func gather<Word: FixedWidthInteger>(
    _: Word.Type, _ source: UnsafeRawPointer, _ places: UnsafePointer<UInt32>, _ count: Int,
    _ result: UnsafeMutableRawPointer
  ) {
    for index in 0..<count {
      result.storeBytes(
        of: word(source, Int(places[index]), Word.self),
        toByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
    }
  }

  /// Puts words to places, which must lie in `result`.
  static func scatter(
    _ words: UnsafeRawPointer, places: UnsafePointer<UInt32>, count: Int, wordBytes: Int,
    into result: UnsafeMutableRawPointer
  ) {
    switch wordBytes {
    case 1: scatter(UInt8.self, words, places, count, result)
    case 2: scatter(UInt16.self, words, places, count, result)
    case 4: scatter(UInt32.self, words, places, count, result)
    default: scatter(UInt64.self, words, places, count, result)
    }
  }

  @inline(__always)
  private static func scatter<Word: FixedWidthInteger>(
    _: Word.Type, _ words: UnsafeRawPointer, _ places: UnsafePointer<UInt32>, _ count: Int,
    _ result: UnsafeMutableRawPointer
  ) {
    for index in 0..<count {
      result.storeBytes(
        of: word(words, index, Word.self),
        toByteOffset: Int(places[index]) &* MemoryLayout<Word>.size, as: Word.self)
    }
  }

  /// All bits in which words differ, together.
  static func differingBits(
    base: UnsafeRawPointer, target: UnsafeRawPointer, count: Int, wordBytes: Int
  ) -> UInt64 {
    var all: UInt64 = 0
    let size = count * wordBytes
    var offset = 0
    while offset &+ 8 <= size {
      all |=
        base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        ^ target.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset &+= 8
    }
    var bytes = offset
    while bytes < size {
      let x =
        base.load(fromByteOffset: bytes, as: UInt8.self)
        ^ target.load(fromByteOffset: bytes, as: UInt8.self)
      all |= UInt64(x) << UInt64(bytes % wordBytes * 8)
      bytes += 1
    }
    var bits = wordBytes * 8
    while bits < 64 {
      all |= all >> UInt64(bits)
      bits *= 2
    }
    return wordBytes == 8 ? all : all & ((1 << UInt64(wordBytes * 8)) - 1)
  }
}
