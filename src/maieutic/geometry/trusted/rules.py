"""The rules: theorems as aligned data, one line each; the engine matches them, the kernel checks them.

A rule says: for any points that satisfy the premises, and for which the guards hold, the conclusions hold. Premises
and conclusions are equational predicates, so a rule never sees how a premise was found. `guards` are conditions
against degenerate cases; `reads` are conditions that hold on some figures of a problem and not on others (which side,
which order, which orientation): a step by such a rule holds for this configuration only.

What follows by linear algebra alone (angle chases, chains of equal lengths, products of ratios) is no rule, and
neither are the equivalences inside a predicate (`perp` in directions and in squared lengths, `cyclic` as any of three
equal sums of directions, `cong` in three tables): they belong to predicates.py.

`shape` names how the engine finds instances on a figure (matching.py); `ways` are the renamings of the rule's points
under which it is to be tried on one instance.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from maieutic.geometry.trusted.records import Fact


@dataclass(frozen=True, slots=True)
class Rule:
    """One theorem: from `premises` to `conclusions`, under `guards` and what it `reads` off the figure.

    A premise may be known where it says something only, a direction of one point with itself being none; `apart` are
    the pairs of points that must differ so that the theorem holds even so (tests/geometry/test_rules_degenerate.py).
    """

    name: str
    shapes: tuple[str, ...]
    points: tuple[str, ...]
    premises: tuple[Fact, ...]
    conclusions: tuple[Fact, ...]
    guards: tuple[Fact, ...]
    reads: tuple[Fact, ...]
    ways: tuple[str, ...]
    title: str
    source: str
    apart: tuple[tuple[str, str], ...] = ()

    def instance(self, points: tuple[str, ...]) -> Rule:
        """The rule with its points replaced by named ones. Raises ValueError if their number is wrong."""
        if len(points) != len(self.points):
            raise ValueError(f"{self.name} takes {len(self.points)} points, not {len(points)}")
        names = dict(zip(self.points, points, strict=True))

        def renamed(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
            return tuple(Fact(f.predicate, tuple(names[p] for p in f.points), f.values) for f in facts)

        return Rule(
            self.name,
            self.shapes,
            points,
            renamed(self.premises),
            renamed(self.conclusions),
            renamed(self.guards),
            renamed(self.reads),
            self.ways,
            self.title,
            self.source,
            tuple((names[a], names[b]) for a, b in self.apart),
        )


def _facts(text: str) -> tuple[Fact, ...]:
    facts = []
    for part in filter(None, (p.split() for p in text.split(","))):
        names = tuple(word for word in part[1:] if word[0].isalpha())
        values = tuple(Fraction(word) for word in part[1:] if not word[0].isalpha())
        facts.append(Fact(part[0], names, values))
    return tuple(facts)


def rule(
    name: str,
    shapes: str,
    points: str,
    premises: str,
    conclusions: str,
    title: str,
    source: str,
    guards: str = "",
    reads: str = "",
    ways: str = "",
    apart: str = "",
) -> Rule:
    """A rule, from text: facts as the language writes them, between commas."""
    return Rule(
        name,
        tuple(shapes.split()),
        tuple(points.split()),
        _facts(premises),
        _facts(conclusions),
        _facts(guards),
        _facts(reads),
        tuple(ways.split()) or (points.replace(" ", ""),),
        title,
        source,
        tuple((pair[0], pair[1]) for pair in apart.split()),
    )


SAME = "similar_same similar_same_isosceles"
OPPOSITE = "similar_opposite similar_opposite_isosceles"
ABC = "a b c p q r"
TURNS = "abcpqr bcaqrp cabrpq"
RATIOS = "eqratio a b a c p q p r, eqratio a b b c p q q r, eqratio a c b c p r q r"
ANGLES_SAME = "eqangle a b a c p q p r, eqangle b a b c q p q r, eqangle c a c b r p r q"
ANGLES_OPPOSITE = "eqangle a b a c p r p q, eqangle b a b c q r q p, eqangle c a c b r q r p"
# The sides of a matched triangle ascend: |bc| <= |ca| <= |ab|, strictly in the shapes that are not isosceles.
# SSA needs the known angle opposite the larger of two sides.
ONE_SIDE = "abcpqr acbprq bcaqrp"
EUCLID = "Euclid, Elements"
SINES = ((30, "1/4"), (45, "1/2"), (60, "3/4"), (90, "1"))
RATIO_LEMMA = "Nasir al-Din al-Tusi; Coxeter and Greitzer, Geometry Revisited 1.1"

# fmt: off
RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        # --- lines ---------------------------------------------------------------------------------------------------
        rule("segment_sum", "between", "a b c", "coll a b c", "distseq a b b c a c 1 1 -1",
              "a segment is the sum of its parts", f"{EUCLID} I, common notion 5", reads="between b a c"),
        rule("segment_sum_converse", "between", "a b c", "distseq a b b c a c 1 1 -1", "coll a b c",
              "equality in the triangle inequality", f"{EUCLID} I.20",
              apart="ac"),
        rule("midpoint", "midpoint", "m a b", "coll m a b, cong m a m b", "rconst a b a m 2, rconst a b b m 2",
              "midpoint", "definition", guards="diff a b"),
        rule("thales", "thales", "a b c d e f", "coll a b c, coll d e f, para a d b e, para b e c f",
              "eqratio a b b c d e e f, eqratio a b a c d e d f", "Thales: parallels divide two lines alike",
              f"{EUCLID} VI.2",
              guards="npara a c a d, npara d f a d",
              apart="ab bc be"),
        rule("thales_converse", "thales", "a b c d e f",
              "coll a b c, coll d e f, para a d b e, eqratio a b b c d e e f",
              "para b e c f", "converse of Thales", f"{EUCLID} VI.2", guards="npara a c a d, npara d f a d",
              reads="sameorder a b c d e f", ways="abcdef cbafed acbdfe",
              apart="cf ab be"),
        # --- triangles -----------------------------------------------------------------------------------------------
        rule("isosceles", "isosceles", "o a b", "cong o a o b", "eqangle a o a b b a b o",
              "base angles of an isosceles triangle", f"{EUCLID} I.5",
              apart="ab"),
        rule("isosceles_converse", "isosceles", "o a b", "eqangle a o a b b a b o", "cong o a o b",
              "equal base angles", f"{EUCLID} I.6", guards="ncoll o a b"),
        rule("bisector", "kite", "o p a b", "cong o a o b, cong p a p b", "perp o p a b",
              "two points equidistant from the ends of a segment", f"{EUCLID} I.10"),
        rule("bisector_converse", "kite", "o p a b", "cong o a o b, perp o p a b", "cong p a p b",
              "a point of the perpendicular bisector", f"{EUCLID} I.10", ways="opab poab"),
        rule("similar_aa", SAME, ABC, "eqangle a b a c p q p r, eqangle b a b c q p q r", RATIOS,
              "similar triangles (AA)", f"{EUCLID} VI.4", guards="ncoll a b c", ways=TURNS,
              apart="pq"),
        rule("similar_aa_opposite", OPPOSITE, ABC, "eqangle a b a c p r p q, eqangle b a b c q r q p", RATIOS,
              "similar triangles (AA)", f"{EUCLID} VI.4", guards="ncoll a b c", ways=TURNS,
              apart="pq"),
        rule("similar_sas", SAME, ABC, "eqangle a b a c p q p r, eqratio a b a c p q p r",
              f"{ANGLES_SAME}, {RATIOS}", "similar triangles (SAS)", f"{EUCLID} VI.6", guards="ncoll a b c",
              reads="sameclock a b c p q r", ways=TURNS),
        rule("similar_sas_opposite", OPPOSITE, ABC, "eqangle a b a c p r p q, eqratio a b a c p q p r",
              f"{ANGLES_OPPOSITE}, {RATIOS}", "similar triangles (SAS)", f"{EUCLID} VI.6", guards="ncoll a b c",
              reads="sameclock a b c p r q", ways=TURNS),
        rule("similar_sss", SAME, ABC, "eqratio a b a c p q p r, eqratio a b b c p q q r", ANGLES_SAME,
              "similar triangles (SSS)", f"{EUCLID} VI.5", guards="ncoll a b c", reads="sameclock a b c p q r"),
        rule("similar_sss_opposite", OPPOSITE, ABC, "eqratio a b a c p q p r, eqratio a b b c p q q r",
              ANGLES_OPPOSITE, "similar triangles (SSS)", f"{EUCLID} VI.5", guards="ncoll a b c",
              reads="sameclock a b c p r q"),
        rule("similar_ssa", "similar_same", ABC, "eqangle b a b c q p q r, eqratio a c b c p r q r",
              f"{ANGLES_SAME}, {RATIOS}", "similar triangles (SSA, the angle opposite the larger side)",
              f"{EUCLID} VI.7", guards="ncoll a b c", reads="sameclock a b c p q r, lessthan b c a c", ways=ONE_SIDE),
        rule("similar_ssa_opposite", "similar_opposite", ABC, "eqangle b a b c q r q p, eqratio a c b c p r q r",
              f"{ANGLES_OPPOSITE}, {RATIOS}", "similar triangles (SSA, the angle opposite the larger side)",
              f"{EUCLID} VI.7", guards="ncoll a b c", reads="sameclock a b c p r q, lessthan b c a c", ways=ONE_SIDE),
        # --- circles -------------------------------------------------------------------------------------------------
        rule("circle", "centre4", "o a b c d", "cong o a o b, cong o a o c, cong o a o d", "cyclic a b c d",
              "points at one distance from a centre", f"{EUCLID} I, definition 15",
              apart="ab ac bc"),
        rule("circle_radius", "centre4", "o a b c d", "cong o a o b, cong o a o c, cyclic a b c d", "cong o a o d",
              "a fourth point of a circle", f"{EUCLID} III.10", guards="ncoll a b c", ways="oabcd obcda ocdab odabc"),
        rule("circle_centre", "chords", "o a b c d", "cong o a o b, cong o c o d, cyclic a b c d", "cong o a o c",
              "the perpendicular bisectors of two chords meet in the centre", f"{EUCLID} III.1",
              guards="npara a b c d"),
        rule("tangent_chord", "centre3", "o a b c", "cong o a o b, cong o a o c",
              "angeq a b o a c a c b 1 -1 1 -1 -90, angeq b a o b c b c a 1 -1 1 -1 -90",
              "the angle between tangent and chord is the inscribed angle", f"{EUCLID} III.32", guards="ncoll a b c",
              ways="oabc obca"),
        rule("tangent_chord_converse", "centre3", "o a b c",
              "cong o a o b, angeq a b o a c a c b 1 -1 1 -1 -90", "cong o a o c",
              "the angle between tangent and chord determines the circle", f"{EUCLID} III.32", guards="ncoll a b c",
              ways="oabc oacb obac obca ocab ocba"),
        rule("trapezoid", "trapezoid rectangle", "a b c d", "cyclic a b c d, para a b c d",
              "cong a c b d, cong a d b c", "parallel chords cut off equal chords", f"{EUCLID} III.28",
              apart="ab cd"),
        rule("trapezoid_legs", "trapezoid", "a b c d", "cyclic a b c d, cong a c b d", "para a b c d",
              "equal chords join to parallel ones", f"{EUCLID} III.27", reads="npara a d b c", ways="abcd abdc",
              apart="ab cd"),
        rule("arc_midpoint", "arc", "a b m c", "eqangle a b a m a m a c, cong m b m c", "cyclic a b m c",
              "a bisector meets the perpendicular bisector on the circumcircle",
              "IMO 2004 P1; Altshiller-Court, College Geometry",
              guards="ncong a b a c, ncoll b m c"),
        # --- sines, products -----------------------------------------------------------------------------------------
        rule("sines", "sines", ABC, "eqangle a b a c p q p r, eqangle b a b c q r q p", "eqratio b c c a q r r p",
              "law of sines in two triangles", RATIO_LEMMA, guards="ncoll a b c",
              apart="pq"),
        rule("sines_converse", "sines", ABC, "eqangle a b a c p q p r, eqratio b c c a q r r p",
              "eqangle b a b c q r q p", "law of sines in two triangles", RATIO_LEMMA, guards="ncoll a b c",
              reads="neqangle b a b c q p q r",
              apart="pr"),
        rule("sines_converse_same", "sines", ABC, "eqangle b a b c q r q p, eqratio b c c a q r r p",
              "eqangle a b a c p q p r", "law of sines in two triangles", RATIO_LEMMA, guards="ncoll a b c",
              reads="neqangle a b a c p r p q",
              apart="qr"),
        rule("menelaus", "menelaus_even", "a b c d e f", "coll b c d, coll c a e, coll a b f, coll d e f",
              "distmeq a f f b b d d c c e e a 1 -1 1 -1 1 -1 1", "Menelaus", "Menelaus, Sphaerica III",
              guards="ncoll a b c",
              apart="af bd ce"),
        rule("menelaus_converse", "menelaus_even", "a b c d e f",
              "coll b c d, coll c a e, coll a b f, distmeq a f f b b d d c c e e a 1 -1 1 -1 1 -1 1", "coll d e f",
              "converse of Menelaus", "Menelaus, Sphaerica III", guards="ncoll a b c",
              reads="even_inside a b c d e f",
              apart="af bf bd cd ce ae"),
        rule("ceva", "ceva", "a b c d e f p",
              "coll b c d, coll c a e, coll a b f, coll a d p, coll b e p, coll c f p",
              "distmeq a f f b b d d c c e e a 1 -1 1 -1 1 -1 1", "Ceva", "Ceva, De lineis rectis (1678)",
              guards="ncoll a b c",
              apart="af bd ce"),
        rule("ceva_converse", "ceva", "a b c d e f p",
              "coll b c d, coll c a e, coll a b f, coll a d p, coll b e p, "
              "distmeq a f f b b d d c c e e a 1 -1 1 -1 1 -1 1",
              "coll c f p", "converse of Ceva", "Ceva, De lineis rectis (1678)", guards="ncoll a b c",
              reads="odd_inside a b c d e f", ways="abcdefp bcaefdp cabfdep",
              apart="af bf bd ce ep"),
        rule("median", "median", "p a m b", "coll a m b, cong m a m b", "distsqeq p m p a p b a b 4 -2 -2 1",
              "Apollonius: the length of a median", "Apollonius; Stewart (1746)", guards="diff a b"),
        rule("division", "division", "a b c d e f", "coll a b c, coll d e f, eqratio a b b c d e e f",
              "eqratio a b a c d e d f, eqratio b c a c e f d f", "two segments divided alike", f"{EUCLID} V.18",
              reads="between b a c, between e d f"),
        rule("division_whole", "division", "a b c d e f", "coll a b c, coll d e f, eqratio a b a c d e d f",
              "eqratio a b b c d e e f, eqratio b c a c e f d f", "two segments divided alike", f"{EUCLID} V.17",
              reads="between b a c, between e d f", ways="abcdef cbafed"),
        rule("power", "power", "p o x y q r z w",
              "coll p x y, cong o x o y, coll q z w, cong r z r w, distsqeq p o o x q r r z 1 -1 -1 1",
              "distmeq p x p y q z q w 1 1 -1 -1 1", "points of equal power",
              f"{EUCLID} III.35, III.36; Steiner (1826)", guards="diff x y, diff z w",
              apart="px py"),
        rule("power_converse", "power", "p o x y q r z w",
              "coll p x y, cong o x o y, coll q z w, cong r z r w, distmeq p x p y q z q w 1 1 -1 -1 1",
              "distsqeq p o o x q r r z 1 -1 -1 1", "points of equal power", f"{EUCLID} III.35, III.36; Steiner (1826)",
              guards="diff x y, diff z w", reads="sameorder x p y z q w"),
        rule("power_outside", "power_outside", "p o x y a b",
              "coll p x y, cong o x o y, distsqeq p o o x a b 1 -1 -1", "distmeq p x p y a b 1 1 -2 1",
              "the power of a point", f"{EUCLID} III.36", guards="diff x y",
              apart="ab"),
        rule("power_outside_converse", "power_outside", "p o x y a b",
              "coll p x y, cong o x o y, distmeq p x p y a b 1 1 -2 1", "distsqeq p o o x a b 1 -1 -1",
              "the power of a point", f"{EUCLID} III.37", guards="diff x y", reads="nbetween p x y",
              apart="px py ab"),
        rule("power_inside", "power_inside", "p o x y a b",
              "coll p x y, cong o x o y, distsqeq o x p o a b 1 -1 -1", "distmeq p x p y a b 1 1 -2 1",
              "the power of a point", f"{EUCLID} III.35", guards="diff x y",
              apart="ab"),
        rule("power_inside_converse", "power_inside", "p o x y a b",
              "coll p x y, cong o x o y, distmeq p x p y a b 1 1 -2 1", "distsqeq o x p o a b 1 -1 -1",
              "the power of a point", f"{EUCLID} III.35", guards="diff x y", reads="between p x y",
              apart="ab"),
        # --- points that coincide ------------------------------------------------------------------------------------
        rule("overlap_lines", "same_lines", "x y a b", "para x a y a, para x b y b", "overlap x y",
              "two lines meet in one point", f"{EUCLID} I, postulate 1", guards="ncoll x a b"),
        rule("overlap_circles", "same_circles", "x y a b c", "eqangle x a x b y a y b, eqangle x a x c y a y c",
              "overlap x y", "two circles meet in one further point", f"{EUCLID} III.10", guards="ncyclic x a b c",
              apart="ya"),
        rule("overlap_chord", "same_chord", "x y o a", "para x a y a, cong o x o a, cong o y o a", "overlap x y",
              "a line meets a circle in one further point", f"{EUCLID} III.2", guards="diff x a",
              apart="ya"),
        rule("overlap_line_circle", "same_line_circle", "x y o a", "para x a y a, cong o x o y", "overlap x y",
              "a line meets a circle in two points", f"{EUCLID} III.2", guards="nperp x a x o",
              reads="nsecond y x o a"),
        rule("overlap_centres", "same_centres", "x y o p", "cong o x o y, cong p x p y", "overlap x y",
              "two circles meet in two points", f"{EUCLID} III.10", guards="ncoll o p x", reads="nreflect y x o p"),
        rule("overlap_common", "same_common", "x y o p a",
              "cong o x o a, cong o y o a, cong p x p a, cong p y p a", "overlap x y",
              "two circles meet in one further point", f"{EUCLID} III.10", guards="diff x a, diff y a, diff o p"),
        rule("overlap_transfer", "overlap", "x y z", "overlap x y", "para x z y z, cong x z y z",
              "one point has one line and one distance to another", "definition",
              apart="xz"),
        # --- sines as unknowns ---------------------------------------------------------------------------------------
        rule("sine_law", "sine", "a b c", "", "sinelaw a b c", "law of sines", RATIO_LEMMA, guards="ncoll a b c"),
        rule("equal_sines", "sine", "o a b p c d", "eqangle o a o b p c p d", "eqsine o a b p c d",
              "equal angles have equal sines", "definition", guards="ncoll o a b",
              apart="pc pd"),
        rule("equal_sines_converse", "sine", "o a b p c d", "eqsine o a b p c d", "eqangle o a o b p c p d",
              "equal sines: the angles are equal or supplementary", "definition", guards="ncoll o a b, ncoll p c d",
              reads="neqangle o a o b p d p c"),
        *(
            rule(f"sine_{degrees}", "sine", "o a b", f"aconst o a o b {degrees}", f"sinesq o a b {square}",
                  f"sin {degrees}°", "Ptolemy, Almagest I.10", apart="oa ob")
            for degrees, square in SINES
        ),
        *(
            rule(f"sine_{degrees}_converse", "sine", "o a b", f"sinesq o a b {square}", f"aconst o a o b {degrees}",
                  f"the angle with the sine of {degrees}°", "Ptolemy, Almagest I.10", guards="ncoll o a b", reads=reads)
            for degrees, square in SINES
            for reads in ("" if degrees == 90 else f"aconst o a o b {degrees}",)
        ),
    )
}
# fmt: on
