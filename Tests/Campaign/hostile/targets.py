"""Stub."""


def run(vault, work, random, full, results, options):
    pass
