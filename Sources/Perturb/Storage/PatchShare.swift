/// How much of a wanted change is in a stored one, as sums that can be added up.
public struct PatchShare: Sendable {
  /// ⟨stored, wanted⟩.
  var product = 0.0
  /// ‖wanted‖².
  var wanted = 0.0
  /// ‖stored‖².
  var stored = 0.0

  /// Projection of the stored change on the wanted one: 1 if all of it arrived.
  public var keep: Double { wanted > 0 ? product / wanted : 1 }
  /// The rest of the stored change, relative to the wanted one.
  public var noise: Double {
    wanted > 0 ? max(0, stored / wanted - keep * keep).squareRoot() : 0
  }

  static func += (left: inout PatchShare, right: PatchShare) {
    left.product += right.product
    left.wanted += right.wanted
    left.stored += right.stored
  }
}
