import Testing
import VaultTestSupport

/// Users and roles of MariaDB on a new server: those that are missing are made as they were, and no other is touched.
@Suite struct DatabaseAccountTests {
    private let user: DatabaseStage

    init() throws { user = try DatabaseStage() }

    private static let source = #"""
        mariadb --defaults-file=$MY <<'SQL'
        CREATE DATABASE crm; CREATE TABLE crm.t (a INT); INSERT INTO crm.t VALUES (1); CREATE DATABASE gone; CREATE TABLE gone.t (a INT);
        CREATE USER 'o''dd `x`'@'%' IDENTIFIED BY 'first'; CREATE USER kept@localhost IDENTIFIED BY 'of old';
        CREATE ROLE clerk; GRANT SELECT ON crm.* TO clerk; GRANT clerk TO 'o''dd `x`'@'%' WITH ADMIN OPTION;
        GRANT INSERT ON crm.t TO 'o''dd `x`'@'%'; GRANT UPDATE (a) ON gone.t TO 'o''dd `x`'@'%'; GRANT ALL ON *.* TO kept@localhost;
        SET DEFAULT ROLE clerk FOR 'o''dd `x`'@'%';
        SQL
        """#

    /// The new server is a scratch server, which has a `root` of its own; another account of it has the name of one in the dump.
    private static let target = #"""
        vault database open latest -- sh -c '
            exec 3>&1 1>&2; set -e
            printf "[client]\nsocket=%s\nuser=root\n" "$MYSQL_UNIX_PORT" > target
            m() { mariadb --defaults-file=target -BN -e "$1"; }
            m "CREATE USER kept@localhost IDENTIFIED BY \"of now\"; CREATE DATABASE crm2" && m "SHOW CREATE USER kept@localhost" > kept1
            m "SHOW CREATE USER root@localhost" > root1
            vault database restore latest --into crm3 --defaults-file target --json > plain
            m "SELECT COUNT(*) FROM mysql.user WHERE user = \"clerk\"" > none
            vault database restore latest --into crm2 --users --defaults-file target --json > made
            m "SHOW CREATE USER kept@localhost; SHOW GRANTS FOR kept@localhost" > kept2; m "SHOW CREATE USER root@localhost" > root2
            m "$SHOW" > after
            m "DROP DATABASE crm3"; vault database restore latest --into crm3 --users --defaults-file target --json > again
        '
        """#

    @Test func missingAccountsAreMade() throws {
        let show = #"SHOW CREATE USER 'o''dd `x`'@'%'; SHOW GRANTS FOR 'o''dd `x`'@'%'; SHOW GRANTS FOR clerk"#
        try user.require(Self.source + "\nvault database backup mariadb:crm --defaults-file $MY -q")
        let outcome = try user.shell(Self.target, ["SHOW": show])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        let before = try user.shell("mariadb --defaults-file=$MY -BN -e \"$SHOW\"", ["SHOW": show]).output
        let after = try user.require("cat after")
        let lost = before.split(separator: "\n").filter { !after.contains($0) }
        #expect(
            before.contains("`clerk`") && lost.count == 1 && lost.first?.contains("`gone`") == true, "\(lost) \(after)")
        #expect(try user.require("cat none") == "0\n")
        // The account and the role; and root of this host's name, which a server has or has not.
        for (file, roles, leftOut) in [("plain", 0...0, 0), ("made", 2...3, 1), ("again", 0...0, 0)] {
            let report = try user.shell("cat \(file)").json().last ?? [:]
            #expect(report["verdict"] as? String == "proven", "\(report)")
            #expect(
                roles.contains(report["roles"] as? Int ?? -1) && report["rightsLeftOut"] as? Int == leftOut,
                "\(file): \(report)")
        }
        // Password and rights of who was there are those of now.
        let kept = try user.require("cat kept1 kept2; cmp root1 root2").split(separator: "\n")
        #expect(kept.count == 3 && kept[0] == kept[1] && kept[2].contains("GRANT USAGE"), "\(kept)")
    }

    @Test func usersThatCannotBeMade() throws {
        try user.require("sqlite3 a.db 'CREATE TABLE t (a)'; vault database backup sqlite:$PWD/a.db -q")
        try user.shell("vault database restore latest --into $PWD/b.db --users").expectFailure(
            2, "no database of MariaDB")
        for option in ["--users", "--jobs 2", "--scratch ."] {
            try user.shell("vault database restore latest --output b \(option)").expectFailure(2, "go with --into")
        }
        try user.shell("vault database restore latest --into $PWD/b.db --jobs 2").expectFailure(2, "not of PostgreSQL")
        try user.require(
            """
            mariadb --defaults-file=$MY -e 'CREATE DATABASE alone; CREATE TABLE alone.t (a INT)'
            vault database backup mariadb:alone --no-globals --defaults-file $MY -q
            """)
        try user.shell("vault database restore latest --into alone2 --users --defaults-file $MY")
            .expectFailure(2, "has no users of the MariaDB server")
        let made = try user.require("mariadb --defaults-file=$MY -BN -e \"SHOW DATABASES LIKE 'alone2'\"")
        #expect(made == "")
    }
}
