"""Every loss that a policy or a reward model learns from: a pure function each, from log-probabilities to numbers.

All the losses on pairs look at one number a pair, how much the policy has come to prefer the chosen completion over the
rejected one since the reference:

    h = [log pi(chosen) - log pi_ref(chosen)] - [log pi(rejected) - log pi_ref(rejected)]

with log pi(y) the *sum* of the log-probabilities of the tokens of y, and no token of the prompt. They differ in where
they want h to be: the logistic losses (DPO, SPIN, DNO-Prct) push it up for ever, ever less; the smoothed ones stop at
the log-odds of a label that may be wrong; IPO and the DNO regression have a target, which for DNO is the difference of
the two win rates. Since log pi_ref is all that is known of the reference, a loss with another reference needs no other
function: SPIN and DNO-Prct are DPO whose reference is the policy that the round started from.

A loss gives one number a row (an example, a pair, or the ranking of one prompt). Weights are applied by whoever takes
the mean. Which losses there are, with their sources and parameters, is the table of losses.py;
`LOSSES["dpo"](terms, beta=0.1)` is how to call one.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from maieutic.core.errors import InputError


@dataclass(frozen=True)
class ExampleTerms:
    """What a loss sees of n examples; all tensors are [n].

    Args:
        logprob: summed log-probability of the completion, in nats.
        length: tokens in the completion.
        prompt: a number that the completions of one record share.
        weight: how much an example counts in the mean; no loss looks at it.
    """

    logprob: Tensor
    length: Tensor
    prompt: Tensor
    weight: Tensor


@dataclass(frozen=True)
class PairTerms:
    """What a loss sees of n pairs; all tensors are [n].

    Args:
        chosen, rejected: summed log-probabilities of the completions under the policy, in nats.
        reference_chosen, reference_rejected: the same under the reference, without gradients.
        chosen_length, rejected_length: tokens in the completions.
        margin: r(chosen) - r(rejected), in the judge's units; for DNO a difference of win rates.
        weight: how much a pair counts in the mean; no loss looks at it.
        anchor_chosen, anchor_rejected: summed log-probabilities under a second, fixed reference; only the regularised
            DNO needs them.
    """

    chosen: Tensor
    rejected: Tensor
    reference_chosen: Tensor
    reference_rejected: Tensor
    chosen_length: Tensor
    rejected_length: Tensor
    margin: Tensor
    weight: Tensor
    anchor_chosen: Tensor | None = None
    anchor_rejected: Tensor | None = None

    def log_ratios(self) -> tuple[Tensor, Tensor]:
        """log(pi / pi_ref) of the chosen and of the rejected completions, [n] each."""
        return self.chosen - self.reference_chosen, self.rejected - self.reference_rejected

    def preference(self) -> Tensor:
        """h, the difference of the two log-ratios, [n]."""
        chosen, rejected = self.log_ratios()
        return chosen - rejected


@dataclass(frozen=True)
class RankingTerms:
    """What a loss sees of n prompts with several ranked completions each, m completions in all.

    Args:
        scores: [m] what the model gives each completion.
        ranks: [m] 1 is the best; equal ranks are ties.
        prompt: [m] which prompt, from 0 to n - 1, a completion belongs to.
        weight: [n] how much a prompt counts in the mean; no loss looks at it.
    """

    scores: Tensor
    ranks: Tensor
    prompt: Tensor
    weight: Tensor


def sft(terms: ExampleTerms) -> Tensor:
    """-log pi(y), summed over the tokens; divided by the tokens of the whole batch it is the usual cross-entropy."""
    return -terms.logprob


def marginal(terms: ExampleTerms) -> Tensor:
    """-log of the sum of pi(y) over a prompt's completions, for each of them: one is wanted, and it may be any.

    Where `sft` spreads a policy over all of them, this lets it keep to those that it finds likely: the gradient is that
    of `sft` with each completion weighted by its share of the sum. Maximum marginal likelihood: arXiv 1704.07926.
    """
    same = terms.prompt[:, None] == terms.prompt[None, :]
    return -torch.where(same, terms.logprob[None, :], -torch.inf).logsumexp(dim=1)


def dpo(terms: PairTerms, *, beta: float) -> Tensor:
    """-log sigma(beta h). Direct preference optimisation, arXiv 2305.18290, equation 7."""
    return -logsigmoid(beta * terms.preference())


def conservative_dpo(terms: PairTerms, *, beta: float, label_smoothing: float) -> Tensor:
    """(1 - e) L(w, l) + e L(l, w): cross-entropy with a label that is wrong with probability e.

    It is least at beta h = log((1 - e) / e), and so keeps h finite. E. Mitchell, A note on DPO with noisy preferences.
    """
    logits = beta * terms.preference()
    return -(1 - label_smoothing) * logsigmoid(logits) - label_smoothing * logsigmoid(-logits)


def robust_dpo(terms: PairTerms, *, beta: float, label_smoothing: float) -> Tensor:
    """((1 - e) L(w, l) - e L(l, w)) / (1 - 2e), for e < 1/2. arXiv 2403.00409.

    Its mean over labels that are flipped with probability e is the DPO loss of the true labels. It may be negative.
    """
    logits = beta * terms.preference()
    clean, flipped = -logsigmoid(logits), -logsigmoid(-logits)
    return ((1 - label_smoothing) * clean - label_smoothing * flipped) / (1 - 2 * label_smoothing)


def ipo(terms: PairTerms, *, tau: float) -> Tensor:
    """(h - 1 / (2 tau))^2, with summed log-probabilities as in the paper. arXiv 2310.12036, equation 17."""
    return (terms.preference() - 1 / (2 * tau)) ** 2


def ipo_mean(terms: PairTerms, *, tau: float) -> Tensor:
    """IPO with each log-ratio divided by the completion's tokens, so that tau means the same at every length."""
    chosen, rejected = terms.log_ratios()
    return (chosen / terms.chosen_length - rejected / terms.rejected_length - 1 / (2 * tau)) ** 2


def dno(terms: PairTerms, *, eta: float) -> Tensor:
    """Cross-entropy of sigma(eta h) on the soft label sigma(margin). arXiv 2404.03715, equation 8.

    The margin is the difference of the two completions' win rates against the reference policy, so the least loss is at
    eta h = margin: the reference reweighted by exp(win rate / eta), which is one exact step towards the Nash policy.
    """
    return _soft_cross_entropy(eta * terms.preference(), terms.margin)


def dno_prct(terms: PairTerms, *, eta: float) -> Tensor:
    """-log sigma(eta h): equation 8 with the label taken as 1, for pairs of large margin. arXiv 2404.03715, eq. 13."""
    return -logsigmoid(eta * terms.preference())


def dno_regularised(terms: PairTerms, *, eta: float, tau: float) -> Tensor:
    """Equation 8 with the reference pi_t^(1 - tau/eta) pi_anchor^(tau/eta), whose normaliser cancels in h.

    arXiv 2404.03715, appendix A. The anchor is the fixed policy that a preference is regularised towards with strength
    tau; tau = 0 is `dno`. Whether the margin's win rates are against the reference (option I) or against the mixed
    policy (option II) is settled where they are computed.
    """
    if terms.anchor_chosen is None or terms.anchor_rejected is None:
        raise InputError("dno_regularised needs a second reference", hint="give the anchor's log-probabilities")
    share = tau / eta
    reference = terms.reference_chosen - terms.reference_rejected
    anchor = terms.anchor_chosen - terms.anchor_rejected
    mixed = (1 - share) * reference + share * anchor
    return _soft_cross_entropy(eta * (terms.chosen - terms.rejected - mixed), terms.margin)


def spin(terms: PairTerms, *, beta: float) -> Tensor:
    """-log sigma(beta h), the data against the model's own sample. arXiv 2401.01335, equation 4.7, logistic loss."""
    return -logsigmoid(beta * terms.preference())


def bradley_terry(terms: RankingTerms) -> Tensor:
    """-log sigma(r(better) - r(worse)), mean over the pairs of a prompt. arXiv 2203.02155, equation 1.

    All C(K, 2) pairs of a prompt are one row, so that a prompt with many completions does not count more. Ties say
    nothing and are left out; a prompt of nothing but ties has loss 0.

    Returns: [n].
    """
    same_prompt = terms.prompt[:, None] == terms.prompt[None, :]
    better = same_prompt & (terms.ranks[:, None] < terms.ranks[None, :])
    first, second = better.nonzero(as_tuple=True)
    losses = -logsigmoid(terms.scores[first] - terms.scores[second])
    rows = torch.zeros_like(terms.weight, dtype=losses.dtype)
    pairs = torch.bincount(terms.prompt[first], minlength=len(rows)).clamp(min=1)
    return rows.index_add(0, terms.prompt[first], losses) / pairs


def sft_term(terms: PairTerms) -> Tensor:
    """-log pi(chosen) / |chosen|: what keeps a loss on pairs from making both completions unlikely.

    arXiv 2404.19733, equation 2.
    """
    return -terms.chosen / terms.chosen_length


def _soft_cross_entropy(logits: Tensor, margin: Tensor) -> Tensor:
    """Cross-entropy of sigma(logits) on the labels sigma(margin); both [n]."""
    label = torch.sigmoid(margin)
    return -label * logsigmoid(logits) - (1 - label) * logsigmoid(-logits)


Terms = ExampleTerms | PairTerms | RankingTerms


def metrics(terms: PairTerms, beta: float) -> dict[str, float]:
    """What to watch in training on pairs: means over them, with the implicit reward beta log(pi / pi_ref).

    `accuracy` is the share of pairs whose chosen completion has the higher reward. `kl` is the mean log-ratio over both
    completions: an estimate of KL(policy || reference) where they are the policy's own samples, and elsewhere only a
    measure of how far it has moved (it may be negative).
    """
    chosen, rejected = terms.log_ratios()
    values = {
        "rewards/chosen": beta * chosen,
        "rewards/rejected": beta * rejected,
        "rewards/margins": beta * (chosen - rejected),
        "rewards/accuracy": (chosen > rejected).to(chosen.dtype),
        "logps/chosen": terms.chosen,
        "logps/rejected": terms.rejected,
        "kl": (chosen + rejected) / 2,
    }
    means = torch.stack([value.float().mean() for value in values.values()]).tolist()
    return dict(zip(values, means, strict=True))
