import FormatIO
public struct StorageRounding: Sendable { func roundTrip(_ v: inout [Float], of t: TensorInfo) throws {} }
public struct EncodedSet: Sendable { public var harmful, refusal, benign, task: [Example] }
