"""Small honest proofs, written by hand: what the kernel must accept, and what the tests spoil to see it refuse."""

from collections.abc import Callable

from tests.geometry.writing import Writer

from maieutic.geometry.trusted.records import Proof

HONEST: dict[str, Callable[[], Proof]] = {}


def honest(write: Callable[[], Proof]) -> Callable[[], Proof]:
    HONEST[write.__name__] = write
    return write


@honest
def altitudes() -> Proof:
    """Perpendicularity in squared lengths: no rule at all."""
    w = Writer("a b c = triangle a b c; h = on_tline h b a c, on_tline h c a b ? perp a h b c")
    w.linear("perp a h b c", ["perp h b a c", "perp h c a b"], "square")
    return w.proof()


@honest
def base_angles() -> Proof:
    w = Writer("o a b = iso_triangle o a b ? eqangle a o a b b a b o")
    w.rule("isosceles", "o a b", "eqangle a o a b b a b o")
    return w.proof()


@honest
def base_angles_with_a_midpoint() -> Proof:
    """With an auxiliary point; which orientation the halves have is read off the figure."""
    w = Writer("a b c = triangle a b c; o = on_bline o a b; m = midpoint m a b ? eqangle a o a b b a b o")
    w.linear("eqratio o a o m o b o m", ["cong o a o b"])
    w.linear("eqratio o a a m o b b m", ["cong o a o b", "cong m a m b"])
    w.rule("similar_sss_opposite", "o a m o b m", "eqangle a o a m b m b o")
    w.linear("eqangle a o a b b a b o", ["eqangle a o a m b m b o", "coll m a b", "coll m a b"])
    return w.proof(auxiliary=1)


@honest
def midline() -> Proof:
    w = Writer("a b c = triangle a b c; m = midpoint m a b; n = midpoint n a c ? para m n b c, rcompute b c m n")
    w.rule("midpoint", "m a b", "rconst a b a m 2")
    w.rule("midpoint", "n a c", "rconst a c a n 2")
    w.linear("eqratio a b a c a m a n", ["rconst a b a m 2", "rconst a c a n 2"])
    w.linear("eqangle a b a c a m a n", ["coll m a b", "coll n a c"])
    w.rule("similar_sas", "a b c a m n", "eqratio a b b c a m m n")
    w.rule("similar_sas", "a b c a m n", "eqangle b a b c m a m n")
    w.linear("para m n b c", ["eqangle b a b c m a m n", "coll m a b"])
    w.linear("rconst b c m n 2", ["eqratio a b b c a m m n", "rconst a b a m 2"])
    return w.proof()


@honest
def inscribed_angles() -> Proof:
    w = Writer(
        "a b c = triangle a b c; o = circumcenter o a b c; d = on_circle d o a "
        "? eqangle c a c b d a d b, cyclic d c b a"
    )
    w.linear("cong o a o c", ["cong o a o b", "cong o b o c"])
    w.linear("cong o a o d", ["cong o d o a"])
    w.rule("circle", "o a b c d", "cyclic a b c d")
    w.linear("eqangle c a c b d a d b", ["cyclic a b c d"])
    return w.proof()


@honest
def concyclic_feet() -> Proof:
    """A circle from equal angles: that its points are not on a line is a guard."""
    w = Writer("a b c = triangle a b c; d = foot d b a c; e = foot e c a b ? cyclic b c d e, eqangle d b d e c b c e")
    w.linear("perp d b d c", ["perp d b a c", "coll d a c"], "direction")
    w.linear("perp e c e b", ["perp e c a b", "coll e a b"], "direction")
    w.linear("cyclic b c d e", ["perp d b d c", "perp e c e b"])
    w.linear("eqangle d b d e c b c e", ["cyclic b c d e"])
    return w.proof()


@honest
def tangent_and_chord() -> Proof:
    w = Writer("a b c = triangle a b c; o = circumcenter o a b c; t = lc_tangent t a o ? eqangle a t a b c a c b")
    w.linear("cong o a o c", ["cong o a o b", "cong o b o c"])
    w.rule("tangent_chord", "o a b c", "angeq a b o a c a c b 1 -1 1 -1 -90")
    w.linear("eqangle a t a b c a c b", ["angeq a b o a c a c b 1 -1 1 -1 -90", "perp a t a o"])
    return w.proof()


@honest
def bisector_of_the_apex() -> Proof:
    """Twice an angle is 0 modulo pi: the figure says that the angle is right."""
    w = Writer("a b c = iso_triangle a b c; d = angle_bisector d b a c ? perp a d b c")
    w.linear("perp a d b c", ["eqangle a b a d a d a c", "eqangle b a b c c b c a"], "direction")
    return w.proof()


@honest
def equilateral_angle() -> Proof:
    """Three times an angle is 0 modulo pi: 60 or 120 degrees, as the figure is oriented."""
    w = Writer("a b c = ieq_triangle a b c ? acompute a b a c")
    w.linear("aconst a b a c 60", ["eqangle a b a c c a c b", "eqangle c a c b b c b a"], multiples=3)
    return w.proof()


@honest
def angle_bisector_theorem() -> Proof:
    w = Writer("a b c = triangle a b c; d = angle_bisector d b a c, on_line d b c ? eqratio a b a c b d c d")
    w.linear("eqangle d a d b d a d c", ["coll d b c"])
    w.linear("eqangle a d a b a c a d", ["eqangle a b a d a d a c"])
    w.rule("sines", "d a b d a c", "eqratio a b b d a c c d")
    return w.proof()


@honest
def half_a_hypotenuse() -> Proof:
    """Sines as unknowns: the side opposite 30 degrees."""
    w = Writer("a b = segment a b; c = s_angle a b c 30, on_dia c a b ? rconst a b a c 2")
    w.linear("aconst b c b a 30", ["aconst b c a b 30"])
    w.linear("aconst c a c b 90", ["perp c a c b"])
    w.rule("sine_30", "b c a", "sinesq b c a 1/4")
    w.rule("sine_90", "c a b", "sinesq c a b 1")
    w.rule("sine_law", "b c a", "sinelaw b c a")
    w.linear("rconst a b a c 2", ["sinelaw b c a", "sinesq b c a 1/4", "sinesq c a b 1"])
    return w.proof()


@honest
def medians() -> Proof:
    """Ceva's converse reads off the figure how many of the points are inside the sides."""
    w = Writer(
        "a b c = triangle a b c; d = midpoint d b c; e = midpoint e c a; f = midpoint f a b; "
        "p = on_line p a d, on_line p b e ? coll c f p"
    )
    for middle, side in (("d", "b c"), ("e", "c a"), ("f", "a b")):
        w.linear(f"coll {side} {middle}", [f"coll {middle} {side}"])
    w.linear("coll a d p", ["coll p a d"])
    w.linear("coll b e p", ["coll p b e"])
    product = "distmeq a f f b b d d c c e e a 1 -1 1 -1 1 -1 1"
    w.linear(product, ["cong f a f b", "cong d b d c", "cong e c e a"])
    w.rule("ceva_converse", "a b c d e f p", "coll c f p")
    return w.proof()


@honest
def three_parts() -> Proof:
    """Sums of lengths, by the order of points on their line."""
    w = Writer("a b = segment a b; x y = trisegment x y a b ? rconst a b a x 3, midp x a y")
    w.linear("coll a x y", ["coll x a b", "coll y a b"])
    w.linear("coll a y b", ["coll y a b"])
    w.rule("segment_sum", "a x y", "distseq a x x y a y 1 1 -1")
    w.rule("segment_sum", "a y b", "distseq a y y b a b 1 1 -1")
    w.linear(
        "rconst a b a x 3",
        ["distseq a x x y a y 1 1 -1", "distseq a y y b a b 1 1 -1", "cong x a x y", "cong y x y b"],
        "length",
    )
    return w.proof()


@honest
def parallelogram_law() -> Proof:
    """Two medians: |ac|^2 + |bd|^2 = 2 |ab|^2 + 2 |bc|^2."""
    w = Writer(
        "a b c = triangle a b c; d = parallelogram a b c d; m = midpoint m a c ? "
        "distsqeq b m b a b c a c 4 -2 -2 1, distsqeq d m a b b c a c 4 -2 -2 1"
    )
    w.linear("coll a m c", ["coll m a c"])
    w.rule("median", "b a m c", "distsqeq b m b a b c a c 4 -2 -2 1")
    w.rule("median", "d a m c", "distsqeq d m d a d c a c 4 -2 -2 1")
    w.linear(
        "distsqeq d m a b b c a c 4 -2 -2 1",
        ["distsqeq d m d a d c a c 4 -2 -2 1", "cong a b c d", "cong a d b c"],
        "square",
    )
    return w.proof()


@honest
def one_meet() -> Proof:
    """Two names for one point."""
    w = Writer(
        "a b c d = quadrangle a b c d; x = on_line x a b, on_line x c d; y = on_line y a b, on_line y c d "
        "? cong x d y d"
    )
    w.linear("para x a y a", ["coll x a b", "coll y a b"])
    w.linear("para x c y c", ["coll x c d", "coll y c d"])
    w.rule("overlap_lines", "x y a c", "overlap x y")
    w.rule("overlap_transfer", "x y d", "cong x d y d")
    return w.proof()


@honest
def reflexive() -> Proof:
    """The sum of nothing is 0: a segment is as long as itself."""
    w = Writer("a b c = triangle a b c ? cong a b b a, eqangle a b a c b a a c")
    w.linear("cong a b b a")
    w.linear("eqangle a b a c b a a c")
    return w.proof()
