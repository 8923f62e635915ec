"""Each loss against arithmetic that a reader can redo.

One pair of two-token completions serves them all. Probabilities of the tokens, under the policy and the reference:

    chosen    policy 1/2, 1/2    reference 1/4, 1/2        log-ratio = log 2
    rejected  policy 1/4, 1/4    reference 1/2, 1/4        log-ratio = -log 2

so h = log 2 - (-log 2) = 2 log 2 = log 4. With beta = 1/2, beta h = log 2, and sigma(log 2) = 2/3, sigma(-log 2) = 1/3.
"""

from dataclasses import replace
from math import exp, log

import pytest
import torch

from maieutic.core.errors import InputError
from maieutic.lm.loss_functions import ExampleTerms, PairTerms, RankingTerms, metrics, sft_term
from maieutic.lm.losses import LOSSES

CHOSEN, REFERENCE_CHOSEN = [1 / 2, 1 / 2], [1 / 4, 1 / 2]
REJECTED, REFERENCE_REJECTED = [1 / 4, 1 / 4], [1 / 2, 1 / 4]
H = log(4)


def summed(probabilities: list[float]) -> torch.Tensor:
    return torch.tensor([sum(map(log, probabilities))], dtype=torch.float64)


def pair(margin: float = 1.0, **changes) -> PairTerms:
    two, one = torch.tensor([2.0], dtype=torch.float64), torch.tensor([1.0], dtype=torch.float64)
    terms = PairTerms(
        chosen=summed(CHOSEN),
        rejected=summed(REJECTED),
        reference_chosen=summed(REFERENCE_CHOSEN),
        reference_rejected=summed(REFERENCE_REJECTED),
        chosen_length=two,
        rejected_length=two,
        margin=margin * one,
        weight=one,
    )
    return replace(terms, **changes)


def sigma(z: float) -> float:
    return 1 / (1 + exp(-z))


# The anchor of the regularised loss: log-ratios of the policy against it are log 4 (chosen) and 0 (rejected).
ANCHOR = {"anchor_chosen": summed([1 / 4, 1 / 4]), "anchor_rejected": summed(REJECTED)}
# With eta = 1, tau = 1/4: reference^(3/4) anchor^(1/4), so h = 3/4 log 4 + 1/4 (log 4 - 0) = log 4 again.

CASES = [
    ("dpo", {"beta": 0.5}, {}, log(3 / 2)),  # -log 2/3
    ("spin", {"beta": 0.5}, {}, log(3 / 2)),
    ("dno_prct", {"eta": 0.5}, {}, log(3 / 2)),
    # 3/4 (-log 2/3) + 1/4 (-log 1/3)
    ("cdpo", {"beta": 0.5, "label_smoothing": 0.25}, {}, 0.75 * log(3 / 2) + 0.25 * log(3)),
    # (3/4 (-log 2/3) - 1/4 (-log 1/3)) / (1/2)
    ("robust", {"beta": 0.5, "label_smoothing": 0.25}, {}, 1.5 * log(3 / 2) - 0.5 * log(3)),
    ("ipo", {"tau": 0.25}, {}, (log(4) - 2) ** 2),  # summed log-ratios, target 1 / (2 tau) = 2
    ("ipo_mean", {"tau": 0.25}, {}, (log(2) - 2) ** 2),  # each divided by two tokens: h = log 2
    # label sigma(log 3) = 3/4, prediction sigma(log 2) = 2/3
    ("dno", {"eta": 0.5}, {"margin": log(3)}, 0.75 * log(3 / 2) + 0.25 * log(3)),
    # prediction sigma(log 4) = 4/5
    ("dno_regularised", {"eta": 1.0, "tau": 0.25}, {"margin": log(3), **ANCHOR}, 0.75 * log(5 / 4) + 0.25 * log(5)),
]


@pytest.mark.parametrize(("name", "parameters", "changes", "expected"), CASES, ids=[case[0] for case in CASES])
def test_two_tokens_by_hand(name, parameters, changes, expected):
    assert LOSSES[name](pair(**changes), **parameters).item() == pytest.approx(expected, abs=1e-12)


def test_every_loss_on_pairs_stands_among_the_cases():
    assert {case[0] for case in CASES} == {name for name, loss in LOSSES.items() if loss.kind == "pairs"}


@pytest.mark.parametrize("name", ["dpo", "cdpo", "robust", "ipo", "dno", "dno_prct", "spin"])
def test_the_mean_of_log_probabilities_instead_of_the_sum_gives_another_loss(name):
    """The trap: with two tokens each, the mean halves h, and only the length-normalised loss may do so."""
    halved = pair(
        **{f: getattr(pair(), f) / 2 for f in ("chosen", "rejected", "reference_chosen", "reference_rejected")}
    )
    assert LOSSES[name](halved).item() != pytest.approx(LOSSES[name](pair()).item(), abs=1e-3)
    assert LOSSES["ipo_mean"](pair()).item() == pytest.approx(LOSSES["ipo"](halved).item())


def test_length_normalisation_divides_each_side_by_its_own_length():
    terms = pair(rejected_length=torch.tensor([4.0], dtype=torch.float64))
    expected = (log(2) / 2 + log(2) / 4 - 1 / (2 * 0.1)) ** 2
    assert LOSSES["ipo_mean"](terms, tau=0.1).item() == pytest.approx(expected)


def test_sft_is_the_summed_negative_log_likelihood_and_is_averaged_over_tokens():
    terms = ExampleTerms(summed(CHOSEN), length=torch.tensor([2.0]), prompt=torch.zeros(1), weight=torch.ones(1))
    assert LOSSES["sft"](terms).item() == pytest.approx(log(4))
    assert LOSSES["sft"].mean == "tokens"
    assert LOSSES["dpo"].mean == "rows"


def test_the_sft_term_is_the_chosen_completion_a_token():
    assert sft_term(pair()).item() == pytest.approx(log(2))  # -(log 1/4) / 2
    with_term = LOSSES["dpo"](pair(), beta=0.5, sft_weight=0.3).item()
    assert with_term == pytest.approx(log(3 / 2) + 0.3 * log(2))


def test_a_policy_equal_to_its_reference_has_loss_log_2_and_margin_0():
    same = pair(reference_chosen=summed(CHOSEN), reference_rejected=summed(REJECTED))
    for name in ("dpo", "spin", "dno_prct", "cdpo"):
        assert LOSSES[name](same).item() == pytest.approx(log(2), abs=1e-12)
    assert metrics(same, 0.1)["rewards/margins"] == 0.0


def test_the_gradient_of_dpo_is_that_of_its_paper():
    """grad L = -beta sigma(rhat(l) - rhat(w)) (grad log pi(w) - grad log pi(l)), arXiv 2305.18290, section 4."""
    generator = torch.Generator().manual_seed(0)
    chosen, rejected, reference_chosen, reference_rejected = (
        torch.randn(5, generator=generator, dtype=torch.float64, requires_grad=True) for _ in range(4)
    )
    ones = torch.ones(5, dtype=torch.float64)
    terms = PairTerms(chosen, rejected, reference_chosen.detach(), reference_rejected.detach(), ones, ones, ones, ones)
    by_chosen, by_rejected = torch.autograd.grad(LOSSES["dpo"](terms, beta=0.3).sum(), [chosen, rejected])
    reward_chosen = 0.3 * (chosen - reference_chosen)
    reward_rejected = 0.3 * (rejected - reference_rejected)
    expected = 0.3 * torch.sigmoid(reward_rejected - reward_chosen)
    torch.testing.assert_close(by_chosen, -expected.detach())
    torch.testing.assert_close(by_rejected, expected.detach())


def least_h(name: str, terms: PairTerms, **parameters: float) -> float:
    """The h at which a loss is least, by Newton's method on its derivative."""
    h = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    for _ in range(100):
        moved = replace(terms, chosen=h + terms.reference_chosen, rejected=terms.reference_rejected)
        (slope,) = torch.autograd.grad(LOSSES[name](moved, **parameters).sum(), h, create_graph=True)
        (curvature,) = torch.autograd.grad(slope, h)
        h = (h - slope / curvature).detach().requires_grad_()
    return h.item()


def test_where_the_losses_with_a_target_are_least():
    assert least_h("dno", pair(margin=0.6), eta=2.0) == pytest.approx(0.6 / 2.0)  # eta h = r(w) - r(l)
    assert least_h("ipo", pair(), tau=0.1) == pytest.approx(1 / (2 * 0.1))
    assert least_h("cdpo", pair(), beta=0.5, label_smoothing=0.2) == pytest.approx(log(0.8 / 0.2) / 0.5)


def test_the_robust_loss_is_unbiased_under_flipped_labels():
    flipped = PairTerms(*(getattr(pair(), f) for f in ("rejected", "chosen", "reference_rejected", "reference_chosen")),
                        *(pair().chosen_length,) * 4)  # fmt: skip
    rate = 0.3
    mean = sum(
        p * LOSSES["robust"](terms, beta=0.5, label_smoothing=rate).item()
        for p, terms in ((1 - rate, pair()), (rate, flipped))
    )
    assert mean == pytest.approx(LOSSES["dpo"](pair(), beta=0.5).item())


def test_dno_with_a_certain_label_is_dno_prct_and_dpo():
    certain = pair(margin=50.0)
    assert LOSSES["dno"](certain, eta=0.5).item() == pytest.approx(LOSSES["dno_prct"](certain, eta=0.5).item())
    assert LOSSES["dno_prct"](certain, eta=0.5).item() == LOSSES["dpo"](certain, beta=0.5).item()


def test_the_regularised_loss_without_regularisation_is_dno():
    terms = pair(margin=0.4, **ANCHOR)
    plain = LOSSES["dno"](terms, eta=2.0).item()
    assert LOSSES["dno_regularised"](terms, eta=2.0, tau=0.0).item() == pytest.approx(plain)
    moved = LOSSES["dno_regularised"](pair(**ANCHOR, chosen=summed([1 / 2, 1 / 3])), eta=2.0, tau=2.0)
    # tau = eta: the reference is the anchor alone
    against_anchor = pair(
        chosen=summed([1 / 2, 1 / 3]),
        reference_chosen=ANCHOR["anchor_chosen"],
        reference_rejected=ANCHOR["anchor_rejected"],
    )
    assert moved.item() == pytest.approx(LOSSES["dno"](against_anchor, eta=2.0).item())
    with pytest.raises(InputError, match="second reference"):
        LOSSES["dno_regularised"](pair())


# --- rankings --------------------------------------------------------------------------------------------------------


def rankings(scores, ranks, prompt, count) -> RankingTerms:
    return RankingTerms(
        torch.tensor(scores, dtype=torch.float64), torch.tensor(ranks), torch.tensor(prompt), torch.ones(count)
    )


def test_bradley_terry_of_one_pair():
    # sigma(log 3 - log 1) = 3/4
    assert LOSSES["bradley_terry"](rankings([0.0, log(3)], [2, 1], [0, 0], 1)).item() == pytest.approx(log(4 / 3))


def test_a_ranking_counts_once_however_many_pairs_it_has():
    """Prompt 0 has 3 completions and so C(3, 2) = 3 pairs; prompt 1 has one pair."""
    terms = rankings([2.0, 1.0, 0.0, 5.0, 5.0], [1, 2, 3, 1, 2], [0, 0, 0, 1, 1], 2)
    three = (-2 * log(sigma(1)) - log(sigma(2))) / 3
    assert LOSSES["bradley_terry"](terms).tolist() == pytest.approx([three, log(2)])


def test_ties_are_left_out():
    terms = rankings([2.0, 1.0, 0.0, 7.0, 3.0], [1, 2, 2, 1, 1], [0, 0, 0, 1, 1], 2)
    two = (-log(sigma(1)) - log(sigma(2))) / 2
    assert LOSSES["bradley_terry"](terms).tolist() == pytest.approx([two, 0.0])


def test_completions_of_different_prompts_are_never_compared():
    together = rankings([2.0, 1.0, -3.0, 4.0], [1, 2, 1, 2], [0, 0, 1, 1], 2)
    alone = [LOSSES["bradley_terry"](rankings(s, [1, 2], [0, 0], 1)).item() for s in ([2.0, 1.0], [-3.0, 4.0])]
    assert LOSSES["bradley_terry"](together).tolist() == pytest.approx(alone)


def test_marginal_likelihood_asks_for_any_of_a_prompts_completions():
    likely = torch.tensor([0.1, 0.3, 0.2], dtype=torch.float64, requires_grad=True)
    terms = ExampleTerms(likely.log(), torch.ones(3), torch.tensor([0, 0, 1]), torch.tensor([0.5, 0.5, 1.0]))
    losses = LOSSES["marginal"](terms)
    assert losses.tolist() == pytest.approx([-log(0.4), -log(0.4), -log(0.2)])
    assert LOSSES["marginal"].mean == "rows"
    (losses * terms.weight).sum().backward()
    # Of each prompt d(-log sum)/dp = -1 / sum, for every completion.
    assert likely.grad.tolist() == pytest.approx([-1 / 0.4, -1 / 0.4, -1 / 0.2])


def test_marginal_likelihood_of_one_completion_is_sft():
    terms = ExampleTerms(summed(CHOSEN), torch.ones(1), torch.zeros(1), torch.ones(1))
    assert LOSSES["marginal"](terms).item() == pytest.approx(LOSSES["sft"](terms).item())


# --- the table -------------------------------------------------------------------------------------------------------


def test_a_parameter_that_a_loss_does_not_have():
    with pytest.raises(InputError, match=r"dpo has no parameter 'tau' \(it has beta\)"):
        LOSSES["dpo"](pair(), tau=0.1)
    with pytest.raises(InputError, match="takes no SFT term"):
        LOSSES["sft"](ExampleTerms(summed(CHOSEN), torch.ones(1), torch.zeros(1), torch.ones(1)), sft_weight=1.0)


def test_losses_name_themselves_and_what_they_need():
    assert all(name == loss.name for name, loss in LOSSES.items())
    assert {name for name, loss in LOSSES.items() if not loss.reference} == {"sft", "marginal", "bradley_terry"}
    assert [name for name, loss in LOSSES.items() if loss.anchor] == ["dno_regularised"]


def test_what_is_watched():
    watched = metrics(pair(), beta=0.5)
    assert watched == pytest.approx(
        {
            "rewards/chosen": 0.5 * log(2),
            "rewards/rejected": -0.5 * log(2),
            "rewards/margins": 0.5 * H,
            "rewards/accuracy": 1.0,
            "logps/chosen": log(1 / 4),
            "logps/rejected": log(1 / 16),
            "kl": 0.0,
        },
        abs=1e-6,
    )
