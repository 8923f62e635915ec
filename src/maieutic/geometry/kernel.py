"""The kernel: the one place that decides whether a proof is a proof.

**What is trusted.** This file; what predicates.py says a statement means; that each line of rules.py is a theorem;
what constructions.py says a clause gives; that diagram.py draws figures of the problem. No more: the engine, the
search and the models may be as clever or as wrong as they like, for everything that they claim is looked at again
here, and what is unknown, malformed, superfluous or in doubt is refused.

**What a step may be.** A hypothesis of the problem; an instance of a rule, rebuilt here from its name and points; or
linear algebra: integer weights with which earlier equations add up to the conclusion, checked with exact rationals.
Directions of lines are numbers modulo 1 (in units of pi), and integer combinations are what modulo 1 respects. So
`multiple` times an equation of directions leaves `multiple` possibilities, and only the figure says which it is.

**What a figure decides.** Never a conclusion, only a condition: the guards of a step, that is, what a rule asks of
degenerate cases (three points not on a line) or reads off the figure (which of two points, which orientation), and
the branch of a direction. On the proof's own figure every guard must hold. A verdict lists what was so assumed;
`configuration` is the part that is known, or was seen on a fresh figure, to hold on some figures only. That points
which are different on the own figure are different is assumed throughout, and listed where a fresh figure says no.
Where two names stand for one place, their segment has no direction and no logarithm, and an equation about these says
nothing; and no rule may use both names but those that are about just that.

**What an auxiliary point may be.** Its clause must not be able to say anything about the points that were there
before. One construction alone cannot, nor can the meet of two curves; three curves through one point could, so no
more than two are accepted, and no assertion. The accepted theorem is about the problem without these clauses, and
about figures on which they can be drawn: their needs are guards.

**The safety net.** Conclusions must also be true, numerically, on the proof's own figure, and on fresh ones as far as
the guards hold there. A mistake in a trusted table is likely to be caught here. A mistake in a proof does not get so
far: all that is above is exact, but for the rounding with which a figure is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from maieutic.core.errors import DiagramError, MaieuticError, ProofError
from maieutic.geometry.constructions import CONSTRUCTIONS, clause_requirements, hypotheses, introduces
from maieutic.geometry.diagram import draw
from maieutic.geometry.predicates import (
    ANSWERS,
    PREDICATES,
    Coordinates,
    Equation,
    combine,
    equations,
    expand,
    holds,
    residual,
)
from maieutic.geometry.records import Accepted, Clause, Deduction, Fact, Problem, Proof, Refused, Verdict
from maieutic.geometry.rules import RULES

WHOLE = -1
"""The step of a refusal that concerns the proof as a whole."""

MOST = 1000
"""The largest `multiple` and coefficient in directions: branches lie 1/1000 apart, and figures are read to 1e-6."""

FRESH_SEED = 20_011
"""Fresh figures are drawn with the seeds from here on."""

ATTEMPTS = 4
"""Seeds tried for each fresh figure."""

TRUE = 1e-6
"""An equation with a smaller residual is true on a figure."""


def check(proof: Proof, *, diagrams: int = 2) -> Verdict:
    """Whether a proof proves its problem's goals: Accepted with what it assumes, or Refused with the step and why.

    `diagrams` is the number of fresh figures on which the guards are tried. Nothing in a proof makes this raise.
    """
    step = WHOLE
    try:
        needs = _check_auxiliary(proof)
        statements = _Statements(proof.problem)
        figure = _Figure(draw(proof.problem, proof.seed).points)
        grounds: list[_Grounds] = []
        for step, deduction in enumerate(proof.deductions):
            grounds.append(_justify(step, deduction, proof.deductions, statements, figure))
            for guard in grounds[-1].all:
                _require(figure.shows(statements[guard]), f"the guard {guard} fails on the figure")
            _require(figure.shows(statements[deduction.conclusion]), f"{deduction.conclusion} is false on the figure")
        step = WHOLE
        _check_goals(proof, statements)
        _require(all(figure.shows(statements[need]) for need in needs), "an auxiliary point that is not defined")
        guards = dict.fromkeys((*needs, *(guard for ground in grounds for guard in ground.all)))
        configuration = dict.fromkeys(fact for ground in grounds for fact in ground.reads)
        for fresh in _fresh_figures(proof, diagrams):
            merged = [Fact("diff", pair) for pair in sorted(fresh.together - figure.together)]
            configuration |= dict.fromkeys((*merged, *(g for g in guards if not fresh.shows(statements[g]))))
            step = WHOLE if merged else _false_on(fresh, proof, grounds, statements)
            _require(step == WHOLE, "false on another figure, where all that it rests on holds")
        return Accepted(tuple(guards | configuration), tuple(configuration))
    except MaieuticError as refusal:  # a step that does not hold, or a problem without a figure
        return Refused(step, str(refusal))
    except Exception as error:  # whatever else goes wrong in here, the answer is no
        return Refused(step, f"malformed: {type(error).__name__}: {error}")


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise ProofError(reason)


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Statement:
    """A fact, its equations, and a key that two facts share only if they say the same."""

    fact: Fact
    equations: tuple[Equation, ...]
    key: object


class _Statements:
    """The well-formed facts about a problem's points, each read once; raises ProofError for any other."""

    def __init__(self, problem: Problem) -> None:
        self.points = frozenset(problem.points)
        self._read: dict[Fact, _Statement] = {}
        self.hypotheses = frozenset(self[fact].key for fact in hypotheses(problem))

    def __getitem__(self, fact: Fact) -> _Statement:
        if fact not in self._read:
            self._read[fact] = self._parse(fact)
        return self._read[fact]

    def _parse(self, fact: Fact) -> _Statement:
        predicate = PREDICATES.get(fact.predicate)
        if predicate is None or predicate.kind not in ("equational", "numeric"):
            raise ProofError(f"no statement: {fact}")
        _require(predicate.accepts(len(fact.points), len(fact.values)), f"malformed: {fact}")
        _require(self.points.issuperset(fact.points), f"a point that is not in the problem: {fact}")
        _require(all(type(value) is Fraction for value in fact.values), f"a value that is no fraction: {fact}")
        if predicate.kind == "numeric":
            return _Statement(fact, (), fact)
        try:
            alternatives = equations(fact)
        except (ValueError, ZeroDivisionError) as error:
            raise ProofError(f"{fact} means nothing: {error}") from error
        for equation in alternatives:
            for unknown, coefficient in equation.terms:
                _require(len(set(unknown)) == len(unknown), f"{fact} means nothing")
                if equation.table == "direction":
                    _require(coefficient.denominator == 1, f"{fact} means nothing: a fraction of a number modulo 1")
                    _require(abs(coefficient) <= MOST, f"{fact} has a coefficient over {MOST}")
        # `cyclic` says more than its equations, which hold for points on a line too: so it is itself only.
        meant = fact.predicate if predicate.guards(fact) else ""
        return _Statement(fact, alternatives, (meant, alternatives[0].normal()))


# --- figures ---------------------------------------------------------------------------------------------------------


class _Figure:
    """The places of a problem's points, and the pairs of names that stand for one place."""

    def __init__(self, at: Coordinates) -> None:
        self.at = at
        pairs = combinations(sorted(at), 2)
        self.together = frozenset(pair for pair in pairs if not holds(Fact("diff", pair), at))

    def apart(self, names: Iterable[str]) -> bool:
        """Whether no two of some names stand for one place."""
        return not self.together or self.together.isdisjoint(combinations(sorted(set(names)), 2))

    def defines(self, equation: Equation) -> bool:
        """Whether an equation says something here: a segment of length 0 has no direction and no logarithm."""
        return equation.table in ("length", "square") or all(self.apart(unknown) for unknown, _ in equation.terms)

    def shows(self, statement: _Statement) -> bool:
        """Whether a statement is true here: what its equations say, if they say something, or its own test."""
        try:
            if not statement.equations:
                return holds(statement.fact, self.at)
            defined = [equation for equation in statement.equations if self.defines(equation)]
            return bool(defined) and all(residual(equation, self.at) < TRUE for equation in defined)
        except (ValueError, ZeroDivisionError):
            return False


def _fresh_figures(proof: Proof, wanted: int) -> Iterator[_Figure]:
    """Figures of the problem other than its own. Raises ProofError when too few can be drawn."""
    seeds = (seed for seed in range(FRESH_SEED, FRESH_SEED + ATTEMPTS * wanted + 1) if seed != proof.seed)
    drawn = 0
    for seed in seeds:
        if drawn == wanted:
            return
        try:
            figure = _Figure(draw(proof.problem, seed, prefer_goals=False).points)
        except DiagramError:
            continue
        drawn += 1
        yield figure
    _require(drawn == wanted, "no fresh figure can be drawn")


# --- what follows from what ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What a step assumes: conditions against degenerate cases, and what it reads off the figure."""

    guards: tuple[Fact, ...] = ()
    reads: tuple[Fact, ...] = ()

    @property
    def all(self) -> tuple[Fact, ...]:
        return self.guards + self.reads


def _justify(
    index: int, step: Deduction, steps: Sequence[Deduction], statements: _Statements, figure: _Figure
) -> _Grounds:
    """What a step assumes, if it follows from the earlier steps that it cites. Raises ProofError if not."""
    _require(all(type(p) is int and 0 <= p < index for p in step.premises), "cites a step that is not before it")
    statements[step.conclusion]
    cited = [steps[p].conclusion for p in step.premises]
    if step.rule == "linear":
        grounds = _linear(step, cited, statements, figure)
    else:
        _require(
            (step.table, step.equations, step.weights, step.multiple) == ("", (), (), 1),
            f"{step.rule} with a certificate, which belongs to a linear step",
        )
        grounds = _hypothesis(step, statements) if step.rule == "hypothesis" else _rule(step, cited, statements, figure)
    _require(set(step.guards) == set(grounds.all), f"guards should be: {'; '.join(map(str, grounds.all)) or 'none'}")
    _require(step.configuration == bool(grounds.reads), f"configuration should be {bool(grounds.reads)}")
    return grounds


def _hypothesis(step: Deduction, statements: _Statements) -> _Grounds:
    _require(step.premises == () and step.points == (), "a hypothesis with premises or points")
    _require(statements[step.conclusion].key in statements.hypotheses, f"not a hypothesis: {step.conclusion}")
    return _Grounds()


def _rule(step: Deduction, cited: Sequence[Fact], statements: _Statements, figure: _Figure) -> _Grounds:
    rule = RULES.get(step.rule)
    if rule is None:
        raise ProofError(f"no rule {step.rule!r}")
    _require(len(step.points) == len(rule.points), f"{step.rule} takes {len(rule.points)} points")
    instance = rule.instance(step.points)
    needed = {statements[fact].key: fact for fact in instance.premises}
    given = {statements[fact].key: fact for fact in cited}
    for key, fact in needed.items():
        _require(key in given, f"{step.rule} needs {fact}, which no cited step concludes")
    for key, fact in given.items():
        _require(key in needed, f"{step.rule} has no use for {fact}")
    concluded = {statements[fact].key for fact in instance.conclusions}
    _require(statements[step.conclusion].key in concluded, f"{step.rule} does not conclude {step.conclusion}")
    if step.rule in ("equal_sines", "equal_sines_converse"):  # two angles, that need not be in different places
        apart = figure.apart(step.points[:3]) and figure.apart(step.points[3:])
    else:
        apart = step.rule.startswith("overlap_") or figure.apart(step.points)
    _require(apart, f"{step.rule} on two names of one place")
    return _Grounds(instance.guards, instance.reads)


def _linear(step: Deduction, cited: Sequence[Fact], statements: _Statements, figure: _Figure) -> _Grounds:
    """multiple * (an equation of the conclusion) = sum of weight * (the chosen equation of a premise), exactly."""
    _require(step.points == (), "a linear step with points")
    _require(len(cited) == len(step.equations) == len(step.weights), "not one equation and weight for each premise")
    _require(all(type(w) is int and w for w in step.weights), "a weight that is no integer, or 0")
    _require(type(step.multiple) is int and step.multiple >= 1, "a multiple that is no positive integer")
    terms: list[tuple[Fraction, Equation]] = []
    for fact, chosen, weight in zip(cited, step.equations, step.weights, strict=True):
        alternatives = statements[fact].equations
        _require(type(chosen) is int and 0 <= chosen < len(alternatives), f"no equation {chosen} of {fact}")
        _require(alternatives[chosen].table == step.table, f"equation {chosen} of {fact} is not of {step.table!r}")
        _require(figure.defines(alternatives[chosen]), f"equation {chosen} of {fact} says nothing on the figure")
        terms.append((Fraction(weight), alternatives[chosen]))
    claims = [e for e in statements[step.conclusion].equations if e.table == step.table and figure.defines(e)]
    _require(
        any(_is_zero(combine(e.table, [*terms, (Fraction(-step.multiple), e)])) for e in claims),
        f"the weighted sum of the premises is not {step.conclusion}",
    )
    guards = PREDICATES[step.conclusion.predicate].guards(step.conclusion)
    if step.table != "direction" or step.multiple == 1:
        return _Grounds(guards)
    _require(step.multiple <= MOST, f"more than {MOST} branches")
    return _Grounds(guards, (step.conclusion,))


def _is_zero(equation: Equation) -> bool:
    return not equation.terms and not equation.constants


def _false_on(figure: _Figure, proof: Proof, grounds: Sequence[_Grounds], statements: _Statements) -> int:
    """The first step that is false on a figure though all that it rests on holds there; WHOLE if there is none."""
    supported: list[bool] = []
    for index, (step, ground) in enumerate(zip(proof.deductions, grounds, strict=True)):
        rests = all(supported[p] for p in step.premises)
        supported.append(rests and all(figure.shows(statements[guard]) for guard in ground.all))
        if supported[-1] and not figure.shows(statements[step.conclusion]):
            return index
    return WHOLE


# --- the problem -----------------------------------------------------------------------------------------------------


def _check_goals(proof: Proof, statements: _Statements) -> None:
    """Raises ProofError unless each goal is concluded; a question, by any answer to it."""
    concluded = {statements[step.conclusion].key for step in proof.deductions}
    answered = {(step.conclusion.predicate, step.conclusion.points) for step in proof.deductions}
    _require(bool(proof.problem.goals), "a problem without a goal")
    for goal in (simple for fact in proof.problem.goals for simple in expand(fact)):
        if PREDICATES[goal.predicate].kind == "question":
            met = any((answer, goal.points) in answered for answer in ANSWERS[goal.predicate])
        else:
            met = statements[goal].key in concluded
        _require(met, f"no step concludes the goal {goal}")


def _check_auxiliary(proof: Proof) -> tuple[Fact, ...]:
    """What the auxiliary clauses need. Raises ProofError if they could say anything about the other points."""
    clauses, points = proof.problem.clauses, proof.problem.points
    stated = clauses[: len(clauses) - len(proof.auxiliary)]
    _require(stated + proof.auxiliary == clauses, "auxiliary clauses that are not the last of the problem")
    _require(len(set(points)) == len(points), "a point that is introduced twice")
    known = {point for clause in stated for point in clause.points}
    _require(all(known.issuperset(goal.points) for goal in proof.problem.goals), "a goal about auxiliary points")
    needs: list[Fact] = []
    for clause in proof.auxiliary:
        _require(_places_points(clause, known), f"not a construction of auxiliary points: {clause}")
        needs += clause_requirements(clause)
        known.update(clause.points)
    for need in needs:
        _require(PREDICATES[need.predicate].kind == "numeric", f"an auxiliary point that needs {need} to be proved")
    return tuple(needs)


def _places_points(clause: Clause, known: set[str]) -> bool:
    """Whether a clause only places new points: by one construction, or one point where two curves meet."""
    if not all(introduces(construction, clause) for construction in clause.constructions):
        return False
    rows = [CONSTRUCTIONS[construction.name] for construction in clause.constructions]
    old = [
        point
        for row, construction in zip(rows, clause.constructions, strict=True)
        for letter, point in zip(row.letters, construction.args, strict=True)
        if letter not in row.new
    ]
    # A curve is one equation; the second one of `on_bline` says the same as its first.
    curves = all(len(row.gives) == 1 or row.name == "on_bline" for row in rows)
    return (
        known.issuperset(old)
        and all(len(row.new) == len(clause.points) for row in rows)
        and (len(rows) <= 1 or (len(rows) == 2 and len(clause.points) == 1 and curves))
    )
