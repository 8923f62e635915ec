"""Theorems that the engine makes up: random figures, goals, minimal statements, shards on disk."""
