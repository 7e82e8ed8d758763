import Testing
import VaultTestSupport

@testable import VaultBackup

/// Attributes that were once lost, or are easily. `Tests/Campaign/hostile-trees` looks at all of them; other programs
/// say what is there.
@Suite struct FidelityTests {
    private static func has(_ command: String) -> Bool { runProgram(["sh", "-c", command])?.status == 0 }

    @Test func holesBesideAnAttribute() throws {
        // The attribute takes a block of its own, so that the file takes as much space as it has bytes.
        let fixture = try RestoreFixture(
            """
            for k in 1 3 5; do printf %4096s x | dd of=src/f bs=4096 seek=$k conv=notrunc status=none; done
            setfattr -n user.note -v "$(head -c 3000 /dev/zero | tr '\\0' n)" src/f
            head -c 300000 /dev/urandom > src/whole; sync -f src
            """)
        try fixture.restore()
        try fixture.expectSame()
        let blocks = "stat -c '%n %b' f whole"
        #expect(try fixture.shell("cd src; \(blocks)") == fixture.shell("sync -f target; cd target; \(blocks)"))
    }

    @Test(.enabled(if: isRoot, "needs root")) func flagsComeAfterFurtherNames() throws {
        let fixture = try RestoreFixture(
            "echo a > src/a; ln src/a src/b; echo c > src/c; ln src/c src/d; chattr +i src/a && chattr +a src/c || true"
        )
        defer { _ = try? fixture.shell("chattr -f -R -ia src target || true") }
        let flags = "lsattr -d a b c d | cut -c 1-7"
        guard try fixture.shell("cd src; \(flags)").contains("i") else {
            return print("no file flags here: not covered")
        }
        let result = try fixture.restore()
        #expect(result.problemCount == 0 && result.notAppliedCount == 0, "\(result.problems)")
        try fixture.expectSame()
        #expect(try fixture.shell("cd src; \(flags)") == fixture.shell("cd target; \(flags)"))
        #expect(try fixture.shell("stat -c %h target/a target/c") == "2\n2\n")
        let again = try fixture.restore { $0.options.overwrite = .ifChanged }
        #expect(again.problemCount == 0 && again.kept.entries == 4, "\(again)")
    }

    @Test(.enabled(if: isRoot, "needs root")) func longAttributesOfWhatIsNotOpened() throws {
        let fixture = try RestoreFixture(
            """
            ln -s x src/link; mkfifo src/fifo; for name in link fifo; do
            setfattr -h -n trusted.long -v "$(head -c 3000 /dev/zero | tr '\\0' v)" src/$name; done
            """)
        let look = "getfattr -hdm- -e hex link fifo"
        #expect(try fixture.restore().notAppliedCount == 0)
        #expect(try fixture.shell("cd src; \(look)") == fixture.shell("cd target; \(look)"))
        #expect(try fixture.restore { $0.options.overwrite = .ifChanged }.kept.entries == 2)
    }

    @Test(.enabled(if: FidelityTests.has("command -v setfacl"), "needs setfacl")) func theTargetGivesNoACL() throws {
        let fixture = try RestoreFixture("mkdir -p src/d/e; echo f > src/d/e/f; chmod 640 src/d/e/f; mkfifo src/d/p")
        try fixture.shell("mkdir -p target/d; setfacl -m d:u:4711:rwx target target/d; touch -d 2001-01-01 target/d")
        try fixture.restore { $0.options.overwrite = .always }
        let look = "getfacl -Rnp d"
        #expect(try fixture.shell("cd src; \(look)") == fixture.shell("cd target; \(look)"))
        // A new directory in one with a default ACL has none either.
        try fixture.shell("mkdir outer; setfacl -m d:u:4711:rwx outer")
        try fixture.restore("outer/new")
        #expect(try fixture.shell("cd src; \(look)") == fixture.shell("cd outer/new; \(look)"))
    }

    @Test func accessTimesByOption() throws {
        let fixture = try RestoreFixture(
            """
            mkdir src/d; echo f > src/d/f; ln -s f src/l; mkfifo src/p; touch -d 2001-01-01 src/d/f src/d
            touch -h -d 2000-02-02T02:02:02.123456789 -a src/l src/p src/d/f src/d; touch -d 1969-12-31T23:59:58.5Z -a src/p
            """)
        // Not `find`: it lists the directory, which changes the access time that is looked at. Links not at all: whoever
        // reads one, backup and verification too, changes its time, for which there is no way around.
        let look = "stat -c '%n %x %y' d d/f p"
        let wanted = try fixture.shell("cd src; \(look)")
        try fixture.backup { $0.accessTimes = true }
        try fixture.restore("with") { $0.options.verify = true }
        #expect(try fixture.shell("cd with; \(look)") == wanted)
        // A backup without them does not take over directories that have them, and the other way round.
        try fixture.backup()
        try fixture.restore("without")
        #expect(try fixture.shell("cd without; \(look)") != wanted)
        try fixture.expectSame("without")
        // The comparison has read the source.
        let later = try fixture.shell("cd src; \(look)")
        try fixture.backup { $0.accessTimes = true }
        try fixture.restore("again")
        #expect(try fixture.shell("cd again; \(look)") == later)
    }

    @Test func accessListsAsText() {
        // As `setfacl -m u:1234:rw-,g:77:r--,m::rw-` makes it of a file with mode 0644.
        let value = Hex.decode(
            "0200000001000600ffffffff02000600d204000004000400ffffffff080004004d00000010000600ffffffff20000400ffffffff")
        #expect(
            value.flatMap(AccessList.text).map { String(decoding: $0, as: UTF8.self) }
                == "user::rw-,user:1234:rw-,group::r--,group:77:r--,mask::rw-,other::r--")
        #expect(AccessList.text([]) == nil && AccessList.text([3, 0, 0, 0]) == nil)
        #expect(AccessList.text([2, 0, 0, 0, 9, 0, 1, 0, 0, 0, 0, 0]) == nil)
    }
}
