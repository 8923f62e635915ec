"""Before the first step the policy is its reference: the DPO loss is log 2, and every margin 0.

The trap: dropout, another precision, or adapters left on make the two differ from the start, and nobody notices, for
the loss goes down all the same.
"""

import json
from dataclasses import replace
from math import log

import pytest
import torch
from tests.lm.models import VOCABULARY, build_model, random_rows

from maieutic.core.records import PreferencePair
from maieutic.lm.batches import collate
from maieutic.lm.logprobs import sequence_logprobs, token_logprobs
from maieutic.lm.loss_functions import PairTerms
from maieutic.lm.losses import LOSSES
from maieutic.lm.model import Lora, Policy, adapt
from maieutic.lm.tokens import word_tokenizer
from maieutic.lm.training.fit import fit
from maieutic.lm.training.fit_config import FitConfig

PAD = 2
TOKENIZER = word_tokenizer([f"w{i}" for i in range(VOCABULARY - 4)])
DATA = [PreferencePair(f"w{i} w{i + 1}", f" w{i + 2} w{i}", f" w{i + 3} w{i + 1} w{i}", margin=0.0) for i in range(6)]


def first_loss(model, reference: torch.Tensor, rows) -> float:
    sums = token_logprobs(model, collate(rows, PAD)).sum(dim=1).detach()
    ones = torch.ones(len(rows) // 2)
    terms = PairTerms(sums[0::2], sums[1::2], reference[0::2], reference[1::2], ones, ones, ones, ones)
    return LOSSES["dpo"](terms, beta=0.1).mean().item()


def test_the_trap():
    rows = random_rows(12, each=2)
    model = build_model("gpt2")  # dropout 0.1
    reference = sequence_logprobs(model, rows, PAD)
    assert first_loss(model, reference, rows) == pytest.approx(log(2), abs=1e-6)
    assert first_loss(model.train(), reference, rows) != pytest.approx(log(2), abs=1e-5)
    in_half = build_model("gpt2").to(torch.bfloat16)
    assert first_loss(in_half, reference, rows) != pytest.approx(log(2), abs=1e-5)


@pytest.mark.filterwarnings("ignore:fan_in_fan_out")  # peft, of GPT-2's transposed layers
@pytest.mark.parametrize("name", ["llama", "gpt2", "mistral, sliding window", "gemma2, soft cap and sliding window"])
@pytest.mark.parametrize("cached", [True, False], ids=["cached", "live"])
@pytest.mark.parametrize("lora", [False, True], ids=["weights", "adapters"])
def test_the_first_loss_of_fit_is_log_2(name, cached, lora, tmp_path):
    policy = Policy(build_model(name), TOKENIZER, name)
    if lora:
        policy = adapt(policy, Lora(rank=2, targets=("c_attn",) if name == "gpt2" else ("q_proj", "v_proj")))
    config = FitConfig(loss="dpo", beta=0.5, batch_size=6, max_steps=1, cache_reference=cached)
    result = fit(policy, DATA, config, tmp_path / "run")
    assert result.losses[0] == pytest.approx(log(2), abs=1e-6)
    first = json.loads((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()[0])
    assert first["rewards/margins"] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("loss", ["spin", "dno_prct", "cdpo", "dno", "robust"])
def test_so_it_is_for_every_logistic_loss(loss, tmp_path):
    policy = Policy(build_model("llama"), TOKENIZER, "llama")
    result = fit(policy, DATA, FitConfig(loss=loss, batch_size=6, max_steps=1), tmp_path / "run")
    assert result.losses[0] == pytest.approx(log(2), abs=1e-6)


def test_a_policy_that_has_been_trained_before_is_its_own_reference_too(tmp_path):
    """Adapters that already do something belong to the reference; the model below them is not the start."""
    policy = adapt(Policy(build_model("llama"), TOKENIZER, "llama"), Lora(rank=2))
    for name, weight in policy.model.named_parameters():
        if "lora_B" in name:
            weight.data += 0.3
    for cached in (True, False):
        config = FitConfig(loss="dpo", batch_size=6, max_steps=1, cache_reference=cached)
        result = fit(replace(policy), DATA, config, tmp_path / str(cached))
        assert result.losses[0] == pytest.approx(log(2), abs=1e-6)
