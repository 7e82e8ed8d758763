"""Inputs that a decoder must refuse, each with the reason, and small logs with the verdict on each record."""
import copy

import formatlib as f
from formatlib import chunk_item, entry, hole, lp8, lp16, lp32, run_item, sha256, u8, u16, u24, u32, u64

ID, ID2, ROOT = b"\x0a" * 20, b"\x0b" * 20, b"\x0c" * 32
DIGEST = b"\1" + sha256(b"hello")
FILE = [(0x8001, DIGEST), (0x8002, chunk_item(ID, 5))]


def case(decoder, why, data, **more):
    return {"name": f"{decoder}: {why}", "in": {"decoder": decoder, "bytes": data, **more}, "out": {"reason": why}}


def node(*bodies, version=1, level=0, count=None, tail=b""):
    return u8(version) + u8(level) + u32(len(bodies) if count is None else count) + b"".join(map(lp32, bodies)) + tail


def file(name=b"f", attributes=FILE, size=5, **more):
    return entry(name, "file", size=size, attributes=attributes, **more)


def raw_entry(tail, name=b"f", kind=1): return lp16(name) + u8(kind) + u16(0o644) + u32(0) * 2 + lp8(b"") * 2 + tail


def directory_nodes():
    def bad(why, *bodies, **more): return case("directory-node", why, node(*bodies, **more))
    inner = lp16(b"a") + ID + u64(1) + ROOT
    out = [bad(f"name {name!r}", entry(name, "fifo")) for name in (b"", b".", b"..", b"a/b", b"a\0b", b"n" * 256)]
    out += [bad("names out of order", file(b"b"), file(b"a")), bad("name twice", file(), file()),
            bad("trailing byte", file(), tail=b"\0"), bad("count too high", file(), count=2),
            bad("count too low", file(), file(b"g"), count=1), bad("count of 2^32 - 1", count=2 ** 32 - 1),
            bad("unknown version", file(), version=2), bad("level 8", level=8),
            bad("inner node without entries", level=1),
            case("directory-node", "empty input", b""), case("directory-node", "entry cut short", node(file())[:-1]),
            case("directory-node", "inner names out of order",
                 b"\1\1" + u32(2) + inner.replace(b"\1a", b"\1b") + inner),
            case("directory-node", "inner entry with nothing below",
                 b"\1\1" + u32(1) + lp16(b"a") + ID + u64(0) + ROOT),
            case("directory-node", "inner name ..", b"\1\1" + u32(1) + lp16(b"..") + ID + u64(1) + ROOT)]
    return out + entries(bad)


def entries(bad):
    """Entries that are refused alone: a reader names the entry, leaves it out and goes on with the others."""
    dev, child = (0x8005, u32(1) + u32(3)), (0x8006, ID + ROOT)
    return [bad("trailing byte in the entry", file() + b"\0"), bad("kind 0", entry(b"f", 0)),
            bad("kind 8", entry(b"f", 8)),
            bad("mode above 12 bits", entry(b"f", "fifo", mode=0o10644)),
            bad("10^9 nanoseconds", entry(b"f", "fifo", mtime=(0, 10 ** 9))),
            bad("attributes out of order", raw_entry(u64(0) + u32(0) + u64(5) + u16(2) + u16(0x8002) +
                                                     lp32(chunk_item(ID, 5)) + u16(0x8001) + lp32(DIGEST))),
            bad("attribute twice", file(attributes=[*FILE, FILE[0]])),
            bad("same tag with and without the critical bit", file(attributes=[*FILE, (0x0001, DIGEST)])),
            bad("unknown critical tag", file(attributes=[*FILE, (0x8123, b"")])),
            bad("critical bit missing on a known tag", file(attributes=[(0x0001, DIGEST), FILE[1]])),
            bad("critical bit set on extended attributes", file(attributes=[*FILE, (0x8008, u16(0))])),
            bad("file without digest", file(attributes=[FILE[1]])),
            bad("file of 5 bytes without extents", file(attributes=[FILE[0]])),
            bad("digest of unknown kind", file(attributes=[(0x8001, b"\3" + ROOT), FILE[1]])),
            bad("digest of 31 bytes", file(attributes=[(0x8001, DIGEST[:-1]), FILE[1]])),
            bad("digest kind 2 with one chunk", file(attributes=[(0x8001, b"\2" + ROOT), FILE[1]])),
            bad("digest kind 1 with two chunks", file(attributes=[
                (0x8001, DIGEST), (0x8002, chunk_item(ID, 3) + chunk_item(ID2, 2))])),
            bad("extents and extent list together", file(attributes=[*FILE, (0x8003, ID)])),
            bad("extents of an empty file", file(attributes=[(0x8001, f.content_digest([])), (0x8002, b"")], size=0)),
            bad("extents that do not cover the size", file(size=6)),
            bad("nine items in an entry",
                file(attributes=[(0x8001, b"\2" + ROOT), (0x8002, chunk_item(ID, 1) * 9)], size=9)),
            bad("link without target", entry(b"l", "link")),
            bad("empty link target", entry(b"l", "link", attributes=[(0x8004, b"")])),
            bad("link target of 4,096 bytes", entry(b"l", "link", size=4096, attributes=[(0x8004, b"t" * 4096)])),
            bad("link target with NUL", entry(b"l", "link", size=3, attributes=[(0x8004, b"a\0b")])),
            bad("link size is not its target's", entry(b"l", "link", size=2, attributes=[(0x8004, b"t")])),
            bad("device without numbers", entry(b"d", "block")),
            bad("fifo with device numbers", entry(b"p", "fifo", attributes=[dev])),
            bad("directory without child", entry(b"d", "directory")),
            bad("file with child", file(attributes=[*FILE, child])),
            bad("directory with a size", entry(b"d", "directory", size=1, attributes=[child])),
            bad("directory in a hard-link group", entry(b"d", "directory", attributes=[child, (0x8007, b"d")])),
            *[bad(f"hard-link group {g!r}", file(attributes=[*FILE, (0x8007, g)]))
              for g in (b"", b"/a", b"a/", b"a//b", b"../a", b"a/./b", b"a\0")],
            bad("extended attributes out of order", file(attributes=[*FILE, (0x0008, u16(2) + (lp16(b"user.b") + u8(0) +
                lp32(b"")) + (lp16(b"user.a") + u8(0) + lp32(b"")))])),
            bad("extended attribute without name", file(attributes=[*FILE, (0x0008, f.xattrs([(b"", b"")]))])),
            bad("extended attribute with NUL in its name",
                file(attributes=[*FILE, (0x0008, f.xattrs([(b"user.\0", b"")]))])),
            bad("extended attribute of form 2",
                file(attributes=[*FILE, (0x0008, u16(1) + lp16(b"user.a") + u8(2) + lp32(b""))])),
            bad("extended attributes with a trailing byte", file(attributes=[*FILE, (0x0008, u16(0) + b"\0")])),
            bad("unknown file flag", file(attributes=[*FILE, (0x0009, u32(0x1000))])),
            bad("access time with a whole second of nanoseconds",
                file(attributes=[*FILE, (0x000b, bytes(8) + u32(10 ** 9))])),
            bad("access time with a trailing byte", file(attributes=[*FILE, (0x000b, bytes(13))])),
            bad("file flags on a fifo", entry(b"p", "fifo", attributes=[(0x0009, u32(0x40))])),
            bad("incomplete 0", file(attributes=[*FILE, (0x800a, u8(0))])),
            bad("incomplete 2 with content", file(attributes=[*FILE, (0x800a, u8(2))])),
            bad("owner name cut short", lp16(b"f") + u8(6) + u16(0) + u32(0) * 2 + u8(9) + b"root")]


def extent_forms():
    def items(why, data): return case("extent-items", why, data)
    def nodes(why, data): return case("extent-list-node", why, data)
    child = ID + u64(10) + u32(2)
    return [items("hole of 0 bytes", hole(0)), items("two holes in a row", hole(1) + hole(2)),
            items("hole of 2^63 bytes", u8(0) + u64(2 ** 63)),
            items("lengths that sum to 2^63 or more", hole(2 ** 63 - 1) + chunk_item(ID, 1)),
            items("chunk of 0 bytes", chunk_item(ID, 0)), items("run of 0 items", run_item(ID, 0, 0)),
            items("run beyond 2^32 items", run_item(ID, 2 ** 32 - 1, 1)), items("unknown tag 3", u8(3) + ID + u24(1)),
            items("cut short", chunk_item(ID, 1)[:-1]), items("trailing byte", chunk_item(ID, 1) + b"\1"),
            nodes("version 2", b"\2\0" + u32(1) + chunk_item(ID, 1)), nodes("level 8", b"\1\x08" + u32(1) + child),
            nodes("no items", b"\1\0" + u32(0)), nodes("inner node without children", b"\1\1" + u32(0)),
            nodes("count too high", b"\1\0" + u32(2) + chunk_item(ID, 1)),
            nodes("count too low", b"\1\0" + u32(1) + chunk_item(ID, 1) * 2),
            nodes("count of 2^32 - 1", b"\1\1" + u32(2 ** 32 - 1) + child),
            nodes("child that covers nothing", b"\1\1" + u32(1) + ID + u64(0) + u32(1)),
            nodes("child without items", b"\1\1" + u32(1) + ID + u64(1) + u32(0)),
            nodes("trailing byte", b"\1\1" + u32(1) + child + b"\0")]


def pack_forms(k):
    _, stanza, _ = k.stanza(1, b"\x77" * 32, b"\x88" * 32)
    start, session = b"VPCK\0\1" + k.repo, b"\x99" * 16
    good = start + session + u8(1) + u8(1) + u16(1) + stanza

    def header(why, data): return case("pack-header", why, data, repository=k.repo)

    def change(at, value): return good[:at] + value + good[at + len(value):]
    out = [header("wrong magic", change(0, b"VPCX")), header("version 1", change(4, u8(1))),
           header("suite 2", change(5, u8(2))),
           header("another repository", change(6, b"\xff")), header("kind 0", change(38, u8(0))),
           header("kind 3", change(38, u8(3))), header("class 0", change(39, u8(0))),
           header("class 3", change(39, u8(3))),
           header("no stanza", good[:40] + u16(0)),
           header("ordinary pack with two stanzas", good[:40] + u16(2) + stanza * 2),
           header("stanza of another class", change(42, u8(2))), header("stanza of type 2", change(43, u8(2))),
           header("epoch 0", change(44, u32(0))), header("group 0", change(48, u32(0))), header("cut short", good[:-1])]
    end = len(good)
    row = u16(0) + u32(0) + u32(end) + u32(53 + 7) + u32(2)
    chunks = ID + u8(1) + u24(3) + ID2 + u8(1) + u24(4)

    def directory(why, data): return case("pack-directory", why, data, packClass=1, stanzas=1, segmentsStart=end,
                                          segmentsEnd=end + 60)
    out += [directory("no segment", u16(0)), directory("trailing byte", u16(1) + row + chunks + b"\0"),
            directory("cut short", u16(1) + row + chunks[:-1]),
            directory("unknown stanza", u16(1) + u16(1) + row[2:] + chunks),
            directory("index is not the place", u16(1) + u16(0) + u32(1) + row[6:] + chunks),
            directory("gap before the first segment", u16(1) + row[:6] + u32(end + 1) + u32(59) + row[14:] + chunks),
            directory("gap after the last segment", u16(1) + row[:10] + u32(59) + row[14:] + chunks),
            directory("no chunk in a segment", u16(1) + row[:14] + u32(0)),
            directory("2^32 - 1 chunks", u16(1) + row[:14] + u32(2 ** 32 - 1) + chunks),
            directory("chunk of type 2 in a pack of class 1",
                      u16(1) + row + chunks.replace(u8(1) + u24(3), u8(2) + u24(3))),
            directory("chunk of type 0", u16(1) + row + chunks.replace(u8(1) + u24(3), u8(0) + u24(3))),
            directory("chunk of 0 bytes", u16(1) + row + chunks.replace(u24(3), u24(0))),
            directory("segment of more than 16 MiB", u16(1) + row + (ID + u8(1) + u24(2 ** 24 - 1)) * 2)]

    def trailer(why, data): return case("pack-trailer", why, data, packLength=1024, headerLength=end)
    out += [trailer("wrong magic", u64(500) + u32(200) + b"VPKX"),
            trailer("directory beyond the pack", u64(900) + u32(200) + b"VPKE"),
            trailer("directory in the header", u64(10) + u32(200) + b"VPKE"),
            trailer("offset of 2^63", u64(2 ** 63) + u32(200) + b"VPKE"),
            trailer("directory shorter than its seal", u64(500) + u32(79) + b"VPKE"), trailer("cut short", b"VPKE")]

    def plain(why, data): return case("segment-plaintext", why, data, rawLength=4)
    return out + [plain("unknown codec", u8(2) + u32(4) + b"abcd"),
                  plain("raw length differs", u8(0) + u32(3) + b"abc"),
                  plain("body shorter than raw length", u8(0) + u32(4) + b"abc"),
                  plain("body longer than raw length", u8(0) + u32(4) + b"abcde"),
                  plain("no zstd frame", u8(1) + u32(4) + b"abcd"), plain("cut short", u8(0) + u16(0)),
                  plain("zstd frame of 5 bytes", u8(1) + u32(4) + zstd(b"abcde")),
                  plain("zstd frame of 3 bytes", u8(1) + u32(4) + zstd(b"abc")),
                  plain("two zstd frames", u8(1) + u32(4) + zstd(b"ab") + zstd(b"cd")),
                  plain("bytes after the zstd frame", u8(1) + u32(4) + zstd(b"abcd") + b"\0"),
                  plain("zstd frame cut short", u8(1) + u32(4) + zstd(b"abcd")[:-1])]


def zstd(x): return f.zstandard.ZstdCompressor(level=1).compress(x)


def set_forms(k):
    def packs(why, data): return case("pack-set", why, data)
    good = f.pack_set(range(0, 4200, 2))

    def stored(why, data): return case("set-object", why, data, repository=k.repo)

    def bitmap(why, data): return case("segment-map-plaintext", why, data, segments=[3, 8])
    return [packs("gap of 0 inside", b"\0\1\0\1"), packs("run of 0", b"\0\0"),
            packs("LEB128 not shortest", b"\x80\0\1"),
            packs("run LEB128 not shortest", b"\0\x81\0"), packs("cut short in a number", b"\0\x80"),
            packs("gap without run", b"\0"),
            packs("number of 2^63 or more", b"\xff" * 9 + b"\1\1"),
            packs("ordinals beyond 2^63", b"\xff" * 8 + b"\x7f\1\1\1"),
            stored("wrong magic", b"VSEX\0" + k.repo + good), stored("version 1", b"VSET\1" + k.repo + good),
            stored("another repository", b"VSET\0" + bytes(16) + good),
            stored("at most 2,048 bytes belong into the record", b"VSET\0" + k.repo + b"\0\1"),
            stored("last run cut short", b"VSET\0" + k.repo + good + b"\1"),
            bitmap("spare bit set", u16(3) + b"\x0f" + u16(8) + b"\xff"),
            bitmap("another segment count", u16(4) + b"\1" + u16(8) + b"\1"),
            bitmap("a pack missing", u16(3) + b"\1"), bitmap("trailing byte", u16(3) + b"\1" + u16(8) + b"\1\0"),
            bitmap("cut short", u16(3) + b"\1" + u16(8))]


def identity_forms():
    me = f.Identity(b"\x55" * 32, b"\x66" * 32, "a", "person")
    open_file = me.file("ab" * 32)
    locked = me.file("", ("correct horse battery staple", 1 << 15, b"\xd1" * 32, b"\xd2" * 32))

    def file_(why, data, **more): return case("identity-file", why, data, **more)

    def swap(old, new, source=open_file):
        assert old in source, old
        return source.replace(old, new, 1)
    kit = f.kit_text(b"\xb1" * 32)
    out = [file_("no line feed", open_file[:-1]), file_("two lines", open_file * 2),
           file_("blank in the JSON", swap(b":", b": ")),
           file_("version 1", swap(b'"version":0', b'"version":1')),
           file_("unknown type", swap(b"vault-identity", b"vault-other")),
           file_("unknown kind", swap(b'"person"', b'"robot"')), file_("kind kit", swap(b'"person"', b'"kit"')),
           file_("empty name", swap(b'"name":"a"', b'"name":""')),
           file_("name of 65 bytes", swap(b'"name":"a"', b'"name":"' + b"a" * 65 + b'"')),
           file_("public key is not the secret's", swap(me.x_public.hex().encode(), b"00" * 32)),
           file_("Ed25519 key is not the seed's", swap(me.e_public.hex().encode(), b"00" * 32)),
           file_("unknown member", swap(b'"type"', b'"tail":1,"type"')),
           file_("anchor of 31 bytes", swap(b"ab" * 32, b"ab" * 31)),
           file_("upper-case hex", swap(b"ab" * 32, b"AB" * 32)), file_("secret of 63 bytes", swap(b'66"', b'"')),
           file_("no secret", swap(b',"secret":"' + (me.x + me.e).hex().encode() + b'"', b"")),
           file_("unknown kdf", swap(b'"none"', b'"argon"'))]
    out += [file_(why, swap(a, b, locked), passphrase=b"correct horse battery staple") for why, a, b in (
        ("N of 2^14", b'"n":32768', b'"n":16384'), ("N of 2^21", b'"n":32768', b'"n":2097152'),
        ("N not a power of two", b'"n":32768', b'"n":32769'), ("r of 9", b'"r":8', b'"r":9'),
        ("p of 2", b'"p":1', b'"p":2'),
        ("name changed under the seal", b'"name":"a"', b'"name":"b"'),
        ("commitment changed", b'"commitment":"', b'"commitment":"00'),
        ("secret beside the seal", b'"type":"vault-', b'"secret":"00","type":"vault-'))]
    out.append(file_("wrong passphrase", locked, passphrase=b"correct horse battery stapl"))
    two = me.file("", ("correct horse battery staple", 1 << 15, b"\xd1" * 32, b"\xd2" * 32, b"k" * 16, b"\xd3" * 32))
    out += [file_(why, swap(a, b, two), passphrase=b"correct horse battery staple", keyFile=b"k" * 16) for why, a, b in (
        ("unknown factor", b'"key-file"', b'"key-fire"'), ("salt of the factor of 31 bytes", b"d3" * 32, b"d3" * 31),
        ("salt of the factor changed", b"d3d3", b"d4d3"), ("unknown member of the factor", b'{"salt":"d3', b'{"a":1,"salt":"d3'),
        ("factor taken away", b'"factor":{"salt":"' + b"d3" * 32 + b'","type":"key-file"},', b""))]
    out.append(file_("wrong key file", two, passphrase=b"correct horse battery staple", keyFile=b"K" * 16))
    out.append(file_("a factor without a passphrase", swap(b'"kdf"', b'"factor":{"salt":"' + b"d3" * 32 +
                                                           b'","type":"key-file"},"kdf"')))
    out += [case("recovery-kit-text", why, text.encode()) for why, text in (
        ("wrong checksum", kit[:-1] + ("A" if kit[-1] != "A" else "B")), ("a group missing", kit[:-5]),
        ("a group too much", kit + "-AAAA"),
        ("digit 1", "1" + kit[1:]),
        ("two groups swapped", kit[5:10] + kit[:5] + kit[10:] if kit[:4] != kit[5:9] else "A" + kit[1:]),
        ("empty", ""))]
    tag = [u8(t) + bytes([t]) * 32 for t in range(6)]
    out += [case("slot-plaintext", why, data) for why, data in (
        ("count too high", u8(2) + tag[2]), ("count too low", u8(1) + tag[2] + tag[3]),
        ("tags out of order", u8(2) + tag[3] + tag[2]),
        ("tag twice", u8(2) + tag[2] * 2), ("tag 0", u8(1) + tag[0]), ("tag 5", u8(1) + tag[5]),
        ("trailing byte", u8(1) + tag[2] + b"\0"),
        ("empty input", b""))]
    return out


def logs(k):
    """Small logs; `out.verdicts` has `effect`, `void` or `none` (without effect) for each record."""
    person = f.Identity(b"\x55" * 32, b"\x66" * 32, "person", "person")
    writer = f.Identity(b"\xa1" * 32, b"\xa2" * 32, "server-01", "machine")
    other = f.Identity(b"\xa3" * 32, b"\xa4" * 32, "server-02", "machine")
    roles = ["administer", "audit", "drill", "maintain", "read", "write"]
    keyring = k.keyring([(person, roles, ["*"]), (writer, ["write"], ["alpha"]), (other, ["write"], ["*"])],
                        [b"\xc1" * 32, b"\xc2" * 32, b"\xc3" * 32])
    session = "99" * 16
    ids = {"map": "aa" * 32, "private": "bb" * 20, "root": {"disclosure": "cc" * 32, "node": "dd" * 20}}
    pack = {"class": 1, "directory": "ee" * 32, "epoch": 1, "length": 1000, "name": "ff" * 32, "segments": 1}
    opened = {"epoch": 1, "purpose": "backup", "session": session, "silence": 60, "system": "alpha"}
    progress = {"index": [], "packs": [pack], "session": session}
    snapshot = {"bytes": 0, "entries": 0, "epoch": 1, "finished": "2026-01-02T03:04:03.000Z", "problems": 0,
                "session": session, "set": "0001", "started": "2026-01-02T03:04:01.000Z", "system": "alpha", "tags": [],
                **ids}
    start = [(writer, "open", opened, None, "effect")]
    full = [*start, (writer, "progress", progress, None, "effect")]
    out = []

    def log(why, *steps, clock=None):
        made, verdicts = f.Log(k.repo), ["effect"]
        made.add(person, "2026-01-02T03:04:00.000Z", "genesis",
                 {"created": "2026-01-02T03:04:00.000Z", "keyring": keyring, "suite": 1})
        for n, (who, kind, fields, change, verdict) in enumerate(steps, 1):
            made.add(who, (clock or {}).get(n, f"2026-01-02T03:04:{n:02d}.000Z"), kind, fields, change,
                     verdict != "void")
            verdicts.append(verdict)
        out.append({"name": f"log: {why}", "in": {"decoder": "log", "lines": [line.decode() for line in made.lines],
                                                  "repository": k.repo}, "out": {"reason": why, "verdicts": verdicts}})

    def edit(**values): return lambda s: s["predicate"].update(values)
    log("all good", *full, (writer, "snapshot", snapshot, None, "effect"))
    voids = {"position of another place": edit(position=9), "previous of another place": edit(previous="12" * 32),
             "another repository": edit(repository="12" * 16), "another lineage": edit(lineage="12" * 16),
             "version 1": edit(version=1), "sequence skipped": edit(sequence=1), "an unknown field": edit(more=1),
             "a field missing": lambda s: s["predicate"].pop("silence"), "a field of another type": edit(silence="60"),
             "unknown purpose": edit(purpose="holiday"), "a time that is none": edit(time="2026-02-30T00:00:00.000Z"),
             "a time without decimals": edit(time="2026-01-02T03:04:01Z"), "epoch 0": edit(epoch=0),
             "writer is not the signer": edit(writer=other.id.hex()), "writer is no member": edit(writer="12" * 16),
             "subject of another digest": lambda s: s["subject"][0]["digest"].update(sha256="12" * 32),
             "two subjects": lambda s: s["subject"].append(s["subject"][0]),
             "another statement type": lambda s: s.update(_type="https://in-toto.io/Statement/v2"),
             "another predicate type": lambda s: s.update(predicateType="https://vault-backup.org/record/v1")}
    for why, change in voids.items():
        log(f"void: {why}", (writer, "open", opened, change, "void"), *start)
    log("void: a second genesis",
        (person, "genesis", {"created": "2026-01-02T03:04:00.000Z", "keyring": keyring, "suite": 1}, None, "void"))
    log("without effect: open for maintenance by a writer",
        (writer, "open", {**opened, "purpose": "maintenance"}, None, "none"))
    log("void: expire by a writer", *start, (writer, "expire", {"session": session}, None, "void"))
    nothing = [
        ("session id used before", *start, (other, "open", opened, None, "none")),
        ("epoch not in force", (writer, "open", {**opened, "epoch": 2}, None, "none")),
        ("system not the writer's", (writer, "open", {**opened, "system": "gamma"}, None, "none")),
        ("progress without open", (writer, "progress", progress, None, "none")),
        ("progress of another writer's session", *start, (other, "progress", progress, None, "none")),
        ("pack committed before", *full, (writer, "progress", progress, None, "none")),
        ("pack twice in a record", *start, (writer, "progress", {**progress, "packs": [pack, pack]}, None, "none")),
        ("snapshot after its session was closed", *full, (writer, "abort", {"session": session}, None, "effect"),
         (writer, "snapshot", snapshot, None, "none")),
        ("snapshot of another system", *full, (writer, "snapshot", {**snapshot, "system": "beta"}, None, "none")),
        ("snapshot with a pack beyond the list", *full,
         (writer, "snapshot", {**snapshot, "set": "0002"}, None, "none")),
        ("snapshot with a set that does not decode", *full,
         (writer, "snapshot", {**snapshot, "set": "000100"}, None, "none")),
        ("snapshot with another writer's pack", *full,
         (other, "open", {**opened, "session": "9a" * 16}, None, "effect"),
         (other, "snapshot", {**snapshot, "session": "9a" * 16}, None, "none")),
        ("abort by another writer", *start, (other, "abort", {"session": session}, None, "none")),
        ("expire before the silence is over", *start, (person, "expire", {"session": session}, None, "none"))]
    for why, *steps in nothing:
        log(f"without effect: {why}", *steps)
    log("expire after the silence", *start, (person, "expire", {"session": session}, None, "effect"),
        clock={2: "2026-01-02T03:05:01.001Z"})
    log("without effect: expire at exactly the silence", *start, (person, "expire", {"session": session}, None, "none"),
        clock={2: "2026-01-02T03:05:01.000Z"})
    drill = {"bytes": 0, "entries": 0, "evidence": "ab" * 32, "expires": "2026-04-02T03:04:05.000Z", "packs": "0001",
             "scope": "whole", "snapshot": "cd" * 32, "started": "2026-01-02T03:04:05.000Z", "verdict": "proven"}
    attest = {"method": "verify", "packs": "0001"}
    log("void: drill by a writer", *full, (writer, "drill", drill, None, "void"))
    log("void: attest by a writer", *full, (writer, "attest", attest, None, "void"))
    log("void: drill proven without packs", *full, (person, "drill", {**drill, "packs": ""}, None, "void"))
    log("void: drill failed with packs", *full, (person, "drill", {**drill, "verdict": "failed"}, None, "void"))
    log("void: drill with a set that does not decode", *full,
        (person, "drill", {**drill, "packs": "000100"}, None, "void"))
    log("void: drill of a copy with a short id", *full, (person, "drill", {**drill, "copy": "9d"}, None, "void"))
    log("void: drill of no copy that says so", *full, (person, "drill", {**drill, "copy": ""}, None, "void"))
    log("void: attest of nothing", *full, (person, "attest", {**attest, "packs": ""}, None, "void"))
    log("without effect: drill of no snapshot", *full, (person, "drill", drill, None, "none"))
    log("without effect: drill of a copy, of no snapshot", *full,
        (person, "drill", {**drill, "copy": "9d" * 16}, None, "none"))
    log("without effect: attest beyond the list", *full, (person, "attest", {**attest, "packs": "0101"}, None, "none"))
    log("snapshot with another writer's attested pack", *full, (person, "attest", attest, None, "effect"),
        (other, "open", {**opened, "session": "9a" * 16}, None, "effect"),
        (other, "snapshot", {**snapshot, "session": "9a" * 16}, None, "effect"))
    promote = {"copy": "9d" * 16, "reason": "fire"}
    log("void: promote by a writer", *full, (writer, "promote", promote, None, "void"))
    log("void: promote with too long a reason", *full,
        (person, "promote", {**promote, "reason": "x" * 1025}, None, "void"))
    log("promote by an administrator", *full, (person, "promote", promote, None, "effect"))
    access = {"count": 1, "purpose": "ls", "reason": "", "snapshots": ["cd" * 32], "systems": ["alpha"]}
    log("void: access by a writer", *full, (writer, "access", access, None, "void"))
    log("void: access for another purpose", *full, (person, "access", {**access, "purpose": "spy"}, None, "void"))
    log("void: access to more than it names", *full, (person, "access", {**access, "count": 2}, None, "void"))
    log("void: access with systems out of order", *full,
        (person, "access", {**access, "systems": ["beta", "alpha"]}, None, "void"))
    log("void: access with a system twice", *full,
        (person, "access", {**access, "systems": ["alpha", "alpha"]}, None, "void"))
    log("void: access with snapshots out of order", *full,
        (person, "access", {**access, "count": 2, "snapshots": ["cd" * 32, "ab" * 32]}, None, "void"))
    log("void: access with too long a reason", *full, (person, "access", {**access, "reason": "x" * 1025}, None, "void"))
    log("void: access with too much of systems", *full,
        (person, "access", {**access, "systems": ["x" * 65536, "y"]}, None, "void"))
    log("without effect: access to no snapshot", *full, (person, "access", access, None, "none"))
    log("access to nothing yet", *full,
        (person, "access", {**access, "count": 0, "snapshots": [], "systems": []}, None, "effect"))
    card = {"action": "issued", "device": "card", "holder": writer.id.hex(), "reason": "", "serial": "7"}
    back = {**card, "action": "returned"}
    log("void: token by a writer", *full, (writer, "token", card, None, "void"))
    log("void: token of no kind", *full, (person, "token", {**card, "device": ""}, None, "void"))
    log("void: token with too long a serial", *full, (person, "token", {**card, "serial": "7" * 129}, None, "void"))
    log("void: token lent", *full, (person, "token", {**card, "action": "lent"}, None, "void"))
    log("without effect: token for a stranger", *full, (person, "token", {**card, "holder": "ab" * 16}, None, "none"))
    log("without effect: token back that was never out", *full, (person, "token", back, None, "none"))
    log("without effect: token that is out", *full, (person, "token", card, None, "effect"),
        (person, "token", {**card, "holder": person.id.hex()}, None, "none"))
    log("without effect: token back from another", *full, (person, "token", card, None, "effect"),
        (person, "token", {**back, "holder": person.id.hex()}, None, "none"))
    log("token out, back, and out again", *full, (person, "token", card, None, "effect"),
        (person, "token", back, None, "effect"), (person, "token", {**card, "holder": person.id.hex()}, None, "effect"))
    log("abort by an administrator", *start, (person, "abort", {"session": session}, None, "effect"))
    lifecycle_logs(log, full, writer, person, other, opened, snapshot)
    log("a record of unknown kind counts in the sequence", (writer, "audit", {"what": 1}, None, "unknown"), *start)
    return out + damaged_lines(out[0])


def lifecycle_logs(log, full, writer, person, other, opened, snapshot):
    one = [*full, (writer, "snapshot", snapshot, None, "effect")]
    packs, id = {"packs": "0001"}, "cd" * 32
    compact = {"basis": 1, "maps": [], "moves": [{"new": "0101", "old": "0001"}], "session": "9c" * 16}
    voids = [
        ("forget by a writer", writer, "forget", {"reason": "", "snapshots": [id]}),
        ("forget of nothing", person, "forget", {"reason": "", "snapshots": []}),
        ("forget in another order", person, "forget", {"reason": "", "snapshots": ["cd" * 32, "ab" * 32]}),
        ("forget twice the same", person, "forget", {"reason": "", "snapshots": [id, id]}),
        ("forget with a reason of 1,025 bytes", person, "forget", {"reason": "a" * 1025, "snapshots": [id]}),
        ("hold until no time", person, "hold", {"reason": "", "snapshot": id, "until": "tomorrow"}),
        ("release by a writer", writer, "release", {"hold": id, "reason": ""}),
        ("condemn of nothing", person, "condemn", {"packs": ""}),
        ("condemn by a writer", writer, "condemn", packs), ("sweep by a writer", writer, "sweep", packs),
        ("compact without moves", person, "compact", {**compact, "moves": []}),
        ("compact of a pack into that of another", person, "compact",
         {**compact, "moves": [{"new": "0201", "old": "0001"}, {"new": "0002", "old": "0101"}]}),
        ("compact twice of one pack", person, "compact",
         {**compact, "moves": [{"new": "0201", "old": "0001"}, {"new": "0201", "old": "0002"}]}),
        ("compact with moves out of order", person, "compact",
         {**compact, "moves": [{"new": "0201", "old": "0101"}, {"new": "0201", "old": "0001"}]}),
        ("compact with a map twice", person, "compact", {**compact, "maps": [{"map": id, "snapshot": id}] * 2}),
        ("order with more fields", person, "propose",
         {"order": {"kind": "forget", "more": 1, "reason": "", "snapshots": [id]}}),
        ("order without a kind", person, "propose", {"order": {"reason": "", "snapshots": [id]}}),
        ("propose by a writer", writer, "propose", {"order": {"hold": id, "kind": "release", "reason": ""}})]
    for why, who, kind, fields in voids:
        log(f"void: {why}", *one, (who, kind, fields, None, "void"))
    log("an order of unknown kind", *one, (person, "propose", {"order": {"kind": "holiday", "what": 1}}, None, "unknown"))
    nothing = [
        ("forget of no snapshot", person, "forget", {"reason": "", "snapshots": [id]}),
        ("recall of no snapshot", person, "recall", {"reason": "", "snapshots": [id]}),
        ("hold of no snapshot", person, "hold", {"reason": "", "snapshot": id, "until": ""}),
        ("release of no hold", person, "release", {"hold": id, "reason": ""}),
        ("condemn of a pack in use", person, "condemn", packs), ("sweep of a pack in use", person, "sweep", packs),
        ("condemn beyond the list", person, "condemn", {"packs": "0101"}),
        ("compact without a session", person, "compact", compact),
        ("approve of no proposal", person, "approve", {"proposal": id})]
    for why, who, kind, fields in nothing:
        log(f"without effect: {why}", *one, (who, kind, fields, None, "none"))
    log("without effect: condemn of a pack of an open session", *full, (person, "condemn", packs, None, "none"))
    gone = [*full, (writer, "abort", {"session": "99" * 16}, None, "effect")]
    late = [(other, "open", {**opened, "session": "9a" * 16}, None, "effect")]
    log("condemn and sweep of a pack that nobody uses", *gone, (person, "condemn", packs, None, "effect"),
        (person, "sweep", packs, None, "effect"), (person, "sweep", packs, None, "none"))
    log("sweep waits for a session that was open before", *gone, *late, (person, "condemn", packs, None, "effect"),
        (person, "sweep", packs, None, "none"), (other, "abort", {"session": "9a" * 16}, None, "effect"),
        (person, "sweep", packs, None, "effect"))
    log("sweep does not wait for a session that was opened later", *gone, (person, "condemn", packs, None, "effect"),
        *late, (person, "sweep", packs, None, "effect"))
    back = [(writer, "open", {**opened, "session": "9a" * 16}, None, "effect")]
    log("a snapshot saves a condemned pack", *gone, *back, (person, "condemn", packs, None, "effect"),
        (writer, "snapshot", {**snapshot, "session": "9a" * 16}, None, "effect"), (person, "sweep", packs, None, "none"))
    log("without effect: snapshot of a swept pack", *gone, (person, "condemn", packs, None, "effect"), *back,
        (person, "sweep", packs, None, "effect"), (writer, "snapshot", {**snapshot, "session": "9a" * 16}, None, "none"))


def damaged_lines(good):
    """The good log with one line changed as bytes. The records after it stand on what is stored."""
    line = good["in"]["lines"][1]
    changes = {"signature of another record": None, "blank in the envelope": line.replace('":', '": ', 1),
               "no line feed": line[:-1],
               "two line feeds": line + "\n", "another payload type": line.replace("in-toto+json", "in-toto+jsom"),
               "keyid of another member": line.replace('"keyid":"', '"keyid":"00', 1), "no signature": None,
               "not JSON": "{\n",
               "empty object": "{}\n"}
    parts = f.json.loads(line)
    parts["signatures"][0]["sig"] = f.json.loads(good["in"]["lines"][2])["signatures"][0]["sig"]
    changes["signature of another record"] = f.canonical(parts).decode() + "\n"
    parts["signatures"] = []
    changes["no signature"] = f.canonical(parts).decode() + "\n"
    out = []
    for why, text in changes.items():
        made = copy.deepcopy(good)
        made["name"] = f"log: void: {why}"
        made["in"]["lines"] = [*good["in"]["lines"][:1], text]
        made["out"] = {"reason": why, "verdicts": ["effect", "void"]}
        out.append(made)
    return out


def rejections(k):
    return directory_nodes() + extent_forms() + pack_forms(k) + set_forms(k) + identity_forms() + logs(k)
