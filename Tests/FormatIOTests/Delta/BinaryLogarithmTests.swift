import Foundation
import Testing

@testable import FormatIO

struct BinaryLogarithmTests {
  @Test("is that of the library, but for the last bits")
  func values() {
    let log2 = BinaryLogarithm()
    var random = SplitMix64(state: 4)
    let numbers =
      Array(1...5000)
      + (0..<20_000).map { _ in random.next() >> UInt64.random(in: 0...63, using: &random) }
    for number in numbers where number > 0 {
      #expect(abs(log2(number) - Foundation.log2(Double(number))) < 1e-14 * 64, "\(number)")
    }
    for power in UInt64(0)..<63 { #expect(log2(1 << power) == Double(power)) }
  }

  @Test("has the same bits on every machine")
  func bits() {
    let log2 = BinaryLogarithm()
    let sum = (1...100_000).reduce(UInt64(0)) { $0 &* 31 &+ log2(UInt64($1)).bitPattern }
    #expect(sum == 10_067_602_042_491_182_954)
  }
}
