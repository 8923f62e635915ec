"""What a round on instructions asks: prompts of a file, and new ones that a model makes of these."""

from __future__ import annotations

from collections.abc import Sequence

from maieutic.align.judges.prompts import Creation, Creator, Refusal, refusals
from maieutic.align.selection.select import DATA
from maieutic.core.errors import MaieuticError
from maieutic.core.files import read_lines, write_lines
from maieutic.core.progress import progress
from maieutic.core.records import Example, Prompt, from_json, to_json
from maieutic.core.store import Stage
from maieutic.loops.instructions.config import InstructionPrompts
from maieutic.loops.rounds.policies import Policies, known_prompts, own_prompts
from maieutic.loops.rounds.world import Round

CREATIONS = "creations.jsonl"
"""All attempts at new prompts, and why each was refused, beside the prompts that came of them."""


def ask(now: Round[Policies], config: InstructionPrompts) -> Stage:
    """The round's prompts, as examples whose completion is the data's answer, or empty."""
    stage = now.stage("prompts")
    if stage.finished:
        return stage
    path = now.world.path(config.path)
    known = known_prompts(path, needs_answers=DATA in now.method.candidates)
    mine = own_prompts(now, known, path)
    created = _created(now, config, stage, [e.prompt for e in known]) if config.create else []
    examples = [*mine, *(Example(creation.prompt, "") for creation in created if creation.refusal is None)]
    now.make(stage, examples, lambda part, first: part)
    counts = {"created": refusals(created)} if config.create else {}
    stage.finish(prompts=len(examples), **counts)
    return stage


def _created(now: Round[Policies], config: InstructionPrompts, stage: Stage, seeds: Sequence[Prompt]) -> list[Creation]:
    """Attempts at new prompts, as Self-Rewarding makes them (arXiv 2401.10020, section 2.2, step 1).

    They are written down a batch at a time: a run that was killed goes on with the next batch.
    """
    path = stage.folder / CREATIONS
    writer = now.world.writer(now.policy) if config.creator is None else now.world.writer_of(config.creator)
    creator = Creator(generator=writer, seeds=seeds, chat=config.chat or config.creator is not None)
    log = [from_json(Creation, row, str(path)) for row in read_lines(path)] if path.exists() else []
    with progress(f"Round {now.number}: creating prompts", total=config.create) as advance:
        advance(sum(creation.refusal is None for creation in log))
        for creation in creator.create(config.create, now.seed("create"), done=log):
            if creation.refusal == Refusal.FAILED:
                raise MaieuticError(f"{writer.name} made no prompt; the same command goes on from here")
            log.append(creation)
            advance(creation.refusal is None)
            if len(log) % creator.batch == 0:
                write_lines(path, map(to_json, log))
    write_lines(path, map(to_json, log))
    return log
