"""Completions on the command line: `maieutic sample`, from a model in this process or behind an endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from maieutic.cli.app import app, complain, interrupted, tell
from maieutic.cli.extras import need_lm
from maieutic.core.errors import InputError


@app.command()
def sample(
    model: Annotated[
        str, typer.Option("--model", metavar="FOLDER|NAME", help="A folder, a hub name, or what the endpoint calls it.")
    ],
    prompts: Annotated[Path, typer.Option("--prompts", metavar="FILE", help="Lines with prompt, or instruction.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.jsonl", help="Where the samples go, a line each.")],
    endpoint: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Ask this server, as http://localhost:8000/v1.", show_default=False),
    ] = None,
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="Samples of each prompt.")] = 1,
    temperature: Annotated[float, typer.Option(min=0, help="0 is greedy.")] = 1.0,
    top_p: Annotated[float, typer.Option("--top-p", help="Draw from the likeliest tokens of this probability.")] = 1.0,
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="Tokens of a sample, at most.")] = 256,
    seed: Annotated[int, typer.Option(min=0, help="Other draws.")] = 0,
    stop: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="End a sample before this text.", show_default=False)
    ] = None,
    chat: Annotated[bool, typer.Option("--chat", help="Plain prompts are what a user says in a conversation.")] = False,
    key_env: Annotated[
        str | None,
        typer.Option("--key-env", metavar="VARIABLE", help="Environment variable with the key.", show_default=False),
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Calls of the endpoint at a time.")] = 8,
    batch_tokens: Annotated[int, typer.Option("--batch-tokens", min=1, help="Tokens at a time, of a model here.")] = (
        16384
    ),
) -> None:
    """Sample completions of prompts into a file. The same command goes on where it was stopped."""
    from maieutic.core.collect import collect
    from maieutic.core.datasets import read_prompts
    from maieutic.core.files import check_writable
    from maieutic.core.generate import Sampling
    from maieutic.core.progress import progress
    from maieutic.core.records import Message

    check_writable(out)
    sampling = Sampling(temperature, top_p, max_tokens, tuple(stop or ()))
    asked = read_prompts(prompts)
    if chat:
        asked = [(Message("user", prompt),) if isinstance(prompt, str) else prompt for prompt in asked]
    if endpoint is None:
        if key_env is not None:
            raise InputError("only an endpoint takes a key", where="--key-env", hint="name it with --endpoint")
        generator, identity = _local(model, batch_tokens)
    else:
        generator, identity = _remote(endpoint, model, key_env, concurrency), model
    try:
        with progress("Sampling", total=n * len(asked)) as advance:
            done = collect(generator, asked, out, sampling, n=n, seed=seed, identity=identity, advance=advance)
    except KeyboardInterrupt:
        raise interrupted(f"what was sampled is in {out}; the same command goes on with it") from None
    tell(f"{done.before + done.written} samples in {out}" + (f", {done.before} from before" * bool(done.before)))
    if done.errors:
        complain(f"{len(done.errors)} prompts failed, the first: {done.errors[0]}; the same command tries them again")
        raise typer.Exit(1)


def _local(model: str, batch_tokens: int) -> tuple[Any, str]:
    """The model's generator, and a hash of what it is made of."""
    need_lm()
    from maieutic.lm.model import fingerprint, load
    from maieutic.lm.sampling.sample import Sampler

    policy = load(model)
    return Sampler(policy, batch_tokens=batch_tokens), fingerprint(policy)


def _remote(endpoint: str, model: str, key_env: str | None, concurrency: int) -> Any:
    from maieutic.core.endpoint import Endpoint

    return Endpoint(endpoint, model, api_key_env=key_env, concurrency=concurrency)
