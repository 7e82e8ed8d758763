"""What the classes of the campaign share: arguments, the parallel sweep, the closing line and the JSON result."""
import argparse, json, os, random, shutil, subprocess, sys, tempfile, threading, time

VAULT = os.path.abspath(os.environ.get("VAULT") or
                        os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.build/debug/vault"))


class Campaign:
    """One run of a class. `with Campaign("name") as c:` gives a work folder `c.work`, the seed, and `c.random`."""

    def __init__(self, name, parallel=2):
        parser = argparse.ArgumentParser()
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--scale", choices=["ci", "full"], default="ci")
        parser.add_argument("--out")
        parser.add_argument("--keep", action="store_true", help="leaves the work folder")
        parser.add_argument("--points", type=int, help="a sample of this size instead of the scale's")
        self.arguments = parser.parse_args()
        self.name, self.parallel = name, parallel
        self.seed, self.full = self.arguments.seed, self.arguments.scale == "full"
        self.random = random.Random(self.seed)
        self.points, self.missed, self.findings, self.counts, self.skipped = 0, 0, [], {}, ""
        self.lock = threading.Lock()
        # The time for the points; what is begun before is still looked at. A build must end on a busy machine too.
        minutes = float(os.environ.get("VAULT_CAMPAIGN_MINUTES") or (1e9 if self.full else 0.45))
        self.time, self.deadline = minutes * 60, None

    def is_over(self):
        """Whether the time for points is up. It begins with the first question, so that preparing takes nothing of it."""
        if self.deadline is None:
            self.deadline = time.monotonic() + self.time
        return time.monotonic() > self.deadline

    def __enter__(self):
        self.started = time.monotonic()
        self.work = os.path.realpath(tempfile.mkdtemp(prefix=f"vault-{self.name}-", dir=os.environ.get("TMPDIR")))
        return self

    def __exit__(self, kind, value, trace):
        if not self.arguments.keep:
            shutil.rmtree(self.work, ignore_errors=True)
        if kind is None:
            sys.exit(self.finish())

    def count(self, key, points=1):
        """Counts points under a key of the JSON result."""
        with self.lock:
            self.points += points
            self.counts[key] = self.counts.get(key, 0) + points

    def note(self, key):
        """Counts something about a point that is counted already."""
        with self.lock:
            self.counts[key] = self.counts.get(key, 0) + 1

    def violation(self, point, sentence):
        with self.lock:
            self.findings.append(f"{point}: {sentence}")
            if len(self.findings) <= 50:
                print(f"{self.name}: violation at {point}: {sentence}", flush=True)

    def miss(self):
        """Notes a point whose injection was never reached. Returns no sentences: nothing was violated, nor proven."""
        with self.lock:
            self.missed += 1
        return []

    def expect_reached(self, chosen, what="injections", part=10):
        """Where more than one in `part` of the chosen points was not reached, the rest proves too little."""
        self.counts["not reached"] = self.missed
        if self.missed * part > chosen:
            self.violation("all", f"{self.missed} of {chosen} {what} were not reached")

    def sample(self, items, size):
        """All items in the full scale, else a seeded sample of `size`; `--points` overrules both."""
        items = list(items)
        size = self.arguments.points or (len(items) if self.full else size)
        return items if size >= len(items) else self.random.sample(items, size)

    def sweep(self, items, body, key):
        """Calls `body(item, slot)` for every item, on as many threads as there are slots. It returns a list of
        sentences, one for each violation. An exception of the harness itself is a violation too."""
        queue = list(reversed(list(items)))

        def work(slot):
            while True:
                with self.lock:
                    if not queue or self.is_over():
                        return
                    item = queue.pop()
                try:
                    found = body(item, slot)
                except Exception as error:  # whatever it is, the point was not proven
                    found = [f"the check itself failed: {type(error).__name__}: {error}"]
                self.count(key)
                for sentence in found:
                    self.violation(f"{key} {item}", sentence)

        threads = [threading.Thread(target=work, args=(slot,)) for slot in range(self.parallel)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        if queue:
            self.counts[key + ", left out for want of time"] = len(queue)

    def skip(self, reason):
        self.skipped = reason
        print(f"{self.name}: skipped: {reason}", flush=True)

    def finish(self):
        seconds = time.monotonic() - self.started
        print(f"{self.name}: {self.points} points, {len(self.findings)} violations, seed {self.seed}, {seconds:.0f} s",
              flush=True)
        if self.arguments.out:
            with open(self.arguments.out, "w") as file:
                json.dump({"points": self.points, "violations": len(self.findings), "counts": self.counts,
                           "findings": self.findings[:200], "skipped": self.skipped}, file)
        return 1 if self.findings else 0


def run(arguments, environment=None, timeout=60, **more):
    """Runs a program and returns (status, output, errors); -signal for one that was killed, None for one that hung."""
    try:
        done = subprocess.run(arguments, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=timeout, start_new_session=True, **more)
    except subprocess.TimeoutExpired:
        return None, "", "no end"
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
