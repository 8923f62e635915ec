"""The losses: one row each, with its source and its parameters. It loads without torch.

A row names a function of loss_functions.py, or has one of its own. To add a loss from outside, decorate its function:

    from maieutic.lm.losses import Parameter, loss

    @loss("hinge", "pairs", source="SLiC-HF, arXiv 2305.10425", delta=Parameter(1.0, "margin", above=0))
    def hinge(terms, *, delta):
        return (delta - terms.preference()).clamp(min=0)

and name its file in `extensions`. Its parameters are settings of the trainer from then on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Literal

from maieutic.core.errors import InputError, nearest
from maieutic.core.extensions import add_entry

Kind = Literal["examples", "pairs", "rankings"]

FUNCTIONS = "maieutic.lm.loss_functions"
"""Where the functions are that rows name."""


@dataclass(frozen=True)
class Parameter:
    """A number that a loss has: its default, what it means, and what it may be."""

    default: float
    about: str = ""
    above: float = -math.inf
    at_least: float = -math.inf
    below: float = math.inf

    def check(self, name: str, value: float) -> None:
        """Raises InputError for a value that it may not have."""
        if not self.above < value < self.below or value < self.at_least:
            bounds = [("above", self.above), ("at least", self.at_least), ("below", self.below)]
            hint = " and ".join(f"{words} {bound:g}" for words, bound in bounds if math.isfinite(bound))
            raise InputError(f"{name} = {value:g}", where=name, hint=hint or "a number")


@dataclass(frozen=True)
class Loss:
    """One entry of LOSSES.

    Args:
        name: its key.
        kind: what it learns from.
        maker: the function (terms, **parameters) -> [n], or its name in loss_functions.py.
        parameters: its parameters by name.
        reference: whether it needs log-probabilities under a reference.
        source: the paper.
        mean: what its sum is divided by, over a whole batch: rows, or the tokens of the completions.
        anchor: whether it needs a second, fixed reference.
    """

    name: str
    kind: Kind
    maker: Callable[..., Any] | str
    parameters: Mapping[str, Parameter]
    reference: bool
    source: str
    mean: Literal["rows", "tokens"] = "rows"
    anchor: bool = False

    @property
    def function(self) -> Callable[..., Any]:
        """(terms, **parameters) -> [n]."""
        function: Callable[..., Any]
        function = getattr(import_module(FUNCTIONS), self.maker) if isinstance(self.maker, str) else self.maker
        return function

    @property
    def defaults(self) -> dict[str, float]:
        """The parameters as they are unless told."""
        return {name: parameter.default for name, parameter in self.parameters.items()}

    def settled(self, given: Mapping[str, float]) -> dict[str, float]:
        """All parameters, those that are given over the defaults.

        Raises InputError for one that this loss does not have, or that is out of its range.
        """
        for name, value in given.items():
            if name not in self.parameters:
                known = f"it has {', '.join(self.parameters)}" if self.parameters else "it has none"
                raise InputError(f"the loss {self.name} has no parameter {name!r}", where=name, hint=known)
            self.parameters[name].check(name, value)
        return {**self.defaults, **given}

    def __call__(self, terms: Any, *, sft_weight: float = 0.0, **parameters: float) -> Any:
        """The loss of each row, [n], with `sft_weight` times `sft_term` added to a loss on pairs.

        Parameters that are not given have their defaults. Raises InputError for one that this loss does not have.
        """
        losses = self.function(terms, **self.settled(parameters))
        if sft_weight == 0.0:
            return losses
        self.check_sft_term(sft_weight)
        from maieutic.lm.loss_functions import sft_term

        return losses + sft_weight * sft_term(terms)

    def check_sft_term(self, weight: float) -> None:
        """Raises InputError where a term is to be added that this loss does not take."""
        if weight and self.kind != "pairs":
            raise InputError(
                f"the loss {self.name} takes no SFT term", where="sft_weight", hint="only losses on pairs do"
            )


def _loss(
    name: str,
    kind: Kind,
    maker: Callable[..., Any] | str,
    source: str,
    anchor: bool = False,
    mean: Literal["rows", "tokens"] = "rows",
    **parameters: Parameter,
) -> Loss:
    return Loss(
        name=name,
        kind=kind,
        maker=maker,
        parameters=MappingProxyType(parameters),
        reference=kind == "pairs",
        source=source,
        mean=mean,
        anchor=anchor,
    )


def _above_0(default: float, about: str) -> Parameter:
    return Parameter(default, about, above=0)


_DNO = "Direct Nash Optimization, arXiv 2404.03715"
_BETA = _above_0(0.1, "how strongly the policy is held to its reference")
_SMOOTHING = Parameter(0.1, "how often labels are taken to be wrong", at_least=0, below=0.5)

LOSSES: dict[str, Loss] = {
    row.name: row
    for row in (
        _loss("sft", "examples", "sft", "maximum likelihood of the completion", mean="tokens"),
        _loss("marginal", "examples", "marginal", "maximum marginal likelihood, arXiv 1704.07926"),
        _loss("dpo", "pairs", "dpo", "Direct Preference Optimization, arXiv 2305.18290, eq. 7", beta=_BETA),
        _loss(
            "cdpo",
            "pairs",
            "conservative_dpo",
            "E. Mitchell, A note on DPO with noisy preferences, 2023; arXiv 2305.18290 with smoothed labels",
            beta=_BETA,
            label_smoothing=_SMOOTHING,
        ),
        _loss(
            "robust",
            "pairs",
            "robust_dpo",
            "Provably Robust DPO, arXiv 2403.00409",
            beta=_BETA,
            label_smoothing=_SMOOTHING,
        ),
        _loss(
            "ipo",
            "pairs",
            "ipo",
            "Identity Preference Optimisation, arXiv 2310.12036, eq. 17",
            tau=_above_0(0.1, "the target of the preference is 1/(2 tau)"),
        ),
        _loss(
            "ipo_mean",
            "pairs",
            "ipo_mean",
            "arXiv 2310.12036, eq. 17, on log-ratios per token",
            tau=_above_0(0.1, "the target of the preference is 1/(2 tau)"),
        ),
        _loss("dno", "pairs", "dno", f"{_DNO}, eq. 8", eta=_above_0(1.0, "the scale of the rewards")),
        _loss("dno_prct", "pairs", "dno_prct", f"{_DNO}, eq. 13", eta=_above_0(0.1, "the scale of the rewards")),
        _loss(
            "dno_regularised",
            "pairs",
            "dno_regularised",
            f"{_DNO}, appendix A",
            anchor=True,
            eta=_above_0(1.0, "the scale of the rewards"),
            tau=Parameter(0.1, "how strongly the policy is held to the anchor", at_least=0),
        ),
        _loss("spin", "pairs", "spin", "Self-Play Fine-Tuning, arXiv 2401.01335, eq. 4.7", beta=_BETA),
        _loss("bradley_terry", "rankings", "bradley_terry", "InstructGPT, arXiv 2203.02155, eq. 1"),
    )
}


def loss(
    name: str,
    kind: Kind,
    *,
    source: str,
    mean: Literal["rows", "tokens"] = "rows",
    anchor: bool = False,
    **parameters: Parameter,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds a function to LOSSES; see `Loss`. Raises InputError for a name that is taken."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        add_entry(LOSSES, name, _loss(name, kind, function, source, anchor, mean, **parameters), function)
        return function

    return add


def loss_named(name: str, where: str = "loss") -> Loss:
    """The loss of a name. Raises InputError for any other."""
    if name not in LOSSES:
        near = nearest(name, LOSSES)
        hint = f"did you mean {near!r}?" if near else f"one of {', '.join(LOSSES)}"
        raise InputError(f"unknown loss {name!r}", where=where, hint=hint)
    return LOSSES[name]


def parameter_names() -> set[str]:
    """The names of all parameters of all losses."""
    return {name for row in LOSSES.values() for name in row.parameters}
