extension BytePairEncoding {
  /// The tokens of single characters, and where merges can join two of them.
  struct Characters: Sendable {
    /// Tokens by code point, in the right half of the pair.
    private var tokens = PairTable()
    /// Pairs of characters that some merge has at its seam.
    private var seams = PairTable()
    /// The tokens that a character without one is written with, byte by byte; empty if there are none.
    private let bytes: [Int32?]
    /// Whether unknown characters in a row make one unknown token.
    private let fusesUnknown: Bool

    /// - Parameters:
    ///   - vocabulary: tokens by their UTF-8.
    ///   - bytes: the tokens of bytes, or nothing if characters are never written with them.
    ///   - merges: the spellings of what merges join, left and right.
    init(
      vocabulary: [[UInt8]: Int32], bytes: [Int32?], fusesUnknown: Bool,
      merges: some Sequence<(left: ArraySlice<UInt8>, right: ArraySlice<UInt8>)>
    ) {
      self.bytes = bytes
      self.fusesUnknown = fusesUnknown
      for (spelling, token) in vocabulary {
        if let scalar = Self.first(of: spelling[...]), scalar.length == spelling.count {
          tokens[0, scalar.value] = UInt64(token)
        }
      }
      for (left, right) in merges {
        // What is no UTF-8 never comes of text.
        guard let start = left.lastIndex(where: { $0 & 0xC0 != 0x80 }),
          let last = Self.first(of: left[start...]), let first = Self.first(of: right)
        else { continue }
        seams[last.value, first.value] = 1
      }
    }

    /// Cuts between characters that have tokens of their own and that no merge joins.
    func parts(of range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
      var parts: [Range<Int>] = []
      var (start, position) = (range.lowerBound, range.lowerBound)
      var previous: UInt32?
      while position < range.upperBound {
        let (scalar, length) = Pattern.scalar(in: bytes, at: position)
        if let last = previous, seams[last, scalar] == nil, tokens[0, last] != nil,
          tokens[0, scalar] != nil
        {
          parts.append(start..<position)
          start = position
        }
        previous = scalar
        position += length
      }
      if start < range.upperBound { parts.append(start..<range.upperBound) }
      return parts
    }

    /// The symbols that a word starts as.
    ///
    /// An unknown token comes in when the next known character does, as in the Python package; this
    /// shows only if some bytes have tokens and some do not.
    func symbols(of word: [UInt8], unknown: Int32?) -> [Int32] {
      var symbols: [Int32] = []
      symbols.reserveCapacity(word.count)
      var pending: Int32?
      word.withUnsafeBufferPointer { text in
        var position = 0
        while position < text.count {
          let (scalar, length) = Pattern.scalar(in: text, at: position)
          let end = position + length
          defer { position = end }
          if let token = tokens[0, scalar] {
            if let waiting = pending { symbols.append(waiting) }
            pending = nil
            symbols.append(Int32(truncatingIfNeeded: token))
          } else if let written = written(text[position..<end]) {
            symbols += written
          } else if let unknown {
            if let waiting = pending, !fusesUnknown { symbols.append(waiting) }
            pending = unknown
          }
        }
      }
      if let pending { symbols.append(pending) }
      return symbols
    }

    /// A character byte by byte; nil if a byte has no token.
    private func written(_ character: Slice<UnsafeBufferPointer<UInt8>>) -> [Int32]? {
      if bytes.isEmpty { return nil }
      let tokens = character.compactMap { bytes[Int($0)] }
      return tokens.count == character.count ? tokens : nil
    }

    /// The first character, and how many bytes it takes; nil if it is not all there.
    private static func first(of text: ArraySlice<UInt8>) -> (value: UInt32, length: Int)? {
      guard let lead = text.first, text.count >= Pattern.length(startingWith: lead) else {
        return nil
      }
      return text.withUnsafeBufferPointer { Pattern.scalar(in: $0, at: 0) }
    }
  }
}
