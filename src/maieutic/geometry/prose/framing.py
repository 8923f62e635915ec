"""The frame of a narrative: what is given and to be proved, what conventions hold, and the end."""

from __future__ import annotations

from fractions import Fraction

from maieutic.core.errors import ProofError
from maieutic.geometry.prose.narrative_records import Narrative, Step
from maieutic.geometry.prose.notation import Signs, fact_text, listed, number_text
from maieutic.geometry.prose.reasons import numbered
from maieutic.geometry.prose.sources import Sources
from maieutic.geometry.prose.verdicts import convention_sentences
from maieutic.geometry.prose.wording import given_sentences, problem_sentences
from maieutic.geometry.trusted.predicates import ANSWERS, PREDICATES, equations, expand
from maieutic.geometry.trusted.records import Fact, Proof
from maieutic.geometry.trusted.stated import conventions

DIRECTED = (
    "Angles are directed and taken modulo $180°$: $∠(l, m)$ is the angle by which line $l$ must be turned "
    "counterclockwise to become parallel to $m$, and $∠ABC$ stands for $∠(BA, BC)$."
)
SINES = "Sines are those of angles between $0°$ and $180°$, so that they are positive."
SQUARES = "Lines $XY$ and $ZW$ are perpendicular exactly when $XZ² − XW² = YZ² − YW²$."


def framed(proof: Proof, steps: tuple[Step, ...], sources: Sources) -> Narrative:
    """The narrative with these steps. Raises ProofError where the proof does not conclude a goal."""
    return _Frame(proof, steps, sources).narrative()


class _Frame:
    """What stands before and after the steps."""

    def __init__(self, proof: Proof, steps: tuple[Step, ...], sources: Sources) -> None:
        self.proof = proof
        self.steps = steps
        self.sources = sources
        self.signs: Signs = sources.signs

    def narrative(self) -> Narrative:
        problem, auxiliary = self.proof.problem, self.proof.auxiliary
        return Narrative(
            problem=problem,
            seed=self.proof.seed,
            auxiliary_clauses=auxiliary,
            statement=self._statement(),
            given=(
                *given_sentences(problem, len(auxiliary), self.signs),
                *convention_sentences(conventions(problem, len(auxiliary)), self.signs),
            ),
            auxiliary=problem_sentences(auxiliary, self.signs),
            conventions=self._conventions(),
            steps=self.steps,
            conclusion=" ".join(map(self._goal, problem.goals)),
            figure=self.proof.figure,
        )

    def _statement(self) -> str:
        goals = self.proof.problem.goals
        if any(PREDICATES[goal.predicate].kind == "question" for goal in goals):
            return f"Find {listed(fact_text(goal, self.signs).replace(' = ?', '') for goal in goals)}."
        return f"Prove that {listed(fact_text(goal, self.signs) for goal in goals)}."

    def _conventions(self) -> tuple[str, ...]:
        facts = [fact for step in self.steps for fact in step.claims]
        angles = any(f.predicate in ("eqangle", "aconst", "angeq") for f in facts) or any(
            "∠" in line.expression for step in self.steps for line in step.chain
        )
        work = [each for step in self.steps for each in step.work if each.table == "square"]
        squares = any(f.predicate == "perp" for each in work for f in (each.conclusion, *each.premises))
        sines = any("sin " in text for step in self.steps for text in (step.text, *(x.expression for x in step.chain)))
        return (DIRECTED,) * angles + (SINES,) * sines + (SQUARES,) * squares

    def _goal(self, goal: Fact) -> str:
        facts = [self.proof.deductions[concluding(part, self.proof)].conclusion for part in expand(goal)]
        cites = self.sources.cites(facts)
        if PREDICATES[goal.predicate].kind == "question":
            return f"The answer: {self._answer(goal, facts[0])}{numbered('', cites)}."
        return f"Hence {numbered(fact_text(goal, self.signs), cites)}, as was to be proved."

    def _answer(self, goal: Fact, fact: Fact) -> str:
        if fact.predicate in ("aconst", "rsqconst"):
            return fact_text(fact, self.signs)
        ratio = fact.values[0] if fact.values else Fraction(1)
        return fact_text(goal, self.signs).replace("?", number_text(ratio))


def concluding(part: Fact, proof: Proof) -> int:
    """The deduction that concludes a simple goal, however it is written there."""
    for index, step in enumerate(proof.deductions):
        if _same(part, step.conclusion):
            return index
    raise ProofError(f"no step concludes the goal {part}")


def _same(goal: Fact, fact: Fact) -> bool:
    if PREDICATES[goal.predicate].kind == "question":
        return fact.predicate in ANSWERS[goal.predicate] and fact.points == goal.points
    if goal == fact:
        return True
    mine, theirs = equations(goal), equations(fact)
    return bool(mine and theirs) and mine[0].normal() == theirs[0].normal()
