"""The published problem sets: where they are, and what is in them. Standard library only.

They are not part of this project. The folder named by MAIEUTIC_DATA holds them, as geometry/imo_ag_30.txt.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

IMO = "imo_ag_30"
JGEX = "jgex_ag_154"
IMO_COORDINATES = "alphageometry2_26"
NAMES = (IMO, JGEX, IMO_COORDINATES)


def find_sets(folder: Path | None, names: tuple[str, ...]) -> dict[str, Path]:
    """The files of the sets, in the folder or else in MAIEUTIC_DATA. Ends the program if one is missing."""
    given = folder or os.environ.get("MAIEUTIC_DATA")
    if not given:
        sys.exit("MAIEUTIC_DATA is not set: it names the folder that holds geometry/imo_ag_30.txt (or give --data)")
    files = [Path(given) / "geometry" / f"{name}.txt" for name in names]
    return dict(zip(names, present(files), strict=True))


def present(files: list[Path]) -> list[Path]:
    """The files. Ends the program if one is missing."""
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        sys.exit(f"missing problem sets: {', '.join(missing)}")
    return files


def read_problems(path: Path) -> list[tuple[str, str]]:
    """(name, text) for each problem of a file with two lines a problem; blank lines and comments are skipped."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    return list(zip(lines[::2], lines[1::2], strict=True))
