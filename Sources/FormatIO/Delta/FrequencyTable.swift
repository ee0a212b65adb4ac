/// How often each of at most 256 symbols comes, in parts of `RANS.total`.
struct FrequencyTable {
  /// By symbol; they add up to `RANS.total`. Symbols behind the last one never come.
  private(set) var frequencies: [UInt32]

  /// Frequencies in proportion to counts, at least 1 for every symbol that comes.
  init(counts: UnsafeBufferPointer<UInt32>) {
    let total = counts.reduce(0) { $0 + UInt64($1) }
    guard let last = counts.lastIndex(where: { $0 > 0 }) else {
      frequencies = [RANS.total]
      return
    }
    let scale = Double(RANS.total) / Double(total)
    frequencies = counts[...last].map {
      $0 == 0 ? 0 : max(1, UInt32((Double($0) * scale).rounded()))
    }
    // What rounding added or took is settled with the most frequent symbol, which feels it least.
    var excess = Int(frequencies.reduce(0, +)) - Int(RANS.total)
    while excess != 0 {
      var largest = 0
      for symbol in frequencies.indices where frequencies[symbol] > frequencies[largest] {
        largest = symbol
      }
      let change = max(-Int(RANS.total), min(excess, Int(frequencies[largest]) / 2))
      frequencies[largest] = UInt32(Int(frequencies[largest]) - change)
      excess -= change
    }
  }

  /// Writes the last symbol (8 bits), then for each symbol the class of its frequency (how many bits it has,
  /// as a difference from the class before) and the bits below the highest one.
  func write(to bits: inout BitWriter) {
    bits.write(UInt64(frequencies.count - 1), bits: 8)
    var last = 0
    for frequency in frequencies {
      let size = FrequencyTable.bitWidth(frequency)
      let step = size - last
      bits.writeGamma(UInt64(step > 0 ? 2 * step : 1 - 2 * step))
      if size > 1 {
        bits.write(UInt64(frequency) & ((1 << UInt64(size - 1)) - 1), bits: UInt64(size - 1))
      }
      last = size
    }
  }

  /// Reads what `write` wrote.
  init(_ bits: inout BitReader) throws(DeltaFrameFault) {
    let count = Int(bits.read(8)) + 1
    frequencies = []
    frequencies.reserveCapacity(count)
    var (size, total): (Int, UInt32) = (0, 0)
    for _ in 0..<count {
      let step = Int(bits.readGamma(limit: 64) ?? 64)
      size += step & 1 == 0 ? step / 2 : (1 - step) / 2
      guard (0...13).contains(size) else {
        throw .init(expected: "a frequency of at most 13 bits", found: "\(size) bits")
      }
      let frequency =
        size == 0 ? 0 : 1 << UInt32(size - 1) | UInt32(truncatingIfNeeded: bits.read(size - 1))
      frequencies.append(frequency)
      total += frequency
    }
    guard total == RANS.total else {
      throw .init(expected: "frequencies that add up to \(RANS.total)", found: "\(total)")
    }
  }

  private static func bitWidth(_ value: UInt32) -> Int { 32 - value.leadingZeroBitCount }

  /// About how many bits symbols with these counts take, without the table: the sum of -count·log₂ of its share.
  static func entropy(_ counts: UnsafePointer<UInt32>, alphabet: Int) -> Double {
    let log2 = BinaryLogarithm()
    var (total, sum): (UInt64, Double) = (0, 0)
    for symbol in 0..<alphabet where counts[symbol] > 0 {
      let count = UInt64(counts[symbol])
      total += count
      sum += Double(count) * log2(count)
    }
    return total == 0 ? 0 : Double(total) * log2(total) - sum
  }

  /// About how many bits a table takes.
  static func size(_ counts: UnsafePointer<UInt32>, alphabet: Int) -> Double {
    var (used, last) = (0, 0)
    for symbol in 0..<alphabet where counts[symbol] > 0 {
      used += 1
      last = symbol
    }
    return 10 + Double(last) + 5 * Double(used)
  }
}
