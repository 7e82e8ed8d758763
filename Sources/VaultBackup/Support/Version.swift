/// The version of this program.
public enum Version {
    /// Such as `0.1.0`.
    public static let text = "0.1.0"
}
