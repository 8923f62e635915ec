"""A process of our own that only starts: it compiles the engine the first time, and shows what starting costs.

Standard library only.
"""

from __future__ import annotations

import resource
import subprocess
import sys

SCRIPT = "from maieutic.geometry.attempt import warm_up; warm_up()"


def start_engine() -> float:
    """CPU seconds of a process that starts Python, imports the prover and proves a tiny problem."""
    before = _children_s()
    subprocess.run([sys.executable, "-c", SCRIPT], check=True)
    return _children_s() - before


def _children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
