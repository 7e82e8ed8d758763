"""Logs in which members come and go and epochs change: what a new keyring may do, and what a leaver may do no more."""
import copy

import formatlib as f

ROLES = ["administer", "audit", "drill", "maintain", "read", "write"]
SESSION = "99" * 16


class Town:
    """A repository whose keyring is changed by orders. `keys` are those of the epoch in force, `before` the earlier ones."""
    def __init__(self, keys, members, quorum=1):
        self.keys, self.before, self.chain, self.members, self.quorum = keys, [], [], members, quorum
        self.log, self.verdicts, self.number = f.Log(keys.repo), ["effect"], 0
        self.keyring = self.make()
        self.add(members[0][0], "genesis", None, created=self.time(), keyring=self.keyring, suite=1)

    def time(self): return f"2026-01-02T03:{len(self.log.lines) // 60 + 4:02d}:{len(self.log.lines) % 60:02d}.000Z"

    def add(self, who, kind, verdict, **fields):
        self.log.add(who, self.time(), kind, fields, count=verdict != "void")
        if verdict:
            self.verdicts.append(verdict)
        return f.sha256(self.log.lines[-1]).hex()

    def fresh(self):
        self.number += 1
        return f.sha256(b"people %d" % self.number)

    def make(self):
        made = self.keys.keyring(self.members, [self.fresh() for _ in self.members], self.chain, self.before)
        made["quorum"] = {"administrators": self.quorum}
        return made

    def order(self, members=None, rotate=False, quorum=None, group=False):
        """The order of a change, as an honest administrator prepares it. Nothing is in force yet."""
        saved = self.keys, self.before, self.chain, self.members, self.quorum
        self.members, self.quorum = members or self.members, quorum or self.quorum
        if rotate:
            after = f.Keys(self.keys.repo, self.fresh(), self.fresh(), self.keys.dd, self.keys.ck, self.keys.epoch + 1,
                           self.keys.groups)
            if group:
                after.begin_group(self.fresh(), self.fresh())
            self.chain = [*self.chain, self.keys.wrap(after, self.fresh())]
            self.before, self.keys = [*self.before, self.keys], after
        made = {"basis": f.sha256(f.canonical(self.keyring)).hex(), "keyring": self.make(), "kind": "keyring",
                "reason": "a change"}
        self.waiting = self.keys, self.before, self.chain, self.members, self.quorum
        self.keys, self.before, self.chain, self.members, self.quorum = saved
        return made

    def change(self, who, verdict="effect", edit=None, by=None, **change):
        """Proposes and approves, and takes the change over if it has an effect."""
        order = copy.deepcopy(self.order(**change))
        if edit:
            edit(order)
        proposal = self.add(who, "propose", "effect", order=order)
        for approver in by or [who]:
            last = approver is (by or [who])[-1]
            self.add(approver, "approve", verdict if last else "effect", proposal=proposal)
        if verdict == "effect":
            self.keys, self.before, self.chain, self.members, self.quorum = self.waiting
            self.keyring = order["keyring"]
        return proposal

    def open(self, who, verdict="effect", session=SESSION, epoch=None, purpose="backup"):
        self.add(who, "open", verdict, epoch=epoch or self.keys.epoch, purpose=purpose, session=session, silence=60,
                 system="alpha")


def town(k, quorum=1):
    person = f.Identity(b"\x55" * 32, b"\x66" * 32, "Nguyễn Văn An", "person")
    second = f.Identity(b"\x57" * 32, b"\x68" * 32, "Trần Thị Bình", "person")
    writer = f.Identity(b"\xa1" * 32, b"\xa2" * 32, "server-01", "machine")
    base = [(person, ROLES, ["*"]), (writer, ["write"], ["alpha"])]
    both = [*base, (second, ROLES, ["*"])]
    return Town(k, base if quorum == 1 else both, quorum), person, second, writer, base, both


def logs(case, k):
    out = []

    def done(name, t):
        out.append(case(name, {"decoder": "log", "lines": [line.decode() for line in t.log.lines],
                               "repository": k.repo},
                        {"verdicts": t.verdicts, "epoch": t.keys.epoch, "quorum": t.quorum,
                         "members": sorted(m.id.hex() for m, _, _ in t.members)}))

    t, person, second, writer, base, both = town(k)
    t.open(second, "void")
    t.change(person, members=both)
    t.open(second)
    t.change(second, members=base, rotate=True)
    t.add(second, "abort", "void", session=SESSION)
    t.add(person, "abort", "none", session=SESSION)
    t.open(writer, "none", session="9a" * 16, epoch=1)
    t.open(writer, session="9a" * 16)
    done("a second person joins and leaves, and the session is closed", t)

    t, person, second, writer, base, both = town(k)
    t.open(writer)
    t.change(person, members=[base[0], (writer, ["audit"], ["alpha"])], rotate=True)
    t.add(writer, "abort", "void", session=SESSION)
    t.add(person, "abort", "none", session=SESSION)
    t.change(person, members=[base[0], (writer, ["write"], ["beta"])])
    t.open(writer, "none", session="9a" * 16)
    t.change(person, members=[base[0], (writer, ["write"], ["beta"]), (second, ["audit", "administer"], ["*"])])
    t.change(second, members=[base[0], (writer, ["write"], ["beta"])])
    done("a role and a system are taken away, and somebody without keys goes", t)

    t, person, second, writer, base, both = town(k)
    t.open(writer)
    pack = {"class": 1, "directory": "ee" * 32, "epoch": 1, "length": 1000, "name": "ff" * 32, "segments": 1}
    t.change(person, rotate=True)
    for number, (epoch, verdict) in enumerate([(3, "none"), (1, "effect"), (1, "none"), (2, "effect")]):
        t.add(writer, "progress", verdict, index=[], packs=[{**pack, "epoch": epoch, "name": f"{number:02x}" * 32}],
              session=SESSION)
    t.change(person, rotate=True)
    done("packs of an epoch that ends while a session is open", t)

    def slot_lost(o): o["keyring"]["slots"].pop()
    def reader(o): o["keyring"].update(readKey="12" * 32)
    def name(o): o["keyring"]["members"][0].update(name=o["keyring"]["members"][1]["name"])
    def chunkers(o): o["keyring"]["chunkers"]["files"].update(average=4096)
    def short(o): o["keyring"]["slots"][0].update(sealed=o["keyring"]["slots"][0]["sealed"][:-66])
    def broken(o): o["keyring"]["chain"][0]["read"].update(sealed="00" * 48)
    def group(o): o["keyring"]["groups"][0].update(name="other")
    def basis(o): o.update(basis="12" * 32)
    def old(o): o["keyring"]["idx"][0].update(commitment="12" * 32)
    t, person, second, writer, base, both = town(k)
    for edit in (slot_lost, name, chunkers, group, basis):
        t.change(person, "none", edit, members=both)
    t.change(person, "none", reader)
    t.change(person, "none", short)
    t.change(person, "none", members=[base[0]])
    t.change(person, "none", members=[base[0], (writer, ["audit"], ["alpha"])])
    t.change(person, "none", quorum=2)
    t.change(person, "none", members=[(person, ["administer"], ["*"]), base[1]], rotate=True)
    t.change(person, "none", members=[(person, ["read"], ["*"]), base[1]], rotate=True)
    t.change(person, "none", old, rotate=True)
    t.change(person, rotate=True)
    t.change(person, "none", broken, rotate=True)
    done("keyrings that may not take the place", t)

    def no_step(o): o["keyring"]["groups"][-1].update(previous={"commitment": "12" * 32, "sealed": "00" * 48})
    def skipped(o): o["keyring"]["groups"][-1].update(number=4)
    def late(o): o["keyring"]["groups"][-1].update(epoch=4)
    def lost(o): o["keyring"].update(groups=o["keyring"]["groups"][-1:])
    def stays(o): o["keyring"]["members"][0].update(group=1)
    def other(o): o["keyring"]["groups"][0].update(name="other")
    def renamed(o): o["keyring"]["groups"][-1].update(name="other")
    def none(o): o["keyring"]["groups"][-1].pop("previous")
    t, person, second, writer, base, both = town(k)
    t.open(writer)
    t.change(person, rotate=True, group=True)
    # What was sealed before the change, and a snapshot's session, go on.
    t.add(writer, "progress", "effect", index=[], packs=[{**pack, "epoch": 1}], session=SESSION)
    t.change(person, members=both)
    for edit in (skipped, late, lost, stays, none):
        made = copy.deepcopy(t.order(rotate=True, group=True))
        edit(made)
        t.add(person, "propose", "void", order=made)
    for edit in (other, renamed):
        t.change(person, "none", edit, rotate=True, group=True)
    t.change(person, rotate=True, group=True)
    t.change(second, "none", no_step, rotate=True)
    made = copy.deepcopy(t.order(rotate=True, group=True))
    made["keyring"].update(t.order(members=both)["keyring"], groups=made["keyring"]["groups"],
                           members=made["keyring"]["members"])
    t.add(person, "propose", "void", order=made)
    t.change(second, rotate=True)
    done("dedup groups that begin, and that may not", t)

    t, person, second, writer, base, both = town(k)
    first = t.add(person, "propose", "effect", order=t.order(members=both))
    t.change(person, rotate=True)
    t.add(person, "approve", "none", proposal=first)
    t.change(person, members=both)
    t.add(second, "approve", "none", proposal=first)
    done("an order that was overtaken by another", t)

    t, person, second, writer, base, both = town(k, quorum=2)
    lower = t.add(person, "propose", "effect", order=t.order(quorum=1))
    t.add(person, "approve", "effect", proposal=lower)
    t.add(person, "approve", "none", proposal=lower)
    t.add(writer, "approve", "void", proposal=lower)
    third = f.Identity(b"\x59" * 32, b"\x6a" * 32, "Lê Văn Cường", "person")
    waiting = t.change(person, by=[person, second], members=[*both, (third, ROLES, ["*"])])
    t.add(third, "approve", "none", proposal=waiting)
    t.add(second, "approve", "none", proposal=lower)
    kept = t.add(third, "propose", "effect", order=t.order(rotate=True))
    t.add(third, "approve", "effect", proposal=kept)
    t.change(person, by=[person, second], members=both, rotate=True)
    t.add(person, "approve", "effect", proposal=kept)
    t.add(second, "approve", "none", proposal=kept)
    t.add(third, "approve", "void", proposal=kept)
    t.change(second, "effect", by=[second, person], quorum=1)
    t.change(second, "effect", members=[(second, ROLES, ["*"]), base[1]], rotate=True)
    done("two of two, then of three, and approvals of a leaver", t)

    t, person, second, writer, base, both = town(k)
    order = t.order(members=both)
    for edit in (lambda o: o.update(more=1), lambda o: o["keyring"].update(epoch=2),
                 lambda o: o["keyring"]["members"][0].update(id="12" * 16), lambda o: o.update(reason="x" * 1025),
                 lambda o: o["keyring"]["chain"].append(1), lambda o: o["keyring"]["quorum"].update(administrators=0)):
        made = copy.deepcopy(order)
        edit(made)
        t.add(person, "propose", "void", order=made)
    t.add(writer, "propose", "void", order=order)
    done("orders that are in no form", t)
    return out
