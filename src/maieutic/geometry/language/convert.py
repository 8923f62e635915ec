"""Problems written in other tools' dialects.

A dialect is written so that reading it gives the same figure and the same goals. What it has no words for is refused by
name; side conditions and auxiliary clauses, without which the statement stays what it is, are left out and told.

    jgex             constructions without their new points    m = midpoint a b
    alphageometry    constructions with them                   m = midpoint m a b
    alphageometry2   coordinates, and facts                    a@0.1_0.2 = ; ... = coll a b m, cong a m b m
    newclid          as AlphaGeometry, with more words         m = between_bound m a b | ... ? aconst ...
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from maieutic.core.errors import InputError
from maieutic.geometry.language.dialects import Dialect
from maieutic.geometry.language.problem import print_problem
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS, clause_facts, introduces, placing
from maieutic.geometry.trusted.constructions.row import DEFINITIONS
from maieutic.geometry.trusted.predicates import PREDICATES, Coordinates, expand
from maieutic.geometry.trusted.predicates.row import AG1, AG2
from maieutic.geometry.trusted.records import Clause, Construction, Fact, Problem

NEWCLID_NAMES = {"eq_trapezoid": "iso_trapezoid", "rsqconst": "r2const"}
"""Words of ours that Newclid has under another name."""

NEWCLID_GOALS = frozenset(("aconst", "acompute", "rconst", "rcompute", "rsqconst", "simtri", "contri"))
"""Goals that Newclid has beside AlphaGeometry's."""

MOST_AT_ONCE = 2
"""Constructions that AlphaGeometry's language takes in one clause."""


@dataclass
class Converted:
    """A problem in another dialect, and what was left out of it."""

    text: str
    left_out: list[str] = field(default_factory=list)


def needs_figure(dialect: Dialect) -> bool:
    """Whether a dialect has coordinates."""
    return dialect in (Dialect.ALPHAGEOMETRY2, Dialect.GEOGEBRA)


def converted(problem: Problem, dialect: Dialect, at: Coordinates | None = None) -> Converted:
    """A problem in a dialect of texts; `at` is a figure of it, where the dialect has coordinates.

    Raises InputError with what the dialect cannot say.
    """
    if dialect is Dialect.OURS:
        return Converted(print_problem(problem))
    if dialect is Dialect.ALPHAGEOMETRY2:
        assert at is not None
        return _with_coordinates(problem, at)
    return _Writer(problem, dialect).written()


# --- constructions ---------------------------------------------------------------------------------------------------


class _Writer:
    """Writes clauses as constructions."""

    def __init__(self, problem: Problem, dialect: Dialect) -> None:
        self.problem = problem
        self.dialect = dialect
        self.left_out: list[str] = []

    def written(self) -> Converted:
        clauses = "; ".join(map(self._clause, self.problem.clauses))
        auxiliary = self.problem.auxiliary
        if auxiliary and self.dialect is Dialect.NEWCLID:
            clauses += f" | {'; '.join(map(self._clause, auxiliary))}"
        else:
            self.left_out += [f"auxiliary clause '{clause}'" for clause in auxiliary]
        goals = ", ".join(self._goal(goal) for goal in self.problem.goals)
        return Converted(f"{clauses} ? {goals}" if goals else clauses, self.left_out)

    def _clause(self, clause: Clause) -> str:
        uses = placing(clause)
        sides = [use for use in clause.constructions if use not in uses]
        words = [self._use(use, clause) for use in uses]
        for side in sides:
            word = self._with_side(side, words) if self.dialect is Dialect.NEWCLID else None
            if word is None:
                self.left_out.append(f"side condition '{side}'")
            else:
                words = word
        if not words:
            words = [self._free(clause)]
        if len(words) > MOST_AT_ONCE:
            raise self._unsayable(str(clause), f"at most {MOST_AT_ONCE} constructions in a clause")
        return f"{' '.join(clause.points)} = {', '.join(words)}"

    def _free(self, clause: Clause) -> str:
        if len(clause.points) > 1:
            raise self._unsayable(str(clause), "free points have a clause each")
        return self._full(Construction("free", clause.points), clause)

    def _use(self, use: Construction, clause: Clause) -> str:
        if not introduces(use, clause):
            use = self._as_construction(use, clause)
        elif not CONSTRUCTIONS[use.name].source.startswith(DEFINITIONS):
            raise self._unsayable(str(use))
        return self._full(use, clause)

    def _full(self, use: Construction, clause: Clause) -> str:
        if self.dialect is Dialect.JGEX and CONSTRUCTIONS[use.name].introduced(use.args) == clause.points:
            return str(replace(use, args=CONSTRUCTIONS[use.name].given(use.args))).strip()
        if self.dialect is Dialect.NEWCLID:
            args = (use.args[-1], *use.args[:-1]) if use.name == "parallelogram" else use.args
            return str(replace(use, name=NEWCLID_NAMES.get(use.name, use.name), args=args))
        return str(use)

    def _as_construction(self, use: Construction, clause: Clause) -> Construction:
        """What a predicate says of a clause's one point, as a construction."""
        fact = Fact(use.name, use.args, use.values)
        found = locus_of_fact(fact, clause.points[0]) if len(clause.points) == 1 else None
        if found is None and self.dialect is Dialect.NEWCLID and len(clause.points) == 1:
            found = _prescribed(fact, clause.points[0])
        if found is None:
            raise self._unsayable(str(use))
        return found

    def _with_side(self, side: Construction, words: Sequence[str]) -> list[str] | None:
        """The words of a clause with a side condition that Newclid has with a construction."""
        if side.name == "between":
            x, a, b = side.args
            lines = [f"on_line {x} {a} {b}", f"on_line {x} {b} {a}"]
            return (
                [f"between_bound {x} {a} {b}" if word in lines else word for word in words]
                if set(lines) & {*words}
                else None
            )
        if side.name == "acute" and [f"triangle {' '.join(side.args)}"] == list(words):
            return [f"acute_triangle {' '.join(side.args)}"]
        return None

    def _goal(self, goal: Fact) -> str:
        own = PREDICATES[goal.predicate].source != AG1
        if own and not (self.dialect is Dialect.NEWCLID and goal.predicate in NEWCLID_GOALS):
            raise self._unsayable(str(goal))
        if self.dialect is Dialect.NEWCLID:
            points = goal.points
            if goal.predicate in ("aconst", "acompute"):  # from the first line to the second
                points = (*points[2:], *points[:2])
            return str(replace(goal, predicate=NEWCLID_NAMES.get(goal.predicate, goal.predicate), points=points))
        return str(goal)

    def _unsayable(self, what: str, hint: str | None = None) -> InputError:
        return InputError(
            f"'{what}' cannot be said in {self.dialect.value}", where=self.problem.name or None, hint=hint
        )


def locus_of_fact(fact: Fact, point: str) -> Construction | None:
    """The construction whose curve a fact is to a point that it speaks of."""
    others = tuple(p for p in fact.points if p != point)
    if fact.predicate == "coll" and len(others) == 2 < len(fact.points):
        return Construction("on_line", (point, *others))
    if fact.predicate == "cyclic" and len(others) == 3 < len(fact.points):
        return Construction("on_circum", (point, *others))
    if fact.predicate not in ("cong", "perp", "para") or len(others) not in (2, 3):
        return None
    pairs = [fact.points[:2], fact.points[2:]]
    if len(others) == 2:
        name = {"cong": "on_bline", "perp": "on_dia"}.get(fact.predicate)
        both = all(point in pair and len(set(pair)) == 2 for pair in pairs)
        return Construction(name, (point, *others)) if name and both else None
    near, far = sorted(pairs, key=lambda pair: point not in pair)
    a = next(p for p in near if p != point)
    if fact.predicate == "cong" and a in far:
        return Construction("on_circle", (point, a, next(p for p in far if p != a)))
    name = {"cong": "eqdistance", "perp": "on_tline", "para": "on_pline"}[fact.predicate]
    return Construction(name, (point, a, *far))


def _prescribed(fact: Fact, point: str) -> Construction | None:
    """Newclid's words for equal ratios and angles, and for numbers: with the new point last, or first."""
    values = fact.values
    if fact.predicate in ("eqratio", "eqangle") and fact.points.count(point) == 1:
        pairs = [fact.points[k : k + 2] for k in range(0, 8, 2)]
        a, b, c, d = pairs
        orders = ((a, b, c, d), (b, a, d, c), (c, d, a, b), (d, c, b, a))
        last = next(order for order in orders if point in order[3])
        other = next(p for p in last[3] if p != point)
        name = "eqratio" if fact.predicate == "eqratio" else "on_aline0"
        return Construction(name, (point, *(p for pair in last[:3] for p in pair), other))
    if (
        fact.predicate in ("rconst", "rsqconst", "aconst")
        and fact.points.count(point) == 1
        and point in fact.points[2:]
    ):
        end = next(p for p in fact.points[2:] if p != point)
        return Construction(fact.predicate, (*fact.points[:2], end, point), values)
    return None


# --- coordinates and facts -------------------------------------------------------------------------------------------


def _with_coordinates(problem: Problem, at: Coordinates) -> Converted:
    facts = list(_facts(problem))
    left_out = [f"auxiliary clause '{clause}'" for clause in problem.auxiliary]
    left_out += [f"side condition '{fact}'" for fact in facts if _is_condition(fact)]
    said = [fact for fact in facts if not _is_condition(fact)]
    for fact in (*said, *problem.goals):
        if PREDICATES[fact.predicate].source not in (AG1, AG2):
            raise InputError(f"'{fact}' cannot be said in alphageometry2", where=problem.name or None)
    places = "; ".join(f"{p}@{at[p].real!r}_{at[p].imag!r} =" for p in problem.points)
    goals = f" ? {', '.join(map(str, problem.goals))}" if problem.goals else ""
    return Converted(f"{places} {', '.join(map(str, said))}".rstrip() + goals, left_out)


def _facts(problem: Problem) -> Iterator[Fact]:
    yield from dict.fromkeys(fact for clause in problem.clauses for fact in clause_facts(clause))


def _is_condition(fact: Fact) -> bool:
    return all(PREDICATES[part.predicate].kind == "numeric" for part in expand(fact))
