"""Narratives as JSON, and back into proofs: the second reader.

    {"format": "maieutic narrative 1", "name": ..., "problem": "... ? ...", "seed": 0, "auxiliary_clauses": [...],
     "statement": "Prove that ...", "given": [...], ..., "steps": [{"number": 1, "claims": ["perp a h b c"], ...}]}

Texts have their formulas between dollars. `narrative_to_proof` reads nothing but the problem and the steps, and of a
step only what its prose shows: that it may use what is given, what the steps that it cites claim, and what it works
out itself. The kernel then decides whether that is a proof of the problem's goals.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from fractions import Fraction
from typing import Any

from maieutic.core.errors import InputError, ProofError
from maieutic.geometry.language.problem import parse_text, print_problem
from maieutic.geometry.prose.certify import Inference, deductions
from maieutic.geometry.prose.narrative_records import Line, Narrative, Step
from maieutic.geometry.trusted.records import Clause, Fact, Proof

FORMAT = "maieutic narrative 1"


def to_json(narrative: Narrative) -> str:
    """A narrative as JSON text: `from_json(to_json(n))` is equal to n."""
    content: dict[str, Any] = {"format": FORMAT, "name": narrative.name, "problem": print_problem(narrative.problem)}
    for field in fields(Narrative):
        if field.name not in ("problem", "steps", "figure"):
            content[field.name] = _plain(getattr(narrative, field.name))
    content["figure"] = {point: [place.real, place.imag] for point, place in narrative.figure}
    content["steps"] = [_plain(step) for step in narrative.steps]
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _plain(value: Any) -> Any:
    """Records as objects without what is left at its default; facts and clauses as their text."""
    if isinstance(value, Fact | Clause):
        return str(value)
    if isinstance(value, Step | Line | Inference):
        return {
            f.name: _plain(getattr(value, f.name))
            for f in fields(value)
            if f.default is MISSING or getattr(value, f.name) != f.default
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def from_json(text: str) -> Narrative:
    """The narrative of a JSON text. Raises InputError for anything else."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise InputError(f"unknown format {content['format']!r}", where="format", hint=f"expected {FORMAT!r}")
        problem = parse_text(content["problem"], content["name"])
        return Narrative(
            problem=problem,
            seed=int(content["seed"]),
            auxiliary_clauses=problem.clauses[len(problem.clauses) - len(content["auxiliary_clauses"]) :],
            statement=str(content["statement"]),
            conclusion=str(content["conclusion"]),
            proved=str(content["proved"]),
            figure=tuple((str(point), complex(*place)) for point, place in content["figure"].items()),
            steps=tuple(map(_step, content["steps"])),
            **{key: tuple(map(str, content[key])) for key in ("given", "auxiliary", "conventions", "assumptions")},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputError(f"not a narrative: {type(error).__name__}: {error}") from None


def _step(content: dict[str, Any]) -> Step:
    readers: dict[str, Any] = {
        "claims": _facts,
        "cites": _whole,
        "deductions": _whole,
        "chain": lambda lines: tuple(
            Line(line["expression"], line.get("reason", ""), _whole(line.get("cites", ()))) for line in lines
        ),
        "work": lambda items: tuple(map(_inference, items)),
    }
    return Step(**{key: readers.get(key, lambda v: v)(value) for key, value in content.items()})


def _inference(content: dict[str, Any]) -> Inference:
    readers: dict[str, Any] = {"conclusion": _fact, "premises": _facts, "guards": _facts}
    readers |= {"equations": _whole, "weights": _whole, "points": tuple}
    return Inference(**{key: readers.get(key, lambda v: v)(value) for key, value in content.items()})


def _whole(numbers: Any) -> tuple[int, ...]:
    return tuple(map(int, numbers))


def _facts(texts: Any) -> tuple[Fact, ...]:
    return tuple(map(_fact, texts))


def _fact(text: str) -> Fact:
    """A fact's text: a predicate, points, and numbers, which begin with a digit or a minus."""
    words = text.split()
    split = next((i for i, word in enumerate(words) if word[0] in "-0123456789"), len(words))
    return Fact(words[0], tuple(words[1:split]), tuple(map(Fraction, words[split:])))


# --- the second reader -----------------------------------------------------------------------------------------------


def narrative_to_proof(narrative: Narrative) -> Proof:
    """The proof that a narrative's steps tell. Raises ProofError where a step uses what it does not cite."""
    works: list[Inference] = []
    claims: dict[int, tuple[Fact, ...]] = {}
    for step in narrative.steps:
        known = {fact for cited in step.cites for fact in claims.get(cited, ())}
        for work in step.work:
            missing = [fact for fact in work.premises if fact not in known]
            if missing or (work.rule == "hypothesis" and not step.given):
                raise ProofError(f"step {step.number} uses what it does not cite: {missing or work.conclusion}")
            works.append(work)
            known.add(work.conclusion)
        worked = {work.conclusion for work in step.work}
        for claim in step.claims:
            if claim not in worked:
                raise ProofError(f"step {step.number} claims what it does not show: {claim}")
        claims[step.number] = step.claims
    return Proof(narrative.problem, deductions(works), narrative.seed, narrative.auxiliary_clauses, narrative.figure)
