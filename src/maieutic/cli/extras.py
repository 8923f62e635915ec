"""Parts of the package that are installed only where they are wanted."""

from __future__ import annotations

from importlib.util import find_spec

from maieutic.core.errors import InputError

LM = ("torch", "transformers", "accelerate", "peft", "safetensors")


def need_lm() -> None:
    """Raises InputError, which says how to install it, where what language models need is missing."""
    missing = [name for name in LM if find_spec(name) is None]
    if missing:
        hint = "pip install 'maieutic[lm]'"
        raise InputError(f"language models need {', '.join(missing)}, not installed here", hint=hint)
