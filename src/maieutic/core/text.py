"""Text from outside, made fit to be shown.

Files, servers and models choose their own texts: names of problems, points and rules, answers, messages of errors. On
a terminal, in a log, on a page, in Markdown or LaTeX, such a text must stay what it is, a part of one line: it may not
end the line and begin another that looks like ours, nor move the cursor, nor turn the direction of writing around.
"""

from __future__ import annotations

import json
import unicodedata

LONGEST = 200
"""Characters of a name, or of another short text, that are shown."""


def printable(text: str, limit: int | None = LONGEST) -> str:
    """A text as a part of one line, of at most `limit` characters, the last of them "…" where it was longer.

    What has no sign of its own (control characters, line ends, marks of direction, halves of characters) is written
    as JSON writes it, as `\\n` or `\\u001b`. So JSON stays JSON, and means the same.
    """
    shown = text if limit is None else text[: limit + 1]
    if not shown.isprintable():
        shown = "".join(map(_visible, shown))
    return shown if limit is None or len(shown) <= limit else f"{shown[: limit - 1]}…"


def printable_lines(text: str) -> str:
    """A text of several lines that is shown as such, as a proof or an answer: each of its lines `printable`."""
    lines = text.replace("\r\n", "\n").expandtabs(4).split("\n")
    return "\n".join(printable(line, None) for line in lines)


def _visible(sign: str) -> str:
    if sign.isprintable() or unicodedata.category(sign) == "Zs":  # the spaces of other scripts are spaces
        return sign
    return json.dumps(sign)[1:-1]
