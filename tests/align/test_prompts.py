"""New prompts: what the model is shown, what is kept, and that a broken-off creation goes on. ROUGE-L and portions."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.align.simulated import Scripted

from maieutic.align.judges.prompts import CREATION, Creation, Creator, Filters, Form, Refusal, portions, refusals
from maieutic.align.judges.rouge import Pool, rouge_l, words
from maieutic.core.errors import InputError
from maieutic.core.generate import Generated, Reply
from maieutic.core.records import Message, content_hash, from_json, to_json

SEEDS = [f"{verb} {thing}" for verb in ("Describe a", "Name the", "Explain one") for thing in ("river", "lake", "sea")]
NOUNS = [
    *("stone", "bread", "glass", "paper", "tower", "garden", "winter"),
    *("doctor", "engine", "pencil", "island", "mirror", "violin", "window"),
]


def inventing(text, draw=0):
    """A model that writes a task which hangs on its prompt; every fifth or so is a repetition."""
    number = int(content_hash([text, draw])[:8], 16)
    if number % 5 == 0:
        return "Describe a river"
    return "Compare " + " ".join(NOUNS[(number >> 3 * k) % len(NOUNS)] for k in range(4))


# --- ROUGE-L ----------------------------------------------------------------------------------------------------------


def textbook(a, b):
    """The longest common subsequence by the table."""
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            table[i + 1][j + 1] = table[i][j] + 1 if x == y else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


@given(st.lists(st.sampled_from("abcde"), max_size=80), st.lists(st.sampled_from("abcdef"), max_size=80))
def test_rouge_l_is_that_of_the_textbook(a, b):
    total = len(a) + len(b)
    expected = 2 * textbook(a, b) / total if total else 0.0
    assert rouge_l(" ".join(a), " ".join(b)) == expected
    if total:
        assert Pool([" ".join(a)]).has_similar(" ".join(b), 0.5) == (expected > 0.5)


def test_rouge_l_by_hand():
    """the cat ... the mat / the ... on the mat: 'the', 'the', 'mat' and 'on' are common, 4 of 6 and of 5 words."""
    assert rouge_l("The cat sat on the mat.", "the dog on the mat") == 2 * 4 / 11
    assert words("Don't — 3.5%!") == ("don", "t", "3", "5")


# --- creation ---------------------------------------------------------------------------------------------------------


def test_creation_asks_as_the_paper_does():
    """Six seeds and two creations, as soon as there are two; temperature 0.6 and top-p 0.9."""
    scripted = Scripted(inventing)
    log = list(Creator(generator=scripted, seeds=SEEDS, batch=4).create(6))
    assert (CREATION.temperature, CREATION.top_p) == (0.6, 0.9)
    kept = []
    for creation, request in zip(log, scripted.asked, strict=False):
        (message,) = request.prompt
        tasks = re.findall(r"^Task \d+: (.+)$", message.content, re.MULTILINE)
        assert len(tasks) == len(set(tasks)) == 8
        earlier = {c.prompt for c in kept if c.attempt < creation.attempt - creation.attempt % 4}
        assert len(set(tasks) & earlier) == min(2, len(earlier))
        assert set(tasks) <= {*SEEDS, *earlier}
        assert message.content.endswith("Task 9:")
        kept += [creation] if creation.refusal is None else []
    assert len(kept) == 6
    assert [creation.attempt for creation in log] == list(range(len(log)))


def test_what_is_kept_is_new():
    log = list(Creator(generator=Scripted(inventing), seeds=SEEDS, batch=8).create(12))
    kept = [creation.prompt for creation in log if creation.refusal is None]
    assert len(kept) == 12
    for place, prompt in enumerate(kept):
        assert max(rouge_l(prompt, other) for other in SEEDS + kept[:place]) <= 0.7
    assert {"kept", "similar"} <= set(refusals(log))
    assert sum(refusals(log).values()) == len(log)


@pytest.mark.parametrize("broken_off", [0, 1, 5, 8, 13])
def test_a_creation_that_was_broken_off_ends_like_one_that_was_not(broken_off):
    def creator():
        return Creator(generator=Scripted(inventing, reverse=True), seeds=SEEDS, batch=4)

    whole = list(creator().create(12, seed=5))
    assert len(whole) > 13
    done = [from_json(Creation, to_json(creation)) for creation in whole[:broken_off]]
    assert done + list(creator().create(12, seed=5, done=done)) == whole
    assert list(creator().create(12, seed=5, done=whole)) == []
    assert list(creator().create(12, seed=6)) != whole


def test_a_log_with_a_gap_is_refused():
    with pytest.raises(InputError, match="a gap"):
        list(Creator(generator=Scripted(inventing), seeds=SEEDS).create(2, done=[Creation("x", 3)]))


def test_a_model_that_only_repeats_itself_comes_to_an_end():
    scripted = Scripted(lambda text, draw: "Describe a river")
    log = list(Creator(generator=scripted, seeds=SEEDS, batch=7).create(3))
    assert refusals(log) == {"similar": 30}
    assert scripted.drawn == 30
    assert len(list(Creator(generator=scripted, seeds=SEEDS).create(3, attempts=5))) == 5


class OneReply:
    """A Generator with one reply for all."""

    name = "one"

    def __init__(self, text, finish="stop"):
        self.generated = () if text is None else (Generated(text, finish, 9),)

    def generate(self, requests, sampling):
        for index, _ in enumerate(requests):
            yield Reply(index, self.generated, error=None if self.generated else "gone")


@pytest.mark.parametrize(
    ("text", "finish", "prompt", "refusal"),
    [
        ("Write a haiku about rain.", "stop", "Write a haiku about rain.", None),
        ("\n Task 9: Write a haiku about rain.\n", "stop", "Write a haiku about rain.", None),
        ("Write a haiku:\n\n- about rain\n\nTask 10: Sing.", "length", "Write a haiku:\n\n- about rain", None),
        ("Write a haiku about", "length", "Write a haiku about", Refusal.CUT_OFF),
        ("Sing.", "stop", "Sing.", Refusal.TOO_SHORT),
        ("", "stop", "", Refusal.TOO_SHORT),
        ("Sing " * 151, "stop", ("Sing " * 151).strip(), Refusal.TOO_LONG),
        ("Say what the IMAGE shows.", "stop", "Say what the IMAGE shows.", Refusal.KEYWORD),
        ("Imagine a mapmaker at work.", "stop", "Imagine a mapmaker at work.", None),
        ("Describe a big river!", "stop", "Describe a big river!", Refusal.SIMILAR),
        (None, "stop", "", Refusal.FAILED),
    ],
)
def test_why_a_creation_is_not_kept(text, finish, prompt, refusal):
    (creation,) = Creator(generator=OneReply(text, finish), seeds=SEEDS).create(1, attempts=1)
    assert creation == Creation(prompt, 0, refusal)


def test_seeds_may_be_conversations_and_few_and_the_model_plain():
    seeds = [(Message("user", "Name a river."),)]
    scripted = Scripted(inventing)
    creator = Creator(generator=scripted, seeds=seeds, chat=False, form=Form("{tasks}\n{n}.", "{n}. {task}", "#"))
    assert next(creator.create(1)).refusal in (None, "similar")
    assert scripted.asked[0].prompt == "1. Name a river.\n2."
    with pytest.raises(InputError, match="no seeds"):
        Creator(generator=scripted, seeds=[])


def test_filters_can_be_set():
    filters = Filters(least_words=1, most_words=2, keywords=("Rain",), similarity=0.5)
    assert filters.refuse("sing now", Pool()) is None
    assert filters.refuse("the rain", Pool()) is Refusal.KEYWORD
    assert filters.refuse("sing now", Pool(["now then sing"])) is None  # 2 * 1 / 5
    assert filters.refuse("sing now", Pool(["sing it now"])) is Refusal.SIMILAR  # 2 * 2 / 5


# --- portions ---------------------------------------------------------------------------------------------------------


def test_portions_are_disjoint_and_complete():
    parts = portions(range(11), 3, seed=1)
    assert [len(part) for part in parts] == [4, 4, 3]
    assert sorted(item for part in parts for item in part) == list(range(11))
    assert portions(range(11), 3, seed=1) == parts != portions(range(11), 3, seed=2)
    with pytest.raises(InputError, match="0 parts"):
        portions([1], 0)
