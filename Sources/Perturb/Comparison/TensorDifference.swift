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
  /// The number of the expert it belongs to; nil outside of experts and where several lie in one tensor.
  public let expert: Int?
  /// False if its numbers cannot be unpacked: then bytes were compared, and all sums are 0.
  public let isDecoded: Bool
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
