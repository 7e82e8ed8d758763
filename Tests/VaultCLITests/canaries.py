#!/usr/bin/python3
"""canaries.py NEEDLES FOLDER...: names every place below the folders where one of the needles, one a line, stands: in
names of files or in their bytes, plain, as hex, base64, UTF-16, reversed, or inside any zstd frame. Ends with status 1
when there is one, with 2 when there was nothing to search."""

import base64
import os
import sys

import zstandard


def forms(needle):
    yield "plain", needle
    yield "hex", needle.hex().encode()
    yield "HEX", needle.hex().upper().encode()
    text = needle.decode()
    yield "UTF-16", text.encode("utf-16-le")
    yield "UTF-16 big-endian", text.encode("utf-16-be")
    yield "reversed", needle[::-1]
    # Whatever stands before it, one of three alignments it has. The first and last characters depend on the neighbours.
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + needle)
        yield "base64", coded[4 if before else 0:-4]


def layers(data):
    """The bytes, and what any zstd frame in them holds."""
    yield data
    start = data.find(b"\x28\xb5\x2f\xfd")
    while start >= 0:
        try:
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data[start:])
        except zstandard.ZstdError:
            pass
        start = data.find(b"\x28\xb5\x2f\xfd", start + 1)


def main():
    needles = open(sys.argv[1], "rb").read().split()
    wanted = [(form, value) for needle in needles for form, value in forms(needle)]
    files = found = size = 0
    for folder in sys.argv[2:]:
        for place, folders, names in os.walk(folder):
            for name in folders + names:
                if any(needle in os.fsencode(name) for needle in needles):
                    print(f"{place}/{name}: in its name")
                    found += 1
            for name in names:
                path = os.path.join(place, name)
                if not os.path.isfile(path): continue
                data = open(path, "rb").read()
                files, size = files + 1, size + len(data)
                for layer in layers(data):
                    for form, value in wanted:
                        if value in layer:
                            print(f"{path}: {form}")
                            found += 1
    print(f"{files} files, {size} bytes, {len(wanted)} forms: found {found}")
    sys.exit(2 if not files else 1 if found else 0)


main()
