import FormatIO
import Glibc
import RealModule

/// Sums over short runs of numbers.
///
/// All products and sums are in double precision, in an order that the compiler fixes: the same numbers always give
/// the same sums. The loops have no branches, so that they vectorise.
enum DifferenceKernel {
  /// So many numbers are one run: both sides of it stay in the nearest cache.
  static let run = 4096

  /// Adds a run of two tensors of one floating-point type.
  static func add<Number: StoredNumber>(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, count: Int, as number: Number.Type,
    to sums: inout DifferenceSums
  ) {
    precondition(count <= run)
    let isEqual = memcmp(a, b, count * MemoryLayout<Number.Bits>.stride) == 0
    let bits = isEqual ? ofEqualBits(a, count, number) : ofBits(a, b, count, number)
    sums.changed += Int(truncatingIfNeeded: bits.changed)
    sums.isByteEqual = sums.isByteEqual && isEqual
    guard bits.largest < Number.infinity else {
      return addWithoutInfinite(a, b, count, number, to: &sums)
    }
    sums.count += count
    sums.summed += count
    if isEqual {
      let squares = sumOfSquares(a, count, number)
      sums.squaredA += squares
      sums.squaredB += squares
      sums.product += squares
      return
    }
    if let largest = sums.largestSteps {
      sums.largestSteps = max(largest, Int(clamping: bits.steps))
    }
    addFinite(a, b, count, number, to: &sums)
  }

  /// Adds a run of numbers that were unpacked before, what is not finite set to 0.
  ///
  /// - Parameter coarser: the type that steps are counted in; nil counts none.
  static func add(
    _ a: UnsafeMutableBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>,
    coarser: (any StoredNumber.Type)?, to sums: inout DifferenceSums
  ) {
    precondition(a.count == b.count && a.count <= run)
    guard let first = a.baseAddress, let second = b.baseAddress else { return }
    let (top, count) = (largestMagnitude(a, b), a.count)
    sums.count += count
    sums.summed += count
    if top >= StoredFloat64.infinity {
      for index in 0..<count { sums.clear(&a[index], &b[index]) }
    }
    addFinite(first, second, count, StoredFloat64.self, to: &sums)
    guard let coarser, let largest = sums.largestSteps else {
      sums.largestSteps = nil
      return
    }
    sums.largestSteps = max(largest, steps(a, b, coarser))
  }

  /// Adds to Σ (c − a)² and Σ (b − a)(c − a) what a run of finite numbers gives; where c is not finite, nothing.
  static func addReference(
    _ a: UnsafeMutableBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>,
    _ c: UnsafeMutableBufferPointer<Double>, to sums: inout DifferenceSums
  ) {
    precondition(a.count == b.count && a.count == c.count)
    for index in 0..<a.count {
      let isSummed = a[index].isFinite && b[index].isFinite && c[index].isFinite
      if !isSummed { (a[index], b[index], c[index]) = (0, 0, 0) }
    }
    var (squares, product) = (0.0, 0.0)
    for index in 0..<a.count {
      let reference = c[index] - a[index]
      squares = Relaxed.multiplyAdd(reference, reference, squares)
      product = Relaxed.multiplyAdd(reference, b[index] - a[index], product)
    }
    sums.squaredReference += squares
    sums.referenceProduct += product
  }

  /// Unpacks a run of floating-point numbers.
  @inline(__always)
  static func unpack<Number: StoredNumber>(
    _ source: UnsafeRawPointer, _ number: Number.Type,
    into output: UnsafeMutableBufferPointer<Double>
  ) {
    for index in 0..<output.count { output[index] = value(source, index, number) }
  }
}

// MARK: - Loops

extension DifferenceKernel {
  @inline(__always)
  private static func bits<Number: StoredNumber>(
    _ source: UnsafeRawPointer, _ index: Int, _: Number.Type
  ) -> Number.Bits {
    Number.Bits(
      littleEndian: source.loadUnaligned(
        fromByteOffset: index &* MemoryLayout<Number.Bits>.stride, as: Number.Bits.self))
  }

  @inline(__always)
  private static func value<Number: StoredNumber>(
    _ source: UnsafeRawPointer, _ index: Int, _ number: Number.Type
  ) -> Double {
    Number.value(bits(source, index, number))
  }

  /// What the bits say: how many differ, the largest distance, the largest magnitude on either side.
  private typealias Bits<Word> = (changed: Word, steps: Word, largest: Word)

  @inline(__always)
  private static func ofBits<Number: StoredNumber>(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int, _ number: Number.Type
  ) -> Bits<Number.Bits> {
    var changed: Number.Bits = 0
    var steps: Number.Bits = 0
    var largest: Number.Bits = 0
    for index in 0..<count {
      let (x, y) = (bits(a, index, number), bits(b, index, number))
      changed &+= x == y ? 0 : 1
      steps = max(steps, Number.steps(x, y))
      largest = max(largest, max(x & ~Number.sign, y & ~Number.sign))
    }
    return (changed, steps, largest)
  }

  @inline(__always)
  private static func ofEqualBits<Number: StoredNumber>(
    _ a: UnsafeRawPointer, _ count: Int, _ number: Number.Type
  ) -> Bits<Number.Bits> {
    var largest: Number.Bits = 0
    for index in 0..<count { largest = max(largest, bits(a, index, number) & ~Number.sign) }
    return (0, 0, largest)
  }

  @inline(__always)
  private static func sumOfSquares<Number: StoredNumber>(
    _ a: UnsafeRawPointer, _ count: Int, _ number: Number.Type
  ) -> Double {
    var sum = 0.0
    for index in 0..<count {
      let x = value(a, index, number)
      sum = Relaxed.multiplyAdd(x, x, sum)
    }
    return sum
  }

  @inline(__always)
  private static func addFinite<Number: StoredNumber>(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int, _ number: Number.Type,
    to sums: inout DifferenceSums
  ) {
    var (sum, squares, squaresA, squaresB, product) = (0.0, 0.0, 0.0, 0.0, 0.0)
    // Magnitudes compare as their bits do, and those have a maximum that vectorises.
    var largest: Int64 = 0
    for index in 0..<count {
      let (x, y) = (value(a, index, number), value(b, index, number))
      let difference = y - x
      sum = Relaxed.sum(sum, difference)
      squares = Relaxed.multiplyAdd(difference, difference, squares)
      squaresA = Relaxed.multiplyAdd(x, x, squaresA)
      squaresB = Relaxed.multiplyAdd(y, y, squaresB)
      product = Relaxed.multiplyAdd(x, y, product)
      largest = max(largest, Int64(bitPattern: difference.bitPattern & ~StoredFloat64.sign))
    }
    sums.difference += sum
    sums.squaredDifference += squares
    sums.squaredA += squaresA
    sums.squaredB += squaresB
    sums.product += product
    sums.largestDifference = max(
      sums.largestDifference, Double(bitPattern: UInt64(bitPattern: largest)))
  }

  /// A run with NaN or infinities: rare, so it is unpacked first.
  private static func addWithoutInfinite<Number: StoredNumber>(
    _ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int, _ number: Number.Type,
    to sums: inout DifferenceSums
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count) { room in
      let first = room.extracting(0..<count)
      let second = room.extracting(count..<2 * count)
      unpack(a, number, into: first)
      unpack(b, number, into: second)
      add(first, second, coarser: number, to: &sums)
    }
  }

  private static func largestMagnitude(
    _ a: UnsafeMutableBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>
  ) -> UInt64 {
    var largest: Int64 = 0
    for index in 0..<a.count {
      largest = max(largest, Int64(bitPattern: a[index].bitPattern & ~StoredFloat64.sign))
      largest = max(largest, Int64(bitPattern: b[index].bitPattern & ~StoredFloat64.sign))
    }
    return UInt64(bitPattern: largest)
  }

  private static func steps<Number: StoredNumber>(
    _ a: UnsafeMutableBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>,
    _: Number.Type
  ) -> Int {
    var largest: Number.Bits = 0
    for index in 0..<a.count {
      largest = max(largest, Number.steps(Number.nearest(a[index]), Number.nearest(b[index])))
    }
    return Int(clamping: largest)
  }
}

extension DifferenceSums {
  /// Counts a pair that is not finite on either side, and takes it out of the sums that follow.
  fileprivate mutating func clear(_ a: inout Double, _ b: inout Double) {
    guard !a.isFinite || !b.isFinite else { return }
    if a.isNaN { notNumbersA += 1 } else if !a.isFinite { infiniteA += 1 }
    if b.isNaN { notNumbersB += 1 } else if !b.isFinite { infiniteB += 1 }
    summed -= 1
    (a, b) = (0, 0)
  }
}
