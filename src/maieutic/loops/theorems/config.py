"""What a run on theorems is told beside what every run is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from maieutic.align.judges.kinds import PROOF
from maieutic.align.methods import Method
from maieutic.core.config import Config
from maieutic.loops.rounds.config import EvaluationConfig, JudgeChoice, PromptsConfig, RunConfig


class TheoremPrompts(PromptsConfig):
    """What is to be proved."""

    path: str = Field(description="a folder that `maieutic synthesize` made; or JSON lines with prompt and completion")
    create: int = Field(0, ge=0, description="new theorems, in a round before which the given ones were outgrown")


class TheoremJudge(JudgeChoice):
    """Who decides."""

    kind: Literal["proof", "self"] | None = Field(None, description="unset: a proof, or the method's own `self`")


class TheoremEvaluation(EvaluationConfig):
    """How a round is measured."""

    path: str | None = Field(None, description="theorems held out: a folder or a file; unset: no evaluation")


class ProverConfig(Config):
    """The prover's world: prompts are theorems, completions are auxiliary points, and the kernel judges."""

    closures: int = Field(8, ge=1, description="points of the model's that are tried of a held-out theorem")
    beam: int = Field(16, ge=1, description="width of the beam that proposes them")
    tries: int = Field(32, ge=1, description="points that the teacher, a search by rules of thumb, tries of a theorem")
    probe: int = Field(4, ge=0, description="draws that tell how hard a theorem is; 0: theorems are not chosen")
    reach: int = Field(2, ge=1, description="how many times the round's theorems are looked at to choose these")
    judged: int | None = Field(
        None, ge=1, description="theorems of round 0, on which a policy learns to judge itself; as many as a round's"
    )
    outgrown: float = Field(0.7, gt=0, le=1, description="share of draws that prove; above it, prompts.create are made")
    verdicts: str | None = Field(None, description="a file of the kernel's verdicts, to share between runs")


class TheoremsConfig(RunConfig):
    """A run on theorems."""

    world: Literal["theorems"] = "theorems"
    prompts: TheoremPrompts
    judge: TheoremJudge = Field(default_factory=TheoremJudge)
    evaluation: TheoremEvaluation = Field(default_factory=TheoremEvaluation)
    prover: ProverConfig = Field(default_factory=ProverConfig)

    def own_judge(self, method: Method) -> str | None:
        """The kernel, or the policy itself where the method has it so."""
        return method.judge if method.judge == "self" else PROOF

    @property
    def shared_judgements(self) -> str | None:
        """A file of the kernel's verdicts."""
        return self.prover.verdicts
