"""Every entry of every table says where it comes from and is tested by name.

A predicate, construction, rule, loss, judge, selector or method is one entry in one table. A new table is one more
line in TABLES.
"""

import ast
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

TABLES = [
    ("maieutic.geometry.trusted.predicates", "PREDICATES"),
    ("maieutic.geometry.trusted.constructions", "CONSTRUCTIONS"),
    ("maieutic.geometry.trusted.rules", "RULES"),
    ("maieutic.lm.losses", "LOSSES"),
    ("maieutic.align.judges.kinds", "JUDGES"),
    ("maieutic.align.selection.select", "SELECTORS"),
    ("maieutic.games.compare", "METHODS"),
]

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "maieutic"


def exists(module: str) -> bool:
    parent = module.rpartition(".")[0]
    return (not parent or exists(parent)) and find_spec(module) is not None


@pytest.fixture(params=TABLES, ids=lambda entry: entry[1])
def table(request):
    module, name = request.param
    if not exists(module):
        pytest.skip(f"{module} is not written yet")
    return getattr(import_module(module), name)


@cache
def words_in_tests() -> frozenset[str]:
    """Every word inside a string of a test, and every word of a test's own data file."""
    words: set[str] = set()
    for path in sorted(TESTS.rglob("*")):
        if path.suffix == ".py" and path != Path(__file__):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    words.update(re.findall(r"[\w-]+", node.value))
        elif path.suffix in {".txt", ".json", ".jsonl"}:
            words.update(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
    return frozenset(words)


def test_the_table_is_not_empty(table):
    assert table


def test_every_entry_has_a_source(table):
    assert [name for name, entry in table.items() if not entry.source.strip()] == []


def test_every_entry_is_named_in_a_test(table):
    assert [name for name in table if name not in words_in_tests()] == []


def test_every_public_function_and_class_says_what_it_is():
    """But for overloads, which their function speaks for."""
    missing = []
    for path in sorted(SOURCE.rglob("*.py")):
        for name, node in _public(ast.parse(path.read_text(encoding="utf-8"))):
            overloaded = any(ast.unparse(mark) == "overload" for mark in node.decorator_list)
            if not ast.get_docstring(node) and not overloaded:
                missing.append(f"{path.relative_to(SOURCE)}: {name}")
    assert missing == []


def _public(node, above=""):
    """The public functions and classes of a module, and those in its public classes."""
    for part in node.body:
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)) and not part.name.startswith("_"):
            yield f"{above}{part.name}", part
            if isinstance(part, ast.ClassDef):
                yield from _public(part, f"{part.name}.")
