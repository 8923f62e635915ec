"""docs/benchmarks.md: tables go between its markers, and the rest of it is written by hand. Standard library only."""

from __future__ import annotations

import datetime
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
RUNS = ROOT / "runs" / "benchmarks"

Row = Sequence[str]


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def verdict(target: str, measured: str, passed: bool) -> Row:
    """A row of a table of acceptance figures."""
    return (target, measured, "pass" if passed else "**fail**")


def acceptance(rows: Sequence[Row]) -> str:
    """A table of acceptance figures."""
    return table(("acceptance figure", "measured", ""), rows)


def machine() -> str:
    """What the tables were measured on, and when."""
    return f"{datetime.date.today()}, {_cpu_name()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _cpu_name() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    name = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    speed = re.search(r"^cpu MHz\s*:\s*(\d+)", text, re.MULTILINE)
    return (name[1] if name else platform.machine()) + (f" at {int(speed[1]) / 1000:.1f} GHz" if speed else "")


def write_section(section: str, text: str, page: Path = PAGE) -> None:
    """Replace what stands between a section's markers."""
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise SystemExit(f"{page.name}: no markers '{begin}' and '{end}'")
    page.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")
