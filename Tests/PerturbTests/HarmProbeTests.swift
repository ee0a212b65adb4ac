import Testing

@testable import Perturb

/// Does the probe find the direction in which two kinds of requests differ?
struct HarmProbeTests {
  /// Rows around a centre that lies on the first axis; the second axis is loud and says nothing.
  private static func rows(_ centre: Float, seed: UInt64, count: Int = 60) -> Matrix {
    var rows = GradientCheck.normal(rows: count, columns: 8, seed: seed)
    for row in 0..<count {
      rows[row, 0] = 0.5 * rows[row, 0] + centre
      rows[row, 1] *= 4
    }
    return rows
  }

  @Test func findsHarmfulRowsAmongBenignOnes() {
    let probe = HarmProbe(
      harmful: Self.rows(2, seed: 1), benign: Self.rows(-2, seed: 2))
    let (harmful, benign) = (Self.rows(2, seed: 3), Self.rows(-2, seed: 4))
    #expect(probe.suspicious(harmful).count { $0 } >= 55)
    #expect(probe.suspicious(benign).allSatisfy { !$0 })
  }

  @Test func whatLiesBetweenIsNotSuspicious() {
    let probe = HarmProbe(
      harmful: Self.rows(2, seed: 1), benign: Self.rows(-2, seed: 2))
    #expect(probe.suspicious(Self.rows(0, seed: 5)).count { $0 } <= 6)
  }

  @Test func kindsThatDoNotDifferGiveNoCertainty() {
    let probe = HarmProbe(
      harmful: Self.rows(0, seed: 1), benign: Self.rows(0, seed: 1))
    #expect(probe.suspicious(Self.rows(0, seed: 6)).allSatisfy { !$0 })
  }
}
