import FormatIO
import Glibc

/// The same numbers in A, in B and perhaps in a third checkpoint.
struct ComparedPair: Sendable {
  let a, b: ComparedSide
  /// The dimensions, slowest first.
  let shape: [Int]
  let place: TensorPlace
  /// The third checkpoint's, if the change is split.
  var c: ComparedSide?

  /// The numbers on each side.
  var count: Int { a.count }

  /// True if the numbers of both sides can be unpacked.
  var isDecoded: Bool { a.isDecodable && b.isDecodable }

  /// Bytes of a and b together, at least 1.
  var byteCount: Int {
    max(1, count * (a.tensor.elementType.bits + b.tensor.elementType.bits) / 8)
  }

  /// The sums over some of the numbers; the range starts at a multiple of `DifferenceKernel.run`.
  ///
  /// - Throws: `InputError` if a file changed since it was opened.
  func sums(over range: Range<Int>) throws -> DifferenceSums {
    try a.checkpoint.withBytes(of: a.tensor) { first in
      try b.checkpoint.withBytes(of: b.tensor) { second in
        guard let c else { return sums(over: range, first, second, nil) }
        return try c.checkpoint.withBytes(of: c.tensor) { sums(over: range, first, second, $0) }
      }
    }
  }

  private func sums(
    over range: Range<Int>, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
    _ third: UnsafeRawBufferPointer?
  ) -> DifferenceSums {
    var sums = DifferenceSums()
    guard isDecoded else {
      addBytes(of: range, first, second, to: &sums)
      return sums
    }
    let run = DifferenceKernel.run
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 * run) { room in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: run) {
        let part = start..<min(range.upperBound, start + run)
        let values = (0..<3).map { room.extracting($0 * run..<$0 * run + part.count) }
        if let number = commonNumber {
          add(part, first, second, as: number, to: &sums)
        } else {
          add(part, first, second, values, to: &sums)
        }
        guard let c, let third else { continue }
        a.read(part, of: first, into: values[0])
        b.read(part, of: second, into: values[1])
        c.read(part, of: third, into: values[2])
        DifferenceKernel.addReference(values[0], values[1], values[2], to: &sums)
      }
    }
    return sums
  }

  /// The floating-point type of both sides, if their numbers are as they are in the files.
  private var commonNumber: (any StoredNumber.Type)? {
    guard a.tensor.elementType == b.tensor.elementType, a.isAsStored, b.isAsStored else {
      return nil
    }
    return ElementType.coarser(a.tensor.elementType, b.tensor.elementType)
  }

  /// A run of one type, from the bytes of the files.
  private func add(
    _ part: Range<Int>, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
    as number: any StoredNumber.Type, to sums: inout DifferenceSums
  ) {
    guard let x = first.baseAddress, let y = second.baseAddress else { return }
    DifferenceKernel.add(
      x + a.byteOffset(of: part.lowerBound), y + b.byteOffset(of: part.lowerBound),
      count: part.count, as: number, to: &sums)
  }

  /// A run of any types, unpacked first.
  private func add(
    _ part: Range<Int>, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
    _ values: [UnsafeMutableBufferPointer<Double>], to sums: inout DifferenceSums
  ) {
    a.read(part, of: first, into: values[0])
    b.read(part, of: second, into: values[1])
    let types = (a.tensor.elementType, b.tensor.elementType)
    let (isSameType, isOfElements) = (types.0 == types.1, types.0.elementsPerBlock == 1)
    var isByteEqual = false
    if isSameType, a.isContiguous, b.isContiguous {
      let (x, y) = (bytes(of: part, a, first), bytes(of: part, b, second))
      isByteEqual = Self.areEqual(x, y)
      if isOfElements, PlainDecoding.reader(of: types.0) != nil, a.offset == b.offset {
        sums.changed += isByteEqual ? 0 : Self.unequal(x, y, each: types.0.bytesPerBlock)
      } else {
        sums.changed += Self.changed(values[0], values[1])
      }
    } else if isSameType, PlainDecoding.reader(of: types.0) != nil, a.offset == b.offset {
      sums.changed += Self.changedBits(values[0], values[1])
    } else {
      sums.changed += Self.changed(values[0], values[1])
    }
    sums.isByteEqual = sums.isByteEqual && isByteEqual
    DifferenceKernel.add(
      values[0], values[1], coarser: ElementType.coarser(types.0, types.1), to: &sums)
  }

  /// Elements whose numbers cannot be unpacked count as changed with the bytes of their block.
  private func addBytes(
    of range: Range<Int>, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer,
    to sums: inout DifferenceSums
  ) {
    sums.count += range.count
    sums.largestSteps = nil
    let type = a.tensor.elementType
    guard type == b.tensor.elementType, a.isContiguous, b.isContiguous else {
      sums.changed += range.count
      sums.isByteEqual = false
      return
    }
    let (x, y) = (bytes(of: range, a, first), bytes(of: range, b, second))
    guard !Self.areEqual(x, y) else { return }
    sums.isByteEqual = false
    sums.changed += Self.unequal(x, y, each: type.bytesPerBlock) * type.elementsPerBlock
  }

  private func bytes(
    of range: Range<Int>, _ side: ComparedSide, _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    .init(
      rebasing: bytes[
        side.byteOffset(of: range.lowerBound)..<side.byteOffset(of: range.upperBound)])
  }

  private static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard let x = a.baseAddress, let y = b.baseAddress else { return a.count == b.count }
    return a.count == b.count && memcmp(x, y, a.count) == 0
  }

  /// How many pieces of so many bytes differ.
  private static func unequal(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, each size: Int
  ) -> Int {
    guard let x = a.baseAddress, let y = b.baseAddress else { return 0 }
    return stride(from: 0, to: a.count, by: size).count { memcmp(x + $0, y + $0, size) != 0 }
  }

  /// How many numbers differ; what is no number on both sides does not.
  private static func changed(
    _ a: UnsafeMutableBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>
  ) -> Int {
    var changed = 0
    for index in 0..<a.count {
      let (x, y) = (a[index], b[index])
      changed &+= x == y || (x.isNaN && y.isNaN) ? 0 : 1
    }
    return changed
  }

  /// How many numbers have other bits; types widen without loss of any.
  private static func changedBits(
    _ a: UnsafeMutableBufferPointer<Double>, _ b: UnsafeMutableBufferPointer<Double>
  ) -> Int {
    var changed = 0
    for index in 0..<a.count { changed &+= a[index].bitPattern == b[index].bitPattern ? 0 : 1 }
    return changed
  }
}

extension ComparedSide {
  /// True if the numbers lie one after the other in the order of the pair.
  var isContiguous: Bool { rows == nil && columns == nil }
}
