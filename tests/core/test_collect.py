"""Samples into a file that grows until it is complete, whatever stops the run on the way."""

import json

import pytest

from maieutic.core import collect as collecting
from maieutic.core.collect import collect
from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.generate import Generated, Reply, Sampling
from maieutic.core.records import Message

PROMPTS = ["a", "b c", "a", "d"]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


class Writer:
    """A generator that gives the seed of each completion as its text, in an order of its own."""

    name = "writer"

    def __init__(self, fails=lambda text: False, stops_after=10**9):
        self.asked, self.fails, self.stops_after = [], fails, stops_after

    def generate(self, requests, sampling):
        for given, index in enumerate(reversed(range(len(requests)))):
            if given == self.stops_after:
                raise KeyboardInterrupt
            request = requests[index]
            self.asked.append(request)
            numbers = range(request.first, request.first + request.n)
            written = [Generated(str(request.completion_seed(number)), "stop", 1, number) for number in numbers]
            kept = tuple(generated for generated in written if not self.fails(generated.number))
            yield Reply(index, kept, None if len(kept) == len(written) else "it failed")


def test_samples_stand_in_the_order_of_the_prompts_with_seeds_of_their_own(tmp_path):
    path = tmp_path / "out.jsonl"
    done = collect(Writer(), PROMPTS, path, Sampling(), n=2)
    assert (done.before, done.written, done.errors) == (0, 8, ())
    found = lines(path)
    assert [line["prompt"] for line in found] == [prompt for prompt in PROMPTS for _ in range(2)]
    assert len({line["seed"] for line in found}) == 8  # those of the prompt that comes twice, too
    assert all(line["completion"] == str(line["seed"]) and line["model"] == "writer" for line in found)


@pytest.mark.parametrize("stops_after", [0, 1, 3])
@pytest.mark.parametrize("tear", [0, 1, 60])
def test_a_run_that_is_stopped_goes_on_and_ends_with_the_same_file(tmp_path, stops_after, tear):
    whole, path = tmp_path / "whole.jsonl", tmp_path / "out.jsonl"
    collect(Writer(), PROMPTS, whole, Sampling(), n=3)
    with pytest.raises(KeyboardInterrupt):
        collect(Writer(stops_after=stops_after), PROMPTS, path, Sampling(), n=3)
    kept = path.read_bytes()
    path.write_bytes(kept[: max(0, len(kept) - tear)])  # a last line, half written
    again = Writer()
    done = collect(again, PROMPTS, path, Sampling(), n=3)
    assert path.read_bytes() == whole.read_bytes()
    assert done.before + done.written == 12
    assert sum(request.n for request in again.asked) == done.written
    assert done.written == 12 - 3 * stops_after + (1 if tear and stops_after else 0)


def test_a_finished_file_is_left_alone_and_nothing_is_asked(tmp_path):
    path = tmp_path / "out.jsonl"
    collect(Writer(), PROMPTS, path, Sampling())
    content, time = path.read_bytes(), path.stat().st_mtime_ns
    again = Writer()
    assert collect(again, PROMPTS, path, Sampling()).before == 4
    assert again.asked == []
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, time)


def test_what_failed_is_told_and_alone_asked_again(tmp_path):
    path = tmp_path / "out.jsonl"
    done = collect(Writer(fails=lambda number: number in (1, 2)), PROMPTS[:2], path, Sampling(), n=5)
    assert done.written == 6
    assert sorted(done.errors) == ["prompt 1: it failed", "prompt 2: it failed"]
    again = Writer()
    collect(again, PROMPTS[:2], path, Sampling(), n=5)
    assert [(request.first, request.n) for request in again.asked] == [(1, 2), (1, 2)]
    collect(Writer(), PROMPTS[:2], tmp_path / "whole.jsonl", Sampling(), n=5)
    assert path.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_more_samples_can_be_asked_for_later(tmp_path):
    path = tmp_path / "out.jsonl"
    collect(Writer(), PROMPTS, path, Sampling(), n=2)
    more = Writer()
    done = collect(more, PROMPTS, path, Sampling(), n=3)
    assert (done.before, done.written) == (8, 4)
    assert all((request.first, request.n) == (2, 1) for request in more.asked)


@pytest.mark.parametrize(
    "change",
    [
        {"prompts": ["other", *PROMPTS[1:]]},
        {"sampling": Sampling(temperature=0.5)},
        {"seed": 1},
        {"identity": "other weights"},
        {"n": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_samples_of_another_run_are_not_mixed_in(tmp_path, change):
    path = tmp_path / "out.jsonl"
    given = {"prompts": PROMPTS, "sampling": Sampling(), "n": 2}

    def run(prompts, sampling, **options):
        return collect(Writer(), prompts, path, sampling, **options)

    run(**given)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"line [12]: a sample of another run"):
        run(**given | change)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["hello\n", "[1]\n", '{"prompt": "a"}\n', '{"seed": {}}\n', "\n"])
def test_a_file_of_something_else_is_not_overwritten(tmp_path, content):
    path = tmp_path / "out.jsonl"
    path.write_text(content)
    with pytest.raises(InputError, match="line 1"):
        collect(Writer(), PROMPTS, path, Sampling())
    assert path.read_text() == content


def test_a_full_disk_is_told_and_what_was_written_stays(tmp_path, monkeypatch):
    path = tmp_path / "out.jsonl"
    real = collecting._append
    calls = []

    def full(path, samples):
        calls.append(1)
        if len(calls) == 3:
            raise MaieuticError("cannot write")
        real(path, samples)

    monkeypatch.setattr(collecting, "_append", full)
    with pytest.raises(MaieuticError, match="cannot write"):
        collect(Writer(), PROMPTS, path, Sampling())
    assert len(lines(path)) == 2


def test_any_text_survives_the_file(tmp_path):
    class Strange(Writer):
        def generate(self, requests, sampling):
            for index in range(len(requests)):
                yield Reply(index, (Generated("line\nend\u2028\ud800 \x00 é", "stop", 1, 0),))

    path = tmp_path / "out.jsonl"
    conversation = (Message("user", "\ud801\u0085"),)
    collect(Strange(), [conversation], path, Sampling())
    assert collect(Writer(), [conversation], path, Sampling()).before == 1
