"""A reward model: a policy whose last hidden state is turned into one number instead of a word.

The number is read at the last token of the completion, whose place the row's length tells; so it depends neither on the
padding nor on what else is in the batch. The head starts small, with standard deviation 1 / sqrt(d + 1), and a reward
is only defined up to a shift by comparisons, so it is brought to mean 0 and standard deviation 1 on samples of the
policy that it is to judge. (As in arXiv 1909.08593 and 2203.02155.)

It learns from rankings, with the loss `bradley_terry`, by `fit` like any policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import safetensors.torch as safetensors
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import PreTrainedModel

from maieutic.core.errors import InputError
from maieutic.core.files import write_whole
from maieutic.lm import model as policies
from maieutic.lm.anatomy import anatomy, causal_model, output_layer
from maieutic.lm.batches import Batch, buckets, collate
from maieutic.lm.logprobs import final_states
from maieutic.lm.tokens import Encoded

HEAD = "reward_head.safetensors"
"""The file that makes a model's folder a reward model's."""


class RewardModel(nn.Module):
    """A policy's model with a scalar head.

    Args:
        policy: what it starts from, and changes in training. Its output layer is kept, unused.
        seed: what the head is drawn from.
    """

    gain: Tensor
    offset: Tensor

    def __init__(self, policy: policies.Policy, *, seed: int = 0) -> None:
        super().__init__()
        self.model: nn.Module = policy.model
        self.tokenizer: Any = policy.tokenizer
        self.name = policy.name
        width = causal_model(policy.model).config.get_text_config().hidden_size
        self.head = nn.Linear(width, 1)
        random = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            self.head.weight.normal_(0.0, 1.0 / sqrt(width + 1), generator=random)
            self.head.bias.zero_()
        self.register_buffer("gain", torch.ones(()))
        self.register_buffer("offset", torch.zeros(()))
        self.to(next(policy.model.parameters()).device)
        _freeze_output_layer(causal_model(policy.model))

    def forward(self, batch: Batch) -> Tensor:
        """The score of each row of a batch, [n] float32."""
        states = final_states(self.model, batch)
        with torch.autocast(states.device.type, enabled=False):
            raw: Tensor = self.head(states.float()).squeeze(1)
        return self.gain * raw + self.offset

    @torch.no_grad()
    def score(self, rows: Sequence[Encoded], *, batch_tokens: int = 8192) -> Tensor:
        """The score of each row, without dropout or gradients: [n] float32 on the CPU, in the order of the rows."""
        scores = torch.zeros(len(rows))
        share = anatomy(self.model).shares_prompts
        with policies.evaluation(self):
            for part in buckets(rows, batch_tokens):
                batch = collate([rows[i] for i in part], policies.pad_id(self.tokenizer), share=share)
                scores[part] = self(batch.to(self.gain.device)).cpu()
        return scores

    def normalise(self, rows: Sequence[Encoded]) -> None:
        """Shift and scale so that these rows, samples of a reference policy, have mean 0 and standard deviation 1.

        Raises InputError where their scores do not differ.
        """
        scores = self.score(rows).double()
        deviation = scores.std(correction=0)
        if not deviation > 0:
            raise InputError("the reference samples all have the same score", hint="give at least two that differ")
        self.offset.copy_((self.offset - scores.mean()) / deviation)
        self.gain.div_(deviation)

    def save(self, folder: Path) -> None:
        """Write a folder that `load` reads: an ordinary model's, with the head beside it."""
        policies.save(policies.Policy(self.model, self.tokenizer, self.name), folder)
        numbers = {name: value.detach().cpu().contiguous() for name, value in self._numbers().items()}
        write_whole(Path(folder) / HEAD, safetensors.save(numbers))

    @classmethod
    def load(cls, folder: str | Path, **options: Any) -> RewardModel:
        """The reward model in a folder; options as those of `model.load`. Raises InputError where there is none."""
        reward = cls(policies.load(folder, **options))
        file = Path(folder) / HEAD
        try:
            numbers = safetensors.load(file.read_bytes())
        except OSError:
            raise InputError("no reward model: it has no head", where=str(folder), hint="a policy's folder?") from None
        except SafetensorError as error:
            raise InputError(f"a damaged file: {error}", where=str(file)) from error
        own = reward._numbers()
        if {name: value.shape for name, value in numbers.items()} != {name: value.shape for name, value in own.items()}:
            raise InputError("a head of another width than the model", where=str(file))
        reward.load_state_dict(numbers, strict=False)
        return reward

    def _numbers(self) -> dict[str, Tensor]:
        """What it has beside its model."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("model.")}


def _freeze_output_layer(model: PreTrainedModel) -> None:
    """What is not used is not trained; unless its matrix is that of the input embeddings, too."""
    output = output_layer(model)
    if output is not None and output.weight is not model.get_input_embeddings().weight:
        output.requires_grad_(False)
