"""`maieutic games`: what it prints and writes, what the documentation says of it, and mistakes."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tests.commands import Outcome, mistake

DOCS = Path(__file__).parent.parent / "docs"
NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The whole command, and the folder that it writes."""
    folder = tmp_path_factory.mktemp("out") / "new" / "folder"
    return Outcome("games", "--out", folder), folder


@pytest.fixture(scope="module")
def documented():
    return (DOCS / "games.md").read_text(encoding="utf-8")


def tables(text: str) -> list[str]:
    return re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE)


def agree(table: str, other: str) -> bool:
    """Whether two tables have the same words, and the same numbers up to what another machine may round otherwise."""
    if NUMBER.sub("#", " ".join(table.split())) != NUMBER.sub("#", " ".join(other.split())):
        return False
    numbers = [[float(n.replace(",", "")) for n in NUMBER.findall(text)] for text in (table, other)]
    return numbers[0] == pytest.approx(numbers[1], rel=0.02, abs=1e-3)


# --- what it prints --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_game_and_the_study_are_printed(shown):
    outcome, _ = shown
    assert outcome.code == 0
    titles = ["Rock paper scissors", "Skewed cycle", "Random game", "A round from a finite sample"]
    assert re.findall(r"^## (.*)$", outcome.out, flags=re.MULTILINE) == titles
    assert len(tables(outcome.out)) == 8


@pytest.mark.slow
def test_the_documentation_shows_what_is_printed(shown, documented):
    known = tables(documented)
    for table in tables(shown[0].out):
        assert any(agree(table, other) for other in known), f"docs/games.md does not have\n{table}"


def test_tables_that_differ_do_not_agree():
    assert agree("| a | 1,000.5 |\n", "|  a | 1,000.6 |\n")
    assert not agree("| a | 0.30 |\n", "| a | 0.31 |\n")
    assert not agree("| a | 0.30 |\n", "| b | 0.30 |\n")


def test_one_game_is_printed_alone():
    outcome = Outcome("games", "--game", "skewed_cycle", "--rounds", 300)
    assert outcome.code == 0
    assert outcome.out.startswith("## Skewed cycle\n")
    assert "after 300 rounds from uniform (eta 5, tau 0.02; beta 0.1 for DPO, 5 for SPIN)" in outcome.out
    assert re.search(r"\| Equilibrium \(linear programme\) +\| 0\.364 0\.273 0\.364 \| +0\.0000 \|", outcome.out)
    assert re.search(r"\| Reward maximisation +\| 1\.000 0\.000 0\.000 \| +0\.3000 \|", outcome.out)
    assert "finite sample" not in outcome.out


def test_a_game_of_ones_own(tmp_path):
    path = tmp_path / "my answers.csv"
    path.write_text("short, long\n0.5, 0.3\n0.7, 0.5\n", encoding="utf-8")
    outcome = Outcome("games", "--game", path, "--rounds", 50, "--out", tmp_path / "out")
    assert outcome.out.startswith("## My answers\n")
    assert re.search(r"\| Equilibrium \(linear programme\) +\| 0\.000 1\.000 \|", outcome.out)  # long beats short
    written = {file.name for file in (tmp_path / "out").iterdir()}
    assert written == {"games.html", "games_my_answers_preferences.svg", "games_my_answers_exploitability.svg"}


def test_names_may_be_in_any_script_and_hold_any_sign(tmp_path):
    path = tmp_path / "$x & <y>.csv"
    names = ("石头", "$a$ & <b>", "_^{|")
    path.write_text(f"{', '.join(names)}\n0.5, 0.1, 0.9\n0.9, 0.5, 0.1\n0.1, 0.9, 0.5\n", encoding="utf-8")
    outcome = Outcome("games", "--game", path, "--rounds", 1, "--out", tmp_path / "out")
    assert outcome.code == 0
    assert "| _^{\\| " in outcome.out
    for file in (tmp_path / "out").glob("*_preferences.svg"):
        texts = {node.text for node in ElementTree.fromstring(file.read_text("utf-8")).iter(f"{SVG}text")}
        assert {"石头", "$a$ & <b>"} <= texts


def test_the_same_seed_gives_the_same_random_game():
    first, again, other = (Outcome("games", "--game", "random", "--rounds", 20, "--seed", s).out for s in (1, 1, 2))
    assert first == again
    assert first != other


# --- what it writes --------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_page_needs_nothing_from_outside_and_describes_its_pictures(shown):
    outcome, folder = shown
    assert outcome.err == f"The page is {folder / 'games.html'}, with its pictures beside it.\n"
    page = (folder / "games.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    described = re.findall(r'<img src="data:image/svg\+xml;base64,[^"]+" alt="([^"]{40,})"', page)
    assert len(described) == page.count("<img ") == 9


@pytest.mark.slow
def test_pictures_are_legible_to_everybody(shown):
    """Well-formed, with a description, colours that follow the reader's system, and text as text."""
    pictures = sorted(shown[1].glob("*.svg"))
    assert len(pictures) == 9
    for path in pictures:
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
        assert root.get("role") == "img"
        assert root.find(f"{SVG}title").text == root.get("aria-label")
        assert len(root.find(f"{SVG}desc").text) > 40
        style = root.find(f"{SVG}style").text
        assert "prefers-color-scheme:dark" in style
        assert len(list(root.iter(f"{SVG}text"))) > 5
        rest = path.read_text(encoding="utf-8").replace(style, "")
        assert re.findall(r"#[0-9a-fA-F]{6}\b", rest) == []  # a colour of its own would not follow


@pytest.mark.slow
def test_the_documentation_has_the_pictures_that_are_drawn(shown, documented):
    drawn = {path.name for path in shown[1].glob("*.svg")}
    assert {path.name for path in (DOCS / "images").glob("games_*.svg")} <= drawn
    used = re.findall(r"!\[([^\]]*)\]\(images/(games_\w+\.svg)\)", documented)
    assert all(len(alt) > 40 for alt, _ in used)
    assert {name for _, name in used} == {path.name for path in (DOCS / "images").glob("games_*.svg")}


def test_the_python_in_the_documentation_runs(documented, capsys):
    (block,) = re.findall(r"^```python\n(.*?)^```$", documented, flags=re.MULTILINE | re.DOTALL)
    exec(compile(block, "games.md", "exec"), {})
    assert "[0.36363636 0.27272727 0.36363636]" in capsys.readouterr().out


def test_the_file_in_the_documentation_is_a_game(documented, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(re.search(r"^```\n(short, .*?)^```$", documented, flags=re.MULTILINE | re.DOTALL)[1], "utf-8")
    assert Outcome("games", "--game", path, "--rounds", 2).code == 0


# --- mistakes --------------------------------------------------------------------------------------------------------


def test_mistakes_are_one_line(tmp_path):
    path = tmp_path / "game.csv"
    path.write_text("a b\n0.5 0.3\n0.8 0.5\n", encoding="utf-8")
    assert mistake("games", "--game", path) == (
        f"{path}: P(a > b) + P(b > a) is 1.1 (it is 1; a response against itself has 0.5)"
    )
    assert mistake("games", "--game", "skewed") == "--game: unknown game 'skewed' (did you mean 'skewed_cycle'?)"
    assert "No such file" in mistake("games", "--game", "nowhere.csv")
    assert mistake("games", "--eta", "0") == "--eta: eta is 0 (at least 0.02, the regularised DNO's tau)"
    assert "--rounds" in mistake("games", "--rounds", "0")
    path.write_text("0.5 1\n0 0.5\n", encoding="utf-8")
    assert "never lose" in mistake("games", "--game", path)
    path.write_text("", encoding="utf-8")
    assert "no game in this file" in mistake("games", "--game", path)
    path.write_text("0.5 0.4\n0.6 0.5\n", encoding="utf-8")
    assert "cannot be made" in mistake("games", "--game", path, "--out", path / "out")


def test_more_than_fits_is_refused(tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("\n".join(" ".join(["0.5"] * 40) for _ in range(40)), encoding="utf-8")
    expected = "many: 600000 rounds are too many (at most 500000 rounds of 40 responses)"
    assert mistake("games", "--game", path, "--rounds", 600_000) == expected
    outcome = Outcome("games", "--game", path, "--rounds", 2, "--out", tmp_path / "out")
    assert outcome.code == 0
    assert not list((tmp_path / "out").glob("*_preferences.svg"))  # 1600 cells would not be read


def test_a_game_whose_rewards_are_not_finite_is_still_a_game(tmp_path):
    """A certain cycle has finite rewards, though every preference in it is 0 or 1."""
    path = tmp_path / "cycle.csv"
    path.write_text("0.5 1 0\n0 0.5 1\n1 0 0.5\n", encoding="utf-8")
    assert Outcome("games", "--game", path, "--rounds", 20).code == 0
