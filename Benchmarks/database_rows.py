"""What the rows of the pgbench database of `Benchmarks/databases` hold.

    blank   as pgbench makes them: 84 blanks in each row, so that a dump compresses to a hundredth
    text    words of a made-up language, a few numbers, and punctuation: compresses 3 to 4 times, as records do

Texts are drawn from a hash of the number of the row and of a version, so all runs have the same rows. A transaction also
changes the text of the row that it updates, and notes a text in the history.
"""
import random

KINDS = ["blank", "text"]
WORD_COUNT = 512
ROW_CHARACTERS = 84

TRANSACTION = r"""
\set aid random(1, 100000 * :scale)
\set bid random(1, 1 * :scale)
\set tid random(1, 10 * :scale)
\set delta random(-5000, 5000)
\set version random(1, 1000000000)
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta, filler = remark(:aid, :version) WHERE aid = :aid;
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime, filler)
    VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP, left(remark(:aid, :version), 22));
END;
"""


def words():
    draw = random.Random(1)
    syllables = [a + b for a in "b br c ch d f g h k l m n p r s st t tr v w".split()
                 for b in "a e i o u an er in or el".split()]
    found = []
    while len(found) < WORD_COUNT:
        word = "".join(draw.choice(syllables) for _ in range(draw.choice([1, 2, 2, 3])))
        if word not in found:
            found.append(word)
    return found


def function():
    """The SQL of `remark(row, version)`: nine bits of a hash choose a word, common ones more often."""
    def word(number):
        bits = f"((h >> {9 * number}) & {WORD_COUNT - 1})"
        return f"w[1 + (({bits} * {bits}) >> 9)]"
    text = (f"{word(0)} || ' ' || {word(1)} || ' ' || {word(2)} || ', ' || {word(3)} || ' ' || ((h >> 52) & 127) || ' ' || "
            f"{word(4)} || ' ' || {word(5)} || ' ' || {word(1)} || ((h >> 20) & 65535)")
    array = "ARRAY['" + "','".join(words()) + "']"
    return (f"CREATE FUNCTION remark(aid bigint, version bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ "
            f"SELECT left({text}, {ROW_CHARACTERS}) FROM (SELECT {array} AS w, "
            f"hashint8extended(aid, version) & 9223372036854775807 AS h OFFSET 0) AS drawn $$;")


def fill(kind, script):
    """A shell command that gives new rows what they hold, in place. `script`: a file for the transaction."""
    if kind == "blank":
        return "true"
    with open(script, "w") as out:
        out.write(TRANSACTION)
    with open(script + ".sql", "w") as out:
        # Written anew, so that no table is half empty and all rows stand in their order.
        out.write(function() + "\nUPDATE pgbench_accounts SET filler = remark(aid, 0);\nVACUUM FULL pgbench_accounts;\n")
    return f"psql -qX -v ON_ERROR_STOP=1 -f {script}.sql bench"


def transactions(kind, script, scale):
    """What pgbench is told to run."""
    return "" if kind == "blank" else f"-s {scale} -f {script}"
