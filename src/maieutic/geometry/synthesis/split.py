"""Which theorems a model learns from, and which are kept back to measure it.

A statement's side is a function of its canonical key (canonical.py) and of nothing else: the key, hashed, is a place
from 0 to 999, and the first 150 places are for the test, the next twenty for validation. So every folder of
theorems is cut alike, whenever it was made and however it grows, and two statements that say the same are on one side:
what a model was tested on, no model has learned. Parts of the training side are nested: the quarter is in the half.
"""

from __future__ import annotations

import hashlib
from enum import StrEnum

PLACES = 1000
TEST, VALIDATION = 150, 20
"""How many places are for the test and for validation; the others are for training."""


class Side(StrEnum):
    """What a statement is for."""

    TRAINING = "training"
    VALIDATION = "validation"
    TEST = "test"


def side_of(key: str) -> Side:
    """The side of a statement, by its canonical key."""
    place = _place(key)
    if place < TEST:
        return Side.TEST
    return Side.VALIDATION if place < TEST + VALIDATION else Side.TRAINING


def within(key: str, share: float) -> bool:
    """Whether a statement is in a part of the whole, by its canonical key: a share from 0 to 1, in thousandths."""
    return _place(f"part {key}") < share * PLACES


def _place(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16) % PLACES
