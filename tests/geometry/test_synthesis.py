"""Made-up theorems: proved, needed in every part, each once, the same for any number of jobs, and kept on the disk."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from maieutic.core import files
from maieutic.core.errors import InputError, MaieuticError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options, StopReason
from maieutic.geometry.language.problem import parse_problem, print_problem
from maieutic.geometry.proofs.prover import Status, prove
from maieutic.geometry.synthesis import synthesize as synthesis
from maieutic.geometry.synthesis.canonical import canonical_key
from maieutic.geometry.synthesis.gallery import gallery, hardest, occurrences
from maieutic.geometry.synthesis.lineage import lineage
from maieutic.geometry.synthesis.random_figure import random_figure
from maieutic.geometry.synthesis.shards import read_folder
from maieutic.geometry.synthesis.synthesize import keys_of, proof_of, record_of, synthesize
from maieutic.geometry.synthesis.theorem import LEAST_DEDUCTIONS, OPTIONS, Theorem, stated, theorems
from maieutic.geometry.trusted.kernel import check
from maieutic.geometry.trusted.records import Accepted, Clause, Problem

FIGURES = 2


@pytest.fixture(scope="module")
def found(scale) -> list[Theorem]:
    """Theorems of the first figures of a seed."""
    collected: dict[str, Theorem] = {}
    number = 0
    while len(collected) < scale(60, 500) or sum(bool(t.proof.auxiliary) for t in collected.values()) < scale(6, 100):
        rng = Random(f"test {number}")
        for theorem in theorems(random_figure(rng), rng):
            collected.setdefault(theorem.key, theorem)
        number += 1
    return list(collected.values())


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("theorems") / "out"
    synthesize(60, out, seed=1, figures=FIGURES)
    return out


def records(path: Path) -> list[dict]:
    return list(read_folder(path).read())


def test_the_kernel_accepts_every_proof(found):
    refused = [
        (theorem.proof.problem, verdict)
        for theorem in found
        if not isinstance(verdict := check(theorem.proof), Accepted)
    ]
    assert refused == []


def test_proofs_are_long_enough_and_figures_are_not_exhausted(found):
    assert min(theorem.deductions for theorem in found) >= LEAST_DEDUCTIONS
    for number in range(5):
        rng = Random(f"test {number}")
        assert len(list(theorems(random_figure(rng), rng))) <= 20


def test_no_two_are_the_same(found):
    assert len({canonical_key(theorem.problem) for theorem in found}) == len(found)
    assert all(canonical_key(theorem.problem) == theorem.key for theorem in found)


def test_auxiliary_points_are_needed_every_one(found):
    hidden = [theorem for theorem in found if theorem.proof.auxiliary]
    assert hidden
    for theorem in hidden:
        assert prove(theorem.problem).status is not Status.PROVED, theorem.problem
        clauses = theorem.proof.problem.clauses
        for dropped in theorem.proof.auxiliary:
            assert prove(replace(theorem.proof.problem, clauses=without(clauses, dropped))).status is not Status.PROVED


def without(clauses: tuple[Clause, ...], dropped: Clause) -> tuple[Clause, ...]:
    """Clauses without one and those that are built on it."""
    gone = set(dropped.points)
    kept = []
    for clause in clauses:
        if gone.isdisjoint(clause.points) and all(gone.isdisjoint(use.args) for use in clause.constructions):
            kept.append(clause)
        else:
            gone.update(clause.points)
    return tuple(kept)


def test_every_construction_of_a_statement_is_needed(found, scale):
    for theorem in found[: scale(20, 500)]:
        problem = theorem.proof.problem
        diagram = draw(problem, theorem.proof.seed)
        for i, clause in enumerate(problem.clauses):
            for j in range(len(clause.constructions)):
                rest = Clause(clause.points, clause.constructions[:j] + clause.constructions[j + 1 :])
                looser = Problem("", (*problem.clauses[:i], rest, *problem.clauses[i + 1 :]), problem.goals)
                proved = close(looser, diagram, OPTIONS).reason is StopReason.PROVED
                assert proved == (clause.constructions[j].name in ("triangle", "segment", "free")), (problem, clause)


def test_the_statement_has_no_points_to_spare(found):
    for theorem in found:
        used = {p for goal in theorem.problem.goals for p in goal.points}
        for clause in reversed(theorem.problem.clauses):
            free = clause.constructions[0].name in ("triangle", "segment", "free")
            assert used.issuperset(clause.points) if free else not used.isdisjoint(clause.points)
            used |= {p for use in clause.constructions for p in use.args}


def test_lineage_counts_what_a_goal_rests_on():
    problem = parse_problem("a b c = triangle; d = midpoint b c; e = midpoint c a; f = midpoint a b")
    closure = close(problem, draw(problem), Options(sines=False, stop_at_goal=False))
    parallel, circle, given = (
        parse_problem(
            f"a b c d e f = pentagon a b c d e; f = free ? {goal}".replace("a b c d e f =", "a b c d e =")
        ).goals[0]
        for goal in ("para d e a b", "cong f e b d", "cong d b d c")
    )
    found = lineage(closure, [parallel, circle, given])
    names = dict(zip(closure.points, range(len(closure.points)), strict=True))
    assert found.steps[2] == 0
    assert found.steps[0] > 0
    assert found.hypotheses[2].sum() == 1
    assert not found.points[0][names["f"]]


def test_a_record_holds_the_whole_proof(found):
    for theorem in found:
        record = json.loads(json.dumps(record_of(theorem)))
        assert proof_of(record) == theorem.proof
        assert record["deductions"] == theorem.deductions


# --- folders ---------------------------------------------------------------------------------------------------------


def test_a_folder_holds_as_many_as_were_asked_for_each_once(folder):
    found = records(folder)
    assert len(found) == 60
    assert len({record["key"] for record in found}) == 60


def test_any_number_of_jobs_makes_the_same(folder, tmp_path):
    synthesize(60, tmp_path / "two", seed=1, jobs=2, figures=FIGURES)
    assert records(tmp_path / "two") == records(folder)
    names = sorted(path.name for path in folder.iterdir())
    assert [(tmp_path / "two" / name).read_bytes() for name in names] == [
        (folder / name).read_bytes() for name in names
    ]


def test_another_seed_makes_others(folder, tmp_path):
    synthesize(20, tmp_path / "other", seed=2, figures=FIGURES)
    assert not {r["key"] for r in records(tmp_path / "other")} >= {r["key"] for r in records(folder)}


def test_more_can_be_asked_for_later(folder, tmp_path):
    out = tmp_path / "grown"
    for count in (7, 7, 23, 60):
        statistics = synthesize(count, out, seed=1, figures=FIGURES)
        assert statistics.theorems == count
        assert records(out) == records(folder)[:count]


def test_theorems_of_an_earlier_run_are_not_made_again(folder, tmp_path):
    synthesize(30, tmp_path / "new", seed=1, figures=FIGURES, apart_from=[folder])
    assert not {r["key"] for r in records(tmp_path / "new")} & {r["key"] for r in records(folder)}


def test_statistics_count_what_is_there(folder):
    statistics = synthesize(60, folder, seed=1, figures=FIGURES)
    found = records(folder)
    assert statistics.theorems == 60
    assert statistics.goals == Counter(r["goal"] for r in found)
    assert statistics.deductions == Counter(r["deductions"] for r in found)
    assert statistics.auxiliary == sum(r["auxiliary_points"] > 0 for r in found)
    assert "60 theorems" in str(statistics)


def test_a_rate_is_told_after_each_shard(tmp_path):
    told = []
    synthesize(
        20, tmp_path / "out", seed=1, figures=FIGURES, on_shard=lambda state: told.append((state.done, state.rate))
    )
    assert told[-1][0] == 20
    assert all(rate > 0 for done, rate in told if done)


def test_the_bar_says_nothing_where_there_is_no_terminal(tmp_path, capsys):
    with synthesis.shown(10) as on_shard:
        synthesize(10, tmp_path / "out", seed=1, figures=FIGURES, on_shard=on_shard)
    assert capsys.readouterr() == ("", "")


def test_what_is_in_a_file_of_problems_is_not_made(folder, tmp_path):
    proofs = [proof_of(record) for record in records(folder)[:40:4]]
    known = tmp_path / "known.txt"
    known.write_text("".join(f"known {i}\n{print_problem(stated(proof))}\n" for i, proof in enumerate(proofs)))
    keys = {record["key"] for record in records(folder)[:40:4]}
    assert keys_of(known) >= keys
    synthesize(40, tmp_path / "new", seed=1, figures=FIGURES, apart_from=[known])
    assert not {r["key"] for r in records(tmp_path / "new")} & keys


def test_theorems_are_more_than_lines_that_are_the_same(found):
    lines = {"coll", "para", "perp"}
    for theorem in found:
        steps = theorem.proof.deductions
        assert any(s.conclusion.predicate not in lines or s.rule not in ("hypothesis", "linear") for s in steps)


@pytest.mark.parametrize("change", [{"seed": 2}, {"figures": FIGURES + 1}, {"count": 10}])
def test_a_folder_of_something_else_is_refused(folder, change):
    with pytest.raises(InputError):
        synthesize(**({"count": 60, "out": folder, "seed": 1, "figures": FIGURES} | change))


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="other files"):
        synthesize(10, tmp_path)


def test_a_damaged_shard_is_noticed(folder, tmp_path):
    out = tmp_path / "damaged"
    synthesize(60, out, seed=1, figures=FIGURES)
    shard = min(out.glob("shard-*"))
    shard.write_bytes(shard.read_bytes()[:-3])
    with pytest.raises(InputError, match="not what the manifest says"):
        synthesize(60, out, seed=1, figures=FIGURES)


@pytest.mark.parametrize("moment", [7, 9])  # writing the second shard, and the manifest that lists it
def test_a_full_disk_loses_no_committed_shard(folder, tmp_path, monkeypatch, moment):
    out = tmp_path / "full"
    fsync, calls = files.os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == moment:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(MaieuticError, match="No space left"):
        synthesize(60, out, seed=1, figures=FIGURES)
    monkeypatch.undo()
    kept = records(out)
    assert kept == records(folder)[: len(kept)]
    assert not list(out.glob("*.part"))
    synthesize(60, out, seed=1, figures=FIGURES)
    assert records(out) == records(folder)


def test_an_interruption_loses_no_committed_shard(folder, tmp_path):
    out = tmp_path / "interrupted"

    def interrupt(state: synthesis.State) -> None:
        if state.done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesize(60, out, seed=1, figures=FIGURES, on_shard=interrupt)
    assert len(records(out)) > 20
    synthesize(60, out, seed=1, figures=FIGURES)
    assert records(out) == records(folder)


# --- what a folder shows ---------------------------------------------------------------------------------------------


def test_the_gallery_shows_the_hardest(folder):
    page = gallery(folder, 3)
    longest = sorted((record["deductions"] for record in records(folder)), reverse=True)[:3]
    assert [record["deductions"] for record in hardest(folder, 3)] == longest
    assert all(f"{length} deductions" in page for length in longest)


def test_problems_that_occur_are_found(folder):
    proof = proof_of(records(folder)[0])
    statement = stated(proof)
    known = replace(statement, name="known")
    looser = parse_problem(
        f"{'; '.join(map(str, statement.clauses))}; idle = free ? {statement.goals[0]}", "with a spare point"
    )
    new = parse_problem("a b c = triangle ? coll a b c", "new")
    occur = occurrences(folder, [known, looser, new])
    assert [(o.name, o.as_stated) for o in occur] == [("known", True), ("with a spare point", True)]
