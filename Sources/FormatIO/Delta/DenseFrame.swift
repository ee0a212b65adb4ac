/// The frame of many changes: one symbol for each word of the changed units.
///
/// Floating-point words can be split: where sign or exponent change is listed first. Then both sides know both
/// exponents, and the mantissas' residuals are coded in contexts of these. Words of packed blocks have their
/// place in the block as context. The form: kind of residual, with 4 added if words are split, and shift (a byte each); the
/// number of runs, 0 if all units change; if split, the reference exponent (16 bits) and the number of changed
/// signs and exponents; then tokens: runs (context 0), gaps of changed signs and exponents (1), their xor (2), and
/// the residuals (3 and up).
struct DenseFrame {
  /// How words are coded.
  struct Form: Equatable {
    var residual: ResidualForm
    /// True if signs and exponents are listed apart.
    var isSplit: Bool
    /// Exponents are counted downwards from here.
    var reference = 0

    /// How many contexts there are.
    func contexts(_ layout: WordLayout) -> Int {
      DenseFrame.firstContext
        + (isSplit ? WordKernels.exponentContexts : min(layout.period, DenseFrame.mostPlaces))
    }
  }

  /// The first context of residuals.
  private static let firstContext = 3
  /// From here on places in a block share a context.
  private static let mostPlaces = 250

  private init() {}
}

// MARK: - Writing

extension DenseFrame {
  /// The tokens of packed units. Deallocate them.
  static func tokens(
    base: UnsafeRawPointer, target: UnsafeRawPointer, count: Int, layout: WordLayout, form: Form,
    runs: [UInt64]
  ) -> (tokens: TokenWriter, crossings: Int) {
    let size = layout.wordBytes
    var crossings = 0
    var places: UnsafeMutablePointer<UInt32>?
    defer { places?.deallocate() }
    if form.isSplit {
      let room = UnsafeMutablePointer<UInt32>.allocate(capacity: count + 64)
      places = room
      crossings = WordKernels.changes(
        base: base, target: target, count: count, wordBytes: size, shift: layout.mantissaBits,
        limit: count, places: room)
    }
    var tokens = TokenWriter(capacity: runs.count + 2 * crossings + count)
    runs.withUnsafeBufferPointer {
      if let start = $0.baseAddress { tokens.append(start, count: $0.count, context: 0) }
    }
    if let places { append(places, crossings, base, target, layout, to: &tokens) }
    let contexts = tokens.contexts + tokens.count
    if form.isSplit {
      WordKernels.exponentContexts(
        base: base, target: target, count: count, layout: layout, reference: form.reference,
        first: UInt8(firstContext), into: contexts)
    } else {
      fill(contexts, from: 0, count: count, layout)
    }
    tokens.putResiduals(base, target, count: count, wordBytes: size, form: form.residual)
    tokens.endSection(count)
    return (tokens, crossings)
  }

  /// The changed signs and exponents.
  private static func append(
    _ places: UnsafePointer<UInt32>, _ count: Int, _ base: UnsafeRawPointer,
    _ target: UnsafeRawPointer, _ layout: WordLayout, to tokens: inout TokenWriter
  ) {
    let gaps = UnsafeMutablePointer<UInt64>.allocate(capacity: max(1, count))
    let packed = UnsafeMutableRawPointer.allocate(
      byteCount: 2 * max(1, count * layout.wordBytes), alignment: 16)
    defer {
      gaps.deallocate()
      packed.deallocate()
    }
    let (b, t) = (packed, packed + count * layout.wordBytes)
    WordKernels.gather(base, places: places, count: count, wordBytes: layout.wordBytes, into: b)
    WordKernels.gather(target, places: places, count: count, wordBytes: layout.wordBytes, into: t)
    var next: UInt32 = 0
    for index in 0..<count {
      gaps[index] = UInt64(places[index] &- next)
      next = places[index] &+ 1
    }
    tokens.append(gaps, count: count, context: 1)
    tokens.append(
      residualsOf: b, t, count: count, wordBytes: layout.wordBytes, form: tops(layout), context: 2)
  }

  /// How signs and exponents are coded.
  private static func tops(_ layout: WordLayout) -> ResidualForm {
    .init(kind: .xor, width: layout.wordBits, shift: layout.mantissaBits)
  }

  /// The contexts of places in blocks.
  private static func fill(
    _ contexts: UnsafeMutablePointer<UInt8>, from first: Int, count: Int, _ layout: WordLayout
  ) {
    guard layout.period > 1 else {
      contexts.update(repeating: UInt8(firstContext), count: count)
      return
    }
    var place = first % layout.period
    for index in 0..<count {
      contexts[index] = UInt8(firstContext + min(place, mostPlaces - 1))
      place += 1
      if place == layout.period { place = 0 }
    }
  }

  /// The payload of two sides.
  static func payload(
    base: UnsafeRawPointer, target: UnsafeRawPointer, units: ChangedUnits, layout: WordLayout,
    form: Form
  ) -> [UInt8] {
    let runs = units.isAll ? [] : units.runs
    let bytes = units.changedBytes
    var (b, t) = (base, target)
    var packed: UnsafeMutableRawPointer?
    defer { packed?.deallocate() }
    if !units.isAll {
      let room = UnsafeMutableRawPointer.allocate(byteCount: 2 * bytes, alignment: 16)
      packed = room
      units.pack(base, into: room)
      units.pack(target, into: room + bytes)
      (b, t) = (UnsafeRawPointer(room), UnsafeRawPointer(room + bytes))
    }
    let (tokens, crossings) = tokens(
      base: b, target: t, count: bytes / layout.wordBytes, layout: layout, form: form, runs: runs)
    defer { tokens.deallocate() }
    var payload = [
      DeltaFrame.Method.dense.rawValue, form.residual.kind.rawValue | (form.isSplit ? 4 : 0),
      UInt8(form.residual.shift),
    ]
    payload.appendNumber(runs.count)
    if form.isSplit {
      payload += [UInt8(form.reference & 255), UInt8(form.reference >> 8)]
      payload.appendNumber(crossings)
    }
    tokens.write(contexts: form.contexts(layout), to: &payload)
    return payload
  }
}

// MARK: - Reading

extension DenseFrame {
  /// - Parameters:
  ///   - payload: without the method.
  ///   - byteCount: of a side: whole words.
  static func decode(
    _ payload: UnsafeRawBufferPointer, source: UnsafeRawPointer, byteCount: Int,
    layout: WordLayout, isForward: Bool, into result: UnsafeMutableRawPointer
  ) throws(DeltaFrameFault) {
    var fields = FieldReader(payload)
    let kind = try fields.byte("a kind of residual")
    var form = Form(
      residual: try ResidualForm(
        kind: kind & ~4, width: kind & 4 == 0 ? layout.wordBits : layout.mantissaBits,
        shift: try fields.byte("a shift"), layout: layout),
      isSplit: kind & 4 != 0)
    let units = ChangedUnits.count(byteCount, layout)
    let runs = try fields.number("runs", limit: units + 1)
    var crossings = 0
    if form.isSplit {
      form.reference = Int(try fields.byte("an exponent"))
      form.reference += Int(try fields.byte("an exponent")) << 8
      guard form.reference >> (layout.wordBits - 1 - layout.mantissaBits) == 0 else {
        throw .init(expected: "an exponent of the type", found: "\(form.reference)")
      }
      crossings = try fields.number("changed exponents", limit: byteCount / layout.wordBytes)
    }
    var tokens = try TokenReader(fields.rest, contexts: form.contexts(layout))
    defer { tokens.deallocate() }
    let changed = try ChangedUnits(
      &tokens, count: runs, context: 0, byteCount: byteCount, layout: layout)
    result.copyMemory(from: source, byteCount: byteCount)
    if changed.isAll {
      try decode(
        &tokens, source: source, result: result, count: byteCount / layout.wordBytes,
        crossings: crossings, layout: layout, form: form, isForward: isForward)
    } else {
      let bytes = changed.changedBytes
      let packed = UnsafeMutableRawPointer.allocate(byteCount: max(1, 2 * bytes), alignment: 16)
      defer { packed.deallocate() }
      changed.pack(source, into: packed)
      (packed + bytes).copyMemory(from: packed, byteCount: bytes)
      try decode(
        &tokens, source: packed, result: packed + bytes, count: bytes / layout.wordBytes,
        crossings: crossings, layout: layout, form: form, isForward: isForward)
      changed.unpack(packed + bytes, into: result)
    }
    try tokens.finish()
  }

  /// Takes out the words of packed units; `result` holds a copy of `source`.
  private static func decode(
    _ tokens: inout TokenReader, source: UnsafeRawPointer, result: UnsafeMutableRawPointer,
    count: Int, crossings: Int, layout: WordLayout, form: Form, isForward: Bool
  ) throws(DeltaFrameFault) {
    let size = layout.wordBytes
    if form.isSplit {
      let places = try tokens.takePlaces(crossings, below: count, context: 1)
      defer { places.deallocate() }
      try tokens.takeResiduals(
        at: places, count: crossings, source: source, result: result, wordBytes: size,
        form: tops(layout), isForward: isForward, context: 2)
    }
    let values = UnsafeMutablePointer<UInt64>.allocate(capacity: TokenReader.batch)
    defer { values.deallocate() }
    if !form.isSplit, layout.period == 1 {
      fill(tokens.contexts, from: 0, count: min(count, TokenReader.batch), layout)
    }
    for start in stride(from: 0, to: count, by: TokenReader.batch) {
      let batch = min(TokenReader.batch, count - start)
      let (s, r) = (source + start * size, result + start * size)
      if form.isSplit {
        WordKernels.exponentContexts(
          base: isForward ? s : UnsafeRawPointer(r), target: isForward ? UnsafeRawPointer(r) : s,
          count: batch, layout: layout, reference: form.reference, first: UInt8(firstContext),
          into: tokens.contexts)
      } else if layout.period > 1 {
        fill(tokens.contexts, from: start, count: batch, layout)
      }
      try tokens.takeResiduals(
        batch, source: s, result: r, wordBytes: size, form: form.residual,
        isForward: isForward, values: values)
    }
  }
}
