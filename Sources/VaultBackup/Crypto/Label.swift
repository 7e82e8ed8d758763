/// The first part of every derivation and of all associated data (`docs/FORMAT.md`, section 1). It says what a value is
/// for and in which repository, so that nothing made for one purpose is ever valid for another.
public enum Label {
    /// L(purpose): for everything inside a repository.
    public static func repository(_ purpose: String, _ repo: RepositoryID) -> [UInt8] { bare(purpose) + repo.bytes }

    /// L0(purpose): only where no repository is known yet (identity files, recovery kit).
    public static func bare(_ purpose: String) -> [UInt8] { Array("vault/v1/".utf8) + Array(purpose.utf8) + [0] }
}
