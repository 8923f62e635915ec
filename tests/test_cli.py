"""The command line: what each command prints and writes, and its exit codes. Mistakes: test_cli_mistakes.py."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.commands import ALTITUDES, FALSE, TWO_PROBLEMS, Outcome, mistake

from maieutic import __version__
from maieutic.geometry import attempt as attempts
from maieutic.geometry import bench as benches
from maieutic.geometry.deduce import Deduced
from maieutic.geometry.engine.facts import MOST
from maieutic.geometry.engine.state import StopReason
from maieutic.geometry.ggb import read as ggb
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_fact, parse_problem
from maieutic.geometry.output import facts_text
from maieutic.geometry.search import run as searching


@pytest.fixture(scope="module", autouse=True)
def _engine() -> None:
    attempts.warm_up()  # on a first run it is compiled, and stderr says so


@pytest.fixture
def problem_file(tmp_path: Path) -> Path:
    path = tmp_path / "two.txt"
    path.write_text(TWO_PROBLEMS, encoding="utf-8")
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


def run(*words: str | bytes, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "maieutic", *words]
    encoding = variables.get("PYTHONIOENCODING", "utf-8")
    return subprocess.run(command, capture_output=True, encoding=encoding, check=False, env={**os.environ, **variables})


def test_a_terminal_without_the_signs_gets_their_codes():
    done = run("prove", "orthocentre", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert "AH \\u22a5 BC" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="there, words are text")
def test_words_that_are_no_text_are_a_mistake():
    done = run("prove", b"\xff\xfe")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("maieutic: unknown problem")


# --- prove -----------------------------------------------------------------------------------------------------------


def test_a_proof_is_printed():
    outcome = Outcome("prove", ALTITUDES)
    assert outcome.code == 0
    assert "proved in 1 step" in outcome.out
    assert outcome.out.rstrip().splitlines()[-1].startswith("Hence AH ⊥ BC (")
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
    assert "90°" in Outcome("prove", "a b c = r_triangle ? acompute a b a c").out


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
    assert re.search(r"eqangle a b a h c h c b +∠[BH]A[BH] = ∠[BH]C[BH]", outcome.out)


def test_deduce_says_why():
    outcome = Outcome("deduce", "orthocentre", "--why", "eqangle a b a h c h c b")
    assert outcome.code == 0
    assert outcome.out.startswith("orthocentre: proved")


def test_deduce_says_why_not():
    outcome = Outcome("deduce", "orthocentre", "--why", "cong a h b h")
    assert outcome.code == 1
    assert "false" in outcome.out


def test_deduce_says_where_a_fact_is_malformed():
    assert mistake("deduce", "orthocentre", "--why", "perp a h b") == (
        "--why, line 1, column 1: perp takes 4 points; found 3"
    )
    assert "unknown point 'x'" in mistake("deduce", "orthocentre", "--why", "perp a h b x")


def test_a_geogebra_file_is_a_problem_and_goals_can_be_added(tmp_path, monkeypatch):
    path = tmp_path / "figure.ggb"
    path.write_bytes(b"not a figure")
    assert str(path) in mistake("prove", path)
    monkeypatch.setattr(ggb, "read_ggb", lambda file, goals: parse_problem(f"a b c = iso_triangle ? {goals[0]}"))
    assert Outcome("prove", f"{path} ? eqangle b a b c c b c a").out.startswith("the problem: proved")


def test_deduce_says_when_it_stopped_early():
    steps = (f"x{i} = parallelogram x{i - 3} x{i - 2} x{i - 1} x{i}" for i in range(3, 40))
    outcome = Outcome("deduce", "; ".join(("x0 x1 x2 = triangle", *steps)), "--time-limit", "0.1")
    assert "the limit of 0.1 s" in outcome.err or "There may be more: stopped at the time limit" in outcome.out
    facts = {"cong": [parse_fact("cong a b c d", "abcd")] * MOST}
    square = parse_problem("a b c d = isquare")
    text = facts_text(square, Deduced(facts, StopReason.TIME_LIMIT))
    assert text.startswith(f"cong ({MOST}, the first ones)\n  cong a b c d  AB = CD\n")
    assert text.endswith("There may be more: stopped at the time limit.\n")
    assert facts_text(square, Deduced({}, StopReason.SATURATED)) == "Nothing follows.\n"


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
    outcome = Outcome("demo", "--engine-only", "--out", tmp_path / "demo")
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


# --- searching -------------------------------------------------------------------------------------------------------

NEEDS_A_POINT = "a b c = triangle; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d"


def test_a_search_finds_the_point_that_is_missing(tmp_path):
    assert Outcome("prove", NEEDS_A_POINT).code == 1
    alone, together = tmp_path / "alone.json", tmp_path / "together.json"
    for path, jobs in ((alone, 1), (together, 2)):
        outcome = Outcome(
            "prove", NEEDS_A_POINT, "--search", "heuristic", "--jobs", jobs, "--format", "json", "--out", path
        )
        assert (outcome.code, outcome.err) == (0, "")
        assert Outcome("check", path).code == 0
    assert json.loads(alone.read_text(encoding="utf-8"))["auxiliary"]
    assert alone.read_text(encoding="utf-8") == together.read_text(encoding="utf-8")


@pytest.mark.parametrize("search", ["random", "heuristic"])
def test_a_search_ends_at_its_number_of_attempts(search):
    outcome = Outcome("prove", "morley", "--search", search, "--attempts", 7)
    assert outcome.code == 1
    assert "the limit of attempts was reached" in outcome.out
    assert "7 auxiliary constructions" in outcome.out


def test_bench_records_attempts(tmp_path):
    path = tmp_path / "one.txt"
    path.write_text(f"one\n{NEEDS_A_POINT}\n", encoding="utf-8")
    outcome = Outcome("bench", path, "--search", "heuristic", "--attempts", 500)
    record = json.loads(outcome.out.splitlines()[0])
    assert (record["status"], record["kernel"]) == ("proved", "accepted")
    assert 0 < record["attempts"] <= 500
    assert 0 < record["search_s"] == record["cpu_s"]
    assert record["auxiliary"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_search_says_how_far_it_went(jobs, monkeypatch):
    plan = searching.plan

    def interrupted_plan(*args):
        signal.raise_signal(signal.SIGINT)
        yield from plan(*args)

    monkeypatch.setattr(searching, "plan", interrupted_plan)
    before = signal.getsignal(signal.SIGINT)
    outcome = Outcome("prove", "morley", "--search", "heuristic", "--jobs", jobs, "--time-limit", 600)
    assert outcome.code == 130
    assert re.search(r"morley: not proved: interrupted .*\n.*\d+ constructions tried", outcome.out)
    assert re.search(r"interrupted: \d+ constructions were tried in \d+\.\d CPU seconds", outcome.err)
    assert signal.getsignal(signal.SIGINT) is before
