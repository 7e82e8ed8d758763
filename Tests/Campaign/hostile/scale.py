"""Time and peak memory of trees that are large in one direction, beside restic and borg."""

import os
import resource
import subprocess
import time

from .compare import differences
from .engines import Borg, Restic
from .shell import Failed, remove
from .trees import descend, put_at


def million(root, count):
    os.makedirs(root)
    fd = os.open(root, os.O_RDONLY)
    for number in range(count):
        os.close(os.open(b"%08x" % (number * 2654435761 % (1 << 32)), os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=fd))
    os.close(fd)


def levels(root, count):
    os.makedirs(root)
    fd = descend(root, b"d", count)
    put_at(fd, b"bottom", b"reached")
    os.close(fd)


class Meter:
    """Runs what an engine runs, and keeps seconds and peak memory of the largest child."""

    def __init__(self, engine):
        self.engine, self.rows = engine, {}
        engine.call = self.call
        self.step = None

    def call(self, *command, ok=(0,), **options):
        with open(self.engine.work + "/out", "wb+") as out, open(self.engine.work + "/err", "wb+") as err:
            started = time.monotonic()
            child = subprocess.Popen(command, env=self.engine.environment, stdout=out, stderr=err, **options)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            self.rows[self.step] = (round(time.monotonic() - started, 2), usage.ru_maxrss // 1024)
            out.seek(0), err.seek(0)
            done = subprocess.CompletedProcess(command, child.returncode, out.read(), err.read())
        if ok is not None and done.returncode not in ok:
            raise Failed(f"{self.engine.name} ended with {done.returncode}: {done.stderr[-300:]!r}")
        return done

    def measure(self, step, body):
        self.step = step
        return body()


def run_part(vault, work, random, full, results, options):
    base = os.path.dirname(work)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    print(f"open files: soft limit {limits[0]}, hard limit {limits[1]}", flush=True)
    for name, make, count in (("1,000,000 entries in a directory", million, 1_000_000), ("10,000 levels", levels, 10_000)):
        if not full:
            count //= 50
        root = (work + "/scale-" + name.split()[1]).encode()
        make(root, count)
        time.sleep(2.1)
        for kind in (type(vault), Restic, Borg):
            try:
                engine = kind(base + "/" + name.split()[1] + "-", *([vault.binary] if kind is type(vault) else []))
            except (Failed, FileNotFoundError) as error:
                print(f"skipped: {kind.name}: {error}", flush=True)
                continue
            results.check(f"scale: {name} ({count}): {engine.name}",
                          lambda: measured(Meter(engine), root, work, name, kind is type(vault)))
        remove(root)


def measured(meter, root, work, name, is_ours):
    engine = meter.engine
    target = (work + "/scale-restored").encode()
    try:
        meter.measure("backup", lambda: engine.backup(root))
        snapshot = meter.measure("unchanged", lambda: engine.backup(root))
        place = meter.measure("restore", lambda: engine.restore(snapshot, root, target))
        problems = differences(root, place, deep=True)
    except Failed as error:
        problems = [str(error)[:300]]
    remove(target)
    for step, (seconds, megabytes) in meter.rows.items():
        print(f"    {name}: {engine.name} {step}: {seconds} s, {megabytes} MiB", flush=True)
    # What the others cannot do is told, not counted.
    if problems and not is_ours:
        print(f"    {engine.name}: {problems[:2]}", flush=True)
    return problems if is_ours else []
