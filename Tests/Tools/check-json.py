#!/usr/bin/python3
"""Checks lines of JSON against docs/cli-json.schema.json, with another implementation of JSON and of JSON Schema.

    check-json.py SCHEMA OUTPUT ERRORS      OUTPUT and ERRORS: files with what commands wrote

Written is one JSON object: how many lines there were of each form, and what is wrong.
"""
import json
import sys

import jsonschema


def main():
    document = json.load(open(sys.argv[1]))
    forms = document["$defs"]
    jsonschema.Draft202012Validator.check_schema(document)
    resolver = jsonschema.RefResolver.from_schema(document)
    counts, wrong = {}, []
    for stream, name in [("output", sys.argv[2]), ("errors", sys.argv[3])]:
        for line in open(name, "rb").read().split(b"\n"):
            if not line:
                continue
            if any(byte < 0x20 or byte == 0x7F for byte in line):
                wrong.append(f"control characters: {line!r}")
            try:
                value = json.loads(line.decode())
                form = forms[value["schema"]]
            except Exception as error:
                wrong.append(f"{stream}: {line!r}: {error!r}")
                continue
            counts[value["schema"]] = counts.get(value["schema"], 0) + 1
            if form.get("x-stream") != stream:
                wrong.append(f"{value['schema']} is on the {stream}")
            for error in jsonschema.Draft202012Validator(form, resolver=resolver).iter_errors(value):
                wrong.append(f"{value['schema']}: {'/'.join(map(str, error.path))}: {error.message}")
    json.dump({"counts": counts, "wrong": wrong,
               "missing": [n for n, form in forms.items() if "x-stream" in form and n not in counts]}, sys.stdout)


main()
