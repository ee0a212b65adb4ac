public import FormatIO
import Foundation

/// A file or a value that a statement names: a ResourceDescriptor of in-toto.
///
/// Source: in-toto attestation framework v1.
public struct Resource: Sendable {
  /// What it is called; for a file its name in its folder, never a path of the machine.
  public var name: String
  /// SHA-256 of its bytes.
  public var digest: ContentDigest?
  /// The bytes themselves, of something that is in no file.
  public var content: [UInt8]?
  /// What kind of data it is.
  public var mediaType: String?
  /// Further facts, free for every producer.
  public var annotations: [JSON.Member]

  /// Describes something with a digest, or something small with its content.
  public init(
    _ name: String, digest: ContentDigest? = nil, content: [UInt8]? = nil,
    mediaType: String? = nil, annotations: [JSON.Member] = []
  ) {
    (self.name, self.digest, self.content) = (name, digest, content)
    (self.mediaType, self.annotations) = (mediaType, annotations)
  }

  /// Describes something that an output was made from.
  public init(
    _ name: String, digest: ContentDigest, role: Statement.Role, annotations: [JSON.Member] = []
  ) {
    self.init(
      name, digest: digest,
      annotations: [.init("role", .string(role.rawValue))] + annotations)
  }

  /// Hashes a file and describes it; one that was written has no role.
  ///
  /// - Parameter progress: gets the bytes hashed since the last call.
  /// - Throws: `InputError` if the file changed since it was opened.
  init(
    _ file: CheckpointFile, role: Statement.Role? = nil, annotations: [JSON.Member] = [],
    progress: (Int) throws -> Void
  ) throws {
    let digest = try ContentDigest(file.file, progress: progress)
    if let role {
      self.init(file.name, digest: digest, role: role, annotations: annotations)
    } else {
      self.init(file.name, digest: digest, annotations: annotations)
    }
  }

  /// The resource as in-toto wants it; what is not known is left out.
  public var json: JSON {
    let members: [(String, JSON?)] = [
      ("name", .string(name)),
      ("digest", digest.map { .object([.init("sha256", .string($0.description))]) }),
      ("content", content.map { .string(Data($0).base64EncodedString()) }),
      ("mediaType", mediaType.map { .string($0) }),
      ("annotations", annotations.isEmpty ? nil : .object(annotations)),
    ]
    return .object(members.compactMap { name, value in value.map { .init(name, $0) } })
  }
}

/// What was made from what, for others to sign: an in-toto Statement v1 with SLSA Provenance v1 inside.
///
/// That predicate is the one that verifiers read. A statement says nothing of the machine: no clock, no host
/// name, no folder. So it has no time and no invocation, and the same run gives the same bytes. What each
/// command puts in is its own affair; see `RepairReport.statement`.
///
/// Sources: in-toto attestation framework v1; SLSA v1.0, Provenance.
public struct Statement: Sendable {
  /// What the program did: the template that says how to read the parameters.
  public enum Action: String, Sendable {
    /// A model was repaired.
    case patch = "patch/1"
    /// A patch file was made from two checkpoints.
    case makeDelta = "delta-make/1"
    /// A checkpoint was written from another one with a patch file, in the direction that the settings name.
    case applyDelta = "delta-apply/1"
  }

  /// What a material is to what was made from it.
  public enum Role: String, Sendable {
    /// The checkpoint to start from.
    case base
    /// The checkpoint that a patch file gives.
    case target
    /// The patch file.
    case delta
    /// An adapter of the base.
    case adapter
    /// Rows that were learned from or measured with.
    case calibration
    /// The Jinja file of the prompt format.
    case template
  }

  /// The start of our names for what SLSA wants a URI. A name with a host would claim a host that is not
  /// ours; a UUID belongs to whoever drew it, and this one was drawn for this program.
  static let namespace = "urn:uuid:fb6a43b1-37f1-4ebd-afa5-f75a0edae9fa#panacea-patch"
  /// The version of the format of statements.
  static let type = "https://in-toto.io/Statement/v1"
  /// What the predicate is.
  static let predicateType = "https://slsa.dev/provenance/v1"
  /// The type that an envelope (DSSE) around a statement names.
  public static let payloadType = "application/vnd.in-toto+json"

  /// What was done.
  public var action: Action
  /// The files that were made, each with a digest and a name of its own.
  public var subjects: [Resource]
  /// What the caller chose; with the materials, enough to do it again.
  public var externalParameters: JSON
  /// What the program added: how it computed, and digests of another kind than that of a file.
  public var internalParameters: JSON
  /// What it was made from.
  public var materials: [Resource]
  /// What else came out, such as figures.
  public var byproducts: [Resource]
  /// The version of the program.
  public var version: String

  /// Puts a statement together; there must be at least one subject.
  public init(
    _ action: Action, subjects: [Resource], materials: [Resource], externalParameters: JSON,
    internalParameters: JSON, byproducts: [Resource] = [], version: String = RepairReport.version
  ) {
    precondition(!subjects.isEmpty && subjects.allSatisfy { $0.digest != nil })
    (self.action, self.subjects, self.materials) = (action, subjects, materials)
    self.externalParameters = externalParameters
    self.internalParameters = internalParameters
    (self.byproducts, self.version) = (byproducts, version)
  }

  /// The statement. The builder is the program and no service that watches over it: its name gives no SLSA
  /// level, and who vouches for the run is told by the signature alone.
  public var json: JSON {
    let definition = JSON.object([
      .init("buildType", .string("\(Self.namespace)/\(action.rawValue)")),
      .init("externalParameters", externalParameters),
      .init("internalParameters", internalParameters),
      .init("resolvedDependencies", .array(materials.map(\.json))),
    ])
    let builder = JSON.object([
      .init("id", .string(Self.namespace)),
      .init("version", .object([.init("panacea-patch", .string(version))])),
    ])
    let details = JSON.object([
      .init("builder", builder), .init("byproducts", .array(byproducts.map(\.json))),
    ])
    return .object([
      .init("_type", .string(Self.type)),
      .init("subject", .array(subjects.map(\.json))),
      .init("predicateType", .string(Self.predicateType)),
      .init(
        "predicate", .object([.init("buildDefinition", definition), .init("runDetails", details)])),
    ])
  }

  /// The text to sign.
  public var text: String { json.encoded(indented: true) + "\n" }
}
