"""Names of problems as titles."""

from __future__ import annotations

import re

from maieutic.core.text import printable

_OLYMPIAD = re.compile(r"(?:translated_)?imo_(\d{4})_p(\d)((?:\w+)?)")


def title_of(name: str) -> str:
    """A problem's name as a title: `simson_line` is Simson line, `imo_2004_p1` is IMO 2004, problem 1."""
    name = printable(name)
    olympiad = _OLYMPIAD.fullmatch(name)
    if olympiad:
        return f"IMO {olympiad[1]}, problem {olympiad[2]}{olympiad[3].replace('_', ' ')}"
    last = name.rsplit("/", 1)[-1].removesuffix(".gex")  # what others call a problem is often the path of a file
    words = " ".join(last.replace("_", " ").split())
    return words[:1].upper() + words[1:] if words else "A theorem"
