"""The command line: what each command prints, its exit codes, and one clear line for every mistake."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from maieutic import __version__
from maieutic.cli import app
from maieutic.geometry import attempt as attempts
from maieutic.geometry import bench as benches
from maieutic.geometry import library

ALTITUDES = "a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h b c"
FALSE = "a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h a c"


class Outcome:
    """What a command did."""

    def __init__(self, *words: object) -> None:
        result = CliRunner().invoke(app, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr


def mistake(*words: object) -> str:
    """The one line that a user's mistake gives."""
    outcome = Outcome(*words)
    assert outcome.code == 2
    assert outcome.out == ""
    assert outcome.err.startswith("maieutic: ")
    assert outcome.err.count("\n") == 1
    return outcome.err.removeprefix("maieutic: ").strip()


@pytest.fixture
def problem_file(tmp_path: Path) -> Path:
    path = tmp_path / "two.txt"
    path.write_text(f"# two problems\naltitudes\n{ALTITUDES}\n\nwrong\n{FALSE}\n", encoding="utf-8")
    return path


# --- the whole -------------------------------------------------------------------------------------------------------


def test_without_a_command_it_explains_itself():
    outcome = Outcome()
    assert outcome.code == 0
    for command in ("prove", "deduce", "check", "draw", "problems", "bench", "demo"):
        assert f"  {command} " in outcome.out


def test_the_version():
    assert Outcome("--version").out == f"maieutic {__version__}\n"


@pytest.mark.parametrize("command", ["prove", "deduce", "check", "draw", "problems", "bench", "demo"])
def test_every_command_has_help(command):
    outcome = Outcome(command, "--help")
    assert outcome.code == 0
    assert "Usage:" in outcome.out


def test_help_loads_nothing_heavy_and_answers_at_once():
    code = "import sys; sys.argv = ['maieutic', '--help']\nfrom maieutic.cli import main\n"
    code += "try:\n    main()\nfinally:\n    print(*sys.modules, sep='\\n')"
    start = time.perf_counter()
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")
    assert time.perf_counter() - start < 3  # a tenth of a second, on a machine with nothing else to do
    assert not {"numpy", "numba", "scipy", "rich.console", "matplotlib"}.intersection(shown)


# --- prove -----------------------------------------------------------------------------------------------------------


def test_a_proof_is_printed():
    outcome = Outcome("prove", ALTITUDES)
    assert outcome.code == 0
    assert "proved in 1 step" in outcome.out
    assert "So AH ⊥ BC (3), as was to be proved." in outcome.out
    assert outcome.err == ""


def test_a_problem_may_be_a_name():
    assert Outcome("prove", "orthocentre").out.startswith("orthocentre: proved")


def test_a_problem_may_be_one_of_a_file(problem_file):
    assert Outcome("prove", f"{problem_file}:altitudes").out.startswith("altitudes: proved")


def test_a_file_with_one_problem_needs_no_name(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text(f"alone\n{ALTITUDES}\n", encoding="utf-8")
    assert Outcome("prove", path).out.startswith("alone: proved")


def test_a_false_goal_is_said_to_be_false():
    outcome = Outcome("prove", FALSE)
    assert outcome.code == 1
    assert "false" in outcome.out.splitlines()[0]
    assert "AH ⊥ AC is false: the angle from ac to ah is" in outcome.out


def test_a_problem_that_is_not_proved_says_what_was_tried_and_why_it_stopped():
    outcome = Outcome("prove", "morley")
    assert outcome.code == 1
    assert "not proved: nothing more follows" in outcome.out
    assert re.search(r"tried: every rule on it \(\d+ equations, [\d.]+ s\)", outcome.out)
    assert "saturated" in outcome.out


def test_a_problem_without_a_figure_says_so():
    outcome = Outcome("prove", "a b c = triangle; d = on_line a b, on_line b c, on_line c a ? cong d a d b")
    assert outcome.code == 1
    assert "no figure" in outcome.out


def test_a_question_is_answered():
    assert "The answer: ∠BAC = 90° (" in Outcome("prove", "a b c = r_triangle ? acompute a b a c").out


def test_a_proof_in_json_is_accepted_by_check(tmp_path):
    path = tmp_path / "proof.json"
    outcome = Outcome("prove", ALTITUDES, "--format", "json", "--out", path)
    assert (outcome.code, outcome.out) == (0, "")
    checked = Outcome("check", path)
    assert checked.code == 0
    assert checked.out.startswith("accepted: 3 steps prove AH ⊥ BC")


def test_without_a_proof_json_is_the_record_of_the_attempt():
    outcome = Outcome("prove", FALSE, "--format", "json")
    assert outcome.code == 1
    assert json.loads(outcome.out)["status"] == "false"


def test_the_same_seed_gives_the_same_proof():
    first, again = (Outcome("prove", "simson_line", "--seed", 5, "--format", "json").out for _ in range(2))
    assert first == again
    assert '"seed": 5' in first


def test_the_time_limit_holds():
    start = time.process_time()
    many = "; ".join(f"{p} = free" for p in (f"x{i}" for i in range(40)))
    outcome = Outcome("prove", f"{many} ? cong x0 x1 x2 x3", "--time-limit", "0.001")
    assert outcome.code == 1
    assert "time limit" in outcome.out
    assert time.process_time() - start < 5


# --- deduce ----------------------------------------------------------------------------------------------------------


def test_deduce_prints_every_fact_by_predicate():
    outcome = Outcome("deduce", "orthocentre")
    assert outcome.code == 0
    assert "perp (3)" in outcome.out
    assert re.search(r"perp a h b c +AH ⊥ BC", outcome.out)


def test_deduce_says_why():
    outcome = Outcome("deduce", "orthocentre", "--why", "eqangle a b a h c h c b")
    assert outcome.code == 0
    assert "∠BAH = ∠HCB" in outcome.out


def test_deduce_says_why_not():
    outcome = Outcome("deduce", "orthocentre", "--why", "cong a h b h")
    assert outcome.code == 1
    assert "false" in outcome.out


def test_deduce_says_where_a_fact_is_malformed():
    assert mistake("deduce", "orthocentre", "--why", "perp a h b") == (
        "--why, line 1, column 1: perp takes 4 points; found 3"
    )
    assert "unknown point 'x'" in mistake("deduce", "orthocentre", "--why", "perp a h b x")


def test_a_problem_without_a_goal_can_be_deduced_from():
    assert "coll (1)" in Outcome("deduce", "a b = segment; m = midpoint a b").out


# --- check -----------------------------------------------------------------------------------------------------------


def test_a_wrong_proof_is_refused(tmp_path):
    path = tmp_path / "proof.json"
    Outcome("prove", ALTITUDES, "--format", "json", "--out", path)
    path.write_text(path.read_text(encoding="utf-8").replace("perp a h b c", "perp a b a c"), encoding="utf-8")
    outcome = Outcome("check", path)
    assert outcome.code == 1
    assert outcome.out.startswith("refused: step ")


def test_a_malformed_proof_is_a_mistake(tmp_path):
    path = tmp_path / "proof.json"
    path.write_text('{"format": "maieutic proof 1", ', encoding="utf-8")
    assert "line 1, column" in mistake("check", path)
    path.write_text("[]", encoding="utf-8")
    assert "expected an object" in mistake("check", path)
    path.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8 text" in mistake("check", path)


# --- draw, problems, demo --------------------------------------------------------------------------------------------


def test_draw_gives_an_svg(tmp_path):
    path = tmp_path / "figure.svg"
    assert Outcome("draw", "orthocentre", "--out", path).code == 0
    assert path.read_text(encoding="utf-8") == Outcome("draw", "orthocentre").out
    assert path.read_text(encoding="utf-8").startswith("<svg ")


def test_the_shipped_problems_are_listed():
    lines = Outcome("problems").out.splitlines()
    assert len(lines) == len(library.names())
    assert any(line.startswith("imo_2004_p1 ") for line in lines)


def test_a_shipped_problem_is_shown_with_its_source():
    shown = Outcome("problems", "imo_2004_p1").out
    assert "Source: IMO 2004, problem 1" in shown
    assert library.entry("imo_2004_p1").text in shown


def test_the_demo_proves_and_writes(tmp_path):
    outcome = Outcome("demo", "--out", tmp_path / "demo")
    assert outcome.code == 0
    assert "not proved" not in outcome.out
    written = sorted(path.suffix for path in (tmp_path / "demo").iterdir())
    assert written.count(".svg") == written.count(".txt") == written.count(".json") == len(written) // 3 >= 5
    assert str(tmp_path / "demo") in outcome.out


# --- bench -----------------------------------------------------------------------------------------------------------


def test_bench_writes_an_object_for_each_problem_and_a_last_line(problem_file):
    outcome = Outcome("bench", problem_file)
    assert outcome.code == 0
    *records, last = outcome.out.splitlines()
    assert [json.loads(line)["status"] for line in records] == ["proved", "false"]
    assert re.fullmatch(r"proved 1/2  median \d+\.\d+ s  total \d+\.\d+ s", last)


def test_bench_resumes(problem_file, tmp_path):
    out = tmp_path / "results.jsonl"
    Outcome("bench", problem_file, "--out", out)
    first, second = out.read_text(encoding="utf-8").splitlines(keepends=True)
    out.write_text(first + second[:20], encoding="utf-8")  # killed while it wrote
    outcome = Outcome("bench", problem_file, "--out", out, "--resume")
    assert outcome.out.startswith("proved 1/2")
    assert [json.loads(line)["name"] for line in out.read_text(encoding="utf-8").splitlines()] == ["altitudes", "wrong"]


def test_bench_does_not_overwrite_results(problem_file, tmp_path):
    out = tmp_path / "results.jsonl"
    Outcome("bench", problem_file, "--out", out)
    assert "--resume" in mistake("bench", problem_file, "--out", out)


def test_an_interrupted_bench_loses_nothing(problem_file, tmp_path, monkeypatch):
    real = benches.run_task

    def interrupted(task):
        if task.problem.name == "wrong":
            raise KeyboardInterrupt
        return real(task)

    monkeypatch.setattr(benches, "run_task", interrupted)
    out = tmp_path / "results.jsonl"
    outcome = Outcome("bench", problem_file, "--out", out)
    assert outcome.code == 130
    assert "1 results are in" in outcome.err
    assert len(out.read_text(encoding="utf-8").splitlines()) == 1


def test_an_interrupted_command_ends_with_130(monkeypatch):
    def interrupted(*args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(attempts, "attempt", interrupted)
    outcome = Outcome("prove", ALTITUDES)
    assert (outcome.code, outcome.err) == (130, "maieutic: interrupted\n")


# --- mistakes --------------------------------------------------------------------------------------------------------


def test_an_unknown_name_gives_the_nearest():
    assert mistake("prove", "orthocenter") == "unknown problem 'orthocenter' (did you mean 'orthocentre'?)"
    assert "did you mean" in mistake("problems", "orthocenter")


def test_a_missing_file_is_named():
    assert mistake("prove", "nowhere/problems.txt") == "nowhere/problems.txt: no such file"
    assert mistake("prove", "nowhere/problems.txt:one") == "nowhere/problems.txt: no such file"
    assert "No such file" in mistake("bench", "nowhere.txt")
    assert "No such file" in mistake("check", "nowhere.json")


def test_a_folder_is_no_file(tmp_path):
    for command in ("prove", "bench", "check"):
        assert f"{tmp_path}: " in mistake(command, tmp_path)


def test_files_that_hold_no_problems(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)))
    assert "not UTF-8 text" in mistake("prove", path)
    path.write_text("", encoding="utf-8")
    assert "no problem in this file" in mistake("prove", path)
    path.write_text("x" * 1_000_001, encoding="utf-8")
    assert "at most 1000000" in mistake("prove", path)


def test_a_file_of_several_problems_needs_a_name(problem_file):
    assert "2 problems" in mistake("prove", problem_file)
    assert "did you mean 'altitudes'?" in mistake("prove", f"{problem_file}:altitude")
    assert "it has altitudes, wrong" in mistake("prove", f"{problem_file}:xyz")


def test_a_mistake_in_a_text_has_its_place():
    assert mistake("prove", "a b c = triangle; d = midpint a b").startswith("line 1, column 23: unknown construction")


def test_nothing_to_prove():
    assert "nothing to prove" in mistake("prove", "a b c = triangle")
    assert "a condition" in mistake("prove", "a b c = triangle ? diff a b")
    assert "sines" in mistake("prove", "a b c = triangle ? sinelaw a b c")


def test_more_points_than_the_engine_takes():
    many = "; ".join(f"x{i} = free" for i in range(61))
    assert mistake("prove", f"{many} ? cong x0 x1 x2 x3") == "too many points: 61 (the engine takes at most 60)"
    assert "too many points" in mistake("deduce", many)


@pytest.mark.parametrize(
    "options",
    [
        ("--seed", "x"),
        ("--seed", "-1"),
        ("--time-limit", "0"),
        ("--time-limit", "-3"),
        ("--time-limit", "nan"),
        ("--time-limit", "inf"),
        ("--format", "yaml"),
        ("--colour", "red"),
    ],
)
def test_a_wrong_option_is_named(options):
    assert options[0] in mistake("prove", ALTITUDES, *options)


def test_wrong_options_of_bench(problem_file):
    assert "--jobs" in mistake("bench", problem_file, "--jobs", 0)
    assert "--search" in mistake("bench", problem_file, "--search", "magic")
    assert "--out" in mistake("bench", problem_file, "--resume")


def test_results_that_are_none_cannot_be_resumed(problem_file, tmp_path):
    out = tmp_path / "results.jsonl"
    out.write_text("{}\n", encoding="utf-8")
    assert f"{out}, line 1: " in mistake("bench", problem_file, "--out", out, "--resume")


def test_a_place_that_cannot_be_written(tmp_path):
    assert "no such folder" in mistake("prove", ALTITUDES, "--out", tmp_path / "none" / "proof.txt")
    assert "is a folder" in mistake("draw", ALTITUDES, "--out", tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert "cannot make the folder" in mistake("demo", "--out", blocked)


def test_an_unknown_command_gives_the_nearest():
    assert "'prove'" in mistake("prov", ALTITUDES)
