"""What docs/FORMAT.md says about bytes, keys and the log, for vault_reader.py, which stands beside this file.

Nothing here reads or writes a file: bytes go in; values, or Damage with the reason, come out.
"""
import base64
import collections
import datetime
import hashlib
import hmac
import json
import re
import unicodedata

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class Damage(Exception):
    """Stored bytes are not what they must be."""


class Stop(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


def need(condition, text):
    if not condition:
        raise Damage(text)


# Section 1: notation -------------------------------------------------------------------------------------------

class Bytes:
    """Takes bytes apart; every read checks that there is enough left."""
    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, n):
        need(n <= len(self.data) - self.at, f"ends early at byte {self.at}")
        self.at += n
        return bytes(self.data[self.at - n:self.at])

    def number(self, n): return int.from_bytes(self.raw(n), "big")
    def u8(self): return self.number(1)
    def u16(self): return self.number(2)
    def u32(self): return self.number(4)
    def i64(self): return int.from_bytes(self.raw(8), "big", signed=True)
    def lp(self, width): return self.raw(self.number(width))
    def more(self): return self.at < len(self.data)

    def u64(self):
        value = self.number(8)
        need(value < 1 << 63, "number too large")
        return value

    def end(self): need(not self.more(), f"bytes after the end, at {self.at}")


def u(width, n): return n.to_bytes(width, "big")
def sha256(x): return hashlib.sha256(x).digest()
def mac(key, x): return hmac.new(key, x, hashlib.sha256).digest()
def label0(p): return b"vault/v1/" + p.encode() + b"\0"


def expand(prk, info, n):
    out = block = b""
    for i in range(1, (n + 31) // 32 + 1):
        block = mac(prk, block + info + u(1, i))
        out += block
    return out[:n]


def hkdf(ikm, info, n=32, salt=b""): return expand(mac(salt, ikm), info, n)


def decrypt(key, aad, sealed, what, nonce=bytes(12)):
    try:
        return AESGCM(key).decrypt(nonce, sealed, aad)
    except (InvalidTag, ValueError):
        raise Damage(f"{what} does not decrypt") from None


def canonical(value): return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def parse_json(data):
    def plain(value, depth):
        need(isinstance(value, (str, bool)) or type(value) is int and 0 <= value < 1 << 53 or
             isinstance(value, (list, dict)) and depth < 32, "JSON holds a value that is not allowed")
        for item in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
            plain(item, depth + 1)
    try:
        value = json.loads(data.decode())
        plain(value, 0)
        need(canonical(value) == data, "JSON is not canonical")
        return value
    except (ValueError, RecursionError):
        raise Damage("not JSON") from None


# A form describes JSON: a function, a set of values, a dict (exactly these members), [form] or (either, or).
def fits(value, form):
    if isinstance(form, dict):
        return isinstance(value, dict) and value.keys() == form.keys() and all(fits(value[k], form[k]) for k in form)
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(item, form[0]) for item in value)
    if isinstance(form, tuple):
        return any(fits(value, one) for one in form)
    if isinstance(form, set):
        return any(value == one and type(value) is type(one) for one in form)
    return bool(form(value))


def hex_of(n): return lambda v: isinstance(v, str) and re.fullmatch(f"[0-9a-f]{{{2 * n}}}", v)
def hex_any(v): return isinstance(v, str) and re.fullmatch("([0-9a-f][0-9a-f])*", v)
def text(v): return isinstance(v, str)
def count(v): return type(v) is int
def above0(v): return type(v) is int and v > 0
def up_to(high): return lambda v: above0(v) and v <= high
def empty(v): return v == []
def power(low, high): return lambda v: type(v) is int and low <= v <= high and v & v - 1 == 0
def increasing(rows): return all(a < b for a, b in zip(rows, rows[1:]))


def milliseconds(v):
    since = datetime.datetime.fromisoformat(v[:-1]) - datetime.datetime(1970, 1, 1)
    return since // datetime.timedelta(milliseconds=1)


def time(v):
    try:
        return isinstance(v, str) and re.fullmatch("[0-9-]{10}T[0-9:]{8}[.][0-9]{3}Z", v) and milliseconds(v) >= 0
    except ValueError:
        return False


# Sections 4 to 6: HPKE, identities, slots ----------------------------------------------------------------------

def raw_public(private): return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def hpke_open(secret, enc, info, aad, sealed, what, commitment=None):
    kem, suite = b"HPKE-v1KEM\0\x20", b"HPKE-v1HPKE\0\x20\0\1\0\2"
    private = X25519PrivateKey.from_private_bytes(secret)
    try:
        dh = private.exchange(X25519PublicKey.from_public_bytes(enc))
    except ValueError:  # the result would be all zeros
        raise Damage(f"{what} has a bad key") from None
    shared = expand(mac(b"", kem + b"eae_prk" + dh), u(2, 32) + kem + b"shared_secret" + enc + raw_public(private), 32)
    context = b"\0" + mac(b"", suite + b"psk_id_hash") + mac(b"", suite + b"info_hash" + info)
    prk = mac(shared, suite + b"secret")
    key, nonce, exporter = (expand(prk, u(2, n) + suite + name + context, n)
                            for name, n in ((b"key", 32), (b"base_nonce", 12), (b"exp", 32)))
    if commitment is not None:
        need(expand(exporter, u(2, 32) + suite + b"sec" + b"kcommit", 32) == commitment,
             f"{what}: key commitment differs")
    return decrypt(key, aad, sealed, what, nonce)


class Me(collections.namedtuple("Me", "x25519 id anchor head")):
    """An opened identity; x25519 is None when the secrets were not asked for."""


def member_id(x_public, e_public): return sha256(label0("member") + x_public + e_public)[:16]


def from_secrets(x, seed, anchor, head=None):
    x_public = raw_public(X25519PrivateKey.from_private_bytes(x))
    e_public = raw_public(Ed25519PrivateKey.from_private_bytes(seed))
    return Me(x, member_id(x_public, e_public), anchor, head), x_public.hex(), e_public.hex()


def open_identity(data, passphrase=None, key_file=None):
    """`passphrase`, `key_file`: functions that give it; without `passphrase` only the public part is read."""
    need(data.endswith(b"\n"), "identity file does not end with its line")
    value = parse_json(data[:-1])
    need(isinstance(value, dict), "identity file is no object")
    form = {"anchor": ({""}, hex_of(32)), "ed25519": hex_of(32), "x25519": hex_of(32), "kind": {"person", "machine"},
            "name": lambda v: text(v) and 1 <= len(v.encode()) <= 64, "type": {"vault-identity"}, "version": {0}}
    kdf = {"n": power(1 << 15, 1 << 20), "p": {1}, "r": {8}, "salt": hex_of(32), "type": {"scrypt"}}
    locked = {**form, "kdf": kdf, "salt": hex_of(32), "commitment": hex_of(32), "sealed": hex_of(80)}
    name = sized_text(64)
    factor = ({"salt": hex_of(32), "type": {"key-file"}},
              {"key": name, "salt": hex_of(32), "serial": name, "type": {"pkcs11"}})
    need(fits(value, ({**form, "kdf": {"type": {"none"}}, "secret": hex_of(64)}, locked, {**locked, "factor": factor})),
         "not an identity file of version 0")
    if "secret" in value:
        secrets = bytes.fromhex(value["secret"])
    elif passphrase is None:
        return Me(None, None, value["anchor"], None)
    else:
        header = canonical({k: v for k, v in value.items() if k not in ("commitment", "sealed")})
        words = unicodedata.normalize("NFC", passphrase()).encode()
        s1 = hashlib.scrypt(words, salt=bytes.fromhex(value["kdf"]["salt"]), n=value["kdf"]["n"], r=8, p=1, dklen=32,
                            maxmem=2048 * value["kdf"]["n"])
        if "factor" in value:
            need(value["factor"]["type"] == "key-file" and key_file, "identity: its key file is needed")
            s1 += mac(sha256(key_file()), label0("identity/key-file") + bytes.fromhex(value["factor"]["salt"]))
        keys = hkdf(s1, label0("identity") + header, 64, bytes.fromhex(value["salt"]))
        if keys[32:].hex() != value["commitment"]:
            raise Stop(12, "wrong passphrase")
        secrets = decrypt(keys[:32], header, bytes.fromhex(value["sealed"]), "identity")
    me, x_public, e_public = from_secrets(secrets[:32], secrets[32:], value["anchor"])
    need((x_public, e_public) == (value["x25519"], value["ed25519"]),
         "identity: public keys are not those of the secrets")
    return me


def kit_seed(words):
    words = re.sub("[-\\s]", "", words).replace("0", "O").replace("8", "B")
    need(re.fullmatch("[A-Za-z2-7]{56}", words), "recovery kit: the seed has 56 letters A to Z and digits 2 to 7")
    data = base64.b32decode(words.upper())
    need(sha256(label0("kit/checksum") + data[:32])[:3] == data[32:], "recovery kit: the seed is mistyped")
    return data[:32]


def open_kit(data):
    lines = {}
    for name, value in re.findall("(?m)^(seed|repository|anchor|location|head):(.*)$", data.decode("utf-8", "replace")):
        need(name not in lines, f"recovery kit: two lines {name}")
        lines[name] = value.strip()
    need("seed" in lines and fits(lines.get("anchor"), hex_of(32)),
         "recovery kit: the lines seed and anchor are needed")
    head = re.fullmatch("([0-9]{1,15}) +([0-9a-f]{64})", lines["head"]) if "head" in lines else None
    need(head or "head" not in lines, "recovery kit: head is a position and a digest")
    seed = kit_seed(lines["seed"])
    return from_secrets(hkdf(seed, label0("kit/x25519")), hkdf(seed, label0("kit/ed25519")), lines["anchor"],
                        head and (int(head[1]), head[2]))[0]


def gf_multiply(a, b):
    product = 0
    while b:
        product, a, b = product ^ (a if b & 1 else 0), a << 1 ^ (0x11b if a & 0x80 else 0), b >> 1
    return product


def gf_inverse(a): return next(b for b in range(1, 256) if gf_multiply(a, b) == 1)


def join_shares(texts):
    """The seed that written shares give together."""
    bodies = {}
    for words in texts:
        data = base64.b32decode(words.replace("-", ""))
        body = data[:40]
        need(len(data) == 45 and sha256(label0("share/checksum") + body)[:5] == data[40:], "a share is mistyped")
        bodies[body[2]] = body
    heads = {(b[0], b[1], b[3:8]) for b in bodies.values()}
    need(len(heads) == 1, "the shares are not of one kit")
    needed, n, kit = heads.pop()
    need(2 <= needed <= n <= 32 and all(1 <= x <= n for x in bodies) and len(bodies) >= needed, "too few shares")
    seed, used = bytearray(32), sorted(bodies)[:needed]
    for x in used:
        weight = 1
        for y in used:
            weight = weight if x == y else gf_multiply(weight, gf_multiply(y, gf_inverse(x ^ y)))
        for k in range(32):
            seed[k] ^= gf_multiply(weight, bodies[x][8 + k])
    me = from_secrets(hkdf(bytes(seed), label0("kit/x25519")), hkdf(bytes(seed), label0("kit/ed25519")), "")[0]
    need(me.id[:5] == kit, "one of the shares is wrong")
    return bytes(seed)


def open_share(me, anchor, sealed):
    """The written share that is sealed to an identity."""
    data = base64.b64decode(sealed, validate=True)
    need(len(data) == 136 and data[:16] == me.id, "the share is sealed to somebody else")
    body = hpke_open(me.x25519, data[16:48], label0("share/sealed") + me.id, label0("share/sealed-aad") + me.id + anchor,
                     data[80:], "a share", data[48:80])
    return base64.b32encode(body + sha256(label0("share/checksum") + body)[:5]).decode()


TAGS = {"write": {2, 3, 4}, "read": {1, 2, 3}, "drill": {1, 2, 3}, "maintain": {2}, "administer": set(), "audit": set()}


def parse_slot(data):
    b = Bytes(data)
    rows = [(b.u8(), b.raw(32)) for _ in range(b.u8())]
    b.end()
    need(increasing([tag for tag, _ in rows]) and all(1 <= tag <= 4 for tag, _ in rows), "slot has wrong tags")
    return dict(rows)


WRAP = {"epoch": above0, "idx": {"commitment": hex_of(32), "sealed": hex_of(48)},
        "read": {"commitment": hex_of(32), "enc": hex_of(32), "sealed": hex_of(48)}}
KEYRING = {
    "chain": [WRAP], "chunkers": {"database": {"average": power(2048, 1 << 22)},
                                 "files": {"average": power(2048, 1 << 22)}},
    "epoch": above0, "expiry": {"age": count, "keep": count}, "groups": lambda v: isinstance(v, list),
    "idx": [{"commitment": hex_of(32), "epoch": above0}], "quorum": {"administrators": above0}, "readKey": hex_of(32),
    "members": [{"ed25519": hex_of(32), "group": above0, "id": hex_of(16), "kind": {"person", "machine", "kit"},
                 "name": text,
                 "roles": [set(TAGS)], "systems": [text], "x25519": hex_of(32)}], "reuse": {"own"}, "witnesses": empty,
    "slots": [{"commitment": hex_of(32), "enc": hex_of(32), "epoch": above0, "member": hex_of(16), "sealed": hex_any}]}


GROUP = {"name": text, "number": above0}
LATER_GROUP = {**GROUP, "epoch": above0, "previous": {"commitment": hex_of(32), "sealed": hex_of(48)}}


def valid_groups(groups, epoch):
    epochs = [g["epoch"] for g in groups[1:] if isinstance(g, dict) and "epoch" in g]
    return (groups and fits(groups[0], GROUP) and all(fits(g, LATER_GROUP) for g in groups[1:]) and
            [g["number"] for g in groups] == list(range(1, len(groups) + 1)) and increasing([1, *epochs]) and
            all(e <= epoch for e in epochs))


def valid_keyring(k):
    return (fits(k, KEYRING) and valid_groups(k["groups"], k["epoch"]) and
            all(m["group"] == len(k["groups"]) for m in k["members"]) and [c["epoch"] for c in k["chain"]] == list(range(1, k["epoch"])) and
            increasing([m["id"] for m in k["members"]]) and
            all(increasing(m["roles"]) and increasing(m["systems"]) and m["id"] ==
                member_id(bytes.fromhex(m["x25519"]), bytes.fromhex(m["ed25519"])).hex() for m in k["members"]) and
            increasing([(s["epoch"], s["member"]) for s in k["slots"]]))


# Sections 10 and 11: sets and the log --------------------------------------------------------------------------

def parse_set(data):
    """Ordinals as (first, end) runs."""
    def leb128():
        value, shift = 0, 0
        while True:
            byte = b.u8()
            value |= (byte & 127) << shift
            need(value < 1 << 63 and (byte or not shift), "number not in its shortest form, or too large")
            if byte < 128:
                return value
            shift += 7
    b, runs, after = Bytes(data), [], 0
    while b.more():
        gap, run = leb128(), leb128()
        need(run and (gap or not runs) and after + gap + run < 1 << 63, "pack set is not in its form")
        runs.append((after + gap, after + gap + run))
        after += gap + run
    return runs


def parse_set_object(repo, data):
    need(data[:21] == b"VSET\0" + repo and len(data) > 21 + 2048, "not a set object of this repository")
    return parse_set(data[21:])


def parse_bitmap(x, counts):
    b, out = Bytes(x), []
    for n in counts:
        need(b.u16() == n, "segment map does not fit")
        bits = int.from_bytes(b.raw((n + 7) // 8), "little")
        need(bits >> n == 0, "segment map has spare bits")
        out.append(bits)
    b.end()
    return out


def set_hex(v): return hex_any(v) and len(v) <= 4096



def recorded_set(v):
    """A pack set as DRILL and ATTEST have it."""
    try:
        return hex_any(v) and len(v) <= 2 * 131_072 and parse_set(bytes.fromhex(v)) is not None
    except Damage:
        return False


def recorded_packs(v): return recorded_set(v) and v != ""


def reason_text(v): return text(v) and len(v.encode()) <= 1024
def sized_text(most): return lambda v: text(v) and 1 <= len(v.encode()) <= most


def opened(p):
    """Whether an ACCESS names what it should."""
    names = [s.encode() for s in p["systems"]]
    return (len(p["snapshots"]) == min(p["count"], 256) and increasing(p["snapshots"]) and increasing(names) and
            sum(map(len, names)) <= 65536)


def ids(v):
    """Ids of snapshots, as FORGET has them."""
    return fits(v, [hex_of(32)]) and 1 <= len(v) <= 4096 and increasing(v)


def until_time(v): return v == "" or time(v)


def order(v):
    """An order whose kind is known is in its form. Orders of other kinds make the record one of an unknown kind."""
    return isinstance(v, dict) and text(v.get("kind")) and (v["kind"] not in ORDERS or fits(v, ORDERS[v["kind"]]))


def packs_of(v):
    """The ordinals of a set in a record."""
    return {k for a, b in parse_set(bytes.fromhex(v)) for k in range(a, b)}


def moves_of(v):
    """Whether the moves of COMPACT are in their form."""
    if not fits(v, [{"new": recorded_packs, "old": recorded_packs}]) or not v:
        return False
    runs = [[parse_set(bytes.fromhex(m[k])) for k in ("old", "new")] for m in v]
    old = sorted(r for o, _ in runs for r in o)
    apart = all(b <= c for (_, b), (c, _) in zip(old, old[1:]))
    return increasing([o[0][0] for o, _ in runs]) and apart and not any(
        a < d and c < b for k, (o, _) in enumerate(runs) for a, b in o
        for n, (_, new) in enumerate(runs) if n != k for c, d in new)


def maps_of(v):
    return fits(v, [{"map": hex_of(32), "snapshot": hex_of(32)}]) and increasing([m["snapshot"] for m in v])


def short_list(n, form): return lambda v: fits(v, [form]) and len(v) <= n


PACK = {"class": {1, 2}, "directory": hex_of(32), "epoch": above0, "length": up_to(1 << 26), "name": hex_of(32),
        "segments": up_to(65535)}
COMMON = {"kind": text, "lineage": hex_of(16), "position": count, "previous": hex_of(32), "repository": hex_of(16),
          "sequence": count, "time": time, "version": {0}, "writer": hex_of(16)}
FIELDS = {
    "genesis": {"created": time, "keyring": valid_keyring, "suite": {1}},
    "open": {"epoch": above0, "purpose": {"backup", "stream", "maintenance"}, "session": hex_of(16), "silence": count,
             "system": text},
    "progress": {"index": [hex_of(32)], "packs": short_list(2048, PACK), "session": hex_of(16)},
    "snapshot": {"bytes": count, "entries": count, "epoch": above0, "finished": time, "map": hex_of(32),
                 "private": hex_of(20),
                 "problems": count, "root": {"disclosure": hex_of(32), "node": hex_of(20)}, "session": hex_of(16),
                 "set": (set_hex, {"object": hex_of(32)}), "started": time, "system": text, "tags": [text]},
    "abort": {"session": hex_of(16)}, "expire": {"session": hex_of(16)},
    "drill": {"bytes": count, "entries": count, "evidence": hex_of(32), "expires": time, "packs": recorded_set,
              "scope": {"whole", "sample"}, "snapshot": hex_of(32), "started": time,
              "verdict": {"proven", "failed", "not-proven", "skipped"}},
    "attest": {"method": {"drill", "restore", "verify"}, "packs": recorded_set},
    "forget": {"reason": reason_text, "snapshots": ids}, "recall": {"reason": reason_text, "snapshots": ids},
    "hold": {"reason": reason_text, "snapshot": hex_of(32), "until": until_time},
    "release": {"hold": hex_of(32), "reason": reason_text},
    "condemn": {"packs": recorded_packs}, "sweep": {"packs": recorded_packs},
    "compact": {"basis": count, "maps": maps_of, "moves": moves_of, "session": hex_of(16)},
    "propose": {"order": order}, "approve": {"proposal": hex_of(32)},
    "promote": {"copy": hex_of(16), "reason": reason_text},
    "access": {"count": count, "purpose": {"ls", "snapshots", "find", "cat", "dump", "diff", "restore", "verify", "drill",
                                           "database", "recover"},
               "reason": reason_text, "snapshots": short_list(256, hex_of(32)), "systems": [text]},
    "token": {"action": {"issued", "returned"}, "device": sized_text(64), "holder": hex_of(16), "reason": reason_text,
              "serial": sized_text(128)}}
ORDERS = {"forget": {"kind": {"forget"}, **FIELDS["forget"]}, "release": {"kind": {"release"}, **FIELDS["release"]},
          "keyring": {"basis": hex_of(32), "keyring": valid_keyring, "kind": {"keyring"}, "reason": reason_text}}
ROLES = {"genesis": {"administer"}, "open": {"write", "maintain"}, "progress": {"write", "maintain"},
         "snapshot": {"write"},
         "abort": {"write", "maintain", "administer"}, "expire": {"maintain"}, "drill": {"read", "drill"},
         "attest": {"read", "drill"}, "forget": {"maintain"}, "recall": {"maintain", "administer"},
         "hold": {"write", "administer"}, "release": {"maintain", "administer"}, "condemn": {"maintain"},
         "sweep": {"maintain"}, "compact": {"maintain"}, "propose": {"administer"}, "approve": {"administer"},
         "promote": {"administer"}, "access": {"read", "drill"}, "token": {"administer"}}
TYPE = "application/vnd.in-toto+json"


def object_name(folder, name): return f"{folder}/{name[:2]}/{name}"


def subjects(p):
    rows = []
    if p["kind"] == "genesis":
        rows = [("keyring", sha256(canonical(p["keyring"])).hex())]
    elif p["kind"] == "progress":
        rows = [(object_name("index", n), n) for n in p["index"]]
        rows += [(object_name("packs", pack["name"]), pack["name"]) for pack in p["packs"]]
    elif p["kind"] == "snapshot":
        names = [p["map"]] + ([p["set"]["object"]] if isinstance(p["set"], dict) else [])
        rows = [(object_name("sets", n), n) for n in names]
    elif p["kind"] == "drill":
        rows = [(object_name("evidence", p["evidence"]), p["evidence"])]
    elif p["kind"] == "compact":
        rows = [(object_name("sets", m["map"]), m["map"]) for m in p["maps"]]
    return [{"digest": {"sha256": d}, "name": n} for n, d in rows or [("log/previous", p["previous"])]]


def own(session, p): return session and session["open"] and session["writer"] == p["writer"]


class Log:
    """Replays records; `verdicts` has (word, reason) for each: effect, void, none (without effect), unknown, missing.

    After a record that is lost or changed (`gap` names it) nobody can judge what follows. To save what can be saved,
    the rules on sequence and sessions are then taken as met, and chunks are looked for in all packs of the store."""
    def __init__(self, lines, get_set=lambda name: None, repo=None):
        self.repo, self.members, self.keyring, self.sequence = repo, {}, None, {}
        self.packs, self.names, self.sessions, self.snapshots, self.tokens = [], set(), {}, [], {}
        self.drills, self.holds, self.proposals, self.heard, self.position = [], {}, {}, [], 0
        self.read_keys = {}
        self.get_set, self.gap, self.verdicts, previous, lost = get_set, None, [], bytes(32).hex(), False
        for position, line in enumerate(lines):
            if line is None:
                self.gap, lost = self.gap or f"the record at position {position} is missing", True
                self.verdicts.append(("missing", "missing"))
                continue
            try:
                self.position = position
                p = self.parse(line, position)
                changed = p["previous"] != previous and self.verdicts and self.verdicts[-1][0] == "void"
                if changed and not lost:
                    self.gap, lost = self.gap or f"the record at position {position - 1} was changed", True
                need(p["previous"] == previous or lost, "previous is another record")
                expected = self.sequence.get(p["writer"], 0)
                need(p["sequence"] == expected or self.gap and p["sequence"] > expected, "sequence is not the next")
                self.sequence[p["writer"]] = p["sequence"] + 1
                self.verdicts.append(self.apply(p, sha256(line).hex()))
                self.heard = [(p["writer"], milliseconds(p["time"]), position)] + [
                    h for h in self.heard if h[0] != p["writer"]][:1]
            except Damage as problem:
                self.verdicts.append(("void", str(problem)))
            previous, lost = sha256(line).hex(), False
            if position == 0 and self.verdicts[0][0] != "effect":
                raise Stop(1, f"the genesis record is not valid: {self.verdicts[0][1]}")

    def parse(self, line, position):
        need(len(line) <= 1 << 20 and line.endswith(b"\n"), "over 1 MiB, or no line")
        envelope = parse_json(line[:-1])
        form = {"payload": text, "payloadType": {TYPE}, "signatures": [{"keyid": hex_of(16), "sig": text}]}
        need(fits(envelope, form) and len(envelope["signatures"]) == 1, "no envelope")
        try:
            payload, sig = (base64.b64decode(x, validate=True)
                            for x in (envelope["payload"], envelope["signatures"][0]["sig"]))
        except ValueError:
            raise Damage("no base64") from None
        need(base64.b64encode(payload).decode() == envelope["payload"] and len(sig) == 64 and
             base64.b64encode(sig).decode() == envelope["signatures"][0]["sig"], "base64 is not canonical")
        statement = parse_json(payload)
        form = {"_type": {"https://in-toto.io/Statement/v1"}, "predicate": lambda v: isinstance(v, dict),
                "predicateType": {"https://vault-backup.org/record/v0"},
                "subject": [{"digest": {"sha256": hex_of(32)}, "name": text}]}
        need(fits(statement, form), "no statement")
        p = statement["predicate"]
        kind = p.get("kind")
        if kind in FIELDS:
            extra = {"copy": hex_of(16)} if kind == "drill" and "copy" in p else {}
            need(fits(p, {**COMMON, **FIELDS[kind], **extra}), "fields are not those of its kind")
            need(statement["subject"] == subjects(p), "subjects are not those of its fields")
            need(kind != "drill" or bool(p["packs"]) == (p["verdict"] == "proven"), "packs do not fit the verdict")
            need(kind != "attest" or p["packs"], "it attests nothing")
            need(kind != "access" or opened(p), "what was opened is not in its form")
        need(fits({k: p.get(k) for k in COMMON}, COMMON), "common fields")
        need((kind == "genesis") == (position == 0), "genesis is at position 0, and only there")
        if position == 0:
            self.repo = self.repo or bytes.fromhex(p["repository"])
            self.take_keyring(p["keyring"])
        need(p["position"] == position, "position is another")
        need(p["repository"] == p["lineage"] == self.repo.hex(), "repository or lineage is another")
        member = self.members.get(p["writer"])
        need(member and envelope["signatures"][0]["keyid"] == p["writer"], "writer is no member")
        need(kind not in ROLES or ROLES[kind] & set(member["roles"]), "role does not allow this kind")
        message = f"DSSEv1 {len(TYPE)} {TYPE} {len(payload)} ".encode() + payload
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(member["ed25519"])).verify(sig, message)
        except InvalidSignature:
            raise Damage("signature does not verify") from None
        return p

    def apply(self, p, digest):
        if p["kind"] not in FIELDS or p["kind"] == "propose" and p["order"]["kind"] not in ORDERS:
            return "unknown", f"kind {p['kind']} is not known here"
        apply, session = getattr(self, "apply_" + p["kind"]), self.sessions.get(p.get("session"))
        problem = apply(p, session, self.members[p["writer"]], digest)
        if problem:
            return "none", problem
        session = self.sessions.get(p.get("session"))
        if session:
            session["last"], session["epoch"] = milliseconds(p["time"]), self.keyring["epoch"]
        return "effect", ""

    def take_keyring(self, k):
        self.members, self.keyring = {m["id"]: m for m in k["members"]}, k
        self.read_keys[k["epoch"]] = k["readKey"]
        for s in self.sessions.values():
            member, role = self.members.get(s["writer"]), "maintain" if s["purpose"] == "maintenance" else "write"
            if not member or role not in member["roles"] or not {"*", s["system"]} & set(member["systems"]):
                s["open"] = False

    def stays(self, order):
        """Why a new keyring cannot take the place of the one in force."""
        old, new = self.keyring, order["keyring"]
        roles = [role for m in new["members"] for role in m["roles"]]
        names = [m["name"] for m in new["members"]]
        given = {m["id"]: set().union(*(TAGS[r] for r in m["roles"])) for m in new["members"]}
        if order["basis"] != sha256(canonical(old)).hex():
            return "the keyring in force is another"
        groups = new["groups"]
        if groups != old["groups"] and (groups[:-1] != old["groups"] or new["epoch"] == old["epoch"] or
                                        groups[-1]["epoch"] != new["epoch"] or
                                        groups[-1]["name"] != old["groups"][-1]["name"]):
            return "its dedup groups do not go on from those in force"
        if any(old[k] != new[k] for k in ("chunkers", "reuse", "witnesses")) or len(set(names)) < len(names):
            return "it changes what it may not, or has a name twice"
        if roles.count("administer") < new["quorum"]["administrators"] or "read" not in roles:
            return "too few administrators, or no reader"
        if new["epoch"] == old["epoch"]:
            if any(old[k] != new[k] for k in ("readKey", "idx", "chain")) or not all(
                    set().union(*(TAGS[r] for r in m["roles"])) <= given.get(m["id"], set())
                    for m in old["members"]):
                return "a member loses a secret without a new epoch"
        elif new["epoch"] != old["epoch"] + 1 or new["readKey"] == old["readKey"] or new["idx"][:-1] != old["idx"] or \
                new["chain"][:-1] != old["chain"]:
            return "the epoch does not follow"
        slots = [(s["epoch"], s["member"], len(s["sealed"])) for s in new["slots"]]
        if slots != sorted((new["epoch"], id, 2 * (17 + 33 * len(tags))) for id, tags in given.items() if tags):
            return "the slots are not those of its members"

    def apply_genesis(self, p, session, member, digest):
        need(p["previous"] == bytes(32).hex(), "previous of genesis is not zero")

    def apply_open(self, p, session, member, digest):
        role = "maintain" if p["purpose"] == "maintenance" else "write"
        if session or p["epoch"] != self.keyring["epoch"] or role not in member["roles"] or \
                not {"*", p["system"]} & set(member["systems"]):
            return "session id, epoch, system or purpose does not allow it"
        self.sessions[p["session"]] = {"writer": p["writer"], "system": p["system"], "open": True, "at": self.position,
                                       "purpose": p["purpose"],
                                       "silence": p["silence"],
                                       "epoch": self.keyring["epoch"]}

    def apply_progress(self, p, session, member, digest):
        names = [pack["name"] for pack in p["packs"]]
        if not self.gap:
            if not own(session, p):
                return "the session is not open, or another writer's"
            if not all(session["epoch"] <= pack["epoch"] <= self.keyring["epoch"] for pack in p["packs"]):
                return "epoch of a pack"
        if len(set(names)) < len(names) or self.names & set(names):
            return "a pack was committed before"
        self.names.update(names)
        moved = bool(session) and session["purpose"] == "maintenance"
        self.packs += [{**pack, "voucher": None if moved else p["writer"], "attested": False, "moved": moved,
                        "named": False, "replaced": False, "lost": None, "condemned": None, "swept": False, "session": p["session"]}
                       for pack in p["packs"]]

    def apply_snapshot(self, p, session, member, digest):
        if not self.gap:
            if not own(session, p) or session["system"] != p["system"]:
                return "the session is not open, another writer's, or of another system"
        runs = []
        try:
            if isinstance(p["set"], str):
                runs = parse_set(bytes.fromhex(p["set"]))
            else:
                stored = self.get_set(p["set"]["object"])  # None: missing or damaged; reported where it is used
                runs = parse_set_object(self.repo, stored) if stored is not None else None
        except Damage as problem:
            return str(problem)
        if runs is not None and not self.gap:
            if runs and runs[-1][1] > len(self.packs) or any(
                    self.packs[k]["voucher"] != p["writer"] and not self.packs[k]["attested"] or self.packs[k]["swept"]
                    for a, b in runs for k in range(a, b)):
                return "a pack of the set is not eligible"
        self.snapshots.append({**p, "id": digest, "runs": runs, "sure": not self.gap, "live": True,
                               "since": self.position, "mended": False, "heard": self.other(p["writer"])})
        self.revive({k for a, b in runs or () for k in range(a, min(b, len(self.packs)))})
        if session:
            session["open"] = False

    def apply_abort(self, p, session, member, digest):
        if not session or not session["open"] or not own(session, p) and "administer" not in member["roles"]:
            return "the session is not open, or another writer's"
        session["open"] = False

    def apply_drill(self, p, session, member, digest):
        runs = parse_set(bytes.fromhex(p["packs"]))
        snapshot = next((s for s in self.snapshots if s["id"] == p["snapshot"]), None)
        if not snapshot:
            return "there is no such snapshot"
        if runs and runs[-1][1] > len(self.packs) or any(self.packs[k]["swept"] for a, b in runs for k in range(a, b)):
            return "a pack that is not committed, or swept"
        used = snapshot["runs"]
        if used is not None and not all(any(a <= k < b for a, b in used) for c, d in runs for k in range(c, d)):
            return "a pack that the snapshot does not use"
        self.drills.append({**p, "id": digest})

    def apply_attest(self, p, session, member, digest):
        runs = parse_set(bytes.fromhex(p["packs"]))
        if runs[-1][1] > len(self.packs) or any(self.packs[k]["swept"] for a, b in runs for k in range(a, b)):
            return "a pack that is not committed, or swept"
        for a, b in runs:
            for k in range(a, b):
                self.packs[k]["attested"] = True

    def apply_access(self, p, session, member, digest):
        if not {s["id"] for s in self.snapshots} >= set(p["snapshots"]):
            return "no such snapshot"

    def apply_token(self, p, session, member, digest):
        token = p["device"], p["serial"]
        if p["action"] == "issued":
            if p["holder"] not in self.members:
                return "its holder is not a member"
            if token in self.tokens:
                return "the token is out"
            self.tokens[token] = p["holder"]
        elif self.tokens.get(token) != p["holder"]:
            return "its holder does not have the token"
        else:
            del self.tokens[token]

    def apply_expire(self, p, session, member, digest):
        if not session or not session["open"] or milliseconds(p["time"]) - session["last"] <= session["silence"] * 1000:
            return "the session is not open, or not silent for long enough"
        session["open"] = False

    # Sections 11.2 to 11.4: what lets go --------------------------------------------------------------------

    def other(self, writer):
        """(writer, time, position) of the last record, not void, by another member."""
        return next((h for h in self.heard if h[0] != writer), None)

    def now(self, p, first):
        other, own = self.other(p["writer"]), milliseconds(p["time"])
        return min(own, other[1]) if other and other[2] >= first else own

    def find(self, names): return [s for s in self.snapshots if s["id"] in names]

    def held(self, name): return any(h["snapshot"] == name and h["on"] for h in self.holds.values())

    def keeps(self, names):
        """Why none of these may be forgotten, even with an order."""
        chosen = self.find(set(names))
        if len(chosen) < len(names) or not all(s["live"] for s in chosen):
            return "a snapshot that is not live"
        if any(self.held(name) for name in names):
            return "a snapshot that is held"

    def apply_forget(self, p, session, member, digest):
        names, keep = set(p["snapshots"]), self.keyring["expiry"]["keep"]
        problem = self.keeps(p["snapshots"])
        if problem:
            return problem
        now = self.now(p, min(s["position"] for s in self.find(names)))
        for system in {s["system"] for s in self.find(names)}:
            days, last = set(), None
            for s in (s for s in self.snapshots if s["system"] == system):
                at = milliseconds(s["time"])
                if at > now:
                    last, reckoned = last, None
                else:
                    heard = s["heard"][1] if s["heard"] and s["heard"][1] <= now else at
                    last = reckoned = max(at, last or 0, heard)
                if s["id"] in names:
                    if reckoned is None or now - reckoned < self.keyring["expiry"]["age"] * 1000:
                        return "a snapshot is too young"
                elif s["live"] and reckoned is not None:
                    days.add(reckoned // 86_400_000)
            if len(days) < keep:
                return "snapshots of too few days remain"
        self.let_go(names)

    def let_go(self, names):
        for s in self.find(names):
            s["live"] = False

    def set_of(self, s): return {k for a, b in s["runs"] for k in range(a, b)}

    def apply_recall(self, p, session, member, digest):
        chosen = self.find(set(p["snapshots"]))
        if len(chosen) < len(p["snapshots"]) or any(s["live"] for s in chosen):
            return "a snapshot that is not forgotten"
        if any(self.packs[k]["swept"] for s in chosen if s["runs"] is not None for k in self.set_of(s)):
            return "a pack has been swept"
        for s in chosen:
            s["live"], s["since"] = True, self.position
            self.revive(self.set_of(s) if s["runs"] is not None else ())

    def apply_hold(self, p, session, member, digest):
        chosen = self.find({p["snapshot"]})
        if not chosen or not chosen[0]["live"]:
            return "no such live snapshot"
        if "administer" not in member["roles"] and not {"*", chosen[0]["system"]} & set(member["systems"]):
            return "the system is not the writer's"
        self.holds[digest] = {"snapshot": p["snapshot"], "until": p["until"], "position": self.position, "on": True}

    def apply_release(self, p, session, member, digest):
        hold = self.holds.get(p["hold"])
        if not hold or not hold["on"]:
            return "no such hold in force"
        if not hold["until"] or milliseconds(hold["until"]) >= self.now(p, hold["position"]):
            return "the hold is not over"
        hold["on"] = False

    def apply_propose(self, p, session, member, digest):
        self.proposals[digest] = {"order": p["order"], "approvals": [], "done": False}

    def apply_approve(self, p, session, member, digest):
        proposal = self.proposals.get(p["proposal"])
        if not proposal or proposal["done"]:
            return "no such proposal that waits"
        if p["writer"] in proposal["approvals"]:
            return "approved before"
        order = proposal["order"]
        counting = [w for w in proposal["approvals"] if "administer" in self.members.get(w, {"roles": []})["roles"]]
        if len(counting) + 1 >= self.keyring["quorum"]["administrators"]:
            if order["kind"] == "forget":
                problem = self.keeps(order["snapshots"])
                if problem:
                    return problem
                self.let_go(set(order["snapshots"]))
            elif order["kind"] == "keyring":
                problem = self.stays(order)
                if problem:
                    return problem
                self.take_keyring(order["keyring"])
            else:
                hold = self.holds.get(order["hold"])
                if not hold or not hold["on"]:
                    return "no such hold in force"
                hold["on"] = False
            proposal["done"] = True
        proposal["approvals"].append(p["writer"])

    def unused(self, candidates):
        """Those that no live snapshot has in its set."""
        live = [s for s in self.snapshots if s["live"]]
        if any(s["runs"] is None for s in live):
            return set()
        return candidates - {k for s in live for k in self.set_of(s)}

    def revive(self, ordinals):
        for k in ordinals:
            self.packs[k]["condemned"] = None

    def committed(self, v):
        """The packs of a set, or None when one of them is not committed."""
        runs = parse_set(bytes.fromhex(v))
        return None if runs[-1][1] > len(self.packs) else packs_of(v)

    def apply_promote(self, p, session, member, digest):
        pass

    def apply_condemn(self, p, session, member, digest):
        named = self.committed(p["packs"])
        right = [k for k in self.unused(named or set()) if self.packs[k]["condemned"] is None and
                 not self.packs[k]["swept"] and not self.sessions.get(self.packs[k]["session"], {"open": False})["open"]]
        for k in right:
            self.packs[k]["condemned"] = self.position
        return None if right else "nothing to condemn"

    def apply_sweep(self, p, session, member, digest):
        named = self.committed(p["packs"])
        first = min([s["at"] for s in self.sessions.values() if s["open"]], default=self.position)
        right = [k for k in self.unused(named or set()) if not self.packs[k]["swept"] and
                 self.packs[k]["condemned"] is not None and self.packs[k]["condemned"] < first]
        for k in right:
            self.packs[k]["swept"] = True
        return None if right else "nothing to sweep"

    def apply_compact(self, p, session, member, digest):
        if not own(session, p) or session["purpose"] != "maintenance":
            return "the session is not open, another writer's, or no maintenance"
        moves = [(self.committed(m["old"]), self.committed(m["new"])) for m in p["moves"]]
        if p["basis"] >= self.position or any(s is None or any(self.packs[k]["swept"] for k in s)
                                              for m in moves for s in m):
            return "basis, or a pack that is not there"
        for old, new in moves:
            for k in old:
                self.packs[k]["replaced"] = True
            for k in old & new:
                self.packs[k]["lost"] = self.position
        for n in {k for _, new in moves for k in new if self.packs[k]["moved"] and not self.packs[k]["named"]}:
            vouchers = {self.packs[k]["voucher"] for old, new in moves if n in new for k in old
                        if not self.packs[k]["attested"]}
            self.packs[n]["named"] = True
            self.packs[n]["attested"] = self.packs[n]["attested"] or not vouchers
            self.packs[n]["voucher"] = vouchers.pop() if len(vouchers) == 1 else None
        maps = {m["snapshot"]: m["map"] for m in p["maps"]}
        for s in self.snapshots:
            if not s["live"] or s["since"] > p["basis"] or s["runs"] is None:
                continue
            used = self.set_of(s)
            hit = [m for m in moves if m[0] & used]
            if hit:
                for old, _ in hit:
                    used -= old
                for _, new in hit:
                    used |= new
                s["runs"] = [(k, k + 1) for k in sorted(used)]
                s["map"], s["since"] = maps.get(s["id"]), self.position
                if any(old & new or not all(self.packs[k]["moved"] for k in new) for old, new in hit):
                    s["mended"] = True
        self.revive({k for _, new in moves for k in new})
        session["open"] = False
