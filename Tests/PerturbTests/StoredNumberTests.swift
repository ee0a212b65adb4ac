import Testing

@testable import Perturb

/// Are steps between numbers counted across zero, and is rounding to the nearest right where it is hard?
struct StoredNumberTests {
  @Test func stepsCrossZero() {
    #expect(StoredBFloat16.steps(0x8000, 0x0000) == 0)
    #expect(StoredBFloat16.steps(0x8001, 0x0001) == 2)
    #expect(StoredBFloat16.steps(0x3F80, 0x3F81) == 1)
    #expect(StoredBFloat16.steps(0xFF7F, 0x7F7F) == 2 * 0x7F7F)
    #expect(StoredFloat32.steps((1.0 as Float).bitPattern, (1.0 as Float).nextUp.bitPattern) == 1)
    #expect(StoredFloat64.steps((-0.0).bitPattern, Double.leastNonzeroMagnitude.bitPattern) == 1)
  }

  /// Just above the middle between two numbers of BF16, by less than single precision sees.
  @Test func roundsOnce() {
    #expect(StoredBFloat16.nearest(1 + 0x1p-8) == 0x3F80)
    #expect(StoredBFloat16.nearest(1 + 0x1p-8 + 0x1p-40) == 0x3F81)
    #expect(StoredBFloat16.nearest(-1 - 0x1p-8 - 0x1p-40) == 0xBF81)
    #expect(StoredBFloat16.nearest(1 + 0x3p-8 - 0x1p-40) == 0x3F81)
    #expect(StoredBFloat16.nearest(0) == 0 && StoredBFloat16.nearest(-0.0) == 0x8000)
    #expect(StoredBFloat16.nearest(1e300) == 0x7F80)
  }
}
