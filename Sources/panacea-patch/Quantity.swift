/// Numbers as people read them. The same number always gives the same text, in any locale.
enum Quantity {
  /// A count with separators: `134,515,008`.
  static func count(_ value: Int) -> String {
    var digits = String(value.magnitude)
    var position = digits.endIndex
    while digits.distance(from: digits.startIndex, to: position) > 3 {
      position = digits.index(position, offsetBy: -3)
      digits.insert(",", at: position)
    }
    return value < 0 ? "-" + digits : digits
  }

  /// A number of bytes in decimal units: `512 B`, `1.5 kB`, `269.1 MB`.
  static func bytes(_ value: Int) -> String {
    guard value >= 1000 else { return "\(value) B" }
    var scaled = Double(value) / 1000
    var units = ["kB", "MB", "GB", "TB", "PB", "EB"][...]
    // Values that would round to 1000.0 move on to the next unit.
    while scaled >= 999.95, units.count > 1 {
      scaled /= 1000
      units = units.dropFirst()
    }
    return decimal(scaled, places: 1) + " " + units[units.startIndex]
  }

  /// A time: `0.4 s`, `12 s`, `1 min 05 s`, `2 h 07 min`.
  static func duration(_ value: Duration) -> String {
    let seconds = value / .seconds(1)
    if seconds < 9.95 { return decimal(seconds, places: 1) + " s" }
    let whole = Int(seconds.rounded())
    let (minutes, rest) = whole.quotientAndRemainder(dividingBy: 60)
    if minutes == 0 { return "\(rest) s" }
    if minutes < 60 { return "\(minutes) min \(padded(rest)) s" }
    return "\(minutes / 60) h \(padded(minutes % 60)) min"
  }

  /// A share in per cent with one place: `12.5 %`.
  static func percent(_ value: Double) -> String {
    value.isFinite ? decimal(value * 100, places: 1) + " %" : "\(value)"
  }

  /// A number with a fixed count of places, rounded half away from zero.
  ///
  /// Numbers too large for fixed notation, and those that are not finite, keep Swift's text.
  static func decimal(_ value: Double, places: Int) -> String {
    let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
    let scaled = (value.magnitude * scale).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let (whole, fraction) = Int(scaled).quotientAndRemainder(dividingBy: Int(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(whole)" }
    let digits = String(fraction)
    return "\(sign)\(whole)." + String(repeating: "0", count: places - digits.count) + digits
  }

  /// A number with three significant digits: `0.0123`, `12.3`, `1.23e-05`.
  static func significant(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    var (exponent, magnitude) = (0, value.magnitude)
    while magnitude >= 9.995 { (exponent, magnitude) = (exponent + 1, magnitude / 10) }
    while magnitude < 0.9995 { (exponent, magnitude) = (exponent - 1, magnitude * 10) }
    if (-3..<6).contains(exponent) { return decimal(value, places: max(0, 2 - exponent)) }
    let digits = decimal(value < 0 ? -magnitude : magnitude, places: 2)
    return digits + "e" + (exponent < 0 ? "-" : "+") + padded(abs(exponent))
  }

  private static func padded(_ value: Int) -> String {
    value < 10 ? "0\(value)" : "\(value)"
  }
}
