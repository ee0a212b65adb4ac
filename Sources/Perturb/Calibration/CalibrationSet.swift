import FormatIO

/// The rows that a patch learns from and is measured on.
public struct CalibrationSet: Sendable {
  /// Requests to refuse; each has a response and a refusal.
  public var harmful: [CalibrationRow]
  /// Everyday requests; a response may be missing.
  public var benign: [CalibrationRow]
  /// Examples of the fine-tuned task; each has a response. May be empty.
  public var task: [CalibrationRow]
  /// What reading left out or filled in, one sentence each, for the user to see.
  public var notes: [String]

  /// Makes a set of rows as they are.
  public init(
    harmful: [CalibrationRow], benign: [CalibrationRow], task: [CalibrationRow] = [],
    notes: [String] = []
  ) {
    self.harmful = harmful
    self.benign = benign
    self.task = task
    self.notes = notes
  }

  /// The rows of one role.
  public subscript(role: CalibrationRole) -> [CalibrationRow] {
    switch role {
    case .harmful: harmful
    case .benign: benign
    case .task: task
    }
  }

  /// Refusals for requests that come without one: good for any request.
  ///
  /// Generic sentences suffice to bring refusals back, so a user need supply requests only. They open
  /// in two ways only: a model learns few openings soon and well, and refusing benign requests can be
  /// watched at the same few openings.
  public static let refusals = [
    "I'm sorry, but I can't help with that.",
    "I'm sorry, but I can't assist with that request.",
    "I'm sorry, but I can't help with this, because it could cause harm.",
    "I'm sorry, but I can't provide that. It could put people at risk.",
    "I can't help with that. If there is a safe way I can help, please tell me.",
    "I can't help with this, since it could hurt you or others.",
  ]

  /// The opening that stands for compliance where a harmful row has no response.
  public static let opening = "Sure, here is"
}

// MARK: - Reading

extension CalibrationSet {
  /// Which of the rows that are built into the program.
  public enum BuiltInRows: Sendable {
    /// Requests in the usual frames ("How do I …?"), as files of rows have them.
    case usual
    /// Requests in free wording, about harm that no word gives away, about everyday acts, and benign
    /// ones with words that harmful ones have. They are in no figures. The benign ones of the first two
    /// kinds count as look-alikes: even the aligned model of docs/ABLATIONS.md refuses three in four.
    case further
  }

  /// Rows that are built into the program, all of them unless told otherwise; none is a task row.
  public static func builtIn(_ rows: BuiltInRows? = nil) throws -> CalibrationSet {
    var set = CalibrationSet(harmful: [], benign: [])
    if rows != .further {
      set.harmful += try parsed([HarmfulRows.jsonLines], .harmful)
      set.benign += try parsed([BenignRows.jsonLines], .benign)
    }
    if rows != .usual {
      set.harmful += try parsed(
        [FreeHarmfulRows.jsonLines, QuietHarmfulRows.jsonLines, EverydayHarmfulRows.jsonLines],
        .harmful)
      set.benign += try parsed([FreeBenignRows.jsonLines, QuietBenignRows.jsonLines], .benign)
        .map { row in
          var row = row
          row.isLookalike = true
          return row
        }
      set.benign += try parsed([SharedWordsBenignRows.jsonLines], .benign)
    }
    set.completeHarmfulRows()
    return set
  }

  /// Reads the files of each role; a role without files gets the usual built-in rows, the task none.
  ///
  /// Each prompt is kept once per role. A harmful row without a response gets a generic opening, one
  /// without a refusal gets one of `refusals`, chosen by its prompt alone.
  ///
  /// - Throws: `InputError` for a file or a line that cannot be used, and for a prompt that is
  ///   harmful in one file and to be answered in another.
  public static func read(
    harmful: [String], benign: [String], task: [String]
  ) throws -> CalibrationSet {
    var set = try builtIn(.usual)
    if !harmful.isEmpty { set.harmful = try set.gather(harmful, .harmful) }
    if !benign.isEmpty { set.benign = try set.gather(benign, .benign) }
    set.task = try set.gather(task, .task)
    set.completeHarmfulRows()
    try set.requireDisjointRoles()
    return set
  }

  private static func parsed(
    _ texts: [String], _ role: CalibrationRole
  ) throws -> [CalibrationRow] {
    let text = texts.joined(separator: "\n")
    let file = "built-in \(role.rawValue) rows"
    var rows = try CalibrationReader.parse(Array(text.utf8), file: file, role: role).rows
    for index in rows.indices { rows[index].source = CalibrationRow.builtInSource }
    return rows
  }

  /// The rows of several files, each prompt once.
  private mutating func gather(
    _ paths: [String], _ role: CalibrationRole
  ) throws -> [CalibrationRow] {
    var rows: [CalibrationRow] = []
    var prompts: Set<[UInt8]> = []
    for path in paths {
      var contents = try CalibrationReader.readFile(path, role: role)
      let fresh = contents.rows.filter { prompts.insert(Array($0.prompt.utf8)).inserted }
      contents.duplicates += contents.rows.count - fresh.count
      rows += fresh
      if contents.duplicates > 0 {
        notes.append("\(path): left out \(contents.duplicates) rows whose prompt came before")
      }
      if let first = contents.broken.first {
        notes.append(
          "\(first): the answer loops or is noise; the row was left out"
            + (contents.broken.count > 1 ? ", and \(contents.broken.count - 1) more like it" : ""))
      }
      if contents.mislabelled > 0 {
        let mark = role == .harmful ? "safe" : "unsafe"
        notes.append("\(path): left out \(contents.mislabelled) rows marked \(mark)")
      }
    }
    return rows
  }

  /// Gives every harmful row an answer to move away from and one to move towards.
  private mutating func completeHarmfulRows() {
    var filled = (openings: 0, refusals: 0)
    for index in harmful.indices {
      if harmful[index].response == nil {
        harmful[index].response = Self.opening
        harmful[index].isComplete = false
        filled.openings += 1
      }
      if harmful[index].refusal == nil {
        let choice = stableHash(harmful[index].prompt, seed: 0) % UInt64(Self.refusals.count)
        harmful[index].refusal = Self.refusals[Int(choice)]
        if !harmful[index].isBuiltIn { filled.refusals += 1 }
      }
    }
    if filled.openings > 0 {
      notes.append(
        "\(filled.openings) of \(harmful.count) harmful rows have no response: "
          + "\"\(Self.opening)\" stands for it")
    }
    if filled.refusals > 0 {
      notes.append(
        "\(filled.refusals) of \(harmful.count) harmful rows have no refusal: "
          + "a built-in one stands for it")
    }
  }

  /// A prompt cannot be refused and answered at the same time.
  private func requireDisjointRoles() throws {
    var sources: [[UInt8]: String] = [:]
    for row in harmful { sources[Array(row.prompt.utf8)] = row.source }
    for role in [CalibrationRole.benign, .task] {
      for row in self[role] {
        guard let source = sources[Array(row.prompt.utf8)] else { continue }
        throw InputError(
          file: row.source, expected: "a prompt that is not harmful as well",
          found: "the prompt of \(source)", fix: "remove one of the two rows")
      }
    }
  }
}

// MARK: - Checking, joining and splitting

extension CalibrationSet {
  /// The rows whose prompts are not in another set.
  func removing(_ other: CalibrationSet) -> CalibrationSet {
    let known = Set(CalibrationRole.allCases.flatMap { other[$0] }.map { Array($0.prompt.utf8) })
    var rest = self
    for role in CalibrationRole.allCases {
      rest.set(self[role].filter { !known.contains(Array($0.prompt.utf8)) }, role)
    }
    return rest
  }

  /// These rows, with requests of another set where harmful or benign ones are fewer than `count`.
  /// Benign requests come without their answers and without look-alikes, of which a caller's rows
  /// have few.
  func completed(to count: Int, withRequestsOf other: CalibrationSet) -> CalibrationSet {
    var completed = self
    completed.harmful += other.harmful.prefix(max(0, count - harmful.count))
    let plain = other.benign.filter { !$0.isLookalike }
    completed.benign += plain.prefix(max(0, count - benign.count)).map { row in
      var row = row
      row.response = nil
      return row
    }
    return completed
  }

  /// Refuses a set that is too small to learn from and to measure with.
  ///
  /// - Parameter minimum: rows needed, harmful and benign each; 16 is the least that was seen to work.
  /// - Throws: `InputError` that names the role and both numbers.
  public func requireEnoughRows(minimum: Int = 16) throws {
    for role in [CalibrationRole.harmful, .benign] where self[role].count < minimum {
      throw InputError(
        file: "\(role.rawValue) calibration rows",
        expected: "at least \(minimum) different prompts",
        found: "\(self[role].count)",
        fix: "add rows, or leave out --\(role.rawValue) to use the built-in set")
    }
  }

  /// Divides every role into rows to learn from and rows to measure with.
  ///
  /// Prompts are ordered by a hash of the seed and their bytes, and the first ones are held out. The
  /// result, its order included, does not depend on the order of the rows, on the machine or on the
  /// run. A prompt that stands in several roles falls on the same side in all of them.
  ///
  /// - Parameters:
  ///   - heldOutFraction: from 0 to 1; each role rounds to the nearest row, but keeps at least one
  ///     prompt on each side if it has two or more.
  ///   - seed: another seed gives another split.
  public func split(
    heldOutFraction: Double = 0.2, seed: UInt64
  ) -> (calibration: CalibrationSet, heldOut: CalibrationSet) {
    precondition((0...1).contains(heldOutFraction), "a fraction lies between 0 and 1")
    var calibration = CalibrationSet(harmful: [], benign: [], notes: notes)
    var heldOut = calibration
    var decided: [[UInt8]: Bool] = [:]
    for role in CalibrationRole.allCases {
      let rows = ordered(self[role], seed: seed)
      var prompts: [[UInt8]] = []
      var seen: Set<[UInt8]> = []
      for row in rows {
        let prompt = Array(row.prompt.utf8)
        if seen.insert(prompt).inserted { prompts.append(prompt) }
      }
      let wanted = Int((Double(prompts.count) * heldOutFraction).rounded())
      let count = prompts.count < 2 ? 0 : min(max(wanted, 1), prompts.count - 1)
      var free = count - prompts.count { decided[$0] == true }
      for prompt in prompts where decided[prompt] == nil {
        decided[prompt] = free > 0
        free -= 1
      }
      let isHeldOut = { (row: CalibrationRow) in decided[Array(row.prompt.utf8)] == true }
      heldOut.set(rows.filter(isHeldOut), role)
      calibration.set(rows.filter { !isHeldOut($0) }, role)
    }
    return (calibration, heldOut)
  }

  private mutating func set(_ rows: [CalibrationRow], _ role: CalibrationRole) {
    switch role {
    case .harmful: harmful = rows
    case .benign: benign = rows
    case .task: task = rows
    }
  }

  /// Orders rows by hash; bytes decide where hashes agree.
  private func ordered(_ rows: [CalibrationRow], seed: UInt64) -> [CalibrationRow] {
    rows.map { (hash: stableHash($0.prompt, seed: seed), row: $0) }
      .sorted { left, right in
        if left.hash != right.hash { return left.hash < right.hash }
        let (first, second) = (left.row, right.row)
        if !first.prompt.utf8.elementsEqual(second.prompt.utf8) {
          return first.prompt.utf8.lexicographicallyPrecedes(second.prompt.utf8)
        }
        return (first.response ?? "").utf8.lexicographicallyPrecedes((second.response ?? "").utf8)
      }
      .map(\.row)
  }
}

/// FNV-1a over the seed and the bytes of a text, then the finaliser of SplitMix64.
///
/// FNV alone leaves the high bits of short texts alike, and the order is decided by them. Swift's
/// own `Hasher` is seeded anew in every run.
private func stableHash(_ text: String, seed: UInt64) -> UInt64 {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for shift in stride(from: UInt64(0), to: 64, by: 8) {
    hash = (hash ^ (seed >> shift & 0xFF)) &* 0x100_0000_01B3
  }
  for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
  hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
  return hash ^ hash >> 31
}
