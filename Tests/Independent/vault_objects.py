"""What docs/FORMAT.md says about packs, nodes and extents (sections 7 to 9), for vault_reader.py beside this file.

Nothing here reads or writes a file: bytes go in; values, or Damage with the reason, come out.
"""
import collections

import zstandard
from vault_format import Bytes, Damage, increasing, need, sha256


# Section 8: packs ----------------------------------------------------------------------------------------------

Stanza = collections.namedtuple("Stanza", "pack_class epoch binding salt commitment enc sealed")
Segment = collections.namedtuple("Segment", "stanza i offset length chunks")  # chunks: (id, type, length)


def parse_header(data, repo):
    """Class, stanzas and the number of bytes of a pack's header."""
    b = Bytes(data)
    need(b.raw(4) == b"VPCK" and b.u8() == 0 and b.u8() == 1, "not a pack of version 0, suite 1")
    need(b.raw(16) == repo, "pack of another repository")
    b.raw(16)
    kind, pack_class, stanzas = b.u8(), b.u8(), []
    need(kind in (1, 2) and pack_class in (1, 2), "unknown kind or class of pack")
    n = b.u16()
    need(n == 1 or kind == 2 and n > 1, "wrong number of stanzas")
    for _ in range(n):
        binding = b.raw(10)
        s = Stanza(binding[0], int.from_bytes(binding[2:6], "big"), binding, b.raw(32), b.raw(32), b.raw(32), b.raw(48))
        need(s.pack_class == pack_class and binding[1] == 1 and s.epoch and any(binding[6:]),
             "stanza is not in its form")
        stanzas.append(s)
    return pack_class, stanzas, b.at, kind


def parse_trailer(data, pack_length, header_length):
    b = Bytes(data)
    offset, length = b.u64(), b.u32()
    need(b.raw(4) == b"VPKE", "no trailer")
    need(length >= 80 and offset >= header_length and offset + length <= pack_length - 16, "directory is out of bounds")
    return offset, length


def parse_directory(x, pack_class, stanzas, start, end, ordinary=True):
    """The segments of a pack; `start` and `end` are where they begin and end in it."""
    b, rows, out = Bytes(x), [], []
    n = b.u16()
    need(n, "no segment")
    for k in range(n):
        row = stanza, i, offset, length, chunks = b.u16(), b.u32(), b.u32(), b.u32(), b.u32()
        need(stanza < stanzas and chunks and offset == start and length > 53, "segment is not in its form")
        need(not ordinary or stanza == 0 and i == k, "index is not the place")
        rows.append(row)
        start += length
    need(start == end, "segments do not reach the directory")
    for stanza, i, offset, length, n in rows:
        need(n * 24 <= len(x), "too many chunks")
        chunks = [(b.raw(20), b.u8(), b.number(3)) for _ in range(n)]
        need(all(size and (kind == 1 if pack_class == 1 else kind in (2, 3, 4)) for _, kind, size in chunks), "chunk")
        need(sum(size for _, _, size in chunks) <= 16 << 20, "segment too large")
        out.append(Segment(stanza, i, offset, length, chunks))
    if not ordinary:
        parse_origins(b, len(out))
    b.end()
    return out


def parse_origins(b, segments):
    """Where the segments of a moved pack stood before: per segment, {pack name: number of the segment there}."""
    n = b.u16()
    need(n, "no source")
    sources = [b.raw(32) for _ in range(n)]
    need(increasing(sources), "sources out of order")
    rows = [[(b.u16(), b.u16()) for _ in range(b.u8())] for _ in range(segments)]
    need(all(row and increasing([k for k, _ in row]) for row in rows), "origins are not in their form")
    need({k for row in rows for k, _ in row} == set(range(n)), "a source is of no segment, or not there")
    return [{sources[k]: place for k, place in row} for row in rows]


def segment_content(plaintext, raw_length):
    b = Bytes(plaintext)
    codec, stated = b.u8(), b.u32()
    need(codec in (0, 1) and stated == raw_length, "codec, or raw length differs from the directory")
    if codec == 0:
        need(len(plaintext) == 5 + raw_length, "raw length differs")
        return plaintext[5:]
    frame, out = zstandard.ZstdDecompressor(max_window_size=16 << 20).decompressobj(), bytearray()
    try:
        for at in range(5, len(plaintext), 4096):  # in small steps: a bomb is noticed early
            need(not frame.eof and len(out) <= raw_length, "bytes after the zstd frame")
            out += frame.decompress(plaintext[at:at + 4096])
    except zstandard.ZstdError as error:
        raise Damage(f"zstd: {error}") from None
    need(frame.eof and not frame.unused_data and len(out) == raw_length, "zstd frame has another length")
    return bytes(out)


# Sections 7 and 9: extents and entries -------------------------------------------------------------------------

def parse_items(data, n=None):
    """Items: ("hole", length), ("chunk", id, length) or ("run", id, first, count). `n`: how many there must be."""
    b, items, total = Bytes(data), [], 0
    while b.more() and (n is None or len(items) < n):
        tag = b.u8()
        need(tag < 3, "unknown item")
        item = ("hole", b.u64()) if tag == 0 else ("chunk", b.raw(20), b.number(3)) if tag == 1 else \
            ("run", b.raw(20), b.u32(), b.u32())
        need(item[-1] and (tag != 2 or item[2] + item[3] < 1 << 32), "item covers nothing, or too much")
        need(tag != 0 or not items or items[-1][0] != "hole", "two holes in a row")
        total += item[-1] if tag != 2 else 0
        need(total < 1 << 63, "lengths too large")
        items.append(item)
    need(n is None or n == len(items), "count differs")
    b.end()
    return items


def parse_list_node(data):
    """Level and items, or children as (id, bytes covered, items below)."""
    b = Bytes(data)
    need(b.u8() == 1, "unknown version of list node")
    level, n = b.u8(), b.u32()
    need(level < 8 and n and len(data) <= 512 << 10, "level, count or size of a list node")
    if level == 0:
        return 0, parse_items(data[6:], n)
    need(n == (len(data) - 6) / 32, "count differs")
    children = [(b.raw(20), b.u64(), b.u32()) for _ in range(n)]
    need(all(size and items for _, size, items in children), "child covers nothing")
    return level, children


Entry = collections.namedtuple("Entry",
                               "name kind mode owner group owner_name group_name seconds nanoseconds size values")
FILE, DIRECTORY, LINK, CHARACTER, BLOCK, FIFO, SOCKET = range(1, 8)
KINDS_OF_TAG = {0x8001: {1}, 0x8002: {1}, 0x8003: {1}, 0x8004: {3}, 0x8005: {4, 5}, 0x8006: {2},
                0x8007: {1, 3, 4, 5, 6, 7},
                0x0008: set(range(1, 8)), 0x0009: {1, 2}, 0x800a: set(range(1, 8)), 0x000b: set(range(1, 8))}
FLAGS = (0x20 | 0x10 | 0x40 | 0x80 | 0x8 | 0x10000 | 0x800000 | 0x4 | 0x400 | 0x1 | 0x2 | 0x4000 | 0x8000 | 0x20000
         | 0x20000000 | 0x2000000)


def good_name(name):
    return 1 <= len(name) <= 255 and name not in (b".", b"..") and b"/" not in name and b"\0" not in name


def parse_entry(data, root=False):
    """A level-0 entry. `root`: that of `/` in the private part."""
    b = Bytes(data)
    e = [b.lp(2), b.u8(), b.u16(), b.u32(), b.u32(), b.lp(1), b.lp(1), b.i64(), b.u32(), b.u64()]
    attributes = [(b.u16(), b.lp(4)) for _ in range(b.u16())]
    b.end()
    entry = Entry(*e, dict(attributes))
    need(entry.name == b"" and entry.kind == DIRECTORY if root else good_name(entry.name), "bad name")
    need(1 <= entry.kind <= 7 and entry.mode < 4096 and entry.nanoseconds < 10 ** 9, "kind, mode or time")
    need(increasing([tag & 0x7fff for tag, _ in attributes]), "attributes out of order")
    check_attributes(entry, root)
    return entry


def check_attributes(e, root):
    for tag, value in e.values.items():
        known = {t & 0x7fff for t in KINDS_OF_TAG}
        need(tag in KINDS_OF_TAG or not tag & 0x8000 and tag not in known, f"unknown critical attribute {tag:#06x}")
        need(e.kind in KINDS_OF_TAG.get(tag, {e.kind}), f"attribute {tag:#06x} does not belong to this kind")
    v = e.values
    read = v.get(0x800a) != b"\2"
    need(v.get(0x800a, b"\1") in (b"\1", b"\2") and (read or e.size == 0 and not any(0x8001 <= t <= 0x8006 for t in v)),
         "incomplete")
    wanted = {FILE: 0x8001, LINK: 0x8004, CHARACTER: 0x8005, BLOCK: 0x8005, DIRECTORY: 0x8006}.get(e.kind)
    need(not read or root or wanted in (None, *v), "an attribute is missing")
    need(not root or 0x8006 not in v, "root entry with child")
    if 0x8001 in v:
        need(len(v[0x8001]) == 33 and v[0x8001][0] in (1, 2), "digest")
        need((0x8002 in v) + (0x8003 in v) == (e.size > 0), "extents")
    if 0x8002 in v:
        items = parse_items(v[0x8002])
        need(1 <= len(items) <= 8, "number of extents")
        if all(item[0] != "run" for item in items):
            need(sum(item[-1] for item in items) == e.size, "extents do not cover the size")
            need((len(items) == 1 and items[0][0] == "chunk") == (v[0x8001][0] == 1), "kind of digest")
    if 0x8004 in v:
        need(1 <= len(v[0x8004]) <= 4095 and b"\0" not in v[0x8004] and e.size == len(v[0x8004]), "link target")
    need(e.kind in (FILE, LINK) or e.size == 0, "size")
    lengths = {0x8003: 20, 0x8005: 8, 0x8006: 52, 0x0009: 4, 0x000b: 12}
    need(all(len(v[tag]) == n for tag, n in lengths.items() if tag in v), "length of an attribute")
    need(0x8007 not in v or all(map(good_name, v[0x8007].split(b"/"))), "hard-link group")
    need(int.from_bytes(v.get(0x000b, b"")[8:], "big") < 10 ** 9, "access time")
    need(0x0009 not in v or not int.from_bytes(v[0x0009], "big") & ~FLAGS, "unknown file flag")
    parse_xattrs(v.get(0x0008, b"\0\0"))


def parse_xattrs(data):
    """(name, value) or (name, (chunk id, length)) each."""
    b, rows = Bytes(data), []
    for _ in range(b.u16()):
        name, form = b.lp(2), b.u8()
        need(form < 2 and 1 <= len(name) <= 255 and b"\0" not in name, "extended attribute")
        rows.append((name, b.lp(4) if form == 0 else (b.raw(20), b.number(3))))
    b.end()
    need(increasing([name for name, _ in rows]), "extended attributes out of order")
    return rows


def parse_node(data):
    """Level, and (last name, id, entries below, disclosure root) each, or (name, Entry or Damage) each on level 0."""
    b, rows = Bytes(data), []
    need(b.u8() == 1, "unknown version of node")
    level, n = b.u8(), b.u32()
    need(level < 8 and (n or level == 0) and (len(data) <= 512 << 10 or n == 1), "level, count or size of a node")
    for _ in range(n):
        if level:
            rows.append((b.lp(2), b.raw(20), b.u64(), b.raw(32)))
            need(good_name(rows[-1][0]) and rows[-1][2], "inner entry")
            continue
        body = b.lp(4)
        name = Bytes(body).lp(2)
        try:
            rows.append((name, parse_entry(body)))
        except Damage as problem:
            rows.append((name, problem))
    b.end()
    need(increasing([row[0] for row in rows]), "names out of order")
    return level, rows


def tree_hash(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + tree_hash(leaves[:k]) + tree_hash(leaves[k:]))
