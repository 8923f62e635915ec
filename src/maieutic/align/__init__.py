"""Judging and choosing: prompts, judges, selection, methods, evaluation, games. No torch."""
