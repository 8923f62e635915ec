"""Tables of text, for a terminal and for a page."""

from __future__ import annotations

from dataclasses import dataclass

from maieutic.core.text import printable


@dataclass(frozen=True)
class Table:
    """Rows of text under a header. `title` says what they are."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """With columns of equal width, the first aligned left and the others right."""
        lines = [tuple(printable(cell).replace("|", "\\|") for cell in line) for line in (self.header, *self.rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        rule = [("-" * w if i == 0 else "-" * (w - 1) + ":") for i, w in enumerate(widths)]
        body = [
            [cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))]
            for line in lines
        ]
        return "\n".join(f"| {' | '.join(line)} |" for line in (body[0], rule, *body[1:]))
