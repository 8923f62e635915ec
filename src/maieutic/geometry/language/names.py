"""Point names as they are printed, and names in other alphabets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def display_names(points: Iterable[str]) -> dict[str, str]:
    """Point names as they are printed: capitals, subscripts, primes, and still all different (a, A: A, A′)."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for point in points:
        shown = display_name(point)
        while shown in taken:
            shown += "′"
        names[point] = shown
        taken.add(shown)
    return names


def display_name(point: str) -> str:
    """One name as it is printed: a1 is A₁, x' is X′, xb is X_B."""
    primes = "′" * point.count("'")
    bare = point.replace("'", "").strip("_") or "P"
    found = re.fullmatch(r"([A-Za-z])_?(\d+)", bare)
    if found:
        return found[1].upper() + found[2].translate(DIGITS) + primes
    head, rest = bare[0].upper(), bare[1:].replace("_", "")
    return (f"{head}_{rest.upper()}" if rest else head) + primes


def in_ascii(label: str) -> str:
    """A label in ASCII: Greek letters by their names (α: alpha, Δ: DELTA), others without accents or by number."""
    return "".join(map(_sign_in_ascii, label))


def _sign_in_ascii(sign: str) -> str:
    if sign in "'′’":
        return "'"
    if sign.isascii():
        return sign
    words = unicodedata.name(sign, "").split()
    if "GREEK" in words and "LETTER" in words:
        return words[words.index("LETTER") + 1]
    plain = unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode()
    return plain or f"u{ord(sign):x}"
