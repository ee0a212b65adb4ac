/// What the numbers of a tensor are multiplied by, as another tensor of the file has it.
///
/// The tensor is cut into blocks of rows × columns, each with its scale. A block may be as wide as the tensor (a
/// scale for each row) or the whole of it. The last blocks of rows and columns may be cut off.
public struct TensorScales: Sendable {
  /// One for each block, in row-major order of the blocks.
  private let values: [Float]
  /// The size of a block.
  private let rows, columns: Int
  /// The width of the tensor.
  private let width: Int

  /// Scales of blocks of this size.
  ///
  /// - Parameters:
  ///   - values: one for each block, in row-major order.
  ///   - block: rows and columns of a block.
  ///   - width: the last dimension of the tensor.
  public init(_ values: [Float], block: (rows: Int, columns: Int), width: Int) {
    self.values = values
    (rows, columns, self.width) = (max(1, block.rows), max(1, block.columns), max(1, width))
  }

  /// Multiplies consecutive numbers of the tensor, of which `first` is the position of the first one.
  func multiply(_ numbers: inout MutableSpan<Float>, from first: Int) {
    let blocksInRow = (width + columns - 1) / columns
    numbers.withUnsafeMutableBufferPointer { numbers in
      var start = 0
      while start < numbers.count {
        let (row, column) = (first + start).quotientAndRemainder(dividingBy: width)
        let blockEnd = min((column / columns + 1) * columns, width)
        let end = min(start + blockEnd - column, numbers.count)
        let scale = values[row / rows * blocksInRow + column / columns]
        for index in start..<end { numbers[index] *= scale }
        start = end
      }
    }
  }

  /// The scale of each of some consecutive numbers.
  public func factors(of elements: Range<Int>) -> [Float] {
    var factors = [Float](repeating: 1, count: elements.count)
    var target = factors.mutableSpan
    multiply(&target, from: elements.lowerBound)
    return factors
  }
}

extension TensorScales {
  /// Unpacks elements that were stored as `bytes` and multiplies them.
  ///
  /// - Parameters:
  ///   - bytes: the stored elements, whole blocks of the type.
  ///   - first: the position of the first one in the tensor.
  ///   - scales: nil for a tensor whose numbers stand for themselves.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, _ type: ElementType, from first: Int,
    scales: TensorScales?, into output: inout MutableSpan<Float>
  ) {
    FloatDecoding.decode(bytes, type, into: &output)
    scales?.multiply(&output, from: first)
  }
}
