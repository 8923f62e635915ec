"""What a verdict rests on: the list of files, how much there is in them, and that nothing else is loaded."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import maieutic

PACKAGE = Path(maieutic.__file__).parent
DOCS = PACKAGE.parents[1] / "docs" / "trust.md"

TRUSTED = (
    "kernel", "quantities", "rules", "shapes", "loci", "stated", "span", "degenerate", "certify", "building", "parts",
    "block", "slopes", "records", "reading", "words",
    *(f"predicates/{name}" for name in ("__init__", "row", "equations", "numbers", "equational", "compound", "strict")),
    *(f"constructions/{name}" for name in ("__init__", "row", "polygons", "on_loci", "points", "several")),
)  # fmt: skip
TABLES = (
    "PREDICATES", "EQUATIONAL", "COMPOUND", "STRICT", "CONSTRUCTIONS", "POLYGONS", "LOCI", "POINTS", "SEVERAL", "RULES",
)  # fmt: skip
MOST_STATEMENTS = 1_720
"""Statements outside the tables, imports apart; 1,645 on 01c5221, which trusted a numerical solver besides."""


def statements(path: Path) -> int:
    """The statements of a file, but for its tables, imports and docstrings."""

    def counts(node: ast.AST) -> bool:
        if not isinstance(node, ast.stmt) or isinstance(node, (ast.Import, ast.ImportFrom)):
            return False
        return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))

    def is_table(node: ast.stmt) -> bool:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        return any(isinstance(target, ast.Name) and target.id in (*TABLES, "__all__") for target in targets)

    body = ast.parse(path.read_text(encoding="utf-8")).body
    return sum(counts(node) for top in body if not is_table(top) for node in ast.walk(top))


def trusted_files() -> list[Path]:
    return [*(PACKAGE / "geometry" / "trusted" / f"{name}.py" for name in TRUSTED), PACKAGE / "core" / "errors.py"]


def test_the_documentation_names_each_trusted_file_and_no_other():
    table = DOCS.read_text(encoding="utf-8").split("| what is believed of it |")[1].split("\n\n")[0]
    named = re.findall(r"`([a-z_]+/(?=`)|[a-z_/]+(?=\.py`))", table)
    folders = {f"{name.split('/')[0]}/" if "/" in name else name for name in TRUSTED}
    assert sorted(named) == sorted((*folders, "core/errors"))


def test_a_trusted_folder_is_trusted_as_a_whole():
    for folder in ("predicates", "constructions"):
        files = {f"{folder}/{path.stem}" for path in (PACKAGE / "geometry" / "trusted" / folder).glob("*.py")}
        assert files == {name for name in TRUSTED if name.startswith(f"{folder}/")}


def test_what_is_trusted_does_not_grow():
    total = sum(map(statements, trusted_files()))
    assert total <= MOST_STATEMENTS
    said = re.search(r"trusted files have ([\d,]+) statements", DOCS.read_text(encoding="utf-8"))
    assert said is not None
    assert int(said[1].replace(",", "")) == total


def test_a_check_loads_no_array_library():
    code = (
        "import sys, maieutic.geometry.proofs.checking; "
        "sys.exit(','.join(m for m in ('numpy', 'scipy', 'numba', 'torch') if m in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
