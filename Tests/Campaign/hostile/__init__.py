"""Hostile trees: what is backed up, by what it is compared, and what restic and borg make of it."""
