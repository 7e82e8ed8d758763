"""Logs in which snapshots and packs come and go, drawn from a seed; verdicts and end state are those of the replay in
Tests/Independent/vault_format.py. A record is drawn so that it is often, but not always, one that has an effect."""
import pathlib
import random
import sys

import formatlib as f

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Independent"))
import vault_format as vf  # noqa: E402

DAY = 86_400_000
BEGIN = 1_767_225_600_000  # 2026-01-01


def stamp(ms):
    days, rest = divmod(ms, DAY)
    at = vf.datetime.datetime(1970, 1, 1) + vf.datetime.timedelta(days=days, milliseconds=rest)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


class Story:
    def __init__(self, keys, seed, members, keep, age, quorum):
        self.random, self.members, self.log = random.Random(seed), members, f.Log(keys.repo)
        keyring = keys.keyring([(m, roles, systems) for m, roles, systems in members],
                               [bytes([0xc1 + k]) * 32 for k in range(len(members))])
        keyring["expiry"], keyring["quorum"] = {"age": age, "keep": keep}, {"administrators": quorum}
        self.time, self.number, self.repo = BEGIN, 0, keys.repo
        self.add(members[0][0], "genesis", {"created": stamp(BEGIN), "keyring": keyring, "suite": 1})
        self.replay()

    def add(self, who, kind, fields, at=None):
        self.log.add(who, stamp(self.time if at is None else at), kind, fields)

    def replay(self):
        self.state = vf.Log(self.log.lines, repo=self.repo)

    def fresh(self, size):
        self.number += 1
        return f.sha256(b"story %d" % self.number).hex()[:2 * size]

    def some(self, rows, most=2):
        rows = list(rows)
        return sorted(self.random.sample(rows, min(len(rows), self.random.randint(1, most)))) if rows else []

    def set_of(self, ordinals): return f.pack_set(sorted(ordinals)).hex()

    def step(self):
        """One record. The clock of its writer may be wrong."""
        r, s = self.random, self.state
        self.time += r.choice([1_000, 60_000, DAY // 2, DAY, DAY, 3 * DAY])
        at = self.time + r.choice([0] * 8 + [40 * DAY, -40 * DAY, -5 * DAY])
        writers = [m for m, roles, _ in self.members if "write" in roles]
        keepers = [m for m, roles, _ in self.members if "maintain" in roles]
        admins = [m for m, roles, _ in self.members if "administer" in roles]
        packs, opened = range(len(s.packs)), [(k, v) for k, v in s.sessions.items() if v["open"]]
        live = [x["id"] for x in s.snapshots if x["live"]]
        gone = [x["id"] for x in s.snapshots if not x["live"]]
        kind = r.choice(["open"] * 4 + ["progress"] * 7 + ["snapshot"] * 8 + ["end"] * 2 + ["forget"] * 4 +
                        ["recall", "hold", "release", "propose", "propose", "approve", "approve"] +
                        ["condemn", "condemn", "sweep", "compact", "compact", "compact"])
        if kind == "open":
            purpose = r.choice(["backup", "backup", "maintenance"])
            who = r.choice(keepers if purpose == "maintenance" else writers)
            return self.add(who, kind, {"epoch": 1, "purpose": purpose, "session": self.fresh(16), "silence": 0 if r.random() < .5 else 3600,
                                        "system": r.choice(["alpha", "beta"])}, at)
        if kind in ("progress", "snapshot", "end", "compact"):
            if kind == "compact":
                opened = [x for x in opened if x[1]["purpose"] == "maintenance"]
            if not opened:
                return
            session, known = r.choice(opened)
            who = next(m for m, _, _ in self.members if m.id.hex() == known["writer"])
            if kind == "progress":
                new = [{"class": 1, "directory": self.fresh(32), "epoch": 1, "length": 1000, "name": self.fresh(32),
                        "segments": 1} for _ in range(r.randint(1, 2))]
                return self.add(who, kind, {"index": [], "packs": new, "session": session}, at)
            if kind == "snapshot":
                if "write" not in next(roles for m, roles, _ in self.members if m is who):
                    return None
                usable = [k for k in packs if s.packs[k]["voucher"] == known["writer"] or s.packs[k]["attested"]]
                chosen = self.some([k for k in usable if not s.packs[k]["swept"]] if r.random() < .9 else packs, 3)
                return chosen and self.add(who, kind, {
                    "bytes": 0, "entries": 0, "epoch": 1, "finished": stamp(self.time), "map": self.fresh(32),
                    "private": self.fresh(20), "problems": 0,
                    "root": {"disclosure": self.fresh(32), "node": self.fresh(20)}, "session": session,
                    "set": self.set_of(chosen), "started": stamp(self.time), "system": known["system"], "tags": []}, at)
            if kind == "end":
                ended = r.choice(["abort", "expire"])
                return self.add(who if ended == "abort" else r.choice(keepers), ended, {"session": session}, at)
            moved = [k for k in packs if s.packs[k]["moved"]]
            old = self.some([k for k in packs if k not in moved] if r.random() < .8 else packs, 3)
            new = self.some(moved if r.random() < .7 else packs)  # ordinary ones mend
            if not old or not new or set(old) & set(new):
                return
            lost = old if r.random() < .3 else []  # they stay
            moves = [{"new": self.set_of({*new, *lost}), "old": self.set_of(old)}]
            if len(old) > 1 and r.random() < .5:
                moves = [{"new": self.set_of(new[:1]), "old": self.set_of(old[:1])},
                         {"new": self.set_of(new), "old": self.set_of(old[1:])}]
            maps = [{"map": self.fresh(32), "snapshot": x} for x in self.some(live)] if r.random() < .6 else []
            basis = max(0, len(self.log.lines) - r.choice([0, 1, 1, 1, 2, 5, 12]))
            return self.add(who, kind, {"basis": basis, "maps": maps, "moves": moves, "session": session}, at)
        if kind in ("condemn", "sweep"):
            right = packs if kind == "condemn" else [k for k in packs if s.packs[k]["condemned"]] or packs
            chosen = self.some(right, 4)
            return chosen and self.add(r.choice(keepers), kind, {"packs": self.set_of(chosen)}, at)
        if kind == "forget":
            old = live if r.random() < .3 else live[:max(1, len(live) // 2)]
            return old and self.add(r.choice(keepers), kind, {"reason": "", "snapshots": self.some(old)}, at)
        if kind == "recall":
            return gone and self.add(r.choice(keepers), kind, {"reason": "too early", "snapshots": self.some(gone)}, at)
        if kind == "hold":
            until = r.choice(["", stamp(self.time + r.choice([-DAY, 2 * DAY]))])
            return live and self.add(r.choice(writers), kind,
                                     {"reason": "kept", "snapshot": r.choice(live), "until": until}, at)
        held = [h for h, v in s.holds.items() if v["on"]]
        if kind == "release":
            return held and self.add(r.choice(keepers), kind, {"hold": r.choice(held), "reason": ""}, at)
        if kind == "propose":
            order = {"hold": r.choice(held), "kind": "release", "reason": ""} if held and r.random() < .5 else \
                {"kind": "forget", "reason": "ordered", "snapshots": self.some(live)} if live else None
            return order and self.add(r.choice(admins), kind, {"order": order}, at)
        waiting = [p for p, v in s.proposals.items() if not v["done"]] or list(s.proposals)
        return waiting and self.add(r.choice(admins), "approve", {"proposal": r.choice(waiting)}, at)

    def run(self, records):
        while len(self.log.lines) < records:
            before = len(self.log.lines)
            self.step()
            if len(self.log.lines) > before:
                self.replay()
                if self.state.verdicts[-1][0] == "void":
                    raise AssertionError(self.state.verdicts[-1])
        return self


def stories(case, keys, members):
    cases = []
    for seed in range(1, 9):
        story = Story(keys, seed, members, keep=seed % 3, age=(0, 86_400, 3 * 86_400)[seed % 4 // 2], quorum=1 + seed % 2)
        state = story.run(75).state
        cases.append(case(f"story {seed}", {"decoder": "log", "lines": [line.decode() for line in story.log.lines]}, {
            "verdicts": [word for word, _ in state.verdicts],
            "live": [s["id"] for s in state.snapshots if s["live"]],
            "sets": [f.pack_set(sorted(state.set_of(s))) for s in state.snapshots],
            "maps": [s["map"] or "" for s in state.snapshots],
            "held": [v["snapshot"] for v in state.holds.values() if v["on"]],
            "condemned": [k for k, p in enumerate(state.packs) if p["condemned"] is not None],
            "swept": [k for k, p in enumerate(state.packs) if p["swept"]],
            "replaced": [k for k, p in enumerate(state.packs) if p["replaced"]],
            "lost": [[k, p["lost"]] for k, p in enumerate(state.packs) if p["lost"] is not None],
            "mended": [s["id"] for s in state.snapshots if s["mended"]],
            "vouchers": ["*" if p["attested"] else p["voucher"] or "" for p in state.packs]}))
    return cases
