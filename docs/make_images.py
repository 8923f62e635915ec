"""Draw the images of the documentation, as the command `maieutic draw` does: python docs/make_images.py"""

from pathlib import Path

from maieutic.geometry.deduce import figure
from maieutic.geometry.figures.draw import svg_text
from maieutic.geometry.language.library import problem

IMAGES = {"orthocentre.svg": ("orthocentre_feet", 3)}
"""File in docs/images -> a shipped problem, and the seed of a figure of it that looks well."""


def main() -> None:
    folder = Path(__file__).parent / "images"
    folder.mkdir(exist_ok=True)
    for file, (name, seed) in IMAGES.items():
        found = problem(name)
        (folder / file).write_text(svg_text(found, figure(found, seed)), encoding="utf-8")


if __name__ == "__main__":
    main()
