"""The command `maieutic`: parse, call one function, print. Exit codes: 0 yes, 1 no, 2 a mistake, 130 interrupted.

What a command needs is imported inside it, so that `maieutic --help` answers at once. Results go to stdout, progress
and errors to stderr. A file here holds the commands of one half of the project.
"""

# their commands join the application
from maieutic.cli import demo, evaluation, games, geometry, learning, loops, prover, sampling
from maieutic.cli.app import app, main

__all__ = ["app", "demo", "evaluation", "games", "geometry", "learning", "loops", "main", "prover", "sampling"]
