import CBenchBLAS
import CPerturb
import Dispatch
import Glibc
import Perturb

/// What the machine can do: the products of one block of the model and nothing else, on the kernels that
/// the product uses, called directly with buffers that are allocated once.
struct Ceiling {
  /// The kernel that multiplies.
  let precision: Precision
  /// If true, the operands come from memory, as in a model, not from the caches.
  let isCold: Bool
  /// Rows of the activations.
  let tokens: Int
  /// Outputs and inputs of each matrix.
  let shapes: [(outputs: Int, inputs: Int)]
  /// Whether dw = dyᵀ·x is computed besides y = x·wᵀ and dx = dy·w.
  let hasWeightGradients: Bool

  /// So many operations last long enough for the clock.
  private static let leastOperations = 3e10
  /// So many blocks do not fit in the caches.
  private static let coldBlocks = 4

  /// The block matrices of a model.
  init(
    _ precision: Precision, isCold: Bool, tokens: Int, of workload: Workload,
    hasWeightGradients: Bool
  ) {
    (self.precision, self.isCold, self.tokens) = (precision, isCold, tokens)
    self.hasWeightGradients = hasWeightGradients
    shapes = workload.wholeSpace.entries.filter { $0.slot.isBlockMatrix && $0.slot.layer == 0 }
      .map { ($0.outputs, $0.inputs) }
  }

  /// As the others see it: "GEMM f32", "GEMM bf16, cold".
  var name: String { "GEMM \(precision.short)" + (isCold ? ", cold" : "") }

  /// Every thread multiplies on its own: nothing that shares work can be faster.
  func contestant(threads: Int) -> Contestant {
    let block = shapes.reduce(0.0) {
      $0 + 2 * (hasWeightGradients ? 3 : 2) * Double(tokens * $1.outputs * $1.inputs)
    }
    let rounds = max(1, Int(Self.leastOperations / block))
    return Contestant(
      name, threads: threads, flops: Double(threads * rounds) * block
    ) { warmUp in
      openblas_set_num_threads(1)
      let lanes = (0..<threads).map { _ in
        (0..<(isCold ? Self.coldBlocks : 1)).map { _ in
          Operands(shapes, tokens: tokens, precision: precision)
        }
      }
      return try Sample.measure {
        DispatchQueue.concurrentPerform(iterations: threads) { lane in
          for round in 0..<(warmUp ? 1 : rounds) {
            multiply(lanes[lane][round % lanes[lane].count])
          }
        }
      }
    }
  }

  private func multiply(_ operands: Operands) {
    for (outputs, inputs) in shapes {
      switch precision {
      case .float32: operands.multiply32(tokens, outputs, inputs, hasWeightGradients)
      case .bfloat16: operands.multiply16(tokens, outputs, inputs, hasWeightGradients)
      }
    }
  }
}

/// Room for the largest operands of one block; every product writes over the results of the one before.
private final class Operands: @unchecked Sendable {
  private let x, w, dy, dyTransposed: UnsafeMutablePointer<UInt16>
  private let x32, w32, dy32, y, dx, dw: UnsafeMutablePointer<Float>
  private let workspace: UnsafeMutablePointer<UInt16>
  private var release: [() -> Void] = []

  /// The product's own distances between rows, which keep them from the same places of the cache.
  private static let gap = 32
  /// The columns that the product computes at once.
  private static let slice = 96

  init(_ shapes: [(outputs: Int, inputs: Int)], tokens: Int, precision: Precision) {
    let inputs = (shapes.map(\.inputs).max() ?? 0) + Self.gap
    let outputs = (shapes.map(\.outputs).max() ?? 0) + Self.gap
    let weights = shapes.map { $0.outputs * $0.inputs }.max() ?? 0
    var release: [() -> Void] = []
    // Mapped, so that it neither takes the memory that the product keeps nor stays in its figures.
    func room<Number>(_ count: Int, _ number: (Int) -> Number) -> UnsafeMutablePointer<Number> {
      let size = max(1, count) * MemoryLayout<Number>.stride
      guard
        let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        memory != MAP_FAILED
      else { preconditionFailure("no memory for the products of one block") }
      release.append { munmap(memory, size) }
      let place = memory.bindMemory(to: Number.self, capacity: count)
      for index in 0..<count { place[index] = number(index) }
      return place
    }
    func float(_ index: Int) -> Float { Float((index &* 7919) % 251) / 251 - 0.5 }
    func bits(_ index: Int) -> UInt16 { UInt16(float(index).bitPattern >> 16) }
    let (halves, floats) = precision == .bfloat16 ? (1, 0) : (0, 1)
    x = room(halves * tokens * inputs, bits)
    w = room(halves * weights, bits)
    dy = room(halves * tokens * outputs, bits)
    dyTransposed = room(halves * (tokens + Self.gap) * outputs, bits)
    workspace = room(
      halves * bfloat16_product_workspace(Self.slice, max(tokens, inputs, outputs)), bits)
    x32 = room(floats * tokens * inputs, float)
    w32 = room(floats * weights, float)
    dy32 = room(floats * tokens * outputs, float)
    y = room(tokens * outputs, float)
    dx = room(tokens * inputs, float)
    dw = room(weights, float)
    self.release = release
  }

  deinit { for free in release { free() } }

  func multiply32(_ tokens: Int, _ outputs: Int, _ inputs: Int, _ hasWeightGradients: Bool) {
    let (m, n, k) = (Int32(tokens), Int32(outputs), Int32(inputs))
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, n, k, 1, x32, k, w32, k, 0, y, n)
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, k, n, 1, dy32, n, w32, k, 0, dx, k)
    guard hasWeightGradients else { return }
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, k, m, 1, dy32, n, x32, k, 0, dw, k)
  }

  func multiply16(_ tokens: Int, _ outputs: Int, _ inputs: Int, _ hasWeightGradients: Bool) {
    let (xStride, dyStride) = (inputs + Self.gap, outputs + Self.gap)
    product(
      tokens, outputs, inputs, x, xStride, w, inputs, isTransposed: true, into: y)
    product(tokens, inputs, outputs, dy, dyStride, w, inputs, isTransposed: false, into: dx)
    guard hasWeightGradients else { return }
    product(
      outputs, inputs, tokens, dyTransposed, tokens + Self.gap, x, xStride, isTransposed: false,
      into: dw)
  }

  /// c = a · op(b), c rows × columns, slice after slice of its columns.
  private func product(
    _ rows: Int, _ columns: Int, _ depth: Int, _ a: UnsafePointer<UInt16>, _ aStride: Int,
    _ b: UnsafePointer<UInt16>, _ bStride: Int, isTransposed: Bool,
    into c: UnsafeMutablePointer<Float>
  ) {
    for start in stride(from: 0, to: columns, by: Self.slice) {
      var term = bfloat16_term(
        a: a, a_stride: aStride, b: b + start * (isTransposed ? bStride : 1), b_stride: bStride,
        depth: depth)
      bfloat16_product(
        rows, min(Self.slice, columns - start), &term, 1, isTransposed, c + start, columns, false,
        workspace)
    }
  }
}

extension Precision {
  /// As in the tables.
  var short: String { self == .bfloat16 ? "bf16" : "f32" }

  /// Those that this machine computes with.
  static var all: [Precision] { fastest == .bfloat16 ? [.float32, .bfloat16] : [.float32] }
}
