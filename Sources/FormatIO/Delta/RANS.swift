/// An entropy coder: static range asymmetric numeral systems (Duda 2014, arXiv:1311.2540).
///
/// Four states take turns: symbol k of a section belongs to state k mod 4. A state lies in 2¹⁶..<2³² and starts at
/// 2¹⁶. To put in a symbol with frequency f whose slots start at s: while x ≥ f·2²⁰, x gives its lowest
/// 16 bits away; then x = ⌊x/f⌋·4096 + x mod f + s. Symbols go in from the last to the first, so that
/// they come out, and the 16-bit words are read, from the first to the last.
enum RANS {
  /// What frequencies add up to.
  static let total: UInt32 = 4096
  /// Where states start, and end when read.
  static let lowest: UInt32 = 1 << 16
  /// How many states take turns.
  static let lanes = 4
}

// MARK: - Writing

extension RANS {
  /// What putting in one symbol needs.
  struct EncodeEntry {
    /// 2⁴⁴ by the frequency, rounded up: a product with it is a division.
    var reciprocal: UInt64
    /// The first slot.
    var start: UInt32
    /// 4096 less the frequency.
    var complement: UInt32
  }

  /// The entries of a table, one for each of 256 symbols.
  static func encodeEntries(
    _ table: FrequencyTable, into entries: UnsafeMutablePointer<EncodeEntry>
  ) {
    var start: UInt32 = 0
    for (symbol, frequency) in table.frequencies.enumerated() where frequency > 0 {
      let reciprocal = ((1 << 44) + UInt64(frequency) - 1) / UInt64(frequency)
      entries[symbol] = .init(
        reciprocal: reciprocal, start: start, complement: total - frequency)
      start += frequency
    }
  }

  /// Puts in the symbols of a section, the last one first.
  ///
  /// - Parameters:
  ///   - entries: 256 for each table.
  ///   - offsets: by context, where the entries of its table start.
  ///   - end: words are written downwards from here, at most one a symbol.
  /// - Returns: where the last word was written.
  static func encode(
    symbols: UnsafePointer<UInt8>, contexts: UnsafePointer<UInt8>, count: Int,
    entries: UnsafePointer<EncodeEntry>, offsets: UnsafePointer<UInt32>,
    states: inout SIMD4<UInt32>, end: UnsafeMutablePointer<UInt16>
  ) -> UnsafeMutablePointer<UInt16> {
    var word = end

    @inline(__always)
    func put(_ index: Int, _ state: inout UInt64) {
      let entry = entries[Int(offsets[Int(contexts[index])]) &+ Int(symbols[index])]
      let limit = UInt64(4096 &- entry.complement) &<< 20
      word[-1] = UInt16(truncatingIfNeeded: state)
      let isFull = state >= limit
      word -= isFull ? 1 : 0
      let x = isFull ? state &>> 16 : state
      let quotient = (x &* entry.reciprocal) &>> 44
      state = x &+ UInt64(entry.start) &+ quotient &* UInt64(entry.complement)
    }

    var (a, b, c, d) = (
      UInt64(states[0]), UInt64(states[1]), UInt64(states[2]), UInt64(states[3])
    )
    let whole = count & ~3
    if count - whole > 2 { put(whole + 2, &c) }
    if count - whole > 1 { put(whole + 1, &b) }
    if count - whole > 0 { put(whole, &a) }
    var index = whole
    while index > 0 {
      index &-= 4
      put(index &+ 3, &d)
      put(index &+ 2, &c)
      put(index &+ 1, &b)
      put(index, &a)
    }
    states = .init(
      UInt32(truncatingIfNeeded: a), UInt32(truncatingIfNeeded: b), UInt32(truncatingIfNeeded: c),
      UInt32(truncatingIfNeeded: d))
    return word
  }
}

// MARK: - Reading

extension RANS {
  /// What each of 4096 slots stands for: the symbol (8 bits), its frequency less 1 (12), the slot less the symbol's first one (12).
  static func decodeEntries(
    _ table: FrequencyTable, into entries: UnsafeMutablePointer<UInt32>
  ) {
    var slot = 0
    for (symbol, frequency) in table.frequencies.enumerated() where frequency > 0 {
      let entry = UInt32(symbol) | (frequency - 1) << 8
      for place in 0..<frequency {
        entries[slot] = entry | place << 20
        slot += 1
      }
    }
  }

  /// Takes out the next symbols of a section, a multiple of 4 unless the section ends with them.
  ///
  /// - Parameters:
  ///   - entries: 4096 for each table.
  ///   - offsets: by context, where the entries of its table start.
  ///   - words: at least as many as symbols must be readable.
  /// - Returns: the first word that was not read.
  static func decode(
    symbols: UnsafeMutablePointer<UInt8>, contexts: UnsafePointer<UInt8>, count: Int,
    entries: UnsafePointer<UInt32>, offsets: UnsafePointer<UInt32>,
    states: inout SIMD4<UInt32>, words: UnsafePointer<UInt16>
  ) -> UnsafePointer<UInt16> {
    var word = words

    @inline(__always)
    func take(_ index: Int, _ state: inout UInt32) {
      let entry = entries[Int(offsets[Int(contexts[index])] &+ (state & 4095))]
      symbols[index] = UInt8(truncatingIfNeeded: entry)
      let next = ((entry &>> 8) & 4095 &+ 1) &* (state &>> 12) &+ (entry &>> 20)
      let isLow = next < lowest
      let refilled = next &<< 16 | UInt32(word.pointee)
      state = isLow ? refilled : next
      word += isLow ? 1 : 0
    }

    var (a, b, c, d) = (states[0], states[1], states[2], states[3])
    let whole = count & ~3
    var index = 0
    while index < whole {
      take(index, &a)
      take(index &+ 1, &b)
      take(index &+ 2, &c)
      take(index &+ 3, &d)
      index &+= 4
    }
    if count - whole > 0 { take(whole, &a) }
    if count - whole > 1 { take(whole + 1, &b) }
    if count - whole > 2 { take(whole + 2, &c) }
    states = .init(a, b, c, d)
    return word
  }
}
