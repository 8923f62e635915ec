"""The same numbers as TRL 1.16 on the same batch: an oracle that shares no line with us.

Its trainers are asked for the loss of one batch, and for its gradient, with policy and reference different from each
other, all weights trained or adapters only. TRL's `ipo` divides log-ratios by lengths, as our `ipo_mean` does, and its
`sigmoid` takes no notice of label smoothing, as our `dpo`; its `robust` does.
"""

import copy
from itertools import product
from random import Random

import pytest
import torch
from accelerate.state import AcceleratorState
from datasets import Dataset
from peft import LoraConfig
from tests.lm.models import CONFIGS, VOCABULARY, build_model
from transformers import LlamaForSequenceClassification
from trl import DPOConfig, DPOTrainer, RewardConfig, RewardTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference

from maieutic.lm.batches import collate
from maieutic.lm.logprobs import token_logprobs
from maieutic.lm.loss_functions import PairTerms, RankingTerms
from maieutic.lm.losses import LOSSES
from maieutic.lm.model import Policy
from maieutic.lm.reward import RewardModel
from maieutic.lm.tokens import Encoded, word_tokenizer

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # theirs

PAD, EOS = 2, 1
LABEL_SMOOTHING = 0.15
SHAPES = [(1, 1, 1), (1, 8, 2), (2, 3, 12), (2, 20, 3), (3, 5, 5), (4, 1, 9), (4, 16, 16), (5, 9, 1), (6, 2, 2)]
SHAPES += [(6, 12, 20), (7, 4, 7), (8, 6, 11)]
"""Pairs, longest prompt, longest completion."""

PAIR_LOSSES = [
    ("dpo", "sigmoid", {"beta": 0.1}),
    ("dpo", "sigmoid", {"beta": 0.7}),
    ("robust", "robust", {"beta": 0.3, "label_smoothing": LABEL_SMOOTHING}),
    ("ipo_mean", "ipo", {"tau": 0.25}),
]


def drawn_pairs(pairs: int, prompt: int, completion: int) -> list[tuple[Encoded, Encoded]]:
    random = Random(f"{pairs} {prompt} {completion}")

    def ids(longest: int) -> tuple[int, ...]:
        return tuple(random.randrange(3, VOCABULARY) for _ in range(random.randint(1, longest)))

    found = []
    for _ in range(pairs):
        asked = ids(prompt)
        found.append((Encoded(asked, (*ids(completion), EOS)), Encoded(asked, (*ids(completion), EOS))))
    return found


@pytest.fixture(scope="module", autouse=True)
def _leave_no_accelerator_behind():
    """Their trainers settle, for the whole process, how accelerate runs."""
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """What both of their trainers are given."""
    return {
        "output_dir": str(tmp_path_factory.mktemp("trl")),
        "bf16": False,
        "use_cpu": True,
        "gradient_checkpointing": False,
        "report_to": [],
        "disable_tqdm": True,
    }


@pytest.fixture(scope="module")
def tokenizer():
    return word_tokenizer([f"w{i}" for i in range(VOCABULARY - 4)])


@pytest.fixture(scope="module", params=["all weights", "adapters"])
def trainer(request, settings, tokenizer):
    """Their trainer, with a policy that is not the reference."""
    reference = build_model("llama", seed=0)
    full = request.param == "all weights"
    made = DPOTrainer(
        model=build_model("llama", seed=0),
        ref_model=reference if full else None,
        args=DPOConfig(label_smoothing=LABEL_SMOOTHING, **settings),
        train_dataset=Dataset.from_list([{"prompt": "w0", "chosen": " w1", "rejected": " w2"}]),
        processing_class=tokenizer,
        peft_config=None if full else LoraConfig(r=4, target_modules=["q_proj", "v_proj", "up_proj"]),
    )
    generator = torch.Generator().manual_seed(1)
    for weight in made.model.parameters():
        if weight.requires_grad:
            weight.data += 0.1 * torch.randn(weight.shape, generator=generator)
    return made


def their_loss(trainer, pairs, kind: str, parameters) -> torch.Tensor:
    trainer.loss_types, trainer.beta = [kind], parameters.get("beta", parameters.get("tau"))
    rows = [
        {"prompt_ids": list(good.prompt), "chosen_ids": list(good.completion), "rejected_ids": list(bad.completion)}
        for good, bad in pairs
    ]
    return trainer.compute_loss(trainer.model, DataCollatorForPreference(pad_token_id=PAD)(rows))


def our_loss(trainer, pairs, name: str, parameters, share: bool) -> torch.Tensor:
    batch = collate([row for pair in pairs for row in pair], PAD, share=share)
    with torch.no_grad():
        if trainer.ref_model is not None:
            reference = token_logprobs(trainer.ref_model, batch).sum(dim=1)
        else:
            with trainer.model.disable_adapter():
                reference = token_logprobs(trainer.model, batch).sum(dim=1)
    sums = token_logprobs(trainer.model, batch).sum(dim=1)
    ones = torch.ones(len(pairs))
    lengths = batch.lengths.float()
    terms = PairTerms(
        sums[0::2], sums[1::2], reference[0::2], reference[1::2], lengths[0::2], lengths[1::2], ones, ones
    )
    return LOSSES[name](terms, **parameters).mean()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_losses_on_pairs_are_trls(trainer, shape):
    pairs = drawn_pairs(*shape)
    for (ours, theirs, parameters), share in product(PAIR_LOSSES, (False, True)):
        expected = their_loss(trainer, pairs, theirs, parameters).item()
        assert our_loss(trainer, pairs, ours, parameters, share).item() == pytest.approx(expected, abs=1e-5, rel=1e-5)


@pytest.mark.parametrize("shape", SHAPES[-2:], ids=str)
def test_gradients_are_trls(trainer, shape):
    pairs = drawn_pairs(*shape)
    trained = [weight for weight in trainer.model.parameters() if weight.requires_grad]
    for ours, theirs, parameters in PAIR_LOSSES:
        expected = torch.autograd.grad(their_loss(trainer, pairs, theirs, parameters), trained)
        found = torch.autograd.grad(our_loss(trainer, pairs, ours, parameters, share=True), trained)
        for our, their in zip(found, expected, strict=True):
            torch.testing.assert_close(our, their, atol=1e-4 * their.abs().max().item(), rtol=1e-4)


def test_summed_ipo_is_not_what_trl_calls_ipo(trainer):
    pairs = drawn_pairs(3, 5, 9)
    theirs = their_loss(trainer, pairs, "ipo", {"tau": 0.25}).item()
    assert our_loss(trainer, pairs, "ipo", {"tau": 0.25}, share=False).item() != pytest.approx(theirs, rel=0.05)


@pytest.fixture(scope="module")
def rewards(settings, tokenizer):
    """Their reward trainer, and our reward model with the same weights."""
    config = copy.deepcopy(CONFIGS["llama"])
    config.num_labels = 1
    theirs = LlamaForSequenceClassification(config).eval()
    ours = RewardModel(Policy(build_model("llama"), tokenizer, "tiny"))
    theirs.model.load_state_dict(ours.model.model.state_dict())
    theirs.score.load_state_dict({"weight": ours.head.weight})
    rows = [{"chosen": "w1", "rejected": "w2"}]
    args = RewardConfig(**settings)
    return RewardTrainer(theirs, args, train_dataset=Dataset.from_list(rows), processing_class=tokenizer), ours


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_the_reward_loss_is_trls(rewards, shape):
    trainer, ours = rewards
    pairs = drawn_pairs(*shape)
    batch = trainer.data_collator(
        [
            {"chosen_ids": [*good.prompt, *good.completion], "rejected_ids": [*bad.prompt, *bad.completion]}
            for good, bad in pairs
        ]
    )
    expected = trainer.compute_loss(trainer.model, dict(batch)).item()
    count = len(pairs)
    for share in (False, True):
        scores = ours(collate([row for pair in pairs for row in pair], PAD, share=share))
        ranks, prompt = torch.tensor([1, 2] * count), torch.arange(count).repeat_interleave(2)
        terms = RankingTerms(scores, ranks, prompt, torch.ones(count))
        assert LOSSES["bradley_terry"](terms).mean().item() == pytest.approx(expected, abs=1e-5, rel=1e-5)
