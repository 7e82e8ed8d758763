"""Cases of docs/FORMAT.md section 13: signed notes, checkpoints, cosignatures, inclusion proofs, samples of audits.

Written from the C2SP specifications and RFC 6962 alone; nothing of formatlib is used."""

from base64 import b64encode
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def digest(data): return sha256(data).digest()


def root(leaves):
    """RFC 6962 section 2.1, by its recursion, over stored bytes."""
    if not leaves: return digest(b"")
    if len(leaves) == 1: return digest(b"\0" + leaves[0])
    k = split(len(leaves))
    return digest(b"\1" + root(leaves[:k]) + root(leaves[k:]))


def split(n):
    k = 1
    while k * 2 < n: k *= 2
    return k


def path(m, leaves):
    """RFC 6962 section 2.1.1."""
    if len(leaves) == 1: return []
    k = split(len(leaves))
    if m < k: return path(m, leaves[:k]) + [root(leaves[k:])]
    return path(m - k, leaves[k:]) + [root(leaves[:k])]


class Key:
    def __init__(self, name, algorithm, seed):
        self.name, self.algorithm, self.private = name, algorithm, Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = digest(name.encode() + b"\n" + bytes([algorithm]) + self.public)[:4]

    @property
    def vkey(self): return f"{self.name}+{self.id.hex()}+" + b64encode(bytes([self.algorithm]) + self.public).decode()

    def line(self, text, time=None):
        message, prefix = text.encode(), b""
        if self.algorithm == 4:
            message, prefix = f"cosignature/v1\ntime {time}\n{text}".encode(), time.to_bytes(8, "big")
        return f"\u2014 {self.name} " + b64encode(self.id + prefix + self.private.sign(message)).decode() + "\n"


def cases(case, repository, person, person_seed, machine_seed, lines):
    """`lines`: the leaves of one tree; `person`: the id of a member."""
    origin = "vault-backup.org/log/" + repository.hex()
    signer = Key(origin, 1, machine_seed)
    witness = Key("vault-backup.org/member/" + person.hex(), 4, person_seed)
    outside = Key("witness.example/w1", 4, b"\xe1" * 32)
    result = [case(f"key {k.algorithm} {k.name}", {"name": k.name, "algorithm": k.algorithm, "public": k.public.hex()},
                   {"vkey": k.vkey, "id": k.id.hex()}) for k in (signer, witness, outside)]
    for size in range(len(lines) + 1):
        text = f"{origin}\n{size}\n{b64encode(root(lines[:size])).decode()}\n"
        result.append(case(f"checkpoint of {size}", {"lines": [x.decode() for x in lines[:size]]}, {"text": text}))
    time = 1767323045
    for name, signatures in {
            "signed": signer.line(text), "cosigned": signer.line(text) + witness.line(text, time),
            "cosigned by an outsider, with a signature of an unknown key":
                signer.line(text) + Key("unknown.example", 1, b"\xe2" * 32).line(text) + outside.line(text, time)}.items():
        result.append(case(name, {"text": text, "time": time, "machineSeed": machine_seed.hex(),
                                  "personSeed": person_seed.hex()}, {"note": text + "\n" + signatures}))
    for index in range(len(lines)):
        hashes = path(index, lines)
        result.append(case(f"inclusion proof {index}", {"index": index, "size": len(lines)},
                           {"hashes": [h.hex() for h in hashes]}))
    names = [digest(bytes([n])) for n in range(20)]
    seed = b"\xe3" * 32
    ranked = sorted(names, key=lambda n: digest(seed + root(lines) + n))
    result.append(case("sample of five packs", {"seed": seed.hex(), "root": root(lines).hex(), "count": 5,
                                                "packs": [n.hex() for n in names]},
                       {"chosen": [n.hex() for n in ranked[:5]]}))
    return result
