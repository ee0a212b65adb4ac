import Glibc

/// Which units of a frame change, as runs that take turns: unchanged ones first, then changed ones, and so on.
struct ChangedUnits {
  /// Lengths in units; all but the first are above 0.
  private(set) var runs: [UInt64] = []
  private let layout: WordLayout
  private let byteCount: Int

  /// Compares two sides.
  init(base: UnsafeRawPointer, target: UnsafeRawPointer, byteCount: Int, layout: WordLayout) {
    (self.byteCount, self.layout) = (byteCount, layout)
    var isChanged = false
    var length: UInt64 = 0
    for offset in stride(from: 0, to: byteCount, by: layout.unitBytes) {
      let size = min(layout.unitBytes, byteCount - offset)
      if (memcmp(base + offset, target + offset, size) != 0) != isChanged {
        runs.append(length)
        isChanged.toggle()
        length = 0
      }
      length += 1
    }
    runs.append(length)
  }

  /// The units of changed words.
  ///
  /// - Parameter places: of the words, ascending.
  init(
    places: UnsafePointer<UInt32>, count: Int, byteCount: Int, layout: WordLayout
  ) {
    (self.byteCount, self.layout) = (byteCount, layout)
    var (start, end): (UInt64, UInt64) = (0, 0)
    for index in 0..<count {
      let unit = UInt64(places[index]) / UInt64(layout.unitWords)
      guard unit >= end else { continue }
      if unit > end || runs.isEmpty {
        if !runs.isEmpty { runs.append(end - start) }
        runs.append(unit - end)
        start = unit
      }
      end = unit + 1
    }
    let units = UInt64(ChangedUnits.count(byteCount, layout))
    runs.append(end - start)
    if end < units { runs.append(units - end) }
  }

  /// Takes the lengths out of a payload.
  ///
  /// - Parameter count: how many; 0 if all units change.
  init(
    _ tokens: inout TokenReader, count: Int, context: UInt8, byteCount: Int, layout: WordLayout
  ) throws(DeltaFrameFault) {
    (self.byteCount, self.layout) = (byteCount, layout)
    let units = UInt64(ChangedUnits.count(byteCount, layout))
    guard count > 0 else {
      runs = [0, units]
      return
    }
    let lengths = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
    defer { lengths.deallocate() }
    try tokens.take(lengths, count: count, context: context)
    var left = units
    for index in 0..<count {
      guard lengths[index] <= left, lengths[index] > 0 || index == 0 else {
        throw .init(expected: "runs that add up to \(units) units", found: "others")
      }
      left -= lengths[index]
    }
    guard left == 0 else {
      throw .init(expected: "runs that add up to \(units) units", found: "\(left) less")
    }
    runs = Array(UnsafeBufferPointer(start: lengths, count: count))
  }

  /// How many units so many bytes have; the last one may be shorter.
  static func count(_ byteCount: Int, _ layout: WordLayout) -> Int {
    (byteCount + layout.unitBytes - 1) / layout.unitBytes
  }

  /// About how many bits the runs take.
  var bits: Double {
    guard !isAll else { return 0 }
    var tokens = TokenWriter(capacity: runs.count)
    defer { tokens.deallocate() }
    runs.withUnsafeBufferPointer {
      if let start = $0.baseAddress { tokens.append(start, count: $0.count, context: 0) }
    }
    return tokens.estimate(contexts: 1, scale: 1)
  }

  /// True if there is no unchanged unit.
  var isAll: Bool { runs.count <= 2 && runs[0] == 0 }

  /// The bytes of changed units.
  var changedBytes: Int { ranges.reduce(0) { $0 + $1.count } }

  /// Where the changed units are, in bytes.
  private var ranges: [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for (index, run) in runs.enumerated() {
      let end = min(byteCount, start + Int(run) * layout.unitBytes)
      if index & 1 == 1 { ranges.append(start..<end) }
      start = end
    }
    return ranges
  }

  /// Puts the changed units one after the other.
  func pack(_ source: UnsafeRawPointer, into packed: UnsafeMutableRawPointer) {
    var offset = 0
    for range in ranges {
      (packed + offset).copyMemory(from: source + range.lowerBound, byteCount: range.count)
      offset += range.count
    }
  }

  /// Puts packed units back.
  func unpack(_ packed: UnsafeRawPointer, into result: UnsafeMutableRawPointer) {
    var offset = 0
    for range in ranges {
      (result + range.lowerBound).copyMemory(from: packed + offset, byteCount: range.count)
      offset += range.count
    }
  }
}
