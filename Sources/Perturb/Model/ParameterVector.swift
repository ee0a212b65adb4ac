internal import FormatIO

/// A vector over a parameter space: a point, a gradient, an average of gradients.
///
/// A short one, of low-rank factors, is plain memory. A long one, of whole matrices, lies in a scratch
/// file and is worked on part by part. So the memory that learning takes does not depend on how many such
/// vectors there are.
public struct ParameterVector: Sendable {
  /// Longer ones lie in a file: 256 MiB.
  static let lengthInMemory = 1 << 26
  /// How many numbers of a long one are in memory at once.
  static let stretch = 1 << 22

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
  public var count: Int { storage.count }
}

extension ParameterVector {
  /// The same numbers where vectors of this length lie.
  var settled: ParameterVector {
    guard count > Self.lengthInMemory, !storage.liesInFile else { return self }
    var settled = ParameterVector(zeros: count)
    settled.add(self, scale: 1)
    return settled
  }
}

// MARK: - Parts

extension ParameterVector {
  /// Hands over a part to be read.
  func withPart<Result>(_ range: Range<Int>, _ body: (Span<Float>) throws -> Result) rethrows
    -> Result
  {
    try storage.withPart(range) { try body(UnsafeBufferPointer($0).span) }
  }

  /// Hands over a part to be changed.
  mutating func withMutablePart(
    _ range: Range<Int>, _ body: (UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    if !isKnownUniquelyReferenced(&storage) { storage = storage.copy() }
    storage.withPart(range) { part in
      body(part)
      storage.write(part, to: range)
    }
  }

  /// A copy of a part.
  public subscript(range: Range<Int>) -> [Float] {
    withPart(range) { $0.withUnsafeBufferPointer { Array($0) } }
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

/// The numbers of a vector, in memory or in a file. Only the vector that owns it alone writes to it.
private final class Storage: Sendable {
  let count: Int
  private nonisolated(unsafe) let memory: UnsafeMutableBufferPointer<Float>
  private let file: ScratchFile?
  /// Which pieces of a file were ever written. The others are zero and need not be read.
  private nonisolated(unsafe) var isWritten: [Bool]

  /// How many numbers one thread moves at once.
  private static let piece = 1 << 18

  /// So many zeros. A file that cannot be made is replaced by memory: that there is room was checked
  /// before the run, and a run that has come far should not stop for it.
  init(count: Int, liesInFile: Bool) {
    self.count = count
    file = liesInFile ? try? ScratchFile(count: count * MemoryLayout<Float>.stride) : nil
    isWritten = [Bool](
      repeating: false, count: file == nil ? 0 : (count + Self.piece - 1) / Self.piece)
    memory = .allocate(capacity: file == nil ? count : 0)
    memory.initialize(repeating: 0)
  }

  deinit { memory.deallocate() }

  var liesInFile: Bool { file != nil }

  func copy() -> Storage {
    let copy = Storage(count: count, liesInFile: file != nil)
    for start in stride(from: 0, to: count, by: ParameterVector.stretch) {
      let range = start..<min(count, start + ParameterVector.stretch)
      if file != nil, !isWritten[pieces(of: range)].contains(true) { continue }
      withPart(range) { copy.write($0, to: range) }
    }
    return copy
  }

  func withPart<Result>(
    _ range: Range<Int>, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    guard let file else { return try body(memory.extracting(range)) }
    let part = UnsafeMutableBufferPointer<Float>.allocate(capacity: range.count)
    defer { part.deallocate() }
    if isWritten[pieces(of: range)].contains(true) {
      transfer(part, range) { try file.read(UnsafeMutableRawBufferPointer($0), at: $1) }
    } else {
      part.initialize(repeating: 0)
    }
    return try body(part)
  }

  /// Keeps a part that was handed over and changed.
  func write(_ part: UnsafeMutableBufferPointer<Float>, to range: Range<Int>) {
    if let file {
      for piece in pieces(of: range) { isWritten[piece] = true }
      transfer(part, range) { try file.write(UnsafeRawBufferPointer($0), at: $1) }
    } else if part.baseAddress != memory.extracting(range).baseAddress {
      _ = memory.extracting(range).update(fromContentsOf: part)
    }
  }

  func prefetch(_ range: Range<Int>) {
    let width = MemoryLayout<Float>.stride
    file?.prefetch(range.lowerBound * width..<range.upperBound * width)
  }

  private func pieces(of range: Range<Int>) -> Range<Int> {
    range.lowerBound / Self.piece..<(range.upperBound + Self.piece - 1) / Self.piece
  }

  /// Moves pieces of a part on all threads; most of it is copying to and from pages in memory.
  private func transfer(
    _ part: UnsafeMutableBufferPointer<Float>, _ range: Range<Int>,
    _ move: @Sendable (UnsafeMutableBufferPointer<Float>, _ offset: Int) throws -> Void
  ) {
    nonisolated(unsafe) let part = part
    Parallel.forEachRange(part.count, size: Self.piece) { piece in
      let offset = (range.lowerBound + piece.lowerBound) * MemoryLayout<Float>.stride
      // The file's blocks are taken and nobody else can reach it: only a broken disk fails here.
      do { try move(part.extracting(piece), offset) } catch { preconditionFailure("\(error)") }
    }
  }
}
