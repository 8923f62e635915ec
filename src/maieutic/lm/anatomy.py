"""What a model allows us to do with it, found out by looking and by trying.

Two short cuts make log-probabilities cheap: the output layer applied to some hidden states only, and completions that
share their prompt in one sequence with an attention mask of its own. Most causal models allow both. Some put something
after the matrix (soft caps, scales), look back only so far, or have no attention to mask. The config tells of most of
these; and then the short cuts are compared with the model's own logits on a few tokens. Only what agrees is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import torch
from peft import PeftModel
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from transformers import PreTrainedModel

from maieutic.core.errors import InputError
from maieutic.lm.batches import Batch, collate
from maieutic.lm.model import evaluation
from maieutic.lm.tokens import Encoded

AFTER_THE_HEAD = ("final_logit_softcapping", "logit_scale", "logits_scaling", "output_multiplier", "lm_head_multiplier")
"""What configs call a change that the model makes to its logits."""

LOOKS_BACK_SO_FAR = ("sliding_window", "attention_chunk_size", "attention_window_size")
"""What configs call a limit on how far a token sees."""


@dataclass(frozen=True)
class Anatomy:
    """Which short cuts a model allows.

    Args:
        linear_head: its logits are a matrix applied to the last hidden states.
        shares_prompts: completions of one prompt may be packed behind it.
    """

    linear_head: bool
    shares_prompts: bool


_examined: WeakKeyDictionary[nn.Module, tuple[object, Anatomy]] = WeakKeyDictionary()
"""What was found, and of what: an adapter may have been put around the output layer since."""


def causal_model(model: nn.Module) -> PreTrainedModel:
    """The transformers model inside peft's or torch's wrappers. Adapters stay as they are, on or off."""
    if isinstance(model, DistributedDataParallel):
        model = model.module
    if isinstance(model, PeftModel):
        model = model.get_base_model()
    if not isinstance(model, PreTrainedModel):
        raise InputError(f"not a transformers model: {type(model).__name__}")
    return model


def output_layer(model: PreTrainedModel) -> Any:
    """What turns hidden states into logits; mostly a Linear."""
    return model.get_output_embeddings()  # type: ignore[no-untyped-call]


def model_inputs(model: PreTrainedModel, batch: Batch) -> dict[str, object]:
    """What its forward pass is given."""
    given: dict[str, object] = {"input_ids": batch.input_ids, "use_cache": False}
    if batch.shared:
        given |= {"position_ids": batch.positions, "attention_mask": batch.attention_mask(model.dtype)}
    return given


def last_hidden_states(model: PreTrainedModel, batch: Batch) -> Tensor:
    """What the output layer is applied to, [B, S, d]."""
    states: Tensor = model.base_model(**model_inputs(model, batch)).last_hidden_state
    return states


def anatomy(model: nn.Module) -> Anatomy:
    """What this model allows. Examined once."""
    causal = causal_model(model)
    parts = (type(output_layer(causal)), causal.config._attn_implementation)
    before, found = _examined.get(causal, (None, None))
    if found is None or before != parts:
        with evaluation(causal):
            found = _examine(causal)
        _examined[causal] = parts, found
    return found


@torch.no_grad()
def _examine(model: PreTrainedModel) -> Anatomy:
    config = model.config.get_text_config()
    head = output_layer(model)
    plain = all(getattr(config, name, None) in (None, 1, 1.0) for name in AFTER_THE_HEAD)
    linear = type(head) is nn.Linear and plain
    ids = [i % config.vocab_size for i in range(3, 12)]
    rows = [Encoded(tuple(ids[:4]), tuple(ids[4:7])), Encoded(tuple(ids[:4]), tuple(ids[7:]))]
    plain_batch, packed = (collate(rows, pad=0, share=share).to(model.device) for share in (False, True))
    expected = model(**model_inputs(model, plain_batch)).logits.flatten(0, 1)[plain_batch.before]

    def agrees(batch: Batch) -> bool:
        logits = head(last_hidden_states(model, batch).flatten(0, 1)[batch.before])
        apart = (logits - expected)[batch.mask].abs().max()
        return bool(apart <= _tolerance(model.dtype) * expected.abs().max())

    linear = linear and _works(lambda: agrees(plain_batch))
    sees_all = not any(getattr(config, name, None) for name in LOOKS_BACK_SO_FAR)
    masks = config._attn_implementation in ("sdpa", "eager")
    return Anatomy(linear, linear and sees_all and masks and _works(lambda: agrees(packed)))


def _tolerance(dtype: torch.dtype) -> float:
    return 1e-4 if dtype == torch.float32 else 3e-2


def _works(trial: Callable[[], bool]) -> bool:
    """Whether it says so; an architecture may also refuse to be asked."""
    try:
        return trial()
    except (AttributeError, TypeError, ValueError, RuntimeError):
        return False
