internal import FormatIO

/// A vector over a parameter space: a point, a gradient, an average of gradients.
///
/// A short one, of low-rank factors, is plain memory. A long one, of whole matrices, lies in a scratch
/// file and is worked on part by part; the pages of a part are let go when it is done. So the memory that
/// learning takes does not depend on how many such vectors there are.
public struct ParameterVector: Sendable {
  /// Longer ones lie in a file: 256 MiB.
  static let lengthInMemory = 1 << 26
  /// How many numbers are worked on before their pages are let go.
  fileprivate static let stretch = 1 << 22

  private var storage: Storage

  /// The zero vector.
  public init(zeros count: Int) {
    self.init(zeros: count, liesInFile: count > Self.lengthInMemory)
  }

  init(zeros count: Int, liesInFile: Bool) {
    storage = Storage(count: count, liesInFile: liesInFile)
  }

  /// A vector of these numbers.
  public init(_ values: [Float]) {
    self.init(zeros: values.count)
    replace(0..<values.count, with: values)
  }

  /// How many numbers it has.
  public var count: Int { storage.numbers.count }

  /// Checks that the disk has room for so many vectors of this length, if they lie in files.
  ///
  /// - Throws: `InputError` with the room that there is.
  static func requireRoom(for vectors: Int, of count: Int) throws {
    guard count > lengthInMemory else { return }
    try ScratchFile.requireRoom(vectors * count * MemoryLayout<Float>.stride)
  }
}

// MARK: - Parts

extension ParameterVector {
  /// Hands over a part to be read.
  func withPart<Result>(_ range: Range<Int>, _ body: (Span<Float>) throws -> Result) rethrows
    -> Result
  {
    defer { storage.release(range) }
    return try body(UnsafeBufferPointer(storage.numbers.extracting(range)).span)
  }

  /// Hands over a part to be changed.
  mutating func withMutablePart(
    _ range: Range<Int>, _ body: (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
    body(storage.numbers.extracting(range))
    storage.release(range)
  }

  /// A copy of a part.
  public subscript(range: Range<Int>) -> [Float] {
    withPart(range) { part in
      [Float](unsafeUninitializedCapacity: part.count) { buffer, count in
        for index in part.indices { buffer.initializeElement(at: index, to: part[index]) }
        count = part.count
      }
    }
  }

  /// A copy of the whole vector.
  public var array: [Float] { self[0..<count] }

  /// Replaces a part by as many numbers.
  mutating func replace(_ range: Range<Int>, with values: [Float]) {
    precondition(values.count == range.count)
    withMutablePart(range) { part in
      for index in part.indices { part[index] = values[index] }
    }
  }

  /// Has the system fetch a part that is needed soon.
  func prefetch(_ range: Range<Int>) { storage.prefetch(range) }

  /// Ranges that cover it, in order, each short enough to be in memory.
  var stretches: [Range<Int>] {
    stride(from: 0, to: count, by: Self.stretch).map { $0..<min(count, $0 + Self.stretch) }
  }
}

// MARK: - Arithmetic

extension ParameterVector {
  /// `target += scale ·` a part, on all threads.
  func add(_ range: Range<Int>, scale: Float, to target: UnsafeMutableBufferPointer<Float>) {
    precondition(range.count == target.count)
    withPart(range) { source in
      source.withUnsafeBufferPointer { source in
        nonisolated(unsafe) let (source, target) = (source, target)
        Parallel.forEachRange(source.count, size: 1 << 16) { piece in
          var target = target.extracting(piece).mutableSpan
          Vector.add(source.extracting(piece).span, scale: scale, to: &target)
        }
      }
    }
  }

  /// `self += scale · other`.
  mutating func add(_ other: ParameterVector, scale: Float) {
    precondition(other.count == count)
    for stretch in stretches {
      withMutablePart(stretch) { other.add(stretch, scale: scale, to: $0) }
    }
  }

  /// Changes every number by the one of another vector at the same place.
  mutating func update(with other: ParameterVector, _ body: (inout Float, Float) -> Void) {
    precondition(other.count == count)
    for stretch in stretches {
      other.withPart(stretch) { other in
        withMutablePart(stretch) { part in
          for index in other.indices { body(&part[index], other[index]) }
        }
      }
    }
  }

  /// Multiplies every number.
  mutating func scale(by factor: Float) {
    for stretch in stretches {
      withMutablePart(stretch) { part in
        for index in part.indices { part[index] *= factor }
      }
    }
  }

  /// The scalar product, added up in double precision.
  func dot(_ other: ParameterVector) -> Double {
    precondition(other.count == count)
    return stretches.reduce(0) { sum, stretch in
      withPart(stretch) { part in
        other.withPart(stretch) { other in sum + Vector.sumOfProducts(part, other) }
      }
    }
  }

  /// The Euclidean norm, added up in double precision.
  public var norm: Double { dot(self).squareRoot() }

  /// The vector divided by its norm; zero stays zero.
  var normalised: ParameterVector {
    let norm = norm
    guard norm > 0, norm.isFinite else { return ParameterVector(zeros: count) }
    var result = self
    result.scale(by: Float(1 / norm))
    return result
  }
}

extension ParameterVector: Equatable {
  /// True if all numbers are equal.
  public static func == (a: ParameterVector, b: ParameterVector) -> Bool {
    a.count == b.count && a.stretches.allSatisfy { a[$0] == b[$0] }
  }
}

// MARK: - Where the numbers are

/// The numbers of a vector, in memory or in a file.
private final class Storage: Sendable {
  nonisolated(unsafe) let numbers: UnsafeMutableBufferPointer<Float>
  private let file: ScratchFile?

  /// So many zeros. A file that cannot be made is replaced by memory: that there is room was checked
  /// before the run, and a run that has come far should not stop for it.
  init(count: Int, liesInFile: Bool) {
    let width = MemoryLayout<Float>.stride
    if liesInFile, let file = try? ScratchFile(count: count * width) {
      self.file = file
      numbers = file.bytes.bindMemory(to: Float.self)
    } else {
      file = nil
      numbers = .allocate(capacity: count)
      numbers.initialize(repeating: 0)
    }
  }

  deinit {
    if file == nil { numbers.deallocate() }
  }

  func copy() -> Storage {
    let copy = Storage(count: numbers.count, liesInFile: file != nil)
    for start in stride(from: 0, to: numbers.count, by: ParameterVector.stretch) {
      let range = start..<min(numbers.count, start + ParameterVector.stretch)
      _ = copy.numbers.extracting(range).update(fromContentsOf: numbers.extracting(range))
      release(range)
      copy.release(range)
    }
    return copy
  }

  func release(_ range: Range<Int>) { file?.advise(bytes(range), .mayBeDropped) }

  func prefetch(_ range: Range<Int>) { file?.advise(bytes(range), .willBeRead) }

  private func bytes(_ range: Range<Int>) -> Range<Int> {
    let width = MemoryLayout<Float>.stride
    return range.lowerBound * width..<range.upperBound * width
  }
}
