"""A proof as a contestant tells it: few steps, each an idea, each with its reasons.

What the engine lists is regrouped, and nothing is taken on trust: every step keeps the exact work behind it, so that
`narrative_to_proof` (narrative_json.py) turns the step list alone back into a proof for the kernel, the second reader.

* What is given is told as the problem tells it, and cited as given. What only renames it (AO = CO from AO = BO = CO,
  four points of a circle about O, the midpoint's half) is no step: it is folded into the steps that use it.
* All that one use of a theorem concludes is one step.
* Linear algebra is a chain of equalities (chains.py), cut in two where it would cite more than six steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction

from maieutic.geometry.constructions import hypotheses
from maieutic.geometry.predicates import Equation, combine, equations, expand
from maieutic.geometry.prose.certify import Inference, linear_inference
from maieutic.geometry.prose.chains import Chain, ChainLink, make_chain, total_inference
from maieutic.geometry.prose.framing import concluding, framed
from maieutic.geometry.prose.inscribed import fact_of
from maieutic.geometry.prose.narrative_records import Line, Narrative, Step
from maieutic.geometry.prose.notation import Signs, display_names, fact_text, listed
from maieutic.geometry.prose.reasons import PLAIN, THEOREMS, expression, said, similar
from maieutic.geometry.prose.sources import LAW, Source, Sources
from maieutic.geometry.records import Deduction, Fact, Proof
from maieutic.geometry.rules import RULES

MOST_CITES = 6
"""The most earlier steps that one step cites."""

WITH_LINES = ("segment_sum", "menelaus", "menelaus_converse", "ceva", "ceva_converse")
"""Rules in whose use collinear points are the point."""

RENAMING = ("coll", "para", "perp", "cong", "eqangle", "rconst")
FOLDED_RULES = frozenset(("circle", "midpoint", "isosceles", "tangent_chord", "equal_sines", "sine_law"))


def narrate(proof: Proof) -> Narrative:
    """A proof as a narrative. Raises ProofError where it does not conclude its problem's goals."""
    return _Teller(proof).tell()


def movable(step: Deduction, steps: Sequence[Deduction]) -> Inference:
    """A deduction with facts in place of the numbers of its premises."""
    content = {f.name: getattr(step, f.name) for f in fields(step)}
    return Inference(**{**content, "premises": tuple(steps[p].conclusion for p in step.premises)})


class _Teller:
    """Goes through a proof once, folding what is small and writing steps for the rest."""

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        self.signs = Signs(display_names(proof.problem.points))
        self.work = [movable(step, proof.deductions) for step in proof.deductions]
        self.sources = Sources(self.signs)
        self.equal = [
            {_length(*f.points[:2]), _length(*f.points[2:])} for f in hypotheses(proof.problem) if f.predicate == "cong"
        ]
        self.steps: list[Step] = []
        self.told: set[int] = set()
        self.goals = [concluding(part, proof) for goal in proof.problem.goals for part in expand(goal)]

    def tell(self) -> Narrative:
        for index in range(len(self.work)):
            if index not in self.told:
                self._deduction(index)
        return framed(self.proof, tuple(self.steps), self.sources)

    # --- which deductions are steps ---

    def _deduction(self, index: int) -> None:
        work = self.work[index]
        if work.rule == "hypothesis" and index in self.goals:
            text = fact_text(_tidy(work.conclusion), self.signs)
            self._add((work,), (), claims=(work.conclusion,), text=text, reason="as is given", deductions=(index,))
        elif work.rule == "hypothesis":
            self.sources.of[work.conclusion] = Source(
                given=True, work=(work,), because=self._isosceles(work.conclusion)
            )
        elif index not in self.goals and self._folds(work):
            self._fold(work)
        elif work.rule == "linear":
            self._linear(index, work)
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
        because = ""
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
            parallels = listed(dict.fromkeys(said(f, self.signs) for f in work.premises if f.predicate == "para"))
            because = f"{said(work.conclusion, self.signs)} ({parallels})"
        self.sources.of[work.conclusion] = Source(
            self.sources.cites(work.premises),
            self.sources.given(work.premises),
            (*self.sources.restated(work.premises), work),
            because,
            circle,
        )

    # --- steps ---

    def _add(self, work: Sequence[Inference], premises: Sequence[Fact], **content: object) -> Step:
        """Number a step and remember what it claims."""
        whole = tuple(dict.fromkeys((*self.sources.restated(premises), *work)))
        step = Step(
            number=len(self.steps) + 1,
            cites=self.sources.cites(premises),
            given=any(each.rule == "hypothesis" for each in whole),
            work=whole,
            **content,  # type: ignore[arg-type]
        )
        self.steps.append(step)
        for fact in step.claims:
            self.sources.of[fact] = Source(cites=(step.number,))
        return step

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
        claims = tuple(each.conclusion for each in used)
        text, hence = listed(fact_text(_tidy(c), self.signs) for c in claims), ""
        kind = similar(work.rule)
        if kind:
            a, b, c, p, q, r = work.points
            text, hence = f"$△{self.signs.run(a, b, c)} ∼ △{self.signs.run(p, q, r)}$ ({kind})", text
        reason = self.sources.shown(self._as_in_rule(premises, work), hide=work.rule not in WITH_LINES)
        since = f"since {reason}" if reason else ""
        theorem = "" if work.rule in PLAIN or kind else THEOREMS.get(work.rule, f"by {RULES[work.rule].title}")
        reads = RULES[work.rule].instance(work.points).reads
        self._add(
            used,
            premises,
            claims=claims,
            text=text,
            hence=hence,
            reason=", ".join(filter(None, (theorem, since))),
            reads=listed(fact_text(f, self.signs) for f in reads) if reads else "",
            deductions=tuple(same),
        )

    def _as_in_rule(self, premises: Sequence[Fact], work: Inference) -> list[tuple[Fact, tuple[Fact, ...]]]:
        """Premises with their points in the order in which the theorem names them."""
        named = {equations(f)[0].normal(): f for f in RULES[work.rule].instance(work.points).premises}
        return [(named.get(equations(fact)[0].normal(), fact), (fact,)) for fact in premises]

    def _linear(self, index: int, work: Inference) -> None:
        """Linear algebra: as a chain where one is found, else as the list of what is added."""
        try:
            chain = make_chain(work, {f: source.circle for f, source in self.sources.of.items() if source.circle})
        except ValueError:  # sines, which have no facts of their own
            chain = None
        if chain is None or len(chain.links) == 1:
            if len(self.sources.cites(work.premises)) > MOST_CITES:
                work = self._shortened(work)
            self._plain_linear(index, work, chain)
        else:
            self._chain(index, work, chain)

    def _plain_linear(self, index: int, work: Inference, chain: Chain | None) -> None:
        reason = self.sources.reasons(work.premises)
        if chain and set(work.premises) >= set(chain.links[0].facts):
            named = [f for fact, by in chain.links[0].reasons for f in (fact, *by)]
            rest = [(f, (f,)) for f in work.premises if f not in named and f.predicate not in ("coll", "cyclic")]
            reason = self.sources.shown([*chain.links[0].reasons, *rest])
        self._add(
            (work,),
            work.premises,
            claims=(work.conclusion,),
            text=fact_text(_tidy(work.conclusion), self.signs),
            reason=f"since {reason}" if reason else "",
            reads=self._branch(work),
            deductions=(index,),
        )

    def _branch(self, work: Inference) -> str:
        if not work.configuration:
            return ""
        if work.multiple == 2:
            return "halving leaves two possibilities $90°$ apart, and it is this one"
        return f"dividing by {work.multiple} leaves {work.multiple} possibilities, and it is this one"

    def _shortened(self, work: Inference) -> Inference:
        """Sums of some of the premises as steps of their own, until few enough are left to cite."""
        parts = list(zip(work.premises, work.equations, work.weights, strict=True))
        while len(self.sources.cites(f for f, _, _ in parts)) > MOST_CITES:
            few = self._few(parts)
            if few is None:
                break
            fact = fact_of(_total(few))
            if fact not in self.sources.of:
                self._plain_linear_claim(linear_inference(fact, work.table, few))
            parts = [(fact, 0, 1), *(part for part in parts if part not in few)]
        return linear_inference(work.conclusion, work.table, parts, work.multiple)

    def _few(self, parts: list[_Part]) -> list[_Part] | None:
        """Some parts that cite little, and whose sum is a fact: sines in it must cancel. None if none are found."""
        best: list[_Part] | None = None
        for first in parts:
            few = [first]
            while True:
                open_sines = {u for u, _ in _total(few).terms if len(u) == 3}
                cites = self.sources.cites(f for f, _, _ in few)
                if not open_sines and len(few) > 1 and len(cites) > 1 and (best is None or len(few) > len(best)):
                    best = list(few)
                rest = [p for p in parts if p not in few]
                fitting = [p for p in rest if not open_sines or open_sines & {u for u, _ in _total([p]).terms}]
                following = min(
                    (p for p in fitting if len(self.sources.cites(f for f, _, _ in (*few, p))) < MOST_CITES),
                    key=lambda p: len(_total([*few, p]).terms),
                    default=None,
                )
                if following is None:
                    break
                few.append(following)
        return best

    def _plain_linear_claim(self, work: Inference) -> None:
        self._add(
            (work,),
            work.premises,
            claims=(work.conclusion,),
            text=fact_text(_tidy(work.conclusion), self.signs),
            reason=f"since {self.sources.reasons(work.premises)}",
        )

    def _chain(self, index: int, work: Inference, chain: Chain) -> None:
        """A chain as one step, or as several where it cites too many."""
        begun = [Line(expression(chain.first, self.signs))]
        lines, links = list(begun), list[ChainLink]()
        for link in map(self._lighter, chain.links):
            if links and len(self.sources.cites(f for each in (*links, link) for f in each.facts)) > MOST_CITES:
                carried = self._partial(chain.first, links, lines)
                lines, links = [*begun, carried[0]], [carried[1]]
            links.append(link)
            lines.append(self._line(link))
        total = total_inference(work.conclusion, Chain(chain.first, tuple(links), chain.multiple), work.table)  # type: ignore[arg-type]
        self._add(
            (*(w for link in links for w in link.work), total),
            tuple(dict.fromkeys(f for link in links for f in link.facts)),
            claims=(work.conclusion,),
            text=fact_text(_tidy(work.conclusion), self.signs),
            reason="",
            chain=tuple(lines),
            reads=self._branch(work),
            deductions=(index,),
        )

    def _lighter(self, link: ChainLink) -> ChainLink:
        """An equality that cites so much that nothing else could stand beside it, as a step of its own."""
        if len(self.sources.cites(link.facts)) < MOST_CITES:
            return link
        work = self._shortened(link.work[0])
        self._plain_linear_claim(work)
        return ChainLink(link.after, link.fact, (link.fact,), (), ((link.fact, (link.fact,)),))

    def _line(self, link: ChainLink) -> Line:
        return Line(
            expression(link.after, self.signs), self.sources.shown(link.reasons), self.sources.cites(link.facts)
        )

    def _partial(self, first: Equation, links: list[ChainLink], lines: list[Line]) -> tuple[Line, ChainLink]:
        """The equality that part of a chain shows, as a step; and the link by which the rest goes on."""
        after = links[-1].after
        fact = fact_of(combine(first.table, [(Fraction(1), first), (Fraction(-1), after)]))
        total = linear_inference(fact, first.table, [(link.fact, 0, 1) for link in links])
        step = self._add(
            (*(w for link in links for w in link.work), total),
            tuple(dict.fromkeys(f for link in links for f in link.facts)),
            claims=(fact,),
            text=f"${expression(first, self.signs)} = {expression(after, self.signs)}$",
            reason="",
            chain=tuple(lines),
        )
        link = ChainLink(after, fact, (fact,))
        return Line(expression(after, self.signs), f"by ({step.number})", (step.number,)), link


_Part = tuple[Fact, int, int]
"""A premise, which of its equations, and its weight."""


def _total(parts: Sequence[_Part]) -> Equation:
    """What some parts of a certificate add up to."""
    rows = [(Fraction(weight), equations(fact)[number]) for fact, number, weight in parts]
    return combine(rows[0][1].table, rows)


def _tidy(fact: Fact) -> Fact:
    """Points on one line or circle in alphabetical order; other facts as they are."""
    return Fact(fact.predicate, tuple(sorted(fact.points))) if fact.predicate in ("coll", "cyclic") else fact


def _length(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)
