/// What the windows of a directory come to, one after the other: as long as all is as the scan cache has it, only how
/// far that goes; from the first change on, nodes and entries for the next scan cache, which are given away as they are
/// full.
struct DirectoryAssembly {
    /// Entries from the start that are as the scan cache has them, in its order.
    var keptCount = 0
    /// What comes out of the others; nil as long as there are none.
    var built: Built?
    /// Windows that wait until all hard links are known, and those after them, with the results of each.
    var waiting: [DirectoryWindow] = []

    /// Nodes and cached entries of a directory that changed.
    struct Built {
        var nodes: DirectoryNodeBuilder.Stream
        var cached = ScanCacheWriter.Directory()
    }
}
