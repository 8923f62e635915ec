"""Evaluation fine-tuning: teaching a model to judge (Self-Rewarding, arXiv 2401.10020, sections 2.1 and 3.1).

From prompts whose answers people have ranked, a model that was only taught to follow instructions writes judgements in
the form of the pointwise judge. A judgement is kept where its scores agree with the people's ranking, and becomes an
example: the judge's prompt, and the justification with its score. Judgements like to give the same good score to
everything, so some of those with the most common score are dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from random import Random

from maieutic.align.judges.language import PointwiseJudge
from maieutic.align.judges.parsing import read_score
from maieutic.align.judges.questions import Answer, Question, read_raw
from maieutic.align.judges.rubrics import ADDITIVE_5, Rubric
from maieutic.core.errors import InputError
from maieutic.core.records import Example, Ranking, Sample


def judge_examples(
    rankings: Sequence[Ranking], judge: PointwiseJudge, seed: int = 0
) -> Iterator[tuple[int, list[Example]]]:
    """(index of the ranking, an example for each of its completions, or none), as they are ready.

    The judge's draws are taken one after the other: the first whose scores of all completions agree with the ranking
    gives the examples. Where none agrees, or the ranking tells nothing apart, there are none.
    """
    questions = [_question(ranking) for ranking in rankings]
    for index, verdict in judge.judge(questions, seed):
        ranking = rankings[index]
        answers = [[answer for answer in read_raw(record.raw) if answer.value is not None] for record in verdict]
        judgement = _agreeing(ranking.ranks, answers)
        prompts = [judge.ask(ranking.prompt, [completion], seed) for completion in ranking.completions]
        yield index, [Example(p, answer.text) for p, answer in zip(prompts, judgement, strict=False)]


def agrees(ranks: Sequence[int], scores: Sequence[float]) -> bool:
    """Whether of each two completions the better ranked one has the higher score, and there are two such."""
    better = [(i, j) for i, j in combinations(range(len(ranks)), 2) if ranks[i] != ranks[j]]
    return bool(better) and all(
        (ranks[i] < ranks[j]) == (scores[i] > scores[j]) and scores[i] != scores[j] for i, j in better
    )


def deskew(
    examples: Sequence[Example], rubric: Rubric = ADDITIVE_5, factor: float = 1.0, seed: int = 0
) -> list[Example]:
    """The same, with so many of the most common score dropped that it has at most `factor` times as many as the next.

    Which ones is drawn by the seed; the others keep their order. Raises InputError where an example is no judgement.
    """
    scores = [_score(example, rubric) for example in examples]
    common = Counter(scores).most_common(2)
    if len(common) < 2:
        return list(examples)
    (top, count), (_, next_count) = common
    excess = max(0, count - int(next_count * factor))
    places = [place for place, score in enumerate(scores) if score == top]
    dropped = set(Random(f"deskew {seed}").sample(places, excess))
    return [example for place, example in enumerate(examples) if place not in dropped]


def _question(ranking: Ranking) -> Question:
    samples = (Sample(ranking.prompt, text, "ranked", place) for place, text in enumerate(ranking.completions))
    return Question(ranking.prompt, tuple(samples))


def _agreeing(ranks: Sequence[int], answers: Sequence[Sequence[Answer]]) -> Sequence[Answer]:
    """The first draw that agrees with the ranks: an answer for each completion; nothing where none does."""
    for draw in zip(*answers, strict=False):
        if agrees(ranks, [answer.value for answer in draw if answer.value is not None]):
            return draw
    return ()


def _score(example: Example, rubric: Rubric) -> float:
    score = read_score(example.completion, rubric.lowest, rubric.highest)
    if score is None:
        raise InputError(f"no judgement: {example.completion!r:.80}", where="deskew", hint='it ends with "Score: N"')
    return score
