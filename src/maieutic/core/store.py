"""A run is a folder, and a stage of a round is a folder in it.

    runs/NAME/
      run.json                     what the run was told to do
      round-00/start/              a stage
        records-00000.jsonl ...    its records, a block of items each
        manifest.json              written last: the stage is finished

A stage cuts its items into blocks of a fixed size. What is made of a block depends on nothing but the block, so a
run that was killed and goes on makes the same files as one that was not: a block whose file is there is skipped, and a
stage with a manifest is only read. A manifest names the manifests it was made from by their hashes; so the last one
vouches for all. Nothing that differs between two equal runs, such as a time, is in these files; that is in log.jsonl.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.files import PART, finite, json_line, locked, make_folder, read_lines, write_lines, write_whole
from maieutic.core.records import Record, content_hash, from_json, to_json

STAGES = ("start", "curriculum", "prompts", "samples", "teacher", "judgements", "pairs", "policy", "evaluation")
"""The stages of a round in their order; a method has those that it needs. `start` is in round 0 only, and
`curriculum` in runs on theorems."""

RUN = "run.json"
MANIFEST = "manifest.json"
LOG = "log.jsonl"

Item = TypeVar("Item")
Kind = TypeVar("Kind", bound=Record)


@dataclass(frozen=True)
class Run:
    """A run's folder, and the settings that it is made with."""

    folder: Path
    settings: Mapping[str, Any]

    def stage(self, round_: int, name: str, *inputs: Stage) -> Stage:
        """A stage of a round, made from other stages; its folder is made where it is missing.

        Raises InputError where it was finished from other inputs.
        """
        folder = self.folder / f"round-{round_:02d}" / name
        make_folder(folder)
        sources = {str(stage.folder.relative_to(self.folder)): stage.hash for stage in inputs}
        stage = Stage(folder, round_, name, {"settings": content_hash(dict(self.settings)), **sources})
        if stage.finished and (made := stage.manifest["inputs"]) != stage.inputs:
            other = sorted(k for k in {*made, *stage.inputs} if made.get(k) != stage.inputs.get(k))
            hint = "remove this stage and those after it to make them anew"
            raise InputError(f"was made from another {', '.join(other)}", where=str(folder), hint=hint)
        return stage

    def made(self, round_: int, name: str) -> Stage:
        """A stage that is finished, to be read. Raises InputError where it is not."""
        stage = Stage(self.folder / f"round-{round_:02d}" / name, round_, name)
        stage.manifest  # noqa: B018  (an error where there is none)
        return stage

    def stages(self) -> Iterator[Stage]:
        """All stages there are, in the order of the story."""
        for folder in sorted(self.folder.glob("round-*")):
            names = [name for name in STAGES if (folder / name).is_dir()]
            others = sorted(f.name for f in folder.iterdir() if f.is_dir() and f.name not in STAGES)
            yield from (Stage(folder / name, int(folder.name[6:]), name, {}) for name in [*names, *others])

    def log(self, **values: Any) -> None:
        """Note something that may differ between two equal runs: a time, a cost."""
        path = self.folder / LOG
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json_line({"time": round(time.time(), 3), **values}))
        except OSError as error:
            raise MaieuticError(f"cannot write {path}: {error.strerror}; the same command goes on") from error

    @contextmanager
    def timed(self, **about: Any) -> Iterator[None]:
        """Note in the log how long a piece of work took, where it was done."""
        wall, cpu = time.monotonic(), time.process_time()
        yield
        self.log(**about, seconds=round(time.monotonic() - wall, 3), cpu_seconds=round(time.process_time() - cpu, 3))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Hold the run for this process. Raises InputError where another one works on it."""
        with locked(self.folder):
            yield


@dataclass(frozen=True)
class Stage:
    """One stage of one round."""

    folder: Path
    round: int
    name: str
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """Whether its manifest is there."""
        return (self.folder / MANIFEST).exists()

    @property
    def manifest(self) -> dict[str, Any]:
        """What `finish` wrote. Raises InputError where the stage is not finished."""
        try:
            content = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError("this stage is not finished", where=str(self.folder)) from error
        except ValueError as error:
            raise InputError(f"a malformed manifest: {error}", where=str(self.folder / MANIFEST)) from error
        if not isinstance(content, dict):
            raise InputError("a malformed manifest", where=str(self.folder / MANIFEST))
        return content

    @property
    def hash(self) -> str:
        """The hash of the manifest, which has the hashes of everything in it."""
        self.manifest  # noqa: B018  (an error where there is none)
        return hashlib.sha256((self.folder / MANIFEST).read_bytes()).hexdigest()[:32]

    @property
    def counts(self) -> dict[str, Any]:
        """The numbers that the stage was finished with."""
        return dict(self.manifest["counts"])

    def make(
        self,
        items: Sequence[Item],
        work: Callable[[Sequence[Item], int], Iterable[Record]],
        *,
        block: int = 64,
        advance: Callable[[int], None] = lambda steps: None,
    ) -> None:
        """Write the records that `work(block of items, index of its first item)` makes, a file a block.

        Blocks that are there already are skipped. `advance` is told how many items are done.
        """
        for number, first in enumerate(range(0, len(items), block)):
            path = self._shard(number)
            part = items[first : first + block]
            if not path.exists():
                write_lines(path, (to_json(record) for record in work(part, first)))
            advance(len(part))

    def finish(self, **counts: Any) -> None:
        """Write the manifest: from now on the stage is only read.

        What is in a folder or file whose name begins with a dot is no part of the stage.
        """
        if self.finished:
            return
        files = {str(path.relative_to(self.folder)): _digest(path) for path in self._files()}
        manifest = {
            "stage": self.name,
            "round": self.round,
            "inputs": dict(self.inputs),
            "counts": finite(counts),
            "files": files,
        }
        write_whole(self.folder / MANIFEST, (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode())

    def records(self, kind: type[Kind]) -> list[Kind]:
        """All records of a kind, in the order of the items. Raises InputError for a file that was changed."""
        found = []
        for path in sorted(self.folder.glob("records-*.jsonl")):
            for line, value in enumerate(read_lines(path), 1):
                found.append(from_json(kind, value, where=f"{path}, line {line}"))
        return found

    def verify(self) -> None:
        """Raises InputError where a file of a finished stage is not what the manifest says.

        A folder in it that is gone as a whole was removed on purpose, as old weights are.
        """
        for name, digest in self.manifest["files"].items():
            path = self.folder / name
            if not path.parent.exists():
                continue
            if not path.exists():
                raise InputError("missing, though the manifest lists it", where=str(path))
            if _digest(path) != digest:
                raise InputError("not what the manifest says was written", where=str(path))

    def _files(self) -> Iterator[Path]:
        """The files that are part of the stage, in the order of their names."""
        for path in sorted(self.folder.rglob("*")):
            names = path.relative_to(self.folder).parts
            if path.is_file() and path.suffix != PART and not any(name.startswith(".") for name in names):
                yield path

    def _shard(self, number: int) -> Path:
        return self.folder / f"records-{number:05d}.jsonl"


def open_run(folder: Path, settings: Mapping[str, Any]) -> Run:
    """A run to work on: a new one, or one begun with the same settings. Raises InputError for any other folder."""
    path = folder / RUN
    if path.exists():
        run = read_run(folder)
        if content_hash(dict(run.settings)) != content_hash(dict(settings)):
            other = ", ".join(_differences(run.settings, settings))
            raise InputError(f"begun with other settings: {other}", where=str(folder), hint="choose another folder")
        return run
    make_folder(folder)
    if any(not entry.name.startswith(".") and entry.suffix != PART for entry in folder.iterdir()):
        raise InputError("a folder with other files in it", where=str(folder), hint="choose a new one")
    write_whole(path, (json.dumps(dict(settings), indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode())
    return Run(folder, settings)


def read_run(folder: Path) -> Run:
    """A run as it is. Raises InputError where the folder is none."""
    try:
        settings = json.loads((folder / RUN).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"no run: it has no {RUN}", where=str(folder)) from error
    except ValueError as error:
        raise InputError(f"malformed: {error}", where=str(folder / RUN)) from error
    return Run(folder, settings)


def discard(path: Path) -> None:
    """Remove a file or folder of a run, as old weights; nothing happens where there is none."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    """SHA-256 of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _differences(one: Mapping[str, Any], other: Mapping[str, Any], above: str = "") -> list[str]:
    """The dotted names of the settings in which two runs differ."""
    names = []
    for name in sorted({*one, *other}):
        a, b = one.get(name), other.get(name)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            names += _differences(a, b, f"{above}{name}.")
        elif a != b:
            names.append(f"{above}{name}")
    return names
