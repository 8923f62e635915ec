"""The one environment of all pages: what a template shows of a text is escaped, and fit to be shown."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from maieutic.core.text import printable_lines


def template(name: str) -> Template:
    """A template of this room, by the name of its file."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("maieutic.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(value: object) -> object:
    """Texts may be anybody's; HTML (Markup, which is another type) was made here."""
    return printable_lines(value) if type(value) is str else value
