extension Jinja {
  /// Something that has a value.
  struct Expression {
    indirect enum Kind {
      case literal(Value)
      case name(String)
      case list([Expression], List.Kind)
      case dictionary([(key: Expression, value: Expression)])
      case attribute(Expression, String)
      case item(Expression, Expression)
      case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
      case call(Expression, [Argument])
      case filter(Expression, String, [Argument])
      case test(Expression, String, [Argument])
      case negative(Expression)
      case positive(Expression)
      case not(Expression)
      case arithmetic(Arithmetic, Expression, Expression)
      /// Like Python's: `a < b < c` holds if both parts do.
      case comparison(Expression, [(operation: Comparison, right: Expression)])
      case and(Expression, Expression)
      case or(Expression, Expression)
      case conditional(Expression, condition: Expression, otherwise: Expression?)
    }

    let kind: Kind
    let line: Int
    /// How many expressions are within each other, this one included.
    let height: Int
  }

  enum Arithmetic: String {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
    case join = "~"
  }

  enum Comparison: String {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
  }

  /// A value given to a function, filter, test or macro.
  struct Argument {
    /// Nil if it is given by its place.
    let name: String?
    let value: Expression
  }

  /// Something that writes, decides or names.
  struct Statement {
    indirect enum Kind {
      case text(Characters)
      case output(Expression)
      case branches([Branch], otherwise: [Statement])
      case loop(Loop)
      case set(Target, Expression)
      /// What the body writes, filtered, becomes a value.
      case setBlock(Target, filters: [FilterCall], body: [Statement])
      case macro(Macro)
      /// A call of a macro that may write the body with `caller()`.
      case call(Expression, body: Macro)
      case filter([FilterCall], body: [Statement])
      /// A body with variables of its own: `with`, and `generation`, which only marks answers.
      case scope([(target: Target, value: Expression)], body: [Statement])
      case leaveLoop(Flow)
    }

    let kind: Kind
    let line: Int
  }

  struct Branch {
    let condition: Expression
    let body: [Statement]
  }

  struct Loop {
    let target: Target
    let elements: Expression
    let filter: Expression?
    let body: [Statement]
    let otherwise: [Statement]
  }

  struct Macro {
    let name: String
    let parameters: [(name: String, value: Expression?)]
    let body: [Statement]
  }

  /// A filter that is applied to the text of a body.
  struct FilterCall {
    let name: String
    let arguments: [Argument]
  }

  /// Where a value goes.
  indirect enum Target {
    case name(String)
    case attribute(of: String, Characters)
    case tuple([Target])
  }

  /// How a statement ends.
  enum Flow {
    case next, breakLoop, continueLoop
  }
}
