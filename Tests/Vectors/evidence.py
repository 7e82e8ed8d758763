"""Cases of docs/FORMAT.md section 11.1: evidence of drills in versions 0 and 1, what a reader refuses, and how a snapshot
is chosen. Nothing of formatlib is used but the canonical form and the envelope."""

from hashlib import sha256

import formatlib as f

OLD = ["challenge", "clock", "content", "counts", "hard-links", "metadata", "packs", "restore", "sealed-sample"]
NEW = sorted(OLD + ["databases", "malware", "script"])
OLD_PHASES = ["open", "plan", "restore", "compare", "packs"]
NEW_PHASES = OLD_PHASES[:4] + ["database-start", "database-load", "database-compare", "script", "malware", "packs"]
RESULTS = {"proven": "PASSED", "failed": "FAILED", "not-proven": "WARNED", "skipped": "WARNED"}
OPTIONAL = {"challenge", "databases", "hard-links", "malware", "script", "sealed-sample"}


def check(name, **given):
    counts = {"compared": 0, "expected": 0, "verdict": "skipped"} if name in ("malware", "script") else {
        "compared": 3, "expected": 3, "verdict": "proven"}
    return {"name": name, **counts, **given}


def detail(version, repository, member, **changes):
    names, phases = (OLD, OLD_PHASES) if version == 0 else (NEW, NEW_PHASES)
    times = [{"milliseconds": 10 + k, "name": name} for k, name in enumerate(phases)]
    parts = [p for p in phases if p not in ("packs", "malware")]
    value = {
        "challenge": {"bytes": 14, "files": 1, "nonce": "01" * 32, "response": "02" * 32},
        "checks": [check(name) for name in names], "compared": {"bytes": 14, "entries": 3, "packs": 2},
        "ended": "2026-01-02T03:05:08.000Z", "expires": "2026-04-02T03:05:08.000Z", "failureCount": 0, "failures": [],
        "host": "03" * 16, "lineage": repository.hex(), "member": member.hex(), "packs": f.pack_set([0, 1]).hex(),
        "phases": times, "previous": "00" * 32, "program": "vault 0", "repository": repository.hex(),
        "rpo": {"from": "snapshot-started", "seconds": 65, "to": "drill-started"},
        "rto": {"milliseconds": sum(t["milliseconds"] for t in times if t["name"] in parts), "phases": parts},
        "sample": {"hundredths": 10000, "method": "whole", "seed": "04" * 16}, "scope": "whole", "skipped": [],
        "snapshot": "05" * 32, "started": "2026-01-02T03:05:07.000Z", "system": "alpha",
        "total": {"bytes": 14, "entries": 3, "packs": 2}, "verdict": "proven", "version": version}
    if version:
        value |= {"copy": "", "isolation": ["new-directory", "no-network", "own-processes", "private-directory",
                                            "unprivileged"],
                  "objectives": {"rpo": 93600, "rto": 14400}, "selection": {"candidates": 1, "method": "named"}}
    return {**value, **changes}


def payload(value):
    def tests(*verdicts): return [c["name"] for c in value["checks"] if c["verdict"] in verdicts]
    predicate = {"configuration": [{"digest": {"sha256": "06" * 32}, "name": f.record_name(9)}],
                 "failedTests": tests("failed"), "passedTests": tests("proven"),
                 "warnedTests": tests("not-proven", "skipped"), "result": RESULTS[value["verdict"]],
                 "https://vault-backup.org/drill/v0": value}
    return f.canonical({
        "_type": "https://in-toto.io/Statement/v1", "predicate": predicate,
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "subject": [{"digest": {"sha256": value["snapshot"]}, "name": f.record_name(3)},
                    {"digest": {"sha256": "07" * 32}, "name": "root"}]})


def with_check(value, name, **given):
    return {**value, "checks": [check(name, **given) if c["name"] == name else c for c in value["checks"]]}


def cases(case, keys, repository, member, seed):
    def make(version, **changes): return detail(version, repository, member, **changes)
    old, new = make(0), make(1)
    unproven = {"verdict": "not-proven", "packs": ""}
    rows = [("version 0", old), ("version 1", new),
            ("no dump in the snapshot", with_check(new, "databases", compared=0, expected=0, verdict="skipped")),
            ("databases that nobody asked for", with_check(
                make(1, **unproven, skipped=[{"count": 2, "reason": "database-unasked"}]), "databases", compared=0,
                verdict="not-proven")),
            ("a table that differs", with_check(
                make(1, verdict="failed", packs="", failureCount=1,
                     failures=[{"check": "databases", "entry": "08" * 16}]), "databases", verdict="failed")),
            ("a random snapshot of a copy", make(1, copy="9d" * 16, selection={"candidates": 7, "method": "random"})),
            ("a sample", make(1, scope="sample", sample={"hundredths": 1050, "method": "oldest-first", "seed": "04" * 16}))]
    result = [case(f"evidence: {name}", {"payload": payload(value).decode()},
                   {"stored": f.envelope(payload(value), seed, member).decode()}) for name, value in rows]
    refused = [
        ("a version that nobody knows", make(2)), ("version 0 with a check of version 1", make(0, checks=new["checks"])),
        ("version 0 with a phase of version 1", make(0, phases=new["phases"], rto=new["rto"])),
        ("version 0 with fields of version 1", {**old, "copy": ""}),
        ("version 1 without a field", {k: v for k, v in new.items() if k != "isolation"}),
        ("version 1 without a phase", make(1, phases=new["phases"][1:])),
        ("phases in another order", make(1, phases=new["phases"][::-1])),
        ("a word of isolation that nobody knows", make(1, isolation=["no-gravity"])),
        ("words of isolation in another order", make(1, isolation=["unprivileged", "no-network"])),
        ("several candidates of a snapshot that was named", make(1, selection={"candidates": 2, "method": "named"})),
        ("a selection from nothing", make(1, selection={"candidates": 0, "method": "random"})),
        ("a reason that nobody knows", make(1, skipped=[{"count": 1, "reason": "tired"}])),
        ("version 0 with a reason of version 1", make(0, skipped=[{"count": 1, "reason": "database-changed"}])),
        ("a copy with a short id", make(1, copy="9d")),
        ("a time that is not the sum of its parts", make(1, rto={**new["rto"], "milliseconds": 1})),
        ("a check that stands twice", make(1, checks=new["checks"] + new["checks"][-1:]))]
    result += [case(f"refused: {name}", {"payload": payload(value).decode()}, {}) for name, value in refused]
    # Each is right in its form; what the checks say does not bear the verdict.
    vain = [
        ("databases that compared nothing", with_check(new, "databases", compared=0, verdict="not-proven")),
        ("content that compared nothing", with_check(new, "content", compared=0, expected=0)),
        ("a check is missing", make(1, checks=[c for c in new["checks"] if c["name"] != "databases"])),
        ("content was skipped", with_check(new, "content", compared=0, expected=0, verdict="skipped"))]
    result += [case(f"in vain: {name}", {"payload": payload(value).decode()}, {}) for name, value in vain]
    for seed_byte, count in [(4, 1), (4, 2), (4, 7), (5, 7), (6, 1000)]:
        drawn = bytes([seed_byte]) * 16
        digest = sha256(keys.label("drill/selection") + drawn).digest()
        number = int.from_bytes(digest[:8], "big") % count
        result.append(case(f"selection of {count} with seed {seed_byte}",
                           {"candidates": count, "repository": repository, "seed": drawn}, {"number": number}))
    return result
