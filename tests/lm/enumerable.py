"""A policy whose every response can be listed, so that what it converges to can be compared with a closed form.

One prompt of one token; responses are texts over a small alphabet, and each ends with the end token. The distribution
over responses is the policy's own, given that it answers with one of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import torch

from maieutic.core.records import PreferencePair
from maieutic.lm.logprobs import sequence_logprobs
from maieutic.lm.model import Policy, build, evaluation, pad_id
from maieutic.lm.tokens import Encoded, encode, word_tokenizer

PROMPT = "?"


def texts(alphabet: Sequence[str], length: int) -> list[str]:
    """All responses of so many symbols, as the text that follows the prompt."""
    return ["".join(f" {symbol}" for symbol in symbols) for symbols in product(alphabet, repeat=length)]


def tiny_policy(alphabet: Sequence[str], *, width: int, layers: int = 1, seed: int = 0) -> Policy:
    """A real causal model of a few thousand weights."""
    tokenizer = word_tokenizer([PROMPT, *alphabet], begin=False)
    return build(tokenizer, width=width, layers=layers, heads=2, context=8, seed=seed)


def distribution(policy: Policy, responses: Sequence[str]) -> np.ndarray:
    """The policy over these responses, [n]."""
    rows = [encode(policy.tokenizer, PROMPT, response) for response in responses]
    assert all(isinstance(row, Encoded) for row in rows)
    with torch.no_grad(), evaluation(policy.model):
        logs = sequence_logprobs(policy.model, rows, pad_id(policy.tokenizer)).double().numpy()
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def preferred(responses: Sequence[str], preferences: np.ndarray, drawn: np.ndarray) -> list[PreferencePair]:
    """Infinitely many judged pairs: each ordered pair once, weighted by how often it is drawn and so judged."""
    size = len(responses)
    return [
        PreferencePair(
            PROMPT, responses[i], responses[j], weight=float(size**2 * drawn[i] * drawn[j] * preferences[i, j])
        )
        for i, j in product(range(size), repeat=2)
        if i != j
    ]


def compared(responses: Sequence[str], rewards: np.ndarray, drawn: np.ndarray) -> list[PreferencePair]:
    """All pairs with the difference of their rewards as margin, weighted by how often they are drawn. Equation 8's loss
    is the same for both orders of a pair, so that one is enough."""
    size = len(responses)
    return [
        PreferencePair(
            PROMPT,
            responses[i],
            responses[j],
            margin=float(rewards[i] - rewards[j]),
            weight=float(size**2 * drawn[i] * drawn[j]),
        )
        for i, j in combinations(range(size), 2)
    ]
