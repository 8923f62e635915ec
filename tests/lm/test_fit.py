"""Training: the loss is what it should be, however it is cut up, and a run can be stopped, judged and repeated."""

import json
import math
import os
import signal

import pytest
import torch
from accelerate import tracking
from accelerate.utils import LoggerType
from tests.lm.small import small_policy, some_examples, some_pairs, some_rankings
from torch.nn.utils import clip_grad_norm_

from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.records import Example, PreferencePair
from maieutic.lm.model import Lora, adapt, fingerprint, frozen
from maieutic.lm.reward import RewardModel
from maieutic.lm.tokens import encode
from maieutic.lm.training import fit as fitting
from maieutic.lm.training.fit import FitConfig, Stopped, fit
from maieutic.lm.training.schedule import batch_at, learning_rate

QUICK = {"batch_size": 8, "learning_rate": 1e-2, "micro_batch_tokens": 60, "warmup": 0.0}
PAIRS = some_pairs(20)


def config(**options):
    return FitConfig(**{**QUICK, **options})


def weights(policy):
    module = policy if isinstance(policy, torch.nn.Module) else policy.model
    return torch.cat([value.detach().flatten() for value in module.parameters() if value.requires_grad])


def row_logprob(model, tokenizer, prompt, completion):
    """log pi(completion | prompt), the plainest way: one row, all logits. Returns it and the number of tokens."""
    row = encode(tokenizer, prompt, completion)
    ids = torch.tensor([row.prompt + row.completion])
    logprobs = torch.log_softmax(model(ids).logits[0, :-1], dim=-1)
    chosen = logprobs.gather(1, ids[0, 1:, None]).squeeze(1)
    return chosen[len(row.prompt) - 1 :].sum(), len(row.completion)


def plain_sft_loss(policy, examples):
    found = [(e.weight, *row_logprob(policy.model, policy.tokenizer, e.prompt, e.completion)) for e in examples]
    return -sum(w * value for w, value, _ in found) / sum(w * length for w, _, length in found)


def plain_dpo_loss(policy, reference, pairs, beta=0.1):
    def h(pair):
        def ratio(text):
            with torch.no_grad():
                below = row_logprob(reference.model, policy.tokenizer, pair.prompt, text)[0]
            return row_logprob(policy.model, policy.tokenizer, pair.prompt, text)[0] - below

        return ratio(pair.chosen) - ratio(pair.rejected)

    losses = [pair.weight * -torch.nn.functional.logsigmoid(beta * h(pair)) for pair in pairs]
    return sum(losses) / sum(pair.weight for pair in pairs)


# --- the loop against one written out in the test --------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["sft", "dpo"])
def test_the_loop_is_the_textbook_one(tmp_path, loss):
    """Data order, weighted means over uneven micro-batches, clipping, AdamW, decay and schedule, all by hand."""
    data = some_examples(12) if loss == "sft" else some_pairs(12)
    settings = config(loss=loss, batch_size=5, epochs=2, warmup=2.0, clip=0.05, weight_decay=0.1, micro_batch_tokens=30)
    policy, ours = small_policy(), small_policy()
    start = frozen(ours)
    result = fit(policy, data, settings, tmp_path)

    matrices = [value for value in ours.model.parameters() if value.ndim >= 2]
    others = [value for value in ours.model.parameters() if value.ndim < 2]
    optimiser = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}])
    losses = []
    for step in range(6):
        batch = [data[i] for i in batch_at(step, len(data), settings)]
        value = plain_sft_loss(ours, batch) if loss == "sft" else plain_dpo_loss(ours, start, batch)
        optimiser.zero_grad()
        value.backward()
        assert clip_grad_norm_(ours.model.parameters(), 0.05) > 0.05
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, 6, settings)
        optimiser.step()
        losses.append(value.item())
    assert result.steps == 6
    assert result.losses == pytest.approx(losses, rel=1e-4)
    assert torch.allclose(weights(policy), weights(ours), atol=2e-4)


# --- what the loss does not depend on --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "make", "data"),
    [
        ("sft", small_policy, some_examples(20)),
        ("dpo", small_policy, PAIRS),
        ("bradley_terry", None, some_rankings(20)),
    ],
)
def test_accumulated_gradients_are_those_of_one_large_batch(tmp_path, loss, make, data):
    make = make or (lambda: RewardModel(small_policy()))
    settings = config(loss=loss, batch_size=20, max_steps=1, adam_eps=1e-3)
    whole, cut = make(), make()
    first = fit(whole, data, settings.model_copy(update={"micro_batch_tokens": 10**6}), tmp_path / "whole")
    second = fit(cut, data, settings.model_copy(update={"micro_batch_tokens": 1}), tmp_path / "cut")
    assert second.losses == pytest.approx(first.losses, rel=1e-6)
    assert second.metrics["gradient_norm"] == pytest.approx(first.metrics["gradient_norm"], rel=1e-5)
    assert torch.allclose(weights(whole), weights(cut), atol=1e-6)


def test_the_trap_of_averaging_micro_batches(tmp_path):
    """The trap: the mean of the micro-batches' means is not the batch's mean where they are uneven."""
    examples = [Example("w1 ", "w2"), Example("w1 ", "w3 w4 w5 w6 w7")]
    policy = small_policy()
    right = plain_sft_loss(policy, examples).item()
    wrong = sum(plain_sft_loss(policy, [example]).item() for example in examples) / 2
    assert abs(wrong - right) > 1e-3
    cut = fit(policy, examples, config(loss="sft", max_steps=1, micro_batch_tokens=1), tmp_path)
    assert cut.losses[0] == pytest.approx(right, rel=1e-6)


@pytest.mark.parametrize("options", [{"share_prompts": False}, {"gradient_checkpointing": True}])
def test_short_cuts_change_nothing(tmp_path, options):
    """Compared over steps in which the weights hardly move, so that rounding is not amplified."""
    plain = fit(small_policy(layers=2), PAIRS, config(learning_rate=1e-4, epochs=3), tmp_path / "a")
    other = fit(small_policy(layers=2), PAIRS, config(learning_rate=1e-4, epochs=3, **options), tmp_path / "b")
    assert other.losses == pytest.approx(plain.losses, rel=1e-5)


def test_the_scale_of_the_weights_does_not_matter_and_weight_0_is_absence(tmp_path):
    doubled = [PreferencePair(p.prompt, p.chosen, p.rejected, weight=2 * p.weight) for p in PAIRS]
    absent = [*PAIRS[:8], *(PreferencePair(p.prompt, p.chosen, p.rejected, weight=0.0) for p in PAIRS[8:])]
    settings = config(batch_size=20, max_steps=1)
    losses = [
        fit(small_policy(), data, settings, tmp_path / name).metrics["gradient_norm"]
        for name, data in (("plain", PAIRS), ("doubled", doubled), ("absent", absent), ("fewer", PAIRS[:8]))
    ]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert losses[2] == pytest.approx(losses[3], rel=1e-5)


# --- the reference (trap: it differs from the policy at step 0) ------------------------------------------------------


def with_dropout():
    """A model whose config asks for dropout, as GPT-2's does."""
    policy = small_policy(architecture="gpt2")
    for part in policy.model.modules():
        if isinstance(part, torch.nn.Dropout):
            part.p = 0.5
    return policy


def changed_adapters():
    """A policy with adapters that have learned already."""
    policy = adapt(small_policy(), Lora(rank=2))
    for name, value in policy.model.named_parameters():
        if "lora_B" in name:
            value.data.fill_(0.1)
    return policy


STARTS = {
    "plain": small_policy,
    "dropout": with_dropout,
    "fresh adapters": lambda: adapt(small_policy(), Lora(rank=2)),
    "changed adapters": changed_adapters,
}


@pytest.mark.parametrize("cache_reference", [True, False], ids=["cached", "live"])
@pytest.mark.parametrize("start", STARTS)
def test_the_first_loss_is_ln_2_and_all_margins_are_0(tmp_path, start, cache_reference):
    result = fit(STARTS[start](), PAIRS, config(batch_size=20, max_steps=1, cache_reference=cache_reference), tmp_path)
    assert result.losses[0] == pytest.approx(math.log(2), abs=1e-6)
    assert result.metrics["rewards/margins"] == pytest.approx(0, abs=1e-6)
    assert result.metrics["kl"] == pytest.approx(0, abs=1e-5)


def test_the_trap_of_dropout_would_be_seen(tmp_path):
    result = fit(with_dropout(), PAIRS, config(batch_size=20, max_steps=1, dropout=0.5), tmp_path)
    assert abs(result.losses[0] - math.log(2)) > 1e-3


@pytest.mark.parametrize("start", STARTS)
def test_cached_and_live_references_agree(tmp_path, start):
    losses = [
        fit(
            STARTS[start](), PAIRS, config(epochs=2, learning_rate=1e-3, cache_reference=cached), tmp_path / str(cached)
        )
        for cached in (True, False)
    ]
    assert losses[0].losses == pytest.approx(losses[1].losses, rel=1e-5)


def test_the_reference_may_be_another_policy(tmp_path):
    policy, other = small_policy(), small_policy(seed=1)
    expected = plain_dpo_loss(policy, other, PAIRS).item()
    for cached in (True, False):
        settings = config(batch_size=20, max_steps=1, cache_reference=cached)
        result = fit(small_policy(), PAIRS, settings, tmp_path / str(cached), reference=other)
        assert result.losses[0] == pytest.approx(expected, rel=1e-5)


def test_the_regularised_loss_has_its_anchor(tmp_path):
    settings = config(loss="dno_regularised", eta=1.0, tau=1.0, batch_size=20, max_steps=1)
    with pytest.raises(InputError, match="needs an anchor"):
        fit(small_policy(), PAIRS, settings, tmp_path / "none")
    # With tau = eta all of the reference is the anchor.
    anchored = fit(small_policy(), PAIRS, settings, tmp_path / "a", anchor=small_policy(seed=1))
    plain = fit(
        small_policy(), PAIRS, config(loss="dno", eta=1.0, batch_size=20, max_steps=1), tmp_path / "b",
        reference=small_policy(seed=1),
    )  # fmt: skip
    assert anchored.losses == pytest.approx(plain.losses, rel=1e-6)


# --- precision, dropout, learning ------------------------------------------------------------------------------------


def test_bfloat16_computes_coarsely_and_keeps_weights_fine(tmp_path):
    policy = small_policy()
    fine = fit(small_policy(), PAIRS, config(epochs=2), tmp_path / "fine")
    coarse = fit(policy, PAIRS, config(epochs=2, bf16=True), tmp_path / "coarse")
    assert {value.dtype for value in policy.model.parameters()} == {torch.float32}
    assert coarse.losses != fine.losses
    assert coarse.losses == pytest.approx(fine.losses, abs=2e-2)
    assert coarse.losses[0] == pytest.approx(math.log(2), abs=2e-3)


def test_dropout_is_that_of_the_config_and_the_model_is_left_as_it_was(tmp_path):
    policy = with_dropout()
    fit(policy, PAIRS, config(max_steps=1), tmp_path)
    rates = {part.p for part in policy.model.modules() if isinstance(part, torch.nn.Dropout)}
    assert rates == {0.5}
    assert not policy.model.training


def test_training_leaves_the_global_random_numbers_alone(tmp_path):
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    fit(with_dropout(), PAIRS, config(max_steps=2, dropout=0.3), tmp_path)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(
    ("loss", "watched", "least"),
    [("dpo", "rewards/accuracy", 0.95), ("ipo", "rewards/accuracy", 0.9), ("bradley_terry", "accuracy", 0.95)],
)
def test_it_learns(tmp_path, loss, watched, least):
    policy = RewardModel(small_policy()) if loss == "bradley_terry" else small_policy()
    result = fit(policy, some_pairs(16, weighted=False), config(loss=loss, epochs=20, batch_size=16), tmp_path)
    assert result.metrics[watched] >= least


def test_adapters_alone_are_trained(tmp_path):
    policy = adapt(small_policy(), Lora(rank=2))
    below = {n: v.clone() for n, v in policy.model.named_parameters() if not v.requires_grad}
    result = fit(policy, PAIRS, config(epochs=20, batch_size=20, learning_rate=5e-2, beta=1.0), tmp_path)
    assert result.losses[-1] < 0.65
    assert all(torch.equal(value, below[name]) for name, value in policy.model.named_parameters() if name in below)


# --- validation and early stopping -----------------------------------------------------------------------------------


def test_validation_is_the_loss_of_what_is_held_out(tmp_path):
    policy, start = small_policy(), small_policy()
    result = fit(policy, PAIRS, config(max_steps=3, validate_every=3), tmp_path, validation=some_pairs(7, seed=9))
    expected = plain_dpo_loss(policy, start, some_pairs(7, seed=9)).item()
    assert result.metrics["validation/loss"] == pytest.approx(expected, rel=1e-5)
    assert result.best_step == 3
    assert result.best_value == -result.metrics["validation/loss"]


def test_a_judge_stops_training_and_the_best_comes_back(tmp_path):
    scores = {2: 0.1, 4: 0.5, 6: 0.4, 8: 0.5, 10: 0.9}
    seen = {}

    def judge(policy, step):
        assert not policy.model.training
        seen[step] = fingerprint(policy)
        return scores[step]

    policy = small_policy()
    settings = config(max_steps=10, validate_every=2, patience=2, checkpoint_every=1)
    result = fit(policy, PAIRS, settings, tmp_path, validate=judge)
    assert list(seen) == [2, 4, 6, 8]  # equal is not better
    assert (result.steps, result.stopped) == (8, Stopped.PATIENCE)
    assert (result.best_step, result.best_value) == (4, 0.5)
    assert fingerprint(policy) == seen[4]
    again = small_policy()
    assert fit(again, PAIRS, settings, tmp_path, validate=judge) == result
    assert fingerprint(again) == seen[4]


def test_without_patience_the_last_is_kept(tmp_path):
    seen = {}

    def judge(policy, step):
        seen[step] = fingerprint(policy)
        return -step

    policy = small_policy()
    result = fit(policy, PAIRS, config(max_steps=4, validate_every=2), tmp_path, validate=judge)
    assert (result.best_step, result.stopped) == (2, Stopped.STEPS)
    assert fingerprint(policy) == seen[4]


# --- the folder ------------------------------------------------------------------------------------------------------


def test_metrics_have_a_line_a_step(tmp_path):
    result = fit(small_policy(), PAIRS, config(epochs=2), tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 7))
    assert tuple(line["loss"] for line in lines) == result.losses
    assert lines[-1] == result.metrics
    assert {"epoch", "learning_rate", "gradient_norm", "rewards/accuracy"} <= lines[0].keys()


def test_a_finished_run_returns_at_once(tmp_path, monkeypatch):
    policy, again = small_policy(), small_policy()
    result = fit(policy, PAIRS, config(), tmp_path)
    monkeypatch.setattr(fitting, "Training", None)
    assert fit(again, PAIRS, config(), tmp_path) == result
    assert torch.equal(weights(again), weights(policy))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"config": config(beta=0.2)}, "another parameters"),
        ({"config": config(seed=1)}, r"another seed \(it was 0, it is 1\)"),
        ({"data": PAIRS[1:]}, "another data"),
        ({"policy": 1}, "another policy"),
        ({"reference": 1}, "another reference"),
        ({"validation": PAIRS[:2]}, "another validation"),
    ],
)
def test_another_run_in_the_same_folder_is_refused(tmp_path, change, told):
    fit(small_policy(), PAIRS, config(max_steps=1), tmp_path)
    settings = change.get("config", config()).model_copy(update={"max_steps": 1})
    with pytest.raises(InputError, match=told):
        fit(
            small_policy(seed=change.get("policy", 0)),
            change.get("data", PAIRS),
            settings,
            tmp_path,
            validation=change.get("validation"),
            reference=small_policy() if "reference" in change else None,
        )


def test_settings_that_change_nothing_may_change(tmp_path):
    first = fit(small_policy(), PAIRS, config(checkpoint_every=1), tmp_path)
    assert fit(small_policy(), PAIRS, config(checkpoint_every=7, keep_checkpoints=2), tmp_path) == first


def test_rows_that_cannot_be_learned_are_counted(tmp_path):
    data = [*PAIRS, PreferencePair("w1 ", "w2 <eos> w3", "w4"), PreferencePair("w1 " * 40, "w2", "w3")]
    result = fit(small_policy(), data, config(max_length=20), tmp_path)
    assert sum(result.dropped.values()) == 1
    assert result.truncated == 2


def test_rows_longer_than_the_model_can_read_are_cut(tmp_path):
    data = [PreferencePair("w1 " * 100, "w2", "w3")]
    assert fit(small_policy(context=32), data, config(), tmp_path).truncated == 2


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"loss": "dop"}, "unknown loss 'dop'"),
        ({"loss": "sft", "beta": 0.1}, "the loss sft has no parameter 'beta'"),
        ({"loss": "ipo", "beta": 0.1}, "it has tau"),
        ({"loss": "sft", "sft_weight": 0.1}, "takes no SFT term"),
        ({"loss": "sft"}, "row 1: a loss on examples does not learn from PreferencePair"),
        ({"trackers": ("wandbb",)}, "unknown tracker 'wandbb' \\(did you mean 'wandb'"),
        ({"trackers": ("aim",)}, "the tracker 'aim' is not installed \\(pip install aim"),
    ],
)
def test_settings_that_do_not_fit_are_told_before_training(tmp_path, options, told):
    with pytest.raises(InputError, match=told):
        fit(small_policy(), PAIRS, config(**options), tmp_path)


def test_a_frozen_policy_is_told(tmp_path):
    with pytest.raises(InputError, match="every weight is frozen"):
        fit(frozen(small_policy()), PAIRS, config(), tmp_path)


def test_weights_too_coarse_to_learn_are_told(tmp_path):
    """The trap: a step of 1e-6 does not change a weight in bfloat16, and training silently does nothing."""
    policy = small_policy()
    policy.model.to(torch.bfloat16)
    with pytest.raises(InputError, match=r"torch\.bfloat16 would round most steps away \(load float32"):
        fit(policy, PAIRS, config(), tmp_path)
    weight = torch.tensor(0.02, dtype=torch.bfloat16)
    assert weight - 1e-6 == weight


def test_a_loss_that_is_no_number_stops_the_run(tmp_path):
    policy = small_policy()
    policy.model.lm_head.weight.data[5] = math.inf
    with pytest.raises(MaieuticError, match=r"step 1: loss nan"):
        fit(policy, PAIRS, config(cache_reference=False), tmp_path)


def test_trackers_get_what_the_metrics_have(tmp_path, monkeypatch):
    """Accelerate knows the trackers; here one stands in for those that are not installed."""
    noted = {}

    class Notebook(tracking.GeneralTracker):
        name = "tensorboard"
        requires_logging_directory = True
        main_process_only = True

        def __init__(self, run_name, logging_dir=None, **options):
            super().__init__()
            noted["folder"] = logging_dir

        @property
        def tracker(self):
            return noted

        def store_init_configuration(self, values):
            noted["config"] = values

        def log(self, values, step=None, **options):
            noted[step] = values

        def finish(self):
            noted["finished"] = True

    monkeypatch.setitem(tracking.LOGGER_TYPE_TO_CLASS, "tensorboard", Notebook)
    monkeypatch.setattr(tracking, "_available_trackers", [LoggerType.TENSORBOARD])
    result = fit(small_policy(), PAIRS, config(trackers=("tensorboard",)), tmp_path)
    assert noted["config"]["loss"] == "dpo"
    assert noted["finished"]
    assert noted[result.steps] == {name: value for name, value in result.metrics.items() if name != "step"}


# --- Ctrl-C ----------------------------------------------------------------------------------------------------------


def test_ctrl_c_keeps_the_step_and_the_same_call_goes_on(tmp_path):
    settings = config(epochs=3, validate_every=4)
    expected = small_policy()
    whole = fit(expected, PAIRS, settings, tmp_path / "whole", validate=lambda policy, step: 0.0)

    def interrupt(policy, step):
        if not interrupted:
            interrupted.append(step)
            os.kill(os.getpid(), signal.SIGINT)
        return 0.0

    interrupted: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        fit(small_policy(), PAIRS, settings, tmp_path / "cut", validate=interrupt)
    kept = sorted(path.name for path in (tmp_path / "cut" / "checkpoints").iterdir())
    assert kept == ["step-00000004", "step-00000005"]  # the best, and the step that was being made
    policy = small_policy()
    assert fit(policy, PAIRS, settings, tmp_path / "cut", validate=interrupt) == whole
    assert torch.equal(weights(policy), weights(expected))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
