"""Write docs/language-reference.md and its pictures from the tables: python docs/reference.py"""

from collections.abc import Iterable
from pathlib import Path

from maieutic.core.errors import DiagramError
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.figures.draw import svg_text
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.language.reference import example, written
from maieutic.geometry.trusted.constructions import CONSTRUCTIONS
from maieutic.geometry.trusted.predicates import PREDICATES

FOLDER = Path(__file__).parent
PICTURES = "images/language"

HEAD = """# The words of the language

Every construction and every predicate, from the tables of the code, with an example and its picture. How texts are
written is in [language.md](language.md); in the terminal, `maieutic language NAME` tells the same of one.
"""


def page() -> str:
    """The page, as it is to be."""
    parts = [HEAD, "## Constructions\n", *map(_construction, CONSTRUCTIONS)]
    return "\n".join([*parts, "## Predicates\n", *map(_predicate, PREDICATES)])


def picture(name: str) -> str:
    """The figure of the example; "" where there is none to show."""
    text = example(name)
    if not text:
        return ""
    try:
        problem = parse_problem(text)
        return svg_text(problem, draw(problem))
    except DiagramError:
        return ""


def _construction(name: str) -> str:
    row = CONSTRUCTIONS[name]
    facts = [
        f"{title} {', '.join(f'`{_fact(fact)}`' for fact in of)}"
        for title, of in (("needs", row.needs), ("gives", row.gives), ("so that", row.says))
        if of
    ]
    return _entry(name, row.signature, row.meaning, facts)


def _predicate(name: str) -> str:
    row = PREDICATES[name]
    return _entry(name, written(row), row.meaning, [] if example(name) else ["only steps of a proof say it"])


def _fact(fact: object) -> str:
    return " ".join(map(str, (fact.predicate, *fact.points, *fact.values)))  # type: ignore[attr-defined]


def _entry(name: str, signature: str, meaning: str, lines: Iterable[str]) -> str:
    shown = example(name)
    parts = [f"### {name}\n", f"`{signature}` — {meaning}.", *(f"- {line}" for line in lines)]
    if shown:
        parts += ["", f"```\n{shown}\n```"]
        if (FOLDER / PICTURES / f"{name}.svg").exists():
            parts += ["", f"![{meaning}]({PICTURES}/{name}.svg)"]
    return "\n".join(parts) + "\n"


def main() -> None:
    folder = FOLDER / PICTURES
    folder.mkdir(exist_ok=True, parents=True)
    for name in dict.fromkeys((*CONSTRUCTIONS, *PREDICATES)):
        if drawn := picture(name):
            (folder / f"{name}.svg").write_text(drawn, encoding="utf-8")
    (FOLDER / "language-reference.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
