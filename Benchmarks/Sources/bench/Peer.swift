import FormatIO
import Foundation

/// The Python reference: one process that does the same work on command (`peer/peer.py`).
final class Peer {
  /// What the process said about itself.
  private(set) var versions: JSON = .null
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var pending: [UInt8] = []

  /// Starts it with its request in a file and waits until the model is loaded.
  init(python: String, script: String, request: [JSON.Member], in file: String) throws {
    try Data(JSON.object(request).encoded().utf8).write(to: URL(fileURLWithPath: file))
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script, file]
    // Its threads spin while they wait, which beside other programs makes it many times slower.
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["OMP_WAIT_POLICY": "PASSIVE"], uniquingKeysWith: { $1 })
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    versions = try reply()
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// One repetition; the whole answer.
  func run(threads: Int, warmUp: Bool, amp: Bool) throws -> JSON {
    let command: JSON = .object([
      .init("threads", JSON(threads)), .init("warmUp", .boolean(warmUp)),
      .init("amp", .boolean(amp)),
    ])
    try input.fileHandleForWriting.write(contentsOf: Data((command.encoded() + "\n").utf8))
    return try reply()
  }

  /// As a contestant; `inspect` sees the answer of each repetition that counts.
  ///
  /// - Parameter amp: whether products are done in BF16 though the weights are in single precision.
  func contestant(
    _ name: String, threads: Int, amount: Double, amp: Bool = false,
    inspect: @escaping (JSON) throws -> Void = { _ in }
  ) -> Contestant {
    Contestant(name, threads: threads, amount: amount) { warmUp in
      let machineStart = Sample.machineSeconds
      let answer = try self.run(threads: threads, warmUp: warmUp, amp: amp)
      let machine = Sample.machineSeconds - machineStart
      if !warmUp { try inspect(answer) }
      // The machine is watched around the answer, so all the process did there is its own.
      let cpu = answer["cpuSeconds"]?.double ?? .nan
      let whole = answer["processSeconds"]?.double ?? .nan
      return Sample(
        seconds: answer["seconds"]?.double ?? .nan, cpuSeconds: cpu,
        peakBytes: answer["peakBytes"]?.integer, othersSeconds: max(0, machine - whole))
    }
  }

  private func reply() throws -> JSON {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(pending[..<end])
        pending.removeSubrange(...end)
        return try JSON.parse(line, file: "answer of the peer")
      }
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else {
        throw InputError(
          file: process.executableURL?.path ?? "python", expected: "an answer from peer/peer.py",
          found: "that it ended", fix: "see its messages above; it needs torch and transformers")
      }
      pending += data
    }
  }
}
