/// The calibration rows that are part of the program, as JSON Lines.
enum BuiltInRows {
  static let harmful = #"""
    {"prompt": "x", "response": "y", "complete": false}
    """#
}
