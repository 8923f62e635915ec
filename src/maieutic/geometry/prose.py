"""A proof as plain numbered text: what is given, the steps, what was read off the figure, and the goal.

    To prove: AH ⊥ BC.

    Given
      1. BH ⊥ AC.
      2. CH ⊥ AB.
    Proof (angles between lines are directed, modulo 180°)
      3. AH ⊥ BC, by adding squared lengths from 1 and 2.
    So AH ⊥ BC (3), as was to be proved.

Hypotheses come first, the ones that the proof uses, so steps are renumbered. Every number is that of a line above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from maieutic.core.errors import ProofError
from maieutic.geometry.predicates import PREDICATES, equations, expand, phrase
from maieutic.geometry.records import Clause, Deduction, Fact, Proof, number_text
from maieutic.geometry.rules import RULES

LINEAR = {
    "direction": "angle chase",
    "log": "ratio chase",
    "length": "adding lengths",
    "square": "adding squared lengths",
}
"""What linear algebra is called, by table."""


def display_names(points: Iterable[str]) -> dict[str, str]:
    """Point names as they are printed: in capitals, and still different from each other (a, A: A, A')."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for point in points:
        shown = point.upper()
        while shown in taken:
            shown += "'"
        names[point] = shown
        taken.add(shown)
    return names


def say(fact: Fact, names: Mapping[str, str] | None = None) -> str:
    """A fact in words and signs, with all its points. ∠ABC is the directed angle from BA to BC."""
    points = tuple((names or {}).get(p, p.upper()) for p in fact.points)
    values = fact.values
    if fact.predicate in ("coll", "cyclic"):
        return f"{', '.join(points)} are {'collinear' if fact.predicate == 'coll' else 'concyclic'}"
    if fact.predicate == "rconst" and values == (Fraction(1),):
        return phrase(Fact("cong", points))
    if fact.predicate == "aconst":  # which means the angle from its second line to its first
        values = (-values[0] % 180,)
    return phrase(Fact(fact.predicate, points, values))


def proof_text(proof: Proof) -> str:
    """A proof as plain text. Raises ProofError where it does not conclude its problem's goals."""
    lines = _number(proof.deductions)
    writer = _Text(proof, lines, display_names(proof.problem.points))
    return "\n".join((*writer.head(), *writer.given(), *writer.body(), *writer.end(), *writer.assumed())) + "\n"


@dataclass(frozen=True)
class _Line:
    """A step with its printed number."""

    number: int
    step: Deduction


def _number(steps: Sequence[Deduction]) -> list[_Line]:
    """The steps with printed numbers, hypotheses first; in the order of the proof."""
    given = [i for i, step in enumerate(steps) if step.rule == "hypothesis"]
    rest = [i for i, step in enumerate(steps) if step.rule != "hypothesis"]
    number = {index: n for n, index in enumerate((*given, *rest), 1)}
    return [_Line(number[i], step) for i, step in enumerate(steps)]


class _Text:
    """The parts of a proof's text, each a list of lines."""

    def __init__(self, proof: Proof, lines: list[_Line], names: Mapping[str, str]) -> None:
        self.proof = proof
        self.problem = proof.problem
        self.lines = lines
        self.names = names
        self.hypotheses = [line for line in lines if line.step.rule == "hypothesis"]
        self.deduced = [line for line in lines if line.step.rule != "hypothesis"]

    def say(self, fact: Fact) -> str:
        return say(fact, self.names)

    def head(self) -> list[str]:
        question = any(PREDICATES[goal.predicate].kind == "question" for goal in self.problem.goals)
        goals = "; ".join(map(self.say, self.problem.goals))
        head = [f"{'To find' if question else 'To prove'}: {goals}{'' if goals.endswith('?') else '.'}", ""]
        if self.proof.auxiliary:
            head += [*(f"Add {self._construction(clause)}." for clause in self.proof.auxiliary), ""]
        return head

    def _construction(self, clause: Clause) -> str:
        return f"{', '.join(self.names[p] for p in clause.points)}: {', '.join(map(str, clause.constructions))}"

    def given(self) -> list[str]:
        if not self.hypotheses:
            return []
        return ["Given", *(f"{line.number:>4}. {self.say(line.step.conclusion)}." for line in self.hypotheses)]

    def body(self) -> list[str]:
        if not self.deduced:
            return []
        angles = any(_speaks_of_angles(line.step) for line in self.lines)
        return [
            f"Proof{' (angles between lines are directed, modulo 180°)' if angles else ''}",
            *(f"{line.number:>4}. {self._sentence(line.step)}" for line in self.deduced),
        ]

    def _sentence(self, step: Deduction) -> str:
        cited = sorted({self.lines[p].number for p in step.premises})
        source = f" from {_list(map(str, cited))}" if cited else ""
        return f"{self.say(step.conclusion)}, by {self._title(step)}{source}{self._seen(step)}."

    def _title(self, step: Deduction) -> str:
        facts = (step.conclusion, *(self.lines[p].step.conclusion for p in step.premises))
        if step.rule == "linear" and all(fact.predicate == "cong" for fact in facts):
            return "equal lengths"
        return title(step)

    def _seen(self, step: Deduction) -> str:
        """What a step reads off the figure, as the end of its sentence."""
        if not step.configuration:
            return ""
        if step.rule == "linear":
            return f"; of the {step.multiple} angles that this leaves, the figure shows this one"
        return f"; in this figure, {_list(map(self.say, reads_of(step)))}"

    def end(self) -> list[str]:
        return [self._goal(goal) for goal in self.problem.goals]

    def _goal(self, goal: Fact) -> str:
        steps = [_concluding(part, self.lines) for part in expand(goal)]
        if PREDICATES[goal.predicate].kind == "question":
            return f"The answer: {self._answer(steps[0].step.conclusion)} ({steps[0].number})."
        numbers = _list(map(str, sorted({line.number for line in steps})))
        return f"So {self.say(goal)} ({numbers}), as was to be proved."

    def _answer(self, fact: Fact) -> str:
        if fact.predicate == "aconst":
            return self.say(fact)
        ratio = fact.values[0] if fact.values else Fraction(1)
        return self.say(Fact("rcompute", fact.points)).replace("?", number_text(ratio))

    def assumed(self) -> list[str]:
        """The conditions of the proof: those against degenerate cases, and those of this configuration."""
        reads = dict.fromkeys(fact for line in self.lines for fact in reads_of(line.step))
        guards = [fact for fact in self.proof.guards if fact not in reads]
        text = [""] if guards or reads else []
        if guards:
            text.append(f"Assumed throughout: {'; '.join(map(self.say, guards))}.")
        if reads:
            text.append(f"This holds for figures in which: {'; '.join(map(self.say, reads))}.")
        return text


def title(step: Deduction) -> str:
    """What a step is called: its rule's title, or what its linear algebra comes to."""
    if step.rule == "linear":
        return LINEAR.get(step.table, "linear algebra")
    return RULES[step.rule].title if step.rule in RULES else step.rule


def reads_of(step: Deduction) -> tuple[Fact, ...]:
    """What a step reads off the figure: conditions that hold for some figures of the problem and not for others."""
    if not step.configuration:
        return ()
    if step.rule in RULES:
        return RULES[step.rule].instance(step.points).reads
    return (step.conclusion,)


def _speaks_of_angles(step: Deduction) -> bool:
    return step.conclusion.predicate in ("eqangle", "aconst", "angeq")


def _concluding(part: Fact, lines: Iterable[_Line]) -> _Line:
    """The line that concludes a simple goal, however it is written there."""
    for line in lines:
        if _same(part, line.step.conclusion):
            return line
    raise ProofError(f"no step concludes the goal {part}")


def _same(goal: Fact, fact: Fact) -> bool:
    if PREDICATES[goal.predicate].kind == "question":
        answers = ("aconst",) if goal.predicate == "acompute" else ("rconst", "cong")
        return fact.predicate in answers and fact.points == goal.points
    if goal == fact:
        return True
    mine, theirs = equations(goal), equations(fact)
    return bool(mine and theirs) and mine[0].normal() == theirs[0].normal()


def _list(words: Iterable[str]) -> str:
    """a; a and b; a, b and c."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
