extension UInt8 {
  /// True for a blank, a tab and everything that ends a line or a page, in ASCII.
  var isWhiteSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
}
