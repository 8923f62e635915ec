"""Whatever is typed: a result or one clear line, never a traceback, never more than ten seconds or a gigabyte.

Inputs are built from fragments of the grammar, from constructions with arguments that fit, by mutating real problems
and proofs, from any characters at all, and very long or deep. They go through the command line's own function.
"""

import resource
import string
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import scale
from typer.testing import CliRunner

from maieutic.cli import app
from maieutic.geometry.attempt import attempt, warm_up
from maieutic.geometry.language import library
from maieutic.geometry.proofs.proof_json import to_json
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, Construct
from maieutic.geometry.trusted.predicates import PREDICATES

LIMIT = 2
SECONDS = 10.0
MEGABYTES = 1000
BEFORE: list[float] = []
"""Megabytes in use when the tests of this file began."""

POINTS = list("abcdefgh")
SEPARATORS = ["=", ";", ",", "?", "\n", "#", " = ", "; ", " ? ", ", "]
NUMBERS = ["0", "1", "-1", "1/2", "3/0", "60o", "pi/3", "2pi/3", "0.5", "1e9", "999999999999", "9" * 40, "-", "/", "°"]
ODD = [
    "A",
    "a'",
    "x1",
    "_",
    "a@0_0",
    "a@1.5_-2",
    "a@nan_0",
    "b@1_1",
    "é",
    "点",
    "\u0000",
    "\u202e",
    "💡",
    "'",
    '"',
    "\\",
]
WORDS = [*CONSTRUCTIONS, *PREDICATES, *POINTS, *SEPARATORS, *NUMBERS, *ODD]
TEXTS = [entry.text for entry in library.entries()]


def rules(small: int, full: int) -> Callable[[Any], Any]:
    """How many inputs, with no limit of Hypothesis's own on time and size: ours are tested below."""
    return settings(max_examples=scale(small, full), suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    warm_up()  # loading it is not what is measured
    BEFORE.append(used_megabytes())  # nor is what other tests of this process have used


def used_megabytes() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)


def survives(*words: str) -> int:
    """Run a command: it must end in time and space, with one of its exit codes, and say what was wrong."""
    start = time.process_time()
    result = CliRunner().invoke(app, list(words))
    spent, more = time.process_time() - start, used_megabytes() - BEFORE[-1]
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code in (0, 1, 2)
    assert "Traceback" not in result.output
    if result.exit_code == 2:
        assert result.stderr.startswith("maieutic: ")
        assert len(result.stderr) < 2000
    else:
        assert result.stdout or result.stderr
    assert spent < SECONDS, f"{spent:.1f} s"
    assert more < MEGABYTES, f"{more:.0f} MB"
    return result.exit_code


def try_text(text: str, command: str = "prove") -> None:
    survives(command, "--time-limit", str(LIMIT), "--", text)


# --- texts -----------------------------------------------------------------------------------------------------------


def fitting(seed: int) -> str:
    """Constructions and goals whose arguments are of the right number, and mostly of the right kind."""
    random = Random(seed)
    known: list[str] = []
    clauses: list[str] = []

    def points(count: int) -> list[str]:
        return random.sample(known, count) if random.random() < 0.98 else random.choices(known, k=count)

    def numbers(count: int) -> list[str]:
        return random.choices(["1", "2", "1/2", "30", "60", "90", "45", "-1", "0", "3/7"], k=count)

    def construction(most: int, new: int) -> Construct:
        fit = [row for row in CONSTRUCTIONS.values() if len(row.old) <= most and new in (0, len(row.new))]
        return random.choice([row for row in fit if row.old or random.random() < 0.2 or not most] or fit)

    def use(row: Construct) -> str:
        return " ".join((row.name, *points(len(row.old)), *numbers(len(row.numbers))))

    def fact(names: list[str]) -> str:
        predicate = PREDICATES[random.choice(names)]
        shape = predicate.points
        count = shape if isinstance(shape, int) else shape[0] + shape[1] * random.randrange(3)
        if count <= len(known) and random.random() < 0.6:
            chosen = points(count)
        else:
            chosen = [p for _ in range((count + 1) // 2) for p in points(2)][:count]
        return " ".join((predicate.name, *chosen, *numbers(predicate.value_count(count))))

    for _ in range(random.randint(1, 10)):
        row = construction(len(known), new=0)
        right = [use(row)]
        if row.old and len(row.new) == 1 and random.random() < 0.4:
            right.append(use(construction(len(known), new=1)))
        new = [f"p{len(known) + i}" for i in range(len(row.new))]
        known += new
        if len(known) > 2 and random.random() < 0.04:
            right = [fact(EQUATIONAL)]
        clauses.append(f"{' '.join(new)} = {', '.join(right)}")
    if len(known) < 3:
        clauses.append("q = free; r = free")
        known += ["q", "r"]
    goals = [fact(EQUATIONAL if random.random() < 0.95 else list(PREDICATES)) for _ in range(random.choice([1, 1, 2]))]
    return f"{'; '.join(clauses)} ? {', '.join(goals)}"


EQUATIONAL = [name for name, row in PREDICATES.items() if row.kind != "numeric" and "sine" not in name]


@st.composite
def mutated(draw: st.DrawFn, texts: list[str], words: list[str]) -> str:
    """A real text, with some of its words, or characters, dropped, doubled, swapped or replaced."""
    parts: list[str] = []
    original = draw(st.sampled_from(texts))
    parts = (
        list(original) if draw(st.integers(0, 4)) == 0 else original.replace(";", " ;").replace(",", " ,").split(" ")
    )
    join = "" if len(parts) == len(original) else " "
    for _ in range(draw(st.integers(1, 4))):
        i, j = draw(st.integers(0, len(parts) - 1)), draw(st.integers(0, len(parts) - 1))
        match draw(st.integers(0, 3)):
            case 0:
                del parts[i : i + 1]
            case 1:
                parts.insert(i, parts[j])
            case 2:
                parts[i], parts[j] = parts[j], parts[i]
            case _:
                parts[i] = draw(st.sampled_from(words))
        if not parts:
            break
    return join.join(parts)


@rules(60, 3000)
@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join))
def test_fragments_of_the_grammar(text):
    try_text(text)


@rules(30, 3000)
@given(st.integers(0, 2**40).map(fitting), st.sampled_from(["prove", "deduce", "deduce", "draw"]))
def test_constructions_with_arguments_that_fit(text, command):
    try_text(text, command)


@rules(60, 3000)
@given(mutated(TEXTS, WORDS), st.sampled_from(["prove", "prove", "prove", "deduce", "draw"]))
def test_real_problems_mutated(text, command):
    try_text(text, command)


@rules(20, 1000)
@given(st.text(max_size=300))
def test_any_characters(text):
    try_text(text)


# --- long and deep ---------------------------------------------------------------------------------------------------


def chain(step: str, start: str = "x0 x1 x2 = triangle", points: int = 60) -> str:
    """A problem of many points, each built by one step from those before it."""
    steps = (step.format(*(f"x{i - k}" for k in range(5))) for i in range(3, points))
    return "; ".join((start, *(f"x{i} = {right}" for i, right in enumerate(steps, 3))))


HUGE = {
    "clauses": "; ".join(f"x{i} = free" for i in range(50_000)),
    "one long name": "a" * 900_000,
    "too long": "a = free; " * 200_000,
    "semicolons": ";" * 900_000,
    "commas": "a = " + "," * 900_000,
    "equals": "=" * 900_000,
    "questions": "?" * 900_000,
    "goals": "a b = segment ? " + ", ".join(["cong a b b a"] * 60_000),
    "constructions": "a b c = triangle; d = " + ", ".join(["on_line d a b"] * 50_000),
    "points of one fact": "; ".join(f"x{i} = free" for i in range(60))
    + " ? coll "
    + " ".join(f"x{i}" for i in range(60)),
    "a fact of many words": "a b = segment ? distseq " + "a b " * 20_000 + "1 " * 20_000,
    "lines": "\n" * 900_000,
    "comments": "# \n" * 300_000,
    "digits": "a b = segment ? rconst a b a b " + "9" * 100_000,
    "primes": "a b = segment; c = free ? rconst a b a c 999999999989/999999999961",
    "brackets": "(" * 500_000,
    "circle": chain("on_circle x0 x1") + " ? cyclic x1 x2 x3 x4, cyclic x3 x4 x5 x6",
    "line": chain("on_line x0 x1") + " ? coll x2 x3 x4",
    "one point": chain("midpoint x0 x1") + " ? overlap x3 x59",
    "meets": chain("on_line x0 x1, on_pline x2 x0 x1") + " ? overlap x3 x59",
    "squares": chain("psquare {1} {2}") + " ? cong x0 x1 x58 x59",
    "equilateral": chain("eq_triangle {1} {2}") + " ? cong x0 x1 x58 x59",
    "parallelograms": chain("parallelogram {1} {2} {3}") + " ? para x0 x1 x58 x59",
    "centres": chain("circumcenter {1} {2} {3}") + " ? coll x3 x20 x40",
    "orthocentres": chain("orthocenter {1} {2} {3}") + " ? cong x0 x1 x2 x3",
    "reflections": chain("reflect {1} {2} {3}") + " ? cong x0 x1 x58 x59",
    "shifts": chain("shift {1} {2} {3}") + " ? para x0 x1 x58 x59",
    "asserted": chain("cong {1} {2} {2} {3}, para {1} {2} {3} {4}", "x0 x1 x2 = triangle; y = free")
    + " ? coll x0 x1 x2",
    "too many": chain("on_circle x0 x1", points=61) + " ? cyclic x1 x2 x3 x4",
}


QUICK = ["clauses", "one long name", "too long", "goals", "digits", "circle", "squares", "asserted", "too many"]


@pytest.mark.parametrize("name", QUICK)
def test_long_and_deep_problems(name):
    try_text(HUGE[name])


@pytest.mark.full
@pytest.mark.parametrize("command", ["prove", "deduce", "draw"])
@pytest.mark.parametrize("name", HUGE)
def test_more_long_and_deep_problems(name, command):
    try_text(HUGE[name], command)


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@rules(30, 1000)
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_files_of_anything(folder, content):
    path = folder / "file"
    path.write_bytes(content)
    survives("bench", str(path), "--time-limit", str(LIMIT))
    survives("prove", str(path))
    assert survives("check", str(path)) == 2


@pytest.fixture(scope="module")
def proofs() -> list[str]:
    results = [attempt(library.problem(name)) for name in ("orthocentre", "meno", "incentre", "imo_2014_p4")]
    return [to_json(result.proof) for result in results if result.proof]


JSON_WORDS = [
    "0",
    "-1",
    "1e400",
    "null",
    '""',
    "[]",
    "{}",
    "[" * 2000,
    '"linear"',
    '"cong a b a c"',
    "9" * 5000,
    "\u0000",
]


@rules(40, 2000)
@given(data=st.data())
def test_mutated_proofs_are_refused_or_still_hold(folder, proofs, data):
    path = folder / "proof.json"
    path.write_text(data.draw(mutated(proofs, JSON_WORDS)), encoding="utf-8")
    survives("check", str(path), "--time-limit", str(LIMIT))


@rules(20, 500)
@given(
    fact=st.text(string.ascii_lowercase + " 0123456789/", max_size=40) | st.lists(st.sampled_from(WORDS)).map(" ".join)
)
def test_any_question_why(fact):
    survives("deduce", "orthocentre", "--time-limit", str(LIMIT), f"--why={fact}")
