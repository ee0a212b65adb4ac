/// The K types: 256 numbers in groups of 16 or 32. Each group has a scale of a few bits, and those
/// share one scale in half precision. d and dmin are half precision.
///
///     Q2_K  scales and minima (16: low nibble | high nibble) · codes (64) · d (2) · dmin (2)
///     Q3_K  highest bits (32) · codes (64) · scales of 6 bits (12) · d (2)
///     Q4_K  d (2) · dmin (2) · scales and minima of 6 bits (12) · nibbles (128)
///     Q5_K  d (2) · dmin (2) · scales and minima of 6 bits (12) · fifth bits (32) · nibbles (128)
///     Q6_K  nibbles (128) · high bits (64) · scales, signed (16) · d (2)
///
/// Encoding searches the scale of each group, rounds the scales, and takes the codes anew with what was
/// stored, so that rounding the scales costs little.

// MARK: - Two bits

/// x = d · s · q − dmin · m, 16 groups of 16.
enum Q2_K: BlockEncoder {
  static let elements = 256
  static let bytes = 84

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let (d, dmin) = (block.half(80), block.half(82))
    for group in 0..<16 {
      let packed = block.byte(group)
      let (scale, minimum) = (d * Float(packed & 15), dmin * Float(packed >> 4))
      let (source, shift) = place(group)
      let target = values + 16 &* group
      for index in 0..<16 {
        target[index] = scale * Float(block.byte(source &+ index) &>> shift & 3) - minimum
      }
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let fits = (0..<16).map { group in
      ScaleSearch.withMinimum(
        values + 16 * group, 16, levels: 3, start: -0.5, steps: 15, error: .absolute)
    }
    let (scales, d) = ScaleSearch.rounded(fits.map(\.scale), 15)
    let (minima, dmin) = ScaleSearch.rounded(fits.map(\.minimum), 15)
    let (storedD, storedMinimum) = (block.setHalf(80, d), block.setHalf(82, dmin))
    for byte in 16..<80 { block.setByte(byte, 0) }
    for group in 0..<16 {
      block.setByte(group, UInt8(scales[group] | minima[group] << 4))
      let scale = storedD * Float(scales[group])
      let minimum = storedMinimum * Float(minima[group])
      let (target, shift) = place(group)
      for index in 0..<16 {
        let code =
          scale == 0
          ? fits[group].codes[index]
          : BlockValues.nearest((values[16 * group + index] + minimum) / scale, 0, 3)
        let byte = UnsafeRawPointer(block).byte(target + index)
        block.setByte(target + index, byte | UInt8(truncatingIfNeeded: code) << shift)
      }
    }
  }

  /// The first byte of a group's codes, and their place in it.
  @inline(__always)
  static func place(_ group: Int) -> (byte: Int, shift: UInt8) {
    (16 &+ group / 8 &* 32 &+ group % 2 &* 16, UInt8(truncatingIfNeeded: group % 8 / 2 &* 2))
  }
}

// MARK: - Three bits

/// x = d · (s − 32) · (q − 4), 16 groups of 16.
enum Q3_K: BlockEncoder {
  static let elements = 256
  static let bytes = 110

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(108)
    for group in 0..<16 {
      let scale = d * Float(self.scale(block, group) &- 32)
      let (source, shift, high) = place(group)
      let target = values + 16 &* group
      for index in 0..<16 {
        let low = Int32(block.byte(32 &+ source &+ index) &>> shift & 3)
        let bit = Int32(block.byte(source % 32 &+ index) &>> high & 1)
        target[index] = scale * Float(low &+ bit &* 4 &- 4)
      }
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let fits = (0..<16).map { ScaleSearch.symmetricByDescent(values + 16 * $0, 16, levels: 4) }
    let extreme = ScaleSearch.extremeScale(fits)
    for byte in 0..<110 { block.setByte(byte, 0) }
    let inverse = extreme == 0 ? 0 : -32 / extreme
    let d = block.setHalf(108, extreme == 0 ? 0 : 1 / inverse)
    for group in 0..<16 {
      let scale = extreme == 0 ? 0 : BlockValues.nearest(inverse * fits[group].scale, -32, 31) + 32
      setScale(block, group, scale)
      let step = d * Float((extreme == 0 ? 0 : scale) - 32)
      let (target, shift, high) = place(group)
      for index in 0..<16 {
        let code =
          step == 0
          ? fits[group].codes[index] : BlockValues.nearest(values[16 * group + index] / step, -4, 3)
        let unsigned = UInt8(truncatingIfNeeded: code + 4)
        let source = UnsafeRawPointer(block)
        block.setByte(
          32 + target + index, source.byte(32 + target + index) | (unsigned & 3) << shift)
        block.setByte(
          target % 32 + index, source.byte(target % 32 + index) | (unsigned >> 2) << high)
      }
    }
  }

  /// The first byte of a group's low bits, their place in it, and the place of the high bit.
  @inline(__always)
  static func place(_ group: Int) -> (byte: Int, shift: UInt8, high: UInt8) {
    (
      group / 8 &* 32 &+ group % 2 &* 16, UInt8(truncatingIfNeeded: group % 8 / 2 &* 2),
      UInt8(truncatingIfNeeded: group / 2)
    )
  }

  /// Six bits: a nibble of the first eight bytes, two bits of the last four.
  @inline(__always)
  static func scale(_ block: UnsafeRawPointer, _ group: Int) -> Int32 {
    let low = block.byte(96 &+ group % 8) &>> UInt8(truncatingIfNeeded: group / 8 &* 4) & 15
    let high = block.byte(104 &+ group % 4) &>> UInt8(truncatingIfNeeded: group / 4 &* 2) & 3
    return Int32(low | high << 4)
  }

  private static func setScale(_ block: UnsafeMutableRawPointer, _ group: Int, _ scale: Int32) {
    let (low, high) = (96 + group % 8, 104 + group % 4)
    let bits = UInt8(truncatingIfNeeded: scale)
    let source = UnsafeRawPointer(block)
    block.setByte(low, source.byte(low) | (bits & 15) << UInt8(group / 8 * 4))
    block.setByte(high, source.byte(high) | (bits >> 4) << UInt8(group / 4 * 2))
  }
}

// MARK: - Four and five bits

/// Scales and minima of 6 bits for eight groups, in 12 bytes: the first four of each whole, with the upper
/// bits of the last four in their upper bits.
enum SixBitScales {
  @inline(__always)
  static func read(_ bytes: UnsafeRawPointer, _ group: Int) -> (scale: Float, minimum: Float) {
    if group < 4 { return (Float(bytes.byte(group) & 63), Float(bytes.byte(group &+ 4) & 63)) }
    let rest = bytes.byte(group &+ 4)
    return (
      Float(rest & 15 | (bytes.byte(group &- 4) >> 6) << 4),
      Float(rest >> 4 | (bytes.byte(group) >> 6) << 4)
    )
  }

  static func write(_ scales: [Int32], _ minima: [Int32], into bytes: UnsafeMutableRawPointer) {
    for group in 0..<4 {
      let (scale, minimum) = (UInt8(scales[group + 4]), UInt8(minima[group + 4]))
      bytes.setByte(group, UInt8(scales[group]) | (scale >> 4) << 6)
      bytes.setByte(group + 4, UInt8(minima[group]) | (minimum >> 4) << 6)
      bytes.setByte(group + 8, scale & 15 | (minimum & 15) << 4)
    }
  }

  /// Searches scales and minima of 8 groups of 32, stores them at the start of the block, and returns the
  /// codes.
  static func encode(
    _ values: UnsafePointer<Float>, levels: Int32, start: Float, steps: Int,
    into block: UnsafeMutableRawPointer
  ) -> [Int32] {
    let fits = (0..<8).map { group in
      ScaleSearch.withMinimum(
        values + 32 * group, 32, levels: levels, start: start, steps: steps, error: .squared)
    }
    let (scales, d) = ScaleSearch.rounded(fits.map(\.scale), 63)
    let (minima, dmin) = ScaleSearch.rounded(fits.map(\.minimum), 63)
    let (storedD, storedMinimum) = (block.setHalf(0, d), block.setHalf(2, dmin))
    write(scales, minima, into: block + 4)
    return (0..<256).map { index in
      let group = index / 32
      let scale = storedD * Float(scales[group])
      guard scale != 0 else { return fits[group].codes[index % 32] }
      let minimum = storedMinimum * Float(minima[group])
      return BlockValues.nearest((values[index] + minimum) / scale, 0, levels)
    }
  }
}

/// x = d · s · q − dmin · m, 8 groups of 32; the codes of two groups share bytes.
enum Q4_K: BlockEncoder {
  static let elements = 256
  static let bytes = 144

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let (d, dmin) = (block.half(0), block.half(2))
    for group in 0..<8 {
      let (s, m) = SixBitScales.read(block + 4, group)
      let (scale, minimum) = (d * s, dmin * m)
      let source = block + 16 + group / 2 &* 32
      let shift = UInt8(truncatingIfNeeded: group % 2 &* 4)
      let target = values + 32 &* group
      for index in 0..<32 {
        target[index] = scale * Float(source.byte(index) &>> shift & 15) - minimum
      }
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let codes = SixBitScales.encode(values, levels: 15, start: -1, steps: 20, into: block)
    for index in 0..<128 {
      let first = index / 32 * 64 + index % 32
      block.setByte(16 + index, UInt8(codes[first] | codes[first + 32] << 4))
    }
  }
}

/// The same with a fifth bit of every code.
enum Q5_K: BlockEncoder {
  static let elements = 256
  static let bytes = 176

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let (d, dmin) = (block.half(0), block.half(2))
    for group in 0..<8 {
      let (s, m) = SixBitScales.read(block + 4, group)
      let (scale, minimum) = (d * s, dmin * m)
      let source = block + 48 + group / 2 &* 32
      let shift = UInt8(truncatingIfNeeded: group % 2 &* 4)
      let bit = UInt8(truncatingIfNeeded: group)
      let target = values + 32 &* group
      for index in 0..<32 {
        let high = (block.byte(16 &+ index) &>> bit & 1) << 4
        target[index] = scale * Float(source.byte(index) &>> shift & 15 | high) - minimum
      }
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let codes = SixBitScales.encode(values, levels: 31, start: -0.5, steps: 15, into: block)
    for index in 0..<32 {
      let high = (0..<8).reduce(UInt8(0)) { $0 | UInt8(codes[32 * $1 + index] >> 4) << UInt8($1) }
      block.setByte(16 + index, high)
    }
    for index in 0..<128 {
      let first = index / 32 * 64 + index % 32
      block.setByte(48 + index, UInt8(codes[first] & 15 | (codes[first + 32] & 15) << 4))
    }
  }
}

// MARK: - Six bits

/// x = d · s · (q − 32), 16 groups of 16.
enum Q6_K: BlockEncoder {
  static let elements = 256
  static let bytes = 210

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = block.half(208)
    for group in 0..<16 {
      let scale = d * Float(Int8(bitPattern: block.byte(192 &+ group)))
      let (nibbles, low, bits, high) = place(group)
      let target = values + 16 &* group
      for index in 0..<16 {
        let code =
          Int32(block.byte(nibbles &+ index) &>> low & 15)
          | Int32(block.byte(bits &+ index) &>> high & 3) << 4
        target[index] = scale * Float(code &- 32)
      }
    }
  }

  static func encode(_ values: UnsafePointer<Float>, into block: UnsafeMutableRawPointer) {
    let fits = (0..<16).map { ScaleSearch.symmetric(values + 16 * $0, 16, levels: 32) }
    let extreme = ScaleSearch.extremeScale(fits)
    for byte in 0..<210 { block.setByte(byte, 0) }
    guard abs(extreme) >= 1e-15 else { return }
    let inverse = -128 / extreme
    let d = block.setHalf(208, 1 / inverse)
    for group in 0..<16 {
      let scale = BlockValues.nearest(inverse * fits[group].scale, -128, 127)
      block.setByte(192 + group, UInt8(truncatingIfNeeded: scale))
      let step = d * Float(scale)
      let (nibbles, low, bits, high) = place(group)
      for index in 0..<16 {
        let code =
          step == 0
          ? fits[group].codes[index]
          : BlockValues.nearest(values[16 * group + index] / step, -32, 31)
        let unsigned = UInt8(truncatingIfNeeded: code + 32)
        let source = UnsafeRawPointer(block)
        block.setByte(nibbles + index, source.byte(nibbles + index) | (unsigned & 15) << low)
        block.setByte(bits + index, source.byte(bits + index) | (unsigned >> 4) << high)
      }
    }
  }

  /// The first byte of a group's nibbles and their place in it, and the same of its high bits.
  @inline(__always)
  static func place(_ group: Int) -> (nibbles: Int, low: UInt8, bits: Int, high: UInt8) {
    let (half, part, side) = (group / 8, group % 8 / 2, group % 2)
    return (
      64 &* half &+ part % 2 &* 32 &+ 16 &* side, UInt8(truncatingIfNeeded: part / 2 &* 4),
      128 &+ 32 &* half &+ 16 &* side, UInt8(truncatingIfNeeded: 2 &* part)
    )
  }
}

// MARK: - Eight bits

/// The activation type of ggml; in files it is only ever carried.
///
///     Q8_K  d, single precision (4) · codes, signed (256) · sums of 16 codes (32)        x = d · q
enum Q8_K: BlockCodec {
  static let elements = 256
  static let bytes = 292

  static func decode(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let bits = UInt32(littleEndian: block.loadUnaligned(as: UInt32.self))
    let d = Float(bitPattern: bits)
    for j in 0..<256 { values[j] = d * Float(Int8(bitPattern: block.byte(4 &+ j))) }
  }
}
