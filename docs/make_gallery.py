"""Write the gallery of the documentation, a page and a picture for each of ten proofs: python docs/make_gallery.py

The pages are those that `maieutic prove NAME --format html` writes, the pictures those of `maieutic draw NAME`.
"""

from html import escape
from pathlib import Path

from maieutic.core.errors import ProofError
from maieutic.geometry.attempt import attempt
from maieutic.geometry.figures.draw import svg_text
from maieutic.geometry.language import library
from maieutic.geometry.output import accepted_proof
from maieutic.geometry.proofs.prover import Result, Status
from maieutic.geometry.prose.narrative import narrate
from maieutic.pages.formats import result_html
from maieutic.pages.proof_page import title_of

FOLDER = Path(__file__).parent / "gallery"

OLYMPIADS = {"imo_2000_p1": 0, "imo_2004_p1": 7, "imo_2010_p4": 4, "imo_2014_p4": 4, "imo_2018_p1": 6}
CLASSICS = {"simson_line": 0, "euler_line": 2, "trillium": 0, "symmedian": 3, "japanese_rectangle": 1}
"""Problems of the library, and the seed of a figure of each that looks well."""

INTRODUCTION = """# Gallery

Ten proofs, each a page of its own: open it in a browser, and point at a step, or go through the steps with the arrow
keys, to see it in the figure. A page is one file that asks the network for nothing; save it, send it, print it.

All were found and checked by `maieutic prove NAME --seed N --format html`, with no hint and no auxiliary point; the
seed is that of a figure that looks well. `python docs/make_gallery.py` writes this folder.
"""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    parts = [INTRODUCTION]
    for heading, seeds in (("Olympiad problems", OLYMPIADS), ("Classics", CLASSICS)):
        parts.append(f"## {heading}\n")
        parts += [_entry(name, seed) for name, seed in seeds.items()]
    (FOLDER / "README.md").write_text("\n".join(parts), encoding="utf-8")


def _entry(name: str, seed: int) -> str:
    """Write the page and the picture of a proof; how the list shows them."""
    result = attempt(library.problem(name), seed)
    if result.status is not Status.PROVED or result.diagram is None:
        raise ProofError(f"{name}: {result.message}")
    (FOLDER / f"{name}.html").write_text(result_html(result), encoding="utf-8")
    (FOLDER / f"{name}.svg").write_text(svg_text(result.problem, result.diagram), encoding="utf-8")
    return _text(name, result)


def _text(name: str, result: Result) -> str:
    """Title, statement, picture and link."""
    entry, title = library.entry(name), title_of(name)
    steps = len(narrate(*accepted_proof(result)).steps)
    source = f" ({entry.source})" if entry.source != title else ""
    return f"""### [{title}]({name}.html)

{entry.statement}{source} [Proof in {steps} step{"" if steps == 1 else "s"}]({name}.html).

<a href="{name}.html"><img src="{name}.svg" width="360" alt="The figure of {escape(title)}"></a>
"""


if __name__ == "__main__":
    main()
