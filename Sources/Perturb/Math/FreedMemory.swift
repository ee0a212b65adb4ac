internal import CPerturb

/// What becomes of memory that is freed.
public enum FreedMemory {
  /// Keeps freed memory for the next allocation, until it is given back.
  ///
  /// A pass over the model allocates and frees hundreds of megabytes. Given back to the system and
  /// asked for again, each page costs a fault and is cleared: a third of the time of a step. The peak
  /// stays as it is. Call it before other threads start.
  public static func keep() { freed_memory_keep() }

  /// Gives what was kept back to the system: what follows learning maps files instead.
  public static func giveBack() { freed_memory_give_back() }
}
