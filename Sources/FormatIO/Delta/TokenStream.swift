/// Collects the sections of symbols that a payload ends with.
///
/// The form: a number that says how many bytes of bits follow; these bits, which are the context map, the
/// tables and then what tokens have beyond their symbols; the four states (32 bits each); the words (16 bits each).
struct TokenWriter {
  /// Symbols of all sections, one after the other.
  private(set) var symbols: UnsafeMutablePointer<UInt8>
  /// By symbol, its context.
  private(set) var contexts: UnsafeMutablePointer<UInt8>
  /// How many symbols there are.
  private(set) var count = 0
  /// What tokens have beyond their symbols.
  var bits = BitWriter()
  private let capacity: Int
  private var sections: [Int] = []

  /// - Parameter capacity: how many symbols there will be at most. Call `deallocate` at the end.
  init(capacity: Int) {
    self.capacity = capacity
    symbols = .allocate(capacity: max(1, capacity))
    contexts = .allocate(capacity: max(1, capacity))
  }

  func deallocate() {
    symbols.deallocate()
    contexts.deallocate()
  }

  /// Ends a section of symbols that the caller put behind the others.
  mutating func endSection(_ added: Int) {
    precondition(count + added <= capacity)
    sections.append(added)
    count += added
  }

  /// Adds a section of numbers in one context.
  mutating func append(_ values: UnsafePointer<UInt64>, count added: Int, context: UInt8) {
    precondition(count + added <= capacity)
    HybridToken.split(values, count: added, into: symbols + count, bits: &bits)
    (contexts + count).update(repeating: context, count: added)
    endSection(added)
  }

  /// Adds a section of bytes as they are in one context.
  mutating func append(bytes: UnsafePointer<UInt8>, count added: Int, context: UInt8) {
    precondition(count + added <= capacity)
    (symbols + count).update(from: bytes, count: added)
    (contexts + count).update(repeating: context, count: added)
    endSection(added)
  }

  /// Adds a section of residuals in one context: as symbols if they have at most 8 bits, else as tokens.
  mutating func append(
    residualsOf base: UnsafeRawPointer, _ target: UnsafeRawPointer, count added: Int,
    wordBytes: Int, form: ResidualForm, context: UInt8
  ) {
    precondition(count + added <= capacity)
    (contexts + count).update(repeating: context, count: added)
    putResiduals(base, target, count: added, wordBytes: wordBytes, form: form)
    endSection(added)
  }

  /// Puts the symbols of residuals behind the others, for a section that the caller ends.
  mutating func putResiduals(
    _ base: UnsafeRawPointer, _ target: UnsafeRawPointer, count added: Int, wordBytes: Int,
    form: ResidualForm
  ) {
    guard form.valueBits > 8 else {
      WordKernels.residualBytes(
        base: base, target: target, count: added, wordBytes: wordBytes, form: form,
        into: symbols + count)
      return
    }
    let values = UnsafeMutablePointer<UInt64>.allocate(capacity: TokenReader.batch)
    defer { values.deallocate() }
    for start in stride(from: 0, to: added, by: TokenReader.batch) {
      let size = min(TokenReader.batch, added - start)
      WordKernels.residuals(
        base: base + start * wordBytes, target: target + start * wordBytes, count: size,
        wordBytes: wordBytes, form: form, into: values)
      HybridToken.split(values, count: size, into: symbols + count + start, bits: &bits)
    }
  }

  /// About how many bits it all takes if each symbol stands for `scale` of them.
  func estimate(contexts count: Int, scale: Double) -> Double {
    let counts = histogram(contexts: count)
    defer { counts.deallocate() }
    return ContextMap.join(counts: counts, contexts: count, scale: scale).bits
      + scale * Double(bits.bitCount)
  }

  /// Appends the whole to a payload.
  func write(contexts contextCount: Int, to payload: inout [UInt8]) {
    let counts = histogram(contexts: contextCount)
    defer { counts.deallocate() }
    let map = ContextMap.join(counts: counts, contexts: contextCount).map
    var head = BitWriter()
    map.write(to: &head)
    let entries = UnsafeMutablePointer<RANS.EncodeEntry>.allocate(capacity: map.tableCount << 8)
    defer { entries.deallocate() }
    var next = 0
    for context in 0..<contextCount where Int(map.tables[context]) == next {
      let table = FrequencyTable(counts: .init(start: counts + context << 8, count: 256))
      table.write(to: &head)
      RANS.encodeEntries(table, into: entries + next << 8)
      next += 1
    }
    head.append(bits)
    let packed = head.bytes
    payload.appendNumber(packed.count)
    payload += packed
    appendWords(offsets: map.tables.map { UInt32($0) << 8 }, entries, to: &payload)
  }

  private func appendWords(
    offsets: [UInt32], _ entries: UnsafePointer<RANS.EncodeEntry>, to payload: inout [UInt8]
  ) {
    let words = UnsafeMutablePointer<UInt16>.allocate(capacity: count + 1)
    defer { words.deallocate() }
    let end = words + count + 1
    var states = SIMD4<UInt32>(repeating: RANS.lowest)
    var (first, start) = (end, count)
    for section in sections.reversed() {
      start -= section
      first = RANS.encode(
        symbols: symbols + start, contexts: contexts + start, count: section, entries: entries,
        offsets: offsets, states: &states, end: first)
    }
    withUnsafeBytes(of: states) { payload += $0 }
    payload += UnsafeRawBufferPointer(start: first, count: (end - first) * 2)
  }

  /// How often each symbol comes in each context. The caller deallocates it.
  private func histogram(contexts contextCount: Int) -> UnsafeMutablePointer<UInt32> {
    // Two sets of counters, since one that is raised twice in a row waits for itself; and rows whose length is no
    // power of two, since the processor takes addresses for the same whose lowest 12 bits are.
    let row = 256 + 16
    let size = contextCount * row
    let counters = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * size)
    defer { counters.deallocate() }
    counters.initialize(repeating: 0, count: 2 * size)
    let (symbols, contexts, others) = (self.symbols, self.contexts, counters + size)
    var index = 0
    while index &+ 1 < count {
      counters[Int(contexts[index]) &* row &+ Int(symbols[index])] &+= 1
      others[Int(contexts[index &+ 1]) &* row &+ Int(symbols[index &+ 1])] &+= 1
      index &+= 2
    }
    if index < count { counters[Int(contexts[index]) * row + Int(symbols[index])] += 1 }
    let counts = UnsafeMutablePointer<UInt32>.allocate(capacity: contextCount << 8)
    for context in 0..<contextCount {
      for symbol in 0..<256 {
        let place = context &* row &+ symbol
        counts[context &<< 8 | symbol] = counters[place] &+ others[place]
      }
    }
    return counts
  }
}

/// Gives the sections of a `TokenWriter` back.
struct TokenReader {
  /// How many symbols are taken out at once at most: a multiple of 4.
  static let batch = 4096

  /// Room for a batch of contexts, which callers fill.
  let contexts: UnsafeMutablePointer<UInt8>
  /// The symbols of the last batch.
  let symbols: UnsafeMutablePointer<UInt8>
  /// What tokens have beyond their symbols.
  var bits: BitReader
  private let entries: UnsafeMutablePointer<UInt32>
  private let words: UnsafeMutablePointer<UInt16>
  private let end: UnsafeMutablePointer<UInt16>
  private var next: UnsafePointer<UInt16>
  private var states: SIMD4<UInt32>
  private let offsets: [UInt32]

  /// Reads the tables.
  ///
  /// - Parameters:
  ///   - payload: from the number of bytes of bits to the end.
  ///   - contexts: how many contexts there are, at most 256.
  init(_ payload: UnsafeRawBufferPointer, contexts count: Int) throws(DeltaFrameFault) {
    var fields = FieldReader(payload)
    let size = try fields.number("a number of bytes", limit: payload.count)
    bits = BitReader(try fields.bytes(size, "bits"))
    let map = try ContextMap(&bits, contexts: count)
    var tables: [FrequencyTable] = []
    for _ in 0..<map.tableCount { tables.append(try FrequencyTable(&bits)) }
    states = .init(repeating: 0)
    for lane in 0..<RANS.lanes {
      states[lane] = UInt32(
        littleEndian: try fields.bytes(4, "a state").loadUnaligned(as: UInt32.self))
      guard states[lane] >= RANS.lowest else {
        throw .init(expected: "a state of at least \(RANS.lowest)", found: "\(states[lane])")
      }
    }
    guard fields.rest.count % 2 == 0 else {
      throw .init(expected: "whole words", found: "\(fields.rest.count) bytes")
    }
    offsets = map.tables.map { UInt32($0) * RANS.total }
    entries = .allocate(capacity: tables.count * Int(RANS.total))
    for (index, table) in tables.enumerated() {
      RANS.decodeEntries(table, into: entries + index * Int(RANS.total))
    }
    // A batch takes at most one word a symbol: behind the end it finds zeros.
    let wordCount = fields.rest.count / 2
    words = .allocate(capacity: wordCount + TokenReader.batch)
    words.initialize(repeating: 0, count: wordCount + TokenReader.batch)
    UnsafeMutableRawBufferPointer(start: words, count: wordCount * 2)
      .copyMemory(from: fields.rest)
    end = words + wordCount
    next = .init(words)
    contexts = .allocate(capacity: TokenReader.batch)
    symbols = .allocate(capacity: TokenReader.batch)
  }

  func deallocate() {
    entries.deallocate()
    words.deallocate()
    contexts.deallocate()
    symbols.deallocate()
  }

  /// Takes out the next symbols of a section, which get the contexts given in `contexts`: `batch` of them, or those
  /// that the section ends with.
  mutating func takeBatch(_ count: Int) throws(DeltaFrameFault) {
    precondition(count <= TokenReader.batch)
    next = RANS.decode(
      symbols: symbols, contexts: contexts, count: count, entries: entries, offsets: offsets,
      states: &states, words: next)
    guard next <= UnsafePointer(end) else {
      throw .init(expected: "words for all symbols", found: "the end")
    }
  }

  /// Takes out a section of numbers in one context.
  mutating func take(
    _ values: UnsafeMutablePointer<UInt64>, count: Int, context: UInt8
  ) throws(DeltaFrameFault) {
    contexts.update(repeating: context, count: min(count, TokenReader.batch))
    var taken = 0
    while taken < count {
      let size = min(TokenReader.batch, count - taken)
      try takeBatch(size)
      HybridToken.join(symbols, count: size, into: values + taken, bits: &bits)
      taken += size
    }
  }

  /// Takes out a batch of residuals, whose contexts are given in `contexts`, and puts them upon `result`.
  ///
  /// - Parameter values: room for a batch.
  mutating func takeResiduals(
    _ count: Int, source: UnsafeRawPointer, result: UnsafeMutableRawPointer, wordBytes: Int,
    form: ResidualForm, isForward: Bool, values: UnsafeMutablePointer<UInt64>
  ) throws(DeltaFrameFault) {
    try takeBatch(count)
    var all: UInt64 = 0
    if form.valueBits <= 8 {
      var bytes: UInt8 = 0
      for index in 0..<count { bytes |= symbols[index] }
      all = UInt64(bytes)
      WordKernels.apply(
        source: source, result: result, count: count, wordBytes: wordBytes, form: form,
        isForward: isForward, bytes: symbols)
    } else {
      HybridToken.join(symbols, count: count, into: values, bits: &bits)
      for index in 0..<count { all |= values[index] }
      WordKernels.apply(
        source: source, result: result, count: count, wordBytes: wordBytes, form: form,
        isForward: isForward, values: values)
    }
    guard all >> UInt64(form.valueBits) == 0 else {
      throw .init(expected: "numbers of \(form.valueBits) bits", found: "longer ones")
    }
  }

  /// Checks that everything was read and nothing is left.
  func finish() throws(DeltaFrameFault) {
    guard next == UnsafePointer(end) else {
      throw .init(expected: "the end of the words", found: "\(UnsafePointer(end) - next) more")
    }
    guard states == .init(repeating: RANS.lowest) else {
      throw .init(expected: "states of \(RANS.lowest) at the end", found: "\(states)")
    }
    guard bits.isAtEnd else {
      throw .init(
        expected: "the end of the bits", found: bits.isOverrun ? "too few" : "more bits")
    }
  }
}
