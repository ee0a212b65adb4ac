/// Compares a file that a patch makes with the index, while its bytes pass by in their order.
///
/// What counts is the digest of the file, or, in a patch without it, those of its tensors and of all bytes
/// around them.
struct ResultCheck {
  /// A digest that is not as the index says.
  struct Fault {
    /// The file or the tensor.
    let place: String
    let expected: ContentDigest
    let found: ContentDigest
  }

  private let file: DeltaIndex.File
  /// The tensors that are compared one by one.
  private let tensors: [(start: Int, stored: DeltaIndex.Stored)]
  private var whole = RunningDigest()
  private var tensor = RunningDigest()
  private var around = RunningDigest()
  private var position = 0
  private var next = 0
  private var fault: Fault?

  /// Begins with the first byte of a file.
  ///
  /// - Parameter stored: gives the tensors of this side by their numbers in the index.
  init(_ file: DeltaIndex.File, stored: (Int) -> DeltaIndex.Stored?) {
    self.file = file
    let tensors = file.tensors.compactMap { place in stored(place.tensor).map { (place.offset, $0) }
    }
    self.tensors = file.digest == nil ? tensors : []
  }

  /// Looks at the next bytes, none of them behind the end of the file.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count <= file.byteCount - position)
    guard file.digest == nil else {
      position += bytes.count
      whole.update(bytes)
      return
    }
    var rest = bytes
    while !rest.isEmpty {
      let start = next < tensors.count ? tensors[next].start : file.byteCount
      let isInside = position >= start
      let end = isInside ? start + tensors[next].stored.byteCount : start
      let part = UnsafeRawBufferPointer(rebasing: rest.prefix(end - position))
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
      position += part.count
      // The digest of the file costs little beside the other one.
      if isInside {
        RunningDigest.update(&whole, part, &tensor, part)
        if position == end { finishTensor() }
      } else {
        RunningDigest.update(&whole, part, &around, part)
      }
    }
  }

  /// The digest of the file, and the first thing that is not as the index says.
  mutating func finish() -> (digest: ContentDigest, fault: Fault?) {
    // Empty tensors at the end.
    while next < tensors.count { finishTensor() }
    let digest = ContentDigest(whole)
    let place = "file \(TensorName(file.name).quoted)"
    if let expected = file.digest {
      compare(place, expected, digest)
    } else {
      compare("\(place), around its tensors", file.rest.digest, ContentDigest(around))
    }
    return (digest, fault)
  }

  private mutating func finishTensor() {
    let stored = tensors[next].stored
    compare("tensor \(stored.name.quoted)", stored.digest, ContentDigest(tensor))
    tensor = RunningDigest()
    next += 1
  }

  private mutating func compare(_ place: String, _ expected: ContentDigest, _ found: ContentDigest)
  {
    guard fault == nil, expected != found else { return }
    fault = Fault(place: place, expected: expected, found: found)
  }
}
