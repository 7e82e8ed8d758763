import Foundation
import Testing
import VaultTestSupport

/// `vault dump`: what other programs make of its archives.
@Suite struct DumpTests {
    private let looking: LookingStage

    init() throws { looking = try LookingStage() }

    /// Everything that an archive can hold.
    private static let tree = #"""
        cd src; mkdir -p docs/deep empty links
        printf 'hello\n' > docs/a.txt; : > docs/nothing; head -c 2000000 /dev/urandom > docs/random.bin
        dd if=/dev/urandom of=docs/holes bs=4096 count=1 seek=500 2>/dev/null; truncate -s 900000 docs/all-hole
        printf y > "$(printf 'docs/not-utf8-\377\376')"; printf z > "$(printf 'docs/line\nfeed')"; printf u > docs/ünï
        long=$(printf '%0200d' 0); mkdir -p "docs/$long/$long"; printf l > "docs/$long/$long/f"
        ln -s ../docs/a.txt links/symbolic; ln -s "/$long/$long" links/long; ln -s "$(printf '\377x')" links/odd
        ln docs/a.txt links/hard; mkfifo links/fifo; printf m > ./-dash
        chmod 4755 docs/a.txt; chmod 1777 empty
        setfattr -n user.note -v value docs/a.txt; setfattr -n 'user.a=b%' -v 0x0a00ff docs
        setfattr -n user.long -v "$(printf '%03000d' 0)" docs/random.bin
        if [ "$(id -u)" = 0 ]; then
            chown 12345:54321 docs/holes; chown 3000000:4000000000 docs/ünï; mknod links/null c 1 3; mknod links/b b 7 300
        fi
        touch -d '1999-12-31 23:59:59.123456789' docs/random.bin; touch -d '1960-01-01 00:00:00.25' docs/nothing
        touch -d '2001-01-01' docs/deep docs .
        """#

    @Test func archiveUnpacksToTheSame() throws {
        try looking.require(Self.tree)
        try looking.backup()
        try looking.require(
            """
            vault dump latest:\(looking.source) > x.tar; mkdir back
            options="--xattrs --xattrs-include=* --numeric-owner"
            set -f; tar $options -xpf x.tar -C back; tar $options --compare -f x.tar -C back
            tar $options --compare -f x.tar -C src
            """)
        let difference = try looking.shell("vault diff latest:\(looking.source) --against back --content --exit-code")
        #expect(difference.status == 0, "\(difference.output)\(difference.errors)")
        #expect(
            try looking.shell("stat -c '%y %n' back/docs; stat -c %h back/links/hard").output.hasPrefix("2001-01-01 "))
        #expect(try looking.shell("stat -c %h back/links/hard").output == "2\n")
        // Another reader of archives, by another author.
        if try looking.shell("command -v python3").status == 0 {
            let names = try looking.shell("python3 -c 'import tarfile; print(len(tarfile.open(\"x.tar\").getnames()))'")
            let count = try looking.shell("cd src; find . -print0 | tr -dc '\\000' | wc -c")
            #expect(names.output.trimmingCharacters(in: .whitespaces) == count.output, "\(names.errors)")
        }
    }

    @Test func archiveOfOneFile() throws {
        try looking.require("printf hello > src/f")
        try looking.backup()
        #expect(
            try looking.shell("vault dump latest:\(looking.source)/f --archive tar | tar -xOf - ./f").output == "hello")
        try looking.shell("vault dump latest --archive zip").expectFailure(2, "zip")
        let whole = try looking.shell("vault dump latest | tar -t | tail -1")
        #expect(whole.output == ".\(looking.source)/f\n", "\(whole.errors)")
    }

    @Test func archiveIsNotWrittenToATerminal() throws {
        try looking.backup()
        let terminal = try PseudoTerminal(columns: 80)
        #expect(try terminal.run([Stage.program, "dump", "latest"], looking.stage, answers: []) == 2)
        #expect(terminal.output.contains("not written to a terminal"))
    }

    @Test func damagedArchiveSaysSo() throws {
        // In a pack of its own.
        try looking.require("printf kept > src/kept")
        try looking.backup()
        try looking.require("head -c 5000000 /dev/urandom > src/big")
        try looking.backup()
        try looking.breakPack()
        let damaged = try looking.shell("vault dump latest:\(looking.source) > x.tar")
        #expect(damaged.status == 23 && damaged.errors.contains("/src/big: is damaged"), "\(damaged.errors)")
        #expect(try looking.shell("tar -xOf x.tar ./kept").output == "kept")
    }
}
