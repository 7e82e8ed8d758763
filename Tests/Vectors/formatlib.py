"""Writer of the stored form, from docs/FORMAT.md: the primitives that make_vectors.py and selftest.py share.

Plain Python for Debian 12 (python3-cryptography, python3-zstandard). Every source of chance is an argument, so that
the output is reproducible. It is written for comparison, not for speed, and it is no backup program.
"""
import base64
import hashlib
import hmac
import json
import struct
import unicodedata

import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


# Section 1: notation -------------------------------------------------------------------------------------------

def u8(n): return struct.pack(">B", n)
def u16(n): return struct.pack(">H", n)
def u24(n): return struct.pack(">I", n)[1:]
def u32(n): return struct.pack(">I", n)
def u64(n): return struct.pack(">Q", n)
def i64(n): return struct.pack(">q", n)
def lp8(x): return u8(len(x)) + x
def lp16(x): return u16(len(x)) + x
def lp32(x): return u32(len(x)) + x
def sha256(x): return hashlib.sha256(x).digest()
def hmac256(key, data): return hmac.new(key, data, hashlib.sha256).digest()
def canonical(value): return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def hkdf(ikm, info, n=32, salt=b""):
    """RFC 5869, extract then expand. An empty salt is the same HMAC key as 32 zero bytes."""
    prk, out, block, i = hmac256(salt, ikm), b"", b"", 1
    while len(out) < n:
        block = hmac256(prk, block + info + u8(i))
        out, i = out + block, i + 1
    return out[:n]


def gcm(key, aad, x, nonce=bytes(12)): return AESGCM(key).encrypt(nonce, x, aad)
def label0(p): return b"vault/v1/" + p.encode() + b"\0"


def x25519_public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def ed25519_public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def ed25519_sign(seed, message): return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


# Section 4: HPKE -----------------------------------------------------------------------------------------------

def hpke_seal(public, info, aad, plaintext, ephemeral):
    """RFC 9180 base mode, single shot. Returns enc, ciphertext and the exporter value for `kcommit`."""
    enc, key, nonce, commitment = hpke_keys(public, info, ephemeral)
    return enc, gcm(key, aad, plaintext, nonce), commitment


def hpke_keys(public, info, ephemeral):
    """The same as far as the recipient decides it: enc, key, nonce and the exporter value."""
    kem, suite = b"KEM" + u16(0x20), b"HPKE" + u16(0x20) + u16(1) + u16(2)

    def extract(suite_id, salt, name, ikm): return hmac256(salt, b"HPKE-v1" + suite_id + name + ikm)

    def expand(suite_id, prk, name, data, n):
        out, block, i, full = b"", b"", 1, u16(n) + b"HPKE-v1" + suite_id + name + data
        while len(out) < n:
            block = hmac256(prk, block + full + u8(i))
            out, i = out + block, i + 1
        return out[:n]

    enc = x25519_public(ephemeral)
    dh = X25519PrivateKey.from_private_bytes(ephemeral).exchange(X25519PublicKey.from_public_bytes(public))
    shared = expand(kem, extract(kem, b"", b"eae_prk", dh), b"shared_secret", enc + public, 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash", b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    key = expand(suite, secret, b"key", context, 32)
    nonce = expand(suite, secret, b"base_nonce", context, 12)
    exporter = expand(suite, secret, b"exp", context, 32)
    return enc, key, nonce, expand(suite, exporter, b"sec", b"kcommit", 32)


# An attack that section 4 and 5 must withstand --------------------------------------------------------------------

def ghash_multiply(a, b):
    """In GF(2^128) as GCM writes it: the first bit of a block is the lowest power."""
    product = 0
    for bit in range(127, -1, -1):
        product ^= a if b >> bit & 1 else 0
        a = a >> 1 ^ (0xe1 << 120 if a & 1 else 0)
    return product


def ghash_power(a, n):
    result = 1 << 127
    while n:
        result, a, n = ghash_multiply(result, a) if n & 1 else result, ghash_multiply(a, a), n >> 1
    return result


def sealed_for_two(one, other, length):
    """Bytes that AES-256-GCM opens with both of two (key, nonce, additional data): a ciphertext of `length` bytes, a
    multiple of 16, whose first block is solved for, and the tag. What comes out is of no use, but it is authentic."""
    def block(key, data):
        cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        return int.from_bytes(cipher.update(data), "big")

    rest, sides = bytes(range(length - 16)), []
    for key, nonce, aad in (one, other):
        h, tag = block(key, bytes(16)), block(key, nonce + u32(1))
        data = aad + bytes(-len(aad) % 16) + bytes(16) + rest + u64(8 * len(aad)) + u64(8 * length)
        hashed = 0
        for at in range(0, len(data), 16):
            hashed = ghash_multiply(hashed ^ int.from_bytes(data[at:at + 16], "big"), h)
        sides.append((tag ^ hashed, ghash_power(h, length // 16 + 1)))
    (tag, weight), (tag2, weight2) = sides
    first = ghash_multiply(tag ^ tag2, ghash_power(weight ^ weight2, (1 << 128) - 2))
    sealed = first.to_bytes(16, "big") + rest + (tag ^ ghash_multiply(first, weight)).to_bytes(16, "big")
    for key, nonce, aad in (one, other):
        AESGCM(key).decrypt(nonce, sealed, aad)
    return sealed


# Section 5: identities -----------------------------------------------------------------------------------------

class Identity:
    def __init__(self, x25519_secret, ed25519_seed, name, kind):
        self.x, self.e, self.name, self.kind = x25519_secret, ed25519_seed, name, kind
        self.x_public, self.e_public = x25519_public(x25519_secret), ed25519_public(ed25519_seed)
        self.id = sha256(label0("member") + self.x_public + self.e_public)[:16]

    def file(self, anchor="", scrypt=None):
        """The identity file; `scrypt` = (passphrase text, N, kdf salt, salt) locks it, with (…, key file, salt) the
        content of a key file too."""
        value = {"anchor": anchor, "ed25519": self.e_public.hex(), "kdf": {"type": "none"}, "kind": self.kind,
                 "name": self.name, "type": "vault-identity", "version": 0, "x25519": self.x_public.hex()}
        if scrypt is None:
            value["secret"] = (self.x + self.e).hex()
            return canonical(value) + b"\n"
        header, key, value["commitment"] = self.lock(value, scrypt)
        value["sealed"] = gcm(key, header, self.x + self.e).hex()
        return canonical(value) + b"\n"

    @staticmethod
    def lock(value, scrypt):
        """What a locked file is sealed with: its header, which goes into `value`, the key and the commitment."""
        passphrase, n, kdf_salt, salt, *factor = scrypt
        value["kdf"] = {"n": n, "p": 1, "r": 8, "salt": kdf_salt.hex(), "type": "scrypt"}
        value["salt"] = salt.hex()
        if factor:
            value["factor"] = {"salt": factor[1].hex(), "type": "key-file"}
        header = canonical(value)
        s1 = hashlib.scrypt(unicodedata.normalize("NFC", passphrase).encode(), salt=kdf_salt, n=n, r=8, p=1, dklen=32,
                            maxmem=2048 * n)
        if factor:
            s1 += hmac256(sha256(factor[0]), label0("identity/key-file") + factor[1])
        keys = hkdf(s1, label0("identity") + header, 64, salt)
        return header, keys[:32], keys[32:].hex()

    def file_for_two(self, scrypt, other):
        """A file whose sealed part is authentic under two passphrases; its commitment is to the first."""
        value = json.loads(self.file("", scrypt))
        del value["commitment"], value["sealed"]
        header, key, commitment = self.lock(value, scrypt)
        _, key2, _ = self.lock(dict(value), (other, *scrypt[1:]))
        value["sealed"] = sealed_for_two((key, bytes(12), header), (key2, bytes(12), header), 64).hex()
        return canonical(value | {"commitment": commitment}) + b"\n"


def kit_rows(seed):
    """The seed in rows for typing, each with two check letters."""
    text = kit_text(seed).replace("-", "")
    rows = []
    for k in range(7):
        part = text[8 * k:8 * k + 8]
        check = base64.b32encode(sha256(label0("kit/row") + bytes([k + 1]) + part.encode()))[:2].decode()
        rows.append(f"{part[:4]}-{part[4:]} {check}")
    return "\n".join(rows)


def kit_identity(seed):
    return Identity(hkdf(seed, label0("kit/x25519")), hkdf(seed, label0("kit/ed25519")), "recovery kit", "kit")


def gf_multiply(a, b):
    product = 0
    for bit in range(8):
        product ^= a if b >> bit & 1 else 0
        a = a << 1 ^ (0x11b if a & 0x80 else 0)
    return product


def kit_shares(seed, n, coefficients):
    """Section 5: the lines `share` and `proof` of the shares 1 to n; `coefficients` of x, x² and so on, 32 bytes each."""
    kit, out = kit_identity(seed), []
    for x in range(1, n + 1):
        value = bytearray(32)
        for place in range(32):
            power, value[place] = 1, seed[place]
            for coefficient in coefficients:
                power = gf_multiply(power, x)
                value[place] ^= gf_multiply(coefficient[place], power)
        body = bytes([len(coefficients) + 1, n, x]) + kit.id[:5] + value
        text = base64.b32encode(body + sha256(label0("share/checksum") + body)[:5]).decode()
        proof = ed25519_sign(kit.e, label0("share") + sha256(label0("share/value") + body))
        out.append({"share": "-".join(text[k:k + 4] for k in range(0, 72, 4)), "proof": proof.hex()})
    return out


def sealed_share(written, trustee, anchor, ephemeral):
    """Section 5: the line `sealed` of a share."""
    body = base64.b32decode(written.replace("-", ""))[:40]
    enc, sealed, commitment = hpke_seal(trustee.x_public, label0("share/sealed") + trustee.id,
                                        label0("share/sealed-aad") + trustee.id + anchor, body, ephemeral)
    return base64.b64encode(trustee.id + enc + commitment + sealed).decode()


def public_line(identity):
    """Section 5: what a newcomer hands to an administrator."""
    kind, name = identity.kind.encode(), identity.name.encode()
    keys = identity.x_public + identity.e_public
    signature = ed25519_sign(identity.e, label0("public-line") + lp8(kind) + lp8(name) + keys)
    return b"vault-public 0 " + kind + b" " + base64.b64encode(keys + signature) + b" " + name


def kit_text(seed):
    text = base64.b32encode(seed + sha256(label0("kit/checksum") + seed)[:3]).decode()
    return "-".join(text[i:i + 4] for i in range(0, 56, 4))


ROLE_TAGS = {"write": {2, 3, 4}, "read": {1, 2, 3}, "drill": {1, 2, 3}, "maintain": {2}, "administer": set(),
             "audit": set()}


# The keys of one repository and what is derived from them ------------------------------------------------------

class Keys:
    def __init__(self, repo, read, idx, dd, ck, epoch=1, groups=({"name": "default", "number": 1},)):
        self.repo, self.read, self.idx, self.dd, self.ck, self.epoch = repo, read, idx, dd, ck, epoch
        self.groups = list(groups)
        self.read_public = x25519_public(read)
        self.parts = {}  # by name of pack: stanza, i, stored bytes and chunks of each segment

    def label(self, p): return label0(p) + self.repo
    def derive(self, key, p, n=32, salt=b"", after=b""): return hkdf(key, self.label(p) + after, n, salt)

    def seal(self, key, purpose, context, x):
        """Section 3."""
        h = hmac256(self.derive(key, f"seal/{purpose}/hash"), lp32(context) + x)
        keys = hkdf(self.derive(key, f"seal/{purpose}/key"), self.label(f"seal/{purpose}") + h, 64)
        return h + keys[32:] + gcm(keys[:32], self.label(f"seal/{purpose}") + context + h + keys[32:], x)

    def slot_plaintext(self, roles):
        tags = sorted(set().union(*(ROLE_TAGS[role] for role in roles)))
        secrets = {1: self.read, 2: self.idx, 3: self.dd, 4: self.ck}
        return u8(len(tags)) + b"".join(u8(tag) + secrets[tag] for tag in tags)

    def slot(self, member, roles, ephemeral):
        tail = u32(self.epoch) + member.id
        enc, sealed, commitment = hpke_seal(member.x_public, self.label("slot") + tail, self.label("slot-aad") + tail,
                                            self.slot_plaintext(roles), ephemeral)
        return {"commitment": commitment.hex(), "enc": enc.hex(), "epoch": self.epoch, "member": member.id.hex(),
                "sealed": sealed.hex()}

    def wrap(self, after, ephemeral):
        """Of the chain: the secrets of this epoch under those of the next, `after`."""
        tail = u32(self.epoch)
        enc, sealed, commitment = hpke_seal(after.read_public, self.label("chain/read") + tail,
                                            self.label("chain/read-aad") + tail, self.read, ephemeral)
        keys = self.derive(after.idx, "chain/idx", 64, after=tail)
        index = gcm(keys[:32], self.label("chain/idx") + tail + keys[32:], self.idx)
        return {"epoch": self.epoch, "idx": {"commitment": keys[32:].hex(), "sealed": index.hex()},
                "read": {"commitment": commitment.hex(), "enc": enc.hex(), "sealed": sealed.hex()}}

    def begin_group(self, dd, ck):
        """A new dedup group, which begins with the epoch of these keys."""
        tail = u32(len(self.groups))
        keys = self.derive(dd, "chain/dd", 64, after=tail)
        sealed = gcm(keys[:32], self.label("chain/dd") + tail + keys[32:], self.dd)
        self.groups = [*self.groups, {"epoch": self.epoch, "name": self.groups[-1]["name"], "number": len(self.groups) + 1,
                                      "previous": {"commitment": keys[32:].hex(), "sealed": sealed.hex()}}]
        self.dd, self.ck = dd, ck

    def idx_commitment(self): return self.derive(self.idx, "idx-commitment", after=u32(self.epoch))

    def keyring(self, members, ephemerals, chain=(), earlier=()):
        """`members`: (identity, roles, systems). A member whose roles give it no secret gets no slot. `earlier`: the
        keys of the epochs before this one, whose wraps are `chain`."""
        entries = [{"ed25519": m.e_public.hex(), "group": len(self.groups), "id": m.id.hex(), "kind": m.kind, "name": m.name,
                    "roles": sorted(roles), "systems": sorted(systems), "x25519": m.x_public.hex()}
                   for m, roles, systems in members]
        slots = [self.slot(m, roles, e) for (m, roles, _), e in zip(members, ephemerals)
                 if self.slot_plaintext(roles) != b"\0"]
        return {"chain": list(chain), "chunkers": {"database": {"average": 4096}, "files": {"average": 65536}},
                "epoch": self.epoch, "expiry": {"age": 2592000, "keep": 3},
                "groups": self.groups,
                "idx": [{"commitment": k.idx_commitment().hex(), "epoch": k.epoch} for k in (*earlier, self)],
                "members": sorted(entries, key=lambda m: m["id"]), "quorum": {"administrators": 1},
                "readKey": self.read_public.hex(), "reuse": "own",
                "slots": sorted(slots, key=lambda s: (s["epoch"], s["member"])), "witnesses": []}

    # Section 7
    def chunk_id(self, kind, plaintext):
        return hmac256(self.derive(self.dd, "chunk-id"), u8(kind) + sha256(plaintext))[:20]

    def gear(self):
        """The number of the table and its 256 words."""
        for c in range(256):
            words = struct.unpack(">256Q", self.derive(self.ck, "cut/gear", 2048, after=u8(c)))
            if all((-word % 2 ** 64) >> 56 for word in words):
                return c, words

    def cut(self, data, average):
        """End offsets of the chunks of `data`."""
        table, key, ends, start = self.gear()[1], self.derive(self.ck, "cut/sip", 16), [], 0
        while start < len(data):
            start += self._chunk_length(memoryview(data)[start:start + 4 * average], average, table, key)
            ends.append(start)
        return ends

    @staticmethod
    def _chunk_length(data, average, table, key):
        h, mask = 0, 2 ** 64 - 1
        for n in range(1, len(data) + 1):
            h = (2 * h + table[data[n - 1]]) & mask
            if n < average // 4 or h >> 56:
                continue
            limit = (2 ** 70 if n < average else 2 ** 74) // average
            if siphash24(key, bytes(data[n - 64:n])) < limit:
                return n
        return len(data)

    # Section 8
    def stanza(self, pack_class, p, salt):
        """Returns D, the stanza's bytes and its commitment."""
        d = self.derive(p, "pack/data-key", salt=salt)
        b = u8(pack_class) + u8(1) + u32(self.epoch) + u32(1)
        commitment = self.derive(d, "pack/commitment", salt=salt, after=b)
        enc, sealed, _ = hpke_seal(self.read_public, self.label("pack/stanza") + b,
                                   self.label("pack/stanza-aad") + b + salt + commitment, d,
                                   self.derive(p, "pack/ephemeral", salt=salt))
        return d, b + salt + commitment + enc + sealed, commitment

    def segment(self, d, commitment, pack_class, i, chunks, level=None):
        """`chunks`: (id, type, bytes). level None stores raw, otherwise one zstd frame."""
        raw = b"".join(data for _, _, data in chunks)
        codec, body, version = 0, raw, 0
        if level is not None:
            codec, body = 1, zstandard.ZstdCompressor(level=level).compress(raw)
            version = zstandard.ZSTD_VERSION[0] * 10000 + zstandard.ZSTD_VERSION[1] * 100 + zstandard.ZSTD_VERSION[2]
        plaintext = u8(codec) + u32(len(raw)) + body
        hedge = hmac256(self.derive(d, "hedge"), u32(i) + u8(codec) + u8(level or 0) + u32(version) +
                        u32(len(plaintext)) + b"".join(id + u32(len(data)) for id, _, data in chunks))
        aad = self.label("segment") + u8(pack_class) + u32(self.epoch) + commitment + u32(i)
        return hedge + gcm(self.derive(d, "segment", after=hedge), aad, plaintext)

    def pack(self, session, pack_class, segments, p, salt, pad_to=None):
        """`segments`: (level, chunks) each. Returns the pack's bytes and its entry for a PROGRESS record."""
        d, stanza, commitment = self.stanza(pack_class, p, salt)
        header = b"VPCK\0\1" + self.repo + session + u8(1) + u8(pack_class) + u16(1) + stanza
        body, rows, chunk_rows, parts = header, b"", b"", []
        for i, (level, chunks) in enumerate(segments):
            stored = self.segment(d, commitment, pack_class, i, chunks, level)
            parts.append((stanza, i, stored, chunks))
            rows += u16(0) + u32(i) + u32(len(body)) + u32(len(stored)) + u32(len(chunks))
            chunk_rows += b"".join(id + u8(kind) + u24(len(data)) for id, kind, data in chunks)
            body += stored
        directory = self.seal(self.idx, "directory", sha256(header), u16(len(segments)) + rows + chunk_rows)
        length = len(body) + len(directory) + 16
        padding = bytes((pad_to or padme(length)) - length)
        pack = body + directory + padding + u64(len(body)) + u32(len(directory)) + b"VPKE"
        self.parts[sha256(pack)] = parts
        return pack, {"class": pack_class, "directory": sha256(directory).hex(), "epoch": self.epoch,
                      "length": len(pack), "name": sha256(pack).hex(), "segments": len(segments)}

    def moved_pack(self, session, pack_class, moves):
        """`moves`: (name of a pack made here, number of its segment, earlier origins as (name, place)) for each segment.
        Returns the pack's bytes and its entry for a PROGRESS record."""
        taken = [self.parts[name][place] for name, place, _ in moves]
        stanzas = list(dict.fromkeys(stanza for stanza, *_ in taken))
        origins = [dict([(name, place), *earlier]) for name, place, earlier in moves]
        sources = sorted(set(name for row in origins for name in row))
        header = b"VPCK\0\1" + self.repo + session + u8(2) + u8(pack_class) + u16(len(stanzas)) + b"".join(stanzas)
        body, rows, chunk_rows = header, b"", b""
        for stanza, i, stored, chunks in taken:
            rows += u16(stanzas.index(stanza)) + u32(i) + u32(len(body)) + u32(len(stored)) + u32(len(chunks))
            chunk_rows += b"".join(id + u8(kind) + u24(len(data)) for id, kind, data in chunks)
            body += stored
        tail = u16(len(sources)) + b"".join(sources)
        for row in origins:
            tail += u8(len(row)) + b"".join(u16(sources.index(n)) + u16(row[n]) for n in sorted(row))
        x = u16(len(taken)) + rows + chunk_rows + tail
        directory = self.seal(self.idx, "directory", sha256(header), x)
        padding = bytes(padme(len(body) + len(directory) + 16) - len(body) - len(directory) - 16)
        pack = body + directory + padding + u64(len(body)) + u32(len(directory)) + b"VPKE"
        self.parts[sha256(pack)] = taken
        return pack, {"class": pack_class, "directory": sha256(directory).hex(), "epoch": self.epoch,
                      "length": len(pack), "name": sha256(pack).hex(), "segments": len(taken)}

    # Section 9
    def nodes(self, kind, level0):
        """Cuts level-0 entries, given as (encoded, name, disclosure leaf), into nodes. Returns the nodes' plaintexts,
        children first; the last one is the top node."""
        level, entries, done = 0, [(data, name, leaf, 1) for data, name, leaf in level0], []
        while True:
            groups = self._groups(entries, level)
            made = [(u8(1) + u8(level) + u32(len(g)) + b"".join(e[0] for e in g), g) for g in groups]
            done += [node for node, _ in made]
            if len(made) == 1:
                return done, tree_hash([e[2] for e in made[0][1]])
            entries = []
            for node, group in made:
                root, below, name = tree_hash([e[2] for e in group]), sum(e[3] for e in group), group[-1][1]
                entries.append((lp16(name) + self.chunk_id(kind, node) + u64(below) + root, name,
                                sha256(b"\0" + root), below))
            level += 1

    def _groups(self, entries, level):
        limit = 256 << 10
        if 6 + sum(len(e[0]) for e in entries) <= limit:
            return [entries]
        key, groups, size, cut = self.derive(self.dd, "node-cut", after=u8(level)), [], 0, True
        for entry in entries:
            if cut or size + len(entry[0]) > limit:
                groups.append([])
                size = 6
            groups[-1].append(entry)
            size += len(entry[0])
            cut = int.from_bytes(hmac256(key, entry[1])[:8], "big") % 256 == 0
        return groups

    def disclosure_leaf(self, kind, name, size, seconds, nanoseconds, t):
        body = u8(kind) + lp16(name) + u64(size) + i64(seconds) + u32(nanoseconds) + t
        return sha256(b"\0" + hmac256(self.derive(self.dd, "disclosure"), body) + body)

    # Section 10
    def segment_map(self, session, used):
        """`used`: per pack, a list of booleans."""
        x = b""
        for flags in used:
            bits = bytearray((len(flags) + 7) // 8)
            for k, flag in enumerate(flags):
                bits[k // 8] |= flag << k % 8
            x += u16(len(flags)) + bytes(bits)
        return b"VMAP\0" + self.repo + u32(self.epoch) + self.seal(self.idx, "segment-map", session, x)


def siphash24(key, data):
    """SipHash-2-4 (Aumasson and Bernstein), the 64-bit value."""
    mask = 2 ** 64 - 1
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rotate(x, n): return (x << n | x >> 64 - n) & mask

    def rounds(count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & mask
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[3]) & mask
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & mask
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & mask
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    last = data[len(data) // 8 * 8:]
    words = list(struct.unpack(f"<{len(data) // 8}Q", data[:len(data) // 8 * 8]))
    words.append(int.from_bytes(last, "little") | (len(data) & 255) << 56)
    for word in words:
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 255
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def padme(n):
    if n < 2:
        return n
    e = n.bit_length() - 1
    step = 1 << (e - e.bit_length())
    return (n + step - 1) // step * step


# Sections 7 and 9: items and entries ---------------------------------------------------------------------------

def hole(length): return b"\0" + u64(length)
def chunk_item(id, length): return b"\1" + id + u24(length)
def run_item(id, first, count): return b"\2" + id + u32(first) + u32(count)


def list_node(items): return b"\1\0" + u32(len(items)) + b"".join(items)


def list_inner_node(level, children):
    """`children`: (id, bytes covered, items below)."""
    return b"\1" + u8(level) + u32(len(children)) + b"".join(id + u64(n) + u32(k) for id, n, k in children)


def content_digest(extents):
    """`extents`: chunk contents, or a number for a hole of that length."""
    if not extents or (len(extents) == 1 and isinstance(extents[0], bytes)):
        return b"\1" + sha256(b"".join(extents))
    rows = [u8(0) + u64(x) + bytes(32) if isinstance(x, int) else u8(1) + u64(len(x)) + sha256(x) for x in extents]
    return b"\2" + sha256(b"".join(rows))


KINDS = {"file": 1, "directory": 2, "link": 3, "character": 4, "block": 5, "fifo": 6, "socket": 7}


def entry(name, kind, mode=0o644, owner=0, group=0, owner_name=b"root", group_name=b"root", mtime=(0, 0), size=0,
          attributes=()):
    """A level-0 entry without its outer lp32. `attributes`: (tag, value), sorted here."""
    rows = sorted(attributes, key=lambda a: a[0] & 0x7fff)
    return (lp16(name) + u8(KINDS.get(kind, kind)) + u16(mode) + u32(owner) + u32(group) + lp8(owner_name) +
            lp8(group_name) + i64(mtime[0]) + u32(mtime[1]) + u64(size) + u16(len(rows)) +
            b"".join(u16(tag) + lp32(value) for tag, value in rows))


def xattrs(rows):
    """`rows`: (name, value bytes) or (name, (chunk id, length))."""
    out = u16(len(rows))
    for name, value in sorted(rows, key=lambda row: row[0]):
        out += lp16(name) + (u8(0) + lp32(value) if isinstance(value, bytes) else u8(1) + value[0] + u24(value[1]))
    return out


def tree_hash(leaves):
    """RFC 6962 over leaf hashes."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + tree_hash(leaves[:k]) + tree_hash(leaves[k:]))


# Sections 10 and 11: sets and records --------------------------------------------------------------------------

def leb128(n):
    out = b""
    while n > 127:
        out, n = out + u8(n & 127 | 128), n >> 7
    return out + u8(n)


def pack_set(ordinals):
    out, after, rest = b"", 0, sorted(ordinals)
    while rest:
        run = 1
        while run < len(rest) and rest[run] == rest[0] + run:
            run += 1
        out += leb128(rest[0] - after) + leb128(run)
        after, rest = rest[0] + run, rest[run:]
    return out


def set_object(repo, encoded): return b"VSET\0" + repo + encoded


def object_name(folder, content):
    name = sha256(content).hex()
    return f"{folder}/{name[:2]}/{name}"


def record_name(position): return f"log/{position >> 12:09x}/{position:012x}"


TYPE = "application/vnd.in-toto+json"


def envelope(payload, seed, member_id):
    pae = f"DSSEv1 {len(TYPE)} {TYPE} {len(payload)} ".encode() + payload
    return canonical({"payload": base64.b64encode(payload).decode(), "payloadType": TYPE, "signatures": [
        {"keyid": member_id.hex(), "sig": base64.b64encode(ed25519_sign(seed, pae)).decode()}]}) + b"\n"


class Log:
    """Makes records. `lines` holds the stored bytes by position."""

    def __init__(self, repo):
        self.repo, self.lines, self.sequence = repo, [], {}

    def add(self, writer, time, kind, fields, change=None, count=True):
        """`change` edits the statement before it is signed, for rejection tests; `count` False: the record is void."""
        position, previous = len(self.lines), sha256(self.lines[-1]).hex() if self.lines else "00" * 32
        sequence = self.sequence.get(writer.id, 0)
        predicate = {"kind": kind, "lineage": self.repo.hex(), "position": position, "previous": previous,
                     "repository": self.repo.hex(), "sequence": sequence, "time": time, "version": 0,
                     "writer": writer.id.hex(), **fields}
        statement = {"_type": "https://in-toto.io/Statement/v1", "predicate": predicate,
                     "predicateType": "https://vault-backup.org/record/v0", "subject": subjects(predicate)}
        if change:
            change(statement)
        self.lines.append(envelope(canonical(statement), writer.e, writer.id))
        if count:
            self.sequence[writer.id] = sequence + 1
        return self.lines[-1]


def subjects(predicate):
    def row(folder, name): return (f"{folder}/{name[:2]}/{name}", name)
    kind, rows = predicate["kind"], []
    if kind == "genesis":
        rows = [("keyring", sha256(canonical(predicate["keyring"])).hex())]
    elif kind == "progress":
        rows = [row("index", name) for name in predicate["index"]]
        rows += [row("packs", pack["name"]) for pack in predicate["packs"]]
    elif kind == "snapshot":
        rows = [row("sets", predicate["map"])]
        if isinstance(predicate["set"], dict):
            rows.append(row("sets", predicate["set"]["object"]))
    elif kind == "compact":
        rows = [row("sets", m["map"]) for m in predicate["maps"]]
    elif kind == "drill":
        rows = [row("evidence", predicate["evidence"])]
    rows = rows or [("log/previous", predicate["previous"])]
    return [{"digest": {"sha256": digest}, "name": name} for name, digest in rows]
