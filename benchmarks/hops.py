"""How far it is from a command to its mathematics: python benchmarks/hops.py [--src FOLDER] prove|train|improve

The functions of ours that are open when the mathematics is first reached (the closure's saturation; the loss), from the
command's own down to it, and the files they are in. Of `improve` it tells besides where a configuration goes: the
*rooms* (files and folders of a package) with a function that is handed it, or a part of it, and how many calls of these
lead from a room back to one that it came to earlier, that is, climb back up.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

TARGETS = {"prove": ("geometry", "saturate"), "train": ("losses", "dpo"), "improve": ("losses", "dpo")}
"""Of each command a part of the name of a module, and the function that is the mathematics."""


class Reached(BaseException):
    """The mathematics."""


def ours(frame: FrameType) -> str | None:
    """The module of a frame, where it is one of ours."""
    name = frame.f_globals.get("__name__", "")
    return name if name.startswith("maieutic.") else None


def room(module: str) -> str:
    """The file or folder of a package that a module is, or is in."""
    return ".".join(module.split(".")[1:3])


def hops(run: Callable[[], Any], target: tuple[str, str]) -> list[tuple[str, str]]:
    """The functions, from the command's own to the target, by module and name."""
    found: list[tuple[str, str]] = []

    def profile(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_name == target[1] and target[0] in (ours(frame) or ""):
            path: list[tuple[str, str]] = []
            here: FrameType | None = frame
            while here is not None:
                if (module := ours(here)) and not here.f_code.co_name.startswith("<"):
                    path.append((module, here.f_code.co_name))
                here = here.f_back
            if not any(name == "warm_up" for _, name in path):
                found.extend(path)
                raise Reached

    sys.setprofile(profile)
    try:
        run()
    except (Reached, SystemExit):
        pass
    finally:
        sys.setprofile(None)
    return [entry for entry in found[::-1] if entry[0] != "maieutic.cli.app"]


def walk(run: Callable[[], Any]) -> tuple[list[str], set[tuple[str, str]]]:
    """The rooms that a configuration passes, in the order in which it comes to them, and how often it climbs back."""
    order: list[str] = []
    climbs: set[tuple[str, str]] = set()

    def handed(frame: FrameType) -> bool:
        code = frame.f_code
        values = [frame.f_locals.get(name) for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]]
        return any(_is_config(value) for value in values)

    def profile(frame: FrameType, event: str, _: Any) -> None:
        module = ours(frame)
        if event != "call" or module is None or frame.f_code.co_name.startswith("<") or "core.config" in module:
            return
        if not handed(frame):
            return
        here = room(module)
        if here not in order:
            order.append(here)
        above = frame.f_back
        while above is not None and (ours(above) is None or room(str(ours(above))) not in order):
            above = above.f_back
        if above is not None and order.index(here) < order.index(room(str(ours(above)))):
            climbs.add((f"{ours(above)}.{above.f_code.co_name}", f"{module}.{frame.f_code.co_name}"))

    sys.setprofile(profile)
    try:
        run()
    except SystemExit:
        pass
    finally:
        sys.setprofile(None)
    return order, climbs


def _is_config(value: Any) -> bool:
    """Whether a value is a configuration, or an object of ours that holds one."""
    names = {kind.__name__ for kind in type(value).__mro__}
    if "Config" in names:
        return True
    held = getattr(value, "__dict__", {})
    return type(value).__module__.startswith("maieutic.loops") and any(
        "Config" in {kind.__name__ for kind in type(part).__mro__} for part in held.values()
    )


def commands(folder: Path) -> dict[str, list[str]]:
    """The commands, on a small world of letters that is made in a folder."""
    from tests.loops import letters

    letters.make(folder)
    rows = [{"prompt": "a", "chosen": "b", "rejected": "c"}, {"prompt": "b", "chosen": "a", "rejected": "c"}]
    (folder / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    values = letters.config_of("online_dpo", rounds=1).model_dump(mode="json", exclude_none=True)
    values.pop("world", None)
    (folder / "online.toml").write_text(_toml(values))
    model = str(folder / "start")
    train = ["train", "dpo", "--model", model, "--data", str(folder / "pairs.jsonl"), "--out", str(folder / "trained")]
    return {
        "prove": ["prove", "orthocentre"],
        "train": train,
        "improve": ["improve", str(folder / "online.toml"), "--out", str(folder / "run")],
    }


def _toml(values: dict[str, Any]) -> str:
    """A table as TOML, its tables in braces."""

    def text(value: Any) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {text(item)}" for key, item in value.items()) + "}"
        return json.dumps(value)

    return "".join(f"{key} = {text(value)}\n" for key, value in values.items())


def main() -> None:
    """Print the hops of one command, and for `improve` the walk of its configuration."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("command", choices=sorted(TARGETS))
    parser.add_argument("--src", type=Path, default=Path(__file__).parents[1], help="a checkout, to compare")
    told = parser.parse_args()
    sys.path[:0] = [str(told.src / "src"), str(told.src)]
    from maieutic.cli import app

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = commands(folder)[told.command]
        path = hops(lambda: app(words, standalone_mode=False), TARGETS[told.command])
        print(f"{told.command}: {len(path)} functions in {len({module for module, _ in path})} files")
        for module, function in path:
            print(f"  {module.removeprefix('maieutic.')}.{function}")
        if told.command == "improve":
            rooms, climbs = walk(lambda: app([*words[:-1], str(folder / "other")], standalone_mode=False))
            print(f"a configuration passes {len(rooms)} rooms and climbs back up {len(climbs)} times")
            print("  " + ", ".join(rooms))
            print("".join(f"  {one} -> {other}\n" for one, other in sorted(climbs)), end="")


if __name__ == "__main__":
    main()
