"""Models of a few thousand random weights, one of each architecture that is special in some way, and rows for them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import torch
from peft import PeftModel
from transformers import (
    BloomConfig,
    CohereConfig,
    Gemma2Config,
    GPT2Config,
    GraniteConfig,
    LlamaConfig,
    MistralConfig,
    PreTrainedModel,
    Qwen3Config,
)
from transformers.models.auto.modeling_auto import AutoModelForCausalLM

from maieutic.lm.model import Lora, Policy, adapt
from maieutic.lm.tokens import Encoded

VOCABULARY = 61
COMMON = {
    "vocab_size": VOCABULARY,
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 2,
}
ROTARY = {**COMMON, "intermediate_size": 32, "num_key_value_heads": 1, "max_position_embeddings": 64}

CONFIGS = {
    "llama": LlamaConfig(**ROTARY),
    "llama_tied": LlamaConfig(**ROTARY, tie_word_embeddings=True),
    "gpt2": GPT2Config(
        vocab_size=VOCABULARY, n_embd=16, n_layer=2, n_head=2, n_positions=64, bos_token_id=0, eos_token_id=1
    ),
    "qwen3": Qwen3Config(**ROTARY, head_dim=8),
    "granite, scaled logits": GraniteConfig(**ROTARY, logits_scaling=4.0),
    "cohere, scaled logits": CohereConfig(**ROTARY, logit_scale=0.25),
    "gemma2, soft cap and sliding window": Gemma2Config(**ROTARY, head_dim=8, final_logit_softcapping=0.2),
    "mistral, sliding window": MistralConfig(**ROTARY, sliding_window=4),
    "bloom, no positions": BloomConfig(vocab_size=VOCABULARY, hidden_size=16, n_layer=2, n_head=2),
}


def build_model(name: str, seed: int = 0, spread: float = 0.3) -> PreTrainedModel:
    """A model in evaluation mode, with weights spread out far enough for its predictions to differ."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(CONFIGS[name])
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.data.normal_(0.0, spread)
    return model.eval()


def adapted(model: PreTrainedModel, *layers: str, seed: int = 0) -> PeftModel:
    """With LoRA adapters, on these layers or on all linear ones but the head, that already do something."""
    wrapped: PeftModel = adapt(Policy(model, None, "base"), Lora(rank=4, targets=layers)).model
    generator = torch.Generator().manual_seed(seed)
    for name, weight in wrapped.named_parameters():
        if "lora_" in name:
            weight.data.normal_(0.0, 0.3, generator=generator)
    return wrapped


def random_rows(count: int, seed: int = 0, *, each: int = 1, longest: int = 9) -> list[Encoded]:
    """Rows of random ids; `each` neighbours share a prompt."""
    random = Random(seed)

    def ids() -> tuple[int, ...]:
        return tuple(random.randrange(3, VOCABULARY) for _ in range(random.randint(1, longest)))

    prompts = [ids() for _ in range(-(-count // each))]
    return [Encoded(prompts[i // each], (*ids(), 1)) for i in range(count)]


def plain_logprobs(model: PreTrainedModel, row: Encoded) -> torch.Tensor:
    """The definition: the log-softmax of all logits of one row alone, at its completion's tokens."""
    ids = torch.tensor([row.prompt + row.completion])
    scores = torch.log_softmax(model(input_ids=ids).logits[0].float(), dim=-1)
    start = len(row.prompt)
    return torch.stack([scores[start + i - 1, token] for i, token in enumerate(row.completion)])


def plain_sums(model: PreTrainedModel, rows: Sequence[Encoded]) -> torch.Tensor:
    return torch.stack([plain_logprobs(model, row).sum() for row in rows])
