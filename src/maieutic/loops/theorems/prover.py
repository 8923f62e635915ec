"""The story of a prover that teaches itself: a policy proposes auxiliary points, and a proof decides.

    Socrates has drawn a square, and asks for one of twice its area. The boy is stuck until a line is drawn that the
    question does not mention. Here the policy draws the line, and nobody tells it which.

    a round   theorems that the present policy sometimes proves   (curriculum.py)
              -> points that it proposes for each, and one that a search found
              -> what each of them proves, as the kernel rules    (kernel_judge.py), or as the policy itself foretells
                                                                  (self_verdicts.py)
              -> proved against not proved, shorter proofs against longer ones
              -> the next policy
              -> held-out theorems that it proves in so many closures   (examination.py)

An auxiliary point that led to a proof and one that did not are a preference pair: so these are the rounds of
improve.py, by the same rows of the same table, the same store, selectors, losses and trainer. What is of its own is who
asks, who judges, and how it is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from maieutic.align.judges.kinds import PROOF
from maieutic.align.judges.questions import Question
from maieutic.core.store import Stage
from maieutic.loops.rounds import learning, stages
from maieutic.loops.theorems import curriculum, examination, self_verdicts
from maieutic.loops.theorems.participants import ProverScene


def begin(scene: ProverScene) -> Stage:
    """Round 0: the policy as it is given; where it will judge itself, it is first taught to.

    It learns from points that it proposed itself and the kernel judged, for theorems that serve nothing else.
    """
    if scene.method.start != "sft+eft":
        return learning.start(scene)
    asked = curriculum.choose(scene)
    samples = stages.draw(scene, asked)
    questions = stages.questions(asked, samples)
    judgements = stages.judge(scene, questions, samples, kind=PROOF)
    assert judgements is not None, "the kernel is always there"
    verdicts = stages.verdicts_of(judgements, questions)
    return learning.start(scene, self_verdicts.lessons(questions, verdicts, scene.config.seed), judgements)


def one_round(scene: ProverScene) -> tuple[Path, Stage | None]:
    """One round: the new policy's folder, and how it was measured."""
    asked = curriculum.choose(scene)
    samples = stages.draw(scene, asked)
    teacher = stages.ask_teacher(scene, asked)
    questions = stages.questions(asked, samples, teacher)
    if scene.method.opponents is None:  # a win rate is against samples as often as they are drawn
        questions = different(questions)
    judgements = stages.judge(scene, questions, samples, teacher)
    pairs = stages.select(scene, questions, judgements, samples, teacher)
    trained = learning.learn(scene, pairs)
    policy = trained.folder / learning.MODEL
    return policy, examination.examine(scene, policy, trained, questions, judgements)


def different(questions: Sequence[Question]) -> list[Question]:
    """The same with each point of a theorem once: the first sample of those that say the same."""
    return [Question(q.prompt, tuple({s.completion: s for s in reversed(q.samples)}.values())[::-1]) for q in questions]
