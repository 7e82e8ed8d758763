#!/usr/bin/python3
"""Checks policies against docs/policy.schema.json, with another implementation of YAML and of JSON Schema.

    check-policies.py SCHEMA FILE...

Written is a JSON object: for each file what is wrong with it.
"""
import json
import re
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """YAML 1.2 as editors have it: only true, false, null and numbers are no text."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""]), ("bool", r"^(true|false)$", list("tf")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]+)?$", list("-+.0123456789")),
]:
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), first)


def main():
    schema = json.load(open(sys.argv[1]))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    found = {}
    for name in sys.argv[2:]:
        value = yaml.load(open(name, encoding="utf-8"), Loader=Loader)
        found[name] = [f"{'.'.join(map(str, e.path))}: {e.message[:200]}" for e in validator.iter_errors(value)]
    json.dump(found, sys.stdout)


main()
