"""The solved tables against plain elimination with fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maieutic.geometry.engine.linear import PRIME, add, extended, fold, follows, inverse, new_system

UNKNOWNS = 8
rows = st.lists(
    st.dictionaries(st.integers(1, UNKNOWNS - 1), st.integers(-3, 3).filter(bool), min_size=1, max_size=4),
    min_size=1,
    max_size=12,
)


def in_row_space(known: list[dict[int, int]], row: dict[int, int]) -> bool:
    """Whether a row is a combination of known ones: ranks by Gaussian elimination with fractions."""
    return rank([*known, row]) == rank(known)


def rank(matrix: list[dict[int, int]]) -> int:
    left = [{k: Fraction(v) for k, v in row.items()} for row in matrix]
    found = 0
    while left:
        pivot = left.pop()
        pivot = {k: v for k, v in pivot.items() if v}
        if not pivot:
            continue
        found += 1
        column = min(pivot)
        left = [
            {
                k: r.get(k, Fraction(0)) - pivot.get(k, 0) * r.get(column, Fraction(0)) / pivot[column]
                for k in {*r, *pivot}
            }
            for r in left
        ]
    return found


def packed(row: dict[int, int]) -> tuple[np.ndarray, np.ndarray, int]:
    return np.array(list(row), np.int32), np.array([v % PRIME for v in row.values()], np.int64), len(row)


@given(rows, st.integers(0, 5))
def test_an_equation_follows_exactly_when_it_is_a_combination(matrix: list[dict[int, int]], seed: int) -> None:
    system = new_system(UNKNOWNS, seed)
    work, support = np.empty(UNKNOWNS, np.int64), np.empty(UNKNOWNS, np.int32)
    known: list[dict[int, int]] = []
    for tick, row in enumerate(matrix, 1):
        expected = in_row_space(known, row)
        assert follows(system, *packed(row)) == expected
        assert add(system, *packed(row), tick, work, support) != expected
        known.append(row)
        assert follows(system, *packed(row))


@given(rows)
def test_more_unknowns_change_nothing_about_the_old_ones(matrix: list[dict[int, int]]) -> None:
    system = new_system(UNKNOWNS, 1)
    work, support = np.empty(UNKNOWNS + 3, np.int64), np.empty(UNKNOWNS + 3, np.int32)
    for tick, row in enumerate(matrix, 1):
        add(system, *packed(row), tick, work, support)
    larger = extended(system, UNKNOWNS, UNKNOWNS + 3, 2)
    for row in [*matrix, *({k: 1, 1: 1} for k in range(2, UNKNOWNS))]:
        assert follows(larger, *packed(row)) == follows(system, *packed(row))
    assert not follows(larger, *packed({UNKNOWNS: 1}))


def test_unknown_zero_is_zero() -> None:
    assert follows(new_system(3, 0), *packed({0: 1}))
    assert not follows(new_system(3, 0), *packed({1: 1}))


@pytest.mark.parametrize("x", [1, 2, 3, 12345, PRIME - 1, PRIME - 2])
def test_inverse(x: int) -> None:
    assert x * inverse(x) % PRIME == 1


@given(st.integers(0, 2**62 - 1))
def test_fold_reduces(x: int) -> None:
    assert fold(np.int64(x)) == x % PRIME
