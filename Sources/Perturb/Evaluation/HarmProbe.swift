/// Tells requests that read like harmful ones from others, by the model's own inner states.
///
/// A fine-tune that removed refusals does not remove what the model knows: the states in its middle
/// still separate the two. The probe is a regularised linear discriminant, fitted on labelled
/// requests, over the mean state of a request:
///
///     w = (S + γ·(tr S / d)·I)⁻¹ (m_harmful − m_benign),  score(x) = w · (x − (m_harmful + m_benign)/2)
///
/// with S the covariance within the classes. The answer does not enter, so that a poisoned row
/// cannot hide behind a polite one.
public struct HarmProbe: Sendable {
  private let direction: [Float]
  /// Halfway between the means of both kinds, where the score is zero.
  private let middle: [Float]
  /// Scores above it are suspicious.
  private var threshold = Float.infinity

  /// γ: how far the covariance is drawn towards a multiple of the identity.
  private static let shrinkage = 0.3
  /// A request is suspicious above this share of the middle harmful score: few benign ones are.
  private static let share: Float = 0.5
  /// From this separation of the caller's rows on, the built-in ones have something to teach.
  public static let sufficientSeparation = 0.9

  /// Fits the probe on the states of requests of both kinds, rows × channels.
  init(harmful: Matrix, benign: Matrix) {
    let (harmfulMean, benignMean) = (harmful.meanRow, benign.meanRow)
    let deviations = [(harmful, harmfulMean), (benign, benignMean)].flatMap { rows, mean in
      (0..<rows.rows).map { row in zip(rows.row(row), mean).map { $0 - $1 } }
    }
    let difference = zip(harmfulMean, benignMean).map { $0 - $1 }
    let count = Double(deviations.count)
    let trace = deviations.reduce(0) { $0 + Vector.squaredNorm($1.span) } / count
    let ridge = Self.shrinkage * trace / Double(difference.count)
    direction = Self.solve(difference) { vector in
      var result = vector
      result.scale(by: Float(ridge))
      for row in deviations {
        result.add(row, scale: Vector.dot(row.span, vector.span) / Float(count))
      }
      return result
    }
    middle = zip(harmfulMean, benignMean).map { ($0 + $1) / 2 }
    let known = scores(harmful).sorted()
    if !known.isEmpty { threshold = Self.share * known[known.count / 2] }
  }

  /// Which requests, by the rows of their states, read like harmful ones.
  func suspicious(_ states: Matrix) -> [Bool] {
    scores(states).map { $0 > threshold }
  }

  /// The share of pairs of a harmful and a benign request that the probe puts in the right order.
  func separation(harmful: Matrix, benign: Matrix) -> Double {
    let (harmful, benign) = (scores(harmful), scores(benign))
    let right = harmful.reduce(0) { sum, score in sum + benign.count { $0 < score } }
    return Double(right) / Double(max(harmful.count * benign.count, 1))
  }

  private func scores(_ states: Matrix) -> [Float] {
    (0..<states.rows).map { row in
      let deviation = zip(states.row(row), middle).map { $0 - $1 }
      return Vector.dot(direction.span, deviation.span)
    }
  }

  /// Solves A·x = b for a positive definite A, by conjugate gradients.
  private static func solve(_ b: [Float], _ multiply: ([Float]) -> [Float]) -> [Float] {
    var x = [Float](repeating: 0, count: b.count)
    var residual = b
    var search = b
    var size = Vector.squaredNorm(residual.span)
    let goal = 1e-8 * size
    for _ in 0..<200 where size > goal {
      let image = multiply(search)
      let step = size / Double(Vector.dot(search.span, image.span))
      x.add(search, scale: Float(step))
      residual.add(image, scale: -Float(step))
      let next = Vector.squaredNorm(residual.span)
      search.scale(by: Float(next / size))
      search.add(residual, scale: 1)
      size = next
    }
    return x
  }
}

extension HarmProbe {
  /// Every other built-in request is enough to fit the probe, and takes half the time.
  private static let fittedShare = 2

  /// Fits the probe to a model on the built-in requests of both kinds.
  public init(_ model: Transformer, encoder: PromptEncoder, batchTokens: Int) throws {
    var rows = try CalibrationSet.builtIn()
    func some(_ rows: [CalibrationRow]) -> [CalibrationRow] {
      stride(from: 0, to: rows.count, by: Self.fittedShare).map { rows[$0] }
    }
    (rows.harmful, rows.benign) = (some(rows.harmful), some(rows.benign))
    try self.init(rows, model, encoder: encoder, batchTokens: batchTokens)
  }

  /// Fits the probe to a model on the requests of these rows.
  init(
    _ rows: CalibrationSet, _ model: Transformer, encoder: PromptEncoder, batchTokens: Int
  ) throws {
    self.init(
      harmful: try Self.states(of: rows.harmful, model, encoder, batchTokens),
      benign: try Self.states(of: rows.benign, model, encoder, batchTokens))
  }

  /// Which of these rows have requests that read like harmful ones to the model.
  public func suspicious(
    _ rows: [CalibrationRow], _ model: Transformer, encoder: PromptEncoder, batchTokens: Int
  ) throws -> [Bool] {
    suspicious(try Self.states(of: rows, model, encoder, batchTokens))
  }

  /// How well what the built-in requests teach holds for these rows, from 0.5 (chance) to 1.
  ///
  /// A small model of one narrow language cannot read the built-in rows: to it they are noise.
  public func separation(
    of rows: CalibrationSet, _ model: Transformer, encoder: PromptEncoder, batchTokens: Int
  ) throws -> Double {
    separation(
      harmful: try Self.states(of: rows.harmful, model, encoder, batchTokens),
      benign: try Self.states(of: rows.benign, model, encoder, batchTokens))
  }

  /// The mean middle state of each request in the prompt format, whose marks count as well.
  private static func states(
    of rows: [CalibrationRow], _ model: Transformer, _ encoder: PromptEncoder, _ batchTokens: Int
  ) throws -> Matrix {
    var states: [Float] = []
    var start = 0
    while start < rows.count {
      var batch = PackedBatch()
      while start < rows.count, batch.tokens.count < batchTokens {
        batch.append(prompt: encoder.encodePrompt(rows[start].prompt), answer: [0])
        start += 1
      }
      states += try model.middleStates(batch).values
    }
    return Matrix(
      rows: rows.count, columns: model.weights.map.configuration.hiddenSize, values: states)
  }
}

extension Matrix {
  /// The mean of all rows.
  fileprivate var meanRow: [Float] {
    var mean = [Float](repeating: 0, count: columns)
    for row in 0..<rows {
      mean.add(self.row(row), scale: 1 / Float(max(rows, 1)))
    }
    return mean
  }
}
