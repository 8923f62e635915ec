"""The page of a run, and of a comparison: whole, self-contained, readable at two widths, and true to the records."""

import json
import re
from dataclasses import replace

import pytest
from tests.pages.pages import Outline, look

from maieutic.align.measuring.evaluate import VERDICTS
from maieutic.core.files import write_lines
from maieutic.core.records import Sample
from maieutic.core.store import Run, open_run
from maieutic.pages.new_proofs import proof_of
from maieutic.pages.run_facts import facts_of
from maieutic.pages.run_page import comparison_page, run_page

LAYOUT = """<script>
const seen = { errors: [] };
addEventListener("error", (event) => seen.errors.push(String(event.message)));
addEventListener("load", () => {
  const root = document.documentElement;
  seen.width = root.clientWidth;
  seen.scrolls = root.scrollWidth;
  seen.resources = performance.getEntriesByType("resource").map((entry) => entry.name);
  const boxes = (inside) => Array.from(inside.querySelectorAll("text"), (each) => each.getBoundingClientRect());
  seen.overlaps = 0;
  for (const drawing of document.querySelectorAll("svg.plot")) {
    const all = boxes(drawing).filter((box) => box.width > 0);
    for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length; j++) {
      const [a, b] = [all[i], all[j]];
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 2 && down > 2) seen.overlaps++;
    }
  }
  parent.document.getElementById("seen").textContent = JSON.stringify(seen);
});
</script>"""
"""What a browser tells of the layout; two texts of a plot overlap where their boxes share more than two pixels."""


def estimate(value: float, n: int = 12) -> dict[str, float]:
    return {"value": value, "low": value - 0.05, "high": value + 0.05, "n": n}


def against(value: float, n: int) -> dict[str, object]:
    parts = {
        name: estimate(value, n // 3) for name in ("13 to 40 characters", "9 to 13 characters", "1 to 9 characters")
    }
    return {"rate": estimate(value, n), "missing": 0, "lengths": [21.0, 20.0], "by_length": parts}


def a_run(folder, name: str, rounds: int = 3, count: int = 12, answers=("plain", "better"), steps: int = 5) -> Run:
    """A run as `improve` leaves it, with made-up numbers."""
    run = open_run(folder / name, {"method": "dno", "rounds": rounds, "seed": 0, "policy": {"path": "start"}})
    for t in range(1, rounds + 1):
        for stage, numbers in (
            ("prompts", {"prompts": 40, "created": {"kept": 10, "similar": 5, "too_short": 2}}),
            ("samples", {"samples": 160, "words": 7.5, "cut": 3}),
            ("teacher", {"samples": 40}),
            ("judgements", {"judge": "pairwise:judge", "verdicts": 200, "answers": 410, **judged(t)}),
            ("pairs", {"questions": 40, "unjudged": 4, "chosen": 33, "margin": 1.5, "origins": ORIGINS}),
            ("policy", {"learned_from": 35, "steps": steps, "dropped": {"prompt": 1}}),
        ):
            made = run.stage(t, stage)
            if stage == "policy":
                noted = [
                    {"step": k, "loss": 0.69 / k, "kl": 0.1 * k, "rewards/margins": 0.2 * k}
                    for k in range(1, steps + 1)
                ]
                write_lines(made.folder / "metrics.jsonl", noted)
            made.finish(**numbers)
        measured = run.stage(t, "evaluation")
        samples = [
            Sample(f"prompt {k}", f"{text} {k if text != 'same' else ''}", f"{who} model", 0)
            for k in range(count)
            for who, text in (("start", answers[0]), ("now", answers[1]))
        ]
        measured.make(samples, lambda part, first: part)
        results = [{"prompt": f"prompt {k}", "against": "start", "result": float(k % 3 != 0)} for k in range(count)]
        write_lines(measured.folder / VERDICTS, results)
        measured.finish(
            against_start=against(0.5 + 0.1 * t, count),
            against_before=against(0.55, count),
            length=20.0 + t,
            truth={"now": 3.0 + 0.1 * t, "before": 3.0, "start": 2.5},
            judge={"pairwise": estimate(0.6), "kendall": estimate(0.4), "missing": 0.0},
        )
        run.log(round=t, seconds=90.0, cpu_seconds=60.0)
        run.log(round=t, model="a teacher", read=5000, written=800, cost=0.25)
    (run.folder / "output.json").write_text(json.dumps({"policies": ["round-03/policy/model"], "why": "the last"}))
    return run


ORIGINS = {"teacher>student": 20, "student>student": 13}


def judged(t: int) -> dict[str, object]:
    """How the judge behaved: worse from round to round."""
    rates = {
        "abstentions": 0.01 * t,
        "unparsable": 0.02,
        "ties": 0.2,
        "inconsistent": 0.05 * t,
        "first_place": 0.5 + 0.05 * t,
        "consistency": 0.9,
        "score_length": -0.1 * t,
    }
    return {**rates, "intervals": {name: [value - 0.04, value + 0.04] for name, value in rates.items()}}


QUESTION = "a b = segment ; c = on_bline a b ; d = nsquare a b ; e = nsquare c d ? perp b d a e |"
POINT = " f = midpoint d b !"


def a_prover_run(folder, name: str = "prover", rounds: int = 2) -> Run:
    """A run on theorems, as `improve` leaves it, with made-up numbers and one real proof a round."""
    run = open_run(folder / name, {"method": "self_rewarding", "rounds": rounds, "prover": {"closures": 8}})
    for t in range(1, rounds + 1):
        run.stage(t, "curriculum").finish(theorems=80, made_up=16, proved=0.4, always=9)
        run.stage(t, "prompts").finish(prompts=40)
        measured = run.stage(t, "evaluation")
        write_lines(measured.folder / "proofs.jsonl", [{"prompt": QUESTION, "completion": POINT}])
        solved = {"now": estimate(0.6 + 0.05 * t), "before": estimate(0.6), "start": estimate(0.6)}
        measured.finish(
            solved=solved,
            gain={"start": estimate(0.05 * t), "before": estimate(0.05)},
            by_points={"2": solved, "1": solved, "10": solved},
            newly_proved=1,
            truth={who: of["value"] for who, of in solved.items()},
            length=12.0,
            against_start=against(0.55, 12),
            verdicts={"accuracy": estimate(0.8), "proved": estimate(0.4), "pairwise": estimate(0.7), "auc": 0.81},
        )
    return run


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    return facts_of(a_run(tmp_path_factory.mktemp("runs"), "first"))


@pytest.fixture(scope="module")
def page(facts):
    return run_page(facts)


@pytest.fixture(scope="module")
def both(facts, tmp_path_factory):
    return comparison_page([facts, facts_of(a_run(tmp_path_factory.mktemp("runs"), "second", rounds=2))])


@pytest.fixture(scope="module")
def proved(tmp_path_factory):
    return run_page(facts_of(a_prover_run(tmp_path_factory.mktemp("runs"))))


def test_the_page_is_whole_and_needs_nothing_else(page):
    outline = Outline(page.split("<svg")[0])
    assert "src" not in {name for _, attributes in outline.tags for name in attributes}
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "url(http" not in page


def test_the_page_tells_what_the_records_say(page):
    assert "Came out: the last." in page
    for said in ("80.0% [75.0, 85.0]", "student over student", "1.5", "better 1", "Better than before", "Worse than"):
        assert said in page, said
    assert "Judged by pairwise:judge." in page


def test_plots_say_what_they_show(page):
    assert page.count("<desc>") == page.count('class="plot"') >= 12
    assert "0.6 in round 1, 0.7 in round 2, 0.8 in round 3" in page
    assert "17 prompts made, 7 of them refused, 40 prompts, 160 answers, 3 of them cut off" in page


def test_the_judges_bias_is_told_by_round(page):
    for said in ("Position bias", "Length bias", "Self-consistency", "Verdicts that tell little"):
        assert said in page, said
    told = {row[0]: row for row in map(cells, page.split("<tr>")[1:]) if row}
    assert told["prefers what is shown first"] == [
        "prefers what is shown first",
        *(f"{v}.0% [{v - 4}.0, {v + 4}.0]" for v in (55, 60, 65)),
    ]
    assert told["correlation with length"][1:] == [f"-0.{t}0 [-0.{t}4, -0.{t - 1}6]" for t in (1, 2, 3)]


def test_what_a_run_cost_is_added_up(page):
    """A round draws 160 + 40 answers, measures with 12 of the new policy (and in the first 12 of the start), and has
    200 + 2 * 12 verdicts."""
    rows = [cells(row) for row in page.split("<h2>Cost</h2>")[1].split("<tr>")[1:]]
    assert rows[0] == [
        "round",
        "completions",
        "verdicts",
        "judge&#39;s answers",
        *("tokens read", "tokens written"),
        *COSTS,
    ]
    assert rows[2] == ["1", "224", "224", "410", "5,000", "800", "0.25", "1.50", "1.00"]
    assert rows[3][:2] == ["2", "212"]
    assert rows[5] == ["all", "648", "672", "1,230", "15,000", "2,400", "0.75", "4.50", "3.00"]


COSTS = ("money", "minutes", "CPU minutes")


def test_lengths_are_in_the_order_of_numbers(page):
    assert page.index("1 to 9 characters") < page.index("9 to 13 characters") < page.index("13 to 40 characters")


def test_a_run_that_was_not_measured_has_no_section_of_it(tmp_path):
    run = open_run(tmp_path / "unmeasured", {"method": "spin", "rounds": 1})
    run.stage(1, "samples").finish(samples=3)
    page = run_page(facts_of(run))
    assert "What was learned from" in page
    for absent in ("Results", "The judge", "Training", "Proved for the first time"):
        assert f"<h2>{absent}" not in page


def test_a_run_on_theorems_tells_what_was_proved(proved):
    for said in ("Held-out theorems proved", "Theorems proved, by the points", "own verdicts, held against the kernel"):
        assert said in proved, said
    assert proved.index("1 point in their own proof") < proved.index("2 points in") < proved.index("10 points in")
    assert "80.0% [75.0, 85.0]" in proved  # its own verdicts are right
    assert "true score" not in proved  # that is what it proves


def test_new_proofs_are_shown_with_their_figures(proved):
    assert proved.count('class="geo"') == 2
    assert "is the midpoint of" in proved
    assert "Construction: F is the midpoint of DB." in proved
    idents = Outline(proved).all("id")
    shapes = [ident for ident in idents if ident.startswith(("r1-", "r2-"))]
    assert len(shapes) == len(set(shapes)) > 20


def test_what_is_no_proof_is_not_shown():
    proof, verdict = proof_of(QUESTION, POINT) or pytest.fail("no proof")
    assert proof.auxiliary
    assert verdict.notes == ()
    assert proof_of(QUESTION, " f = midpoint a b c !") is None  # no such construction
    assert proof_of("a b c = triangle ? perp a b a c |", " d = midpoint a b !") is None  # false
    assert proof_of("nothing of the kind", POINT) is None


def test_names_and_answers_turn_nothing_around_and_move_no_cursor(tmp_path):
    run = a_run(tmp_path, "x\x1b[2J\u202ey", answers=("plain\x9b2J", "better\u202e"))
    text = run_page(facts_of(run))
    assert all(line.isprintable() for line in text.replace("\xa0", " ").split("\n"))
    assert "<h1>Run x\\u001b[2J\\u202ey</h1>" in text
    assert "better\\u202e" in text


def test_runs_of_one_name_are_told_apart(facts):
    one, two = (replace(facts, folder=f"{place}/first", rounds=(), samples=()) for place in "ab")
    assert "<h1>a/first against b/first</h1>" in comparison_page([one, two])


def test_a_comparison_has_the_same_parts_with_a_line_a_run(page, both):
    headings = [part.split("</h2>")[0] for part in page.split("<h2>")[1:]]
    assert all(f"<h2>{heading}" in both for heading in headings)
    assert "first: 0.6 in round 1, 0.7 in round 2, 0.8 in round 3; second: 0.6 in round 1, 0.7 in round 2" in both


def cells(row: str) -> list[str]:
    """The texts of a row's cells."""
    return [text for text in re.sub(r"<[^>]*>", "\n", row.split("</tr>")[0]).split("\n") if text]


def test_samples_are_sorted_by_who_was_better(facts):
    assert {sample.result for sample in facts.samples} == {0.0, 1.0}
    assert [sample.after for sample in facts.samples if sample.result == 0][:2] == ["better 0", "better 3"]


def test_identical_answers_are_warned_of(tmp_path):
    facts = facts_of(a_run(tmp_path, "null", answers=("plain", "same")))
    assert any("All 12 answers of the last policy are identical" in warning for warning in facts.warnings)
    assert 'class="warning" role="note"' in run_page(facts)
    assert not any("identical" in warning for warning in facts_of(a_run(tmp_path, "fair")).warnings)


def test_many_equal_answers_are_warned_of(tmp_path):
    run = open_run(tmp_path / "collapsed", {"method": "dno", "rounds": 1})
    measured = run.stage(1, "evaluation")
    said = ["me too"] * 21 + [f"answer {k}" for k in range(19)]
    samples = [Sample(f"p {k}", text, f"{who} m", 0) for k, text in enumerate(said) for who in ("start", "now")]
    measured.make(samples, lambda part, first: part)
    measured.finish(length=6.0)
    assert facts_of(run).warnings == ["21 of 40 answers of the last policy are the same text: 'me too'."]


def test_what_a_model_wrote_stays_text(tmp_path):
    hostile = "<script>alert(1)</script>"
    page = run_page(facts_of(a_run(tmp_path, "hostile", answers=("plain", hostile))))
    assert hostile not in page
    assert "&lt;script&gt;" in page


def test_a_run_in_progress_has_a_page_too(tmp_path):
    run = open_run(tmp_path / "young", {"method": "spin", "rounds": 2})
    run.stage(0, "start").finish(imitated=3)
    run.stage(1, "prompts")
    assert "Not finished" in run_page(facts_of(run))


def test_a_long_run_makes_a_small_page(tmp_path):
    run = a_run(tmp_path, "long", rounds=2, count=10_000, answers=("x" * 400, "y" * 400), steps=4000)
    page = run_page(facts_of(run))
    assert len(page.encode()) < 3_000_000


@pytest.mark.parametrize("width", [420, 1280])
def test_pages_in_a_browser(tmp_path, width, page, both, proved):
    for name, text in {"one": page, "both": both, "theorems": proved}.items():
        (tmp_path / name).mkdir()
        allowed = text.replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';")
        seen, console = look(allowed, width, tmp_path / name, LAYOUT)
        assert console == ""
        assert seen["errors"] == []
        assert seen["resources"] == []
        assert seen["scrolls"] <= seen["width"]
        assert seen["overlaps"] == 0
