"""Models that teach themselves: they propose, a judge decides, they learn from it, round after round.

The public names stand here, and each is loaded when it is first used, so that ``import maieutic`` costs almost nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "DiagramError": "maieutic.core.errors",
    "InputError": "maieutic.core.errors",
    "MaieuticError": "maieutic.core.errors",
    "ProblemError": "maieutic.core.errors",
    "ProofError": "maieutic.core.errors",
}
"""Public name -> the module that defines it."""

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'maieutic' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
