"""The bench: a record for each problem, whatever becomes of it; the same on any number of processes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.geometry.verdicts import verdict

from maieutic.core.errors import InputError, WorkerLostError
from maieutic.geometry import attempt as attempts
from maieutic.geometry import bench as benches
from maieutic.geometry.bench import (
    TIMES,
    Record,
    Task,
    bench,
    failure,
    run_task,
    start_results,
    summary,
    write_record,
)
from maieutic.geometry.language.problem import load_problems, parse_problem
from maieutic.geometry.trusted.records import Problem

PROVED = parse_problem("a b c = triangle; h = on_tline b c a, on_tline c a b ? perp a h b c", "proved")
FALSE = parse_problem("a b c = triangle ? cong a b a c", "false")
QUESTION = parse_problem("a b c = r_triangle; m = midpoint a b ? acompute a b a c, rcompute a b a m", "question")
NONE = parse_problem("a b c = triangle; d = on_line a b, on_line b c, on_line c a ? cong a d d b", "no_diagram")
BARE = parse_problem("a b c = triangle", "bare")

KEYS = [
    *("name", "status", "value", *TIMES, "proof_steps", "attempts", "search_s", "auxiliary"),
    *("kernel", "assumed", "configuration", "notes", "message"),
]


def record(problem: Problem, time_limit: float = 10.0) -> Record:
    return run_task(Task(problem, 0, time_limit))


def test_the_keys_of_a_record():
    assert list(record(PROVED)) == KEYS
    assert list(record(FALSE)) == [*KEYS, "counterexample"]
    assert list(failure(PROVED, WorkerLostError("gone"))) == KEYS


def test_a_proof_is_recorded():
    found = record(PROVED)
    assert (found["name"], found["status"], found["kernel"]) == ("proved", "proved", "accepted")
    assert (found["proof_steps"], found["auxiliary"], found["value"]) == (1, [], None)


def test_what_a_proof_assumes_is_recorded_and_counted():
    result = attempts.attempt(PROVED)
    some = verdict(PROVED, "diff a h, ncoll a b h", "between h a b", ["branches sampled"])
    found = benches.record_of(replace(result, verdict=some))
    assert found["assumed"] == ["diff a h", "ncoll a b h"]
    assert (found["configuration"], found["notes"]) == (["between h a b"], ["branches sampled"])
    assert (record(FALSE)["assumed"], record(FALSE)["configuration"], record(FALSE)["notes"]) == ([], [], [])
    plain = {**found, "configuration": [], "notes": []}
    told = str(summary([PROVED] * 4, [found, {**found, "notes": []}, plain, record(FALSE)]))
    assert told.startswith("proved 3/4 (2 for some figures only, 1 with notes)  median")
    old = {key: value for key, value in plain.items() if key not in ("configuration", "notes")}
    assert str(summary([PROVED] * 2, [plain, old])).startswith("proved 2/2  median")


@pytest.mark.parametrize("sign", ["\x1b[2J", "\x9b2J", "\u202e", "\u2028", "\n"])
def test_a_record_is_one_line_and_controls_no_terminal(sign, tmp_path: Path):
    found = {**record(FALSE), "name": f"x{sign}y", "message": sign}
    with (tmp_path / "results.jsonl").open("w", encoding="utf-8") as file:
        write_record(file, found)
    (line,) = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert line.isprintable()
    assert json.loads(line) == found


def test_answers_are_recorded_exactly():
    assert record(QUESTION)["value"] == ["90", "2"]


def test_what_is_not_proved_is_recorded():
    assert record(FALSE)["status"] == "false"
    assert record(NONE)["status"] == "no_diagram"
    assert record(FALSE)["kernel"] is None
    assert record(FALSE)["message"]


def test_the_time_limit_is_recorded():
    many = parse_problem("; ".join(f"x{i} = free" for i in range(40)) + " ? cong x0 x1 x2 x3", "many")
    found = record(many, time_limit=0.001)
    assert found["status"] == "time_limit"
    assert found["cpu_s"] < 1


def test_running_out_of_memory_is_recorded(monkeypatch):
    def hungry(*args):
        raise MemoryError

    monkeypatch.setattr(attempts, "prove", hungry)
    found = record(PROVED)
    assert (found["status"], found["message"]) == ("error", "out of memory")


def test_times_add_up():
    found = record(PROVED)
    assert sum(found[name] for name in TIMES if name != "cpu_s") <= found["cpu_s"] + 0.05


def test_a_problem_that_cannot_be_tried_is_an_error_and_does_not_stop_the_others():
    records = list(bench([BARE, PROVED]))
    assert [r["status"] for r in records] == ["error", "proved"]
    assert "nothing to prove" in records[0]["message"]


@pytest.mark.slow
def test_two_processes_give_the_same_as_one():
    def content(jobs: int) -> list[list[object]]:
        records = bench([PROVED, FALSE, QUESTION], jobs=jobs)
        return sorted([r[key] for key in KEYS if key not in TIMES] for r in records)

    assert content(2) == content(1)


def test_what_is_done_is_not_done_again():
    first = record(PROVED)
    assert [r["name"] for r in bench([PROVED, FALSE], done=[first])] == ["false"]
    assert [r["name"] for r in bench([PROVED, PROVED, FALSE], done=[first])] == ["proved", "false"]


def test_the_last_line():
    records = [{**record(PROVED), "cpu_s": s} for s in (1.0, 2.0, 6.0)] + [{**record(FALSE), "cpu_s": 3.0}]
    assert str(summary([PROVED] * 4, records)) == "proved 3/4  median 2.500 s  total 12.00 s"
    assert str(summary([], [])) == "proved 0/0  median 0.000 s  total 0.00 s"


def test_results_are_kept_and_an_unfinished_line_is_cut_off(tmp_path: Path):
    path = tmp_path / "results.jsonl"
    file, done = start_results(path, resume=False)
    with file:
        write_record(file, record(PROVED))
        assert json.loads(path.read_text(encoding="utf-8"))["name"] == "proved"  # before the file is closed
        file.write('{"name": "hal')
    assert done == []
    file, done = start_results(path, resume=True)
    with file:
        write_record(file, record(FALSE))
    assert [r["name"] for r in done] == ["proved"]
    assert [json.loads(line)["name"] for line in path.read_text(encoding="utf-8").splitlines()] == ["proved", "false"]


@pytest.mark.parametrize("content", [b"{}", b"[]", b"1", b"x", b"\xff", b'{"name": 1}', b"[" * 100_000])
def test_a_file_of_something_else_is_not_resumed(tmp_path: Path, content: bytes):
    path = tmp_path / "results.jsonl"
    content += b"\n"
    path.write_bytes(content)
    with pytest.raises(InputError):
        start_results(path, resume=True)
    with pytest.raises(InputError, match="holds results already"):
        start_results(path, resume=False)
    assert path.read_bytes() == content


def test_a_folder_holds_no_results(tmp_path: Path):
    with pytest.raises(InputError, match="cannot"):
        start_results(tmp_path / "none" / "results.jsonl", resume=False)


def test_the_published_problems_are_read(data_dir: Path):
    problems = load_problems(data_dir / "geometry" / "imo_ag_30.txt")
    tasks = [Task(problem, 0, 10.0) for problem in problems[:3]]
    assert all(benches.run_task(task)["status"] in ("proved", "saturated", "time_limit") for task in tasks)
