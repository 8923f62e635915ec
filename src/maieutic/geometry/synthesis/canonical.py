"""When two statements are the same: a canonical form up to names, order, symmetric arguments and linear algebra.

A statement is what its hypotheses say, not how they are written. So collinear points are gathered into lines and
concyclic ones into circles, and each table of equations (predicates.py) is taken as the space that its equations
span: `circumcenter x a b c` and `circumcenter x c a b`, a perpendicular to ab or to another segment of its line, are
the same. A space is known by the orthogonal projection onto it, a symmetric matrix over the pairs of points that does
not depend on how the space was given. The goal is the space that it adds. What is constant (parallel against
perpendicular, the value of an angle or a ratio) is a second matrix for each table, between pairs that are tied by
statements on two pairs.

Constructions that give the same equations are the same here: an incentre and an excentre, a square to the left and one
to the right. Which of these is drawn is a matter of the figure; what is proved of one without reading that off holds of
the other, and where a goal is true of one only, no second theorem shares its key.

What is left is to name the points. Colours of pairs are refined by the matrices, and points by their pairs, until
nothing changes; where points are still alike, each of the first such class is singled out in turn (individualisation
and refinement, as in McKay, Practical graph isomorphism, 1981), and the smallest outcome is the canonical form.
Refinement only saves work: the form is all of the matrices under the naming chosen. They are computed exactly, modulo
the prime of linear.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from maieutic.geometry.engine.compiled import compiled
from maieutic.geometry.engine.linear import PRIME, fold, inverse
from maieutic.geometry.engine.state import residue
from maieutic.geometry.trusted.constructions import hypotheses
from maieutic.geometry.trusted.predicates import PREDICATES, TABLES, Equation, Table, equations, expand
from maieutic.geometry.trusted.records import Fact, Problem

UNTIED = -1
Matrix = NDArray[np.int64]
Colours = NDArray[np.uint64]


def canonical_key(problem: Problem) -> str:
    """A hash that two problems share if and only if they state the same: 32 hexadecimal digits.

    Only the statement counts: clauses by what they give, and the goals. Points in no fact are ignored.
    """
    return hashlib.sha256(canonical_form(problem)).hexdigest()[:32]


def canonical_form(problem: Problem) -> bytes:
    """What canonical_key is the hash of."""
    given = hypotheses(problem)
    wanted = tuple(part for goal in problem.goals for part in expand(goal))
    points = tuple(dict.fromkeys(p for fact in (*given, *wanted) for p in fact.points))
    others = sorted(str(_unnamed(f)) for f in (*given, *wanted) if PREDICATES[f.predicate].kind != "equational")
    structure = _Structure(points, given, wanted)
    return repr((len(points), structure.used, others, structure.constants)).encode() + structure.smallest()


def _unnamed(fact: Fact) -> Fact:
    return Fact(fact.predicate, (), fact.values)


@compiled
def _projection(rows: Matrix) -> Matrix:
    """The orthogonal projection onto the space of some rows, modulo the prime.

    With B a basis, B^T (B B^T)^-1 B; only where the prime divides the determinant of B B^T, it is left as zero.
    """
    basis = rows[: _reduced(rows, rows.shape[1])]
    size, pairs = basis.shape
    squares = np.zeros((size, 2 * size), np.int64)
    for i in range(size):
        squares[i, size + i] = 1
        for j in range(size):
            total = 0
            for k in range(pairs):
                if basis[i, k] != 0 and basis[j, k] != 0:
                    total = fold(total + fold(basis[i, k] * basis[j, k]))
            squares[i, j] = total
    result = np.zeros((pairs, pairs), np.int64)
    if _reduced(squares, size) < size:
        return result
    half = np.zeros((size, pairs), np.int64)  # (B B^T)^-1 B
    for i in range(size):
        for j in range(size):
            weight = squares[i, size + j]
            if weight != 0:
                for k in range(pairs):
                    if basis[j, k] != 0:
                        half[i, k] = fold(half[i, k] + fold(weight * basis[j, k]))
    for i in range(size):
        for k in range(pairs):
            weight = basis[i, k]
            if weight != 0:
                for j in range(pairs):
                    if half[i, j] != 0:
                        result[k, j] = fold(result[k, j] + fold(weight * half[i, j]))
    return result


@compiled
def _reduced(rows: Matrix, columns: int) -> int:
    """Gauss and Jordan, in place, with pivots in the first columns; the rank comes first."""
    rank = 0
    for column in range(columns):
        pivot = -1
        for i in range(rank, rows.shape[0]):
            if rows[i, column] != 0:
                pivot = i
                break
        if pivot < 0:
            continue
        for k in range(rows.shape[1]):
            rows[rank, k], rows[pivot, k] = rows[pivot, k], rows[rank, k]
        scale = inverse(rows[rank, column])
        for k in range(rows.shape[1]):
            if rows[rank, k] != 0:
                rows[rank, k] = fold(rows[rank, k] * scale)
        for i in range(rows.shape[0]):
            if i != rank and rows[i, column] != 0:
                factor = PRIME - rows[i, column]
                for k in range(rows.shape[1]):
                    if rows[rank, k] != 0:
                        rows[i, k] = fold(rows[i, k] + fold(factor * rows[rank, k]))
        rank += 1
    return rank


# --- what is said ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Said:
    """Facts as equations by table; `constants` are those of equations on more than two pairs."""

    rows: dict[Table, list[Equation]]
    constants: tuple[Fraction, ...]


def _said(facts: Iterable[Fact]) -> _Said:
    """The first equation of each fact; of lines and circles, with all that follows from gathering their points."""
    rows: dict[Table, list[Equation]] = {}
    constants: list[Fraction] = []
    facts = [fact for fact in facts if PREDICATES[fact.predicate].kind == "equational"]
    simple = [equations(fact)[0] for fact in facts if fact.predicate not in ("coll", "cyclic")]
    for predicate, shared in (("coll", 2), ("cyclic", 3)):
        for points in _gathered([set(f.points) for f in facts if f.predicate == predicate], shared):
            simple += [e for some in combinations(points, shared + 1) for e in equations(Fact(predicate, some))]
    for equation in simple:
        if equation.terms:
            rows.setdefault(equation.table, []).append(equation)
            if len(equation.terms) > 2:
                constants += [
                    min(c, -c % 1) if equation.table == "direction" else abs(c) for _, c in equation.constants
                ]
    return _Said(rows, tuple(sorted(constants)))


def _gathered(sets: list[set[str]], shared: int) -> list[list[str]]:
    """Sets of points, merged while two have so many in common."""
    merged: list[set[str]] = []
    for new in sets:
        changed = True
        while changed:
            changed = False
            for old in merged:
                if len(old & new) >= shared:
                    merged.remove(old)
                    new = new | old
                    changed = True
                    break
        merged.append(new)
    return [sorted(points) for points in merged]


# --- matrices --------------------------------------------------------------------------------------------------------


class _Structure:
    """A statement as matrices over pairs of points: projections and ties, of the hypotheses and with the goals."""

    def __init__(self, points: Sequence[str], given: Sequence[Fact], wanted: Sequence[Fact]) -> None:
        self.size = len(points)
        number = {p: i for i, p in enumerate(points)}
        self.pair = np.zeros((self.size, self.size), np.int64)
        for j in range(self.size):
            for i in range(j):
                self.pair[i, j] = self.pair[j, i] = j * (j - 1) // 2 + i
        self.pairs = self.size * (self.size - 1) // 2
        self.number = number
        before, after = _said(given), _said((*given, *wanted))
        asked = _said(wanted)
        self.constants = before.constants, asked.constants
        self.used = tuple((table in before.rows, table in asked.rows) for table in TABLES)
        matrices: list[Matrix] = []
        for table in TABLES:
            if table in before.rows:
                matrices += self._matrices(before.rows[table])
            if table in asked.rows:
                matrices += self._matrices(after.rows[table])
        self.matrices: Matrix = np.stack(matrices) if matrices else np.zeros((0, self.pairs, self.pairs), np.int64)

    def _column(self, unknown: tuple[str, ...]) -> int:
        a, b = unknown
        return int(self.pair[self.number[a], self.number[b]])

    def _matrices(self, rows: Sequence[Equation]) -> tuple[Matrix, Matrix]:
        space = np.zeros((len(rows), self.pairs), np.int64)
        for i, equation in enumerate(rows):
            for unknown, coefficient in equation.terms:
                space[i, self._column(unknown)] += residue(coefficient)
        return _projection(space % PRIME), self._ties(rows)

    def _ties(self, rows: Sequence[Equation]) -> Matrix:
        """Between pairs tied by equations u - v = constant: the constant, hashed; UNTIED between the others."""
        modulo = rows[0].table == "direction"
        groups: dict[int, dict[int, Fraction]] = {}
        for equation in rows:
            if len(equation.terms) != 2 or equation.terms[0][1] != -equation.terms[1][1]:
                continue
            (u, scale), (v, _) = equation.terms
            first, second = self._column(u), self._column(v)
            gap = _constant(equation) / scale  # value(u) - value(v)
            ours, theirs = groups.get(first, {first: Fraction(0)}), groups.get(second, {second: Fraction(0)})
            if ours is theirs:
                continue
            shift = ours[first] - gap - theirs[second]
            for member, value in theirs.items():
                ours[member] = value + shift
            for member in ours:
                groups[member] = ours
        ties = np.full((self.pairs, self.pairs), UNTIED, np.int64)
        for u_number, members in groups.items():
            for v_number, value in members.items():
                difference = members[u_number] - value
                ties[u_number, v_number] = _hashed(difference % 1 if modulo else difference)
        return ties

    # --- naming ---

    def smallest(self) -> bytes:
        """The smallest of the matrices' forms over the namings that refinement leaves."""
        start = np.zeros(self.size, np.uint64)
        self.mixed = _mix(self.matrices)
        best: bytes | None = None
        waiting = [self._refined(start)]
        while waiting:
            colours = waiting.pop()
            ranks = _ranks(colours)
            counts = np.bincount(ranks, minlength=self.size)
            if (counts <= 1).all():
                form = self._form(np.argsort(ranks))
                best = form if best is None or form < best else best
                continue
            alike = np.flatnonzero(ranks == int(np.flatnonzero(counts > 1)[0]))
            for point in alike:
                single = ranks.astype(np.uint64) * np.uint64(2)
                single[point] += np.uint64(1)
                waiting.append(self._refined(single))
        return best or b""

    def _form(self, order: NDArray[np.int64]) -> bytes:
        """The matrices with the points in an order."""
        pairs = np.array([self.pair[order[i], order[j]] for j in range(self.size) for i in range(j)], np.int64)
        return self.matrices[:, pairs[:, None], pairs[None, :]].tobytes()

    def _refined(self, colours: Colours) -> Colours:
        """Colours of points, refined by those of their pairs until no class splits."""
        first = np.array([i for j in range(self.size) for i in range(j)], np.int64)
        second = np.array([j for j in range(self.size) for _ in range(j)], np.int64)
        colours = _ranks(colours).astype(np.uint64)
        of_pairs = np.zeros(self.pairs, np.uint64)
        classes = 0
        while True:
            ends = _scramble(colours)
            of_pairs = _scramble(of_pairs * _ODD + ends[first] + ends[second])
            for _ in range(2):
                of_pairs = _scramble(of_pairs * _ODD + _scramble(self.mixed + of_pairs[None, :]).sum(axis=1))
            gathered = np.zeros(self.size, np.uint64)
            np.add.at(gathered, first, _scramble(of_pairs + ends[second]))
            np.add.at(gathered, second, _scramble(of_pairs + ends[first]))
            # The old class comes first, so that classes split and never merge.
            colours = _joined(colours, gathered)
            found = int(colours.max(initial=np.uint64(0))) + 1
            if found == classes or found == self.size:
                return colours
            classes = found


def _constant(equation: Equation) -> Fraction:
    """The constant of u - v = constant, in one number: for logarithms, the ratio's exponents make a ratio."""
    if equation.table != "log":
        return -sum((c for _, c in equation.constants), Fraction(0))
    # Exponents of primes as one rational that adds as they do: primes to far-apart powers of two.
    return -sum((c * _PLACE[key] if key in _PLACE else c * key * 2**40 for key, c in equation.constants), Fraction(0))


_PLACE = {2: 1, 3: 2**8, 5: 2**16, 7: 2**24, 11: 2**32}


def _hashed(value: Fraction) -> int:
    """A number for a fraction, the same everywhere, not negative."""
    digest = hashlib.sha256(f"{value.numerator}/{value.denominator}".encode()).digest()
    return int.from_bytes(digest[:7], "big")


_ODD = np.uint64(0x9E3779B97F4A7C15)


def _scramble(x: Colours) -> Colours:
    """A mixing of 64 bits (SplitMix64's finaliser)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _mix(matrices: Matrix) -> Colours:
    """All matrices in one, entry by entry."""
    mixed = np.zeros(matrices.shape[1:], np.uint64)
    for matrix in matrices:
        mixed = _scramble(mixed * _ODD + matrix.astype(np.uint64))
    return mixed


def _ranks(colours: Colours) -> NDArray[np.int64]:
    """Colours as 0, 1, 2, ... in order."""
    return np.unique(colours, return_inverse=True)[1]


def _joined(first: Colours, second: Colours) -> Colours:
    """Pairs of colours as 0, 1, 2, ... in order, by the first and then the second."""
    order = np.lexsort((second, first))
    changed = (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0)
    ranks = np.zeros(len(first), np.uint64)
    ranks[order[1:]] = np.cumsum(changed).astype(np.uint64)
    return ranks
