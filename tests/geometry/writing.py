"""Proofs written by hand, for tests: the writer fills in what the tables say, and finds the certificates.

It is no prover: each step says by which rule, or from which facts, its conclusion follows.
"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import product

from maieutic.geometry.language.problem import parse_fact, parse_problem
from maieutic.geometry.trusted.predicates import PREDICATES, Equation, combine, equations
from maieutic.geometry.trusted.records import Deduction, Fact, Problem, Proof
from maieutic.geometry.trusted.rules import RULES


class Writer:
    """A proof in the making. Facts are given as text, and facts that a step rests on as text or index."""

    def __init__(self, problem: Problem | str, seed: int = 0) -> None:
        self.problem = parse_problem(problem) if isinstance(problem, str) else problem
        self.seed = seed
        self.steps: list[Deduction] = []

    def fact(self, text: str) -> Fact:
        return parse_fact(text, self.problem.points)

    def index(self, text: str) -> int:
        """The step that concludes a fact; where there is none, the fact is claimed as a hypothesis."""
        fact = self.fact(text)
        for index, step in enumerate(self.steps):
            if step.conclusion == fact:
                return index
        return self.add(Deduction(fact, "hypothesis"))

    def add(self, step: Deduction) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def rule(self, name: str, points: str, conclusion: str, premises: Iterable[str] | None = None) -> int:
        """An instance of a rule. Without `premises`, the facts of the instance as the table writes them."""
        instance = RULES[name].instance(tuple(points.split()))
        cited = [str(fact) for fact in instance.premises] if premises is None else premises
        return self.add(
            Deduction(
                self.fact(conclusion),
                name,
                tuple(self.index(text) for text in cited),
                instance.points,
                guards=instance.guards + instance.reads,
                configuration=bool(instance.reads),
            )
        )

    def linear(self, conclusion: str, premises: Iterable[str] = (), table: str = "", multiples: int = 2) -> int:
        """A sum of premises with small weights, found by trying them; with a `table`, only there."""
        fact, cited = self.fact(conclusion), tuple(self.index(text) for text in premises)
        given = [self.steps[index].conclusion for index in cited]
        for claim in equations(fact):
            if table not in ("", claim.table):
                continue
            choices = [[(k, e) for k, e in enumerate(equations(g)) if e.table == claim.table] for g in given]
            for chosen in product(*choices):
                for multiple in range(1, multiples + 1):
                    for weights in product((1, -1, 2, -2), repeat=len(given)):
                        if is_sum(claim, multiple, [e for _, e in chosen], weights):
                            branch = claim.table == "direction" and multiple > 1
                            return self.add(
                                Deduction(
                                    fact,
                                    "linear",
                                    cited,
                                    (),
                                    claim.table,
                                    tuple(k for k, _ in chosen),
                                    weights,
                                    multiple,
                                    PREDICATES[fact.predicate].guards(fact) + ((fact,) if branch else ()),
                                    branch,
                                )
                            )
        raise AssertionError(f"no sum of {', '.join(map(str, given))} is {fact}")

    def proof(self, auxiliary: int = 0) -> Proof:
        """The proof; its last `auxiliary` clauses are auxiliary."""
        clauses = self.problem.clauses
        return Proof(self.problem, tuple(self.steps), self.seed, clauses[len(clauses) - auxiliary :])


def is_sum(claim: Equation, multiple: int, chosen: Iterable[Equation], weights: Iterable[int]) -> bool:
    terms = [(Fraction(weight), equation) for weight, equation in zip(weights, chosen, strict=True)]
    total = combine(claim.table, [*terms, (Fraction(-multiple), claim)])
    return not total.terms and not total.constants
