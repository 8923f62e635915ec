"""A step of DPO with `fit`, and with TRL's DPOTrainer: CPU time and memory, in one run on one machine.

Each contestant is a process of its own, of one thread, that trains on the same eight pairs again and again and stops
after each step until it is told to go on. A round lets each of them do one step, so that a machine that slows down
slows all; of each the least CPU time over the rounds counts. What happens before the first step (start, tokens,
reference log-probabilities computed beforehand) is not in it; everything that happens in a step is, metrics and
optimiser too. Weights, data, precision and optimiser are the same, which the losses show. Prints tables, and puts them
into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from page import RUNS, acceptance, machine, table, verdict, write_section

PAIRS, TOKENS, LAYERS, HEADS = 8, 128, 4, 4
RATE, WARM = 1e-4, 2
MODELS = {64: (8192, 128), 5: (1280, 256)}
"""Vocabulary over width -> vocabulary, width. Llama 3.2 1B has 63, Llama 2 13B has 6."""

OURS, OURS_CACHED = "ours, live", "ours, cached"
TRL, TRL_CACHED, TRL_DEFAULTS = "TRL, live", "TRL, precomputed", "TRL's defaults"
AGAINST = {OURS: TRL, OURS_CACHED: TRL_CACHED}
LEAST = {(64, OURS): 3.0, (5, OURS): 1.2, (64, OURS_CACHED): 4.0, (5, OURS_CACHED): 1.3}
"""Acceptance: TRL's time over ours."""

Pause = Callable[[float], None]
"""Called after each step, with its loss."""


# --- a contestant: this part runs in a process of its own ------------------------------------------------------------


def words(vocabulary: int) -> list[str]:
    return [f"w{i}" for i in range(vocabulary - 4)]  # and the four special tokens


def eight_pairs(vocabulary: int) -> list[dict[str, str]]:
    """Pairs whose prompts and completions have TOKENS tokens each, the beginning or end token among them."""
    random, known = Random(0), words(vocabulary)

    def text() -> str:
        return " ".join(random.choice(known) for _ in range(TOKENS - 1))

    return [{"prompt": text(), "chosen": " " + text(), "rejected": " " + text()} for _ in range(PAIRS)]


def small_policy(vocabulary: int, width: int) -> Any:
    """A Llama with the proportions of Llama 2; the same weights each time."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from maieutic.lm.model import Policy
    from maieutic.lm.tokens import word_tokenizer

    torch.manual_seed(0)
    tokenizer = word_tokenizer(words(vocabulary))
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=round(11008 / 4096 * width),
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        max_position_embeddings=4 * TOKENS,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Policy(LlamaForCausalLM(config).eval(), tokenizer, "llama")


def train_ours(vocabulary: int, width: int, steps: int, folder: Path, pause: Pause, cached: bool) -> None:
    from maieutic.core.records import PreferencePair
    from maieutic.lm.training import fit as fitting
    from maieutic.lm.training.fit_config import FitConfig

    class Paused(fitting.Folder):
        """Metrics are the last thing that a step writes."""

        def add_metrics(self, values: Any) -> None:
            super().add_metrics(values)
            pause(values["loss"])

    fitting.Folder = Paused  # type: ignore[misc]
    config = FitConfig(
        loss="dpo",
        learning_rate=RATE,
        schedule="constant",
        warmup=0.0,
        batch_size=PAIRS,
        epochs=steps,
        checkpoint_every=10**6,
        cache_reference=cached,
    )
    data = [PreferencePair(**pair) for pair in eight_pairs(vocabulary)]
    fitting.fit(small_policy(vocabulary, width), data, config, folder)


def train_theirs(vocabulary: int, width: int, steps: int, folder: Path, pause: Pause, **options: Any) -> None:
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import DPOConfig, DPOTrainer

    class Paused(TrainerCallback):
        """The log is the last thing that a step of theirs writes."""

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **_: Any) -> None:
            if "loss" in logs:
                pause(float(logs["loss"]))

    policy, reference = small_policy(vocabulary, width), small_policy(vocabulary, width)
    live = not options.get("precompute_ref_log_probs", False)
    config = DPOConfig(
        output_dir=str(folder),
        use_cpu=True,
        max_steps=steps,
        per_device_train_batch_size=PAIRS,
        learning_rate=RATE,
        lr_scheduler_type="constant",
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        **options,
    )
    DPOTrainer(
        policy.model,
        reference.model if live else None,
        config,
        train_dataset=Dataset.from_list(eight_pairs(vocabulary)),
        processing_class=policy.tokenizer,
        callbacks=[Paused()],
    ).train()


SAME = {"bf16": False, "gradient_checkpointing": False}
CONTESTANTS: dict[str, tuple[Callable[..., None], dict[str, Any]]] = {
    OURS: (train_ours, {"cached": False}),
    TRL: (train_theirs, SAME),
    OURS_CACHED: (train_ours, {"cached": True}),
    TRL_CACHED: (train_theirs, {**SAME, "precompute_ref_log_probs": True}),
    TRL_DEFAULTS: (train_theirs, {}),
}


def contend(name: str, ratio: int, steps: int) -> None:
    """Train, writing a line of JSON after each step and reading one before the next."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the libraries print
    import torch

    torch.set_num_threads(1)
    train, options = CONTESTANTS[name]
    started = time.process_time()

    def pause(loss: float) -> None:
        nonlocal started
        seconds = time.process_time() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"seconds": seconds, "loss": loss, "peak_mb": peak}), file=answers)
        sys.stdin.readline()
        started = time.process_time()

    with tempfile.TemporaryDirectory() as folder:
        train(*MODELS[ratio], steps, Path(folder) / "run", pause, **options)


# --- the comparison --------------------------------------------------------------------------------------------------


@dataclass
class Contestant:
    """A process that trains, and what is known of its steps."""

    name: str
    process: subprocess.Popen[str]
    seconds: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    peak_mb: float = 0.0

    def step(self) -> None:
        """Wait for one step, and let it begin no other."""
        assert self.process.stdin
        assert self.process.stdout
        if self.losses:
            print(file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{self.name} ended with code {self.process.wait()}")
        answer = json.loads(line)
        self.seconds.append(answer["seconds"])
        self.losses.append(answer["loss"])
        self.peak_mb = answer["peak_mb"]

    @property
    def least(self) -> float:
        return min(self.seconds[WARM:])


def compare(ratio: int, rounds: int) -> dict[str, Contestant]:
    """All contestants with one model, a step each in turn."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    found = {}
    for name in CONTESTANTS:
        command = [sys.executable, __file__, "--contestant", name, "--ratio", str(ratio), "--rounds", str(rounds)]
        with_pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        found[name] = Contestant(name, subprocess.Popen(command, env=environment, text=True, **with_pipes))
        found[name].step()  # the start of one disturbs no other
    for number in range(1, WARM + rounds):
        for contestant in found.values():
            contestant.step()
        print(f"vocabulary/width {ratio}: step {number + 1} of {WARM + rounds}", flush=True)
    for contestant in found.values():
        contestant.process.kill()
        contestant.process.wait()
    return found


def tables(results: dict[int, dict[str, Contestant]], rounds: int) -> str:
    """What the page says."""
    load = os.getloadavg()[1]
    parts = [f"Measured {machine()}; one thread each; least of {rounds} rounds; load average {load:.1f}."]
    rows = []
    for ratio, found in results.items():
        size = "vocabulary {:,}, width {}".format(*MODELS[ratio])
        apart = max(
            abs(ours - theirs)
            for mine, other in AGAINST.items()
            for ours, theirs in zip(found[mine].losses, found[other].losses, strict=True)
        )
        parts.append(f"### Vocabulary / width {ratio} ({size})")
        head = ("", *found)
        seconds = ["CPU seconds a step", *(f"{c.least:.3f}" for c in found.values())]
        memory = ["peak memory (MB)", *(f"{c.peak_mb:.0f}" for c in found.values())]
        losses = [f"loss, step {len(found[OURS].losses)}", *(f"{c.losses[-1]:.5f}" for c in found.values())]
        parts.append(table(head, [seconds, memory, losses]))
        parts.append(f"Losses of ours and TRL's differ by at most {apart:.0e} over all steps.")
        for mine, other in AGAINST.items():
            least, times = LEAST[ratio, mine], found[other].least / found[mine].least
            rows.append(verdict(f"{ratio}: {mine}, at least {least} times as fast", f"{times:.2f}", times >= least))
            share = found[mine].peak_mb / found[other].peak_mb
            rows.append(verdict(f"{ratio}: {mine}, peak memory at most TRL's", f"{share:.2f} of it", share <= 1))
        rows.append(verdict(f"{ratio}: the losses are TRL's to 1e-3", f"{apart:.0e}", apart <= 1e-3))
    return "\n\n".join([*parts, acceptance(rows)])


def main() -> None:
    """Run the comparison, or be one of its contestants."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="steps of each that count")
    parser.add_argument("--no-page", action="store_true", help="leave docs/benchmarks.md alone")
    parser.add_argument("--contestant", choices=CONTESTANTS, help=argparse.SUPPRESS)
    parser.add_argument("--ratio", type=int, choices=MODELS, help="only this vocabulary over width")
    args = parser.parse_args()
    if args.contestant:
        contend(args.contestant, args.ratio, WARM + args.rounds)
        return
    results = {ratio: compare(ratio, args.rounds) for ratio in ([args.ratio] if args.ratio else MODELS)}
    text = tables(results, args.rounds)
    print(text)
    RUNS.mkdir(parents=True, exist_ok=True)
    raw = {
        f"{ratio}: {c.name}": {"seconds": c.seconds, "losses": c.losses, "peak_mb": c.peak_mb}
        for ratio, found in results.items()
        for c in found.values()
    }
    (RUNS / "learning.json").write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
    if not args.no_page:
        write_section("learning", text)


if __name__ == "__main__":
    main()
