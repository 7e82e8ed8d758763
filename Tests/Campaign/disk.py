"""A disk that loses what was not synchronised: reads the record that faults.so makes of a run, and builds the states that
may be found after a power cut at any point of it.

The rules are the weakest that POSIX and the usual file systems give, weaker than each of them:
- written bytes survive once their file was synchronised; before, each block of 4 KiB is there, not there, or torn at a
  multiple of 512 bytes, whatever came of other blocks, and the length of the file may have changed without its bytes;
- a new, removed or other name survives once its directory was synchronised; before, each may be there or not, in any
  combination; synchronising the file does not help its name; a rename between directories needs both;
- a rename is atomic: the old name or the new one, never none;
- what never had a name, or lost its last one, is gone.
Not modelled: modes and owners (the checks run as root), and file systems that lose what was synchronised."""
import hashlib, os, shutil

BLOCK, SECTOR = 4096, 512
KEPT, DROPPED, TORN = "kept", "dropped", "torn"


class Effect:
    """A change that is not durable until all of `needs` were synchronised."""
    __slots__ = ("kind", "needs", "arguments")

    def __init__(self, kind, needs, *arguments):
        self.kind, self.needs, self.arguments = kind, frozenset(needs), arguments


class Record:
    """What a run did to a disk. `root` is the path of the disk; `before` the tree that it began with."""

    def __init__(self, root, before_inodes, log_path):
        self.names, self.files = before_inodes  # object -> {name: object}; object -> bytes
        self.root = os.stat(root).st_ino
        self.steps = []  # Effect | ("sync", object) | ("output",) | ("mark", text)
        self.objects = {number: number for number in [*self.names, *self.files]}
        self.seen = {directory: dict(entries) for directory, entries in self.names.items()}  # as the program sees it
        self.fresh, self.sizes = 1 << 60, {number: len(data) for number, data in self.files.items()}
        with open(log_path + ".data", "rb") as file:
            self.data = file.read()
        with open(log_path) as file:
            for line in file.read().splitlines():
                self.add(line.split("\t"))

    def new(self, number):
        """Inode numbers are used again; objects are not."""
        self.fresh += 1
        self.objects[number] = self.fresh
        self.sizes[self.fresh] = 0
        return self.fresh

    def add(self, fields):
        kind = fields[0]
        of = lambda index: self.objects[int(fields[index])]
        if kind == "output":
            self.steps.append(("output",))
        elif kind == "mark":
            self.steps.append(("mark", fields[1]))
        elif kind == "sync":
            self.steps.append(("sync", of(1)))
        elif kind == "syncfs":
            self.steps.append(("sync", None))
        elif kind == "unnamed":
            self.new(int(fields[1]))
        elif kind in ("create", "mkdir"):
            directory, made = of(1), self.new(int(fields[3]))
            self.seen[directory][fields[2]] = made
            if kind == "mkdir":
                self.seen[made] = {}
            self.steps.append(Effect("link", [directory], directory, fields[2], made, kind == "mkdir"))
        elif kind == "link":
            self.seen[of(1)][fields[2]] = of(3)
            self.steps.append(Effect("link", [of(1)], of(1), fields[2], of(3), False))
        elif kind == "unlink":
            del self.seen[of(1)][fields[2]]
            self.steps.append(Effect("unlink", [of(1)], of(1), fields[2]))
        elif kind == "rename":
            target = self.seen[of(1)].pop(fields[2])
            self.seen[of(3)][fields[4]] = target
            self.steps.append(Effect("rename", [of(1), of(3)], of(1), fields[2], of(3), fields[4], target))
        elif kind == "truncate":
            self.sizes[of(1)] = int(fields[2])
            self.steps.append(Effect("size", [of(1)], of(1), int(fields[2]), True))
        elif kind == "write":
            self.write(of(1), *map(int, fields[2:5]))
        else:
            raise ValueError(f"a record that the simulated disk does not know: {fields}")

    def write(self, target, offset, length, place):
        end = offset + length
        if end > self.sizes[target]:
            self.sizes[target] = end
            self.steps.append(Effect("size", [target], target, end, False))
        while offset < end:
            stop = min(end, (offset // BLOCK + 1) * BLOCK)
            self.steps.append(Effect("data", [target], target, offset, self.data[place:place + stop - offset]))
            place, offset = place + stop - offset, stop

    def at(self, cut):
        """The state after the first `cut` steps: the effects in order, and the places of those that may be lost."""
        effects, waiting = [], {}
        for step in self.steps[:cut]:
            if isinstance(step, Effect):
                waiting[len(effects)] = set(step.needs)
                effects.append(step)
            elif step[0] == "sync":
                for place, needs in list(waiting.items()):
                    needs.discard(step[1])
                    if step[1] is None or not needs:
                        del waiting[place]
        return effects, sorted(waiting)

    def state(self, effects, fates):
        """The tree that survives: path -> bytes, or None for a directory. `fates` says for the places that may be lost
        what becomes of them: kept, dropped, or (torn, sectors) for data; all others are kept."""
        names = {directory: dict(entries) for directory, entries in self.names.items()}
        files = {number: bytearray(data) for number, data in self.files.items()}
        for place, effect in enumerate(effects):
            fate = fates.get(place, KEPT)
            kind, arguments = effect.kind, effect.arguments
            if kind == "link":
                # The object itself is there in any case; without a name nobody finds it.
                directory, name, made, is_directory = arguments
                (names if is_directory else files).setdefault(made, {} if is_directory else bytearray())
            if fate == DROPPED:
                continue
            if kind == "link":
                names[directory][name] = made
            elif kind == "unlink":
                names[arguments[0]].pop(arguments[1], None)
            elif kind == "rename":
                self.rename(names, *arguments)
            elif kind == "size":
                target, size, cuts = arguments
                data = files.setdefault(target, bytearray())
                if cuts:
                    del data[size:]
                data.extend(bytes(max(0, size - len(data))))
            elif kind == "data":
                target, offset, block = arguments
                data = files.setdefault(target, bytearray())
                if isinstance(fate, tuple):
                    block = block[:fate[1] * SECTOR]
                data.extend(bytes(max(0, offset + len(block) - len(data))))
                data[offset:offset + len(block)] = block
        return self.tree(names, files)

    @staticmethod
    def rename(names, old, old_name, new, new_name, target):
        if names[old].get(old_name) == target:
            del names[old][old_name]
        names[new][new_name] = target

    def tree(self, names, files):
        found, waiting = {}, [("", self.root)]
        while waiting:
            path, directory = waiting.pop()
            for name, number in names[directory].items():
                if number in names:
                    found[path + name] = None
                    waiting.append((path + name + "/", number))
                else:
                    found[path + name] = bytes(files.get(number, b""))
        return found


def inodes(root):
    """A tree on a real disk, as `Record` begins with it."""
    names, files = {}, {}
    for folder, directories, plain in os.walk(root):
        entries = names.setdefault(os.stat(folder).st_ino, {})
        for name in directories:
            number = os.stat(f"{folder}/{name}").st_ino
            entries[name] = number
            names.setdefault(number, {})
        for name in plain:
            number = os.stat(f"{folder}/{name}").st_ino
            entries[name] = number
            with open(f"{folder}/{name}", "rb") as file:
                files[number] = file.read()
    return names, files


def read_tree(root):
    found = {}
    for folder, directories, plain in os.walk(root):
        path = os.path.relpath(folder, root)
        path = "" if path == "." else path + "/"
        found.update({path + name: None for name in directories})
        for name in plain:
            with open(f"{folder}/{name}", "rb") as file:
                found[path + name] = file.read()
    return found


def write_tree(root, tree):
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    for path in sorted(tree):
        if tree[path] is None:
            os.makedirs(f"{root}/{path}", mode=0o700, exist_ok=True)
        else:
            with open(os.open(f"{root}/{path}", os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(tree[path])


def digest(tree):
    sum = hashlib.sha256()
    for path in sorted(tree):
        content = tree[path]
        sum.update(f"{path}\0{'-' if content is None else len(content)}\0".encode())
        sum.update(content or b"")
    return sum.digest()


def self_test(work):
    """The disk itself: what must survive does in every state, what may be lost is lost in some, and nothing else comes."""
    def record(*lines, data=b""):
        root = work + "/disk-test"
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(root + "/d")
        with open(root + "/d/old", "wb") as file:
            file.write(b"old")
        number = {"R": os.stat(root).st_ino, "D": os.stat(root + "/d").st_ino, "O": os.stat(root + "/d/old").st_ino,
                  "N": 1, "M": 2}
        with open(work + "/disk-test.log", "w") as file:
            for line in lines:
                file.write("\t".join(str(number.get(word, word)) if word in number else word for word in line.split()) + "\n")
        with open(work + "/disk-test.log.data", "wb") as file:
            file.write(data)
        return Record(root, inodes(root), work + "/disk-test.log")

    def states(record):
        effects, waiting = record.at(len(record.steps))
        for mask in range(1 << len(waiting)):
            yield record.state(effects, {place: KEPT if mask >> bit & 1 else DROPPED for bit, place in enumerate(waiting)})

    data = b"a" * 5000
    create, write, name = "create D n N", "write N 0 5000 0", lambda tree: tree.get("d/n", "absent")
    def outcomes(*lines): return {name(tree) for tree in states(record(*lines, data=data))}
    # Nothing synchronised: no name, an empty file, a hole where a block is missing, or all.
    assert outcomes(create, write) == {"absent", b"", bytes(5000), data, data[:4096], data[:4096] + bytes(904),
                                       bytes(4096) + data[4096:]}
    assert outcomes(create, write, "sync N") == {"absent", data}
    assert outcomes(create, write, "sync D") == outcomes(create, write) - {"absent"}
    assert outcomes(create, write, "sync N", "sync D") == {data}
    assert outcomes(create, "sync D", write, "sync N", "sync R") == {data}
    # A file without a name is nowhere until it has one.
    assert outcomes("unnamed N", write, "sync N") == {"absent"}
    assert outcomes("unnamed N", write, "sync N", "link D n N") == {"absent", data}
    # A rename that replaces: old or new content, never none.
    replace = [create, write, "sync N", "rename D n D old"]
    assert {tree["d/old"] for tree in states(record(*replace, data=data))} == {b"old", data}
    assert {tree["d/old"] for tree in states(record(*replace, "sync D", data=data))} == {data}
    # A name in a directory whose own name is lost is lost.
    inner = ["mkdir R e M", "create M x N", "sync M"]
    assert {tree.get("e/x", "absent") for tree in states(record(*inner))} == {"absent", b""}
    assert {tree.get("e/x") for tree in states(record(*inner, "sync R"))} == {b""}
    assert {tree.get("d/old") for tree in states(record("unlink D old 0"))} == {b"old", None}
    assert {tree.get("d/old") for tree in states(record("unlink D old 0", "sync D"))} == {None}
    # Torn: a whole number of sectors of the block.
    torn = record(create, "sync D", "write N 0 4096 0", data=data)
    effects, waiting = torn.at(4)
    assert name(torn.state(effects, {waiting[0]: DROPPED, waiting[1]: (TORN, 3)})) == data[:1536]
