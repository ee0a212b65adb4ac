import Foundation
import Testing

@testable import FormatIO

// Runs that are stopped, and what the next one makes of what they left.

extension DeltaErrorTests {
  private struct Stopped: Error {}

  @Test("a run that is stopped anywhere leaves nothing; with resume it goes on")
  func stopped() throws {
    let wanted = try FileManager.default.contentsOfDirectory(atPath: target).sorted()
    var total = 0
    try apply(to: base, output: "whole") { total += $0 }
    for stop in stride(from: 1, through: total, by: max(1, total / 25)) {
      var done = 0
      #expect(throws: Stopped.self) {
        try apply(to: base) {
          done += $0
          if done >= stop { throw Stopped() }
        }
      }
      #expect(try folder.names().filter { $0.hasPrefix(".") || $0.hasPrefix("out") }.isEmpty)
      done = 0
      #expect(throws: Stopped.self) {
        try apply(to: base, resumes: true) {
          done += $0
          if done >= stop { throw Stopped() }
        }
      }
      #expect(try !folder.names().contains("out"))
      try apply(to: base, resumes: true)
      for name in wanted {
        let (made, original) = (try folder.read("out/\(name)"), try folder.read("target/\(name)"))
        #expect(made == original)
      }
      #expect(try folder.names().filter { $0.contains("partial") }.isEmpty)
      try FileManager.default.removeItem(atPath: folder.path("out"))
    }
  }

  private func make(
    _ name: String, to target: String? = nil, resumes: Bool = false,
    progress: (Int) throws -> Void = { _ in }
  ) throws -> [UInt8] {
    _ = try DeltaMaker(
      base: Checkpoint.open(base), target: Checkpoint.open(target ?? self.target), tool: "test",
      threads: 2, sectionSize: 1
    ).make(folder.path(name), resumes: resumes, progress: progress)
    return try folder.read(name)
  }

  @Test("a patch file whose making is stopped anywhere leaves nothing; with resume it goes on")
  func stoppedMaking() throws {
    var total = 0
    let wanted = try make("whole.ppd") { total += $0 }
    #expect(try wanted == folder.read("p.ppd"))
    var taken = 0
    for stop in stride(from: 1, through: total, by: max(1, total / 20)) {
      for resumes in [false, true] {
        var done = 0
        #expect(throws: Stopped.self) {
          _ = try make("new.ppd", resumes: resumes) {
            done += $0
            if done >= stop { throw Stopped() }
          }
        }
        #expect(try !folder.names().contains("new.ppd"))
        #expect(try resumes || folder.names().filter { $0.contains("partial") }.isEmpty)
      }
      let kept = folder.path("new.ppd.partial")
      if FileManager.default.fileExists(atPath: kept) {
        taken = max(taken, try FileManager.default.contentsOfDirectory(atPath: kept).count)
      }
      let made = try make("new.ppd", resumes: true)
      #expect(made == wanted)
      #expect(try folder.names().filter { $0.contains("partial") }.isEmpty)
      try FileManager.default.removeItem(atPath: folder.path("new.ppd"))
    }
    // All parts but the last one, whose end is the end of the work.
    #expect(taken == 2)
  }

  @Test("a finished part of a patch is used again only for what it was made of, and if it is whole")
  func keptParts() throws {
    let other = try write { $0.tensors[0].bytes[3] ^= 9 }
    let wanted = try make("other.ppd", to: other)
    var total = 0
    _ = try make("whole.ppd") { total += $0 }
    func stop() throws {
      var done = 0
      #expect(throws: Stopped.self) {
        _ = try make("new.ppd", resumes: true) {
          done += $0
          if done == total { throw Stopped() }
        }
      }
    }
    try stop()
    let part = "new.ppd.partial/part-1.ppd"
    let whole = try folder.read(part)
    let inode =
      try FileManager.default.attributesOfItem(atPath: folder.path(part))[.systemFileNumber] as? Int
    try stop()
    let again =
      try FileManager.default.attributesOfItem(atPath: folder.path(part))[.systemFileNumber] as? Int
    #expect(inode == again)
    // Another target.
    let made = try make("new.ppd", to: other, resumes: true)
    #expect(made == wanted)
    // A damaged part.
    try FileManager.default.removeItem(atPath: folder.path("new.ppd"))
    for size in [0, whole.count / 2] {
      try folder.makeFolder("new.ppd.partial")
      try folder.write(Array(whole[..<size]), part)
      let made = try make("new.ppd", resumes: true)
      #expect(try made == folder.read("p.ppd"))
      try FileManager.default.removeItem(atPath: folder.path("new.ppd"))
    }
    try folder.makeFolder("new.ppd.partial")
    var damaged = whole
    damaged[30] ^= 4
    try folder.write(damaged, part)
    let mended = try make("new.ppd", resumes: true)
    #expect(try mended == folder.read("p.ppd"))
  }

  @Test("what was left by another run is compared, and what is not ours is refused")
  func leftovers() throws {
    try folder.makeFolder("out.partial")
    try folder.write([1, 2, 3], "out.partial/model-00001-of-00002.safetensors")
    try folder.write([1], "out.partial/.panacea-1a2b.partial")
    try apply(to: base, resumes: true)
    #expect(try folder.read("out/config.json") == folder.read("target/config.json"))
    let shard = "model-00001-of-00002.safetensors"
    #expect(try folder.read("out/\(shard)") == folder.read("target/\(shard)"))
    try folder.makeFolder("other.partial")
    try folder.write([1], "other.partial/thesis.tex")
    let error = inputError { try apply(to: base, output: "other", resumes: true) }
    #expect(error?.found == "\"thesis.tex\"")
  }
}
