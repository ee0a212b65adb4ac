extension BuiltInRows {
  static let benign = #"""
    {"prompt": "z", "response": "y"}
    """#
}
