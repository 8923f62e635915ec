"""The words of other tools' dialects, in words of our own: one row, one word.

A row has the word as the other tool writes it, the points that it introduces, and what it means in the language of
constructions.py and predicates.py. Rows of FACTS are statements: side conditions and goals. In NEWCLID_ONLY are words
that our language has as well, with another meaning: they are read so only where a text is Newclid's.

What a dialect's numbers of lengths mean (`lconst`, `l2const`) is said in translate.py: only their ratios are geometry.

Sources: the definitions of AlphaGeometry (Trinh et al., Nature 2024; github.com/google-deepmind/alphageometry,
defs.txt), which JGEX's problems are written in; of AlphaGeometry2 (arXiv 2502.03544); and of Newclid
(github.com/Newclid/Newclid, src/newclid/jgex/constructions).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Dialect(StrEnum):
    """Whose language a text is."""

    OURS = "maieutic"
    JGEX = "jgex"
    ALPHAGEOMETRY = "alphageometry"
    ALPHAGEOMETRY2 = "alphageometry2"
    NEWCLID = "newclid"
    GEOGEBRA = "geogebra"


@dataclass(frozen=True, slots=True)
class Foreign:
    """A word of another tool: its letters in the order in which they are written, those of its new points, and what it
    means: statements with these letters, separated by commas."""

    name: str
    letters: tuple[str, ...]
    new: tuple[str, ...]
    means: tuple[tuple[str, ...], ...]
    source: str


def _row(signature: str, new: str, means: str, source: str = "newclid") -> Foreign:
    name, *letters = signature.split()
    statements = tuple(tuple(part.split()) for part in means.split(","))
    return Foreign(name, tuple(letters), tuple(new.split()), statements, source)


_MIRRORED = "eqangle a b a c p r p q"
_TANGENTS = "cong o x o a, cong w y w b, perp x o x y, perp y w y x"
_INNER = (
    f"{_TANGENTS}, cong o z o a, cong w i w b, perp z o z i, perp i w i z, oppside o w x y, oppside o w z i, diff x z"
)

_CONSTRUCTIONS = (
    _row("on_pline0 x a b c", "x", "para x a b c"),
    _row("on_aline0 x a b c d e f g", "x", "eqangle a b c d e f g x"),
    _row("eqratio6 x a c e f g h", "x", "eqratio a x c x e f g h"),
    _row("eqratio_prescription x a b c d e f g", "x", "eqratio a b c d e f g x"),
    _row("rconst2 x a b r", "x", "rconst x a x b r"),
    _row("r2const a b c x r", "x", "rsqconst a b c x r"),
    _row("between_bound x a b", "x", "between x a b"),
    _row("iso_triangle0 a b c", "a b c", "iso_triangle a b c"),
    _row("iso_triangle_vertex x b c", "x", "on_bline x b c"),
    _row("iso_triangle_vertex_angle x b c", "x", "on_bline x b c"),
    _row("iso_trapezoid a b c d", "a b c d", "eq_trapezoid a b c d"),
    _row("iso_trapezoid2 x a b c", "x", "on_pline x c a b, on_circum x a b c"),
    _row("acute_triangle a b c", "a b c", "triangle a b c, acute a b c"),
    _row("simtrir r a b c p q", "r", "on_aline r p q b a c, on_aline r q p a b c"),
    _row("contrir q r a b c p", "q r", "contri a b c p q r, sameclock a b c p r q"),
    _row("cc_itangent x y z i o a w b", "x y z i", _INNER),
)

_NEWCLID_ONLY = (
    _row("eqratio x a b c d e f g", "x", "eqratio a b c d e f g x"),
    _row("simtri r a b c p q", "r", "on_aline r p q c a b, on_aline r q p c b a"),
    _row("contri q r a b c p", "q r", "contri a b c p q r, sameclock a b c p q r"),
)

_FACTS = (
    _row("s_angle a b x y", "", "aconst b x a b y", "alphageometry"),
    _row("r2const a b c d r", "", "rsqconst a b c d r"),
    _row("simtrir a b c p q r", "", f"simtri a b c p q r, {_MIRRORED}"),
    _row("contrir a b c p q r", "", f"contri a b c p q r, {_MIRRORED}"),
    _row("simtri2 a b c p q r", "", f"simtri a b c p q r, {_MIRRORED}", "alphageometry"),
    _row("contri2 a b c p q r", "", f"contri a b c p q r, {_MIRRORED}", "alphageometry"),
    _row("simtri* a b c p q r", "", "simtri a b c p q r", "alphageometry"),
    _row("contri* a b c p q r", "", "contri a b c p q r", "alphageometry"),
    _row("eqangle6 a b c d e f g h", "", "eqangle a b c d e f g h", "alphageometry"),
    _row("eqratio6 a b c d e f g h", "", "eqratio a b c d e f g h", "alphageometry"),
    _row("eqratio3 a b c d m n", "", "eqratio m a m c n b n d", "alphageometry"),
    _row("sameside a b c x y z", "", "sameorder b a c y x z", "alphageometry"),
)

_NEWCLID_FACTS = (
    _row("aconst a b c d r", "", "aconst c d a b r"),  # from the first line to the second
    _row("acompute a b c d", "", "acompute c d a b"),
)

Key = tuple[str, int]


def _table(*rows: Foreign) -> dict[Key, Foreign]:
    return {(row.name, len(row.letters)): row for row in rows}


CONSTRUCTIONS_OF = _table(*_CONSTRUCTIONS)
"""Foreign constructions by name and number of arguments, new points among them."""
NEWCLID_ONLY = _table(*_NEWCLID_ONLY)
FACTS_OF = _table(*_FACTS)
"""Foreign statements."""
NEWCLID_FACTS = _table(*_NEWCLID_FACTS)

LENGTHS = {"lconst": 1, "l2const": 2}
"""Words that say a length, or its square: with two points and a number."""

NEWCLID_WORDS = frozenset((*(row.name for row in _CONSTRUCTIONS), *LENGTHS, "lcompute"))
"""Words that only Newclid has: a text with one of them is Newclid's."""
