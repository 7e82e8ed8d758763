import Testing

@testable import VaultBackup

/// Which account a statement of `mariadb-dump --system=users` is for.
@Suite struct MariaAccountsTests {
    private func name(_ user: String, _ host: String = "") -> MariaAccounts.Name {
        MariaAccounts.Name(user: Array(user.utf8), host: Array(host.utf8))
    }

    private func step(_ line: String) -> MariaAccounts.Step? { MariaAccounts.step(Array(line.utf8))?.step }

    private func statement(_ line: String) -> String? {
        MariaAccounts.step(Array(line.utf8)).map { String(decoding: $0.statement, as: UTF8.self) }
    }

    @Test func whatTheDumpWrites() {
        let app = name("app", "%")
        #expect(step("CREATE USER `app`@`%` IDENTIFIED BY PASSWORD '*AA';") == .makeUser(app))
        #expect(step("CREATE USER `a``p@p`@`LocalHost`;") == .makeUser(name("a`p@p", "localhost")))
        #expect(step("GRANT SELECT, INSERT ON `wi TO ki`.* TO `app`@`%` WITH GRANT OPTION;") == .grant(app))
        #expect(step("GRANT USAGE ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*AA' REQUIRE SSL;") == .grant(app))
        #expect(step(#"GRANT PROXY ON ''@'%' TO 'o\'x'@'%';"#) == .grant(name("o'x", "%")))
        let certified = "GRANT SELECT ON *.* TO `app`@`%` REQUIRE SUBJECT '/CN=app/O=Ward 5, #1/emailAddress=a@b.vn';"
        #expect(step(certified) == .grant(app))
        #expect(step("GRANT SELECT ON `wiki`.* TO `clerk`;") == .grant(name("clerk")))
        #expect(step("GRANT `clerk` TO `app`@`%`;") == .grant(app))
        let role = "/*M!100005 CREATE ROLE 'clerk' WITH ADMIN mariadb_dump_import_role */;"
        #expect(step(role) == .makeRole(name("clerk")) && statement(role) == "CREATE ROLE `clerk`")
        let given = "/*M!100005 GRANT 'clerk' TO 'app'@'%' WITH ADMIN OPTION */;"
        #expect(step(given) == .grant(app) && statement(given) == "GRANT 'clerk' TO 'app'@'%' WITH ADMIN OPTION")
        #expect(step("/*M!100005 SET DEFAULT ROLE 'clerk' FOR 'app'@'%' */;") == .grant(app))
    }

    /// What is for the dump itself or for MySQL, and what no dump has: two accounts in one line, a broken line, others' words.
    @Test(arguments: [
        "/*!80001 CREATE ROLE 'clerk' */;", "CREATE ROLE IF NOT EXISTS mariadb_dump_import_role;",
        "GRANT mariadb_dump_import_role TO CURRENT_USER();", "SET ROLE mariadb_dump_import_role;",
        "/*M!100005 CREATE ROLE 'mariadb_dump_import_role' */;", "/*!80001 ALTER USER 'a'@'%' DEFAULT ROLE NONE */;",
        "GRANT ALL ON *.* TO `a`@`%`, `root`@`localhost` IDENTIFIED BY 'x';", "DROP USER `a`@`%`;",
        "CREATE OR REPLACE USER `root`@`localhost`;", "CREATE USER IF NOT EXISTS `a`@`%`;", "CREATE USER `a`@`%`",
        "CREATE USER `a", "CREATE USER `a`@;", "CREATE USER `a`@`%`, `root`@`localhost`;", "CREATE USER a@localhost;",
        "GRANT ALL ON *.* TO CURRENT_USER();", "GRANT ALL ON `x TO `a`@`%`;", "CREATE USER `a`@`%`x;", "", ";",
        "/*M!1 */;", "GRANT /* TO `a`@`%` */ ALL ON *.* TO 'root' IDENTIFIED BY 'x';",
        "GRANT ALL ON *.* /* TO `a`@`%` */ TO 'root';", "GRANT ALL ON *.* TO `a`@`%` /*, `root`@`localhost` */;",
        "GRANT ALL ON *.* TO 'root'@localhost -- TO `a`@`%`;", "GRANT ALL # TO `a`@`%`;",
        "GRANT ALL ON *.* TO `a`@`%` IDENTIFIED BY 'x;",
        "ALTER USER `root`@`localhost` IDENTIFIED BY 'x';", "/*M!100005 GRANT 'a' TO 'b'@'%' ;",
    ])
    func everythingElse(_ line: String) { #expect(step(line) == nil) }
}
