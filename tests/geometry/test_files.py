"""Files of problems: read problem by problem, with what cannot be read reported."""

import json

import pytest

from maieutic.core.errors import ProblemError
from maieutic.geometry import bench as runs
from maieutic.geometry.language.files import ReadProblem, UnreadProblem, read_file, read_problems
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.lookup import all_problems, find_problem

GOOD = "a b c = triangle; m = midpoint a b ? cong m a m b"
BAD = "a b c = triangl ? cong a b a c"


def names(text: str) -> list[tuple[str, bool]]:
    return [(each.name, isinstance(each, ReadProblem)) for each in read_problems(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"one\n{GOOD}\ntwo\n{BAD}\nthree\n{GOOD}", [("one", True), ("two", False), ("three", True)]),
        (f"\ufeffone\r\n{GOOD}\r\n\r\n# a comment\r\ntwo\r\n{GOOD}", [("one", True), ("two", True)]),
        # a name without a text, and a text without a name, are one mistake each
        (f"one\ntwo\n{GOOD}", [("one", False), ("two", True)]),
        (f"one\n{GOOD}\n{GOOD}\nthree\n{GOOD}", [("one", True), ("line 3", False), ("three", True)]),
        (f"one\n{GOOD}\nlast", [("one", True), ("last", False)]),
        # a text goes on where its line, or the next one, asks for it
        (f"one\na b c = triangle,\nacute a b c;\n? cong a b a c\ntwo\n{GOOD}", [("one", True), ("two", True)]),
        (f"one\na b c =\ntriangle\n? cong a b a c\ntwo\n{GOOD}", [("one", True), ("two", True)]),
        (f"one\na b c = triangle;\nm = midpoint a b\n? cong m a m b\ntwo\n{GOOD}", [("one", True), ("two", True)]),
    ],
)
def test_each_problem_is_read_by_itself(text, found):
    assert names(text) == found


def test_a_reason_has_the_line_of_the_file():
    _, bad, _ = read_problems(f"one\n{GOOD}\n\n# words\ntwo\n{BAD}\nthree\n{GOOD}")
    assert isinstance(bad, UnreadProblem)
    assert (bad.line, bad.error.line, bad.error.column) == (6, 6, 9)
    assert "did you mean 'triangle'?" in str(bad.error)


def test_one_bad_line_hides_no_other_problem(tmp_path):
    path = tmp_path / "problems.txt"
    path.write_text(f"one\n{GOOD}\ntwo\n{BAD}\n", encoding="utf-8")
    assert find_problem(f"{path}:one") == parse_problem(GOOD, "one")
    with pytest.raises(ProblemError, match=rf"{path.name}, line 4, column 9: unknown"):
        find_problem(f"{path}:two")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert find_problem(f"{path}:one").name == "one"


def test_a_thousand_problems_with_a_hundred_bad_ones(tmp_path):
    """All good ones are there, with each bad one's name and line; and a file has no limit of characters of its own."""
    lines = []
    for number in range(1000):
        lines += [f"p{number}", (BAD if number % 10 == 3 else GOOD) + "   # " + "x" * 1800]
    path = tmp_path / "many.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert path.stat().st_size > 1_600_000
    found = read_file(path)
    bad = [each for each in found if isinstance(each, UnreadProblem)]
    assert (len(found), len(bad)) == (1000, 100)
    assert [each.name for each in bad] == [f"p{number}" for number in range(3, 1000, 10)]
    assert all(each.error.line == 2 * int(each.name[1:]) + 2 for each in bad)


def test_a_bench_has_a_record_for_each_problem_and_names_the_unread(tmp_path):
    path = tmp_path / "problems.txt"
    path.write_text("".join(f"p{k}\n{BAD if k in (1, 4) else GOOD}\n" for k in range(6)), encoding="utf-8")
    wanted = all_problems(path)
    records = list(runs.bench(wanted))
    by_name = {record["name"]: record for record in records}
    assert [by_name[f"p{k}"]["status"] for k in range(6)] == ["error" if k in (1, 4) else "proved" for k in range(6)]
    assert "line 4, column 9: unknown construction" in by_name["p1"]["message"]
    done = runs.summary(wanted, records)
    assert done.unread == ("p1", "p4")
    assert str(done).startswith("proved 4/6 ")
    assert str(done).endswith("not read 2: p1, p4")
    assert json.dumps(by_name["p1"])
    again = list(runs.bench(wanted, done=records[:3]))
    assert len(again) == 3  # what is there is not done again, read or unread


def test_a_name_and_a_text_can_be_one_text():
    problem = find_problem(f"one\n{GOOD}")
    assert (problem.name, problem) == ("one", parse_problem(GOOD, "one"))
    assert find_problem(f"\ufeff# words\none\n{GOOD}").name == "one"
    with pytest.raises(ProblemError, match="line 2, column 9"):
        find_problem(f"one\n{BAD}")
    assert find_problem("a b c\n= triangle").points == ("a", "b", "c")  # no name: the clause goes on
