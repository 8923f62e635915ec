"""Geometry in Python: problems in, proofs, facts and figures out, which can be read in many forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from maieutic.core.errors import InputError, ProofError, nearest
from maieutic.core.progress import Step
from maieutic.geometry import deduce as deducing
from maieutic.geometry.attempt import attempt
from maieutic.geometry.engine.own_rules import own_rule
from maieutic.geometry.engine.state import DEFAULT, StopReason
from maieutic.geometry.figures.draw import png_bytes, svg_text
from maieutic.geometry.ggb.write import write_ggb
from maieutic.geometry.language.names import display_names
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.lookup import find_problem
from maieutic.geometry.output import facts_text, one_line, result_json, result_text
from maieutic.geometry.proofs.checking import difference, read_proof, stated, verdict_text
from maieutic.geometry.proofs.prover import Result, Status
from maieutic.geometry.prose.notation import say
from maieutic.geometry.search.run import PROPOSERS, Progress
from maieutic.geometry.search.trials import Proposer
from maieutic.geometry.trusted.kernel import check as check_with_the_kernel
from maieutic.geometry.trusted.records import Accepted, Diagram, Fact, Problem, Proof, Refused, Verdict
from maieutic.geometry.trusted.rules import RULES, Rule
from maieutic.pages import formats


@dataclass(frozen=True)
class Limits:
    """How much an attempt may use.

    Attributes:
        seconds: CPU seconds, of all processes together.
        attempts: auxiliary constructions that a search tries; None: as many as there is time for.
        processes: how many a search runs on.
    """

    seconds: float = DEFAULT.time_limit
    attempts: int | None = None
    processes: int = 1


@dataclass(frozen=True, repr=False)
class Attempt:
    """What became of a problem: a proof, or why there is none. It shows itself in a notebook.

    Attributes:
        result: the record of the attempt, with its times and all that was found on the way.
    """

    result: Result

    @property
    def proved(self) -> bool:
        """Whether there is a proof that the kernel accepts."""
        return self.result.status is Status.PROVED

    @property
    def status(self) -> Status:
        """How it ended."""
        return self.result.status

    @property
    def problem(self) -> Problem:
        """What was to be proved."""
        return self.result.problem

    @property
    def proof(self) -> Proof | None:
        """The proof, accepted or refused; None where none was found."""
        return self.result.proof

    @property
    def verdict(self) -> Verdict | None:
        """What the kernel says of the proof."""
        return self.result.verdict

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the proof assumes beside the hypotheses, in words."""
        verdict = self.result.verdict
        if not isinstance(verdict, Accepted):
            return ()
        names = display_names(self.problem.points)
        return tuple(say(fact, names) for fact in verdict.guards)

    def text(self) -> str:
        """The proof, or what was tried and why it stopped."""
        return result_text(self.result)

    def json(self) -> str:
        """The proof as `maieutic check` reads it; without one, the record of the attempt."""
        return result_json(self.result)

    def markdown(self) -> str:
        """The proof as Markdown. Raises ProofError without one."""
        return formats.result_markdown(self.result)

    def latex(self) -> str:
        """The proof as a LaTeX article with its figure. Raises ProofError without one."""
        return formats.result_latex(self.result)

    def html(self) -> str:
        """The proof as a page, or the figure on which a goal is false. Raises ProofError without either."""
        return formats.result_html(self.result)

    def svg(self) -> str:
        """The figure: of the proof, with its auxiliary points; or the one that was looked at. Raises ProofError without
        one."""
        proof, seen = self.result.proof, self.result.counterexample or self.result.diagram
        if proof is not None and self.result.counterexample is None:
            return svg_text(proof.problem, formats.diagram_of(self.result, proof))
        if seen is None:
            raise ProofError(f"there is no figure: {self.result.message}")
        return svg_text(self.problem, seen)

    def ggb(self) -> bytes:
        """The figure as a GeoGebra file. Raises ProofError without a proof or a counterexample."""
        return formats.result_ggb(self.result)

    def __bool__(self) -> bool:
        return self.proved

    def __repr__(self) -> str:
        return f"<{one_line(self.result)}>"

    def _repr_html_(self) -> str:
        drawn = self.proof is not None or self.result.diagram is not None or self.result.counterexample is not None
        return (self.svg() if drawn else "") + f"<pre>{escape(self.text())}</pre>"


@dataclass(frozen=True, repr=False)
class Facts(Mapping[str, Sequence[Fact]]):
    """What follows from a problem's hypotheses: facts by predicate.

    Attributes:
        reason: why no more were looked for; SATURATED where there are no more.
    """

    problem: Problem
    deduced: deducing.Deduced

    @property
    def reason(self) -> StopReason:
        """Why no more were looked for."""
        return self.deduced.reason

    def text(self) -> str:
        """The facts as the language writes them, and in signs."""
        return facts_text(self.problem, self.deduced)

    def __getitem__(self, predicate: str) -> Sequence[Fact]:
        return self.deduced.facts[predicate]

    def __iter__(self) -> Iterator[str]:
        return iter(self.deduced.facts)

    def __len__(self) -> int:
        return len(self.deduced.facts)

    def __repr__(self) -> str:
        return f"<{sum(map(len, self.values()))} facts of {self.problem.name or 'a problem'}>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text())}</pre>"


@dataclass(frozen=True, repr=False)
class Checked:
    """What the kernel says of a proof, and of which problem it is one."""

    proof: Proof
    verdict: Verdict

    @property
    def accepted(self) -> bool:
        """Whether the kernel accepts the proof."""
        return isinstance(self.verdict, Accepted)

    def text(self) -> str:
        """The problem in full, and what is proved under which conditions, or why it is refused."""
        return verdict_text(self.proof, self.verdict)

    def __bool__(self) -> bool:
        return self.accepted

    def __repr__(self) -> str:
        return f"<{'accepted' if self.accepted else 'refused'}: {self.proof.problem.name or 'a proof'}>"

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text())}</pre>"


@dataclass(frozen=True, repr=False)
class Drawing:
    """A figure of a problem."""

    problem: Problem
    diagram: Diagram

    @property
    def points(self) -> Mapping[str, complex]:
        """Where the points are."""
        return self.diagram.points

    def svg(self) -> str:
        """The figure as SVG."""
        return svg_text(self.problem, self.diagram)

    def png(self) -> bytes:
        """The figure as a PNG."""
        return png_bytes(self.problem, self.diagram)

    def ggb(self) -> bytes:
        """The figure as a GeoGebra file."""
        return write_ggb(self.problem, self.diagram)

    def __repr__(self) -> str:
        return f"<a figure of {self.problem.name or 'a problem'}: {', '.join(self.diagram.points)}>"

    def _repr_html_(self) -> str:
        return self.svg()


def parse(text: str, name: str = "") -> Problem:
    """The problem that a text of the language states. Raises ProblemError, with the place, where it is none."""
    return parse_problem(text, name)


def problem(words: str, goals: Sequence[str] = ()) -> Problem:
    """The problem that some words stand for: the name of a shipped one, a text, FILE[:NAME], or a GeoGebra file.

    Args:
        goals: what is to be proved of a GeoGebra file.

    Raises InputError with what would be right.
    """
    return find_problem(words, goals)


def prove(
    problem: Problem | str,
    *,
    search: str | Proposer | None = None,
    seed: int = 0,
    limits: Limits | None = None,
    rules: Mapping[str, Rule] = RULES,
    progress: Callable[[Step], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Attempt:
    """Try to prove a problem.

    Args:
        problem: a problem, or what `problem` takes.
        search: how auxiliary points are looked for, "heuristic" or "random", or a function that proposes them; None:
            they are not.
        seed: which figure is drawn.
        limits: what it may use; None: 60 CPU seconds.
        rules: the theorems to use, such as `RULES | {"mine": rule("mine", ...)}`; the verdict names those not ours.
        progress: told how far a search is.
        cancel: asked now and then whether to end; then the status is INTERRUPTED.

    Raises InputError for a problem that states nothing to prove. Whatever else happens is a status.
    """
    wanted, allowed = _problem(problem), limits or Limits()

    def told(state: Progress) -> None:
        if progress is not None:
            progress(Step("constructions tried", state.attempts, allowed.attempts))

    return Attempt(
        attempt(
            wanted,
            seed,
            time_limit=allowed.seconds,
            propose=_proposer(search, seed),
            attempts=allowed.attempts,
            jobs=allowed.processes,
            rules=rules,
            on_progress=told,
            stopped=cancel or (lambda: False),
        )
    )


def rule(
    name: str,
    points: str,
    shapes: str,
    premises: str,
    conclusions: str,
    *,
    guards: str = "",
    reads: str = "",
    title: str = "",
) -> Rule:
    """A theorem of one's own, as `--rules` reads it from a file: facts as the language writes them, between commas.

    Args:
        points: its points, letters between spaces.
        shapes: the shapes of a figure on which it is tried; each has as many points.
        guards: conditions against degenerate cases.
        reads: orders and sides on which it depends.

    Raises InputError for what would be no rule.
    """
    texts = {"points": points, "shapes": shapes, "premises": premises, "conclusions": conclusions}
    more = {"guards": guards, "reads": reads, "title": title}
    return own_rule(name, texts | {key: text for key, text in more.items() if text})


def deduce(problem: Problem | str, *, seed: int = 0, limits: Limits | None = None) -> Facts:
    """All facts that follow from a problem's hypotheses, by predicate. Raises InputError for too many points."""
    wanted = _problem(problem)
    return Facts(wanted, deducing.deduce_facts(wanted, seed, time_limit=(limits or Limits()).seconds))


def check(
    proof: Proof | Attempt | str | Path,
    problem: Problem | str | None = None,
    *,
    rules: Mapping[str, Rule] = RULES,
) -> Checked:
    """What the kernel says of a proof.

    Args:
        proof: a proof, an attempt that found one, or the path of a file.
        problem: what it must be a proof of; another one is refused.
        rules: the theorems that it may use.

    Raises InputError for a file that holds no proof, and for an attempt without one.
    """
    if isinstance(proof, Attempt):
        if proof.proof is None:
            raise InputError(f"there is no proof to check: {one_line(proof.result)}")
        proof = proof.proof
    elif not isinstance(proof, Proof):
        proof = read_proof(Path(proof))
    if problem is not None and (other := difference(stated(proof), _problem(problem))):
        return Checked(proof, Refused(-1, f"a proof of another problem: {other}"))
    return Checked(proof, check_with_the_kernel(proof, rules={rule.name: rule for rule in rules.values()}))


def draw(problem: Problem | str, *, seed: int = 0, limits: Limits | None = None) -> Drawing:
    """A figure of a problem. Raises DiagramError where there is none."""
    wanted = _problem(problem)
    return Drawing(wanted, deducing.figure(wanted, seed, time_limit=(limits or Limits()).seconds))


def _problem(problem: Problem | str) -> Problem:
    return problem if isinstance(problem, Problem) else find_problem(problem)


def _proposer(search: str | Proposer | None, seed: int) -> Proposer | None:
    if search is None or not isinstance(search, str):
        return search
    if search not in PROPOSERS:
        near = nearest(search, PROPOSERS)
        hint = f"did you mean {near!r}?" if near else f"{', '.join(PROPOSERS)}, or a function"
        raise InputError(f"unknown search {search!r}", where="search", hint=hint)
    return PROPOSERS[search](seed)
