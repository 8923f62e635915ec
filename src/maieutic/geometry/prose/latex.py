"""A narrative as a LaTeX article: plain packages, the figure drawn in TikZ or included from a file."""

from __future__ import annotations

import re

from maieutic.geometry.figures.figure import figure as figure_on_page
from maieutic.geometry.figures.tikz import tikz
from maieutic.geometry.prose.narrative_records import Line, Narrative, Step
from maieutic.geometry.prose.text import sentence
from maieutic.geometry.prose.titles import title_of
from maieutic.geometry.trusted.records import Diagram

PACKAGES = r"""\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb,amsthm,array,longtable}
\usepackage[margin=25mm]{geometry}
"""

TABLES = r"\setlength{\LTleft}{\leftmargini}\setlength{\LTpre}{4pt}\setlength{\LTpost}{4pt}"
"""Chains are tables below their step, which may be broken between pages."""

STRUT = r"\rule[-10pt]{0pt}{25pt}"
"""What keeps fractions from touching those above and below."""

SIGNS = {
    "∠": r"\angle ",
    "△": r"\triangle ",
    "∥": r"\parallel ",
    "∦": r"\nparallel ",
    "⊥": r"\perp ",
    "∼": r"\sim ",
    "≅": r"\cong ",
    "≠": r"\ne ",
    "·": r"\cdot ",
    "−": "-",
    "°": r"^{\circ}",
    "²": "^{2}",
    "³": "^{3}",
    "′": "'",
    "sin": r"\sin ",
    "dir": r"\operatorname{dir}",
}
_ESCAPED = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%#_{}$"}
    | {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\textasciitilde{}", "–": "--"}
)
_SUBSCRIPT = re.compile("[₀-₉]+")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_LETTERS = re.compile(r"_([A-Z0-9]+)")
_POWER = re.compile(r"\^\(([^)]*)\)")
_RUN = r"[^\s/()=+·−,∠]+"
_OPERAND = rf"\([^()]*·[^()]*\)|sin[²³]? ∠{_RUN}|{_RUN}"
_QUOTIENT = re.compile(rf"({_OPERAND})/({_OPERAND})")


def formula(text: str, big: bool = False) -> str:
    """What stands between dollars, in TeX."""
    text = _POWER.sub(r"^{\1}", text)
    text = _QUOTIENT.sub(lambda m: rf"\frac{{{m[1].strip('()')}}}{{{m[2].strip('()')}}}", text)
    text = text.replace(r"\frac", r"\dfrac") if big else text
    text = _SUBSCRIPT.sub(lambda m: f"_{{{m[0].translate(_DIGITS)}}}", text)
    text = _LETTERS.sub(r"_{\1}", text)
    for sign, tex in SIGNS.items():
        text = text.replace(sign, tex)
    return re.sub(r"(\}|[A-Za-z0-9])\^\{2\}'", r"\1'^{2}", text)


def words(text: str) -> str:
    """A text with formulas between dollars, in TeX."""
    parts = text.split("$")
    return "".join(f"${formula(part)}$" if i % 2 else _escaped(part) for i, part in enumerate(parts))


def _escaped(text: str) -> str:
    return text.translate(_ESCAPED)


def latex(narrative: Narrative, diagram: Diagram | None = None, figure: str | None = None) -> str:
    """An article: the statement, the figure (the file `figure`, or the diagram in TikZ), the proof."""
    auxiliary = narrative.auxiliary_clauses
    picture = figure_on_page(narrative.problem, diagram, auxiliary=auxiliary) if diagram else None
    lines = [PACKAGES.rstrip()]
    if figure:
        lines.append(r"\usepackage{graphicx}")
    elif picture:
        lines.append(r"\usepackage{tikz}")
    lines += [r"\setlength{\parindent}{0pt}", r"\setlength{\parskip}{4pt}", r"\sloppy", TABLES, r"\begin{document}"]
    if narrative.name:
        lines.append(rf"\section*{{\raggedright {_title(title_of(narrative.name))}}}")
    if narrative.proved:
        lines += [rf"\emph{{{words(narrative.proved)}}}", ""]
    lines += [*(words(given) for given in narrative.given), rf"\textbf{{{words(narrative.statement)}}}", ""]
    if figure:
        lines += [r"\begin{center}", rf"\includegraphics[width=0.6\textwidth]{{{figure}}}", r"\end{center}"]
    elif picture:
        lines += [r"\begin{center}", tikz(picture), r"\end{center}"]
    if narrative.auxiliary:
        lines += [r"\emph{Construction.} " + " ".join(map(words, narrative.auxiliary)), ""]
    lines += [r"\begin{proof}", *(words(text) for text in narrative.conventions)]
    if narrative.steps:
        lines += [r"\begin{enumerate}", *map(_step, narrative.steps), r"\end{enumerate}"]
    lines += [words(narrative.conclusion), r"\end{proof}"]
    lines += [rf"\emph{{{words(text)}}}" + "\n" for text in narrative.assumptions]
    return "\n".join((*lines, r"\end{document}")) + "\n"


def _title(name: str) -> str:
    """A title, which may be broken after each stroke."""
    return _escaped(name).replace("/", r"/\allowbreak ")


def _step(step: Step) -> str:
    text = rf"\item {words(sentence(step))}"
    return f"{text}\n{_chain(step.chain)}" if step.chain else text


def _chain(chain: tuple[Line, ...]) -> str:
    """A chain as a table: left side, sign, right side, reason."""
    first, *rest = chain
    widest = max(len(line.expression) for line in rest) + len(first.expression)
    share = "0.5" if widest < 35 else "0.36" if widest < 60 else "0.28"
    size = r"\small" if widest < 60 else r"\footnotesize"
    rows = [
        f"{f'${formula(first.expression, True)}$' if number == 0 else ''} & "
        f"${{}}={formula(line.expression, True)}${STRUT if '/' in line.expression else ''} & {_why(line)} \\\\"
        for number, line in enumerate(rest)
    ]
    columns = rf"@{{}}r@{{}}l@{{\quad}}>{{\raggedright\arraybackslash}}p{{{share}\linewidth}}@{{}}"
    table = rf"\begin{{longtable}}{{{columns}}}"
    return "\n".join((rf"{{{size}", table, *rows, r"\end{longtable}}"))


def _why(line: Line) -> str:
    return f"({words(line.reason)})" if line.reason else ""
