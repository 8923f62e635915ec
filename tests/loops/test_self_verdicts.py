"""A policy's verdicts on its own points: what it is asked, what it is taught, and how far it is to be trusted."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from maieutic.align.judges.questions import Answer, Question, score
from maieutic.core.records import Example, Sample
from maieutic.geometry.text.encoding import encode_verdict, vocabulary
from maieutic.lm.model import build
from maieutic.lm.sampling.sample import Sampler
from maieutic.lm.tokens import word_tokenizer
from maieutic.lm.training.fit import fit
from maieutic.lm.training.fit_config import FitConfig
from maieutic.loops.theorems.self_verdicts import auc, lessons, own_judge, trust

QUESTION = "a b c = triangle ? cong a b a c |"
FOOT, MIDPOINT = " d = foot a b c !", " d = midpoint a b !"


def question(*completions, prompt=QUESTION):
    return Question(prompt, tuple(Sample(prompt, text, "p", seed) for seed, text in enumerate(completions)))


def scored(asked, *values):
    return [score(s, "proof:kernel", [Answer("", v)]) for s, v in zip(asked.samples, values, strict=True)]


def test_a_policy_is_asked_about_a_clause_without_its_end():
    assert encode_verdict(QUESTION, FOOT) == f"{QUESTION} d = foot a b c judge"
    assert set(encode_verdict(QUESTION, FOOT).split()) <= set(vocabulary())


def test_the_score_is_the_probability_of_yes_against_no():
    class Fixed:
        name = "fixed"

        def label_logprobs(self, prompts, labels):
            assert labels == (" yes", " no")
            values = [(math.log(0.3), math.log(0.1)), (math.log(0.2), math.log(0.6))]
            yield from ((k, values[k]) for k in reversed(range(len(prompts))))

    asked = question(FOOT, MIDPOINT)
    ((_, verdict),) = own_judge(Fixed()).judge([asked])
    assert [record.value for record in verdict] == pytest.approx([0.75, 0.25])
    assert all(record.judge == "self:fixed" for record in verdict)


def test_lessons_are_balanced_and_teach_to_answer_with_what_was_proved():
    asked = [question(FOOT, MIDPOINT, " d = midpoint a c !", " d = mirror a b !"), question(FOOT, prompt="x |")]
    taught = lessons(asked, [scored(asked[0], 1.5, 0.0, 0.0, 0.0), scored(asked[1], 0.0)])
    judging = [e for e in taught if e.prompt.endswith("judge")]
    assert [e.completion for e in judging] == [" yes", " no"]
    assert judging[0].prompt == encode_verdict(QUESTION, FOOT)
    assert [e for e in taught if e not in judging] == [Example(QUESTION, FOOT)]
    assert lessons(asked, [scored(asked[0], 1.5, 0.0, 0.0, 0.0), scored(asked[1], 0.0)]) == taught


def test_a_policy_learns_to_tell_points_apart(tmp_path):
    policy = build(word_tokenizer(vocabulary()), width=32, layers=1, heads=2, context=32, seed=0)
    asked = question(FOOT, MIDPOINT)
    data = [e for e in lessons([asked], [scored(asked, 1.4, 0.0)]) if e.prompt.endswith("judge")]
    fit(policy, data * 8, FitConfig(loss="sft", learning_rate=0.02, batch_size=8, epochs=40), tmp_path)
    ((_, verdict),) = own_judge(Sampler(policy)).judge([asked])
    assert verdict[0].value > 0.9
    assert verdict[1].value < 0.1


def test_trust_by_hand():
    told = trust([[0.9, 0.2, 0.6], [0.1, 0.4]], [[1.0, 0.0, 0.0], [0.0, 1.0]])
    assert told.proved.value == pytest.approx(2 / 5)
    assert told.accuracy.value == pytest.approx(3 / 5)  # 0.6 was said to prove, 0.4 was said not to
    assert told.auc == pytest.approx(5 / 6)  # of 2 x 3 pairs only 0.4 against 0.6 is the wrong way round
    assert told.pairwise.value == 1
    assert told.best.value == 1
    assert told.gain.value == pytest.approx(1 - (1 / 3 + 1 / 2) / 2)
    assert told.spearman == pytest.approx(stats.spearmanr([0.9, 0.2, 0.6, 0.1, 0.4], [1, 0, 0, 0, 1]).statistic)


def test_scores_by_chance_are_trusted_as_chance():
    rng = np.random.default_rng(0)
    proved = rng.random((400, 8)) < 0.3
    told = trust(rng.random((400, 8)).tolist(), proved.astype(float).tolist())
    assert told.auc == pytest.approx(0.5, abs=0.03)
    assert told.gain.low < 0 < told.gain.high
    assert told.accuracy.low < 0.5 < told.accuracy.high


def test_the_area_under_the_curve_is_the_share_of_pairs_in_order():
    rng = np.random.default_rng(1)
    scores, outcomes = rng.integers(0, 5, 40) / 4, (rng.random(40) < 0.4).astype(float)
    pairs = list(product(scores[outcomes > 0], scores[outcomes == 0]))
    assert auc(scores, outcomes) == pytest.approx(np.mean([1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs]))


@pytest.mark.parametrize(("scores", "proved"), [([[0.5, 0.5]], [[1.0, 0.0]]), ([[0.1, 0.9]], [[0.0, 0.0]])])
def test_what_cannot_be_told_is_no_number(scores, proved):
    assert math.isnan(trust(scores, proved).spearman)
    assert math.isnan(auc(np.array(scores[0]), np.array([0.0, 0.0])))
