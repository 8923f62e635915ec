"""How the code hangs together, read off its imports: python benchmarks/structure.py [FOLDER ...]

Of each package of `src/maieutic` it counts *rooms* (its files and folders), *arrows* (which room imports which) and
*floors* (the longest way down along the arrows, a circle is one floor). A FOLDER is another checkout, to compare.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("geometry", "loops", "lm", "align")


def modules(source: Path) -> dict[str, Path]:
    """Module name -> file."""
    found = {}
    for path in sorted((source / "maieutic").rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in known else node.module


def arrows(source: Path, package: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The rooms of a package, and the pairs of them of which the first imports the second."""
    known = modules(source)
    prefix = f"maieutic.{package}."
    rooms = {name.removeprefix(prefix).split(".")[0] for name in known if name.startswith(prefix)}
    found = set()
    for name, path in known.items():
        if name.startswith(prefix):
            room = name.removeprefix(prefix).split(".")[0]
            others = (other for other in imported(path, known) if other.startswith(prefix))
            found |= {(room, other.removeprefix(prefix).split(".")[0]) for other in others}
    return rooms, {(one, other) for one, other in found if one != other}


def floors(rooms: set[str], below: set[tuple[str, str]]) -> int:
    """Rooms that reach one another are one; of the rest, the longest way down."""
    reach = {room: {room} for room in rooms}
    changed = True
    while changed:
        changed = False
        for one, other in below:
            if not reach[other] <= reach[one]:
                reach[one] |= reach[other]
                changed = True
    group = {room: frozenset(other for other in reach[room] if room in reach[other]) for room in rooms}
    height: dict[frozenset[str], int] = {}

    def tall(one: frozenset[str]) -> int:
        if one not in height:
            under = {group[other] for room, other in below if room in one} - {one}
            height[one] = 1 + max(map(tall, under), default=0)
        return height[one]

    return max(map(tall, group.values()), default=0)


def main() -> None:
    here = Path(__file__).parents[1]
    for checkout in [*map(Path, sys.argv[1:]), here]:
        for package in PACKAGES:
            rooms, below = arrows(checkout / "src", package)
            print(f"{checkout.name}: {package}: {len(rooms)} rooms, {floors(rooms, below)} floors, {len(below)} arrows")


if __name__ == "__main__":
    main()
