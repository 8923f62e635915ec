"""The laws of the house, read off the source: who may import whom, and what some rooms never do."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"

MAY_IMPORT = {
    "core": {"core"},
    "geometry": {"geometry", "core"},
    "lm": {"lm", "core"},
    "align": {"align", "core"},
    "games": {"games", "core"},
    "loops": {"loops", "align", "lm", "geometry", "core"},
    "pages": {"pages", "games", "align", "geometry", "core"},
    "api": {"api", "loops", "pages", "align", "lm", "geometry", "core"},
    "cli": {"cli", "api", "loops", "pages", "games", "align", "lm", "geometry", "core"},
    "models": set(),
    "__main__": {"cli"},
    "__init__": {"core"},  # whatever else is public is loaded lazily
}

KERNEL = "maieutic.geometry.trusted.kernel"
TRUSTED = "maieutic.geometry.trusted"
"""What a verdict rests on: docs/trust.md says what is believed of each module."""
HINTS = f"{TRUSTED}.hints"
"""What the kernel may ask for a guess, for a refusal or for words, of which it believes nothing."""

SEAMS = {
    ("kernel", "witnesses"),  # figures, of which one is certified; and what to list: it must give what is needed
    ("kernel", "contradictions"),  # a reason to refuse
    ("building", "order"),  # in which order a figure is built: all that the problem says must be in it
    ("block", "newton"),  # a start, and which coordinates are solved for: the box is tested
    ("constructions", "sketches"),  # where free points may be
    ("predicates", "phrases"),  # how a fact is read out
}
"""Where trusted modules use what untrusted ones say."""

PURE = {"maieutic.lm.losses", "maieutic.lm.loss_functions", "maieutic.align.selection.select"}
OUTSIDE_WORLD = {
    *("pathlib", "os", "io", "sys", "shutil", "glob", "tempfile", "subprocess", "socket", "urllib", "http", "sqlite3"),
    *("tomllib", "configparser", "logging", "time", "maieutic.core.config"),
}


@cache
def sources() -> dict[str, Path]:
    """Module name -> file; a package's name is the package's."""
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        parts = path.relative_to(SRC).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def tree(module: str) -> ast.Module:
    return ast.parse(sources()[module].read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """All modules that a module imports, anywhere in it: at the top, in a function, under an ``if``."""
    package = module if sources()[module].name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                submodule = f"{origin}.{alias.name}"
                found.add(submodule if submodule in sources() else origin)
    return frozenset(found)


def ours(module: str) -> set[str]:
    return {name for name in imports(module) if name.split(".")[0] == "maieutic"}


def inside(package: str, module: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def trusted() -> set[str]:
    """The modules of geometry/trusted, with its hints."""
    return {module for module in sources() if inside(TRUSTED, module)}


def reached(module: str) -> set[str]:
    """All our modules that are loaded with a module, but for the packages that they are in."""
    found: set[str] = set()
    frontier = {module}
    while frontier:
        found |= frontier
        frontier = {name for module in frontier for name in ours(module)} - found
    return found


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def outside(names: frozenset[str], forbidden: set[str]) -> list[str]:
    """The names that are, or lie inside, a forbidden module."""
    return sorted(name for name in names if any(name == f or name.startswith(f + ".") for f in forbidden))


def calls(module: str) -> Iterator[str]:
    """The dotted names of everything that a module calls, as "open" or "np.random.rand"."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


every_module = pytest.mark.parametrize("module", sorted(sources()))


@every_module
def test_imports_run_one_way(module):
    assert room(module) in MAY_IMPORT, f"{module} is in no room of the house"
    assert sorted(name for name in ours(module) if room(name) not in MAY_IMPORT[room(module)]) == []


@every_module
def test_torch_lives_in_lm_only(module):
    if room(module) != "lm":
        assert outside(imports(module), {"torch", "transformers", "accelerate", "peft", "safetensors"}) == []


@every_module
def test_core_imports_no_arrays(module):
    if room(module) == "core":
        assert outside(imports(module), {"numpy", "scipy", "numba", "sklearn", "matplotlib"}) == []


def test_no_module_imports_itself_by_a_detour():
    try:
        TopologicalSorter({module: ours(module) - {module} for module in sources()}).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' -> '.join(error.args[1])}")


@every_module
def test_no_import_hides_behind_type_checking(module):
    names = {node.id for node in ast.walk(tree(module)) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree(module)) if isinstance(node, ast.Attribute)}
    assert "TYPE_CHECKING" not in names | attributes


@pytest.mark.parametrize("module", sorted(trusted()))
def test_trusted_modules_import_themselves_and_core(module):
    """Nothing of the engine, of the drawing for readers or of the reading of files."""
    assert ours(module) <= trusted() | {"maieutic.core.errors"}


def test_trusted_modules_ask_for_hints_at_known_places_only():
    seams = set()
    for module in trusted():
        if not inside(HINTS, module):
            name = module.removeprefix(f"{TRUSTED}.").split(".")[0]
            seams |= {(name, hint.rpartition(".")[2]) for hint in ours(module) if inside(HINTS, hint)}
    assert seams == SEAMS


@pytest.mark.parametrize("module", sorted(trusted()))
def test_beside_the_standard_library_the_kernel_uses_balls_and_nothing_else(module):
    roots = {name.split(".")[0] for name in imports(module)}
    assert roots - sys.stdlib_module_names <= {"maieutic", "flint"}


def test_no_arrays_are_loaded_with_the_kernel():
    command = f"import sys, {KERNEL}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout.split()
    assert {"flint", KERNEL} <= set(loaded)
    assert {"numpy", "scipy", "numba", "torch"}.isdisjoint(loaded)
    packages = {name for name in loaded if name in sources() and sources()[name].name == "__init__.py"}
    assert {name for name in loaded if inside("maieutic", name)} - packages == reached(KERNEL) - packages


@pytest.mark.parametrize("module", sorted(PURE | trusted()))
def test_losses_selection_and_all_that_the_kernel_stands_on_touch_nothing_outside(module):
    assert outside(imports(module), OUTSIDE_WORLD) == []
    assert sorted({"open", "print", "input"}.intersection(calls(module))) == []


@every_module
def test_randomness_is_an_argument_and_never_global(module):
    allowed = {"Random", "default_rng", "Generator", "SeedSequence", "PCG64"}
    named = [call for call in calls(module) if "(" not in call]  # what a call gives may be called anything
    drawn = [call for call in named if call.startswith(("random.", "np.random.", "numpy.random."))]
    assert [call for call in drawn if call.rpartition(".")[2] not in allowed] == []


def test_no_module_is_called_utils():
    assert [name for name in sources() if name.rpartition(".")[2] in {"utils", "util", "helpers", "misc"}] == []
