"""Post-training in Python: models to load, train, sample and judge, and runs of rounds; as the commands do it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from maieutic.core.collect import collect
from maieutic.core.config import checked
from maieutic.core.datasets import read_prompts
from maieutic.core.errors import InputError
from maieutic.core.extensions import load_extensions
from maieutic.core.files import read_lines
from maieutic.core.generate import Generator, Sampling
from maieutic.core.progress import Step, watched
from maieutic.core.progress import progress as shown
from maieutic.core.records import Message, Prompt, Sample, from_json
from maieutic.core.store import read_run
from maieutic.loops import judging
from maieutic.loops.improve import improve as run_rounds
from maieutic.loops.rounds.config import JudgeConfig, RunConfig
from maieutic.loops.worlds import checked_run, load_run
from maieutic.pages.run_facts import facts_of
from maieutic.pages.run_page import comparison_page, run_page

Watch = Callable[[Step], None]
Cancel = Callable[[], bool]


def load(source: str | Path, *, dtype: str = "float32", trust_remote_code: bool = False) -> Any:
    """The policy in a folder, or of a name on the hub: a model with its tokenizer.

    Raises InputError where there is none that can be read.
    """
    from maieutic.lm import model

    return model.load(source, dtype=_weights(dtype), trust_remote_code=trust_remote_code)


def train(
    method: str,
    model: str | Path,
    data: str | Path,
    out: str | Path,
    *,
    validation: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    progress: Watch | None = None,
    cancel: Cancel | None = None,
) -> Any:
    """Train a model on a file of data, and save it in `out`; the same call goes on with what was stopped.

    Args:
        method: "sft", "dpo", "ipo", "dno" or "reward".
        model: a folder, or a name on the hub.
        data: lines in TRL's formats.
        settings: of the trainer, over the method's own, such as {"beta": 0.05, "lora": {"rank": 8}}.
        progress, cancel: told how far it is; asked whether to end, which raises Cancelled.

    Returns:
        What came out: `result`, with losses and metrics, and `folder`.
    """
    from maieutic.loops import train as training

    if method not in training.DEFAULTS:
        raise InputError(f"unknown method {method!r}", where="method", hint=", ".join(training.DEFAULTS))
    with watched(progress, cancel):
        return training.train(
            method,
            str(model),
            Path(data),
            Path(out),
            validation=None if validation is None else Path(validation),
            overrides=_overrides(settings or {}),
        )


def sample(
    model: Any,
    prompts: str | Path | Sequence[Prompt],
    *,
    out: str | Path | None = None,
    n: int = 1,
    temperature: float = 1.0,
    top_p: float = 1.0,
    max_tokens: int = 256,
    seed: int = 0,
    chat: bool = False,
    progress: Watch | None = None,
    cancel: Cancel | None = None,
) -> list[Sample]:
    """Completions of prompts, in their order.

    Args:
        model: a policy as `load` gives it, a folder or a hub name, or any generator, such as an Endpoint.
        prompts: a file, or the prompts themselves.
        out: a file that they are written to as they come; the same call goes on with it.
        n: samples of each prompt.
        chat: plain prompts are what a user says in a conversation.
        progress, cancel: told how far it is; asked whether to end, which raises Cancelled.

    Raises InputError for prompts that cannot be answered.
    """
    asked = read_prompts(Path(prompts)) if isinstance(prompts, (str, Path)) else list(prompts)
    if chat:
        asked = [(Message("user", prompt),) if isinstance(prompt, str) else prompt for prompt in asked]
    generator, identity = _generator(model)
    how = Sampling(temperature, top_p, max_tokens)
    with TemporaryDirectory() as folder, watched(progress, cancel), shown("Sampling", n * len(asked)) as advance:
        path = Path(out) if out is not None else Path(folder) / "samples.jsonl"
        done = collect(generator, asked, path, how, n=n, seed=seed, identity=identity, advance=advance)
        if done.errors:
            raise InputError(f"{len(done.errors)} prompts failed, the first: {done.errors[0]}")
        return [from_json(Sample, row, str(path)) for row in read_lines(path)]


def judge(
    answers: str | Path,
    out: str | Path,
    *,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    progress: Watch | None = None,
    cancel: Cancel | None = None,
) -> Any:
    """Judge the answers in a file: a score for each, or a comparison of each two to one prompt, a line each in `out`.

    Args:
        answers: lines with prompt and completion.
        settings: who judges, as the table [judge] of a run, such as {"kind": "function", "function": "oracle.py:f"}.
        progress, cancel: told how far it is; asked whether to end, which raises Cancelled.

    Returns:
        How often the judge gave no verdict, contradicted itself, and was swayed by place or length.
    """
    config = checked(JudgeConfig, dict(settings or {}), where="settings")
    with watched(progress, cancel):
        return judging.judge_file(config, Path(answers), Path(out), seed=seed)


def improve(
    config: RunConfig | Mapping[str, Any] | str | Path,
    out: str | Path,
    *,
    base: str | Path | None = None,
    progress: Watch | None = None,
    cancel: Cancel | None = None,
) -> dict[str, Any]:
    """Rounds of improvement: propose, judge, select, learn. The same call goes on with what was stopped.

    Args:
        config: a TOML file, or what it would say.
        out: the run's folder.
        base: the folder that paths are taken from; the file's own, or the working folder.
        progress, cancel: told how far it is; asked whether to end, which raises Cancelled.

    Returns:
        The policies that came out, and why these.
    """
    if isinstance(config, (str, Path)):
        base = Path(config).parent if base is None else base
        config = load_run(Path(config))
    elif not isinstance(config, RunConfig):
        config = checked_run(config)
    with watched(progress, cancel):
        return run_rounds(config, Path(base or "."), Path(out))


def extend(*names: str, base: str | Path = ".") -> None:
    """Load files (from `base`), or modules, that add losses, judges, selectors, methods or proposers to our tables.

    Raises InputError for one that is not there, or that raises.
    """
    dict(load_extensions(names, Path(base)))


def report(*runs: str | Path) -> str:
    """A run, or a comparison of several, as one HTML page that needs nothing else. Raises InputError for no run."""
    if not runs:
        raise InputError("no run is named")
    found = [facts_of(read_run(Path(folder))) for folder in runs]
    return run_page(found[0]) if len(found) == 1 else comparison_page(found)


def _generator(model: Any) -> tuple[Generator, str | None]:
    """What answers, and what its answers are known by."""
    if hasattr(model, "generate") and hasattr(model, "name"):
        return model, None
    from maieutic.lm.model import fingerprint
    from maieutic.lm.sampling.sample import Sampler

    policy = load(model) if isinstance(model, (str, Path)) else model
    return Sampler(policy), fingerprint(policy)


def _weights(name: str) -> Any:
    """A type of weights, by its name."""
    if name not in ("float32", "bfloat16"):
        raise InputError(f"unknown type of weights {name!r}", where="dtype", hint="float32 or bfloat16")
    return name


def _overrides(settings: Mapping[str, Any], above: str = "") -> list[str]:
    """Settings as `--set` takes them."""
    told: list[str] = []
    for name, value in settings.items():
        if isinstance(value, Mapping):
            told += _overrides(value, f"{above}{name}.")
        else:
            told.append(f"{above}{name}={json.dumps(value)}")
    return told
