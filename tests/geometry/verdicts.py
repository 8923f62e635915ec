"""Verdicts, for tests of how they are told: as the kernel would give them, and without a proof."""

from collections.abc import Iterable

from maieutic.geometry.language.problem import parse_fact
from maieutic.geometry.prose.narrative import narrate
from maieutic.geometry.prose.narrative_records import Narrative
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Accepted, Fact, Problem, Proof

Facts = str
"""Facts as text, separated by commas."""


def verdict(problem: Problem, assumed: Facts = "", configuration: Facts = "", notes: Iterable[str] = ()) -> Accepted:
    """A yes that assumes these facts of a problem, the latter for some figures only.

    Only the kernel makes one honestly: this one is forged, past its constructor.
    """
    some = _facts(configuration, problem)
    forged = object.__new__(Accepted)
    for name, value in (
        ("guards", (*_facts(assumed, problem), *some)),
        ("configuration", some),
        ("notes", tuple(notes)),
        ("rules", ()),
    ):
        object.__setattr__(forged, name, value)
    return forged


def accepted(proof: Proof) -> Accepted:
    """What the kernel says of a proof that it accepts."""
    found = check(proof)
    assert isinstance(found, Accepted), found
    return found


def told(proof: Proof | None) -> Narrative:
    """A proof that the kernel accepts, as it is told."""
    assert proof is not None
    return narrate(proof, accepted(proof))


def _facts(texts: Facts, problem: Problem) -> tuple[Fact, ...]:
    return tuple(parse_fact(text, problem.points) for text in texts.split(",") if text.strip())
