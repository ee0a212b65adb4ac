import Glibc

extension InputError {
  /// Describes the failure of a system call.
  ///
  /// - Parameters:
  ///   - kind: the class of failure.
  ///   - file: the path the call was about.
  ///   - goal: what the call was to achieve, after "expected": "to open it for reading".
  ///   - code: the value of `errno`.
  static func system(_ kind: Kind, file: String, _ goal: String, code: Int32) -> InputError {
    InputError(
      kind, file: file, expected: goal, found: String(cString: strerror(code)),
      fix: fix(for: code))
  }

  private static func fix(for code: Int32) -> String? {
    switch code {
    case ENOSPC, EDQUOT: "free some space or write to another disk"
    case EFBIG: "raise the file size limit (ulimit -f)"
    case EACCES, EPERM: "check the permissions"
    case EROFS: "write to another disk, this one is read-only"
    case EMFILE, ENFILE: "raise the limit of open files (ulimit -n)"
    default: nil
    }
  }
}
