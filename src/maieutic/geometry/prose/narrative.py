"""A proof as a contestant tells it: few steps, each an idea, each with its reasons.

What the engine lists is regrouped, and nothing is taken on trust: every step keeps the exact work behind it, so that
`narrative_to_proof` (narrative_json.py) turns the step list alone back into a proof for the kernel, the second reader.

* What is given is told as the problem tells it, and cited as given. What only renames it (AO = CO from AO = BO = CO,
  four points of a circle about O, the midpoint's half) is no step: it is folded into the steps that use it.
* All that one use of a theorem concludes is one step.
* Linear algebra is a chain of equalities (chains.py, sums.py), after the angle chases were made short (chasing.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from maieutic.geometry.language.names import display_names
from maieutic.geometry.prose.certify import Inference, movable
from maieutic.geometry.prose.chasing import rechased
from maieutic.geometry.prose.framing import concluding, framed
from maieutic.geometry.prose.narrative_records import Narrative
from maieutic.geometry.prose.notation import Signs, fact_text, listed
from maieutic.geometry.prose.reasons import PLAIN, THEOREMS, said, similar
from maieutic.geometry.prose.scribe import Scribe, tidy
from maieutic.geometry.prose.sources import LAW, Source
from maieutic.geometry.prose.sums import Sums
from maieutic.geometry.prose.verdicts import assumptions, choices, proved
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.predicates import equations, expand
from maieutic.geometry.trusted.records import Accepted, Fact, Proof
from maieutic.geometry.trusted.rules import RULES, Rule

WITH_LINES = ("segment_sum", "menelaus", "menelaus_converse", "ceva", "ceva_converse")
"""Rules in whose use collinear points are the point."""

RENAMING = ("coll", "para", "perp", "cong", "eqangle", "rconst")
FOLDED_RULES = frozenset(("circle", "midpoint", "isosceles", "tangent_chord", "equal_sines", "sine_law"))


def narrate(proof: Proof, verdict: Accepted) -> Narrative:
    """A proof, and what the kernel says of it, as a narrative.

    Raises ProofError where the proof does not conclude its problem's goals.
    """
    chosen, signs = choices(proof), Signs(display_names(proof.problem.points))
    told, said = _as_told(proof, verdict)
    return replace(
        _Teller(told, _rules(verdict)).tell(),
        assumptions=assumptions(said, chosen | choices(told), signs),
        proved=proved(verdict, chosen, signs),
    )


def _as_told(proof: Proof, verdict: Accepted) -> tuple[Proof, Accepted]:
    """The proof by shorter chases, if it holds for as many figures, and the verdict that says what it assumes."""
    shorter = rechased(proof)
    found = check(shorter, rules=_rules(verdict))
    if not isinstance(found, Accepted) or not set(found.configuration) <= set(verdict.configuration):
        return proof, verdict
    return shorter, verdict if set(found.guards) <= set(verdict.guards) else found


def _rules(verdict: Accepted) -> Mapping[str, Rule]:
    """All theorems that the proof may use."""
    return {**RULES, **{rule.name: rule for rule in verdict.rules}}


class _Teller:
    """Goes through a proof once, folding what is small and writing steps for the rest."""

    def __init__(self, proof: Proof, rules: Mapping[str, Rule]) -> None:
        self.proof, self.rules = proof, rules
        self.scribe = Scribe(Signs(display_names(proof.problem.points)))
        self.signs, self.sources, self.steps = self.scribe.signs, self.scribe.sources, self.scribe.steps
        self.work = [movable(step, proof.deductions) for step in proof.deductions]
        self.equal = [
            {_length(*f.points[:2]), _length(*f.points[2:])} for f in hypotheses(proof.problem) if f.predicate == "cong"
        ]
        self.uses = Counter(premise for work in self.work for premise in dict.fromkeys(work.premises))
        self.told: set[int] = set()
        self.goals: list[int] = [concluding(part, proof) for goal in proof.problem.goals for part in expand(goal)]
        self.sums = Sums(self.scribe, self._asides())

    def tell(self) -> Narrative:
        for index in range(len(self.work)):
            if index not in self.told:
                self._deduction(index)
        return framed(self.proof, tuple(self.steps), self.sources)

    def _asides(self) -> frozenset[int]:
        """The deductions that only one pair of similar triangles needs."""
        users: dict[Fact, set[tuple[str, tuple[str, ...]]]] = {}
        for work in self.work:
            for premise in work.premises:
                users.setdefault(premise, set()).add((work.rule, work.points))
        return frozenset(
            index
            for index, work in enumerate(self.work)
            if index not in self.goals
            and len(users.get(work.conclusion, ())) == 1
            and all(similar(rule) for rule, _ in users[work.conclusion])
        )

    # --- which deductions are steps ---

    def _deduction(self, index: int) -> None:
        work = self.work[index]
        if work.rule == "hypothesis" and index in self.goals:
            text = fact_text(tidy(work.conclusion), self.signs)
            claims = (work.conclusion,)
            self.scribe.add((work,), (), claims=claims, text=text, reason="as is given", deductions=(index,))
        elif work.rule == "hypothesis":
            self.sources.of[work.conclusion] = Source(
                given=True, work=(work,), because=self._isosceles(work.conclusion)
            )
        elif index not in self.goals and self._folds(work):
            self._fold(work)
        elif work.rule == "linear":
            self.sums.tell(index, work)
        else:
            self._rule(index, work)

    def _isosceles(self, fact: Fact) -> str:
        """For given base angles of a triangle with given equal sides: these."""
        p = fact.points
        if fact.predicate != "eqangle" or len(set(p)) != 3:
            return ""
        for o in dict.fromkeys(p):
            a, b = (x for x in dict.fromkeys(p) if x != o)
            angles = equations(Fact("eqangle", (a, o, a, b, b, a, b, o)))[0].normal()
            if equations(fact)[0].normal() == angles and {_length(o, a), _length(o, b)} in self.equal:
                return f"${self.signs.run(o, a)} = {self.signs.run(o, b)}$"
        return ""

    def _folds(self, work: Inference) -> bool:
        """Whether a conclusion is too small for a step of its own."""
        cites = self.sources.cites(work.premises)
        if work.configuration:
            return False
        if work.rule in ("equal_sines", "sine_law"):
            return len(cites) <= 1
        if work.rule == "isosceles":
            return len(cites) <= 1
        if work.rule in FOLDED_RULES:
            return not cites
        if work.rule == "linear" and work.conclusion.predicate == "cyclic" and not cites:
            return all(f.predicate == "cyclic" or self.sources.of[f].circle for f in work.premises)
        if work.rule != "linear" or len(cites) > 1 or work.conclusion.predicate not in RENAMING:
            return False
        kinds = {f.predicate for f in work.premises}
        others = [f for f in work.premises if f.predicate not in ("coll", "para")]
        if work.conclusion.predicate == "cong":
            return kinds <= {"cong"}
        if work.conclusion.predicate in ("coll", "para"):
            return kinds <= {"coll", "para"} and (not cites or kinds == {"coll"})
        return len(others) <= 1 and {f.predicate for f in others} <= {work.conclusion.predicate}

    def _fold(self, work: Inference) -> None:
        because, note = "", ""
        circle: tuple[str, ...] = ()
        points = work.points
        if work.rule == "tangent_chord":
            circle = work.points
        elif work.rule == "midpoint":
            because = f"${self.signs.point(points[0])}$ is the midpoint of ${self.signs.run(*points[1:])}$"
            m, a, b = points
            sides = [self.signs.run(*side) for end in (a, b) for side in ((m, end), (end, m))]
            self.sources.halves[because] = {f"${first} = {second}$" for first in sides for second in sides}
        elif work.rule == "isosceles":
            o, a, b = points
            because = f"${self.signs.run(o, a)} = {self.signs.run(o, b)}$"
        elif work.rule == "sine_law":
            because = f"{LAW}$△{self.signs.run(*points)}$"
        elif work.rule == "equal_sines":
            because = self.sources.of[work.premises[0]].because or said(work.premises[0], self.signs)
        elif work.conclusion.predicate == "eqangle" and any(f.predicate == "para" for f in work.premises):
            note = listed(dict.fromkeys(said(f, self.signs) for f in work.premises if f.predicate == "para"))
        self.scribe.keep(work, because, circle, note)

    # --- steps ---

    def _rule(self, index: int, work: Inference) -> None:
        """One use of a theorem, with all that the proof concludes from it."""
        same = [
            i
            for i in range(index, len(self.work))
            if (self.work[i].rule, self.work[i].points) == (work.rule, work.points)
            and all(p in self.sources.of for p in self.work[i].premises)
        ]
        self.told.update(same)
        used = [self.work[i] for i in same]
        premises = tuple(dict.fromkeys(p for each in used for p in each.premises))
        if work.rule == "isosceles_converse" and self._is_last_of(premises[0]):
            self._equal_sides(index, work)
            return
        claims = tuple(each.conclusion for each in used)
        text, hence = listed(fact_text(tidy(c), self.signs) for c in claims), ""
        kind = similar(work.rule)
        if kind:
            a, b, c, p, q, r = work.points
            text, hence = f"$△{self.signs.run(a, b, c)} ∼ △{self.signs.run(p, q, r)}$ ({kind})", text
        reason = self.sources.shown(self._as_in_rule(premises, work), hide=work.rule not in WITH_LINES)
        since = f"since {reason}" if reason else ""
        theorem = "" if work.rule in PLAIN or kind else THEOREMS.get(work.rule, f"by {self.rules[work.rule].title}")
        reads = self.rules[work.rule].instance(work.points).reads
        self.scribe.add(
            used,
            premises,
            claims=claims,
            text=text,
            hence=hence,
            reason=", ".join(filter(None, (theorem, since))),
            reads=f"in this configuration: {listed(fact_text(f, self.signs) for f in reads)}" if reads else "",
            deductions=tuple(same),
        )

    def _is_last_of(self, premise: Fact) -> bool:
        """Whether a premise is what the last step claims, and of no other use."""
        return bool(self.steps) and self.steps[-1].claims == (premise,) and self.uses[premise] == 1

    def _equal_sides(self, index: int, work: Inference) -> None:
        """Equal sides with the chase for the equal angles, in one step."""
        angles = self.steps.pop()
        claim, premise = work.conclusion, angles.claims[0]
        self.steps.append(
            replace(
                angles,
                claims=(claim,),
                text=fact_text(claim, self.signs),
                reason=f"since {fact_text(premise, self.signs)}{angles.reason.replace('since ', ' (', 1)})"
                if angles.reason
                else f"since {fact_text(premise, self.signs)}",
                work=(*angles.work, work),
                deductions=(*angles.deductions, index),
            )
        )
        self.sources.of[claim] = Source(cites=(angles.number,))

    def _as_in_rule(self, premises: Sequence[Fact], work: Inference) -> list[tuple[Fact, tuple[Fact, ...]]]:
        """Premises with their points in the order in which the theorem names them."""
        named = {equations(f)[0].normal(): f for f in self.rules[work.rule].instance(work.points).premises}
        return [(named.get(equations(fact)[0].normal(), fact), (fact,)) for fact in premises]


def _length(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)
