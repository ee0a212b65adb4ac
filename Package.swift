// swift-tools-version: 6.3
import PackageDescription

// The numeric modules are optimised in debug builds too: un-optimised loops make tests 100 times slower.
// The CPU flag acts on Swift code as well, since Swift takes its CPU features from the Clang importer.
var numeric: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]
#if arch(x86_64)
  numeric.append(.unsafeFlags(["-Xcc", "-march=x86-64-v3"]))
#endif

let package = Package(
  name: "panacea-patch",
  products: [
    .executable(name: "panacea-patch", targets: ["panacea-patch"]),
    .library(name: "Perturb", targets: ["FormatIO", "Perturb"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(
      name: "CFormatIO",
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    .target(
      name: "FormatIO",
      dependencies: ["CFormatIO", "CZstd", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: numeric),
    .target(
      name: "CPerturb",
      cSettings: [.unsafeFlags(["-O2"], .when(configuration: .debug))]),
    .target(
      name: "Perturb",
      dependencies: [
        "FormatIO", "CPerturb", "COpenBLAS",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: numeric),
    .executableTarget(
      name: "panacea-patch",
      dependencies: [
        "FormatIO", "Perturb",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(
      name: "FormatIOTests",
      dependencies: ["FormatIO", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: numeric),
    .testTarget(name: "PerturbTests", dependencies: ["Perturb"], swiftSettings: numeric),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "panacea-patch", "FormatIO", "Perturb",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ]
)

let languageC = ["CFormatIO", "CPerturb"]
for target in package.targets where target.type != .system && !languageC.contains(target.name) {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .treatAllWarnings(as: .error),
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
