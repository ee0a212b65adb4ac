public import FormatIO

/// How one tensor of a checkpoint B differs from the same tensor of a checkpoint A.
public struct TensorDifference: Sendable {
  /// The name in A.
  public let name: TensorName
  /// The name in B.
  public let otherName: TensorName
  /// How A stores it.
  public let elementType: ElementType
  /// How B stores it.
  public let otherElementType: ElementType
  /// The dimensions in A, slowest first.
  public let shape: [Int]
  /// The number of the block it is in; nil outside of blocks.
  public let layer: Int?
  /// What it does, the same word in every layer and every family: `attention.query`, `feed-forward.down`.
  public let kind: String
  /// What was summed over its elements.
  public var sums: DifferenceSums
  /// The shape of its change; nil where it was not asked for, or the tensor is no matrix or unchanged.
  public var spectrum: Spectrum?

  /// The largest singular values of a change Δ.
  public struct Spectrum: Sendable, Equatable {
    /// σ₁² / ‖Δ‖², (σ₁² + σ₂²) / ‖Δ‖², …: how much of the change its strongest directions hold.
    public var shares: [Double]
    /// exp of the entropy of σᵢ / Σσ (Roy and Vetterli 2007): how many directions the change uses.
    public var effectiveRank: Double
    /// True if only the largest values were computed, and the rest of ‖Δ‖² was taken as spread evenly.
    public var isEstimate: Bool
  }
}

/// What adds up over elements, so that layers, kinds and whole models are sums of tensors.
///
/// a is an element of A, b of B, d = b − a, in `Double`. Elements that are not finite on either side are counted
/// and left out of all sums.
public struct DifferenceSums: Sendable, Equatable {
  /// Elements.
  public var count = 0
  /// Elements whose value differs: by bits where both have the same type, by number otherwise.
  public var changed = 0
  /// Σ d.
  public var difference = 0.0
  /// Σ d².
  public var squaredDifference = 0.0
  /// Σ a².
  public var squaredA = 0.0
  /// Σ b².
  public var squaredB = 0.0
  /// Σ a·b.
  public var product = 0.0
  /// max |d|.
  public var largestDifference = 0.0
  /// The largest distance in steps between neighbouring numbers of the coarser type; nil if a side is
  /// stored in blocks.
  public var largestSteps: Int? = 0
  /// Elements of A and of B that are NaN.
  public var notNumbersA = 0, notNumbersB = 0
  /// Elements of A and of B that are infinite.
  public var infiniteA = 0, infiniteB = 0
  /// True if the bytes are the same, and so are types and shapes.
  public var isByteEqual = true
  /// Of a third checkpoint C: Σ (c − a)² and Σ d·(c − a); zeros without one.
  public var squaredReference = 0.0, referenceProduct = 0.0

  /// Nothing yet.
  public init() {}
}
