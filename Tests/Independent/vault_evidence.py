"""Reads evidence of restore drills, from docs/FORMAT.md section 11.1 alone."""
from hashlib import sha256

from vault_format import Damage, canonical, count, fits, hex_any, hex_of, increasing, need, parse_json, text, time

SINCE_1 = {"databases", "malware", "script"}
CHECKS = ["challenge", "clock", "content", "counts", "databases", "hard-links", "malware", "metadata", "packs",
          "restore", "script", "sealed-sample"]
PHASES = ["open", "plan", "restore", "compare", "database-start", "database-load", "database-compare", "script",
          "malware", "packs"]
PHASES_1 = {"database-start", "database-load", "database-compare", "script", "malware"}
REASONS = {"incomplete", "owner", "device", "attributes"}
REASONS_1 = {"database-" + word for word in ("changed", "empty", "unasked", "unavailable", "uncaptured")}
ISOLATION = {"new-directory", "no-network", "own-processes", "private-directory", "unprivileged"}
VERDICTS = {"proven", "failed", "not-proven", "skipped"}
MAY_SKIP = {"challenge", "databases", "hard-links", "malware", "script", "sealed-sample"}
AMOUNT = {"bytes": count, "entries": count, "packs": count}
DRILL = "https://vault-backup.org/drill/v0"


def form(version):
    reasons = REASONS | REASONS_1 if version else REASONS
    value = {
        "challenge": {"bytes": count, "files": count, "nonce": hex_of(32), "response": hex_of(32)},
        "checks": [{"compared": count, "expected": count, "name": set(CHECKS) - (set() if version else SINCE_1),
                    "verdict": VERDICTS}],
        "compared": AMOUNT, "ended": time, "expires": time, "failureCount": count,
        "failures": [{"check": set(CHECKS), "entry": hex_of(16)}], "host": hex_of(16), "lineage": hex_of(16),
        "member": hex_of(16), "packs": hex_any, "phases": [{"milliseconds": count, "name": set(PHASES)}],
        "previous": hex_of(32), "program": text, "repository": hex_of(16),
        "rpo": {"from": {"snapshot-started"}, "seconds": count, "to": {"drill-started"}},
        "rto": {"milliseconds": count, "phases": [text]},
        "sample": {"hundredths": count, "method": {"whole", "oldest-first"}, "seed": hex_of(16)},
        "scope": {"whole", "sample"}, "skipped": [{"count": count, "reason": reasons}], "snapshot": hex_of(32),
        "started": time, "system": text, "total": AMOUNT, "verdict": VERDICTS, "version": {version}}
    if version:
        value |= {"copy": lambda v: v == "" or hex_of(16)(v), "isolation": [ISOLATION],
                  "objectives": {"rpo": count, "rto": count},
                  "selection": {"candidates": lambda v: count(v) and v >= 1,
                                "method": {"named", "newest", "oldest-unproven", "random"}}}
    return value


def read(payload):
    """The fields of a drill; Damage for anything that is not in its form."""
    statement = parse_json(payload)
    need(canonical(statement) == payload, "not canonical")
    predicate = statement.get("predicate")
    need(isinstance(predicate, dict) and isinstance(predicate.get(DRILL), dict), "no evidence of a drill")
    drill = predicate[DRILL]
    version = drill.get("version")
    need(version in (0, 1), "unknown version")
    need(fits(drill, form(version)), "fields are not those of its version")
    phases = [p["name"] for p in drill["phases"]]
    need(phases == [p for p in PHASES if version or p not in PHASES_1], "phases are not those of its version")
    parts = [p for p in phases if p not in ("packs", "malware")]
    total = sum(p["milliseconds"] for p in drill["phases"] if p["name"] in parts)
    need(drill["rto"] == {"milliseconds": total, "phases": parts}, "the recovery time is not the sum of its parts")
    need(increasing([c["name"] for c in drill["checks"]]), "checks are not in order")
    if version:
        need(increasing(drill["isolation"]), "words are not in order")
        need(drill["selection"]["method"] != "named" or drill["selection"]["candidates"] == 1, "named, of several")
    def tests(*verdicts): return [c["name"] for c in drill["checks"] if c["verdict"] in verdicts]
    result = {"proven": "PASSED", "failed": "FAILED"}.get(drill["verdict"], "WARNED")
    record = {"digest": {"sha256": hex_of(32)}, "name": text}
    need(fits(statement, {
        "_type": {"https://in-toto.io/Statement/v1"}, "predicateType": {"https://in-toto.io/attestation/test-result/v0.1"},
        "predicate": {"configuration": [record], "failedTests": lambda v: v == tests("failed"),
                      "passedTests": lambda v: v == tests("proven"), "result": {result},
                      "warnedTests": lambda v: v == tests("not-proven", "skipped"), DRILL: lambda v: True},
        "subject": [record]}), "the parts do not agree")
    need(len(statement["subject"]) == 2 and len(predicate["configuration"]) == 1, "subjects are not those of a drill")
    need(statement["subject"][0]["digest"]["sha256"] == drill["snapshot"], "the subject is another snapshot")
    return drill


def supports_proof(drill):
    """Whether the checks bear the verdict `proven`."""
    names = [c for c in CHECKS if drill["version"] or c not in SINCE_1]
    checks = {c["name"]: c for c in drill["checks"]}
    return (list(checks) == names and checks["content"]["compared"] > 0 and all(
        c["verdict"] == "proven" or c["verdict"] == "skipped" and c["name"] in MAY_SKIP for c in drill["checks"]))


def chosen(repository, seed, candidates):
    """The number of the snapshot that `random` takes, from 0."""
    label = b"vault/v1/drill/selection\0" + repository
    return int.from_bytes(sha256(label + seed).digest()[:8], "big") % candidates


def vectors(cases):
    """What is wrong with what this program makes of known answers; and how many there were."""
    wrong = []
    for c in cases:
        kind, given = c["name"].split(":")[0], c["in"]
        if kind.startswith("selection"):
            right = chosen(bytes.fromhex(given["repository"]), bytes.fromhex(given["seed"]),
                           given["candidates"]) == c["out"]["number"]
        else:
            try:
                drill = read(given["payload"].encode())
                right = kind != "refused" and (drill["verdict"] != "proven" or supports_proof(drill)) == (
                    kind == "evidence")
            except Damage:
                right = kind == "refused"
        if not right:
            wrong.append(c["name"])
    return wrong, len(cases)
