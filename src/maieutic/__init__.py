"""Models that teach themselves: they propose, a judge decides, they learn from it, round after round.

    import maieutic as m

    print(m.prove("orthocentre").text())

The public names stand here, and each is loaded when it is first used, so that ``import maieutic`` costs almost nothing.
Whatever is not in `__all__` may change without a word.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PLACES = {
    "maieutic.api.proving": (
        *("parse", "problem", "prove", "deduce", "check", "draw", "rule"),
        *("Limits", "Attempt", "Facts", "Checked", "Drawing"),
    ),
    "maieutic.api.teaching": ("load", "train", "sample", "judge", "improve", "report", "extend"),
    "maieutic.lm.losses": ("LOSSES",),
    "maieutic.align.judges.kinds": ("JUDGES",),
    "maieutic.align.methods": ("METHODS",),
    "maieutic.geometry.trusted.records": ("Problem", "Fact", "Proof", "Accepted", "Refused"),
    "maieutic.geometry.trusted.rules": ("RULES", "Rule"),
    "maieutic.geometry.proofs.prover": ("Status",),
    "maieutic.core.progress": ("Step", "Cancelled"),
    "maieutic.core.errors": ("DiagramError", "InputError", "MaieuticError", "ProblemError", "ProofError"),
}
"""The public names, by the module that defines them. `__init__.pyi` says the same to type checkers."""

_PUBLIC = {name: place for place, names in _PLACES.items() for name in names}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'maieutic' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
