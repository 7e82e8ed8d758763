// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "vault",
    products: [
        .library(name: "VaultBackup", targets: ["VaultBackup"]),
        .executable(name: "vault", targets: ["vault"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CToken"),
        .target(
            name: "VaultBackup", dependencies: ["CLinux", "COpenSSL", "CToken", "CYaml", "CZstd"],
            swiftSettings: settings),
        .executableTarget(
            name: "vault",
            dependencies: ["VaultBackup", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: settings),
        .target(
            name: "VaultTestSupport", dependencies: ["CLinux", "VaultBackup"], path: "Tests/VaultTestSupport",
            swiftSettings: settings),
        .testTarget(
            name: "VaultBackupTests", dependencies: ["VaultBackup", "VaultTestSupport"], swiftSettings: settings),
        .testTarget(
            name: "VaultCLITests", dependencies: ["vault", "VaultBackup", "VaultTestSupport"],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
