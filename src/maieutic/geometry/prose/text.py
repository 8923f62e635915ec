"""A narrative as plain text and as Markdown.

Let ABC be ... Prove that AH ⊥ BC.

Proof.
 1. ∠ABX = ∠B₁BC:
      ∠ABX = ∠ABB₁
           = ∠ACB₁    [A, B, C, B₁ concyclic]
Hence AH ⊥ BC (1), as was to be proved.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from maieutic.core.text import printable
from maieutic.geometry.language.names import display_names
from maieutic.geometry.prose.narrative import narrate
from maieutic.geometry.prose.narrative_records import Line, Narrative, Step
from maieutic.geometry.prose.notation import plain, say
from maieutic.geometry.trusted.records import Accepted, Proof

__all__ = ["display_names", "markdown", "proof_text", "say", "sentence", "text"]


def proof_text(proof: Proof, verdict: Accepted) -> str:
    """A proof, and what the kernel says of it, as plain text.

    Raises ProofError where the proof does not conclude its problem's goals.
    """
    return text(narrate(proof, verdict))


def sentence(step: Step) -> str:
    """A step as a sentence, with formulas between dollars; its chain, if any, stands after the colon."""
    said = ", ".join(filter(None, (step.text, step.reason)))
    if step.hence:
        said += f"; hence {step.hence}"
    if step.reads:
        said += f" ({step.reads})"
    return f"{said[0].upper()}{said[1:]}{':' if step.chain else '.'}"


def text(narrative: Narrative) -> str:
    """A narrative as plain text."""
    lines = [narrative.proved, ""] if narrative.proved else []
    lines += [*narrative.given, narrative.statement, ""]
    if narrative.auxiliary:
        lines += ["Construction: " + " ".join(narrative.auxiliary), ""]
    lines += ["Proof.", *narrative.conventions]
    for step in narrative.steps:
        lines += _step(step)
    lines += [narrative.conclusion]
    if narrative.assumptions:
        lines += ["", *narrative.assumptions]
    return plain("\n".join(lines)) + "\n"


def _step(step: Step) -> Iterable[str]:
    yield f"{step.number:>3}. {sentence(step)}"
    if step.chain:
        yield from _chain(step.chain)


def _chain(chain: tuple[Line, ...]) -> Iterable[str]:
    """A chain, its signs and its reasons each below the other."""
    first, *rest = chain
    left = len(first.expression)
    right = min(50, max(len(line.expression) for line in rest))
    for number, line in enumerate(rest):
        begin = first.expression if number == 0 else " " * left
        reason = f"   [{line.reason}]" if line.reason else ""
        yield f"       {begin} = {line.expression:<{right}}{reason}".rstrip()


def markdown(narrative: Narrative) -> str:
    """A narrative as Markdown."""
    lines = [f"# {_escaped(printable(narrative.name))}\n" if narrative.name else ""]
    lines += [_escaped(narrative.proved), ""] if narrative.proved else []
    lines += [" ".join((*narrative.given, f"**{narrative.statement}**")), ""]
    if narrative.auxiliary:
        lines += ["*Construction.* " + " ".join(narrative.auxiliary), ""]
    lines += ["*Proof.* " + " ".join(narrative.conventions), ""]
    for step in narrative.steps:
        lines.append(f"{step.number}. {sentence(step)}")
        for number, line in enumerate(step.chain):
            if number:
                begin = step.chain[0].expression if number == 1 else ""
                lines.append(f"   - {begin} = {line.expression}{f' — {line.reason}' if line.reason else ''}")
    lines += ["", f"{narrative.conclusion} ∎", ""]
    lines += [f"*{assumption}*" for assumption in narrative.assumptions]
    return plain("\n".join(lines).strip()).replace("_", "\\_") + "\n"


def _escaped(text: str) -> str:
    """A text in Markdown as it is: no link, no heading, no HTML. Of "_", all are escaped in the end."""
    return re.sub(r"([\\`*{}\[\]<>#|~&!])", r"\\\1", text)
