/// The statements by which a database of PostgreSQL is looked at. Everything is qualified or pinned, so that nothing that a
/// user made is found in the place of a function of the system.
enum PostgresSQL {
    /// What changes the text of a value, the time a statement may take, and what a user may see of a table.
    static let settings = """
        SET search_path = pg_catalog; SET client_encoding = 'SQL_ASCII'; SET client_min_messages = error;
        SET extra_float_digits = 3; SET DateStyle = ISO; SET IntervalStyle = postgres; SET TimeZone = 'UTC';
        SET bytea_output = hex; SET xmlbinary = base64; SET xmloption = content; SET lc_monetary = 'C';
        SET quote_all_identifiers = off; SET row_security = off; SET statement_timeout = 0; SET lock_timeout = 0;
        SET idle_in_transaction_session_timeout = 0;

        """

    /// The databases of a server that an ordinary user made.
    static let databases = """
        SELECT encode(textsend(datname::text), 'hex') FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1;

        """

    /// Version, encoding, collation, character type, identity of the server, moment, extensions.
    static let facts = """
        SELECT current_setting('server_version'), pg_encoding_to_char(encoding), datcollate, datctype,
            CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE')
                THEN (SELECT system_identifier::text FROM pg_control_system()) ELSE '' END,
            encode(textsend((SELECT coalesce(string_agg(extname || ' ' || extversion, ', ' ORDER BY extname COLLATE "C"), '')
                FROM pg_extension)), 'hex')
        FROM pg_database WHERE datname = current_database();

        """

    /// Schemas that belong to no user.
    static let isOurs = """
        n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """

    private static func isExtension(_ catalog: String, _ oid: String) -> String {
        "EXISTS (SELECT FROM pg_depend e WHERE e.classid = '\(catalog)'::regclass AND e.objid = \(oid) AND e.deptype = 'e')"
    }

    /// Names of the tables whose rows are in a dump.
    static let tables = """
        SELECT encode(textsend(quote_ident(n.nspname) || '.' || quote_ident(c.relname)), 'hex')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND \(isOurs) AND NOT \(isExtension("pg_class", "c.oid"))
        ORDER BY textsend(quote_ident(n.nspname) || '.' || quote_ident(c.relname));

        """

    /// The text of each row of a table.
    static func content(_ table: [UInt8]) -> [UInt8] {
        let head = "COPY (SELECT ROW(\"vault row\".*)::text FROM ONLY "
        return Array(head.utf8) + table + Array(" AS \"vault row\") TO STDOUT;\n".utf8)
    }

    /// The same of all large objects.
    static let largeObjects = Array(
        "COPY (SELECT oid::text || encode(lo_get(oid), 'hex') FROM pg_largeobject_metadata) TO STDOUT;\n".utf8)

    /// SHA-256 of the structure. Expressions are not in it: the server writes some of them differently after a restore.
    static let schema = """
        SELECT encode(sha256(textsend(coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), ''))), 'hex') FROM (
        \(lines.joined(separator: "\nUNION ALL\n"))
        ) AS lines;

        """

    private static let lines = [
        line("schema", "n.nspname", "pg_namespace n", isOurs + " AND NOT " + isExtension("pg_namespace", "n.oid")),
        line("extension", "x.extname", "pg_extension x", "true"),
        line(
            "relation", "n.nspname, c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relispartition",
            "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace",
            "c.relkind IN ('r', 'v', 'm', 'p', 'f') AND " + own),
        line(
            "column",
            """
            n.nspname, c.relname, row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), a.attname,
            format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef, a.attidentity, a.attgenerated,
            (SELECT collname FROM pg_collation o WHERE o.oid = a.attcollation)
            """,
            """
            pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            """, "a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'p', 'f', 'c') AND " + own),
        line(
            "constraint",
            """
            n.nspname, c.relname, k.conname, k.contype, k.condeferrable, k.condeferred, k.convalidated, k.confupdtype,
            k.confdeltype, (SELECT string_agg(quote_ident(attname), ',' ORDER BY p) FROM unnest(k.conkey)
            WITH ORDINALITY AS u (num, p) JOIN pg_attribute ON attrelid = k.conrelid AND attnum = num),
            k.confrelid::regclass::text
            """,
            "pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace",
            "k.contype <> 'n' AND " + own),
        line(
            "index",
            """
            n.nspname, c.relname, i.relname, x.indisunique, x.indisprimary, x.indisvalid,
            (SELECT amname FROM pg_am m WHERE m.oid = i.relam),
            (SELECT string_agg(quote_ident(attname), ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = i.oid)
            """,
            """
            pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
            JOIN pg_namespace n ON n.oid = c.relnamespace
            """, own),
        line(
            "function",
            """
            n.nspname, f.proname, pg_get_function_identity_arguments(f.oid), f.prorettype::regtype::text, f.prokind,
            l.lanname, f.provolatile, f.prosecdef, encode(sha256(textsend(f.prosrc)), 'hex')
            """,
            "pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace JOIN pg_language l ON l.oid = f.prolang",
            isOurs + " AND NOT " + isExtension("pg_proc", "f.oid")),
        line(
            "trigger", "n.nspname, c.relname, t.tgname, t.tgtype, t.tgenabled, t.tgfoid::regproc::text",
            "pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace",
            "NOT t.tgisinternal AND " + own),
        line(
            "label",
            "n.nspname, t.typname, row_number() OVER (PARTITION BY t.oid ORDER BY v.enumsortorder), v.enumlabel",
            "pg_enum v JOIN pg_type t ON t.oid = v.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace",
            isOurs + " AND NOT " + isExtension("pg_type", "t.oid")),
        line(
            "domain", "n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod), t.typnotnull",
            "pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace",
            "t.typtype = 'd' AND " + isOurs + " AND NOT " + isExtension("pg_type", "t.oid")),
        line(
            "sequence",
            """
            n.nspname, c.relname, s.seqtypid::regtype::text, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache,
            s.seqcycle
            """,
            "pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace", own),
        line(
            "policy", "n.nspname, c.relname, p.polname, p.polcmd, p.polpermissive",
            "pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace", own),
    ]

    private static let own = isOurs + " AND NOT " + isExtension("pg_class", "c.oid")

    /// A part of the structure: one line for each row, its values unambiguous as a row is written.
    private static func line(_ kind: String, _ values: String, _ source: String, _ condition: String) -> String {
        "SELECT '\(kind)' || ROW(\(values))::text AS line FROM \(source) WHERE \(condition)"
    }

    /// What a database has that is not there in a new one; for the first hundred.
    static let contents = """
        SELECT encode(textsend(what), 'hex') FROM (
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE \(own)
        UNION ALL SELECT n.nspname::text FROM pg_namespace n WHERE \(isOurs) AND n.nspname <> 'public'
        UNION ALL SELECT quote_ident(n.nspname) || '.' || f.proname FROM pg_proc f
            JOIN pg_namespace n ON n.oid = f.pronamespace WHERE \(isOurs)
        UNION ALL SELECT extname::text FROM pg_extension WHERE extname <> 'plpgsql'
        UNION ALL SELECT quote_ident(n.nspname) || '.' || t.typname FROM pg_type t
            JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('d', 'e') AND \(isOurs)
        UNION ALL SELECT 'large object ' || oid::text FROM pg_largeobject_metadata
        ) AS found (what) LIMIT 100;

        """
}
