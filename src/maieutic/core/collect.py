"""Samples into a file, so that nothing received is ever lost or asked for twice.

Each sample is a line, written as soon as it is there. Its seed is drawn from everything that decides it: the prompt and
its place, the model, how it is sampled, the run's seed, its number among its prompt's. So the file alone tells which
samples are still missing, and a sample of another run is recognised as one. When all are there, the file is put in the
order of the prompts, whatever the order in which they came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.files import json_line, write_whole
from maieutic.core.generate import Generator, Request, Sampling
from maieutic.core.records import Example, Prompt, Sample, content_hash, from_json, to_json


@dataclass(frozen=True)
class Collected:
    """What is in the file: samples of earlier runs, of this one, and what went wrong, a line a prompt."""

    before: int
    written: int
    errors: tuple[str, ...]


@dataclass(frozen=True)
class _Place:
    """Where a sample belongs: its prompt's place, and its number there."""

    prompt: int
    number: int


def collect(
    generator: Generator,
    prompts: Sequence[Prompt],
    path: Path,
    sampling: Sampling,
    *,
    n: int = 1,
    seed: int = 0,
    identity: str | None = None,
    advance: Callable[[int], None] = lambda samples: None,
) -> Collected:
    """Write n samples of each prompt, those of them that the file does not have yet.

    Args:
        identity: what the model is known by, such as a hash of its weights; None: its name.
        advance: told how many samples there are more.

    Raises InputError where the file holds other samples, and MaieuticError where it cannot be written; samples written
    before stay.
    """
    told = [generator.name if identity is None else identity, asdict(sampling), seed]
    requests = [Request(prompt, n, _seed(told, prompt, i)) for i, prompt in enumerate(prompts)]
    places = {r.completion_seed(number): _Place(i, number) for i, r in enumerate(requests) for number in range(n)}
    found = _read(path, places, prompts, generator.name)
    before = len(found)
    advance(before)
    missing = [(i, part) for i, r in enumerate(requests) for part in _missing(r, i, found)]
    errors = []
    _put_in_order(path, found)
    for reply in generator.generate([part for _, part in missing], sampling):
        i, request = missing[reply.index]
        new = {}
        for generated in reply.generated:
            sample_seed = request.completion_seed(generated.number)
            sample = Sample(prompts[i], generated.text, generator.name, sample_seed, generated.finish)
            new[_Place(i, generated.number)] = sample
        _append(path, new.values())
        found |= new
        advance(len(new))
        if reply.error is not None:
            errors.append(f"prompt {i + 1}: {reply.error}")
    _put_in_order(path, found)
    return Collected(before, len(found) - before, tuple(errors))


def _seed(told: object, prompt: Prompt, place: int) -> int:
    return int(content_hash([told, to_json(Example(prompt, "")), place])[:12], 16)


def _missing(request: Request, place: int, found: Mapping[_Place, Sample]) -> Iterator[Request]:
    """The request for the numbers that are not there, a piece for each gap."""
    for absent, numbers in groupby(range(request.n), key=lambda number: _Place(place, number) not in found):
        if absent:
            gap = list(numbers)
            yield replace(request, first=gap[0], n=len(gap))


def _read(path: Path, places: dict[int, _Place], prompts: Sequence[Prompt], model: str) -> dict[_Place, Sample]:
    """The samples in the file. A last line without its end was being written when the run was stopped."""
    if not path.exists():
        return {}
    try:
        text = path.read_bytes().decode(errors="surrogatepass")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read as samples", where=str(path)) from error
    found = {}
    for number, line in enumerate(text.split("\n")[:-1], 1):
        where = f"{path}, line {number}"
        hint = "other prompts, settings or model wrote it: take another --out, or remove the file"
        try:
            sample = from_json(Sample, json.loads(line), where)
        except (ValueError, TypeError, InputError):
            raise InputError("not a sample of this run", where=where, hint=hint) from None
        place = places.get(sample.seed)
        if place is None or sample.model != model or sample.prompt != prompts[place.prompt]:
            raise InputError("a sample of another run", where=where, hint=hint)
        found[place] = sample
    return found


def _append(path: Path, samples: Iterable[Sample]) -> None:
    """All of one reply in one write."""
    try:
        with path.open("ab") as file:
            file.write(_lines(samples))
    except OSError as error:
        raise MaieuticError(f"cannot write {path}: {error.strerror}; the same command goes on after it") from error


def _put_in_order(path: Path, found: Mapping[_Place, Sample]) -> None:
    """The file as it should be; a file that is so already stays as it is."""
    ordered = sorted(found, key=lambda place: (place.prompt, place.number))
    content = _lines(found[place] for place in ordered)
    if not path.exists() or path.read_bytes() != content:
        write_whole(path, content)


def _lines(samples: Iterable[Sample]) -> bytes:
    return "".join(json_line(to_json(sample)) for sample in samples).encode(errors="surrogatepass")
