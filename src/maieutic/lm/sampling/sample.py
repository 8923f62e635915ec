"""Sampling from a model in this process: a Generator over `decoding.decode`, with text at both ends.

The completion is the text that the model's tokens add to the prompt's, so that a completion, encoded again behind its
prompt, gives the same ids wherever the tokenizer is its own inverse. Stop strings are cut exactly: decoding only stops
early on them; where the text ends is decided on the whole of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from maieutic.core.errors import InputError
from maieutic.core.generate import Allowed, Generated, Reply, Request, Sampling
from maieutic.core.records import Prompt
from maieutic.lm.anatomy import causal_model
from maieutic.lm.model import Policy, pad_id
from maieutic.lm.sampling.decoding import Ending, Row, Stopped, context, decode, next_logprobs
from maieutic.lm.tokens import Dropped, encode, encode_prompt, end_id

BATCH_TOKENS = 16384


@dataclass(frozen=True)
class Completion:
    """What a prompt's ids were continued with: `ids`, the end token included if it `ended` with one, and their text
    without it, and without what stands behind a stop string. `finish` is "stop" or "length"."""

    prompt: tuple[int, ...]
    ids: tuple[int, ...]
    text: str
    finish: str
    ended: bool


class Sampler:
    """A policy as a Generator and a LabelScorer.

    Args:
        batch_tokens: tokens, prompts and completions together, that one batch's caches may hold. Memory decides;
            results do not depend on it.
        name: how records call the model; the policy's own name if not given.

    The policy is put into eval mode while a batch runs, and back. It may be trained between replies; later batches
    then come from the newer weights.
    """

    def __init__(self, policy: Policy, *, batch_tokens: int = BATCH_TOKENS, name: str | None = None) -> None:
        self._policy = policy
        self._batch_tokens = batch_tokens
        self._name = policy.name if name is None else name

    @property
    def name(self) -> str:
        """How records call the model."""
        return self._name

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> Iterator[Reply]:
        """Replies, a batch at a time, the longest prompts first. A prompt that fills the context is an error of its
        own; raises InputError where a prompt cannot be encoded at all."""
        room = context(self._policy.model)
        lengths = [len(encode_prompt(self._policy.tokenizer, request.prompt)) for request in requests]
        owners: list[tuple[int, int]] = []  # of each completion: its request, and its number there
        for index, (request, length) in enumerate(zip(requests, lengths, strict=True)):
            if length >= room:
                error = f"the prompt is {length} tokens long, and the model's context {room}"
                yield Reply(index, (), error, length)
            else:
                owners += [(index, number) for number in range(request.first, request.first + request.n)]
        prompts = [requests[index].prompt for index, _ in owners]
        seeds = [requests[index].completion_seed(number) for index, number in owners]
        grammars = [requests[index].allowed for index, _ in owners]
        done: dict[int, list[Generated]] = {}
        for place, completion in self.complete(prompts, seeds, sampling, grammars):
            index, number = owners[place]
            mine = done.setdefault(index, [])
            mine.append(Generated(completion.text, completion.finish, len(completion.ids), number))
            if len(mine) == requests[index].n:
                ordered = tuple(sorted(done.pop(index), key=lambda generated: generated.number))
                yield Reply(index, ordered, prompt_tokens=lengths[index])

    def complete(
        self,
        prompts: Sequence[Prompt],
        seeds: Sequence[int],
        sampling: Sampling,
        grammars: Sequence[Allowed | None] | None = None,
        *,
        fixed_length: bool = False,
    ) -> Iterator[tuple[int, Completion]]:
        """(index, completion) of each prompt, which must fit the context, with its ids: for those who train on them.

        Each prompt may have a grammar. With `fixed_length` the end token is a token like any other, and all
        completions have `max_tokens` tokens.
        """
        known = {prompt: encode_prompt(self._policy.tokenizer, prompt) for prompt in dict.fromkeys(prompts)}
        each = zip(prompts, seeds, grammars or repeat(None, len(prompts)), strict=True)
        rows = [Row(known[prompt], seed, allowed) for prompt, seed, allowed in each]
        text = _Text(self._policy.tokenizer, prompts, rows)
        ends = frozenset() if fixed_length else end_tokens(self._policy, known)
        ending, pad = Ending(ends, text.stops(sampling.stop)), pad_id(self._policy.tokenizer)
        model, room = self._policy.model, self._batch_tokens
        for index, written in decode(model, rows, sampling, ending, pad=pad, batch_tokens=room):
            ended = bool(written.ids) and written.ids[-1] in ends
            whole = text.of(index, written.ids[:-1] if ended else written.ids)
            cut = min((place for stop in sampling.stop if (place := whole.find(stop)) >= 0), default=None)
            finish = written.finish if cut is None else "stop"
            yield index, Completion(rows[index].prompt, written.ids, whole[:cut], finish, ended)

    def label_logprobs(
        self, prompts: Sequence[Prompt], labels: Sequence[str]
    ) -> Iterator[tuple[int, tuple[float | None, ...]]]:
        """(index, log-probability of each label as the first token), the longest prompts first.

        Raises InputError for a label that is not one token behind its prompt, or the same token as another.
        """
        rows = [encode_prompt(self._policy.tokenizer, prompt) for prompt in prompts]
        choices = [self._label_ids(prompt, labels) for prompt in prompts]
        pad = pad_id(self._policy.tokenizer)
        yield from next_logprobs(self._policy.model, rows, choices, pad=pad, batch_tokens=self._batch_tokens)

    def _label_ids(self, prompt: Prompt, labels: Sequence[str]) -> list[int]:
        found = []
        for label in labels:
            encoded = encode(self._policy.tokenizer, prompt, label, end=False)
            if isinstance(encoded, Dropped) or len(encoded.completion) != 1:
                raise InputError(f"the label {label!r} is not one token of {self.name}", hint="letters often are")
            found.append(encoded.completion[0])
        if len(set(found)) < len(found):
            raise InputError(f"{self.name} writes two of the labels {', '.join(labels)} with the same token")
        return found


class _Text:
    """The text of what rows write."""

    def __init__(self, tokenizer: Any, prompts: Sequence[Prompt], rows: Sequence[Row]) -> None:
        self._tokenizer = tokenizer
        self._before = [
            row.prompt if isinstance(prompt, str) else None for prompt, row in zip(prompts, rows, strict=True)
        ]

    def of(self, row: int, ids: Sequence[int]) -> str:
        """What the ids add to the text of a plain prompt: a first space is part of it where the tokenizer puts one.

        In a conversation, the text of the answer alone.
        """
        prompt = self._before[row]
        if prompt is None:
            return self._decoded(ids)
        before, whole = self._decoded(prompt), self._decoded([*prompt, *ids])
        return whole.removeprefix(before) if whole.startswith(before) else self._decoded(ids)

    def stops(self, stop: Sequence[str]) -> Stopped | None:
        """Whether a stop string stands in the last tokens: as many as its bytes, and some, since one may be empty."""
        if not stop:
            return None
        window = max(len(text.encode()) for text in stop) + 8

        def stopped(row: int, ids: Sequence[int]) -> bool:
            tail = self.of(row, ids) if len(ids) <= window else self._decoded(ids[-window:])
            return any(text in tail for text in stop)

        return stopped

    def _decoded(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False))


def end_tokens(policy: Policy, prompts: Iterable[Prompt]) -> frozenset[int]:
    """The tokens that end completions of these prompts: what training puts there, and what the model's config names."""
    config = getattr(causal_model(policy.model), "generation_config", None)
    named = getattr(config, "eos_token_id", None)
    ends = {named} if isinstance(named, int) else set(named or ())
    one_of_each_kind = {isinstance(prompt, str): prompt for prompt in prompts}
    return frozenset(ends | {end_id(policy.tokenizer, prompt) for prompt in one_of_each_kind.values()})
