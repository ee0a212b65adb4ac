// swift-tools-version: 6.3
import PackageDescription

// Apart from the product's package, so that nobody who only builds the program builds this.
let package = Package(
  name: "bench",
  dependencies: [
    .package(name: "panacea-patch", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    // The same library as the product's, called directly: the ceiling must not pass through our code.
    .systemLibrary(
      name: "CBenchBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .executableTarget(
      name: "bench",
      dependencies: [
        "CBenchBLAS",
        .product(name: "Perturb", package: "panacea-patch"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .executableTarget(
      name: "ablations",
      dependencies: [
        .product(name: "Perturb", package: "panacea-patch"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ]
)

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
}
