"""Teaching a model to judge: judgements that agree with people become examples, and no score crowds out the others."""

import pytest
from tests.align.simulated import Scripted, responses

from maieutic.align.judges.language import PointwiseJudge
from maieutic.align.judges.parsing import read_score
from maieutic.align.selection.eft import agrees, deskew, judge_examples
from maieutic.core.errors import InputError
from maieutic.core.records import Example, Ranking


@pytest.mark.parametrize(
    ("ranks", "scores", "expected"),
    [
        ((1, 2, 3), (5, 3, 1), True),
        ((3, 1, 2), (1, 5, 3), True),
        ((1, 2, 3), (5, 3, 3), False),  # a tie where people saw a difference
        ((1, 2, 3), (3, 5, 1), False),
        ((1, 2, 2), (5, 3, 1), True),  # where people saw none, any order will do
        ((1, 1), (5, 3), False),  # nothing to agree with
        ((1,), (5,), False),
    ],
)
def test_scores_agree_with_a_ranking(ranks, scores, expected):
    assert agrees(ranks, scores) is expected


def test_judgements_that_agree_become_examples():
    """The first draw has it the wrong way round, the second is right: its texts are learned."""
    scores = {"good": [2, 5, 5], "fair": [3, 3, 4], "poor": [1, 1, 0]}

    def script(text, draw):
        (response,) = responses(text).values()
        return f"Draw {draw}.\nScore: {scores[response][draw]}"

    judge = PointwiseJudge(generator=Scripted(script))
    ranking = Ranking("Why?", ("fair", "good", "poor"), (2, 1, 3))
    ((index, examples),) = judge_examples([ranking], judge, seed=4)
    assert index == 0
    assert [e.completion for e in examples] == [f"Draw 1.\nScore: {n}" for n in (3, 5, 1)]
    assert [e.prompt for e in examples] == [judge.ask("Why?", [text], 4) for text in ranking.completions]


def test_judgements_that_never_agree_or_cannot_be_read_become_none():
    judge = PointwiseJudge(generator=Scripted(lambda text, draw: "Score: 4"))
    silent = PointwiseJudge(generator=Scripted(lambda text, draw: "hm"))
    rankings = [Ranking("Why?", ("a", "b"), (1, 2)), Ranking("How?", ("a", "b"), (2, 1))]
    assert sorted(judge_examples(rankings, judge)) == sorted(judge_examples(rankings, silent)) == [(0, []), (1, [])]


def judgements(*scores):
    return [Example(f"judge {k}", f"It is so.\nScore: {score}") for k, score in enumerate(scores)]


def test_the_most_common_score_is_thinned_out():
    """Seven 4s, three 2s, one 5: four of the 4s go; with a factor of 2, one."""
    examples = judgements(4, 2, 4, 4, 5, 4, 2, 4, 4, 2, 4)
    kept = deskew(examples)
    assert sorted(read_score(e.completion, 0, 5) for e in kept) == [2, 2, 2, 4, 4, 4, 5]
    assert kept == [e for e in examples if e in kept]
    assert len(deskew(examples, factor=2)) == len(examples) - 1
    assert deskew(examples, seed=1) == deskew(examples, seed=1)
    assert len({tuple(deskew(examples, seed=seed)) for seed in range(10)}) > 1


def test_scores_without_a_skew_stay():
    assert deskew(judgements(1, 2, 3)) == judgements(1, 2, 3)
    assert deskew(judgements(4, 4, 4)) == judgements(4, 4, 4)  # nothing else to compare with
    assert deskew([]) == []
    with pytest.raises(InputError, match="no judgement: 'Good!'"):
        deskew([Example("judge", "Good!")])
