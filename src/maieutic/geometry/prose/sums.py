"""Linear algebra as steps: chains of equalities, cut where they are long or cite much, or lists of what is added."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from fractions import Fraction

from maieutic.geometry.prose.certify import Inference, linear_inference
from maieutic.geometry.prose.chains import Chain, ChainLink, make_chain, total_inference
from maieutic.geometry.prose.inscribed import fact_of
from maieutic.geometry.prose.narrative_records import Line
from maieutic.geometry.prose.notation import fact_text, listed, number_text
from maieutic.geometry.prose.reasons import expression, numbered, said
from maieutic.geometry.prose.scribe import Scribe, tidy
from maieutic.geometry.prose.verdicts import SEVERAL
from maieutic.geometry.trusted.predicates import Equation, combine, equations
from maieutic.geometry.trusted.records import Fact

MOST_CITES = 6
"""The most earlier steps that one step cites."""

MOST_LINKS, LINKS = 10, 8
"""The most equalities of a chain; and of its parts, where there are more."""


class Sums:
    """Writes linear deductions as steps; those with an index in `asides` may be said in brackets, where they serve."""

    def __init__(self, scribe: Scribe, asides: Container[int]) -> None:
        self.scribe = scribe
        self.signs = scribe.signs
        self.sources = scribe.sources
        self.asides = asides

    def tell(self, index: int, work: Inference) -> None:
        """Linear algebra: as a chain where one is found, else as the list of what is added."""
        chain = make_chain(work, {f: source.circle for f, source in self.sources.of.items() if source.circle})
        if chain and len(chain.links) == 1 and self._is_aside(index, work):
            self.scribe.keep(work, note=self._why(work, chain))
        elif chain is None or len(chain.links) == 1:
            if len(self.sources.cites(work.premises)) > MOST_CITES:
                work = self._shortened(work)
            self._plain(index, work, chain)
        elif any(link.fact is None for link in chain.links):
            self._chain_of_sines(index, work, chain)
        else:
            self._chain(index, work, chain)

    def _is_aside(self, index: int, work: Inference) -> bool:
        """Whether equal angles are so plain that they are said in brackets where they are used."""
        return (
            index in self.asides
            and work.conclusion.predicate == "eqangle"
            and not work.configuration
            and not self.sources.cites(work.premises)
        )

    def _why(self, work: Inference, chain: Chain | None) -> str:
        """The premises of linear algebra in words; for one circle from others, each of them."""
        if work.conclusion.predicate == "cyclic" and all(f.predicate == "cyclic" for f in work.premises):
            return listed(numbered(said(f, self.signs), self.sources.cites([f])) for f in work.premises)
        if chain and set(work.premises) >= set(chain.links[0].facts):
            named = [f for fact, by in chain.links[0].reasons for f in (fact, *by)]
            rest = [(f, (f,)) for f in work.premises if f not in named and f.predicate not in ("coll", "cyclic")]
            return self.sources.shown([*chain.links[0].reasons, *rest])
        return self.sources.reasons(work.premises)

    def _plain(self, index: int, work: Inference, chain: Chain | None) -> None:
        reason = self._why(work, chain)
        self.scribe.add(
            (work,),
            work.premises,
            claims=(work.conclusion,),
            text=fact_text(tidy(work.conclusion), self.signs),
            reason=f"since {reason}" if reason else "",
            reads=self._branch(work),
            deductions=(index,),
        )

    def _branch(self, work: Inference) -> str:
        """That the figure chose, where the equations leave several directions."""
        if not work.configuration:
            return ""
        several = SEVERAL.get(work.multiple, work.multiple)
        apart = number_text(Fraction(180, work.multiple))
        return f"of the {several} possibilities that this leaves, ${apart}°$ apart, the figure shows this one"

    def _shortened(self, work: Inference) -> Inference:
        """Sums of some of the premises as steps of their own, until few enough are left to cite."""
        parts = list(zip(work.premises, work.equations, work.weights, strict=True))
        while len(self.sources.cites(f for f, _, _ in parts)) > MOST_CITES:
            few = self._few(parts)
            if few is None:
                break
            fact = fact_of(_total(few))
            if fact not in self.sources.of:
                self._plain_claim(linear_inference(fact, work.table, few))
            parts = [(fact, 0, 1), *(part for part in parts if part not in few)]
        return linear_inference(work.conclusion, work.table, parts, work.multiple)

    def _few(self, parts: list[_Part]) -> list[_Part] | None:
        """Some parts that cite little, and whose sum is a fact: sines in it must cancel. None if none are found."""
        best: list[_Part] | None = None
        for first in parts:
            few = [first]
            while True:
                open_sines = {u for u, _ in _total(few).terms if len(u) == 3}
                cites = self.sources.cites(f for f, _, _ in few)
                if not open_sines and len(few) > 1 and len(cites) > 1 and (best is None or len(few) > len(best)):
                    best = list(few)
                rest = [p for p in parts if p not in few]
                fitting = [p for p in rest if not open_sines or open_sines & {u for u, _ in _total([p]).terms}]
                following = min(
                    (p for p in fitting if len(self.sources.cites(f for f, _, _ in (*few, p))) < MOST_CITES),
                    key=lambda p: len(_total([*few, p]).terms),
                    default=None,
                )
                if following is None:
                    break
                few.append(following)
        return best

    def _plain_claim(self, work: Inference) -> None:
        self.scribe.add(
            (work,),
            work.premises,
            claims=(work.conclusion,),
            text=fact_text(tidy(work.conclusion), self.signs),
            reason=f"since {self.sources.reasons(work.premises)}",
        )

    def _chain(self, index: int, work: Inference, chain: Chain) -> None:
        """A chain as one step, or as several where it is long or cites too many."""
        begun = [Line(expression(chain.first, self.signs))]
        lines, links = list(begun), list[ChainLink]()
        rest = [self._lighter(link) for link in chain.links]
        while (count := self._fitting(links, rest)) < len(rest):
            count = _best_cut(rest, count)
            links += rest[:count]
            lines += map(self._line, rest[:count])
            rest = rest[count:]
            carried = self._partial(chain.first, links, lines)
            lines, links = [*begun, carried[0]], [carried[1]]
        links += rest
        total = total_inference(work.conclusion, Chain(chain.first, tuple(links), chain.multiple), work.table)  # type: ignore[arg-type]
        self.scribe.add(
            (*(w for link in links for w in link.work), total),
            tuple(dict.fromkeys(f for link in links for f in link.facts)),
            claims=(work.conclusion,),
            text=fact_text(tidy(work.conclusion), self.signs),
            reason="",
            chain=(*lines, *map(self._line, rest)),
            reads=self._branch(work),
            deductions=(index,),
        )

    def _fitting(self, links: Sequence[ChainLink], rest: Sequence[ChainLink]) -> int:
        """How many more links a step can have: at least one."""
        if len(links) + len(rest) <= MOST_LINKS and self._citing((*links, *rest)) <= MOST_CITES:
            return len(rest)
        count = 1
        while count < min(len(rest), LINKS - len(links)) and self._citing((*links, *rest[: count + 1])) <= MOST_CITES:
            count += 1
        return count

    def _citing(self, links: Iterable[ChainLink]) -> int:
        return len(self.sources.cites(f for link in links for f in link.facts))

    def _chain_of_sines(self, index: int, work: Inference, chain: Chain) -> None:
        """A computation with sines, which is one step: of what stands within it there are no facts."""
        if len(self.sources.cites(work.premises)) > MOST_CITES:
            lighter = self._shortened(work)
            if lighter != work:
                return self.tell(index, lighter)
        self.scribe.add(
            (work,),
            work.premises,
            claims=(work.conclusion,),
            text=fact_text(tidy(work.conclusion), self.signs),
            reason="",
            chain=(Line(expression(chain.first, self.signs)), *map(self._line, chain.links)),
            deductions=(index,),
        )
        return None

    def _lighter(self, link: ChainLink) -> ChainLink:
        """An equality that cites so much that nothing else could stand beside it, as a step of its own."""
        if len(self.sources.cites(link.facts)) < MOST_CITES:
            return link
        work = self._shortened(link.work[0])
        self._plain_claim(work)
        return shown_before(link.after, work.conclusion)

    def _line(self, link: ChainLink) -> Line:
        return Line(
            expression(link.after, self.signs), self.sources.shown(link.reasons), self.sources.cites(link.facts)
        )

    def _partial(self, first: Equation, links: list[ChainLink], lines: list[Line]) -> tuple[Line, ChainLink]:
        """The equality that part of a chain shows, as a step; and the link by which the rest goes on."""
        after = links[-1].after
        fact = fact_of(combine(first.table, [(Fraction(1), first), (Fraction(-1), after)]))
        total = total_inference(fact, Chain(first, tuple(links), 1), first.table)
        step = self.scribe.add(
            (*(w for link in links for w in link.work), total),
            tuple(dict.fromkeys(f for link in links for f in link.facts)),
            claims=(fact,),
            text=f"${expression(first, self.signs)} = {expression(after, self.signs)}$",
            reason="",
            chain=tuple(lines),
        )
        return Line(expression(after, self.signs), f"by ({step.number})", (step.number,)), shown_before(after, fact)


def shown_before(after: Equation, fact: Fact) -> ChainLink:
    """An equality that an earlier step claims."""
    return ChainLink(after, fact, (fact,), (), ((fact, (fact,)),))


def _best_cut(links: Sequence[ChainLink], most: int) -> int:
    """After how many links to cut: late, and where little is to be remembered."""
    return min(range((most + 1) // 2, most + 1), key=lambda n: (len(links[n - 1].after.terms), -n))


_Part = tuple[Fact, int, int]
"""A premise, which of its equations, and its weight."""


def _total(parts: Sequence[_Part]) -> Equation:
    """What some parts of a certificate add up to."""
    rows = [(Fraction(weight), equations(fact)[number]) for fact, number, weight in parts]
    return combine(rows[0][1].table, rows)
