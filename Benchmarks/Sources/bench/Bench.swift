import ArgumentParser
import CBenchBLAS
import FormatIO
import Perturb

@main struct Bench: ParsableCommand {
  func run() throws { print(Parallel.threads, openblas_get_num_threads()) }
}
