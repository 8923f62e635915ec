"""Who proposes points, on the command line: the options of searches, and the proposer that they describe."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from maieutic.cli.app import complain
from maieutic.cli.extras import need_lm
from maieutic.core.errors import InputError


class Search(StrEnum):
    """How auxiliary points are looked for."""

    NONE = "none"
    RANDOM = "random"
    HEURISTIC = "heuristic"
    MODEL = "model"
    MIXED = "mixed"
    ENDPOINT = "endpoint"


Searching = Annotated[Search, typer.Option("--search", help="How to look for auxiliary points.")]
ModelFolder = Annotated[
    Path | None,
    typer.Option(
        "--model",
        metavar="FOLDER",
        help="Of the model that proposes points; the shipped one unless told.",
        show_default=False,
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--endpoint", metavar="URL", help="Ask the server there, as http://localhost:8000/v1.", show_default=False
    ),
]
EndpointModel = Annotated[
    str | None,
    typer.Option("--endpoint-model", metavar="NAME", help="What the server calls the model.", show_default=False),
]
KeyVariable = Annotated[
    str | None,
    typer.Option(
        "--api-key-env", metavar="NAME", help="Environment variable with the server's key.", show_default=False
    ),
]

SERVED = ("--endpoint", "--endpoint-model", "--api-key-env")
CALLS = 5
"""How often a server is called for one answer, over some ten seconds: a bench asks it again with the next problem."""


class Served(NamedTuple):
    """What the options say of a server: its address, its model, and the variable with its key."""

    url: str | None
    model: str | None
    api_key_env: str | None


def proposer_of(search: Search, seed: int, model: Path | None, served: Served) -> Any:
    """Who proposes points; None where nobody is to. Raises InputError for options that do not go together."""
    if model is not None and search not in (Search.MODEL, Search.MIXED):
        raise InputError("only --search model and --search mixed ask a model of yours", where="--model")
    if search is not Search.ENDPOINT:
        unused = next((option for option, value in zip(SERVED, served, strict=True) if value is not None), None)
        if unused is not None:
            raise InputError("only --search endpoint asks a server", where=unused)
    if search is Search.NONE:
        return None
    if search is Search.ENDPOINT:
        return _of_server(seed, served)
    from maieutic.loops.proposers.named import proposer_named

    if search in (Search.MODEL, Search.MIXED):
        need_lm()
    return proposer_named(search.value, model, seed)


def _of_server(seed: int, served: Served) -> Any:
    from maieutic.core.endpoint import Endpoint
    from maieutic.loops.proposers.endpoint import EndpointProposer

    if served.url is None or served.model is None:
        missing = SERVED[0] if served.url is None else SERVED[1]
        raise InputError("not given, but --search endpoint asks a server", where=missing)
    server = Endpoint(served.url, served.model, api_key_env=served.api_key_env, attempts=CALLS)
    return EndpointProposer(server, seed=seed)


def tell_dropped(propose: Any) -> None:
    """What could not be used of a served model's answers."""
    dropped = getattr(propose, "dropped", None)
    if dropped:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(dropped.items()))
        complain(f"of the lines that the model wrote, {propose.read} were points to try, and not {reasons}")
