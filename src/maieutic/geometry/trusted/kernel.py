"""The kernel: the one place that decides whether a proof is a proof.

A verdict is an implication: *on every figure of the problem on which the listed conditions hold, the goals hold.* The
steps show it, exactly, in whole numbers and fractions. Figures have two jobs and no third: one exact figure shows that
the implication is not empty (certify.py), and others sort its conditions into those that hold on all of them, and those
that hold on some branches or figures only, the `configuration`. All are drawn from the hypotheses alone. docs/trust.md
lists what is trusted, and with what.

**What a step may be.** A hypothesis of the problem; an instance of a rule, rebuilt here from its name and points; or
linear algebra: integer weights with which earlier equations add up to the conclusion, checked with exact rationals.
Directions of lines are numbers modulo 1 (in units of pi), and integer combinations are what modulo 1 respects. So
`multiple` times an equation of directions leaves `multiple` possibilities: that it is this one is a condition.

**What a step needs.** Of each direction or logarithm in an equation that it uses, that the two points differ; of a
sine, that its three points are on no line; of a rule, its guards and what it reads off the figure. A proof does not
bring these: they are collected here, and a verdict lists them, except where the statement says them (stated.py) or
they follow from it or from others (degenerate.py). Each that is listed is needed: without it the proof is refused.

**What an auxiliary point may be.** Its clause must not be able to say anything about the points that were there
before. One construction alone cannot, nor can the meet of two curves; three curves through one point could, so no
more than two are accepted, and no assertion. Its needs, and that it exists, are conditions.

**The safety net.** Conclusions must also be true on the exact figure, and on others as far as the conditions hold
there. A mistake in a trusted table is likely to be caught here; a mistake in a proof does not get so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from maieutic.core.errors import MaieuticError, ProofError
from maieutic.geometry.trusted.certify import Certified, NoFigureError, certified, seen
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, clause_requirements, hypotheses, introduces
from maieutic.geometry.trusted.degenerate import Strict
from maieutic.geometry.trusted.hints.contradictions import contradiction
from maieutic.geometry.trusted.hints.witnesses import WHOLE, Figures, false_on, fewest, named, shows
from maieutic.geometry.trusted.predicates import ANSWERS, PREDICATES, Equation, combine, equations, expand
from maieutic.geometry.trusted.records import (
    Accepted,
    Clause,
    Deduction,
    Fact,
    Problem,
    Proof,
    Refused,
    Verdict,
    seal,
)
from maieutic.geometry.trusted.rules import RULES, Rule
from maieutic.geometry.trusted.stated import (
    LINES,
    Known,
    is_curve,
    made_commons,
    presupposed,
    stated,
    without_auxiliary,
)

_SEAL = seal()

MOST = 1000
"""The largest `multiple` and coefficient in directions: branches lie 1/1000 apart, and figures are read to 1e-6."""

LARGEST = 10**9
"""The largest coefficient in the other tables, in whole numbers: figures are read to 30 digits."""

TRIED = 16
"""Drawn figures that are tried as the own one."""


def check(
    proof: Proof,
    *,
    diagrams: int = 2,
    under: Sequence[Fact] | None = None,
    rules: Mapping[str, Rule] = RULES,
) -> Verdict:
    """Whether a proof proves its problem's goals: Accepted with what it assumes, or Refused with the step and why.

    `diagrams` is the number of choices of what is free, with all their branches, on which everything is tried, and an
    order or a side that is the same on all on some times as many.
    With `under`, nothing may be assumed but that and what follows from it. `rules` are the theorems that steps may use:
    the verdict names those that are not ours. Nothing in a proof makes this raise.
    """
    step = WHOLE
    try:
        problem, late = proof.problem, len(proof.auxiliary)
        needs = _check_auxiliary(proof)
        statements = _Statements(problem, rules)
        wrong = contradiction(without_auxiliary(problem, late))
        _require(not wrong, f"the hypotheses contradict one another: {wrong}")
        grounds: list[tuple[Fact, ...]] = []
        for step, deduction in enumerate(proof.deductions):
            grounds.append(_justify(step, deduction, proof.deductions, statements))
        step = WHOLE
        needs = (*needs, *_check_goals(proof, statements))
        said = stated(problem, late)
        strict = Strict(statements.facts, said)
        required = tuple(dict.fromkeys((*needs, *(fact for ground in grounds for fact in ground))))
        listed = tuple(fewest(strict, required))
        if under is not None:
            missing = next((fact for fact in listed if not strict.gives([fact], under)), None)
            _require(missing is None, f"it needs {missing}, which may not be assumed")
        figures = Figures(proof, diagrams)
        own = _own_figure(proof, figures, (*said, *required))
        for number, deduction in enumerate(proof.deductions):
            step = number
            _require(shows(deduction.conclusion, own.at), f"{deduction.conclusion} is false on the figure")
        step = WHOLE
        notes = _surplus(proof, own, statements, grounds)
        for at in figures.few:
            step = false_on(at, proof, grounds)
            _require(step == WHOLE, "false on another figure, where all that it rests on holds")
        listed = tuple(fewest(strict, named(listed, own.together, figures, strict, problem)))
        _require(strict.gives(required, listed), "conditions that say too little")
        configuration = tuple(fact for fact in listed if not figures.always(fact))
        if figures.sampled:
            notes = (*notes, "branches sampled")
        used = dict.fromkeys(step.rule for step in proof.deductions)
        others = tuple(rules[name] for name in used if name in rules and rules[name] != RULES.get(name))
        return Accepted(_SEAL, listed, configuration, notes, others)
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

    def __init__(self, problem: Problem, rules: Mapping[str, Rule]) -> None:
        self.rules = rules
        self.points = frozenset(problem.points)
        self._read: dict[Fact, _Statement] = {}
        self.facts = hypotheses(problem)
        self.hypotheses = frozenset(self[fact].key for fact in self.facts)

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
            _require(bool(equation.terms) or not equation.constants, f"{fact} means nothing: 0 is not a constant")
            whole = equation if all(c.denominator == 1 for _, c in equation.terms) else equation.normal()
            most = MOST if equation.table == "direction" else LARGEST
            for unknown, coefficient in whole.terms:
                _require(len(set(unknown)) == len(unknown), f"{fact} means nothing")
                if equation.table == "direction":
                    _require(coefficient.denominator == 1, f"{fact} means nothing: a fraction of a number modulo 1")
                _require(abs(coefficient) <= most, f"{fact} has a coefficient over {most}")
        # `cyclic` says more than its equations, which hold for points on a line too: so it is itself only.
        meant = fact.predicate if predicate.guards(fact) else ""
        return _Statement(fact, alternatives, (meant, frozenset(equation.normal() for equation in alternatives)))


# --- figures ---------------------------------------------------------------------------------------------------------


def _own_figure(proof: Proof, figures: Figures, conditions: tuple[Fact, ...]) -> Certified:
    """An exact figure on which all conditions hold. Raises ProofError with what fails on the first one tried."""
    reason, tried = "", 0
    for places in figures.candidates():
        failing = next((fact for fact in conditions if not shows(fact, places)), None)
        if failing is None and tried < TRIED:
            tried += 1
            try:
                return certified(proof.problem, places, conditions)
            except NoFigureError as error:
                reason = reason or str(error)
        elif failing is not None:
            reason = reason or f"{failing} fails on the figure"
    raise ProofError(f"no exact figure shows what it rests on: {reason or 'none can be drawn'}")


def _surplus(
    proof: Proof, own: Certified, statements: _Statements, grounds: Sequence[Sequence[Fact]]
) -> tuple[str, ...]:
    """What must be said of hypotheses that the others should give: nothing, where they follow, or a step shows them."""
    left = list(own.order.surplus)
    known = Known(fact for fact in statements.facts if fact not in left)
    left = [fact for fact in left if not known.follows(fact)]
    changed = True
    while left and changed:
        missing = {statements[fact].key for fact in left}
        shown: list[bool] = []
        for step in proof.deductions:
            free = step.rule != "hypothesis" or statements[step.conclusion].key not in missing
            shown.append(free and all(shown[p] for p in step.premises))
        keys = {statements[s.conclusion].key for s, ok in zip(proof.deductions, shown, strict=True) if ok}
        fewer = [fact for fact in left if statements[fact].key not in keys]
        left, changed = fewer, len(fewer) < len(left)
    if not left:
        return ()
    _require(
        seen(proof.problem, own, left),
        f"hypotheses that do not hold together beside the figure: {'; '.join(map(str, left))}",
    )
    return (f"hypotheses redundant, seen to 10^-100, not certified: {'; '.join(map(str, left))}",)


# --- what follows from what ------------------------------------------------------------------------------------------


def _justify(index: int, step: Deduction, steps: Sequence[Deduction], statements: _Statements) -> tuple[Fact, ...]:
    """What a step needs, if it follows from the earlier steps that it cites. Raises ProofError if not."""
    _require(all(type(p) is int and 0 <= p < index for p in step.premises), "cites a step that is not before it")
    statements[step.conclusion]
    cited = [steps[p].conclusion for p in step.premises]
    if step.rule == "linear":
        guards, reads, apart = _linear(step, cited, statements)
    else:
        _require(
            (step.table, step.equations, step.weights, step.multiple) == ("", (), (), 1),
            f"{step.rule} with a certificate, which belongs to a linear step",
        )
        justify = _hypothesis if step.rule == "hypothesis" else _rule
        guards, reads, apart = justify(step, cited, statements)
    expected = (*guards, *reads)
    _require(set(step.guards) == set(expected), f"guards should be: {'; '.join(map(str, expected)) or 'none'}")
    _require(step.configuration == bool(reads), f"configuration should be {bool(reads)}")
    for fact in expected:
        statements[fact]
    return (*expected, *apart)


Needs = tuple[tuple[Fact, ...], tuple[Fact, ...], tuple[Fact, ...]]
"""Guards against degenerate cases; what is read off the figure; pairs of points that differ."""


def _hypothesis(step: Deduction, cited: Sequence[Fact], statements: _Statements) -> Needs:
    _require(step.premises == () and step.points == (), "a hypothesis with premises or points")
    _require(statements[step.conclusion].key in statements.hypotheses, f"not a hypothesis: {step.conclusion}")
    return (), (), ()


def _rule(step: Deduction, cited: Sequence[Fact], statements: _Statements) -> Needs:
    rule = statements.rules.get(step.rule)
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
    _require(all(a != b for a, b in instance.apart), f"{step.rule} on one point twice")
    return instance.guards, instance.reads, tuple(Fact("diff", pair) for pair in instance.apart)


def _linear(step: Deduction, cited: Sequence[Fact], statements: _Statements) -> Needs:
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
        terms.append((Fraction(weight), alternatives[chosen]))
    claims = [e for e in statements[step.conclusion].equations if e.table == step.table]
    claim = next((e for e in claims if _is_zero(combine(e.table, [*terms, (Fraction(-step.multiple), e)]))), None)
    if claim is None:
        raise ProofError(f"the weighted sum of the premises is not {step.conclusion}")
    guards = PREDICATES[step.conclusion.predicate].guards(step.conclusion)
    apart = tuple(dict.fromkeys(need for _, equation in (*terms, (0, claim)) for need in _defined(equation)))
    if step.table != "direction" or step.multiple == 1:
        return guards, (), apart
    _require(step.multiple <= MOST, f"more than {MOST} branches")
    return guards, (step.conclusion,), apart


def _defined(equation: Equation) -> Iterable[Fact]:
    """What an equation needs to say something: a segment of length 0 has no direction and no logarithm."""
    if equation.table in ("direction", "log"):
        for unknown, _ in equation.terms:
            yield Fact("diff" if len(unknown) == 2 else "ncoll", unknown)


def _is_zero(equation: Equation) -> bool:
    return not equation.terms and not equation.constants


# --- the problem -----------------------------------------------------------------------------------------------------


def _check_goals(proof: Proof, statements: _Statements) -> tuple[Fact, ...]:
    """What the goals need to say something. Raises ProofError unless each is concluded; a question, by any answer."""
    concluded = {statements[step.conclusion].key for step in proof.deductions}
    answered = {(step.conclusion.predicate, step.conclusion.points) for step in proof.deductions}
    _require(bool(proof.problem.goals), "a problem without a goal")
    for goal in (simple for fact in proof.problem.goals for simple in expand(fact)):
        if PREDICATES[goal.predicate].kind == "question":
            met = any((answer, goal.points) in answered for answer in ANSWERS[goal.predicate])
        else:
            met = statements[goal].key in concluded
        _require(met, f"no step concludes the goal {goal}")
    return tuple(Fact("diff", pair) for goal in proof.problem.goals for pair in presupposed(goal))


def _check_auxiliary(proof: Proof) -> tuple[Fact, ...]:
    """What the auxiliary clauses need. Raises ProofError if they could say anything about the other points."""
    clauses, points = proof.problem.clauses, proof.problem.points
    count = len(clauses) - len(proof.auxiliary)
    stated_ones = clauses[:count]
    _require(stated_ones + proof.auxiliary == clauses, "auxiliary clauses that are not the last of the problem")
    _require(len(set(points)) == len(points), "a point that is introduced twice")
    known = {point for clause in stated_ones for point in clause.points}
    _require(all(known.issuperset(goal.points) for goal in proof.problem.goals), "a goal about auxiliary points")
    needs: list[Fact] = []
    for number, clause in enumerate(proof.auxiliary, count):
        _require(_places_points(clause, known), f"not a construction of auxiliary points: {clause}")
        needs += clause_requirements(clause)
        if not _always_there(proof.problem, number):
            needs.append(Fact("exists", clause.points[:1]))
        known.update(clause.points)
    for need in needs:
        _require(PREDICATES[need.predicate].kind == "numeric", f"an auxiliary point that needs {need} to be proved")
    return tuple(needs)


def _places_points(clause: Clause, known: set[str]) -> bool:
    """Whether a clause only places new points: by one construction, or one point where two curves meet."""
    if not all(introduces(construction, clause) for construction in clause.constructions):
        return False
    rows = [CONSTRUCTIONS[construction.name] for construction in clause.constructions]
    old = [point for row, use in zip(rows, clause.constructions, strict=True) for point in row.given(use.args)]
    return (
        known.issuperset(old)
        and all(len(row.new) == len(clause.points) for row in rows)
        and (len(rows) <= 1 or (len(rows) == 2 and len(clause.points) == 1 and all(is_curve(r.name) for r in rows)))
    )


def _always_there(problem: Problem, number: int) -> bool:
    """Whether a clause can be drawn wherever its needs hold: a line meets a circle twice that it meets once."""
    uses = problem.clauses[number].constructions
    if len(uses) < 2:
        return not any(CONSTRUCTIONS[use.name].may_fail for use in uses)
    lines = sum(use.name in LINES for use in uses)
    return lines == 1 and len(made_commons(problem).get(number, ())) == 1
