"""The page of a run, and of a comparison: whole, self-contained, readable at two widths, and true to the records."""

import json

import pytest
from tests.report.pages import Outline, look

from maieutic.align.evaluate import VERDICTS
from maieutic.core.files import write_lines
from maieutic.core.records import Sample
from maieutic.core.store import Run, open_run
from maieutic.report.run_facts import facts_of
from maieutic.report.run_page import comparison_page, run_page

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


def a_run(folder, name: str, rounds: int = 3, count: int = 12, answers=("plain", "better")) -> Run:
    """A run as `improve` leaves it, with made-up numbers."""
    run = open_run(folder / name, {"method": "dno", "rounds": rounds, "seed": 0, "policy": {"path": "start"}})
    for t in range(1, rounds + 1):
        for stage, numbers in (
            ("prompts", {"prompts": 40}),
            ("samples", {"samples": 160, "words": 7.5}),
            ("judgements", {"verdicts": 160, "abstentions": 0.01, "ties": 0.2, "score_length": -0.1}),
            ("pairs", {"chosen": 33, "margin": 1.5, "origins": {"teacher>student": 20, "student>student": 13}}),
            ("policy", {"learned_from": 33, "steps": 5}),
        ):
            made = run.stage(t, stage)
            if stage == "policy":
                steps = [{"step": k, "loss": 0.69 / k, "kl": 0.1 * k, "rewards/margins": 0.2 * k} for k in range(1, 6)]
                write_lines(made.folder / "metrics.jsonl", steps)
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
        rate = {"value": 0.5 + 0.1 * t, "low": 0.45 + 0.1 * t, "high": 0.55 + 0.1 * t, "n": count}
        pairwise = {"value": 0.6, "low": 0.5, "high": 0.7, "n": count}
        measured.finish(
            against_start={"rate": rate},
            against_before={"rate": rate},
            length=20.0 + t,
            truth={"now": 3.0 + 0.1 * t, "before": 3.0, "start": 3.0},
            judge={"pairwise": pairwise, "missing": 0.0},
        )
        run.log(round=t, seconds=90.0)
    (run.folder / "output.json").write_text(json.dumps({"policies": ["round-03/policy/model"], "why": "the last"}))
    return run


@pytest.fixture
def facts(tmp_path):
    return facts_of(a_run(tmp_path, "first"))


def test_the_page_is_whole_and_needs_nothing_else(facts):
    page = run_page(facts)
    outline = Outline(page.split("<svg")[0])
    assert "src" not in {name for _, attributes in outline.tags for name in attributes}
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "url(http" not in page


def test_the_page_tells_what_the_records_say(facts):
    page = run_page(facts)
    assert "Came out: the last." in page
    for said in ("80.0% [75.0, 85.0]", "student&gt;student 13", "1.5", "better 1", "Better than before", "Worse than"):
        assert said in page, said


def test_plots_say_what_they_show(facts):
    page = run_page(facts)
    assert page.count("<desc>") == page.count('class="plot"') >= 6
    assert "0.600 in round 1, 0.700 in round 2, 0.800 in round 3" in page


def test_samples_are_sorted_by_who_was_better(facts):
    assert {sample.result for sample in facts.samples} == {0.0, 1.0}
    assert [sample.after for sample in facts.samples if sample.result == 0][:2] == ["better 0", "better 3"]


def test_identical_answers_are_warned_of(tmp_path):
    facts = facts_of(a_run(tmp_path, "null", answers=("plain", "same")))
    assert any("identical" in warning for warning in facts.warnings)
    assert "identical" in run_page(facts)


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
    page = run_page(facts_of(a_run(tmp_path, "long", count=10_000, answers=("x" * 400, "y" * 400))))
    assert len(page.encode()) < 3_000_000


@pytest.mark.parametrize("width", [420, 1280])
def test_pages_in_a_browser(tmp_path, width):
    one, two = facts_of(a_run(tmp_path, "first")), facts_of(a_run(tmp_path, "second", rounds=2))
    for name, page in (("one", run_page(one)), ("both", comparison_page([one, two]))):
        (tmp_path / name).mkdir()
        allowed = page.replace("default-src 'none';", "default-src 'none'; script-src 'unsafe-inline';")
        seen, console = look(allowed, width, tmp_path / name, LAYOUT)
        assert console == ""
        assert seen["errors"] == []
        assert seen["resources"] == []
        assert seen["scrolls"] <= seen["width"]
        assert seen["overlaps"] == 0
