/// The requirement profiles that this program knows: those that are built in, and those of a folder of policies.
public enum RequirementProfiles {
    private static let folderName = Array("profiles".utf8)

    /// Names of all profiles, in order. A file that cannot be used counts with its name.
    public static func names(_ folder: [UInt8]) -> [String] {
        Set(BuiltInProfiles.all.map(\.name) + files(folder).map(\.name)).sorted { $0.hasBytesBefore($1) }
    }

    /// Finds a profile. A file `profiles/NAME.yaml` in the folder of policies takes the place of a built-in one.
    ///
    /// - Throws: ``VaultError`` `.usage` when there is none of this name, when its file is wrong, or when others can
    ///   change it: they would decide what counts as met.
    public static func find(_ name: String, _ folder: [UInt8]) throws -> RequirementProfile {
        var problems: [PolicyProblem] = []
        if let file = files(folder).first(where: { $0.name == name }) {
            let bytes = PolicyFiles.bytes(of: file.path, &problems)
            let profile = bytes.flatMap { RequirementProfile(file: file.path, $0, &problems) }
            if let profile, profile.name == name { return profile }
            let reason = problems.first?.description ?? "it calls itself otherwise"
            throw VaultError(
                .usage, "The requirement profile in \(PathText.readable(file.path)) cannot be used: \(reason)",
                nextStep: "Correct the file, or remove it")
        }
        guard let text = BuiltInProfiles.all.first(where: { $0.name == name })?.text,
            let profile = RequirementProfile(file: Array(name.utf8), Array(text.utf8), &problems)
        else {
            throw VaultError(
                .usage, "There is no requirement profile '\(name.shownInPolicy)'",
                nextStep: "There are: \(names(folder).joined(separator: ", "))")
        }
        return profile
    }

    private static func files(_ folder: [UInt8]) -> [(name: String, path: [UInt8])] {
        let profiles = PathBytes.join(folder, folderName)
        guard let directory = try? OpenFile.openDirectory(profiles, followingLinks: true),
            let listing = try? DirectoryListing.read(directory)
        else { return [] }
        let suffix = Array(".yaml".utf8)
        return listing.entries.compactMap { entry in
            let name = listing.name(of: entry)
            guard name.first != 0x2e, name.count > suffix.count, name.suffix(suffix.count).elementsEqual(suffix) else {
                return nil
            }
            return (String(decoding: name.dropLast(suffix.count), as: UTF8.self), PathBytes.join(profiles, name))
        }
    }
}
