"""Proposers of auxiliary points by their names: those that need a figure alone, and those that need a model."""

from __future__ import annotations

from pathlib import Path

from maieutic.core.errors import InputError
from maieutic.geometry.search.run import PROPOSERS
from maieutic.geometry.search.trials import Proposer
from maieutic.loops.proposers.experts import ProductOfExperts
from maieutic.loops.proposers.model import ModelProposer, shipped


def proposer_named(name: str, model: Path | None = None, seed: int = 0) -> Proposer:
    """The proposer of a name: those of geometry.search.PROPOSERS, for a seed, and "model" and "mixed".

    Args:
        model: the folder of the model; None: the one that comes with the package.

    Raises InputError for another name, or where there is no such model.
    """
    if name in PROPOSERS:
        return PROPOSERS[name](seed)
    if name not in ("model", "mixed"):
        raise InputError(f"no proposer {name!r}", hint=f"there are {', '.join((*PROPOSERS, 'model', 'mixed'))}")
    proposer = ModelProposer(shipped() if model is None else model)
    return proposer if name == "model" else ProductOfExperts(proposer)
