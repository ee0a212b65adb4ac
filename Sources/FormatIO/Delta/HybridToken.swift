/// How a number of any size becomes one of 256 symbols and some bits as they are.
///
/// A number below 16 is its own symbol. For others let 2ᵉ be the highest power of two in it: the symbol
/// is 16 + 4·(e - 4) + the two bits below the highest one; the e - 2 bits below those follow as they are.
enum HybridToken {
  /// The symbols of numbers, whose further bits are appended to `bits`.
  static func split(
    _ values: UnsafePointer<UInt64>, count: Int, into symbols: UnsafeMutablePointer<UInt8>,
    bits: inout BitWriter
  ) {
    for index in 0..<count {
      let value = values[index]
      // For numbers below 16 as for those from 8 on, but with no bits: no branch, which would be hard to foresee.
      let power = UInt64(63 &- (value | 8).leadingZeroBitCount)
      let low = power &- 2 &- (value < 16 ? 1 : 0)
      let symbol = value < 16 ? value : 4 &* power &+ (value &>> low) & 3
      symbols[index] = UInt8(truncatingIfNeeded: symbol)
      bits.write(value < 16 ? 0 : value & ((1 &<< low) &- 1), bits: value < 16 ? 0 : low)
    }
  }

  /// The numbers of symbols; a symbol that has no number gives a wrong one, which is found by its size.
  static func join(
    _ symbols: UnsafePointer<UInt8>, count: Int, into values: UnsafeMutablePointer<UInt64>,
    bits: inout BitReader
  ) {
    for index in 0..<count {
      let symbol = UInt64(symbols[index])
      if symbol < 16 {
        values[index] = symbol
      } else {
        let low = ((symbol &- 16) &>> 2) &+ 2
        values[index] = (symbol & 3 | 4) &<< low | bits.read(Int(low))
      }
    }
  }
}
