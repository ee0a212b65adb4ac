import FormatIO

/// How products with weights are computed.
public enum Precision: String, Sendable, CaseIterable {
  /// Single precision throughout: the reference.
  case float32
  /// Weights that are stored as BF16 are multiplied as they are, by activations rounded to BF16, and
  /// summed in single precision; so are other weights whose every number is one of BF16, and F16 and
  /// quantised weights, rounded to it. Everything else is as in the reference.
  case bfloat16

  /// The fastest that this CPU has instructions for.
  public static var fastest: Precision {
    BFloat16.isSupported ? .bfloat16 : .float32
  }

  /// The names of the kernels that compute, for reports: results may differ in the last bits between
  /// kernels.
  var kernelName: String {
    switch self {
    case .float32: BLAS.kernelName
    case .bfloat16: BLAS.kernelName + ", AVX512-BF16"
    }
  }
}

/// A weight matrix as products read it: outputs × inputs.
struct WeightMatrix: Sendable {
  /// The numbers, row after row.
  enum Elements: Sendable {
    case float32([Float])
    /// The bits of BF16 numbers.
    case bfloat16([UInt16])
    /// The same, ready for many products; there is no way back from the output to the input.
    case packed(PackedMatrix)
  }

  /// A change Δ = b · a of low rank. It is not added to the elements: most of it would be lost where
  /// those are BF16.
  struct Change: Sendable {
    let rank: Int
    /// rank × inputs.
    let a: Elements
    /// outputs × rank, with the scale of the change in it.
    let b: Elements
  }

  /// The matrix without the change.
  var elements: Elements
  /// What is added to it, if it moves in low-rank form.
  var change: Change?
}

extension WeightMatrix {
  /// `y = x · wᵀ`: x is tokens × inputs, y tokens × outputs. Returns `x · aᵀ` if there is a change.
  @discardableResult
  func multiply(_ x: Operand, into y: inout Matrix) -> Matrix? {
    guard let change else {
      elements.multiply(x, into: &y)
      return nil
    }
    let projected = change.project(x)
    elements.multiply(x, plus: (Operand(projected), change.b), into: &y)
    return projected
  }

  /// A part of the gradient of an input: dy · w.
  struct Pullback {
    let weight: WeightMatrix
    /// tokens × outputs.
    let dy: Operand
    /// What the weight's change makes of dy, if there is one.
    let pulled: Matrix?
  }

  /// `Σ dy · w` over matrices that read the same input, tokens × inputs.
  static func inputGradient(_ parts: [Pullback], inputs: Int) -> Matrix {
    let terms = parts.flatMap { part in
      let change = part.weight.change.flatMap { change in
        part.pulled.map { (dy: Operand($0), elements: change.a) }
      }
      return [(dy: part.dy, elements: part.weight.elements)] + (change.map { [$0] } ?? [])
    }
    let rows = parts.first?.dy.rows ?? 0
    let rounded = terms.compactMap { term -> (RoundedMatrix, [UInt16])? in
      guard case .bfloat16(let w) = term.elements else { return nil }
      return (term.dy.rounded, w)
    }
    if rounded.count == terms.count {
      // In one pass over dx.
      var dx = Matrix(unwrittenRows: rows, columns: inputs)
      BFloat16.multiply(rounded, accumulating: false, into: &dx)
      return dx
    }
    var dx = Matrix(rows: rows, columns: inputs)
    for term in terms { term.elements.accumulate(term.dy, into: &dx) }
    return dx
  }
}

extension WeightMatrix.Change {
  /// `x · aᵀ`, tokens × rank.
  func project(_ x: Operand) -> Matrix {
    var projected = Matrix(rows: x.rows, columns: rank)
    a.multiply(x, into: &projected)
    return projected
  }

  /// `dy · b`, tokens × rank.
  func pull(_ dy: Operand) -> Matrix {
    var pulled = Matrix(rows: dy.rows, columns: rank)
    b.accumulate(dy, into: &pulled)
    return pulled
  }
}

extension WeightMatrix.Elements {
  /// These numbers, rounded to BF16 if products are.
  init(_ values: [Float], as precision: Precision) {
    switch precision {
    case .float32: self = .float32(values)
    case .bfloat16: self = .bfloat16(BFloat16.rounded(values))
    }
  }

  /// Numbers that were stored in some type, in the form that products of this precision take.
  init(_ values: [Float], storedAs type: ElementType, for precision: Precision) {
    let isRounded =
      precision == .bfloat16 && (type.bitsWithScales <= 16 || BFloat16.holds(values))
    self = isRounded ? .bfloat16(BFloat16.rounded(values)) : .float32(values)
  }

  /// How many there are.
  var count: Int {
    switch self {
    case .float32(let values): values.count
    case .bfloat16(let values): values.count
    case .packed(let matrix): matrix.outputs * matrix.inputs
    }
  }

  /// How products with them are computed.
  var precision: Precision {
    switch self {
    case .float32: .float32
    case .bfloat16, .packed: .bfloat16
    }
  }

  /// These numbers, ready for many products where that makes a difference.
  func packed(inputs: Int) -> Self {
    guard case .bfloat16(let values) = self else { return self }
    return .packed(PackedMatrix(values, inputs: inputs))
  }

  /// A second product to be added: of another left factor and other elements.
  typealias Addend = (x: Operand, elements: Self)

  /// `y = x · wᵀ`, or `y += …`, where y is the part of its rows that starts at column `start`.
  func multiply(
    _ x: Operand, plus more: Addend? = nil, accumulating: Bool = false, into y: inout Matrix,
    columnsFrom start: Int = 0
  ) {
    let outputs = count / x.columns
    precondition(count == outputs * x.columns && x.rows == y.rows && start + outputs <= y.columns)
    switch (self, more?.elements) {
    case (.bfloat16(let w), .bfloat16(let other)):
      // In one pass over y.
      BFloat16.multiply(
        x.rounded, transposing: w, plus: more.map { ($0.x.rounded, other) },
        accumulating: accumulating, into: &y, columnsFrom: start)
      return
    case (.float32(let w), _):
      BLAS.multiply(
        x.matrix, transposing: w, accumulating: accumulating, into: &y, columnsFrom: start)
    case (.bfloat16(let w), _):
      BFloat16.multiply(
        x.rounded, transposing: w, accumulating: accumulating, into: &y, columnsFrom: start)
    case (.packed(let w), _):
      BFloat16.multiply(
        x.rounded, transposing: w, accumulating: accumulating, into: &y, columnsFrom: start)
    }
    if let more {
      more.elements.multiply(more.x, accumulating: true, into: &y, columnsFrom: start)
    }
  }

  /// `dx += dy · w`, where dy is the part of its rows that starts at column `start`.
  func accumulate(_ dy: Operand, columnsFrom start: Int = 0, into dx: inout Matrix) {
    let outputs = count / dx.columns
    precondition(count == outputs * dx.columns && dy.rows == dx.rows)
    precondition(start + outputs <= dy.columns)
    switch self {
    case .float32(let w): BLAS.accumulate(dy.matrix, columnsFrom: start, times: w, into: &dx)
    case .bfloat16(let w):
      let part = RoundedMatrix(dy.rounded, columns: start..<start + outputs)
      BFloat16.multiply([(part, w)], accumulating: true, into: &dx)
    case .packed: preconditionFailure("packed weights have no backward pass")
    }
  }
}
