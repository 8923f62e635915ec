"""Text to ids, with an exact boundary between what is given and what is learned.

Training and generating see the same ids: a prompt is encoded by one function, `encode_prompt`, and an example is that
prompt with the completion's ids behind it. Three things are held to, each of which has broken other implementations:

- The boundary is exact. The ids of the prompt are the first ids of prompt and completion together; where the tokenizer
  merges across the boundary (as in "2+2= " and "4" with the space on the wrong side), that is an error, since the model
  would be trained on ids that it never meets when it writes.
- There is one beginning token, if the tokenizer has one, and one end token. In a conversation the chat template decides
  about both: the end is the token with which it closes a turn of the assistant.
- Cutting to a length never empties a completion: the prompt loses its oldest tokens first (not its beginning token),
  then the completion its last ones, and with them its end token, for it was not its end. A row of which nothing is left
  to learn is dropped, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import Any

from jinja2 import TemplateError
from tokenizers import Regex, Tokenizer, pre_tokenizers
from tokenizers.decoders import Fuse
from tokenizers.models import WordLevel
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from maieutic.core.errors import InputError
from maieutic.core.records import Message, Prompt

BOS, EOS, PAD, UNK = "<bos>", "<eos>", "<pad>", "<unk>"
"""The special tokens of the tokenizers that are built here."""

ROLE_TOKENS = ("<system>", "<user>", "<assistant>", "<tool>")
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<{{ message.role }}>{{ message.content }}"
    "{{ eos_token if message.role == 'assistant' else '' }}{% endfor %}"
    "{{ '<assistant>' if add_generation_prompt else '' }}"
)


@dataclass(frozen=True)
class Encoded:
    """The ids of a prompt, never empty, and of the completion behind it, never empty. Only the latter are learned."""

    prompt: tuple[int, ...]
    completion: tuple[int, ...]
    truncated: bool = field(default=False, compare=False)


class DropReason(StrEnum):
    """Why there is nothing to learn from a row."""

    EMPTY = "the completion is empty"
    TOO_SHORT = "max_length leaves no room for a completion"
    END_INSIDE = "the completion's text contains the end token"


@dataclass(frozen=True)
class Dropped:
    """A row that is left out, and counted."""

    reason: DropReason


def encode(
    tokenizer: Any, prompt: Prompt, completion: str, *, max_length: int | None = None, end: bool = True
) -> Encoded | Dropped:
    """The ids of a prompt and its completion, at most `max_length` together.

    Args:
        tokenizer: a transformers tokenizer.
        max_length: tokens kept at most; None keeps all.
        end: whether the completion ends here (and so with the end token), or was cut off.

    Raises InputError where the prompt's last token merges with the completion's first, with the place, and where a
    conversation meets a tokenizer that has no chat template.
    """
    return encode_all(tokenizer, prompt, [completion], max_length=max_length, end=end)[0]


def encode_all(
    tokenizer: Any, prompt: Prompt, completions: Sequence[str], *, max_length: int | None = None, end: bool = True
) -> list[Encoded | Dropped]:
    """As `encode`, for several completions of a prompt, which is cut alike for all: to what the longest leaves."""
    text = _prompt_text(tokenizer, prompt)
    given = _ids(tokenizer, text)
    begun = _begun(tokenizer, prompt, given)
    close = end_id(tokenizer, prompt)
    whole: list[Encoded | Dropped] = []
    for completion in completions:
        written = completion.removesuffix(tokenizer.convert_ids_to_tokens(close))  # some files write it out
        answer = _completion_ids(tokenizer, text, given, written)
        # Where nothing comes before the first token, it cannot be predicted: it is given.
        ids = (*begun, *answer, *([close] if end else []))
        boundary = max(1, len(begun))
        if close in answer:
            whole.append(Dropped(DropReason.END_INSIDE))
        elif len(ids) <= boundary:
            whole.append(Dropped(DropReason.EMPTY))
        else:
            whole.append(Encoded(ids[:boundary], ids[boundary:]))
    longest = max((len(row.completion) for row in whole if isinstance(row, Encoded)), default=0)
    return [row if isinstance(row, Dropped) else _cut(tokenizer, row, longest, max_length) for row in whole]


def encode_prompt(tokenizer: Any, prompt: Prompt) -> tuple[int, ...]:
    """The ids that a completion goes on from: those of `Encoded.prompt`, where it is not cut.

    Raises InputError where there are none: an empty text, and no beginning token.
    """
    ids = _begun(tokenizer, prompt, _ids(tokenizer, _prompt_text(tokenizer, prompt)))
    if not ids:
        raise InputError("the prompt is empty, and the tokenizer has no beginning token to start from")
    return ids


def end_id(tokenizer: Any, prompt: Prompt = "") -> int:
    """The token that ends a completion of this prompt: in a conversation, the one that closes the assistant's turn.

    Chat templates may close a turn by a token that is not the tokenizer's end token (Gemma's <end_of_turn>). Raises
    InputError where there is none.
    """
    end: int | None = tokenizer.eos_token_id
    if not isinstance(prompt, str):
        probe = "x"
        turns = (Message("user", probe), Message("assistant", probe))
        closed = _render(tokenizer, turns, add_generation_prompt=False).rpartition(probe)[2]
        special = [token for token in _ids(tokenizer, closed) if token in tokenizer.all_special_ids]
        end = special[0] if special else end
    if end is None:
        raise InputError("the tokenizer has no end token", hint="set its eos_token")
    return end


def completion_text(tokenizer: Any, prompt: Sequence[int], completion: Sequence[int]) -> str:
    """The text of a completion, without special tokens, so that prompt and completion together read as they were
    written: a space that begins it is kept, which decoding the completion alone would lose in some tokenizers."""
    before = tokenizer.decode(list(prompt), skip_special_tokens=True)
    whole = tokenizer.decode([*prompt, *completion], skip_special_tokens=True)
    if whole.startswith(before):
        return str(whole[len(before) :])
    return str(tokenizer.decode(list(completion), skip_special_tokens=True))


# --- the parts of a row ----------------------------------------------------------------------------------------------


def _prompt_text(tokenizer: Any, prompt: Prompt) -> str:
    if isinstance(prompt, str):
        return prompt
    return _render(tokenizer, prompt, add_generation_prompt=True)


def _begun(tokenizer: Any, prompt: Prompt, ids: tuple[int, ...]) -> tuple[int, ...]:
    """A plain text gets a beginning token, if there is one; a chat template has written its own, once at least."""
    begin = tokenizer.bos_token_id
    if isinstance(prompt, str) and begin is not None and ids[:1] != (begin,):
        return (begin, *ids)
    while begin is not None and ids[:2] == (begin, begin):
        ids = ids[1:]
    return ids


def _completion_ids(tokenizer: Any, prompt: str, given: tuple[int, ...], completion: str) -> tuple[int, ...]:
    together = _ids(tokenizer, prompt + completion)
    if together[: len(given)] != given:
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(given, together, strict=False)))
        merged = tokenizer.convert_ids_to_tokens(together[shared]) if shared < len(together) else ""
        message = f"the prompt's end {prompt[-20:]!r} merges with the completion's beginning {completion[:20]!r}"
        hint = f"into the token {merged!r}; put a space between them, at the beginning of the completion"
        raise InputError(message, hint=hint)
    return together[len(given) :]


def _cut(tokenizer: Any, row: Encoded, longest: int, limit: int | None) -> Encoded | Dropped:
    """The row in `limit` tokens, its prompt with room for a completion of `longest`."""
    if limit is None or len(row.prompt) + longest <= limit:
        return row
    if limit < 2:
        return Dropped(DropReason.TOO_SHORT)
    first = row.prompt[:1] if row.prompt[0] == tokenizer.bos_token_id else ()
    room = max(1, limit - longest) - len(first)
    prompt = first + row.prompt[max(len(first), len(row.prompt) - room) :] if room else first
    return Encoded(prompt, row.completion[: limit - len(prompt)], truncated=True)


def _ids(tokenizer: Any, text: str) -> tuple[int, ...]:
    return tuple(tokenizer(text, add_special_tokens=False, verbose=False).input_ids)


def _render(tokenizer: Any, messages: Sequence[Message], *, add_generation_prompt: bool) -> str:
    if not tokenizer.chat_template:
        hint = "write prompts as plain texts, or take a chat model"
        raise InputError("a conversation, but the tokenizer has no chat template", hint=hint)
    turns = [{"role": message.role, "content": message.content} for message in messages]
    try:
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=add_generation_prompt)
    except TemplateError as error:
        raise InputError(f"the chat template refuses the conversation: {error}") from None
    return str(text)


# --- tokenizers built on the spot ------------------------------------------------------------------------------------


def word_tokenizer(words: Sequence[str], *, chat: bool = False, begin: bool = True) -> PreTrainedTokenizerFast:
    """A tokenizer of whole words, split at white space; what it does not know is <unk>.

    With `chat`, conversations have a template: a token for each role before its text, and the end token after the
    assistant's. With `begin`, plain texts start with a beginning token.
    """
    return _build(words, pre_tokenizers.WhitespaceSplit(), chat, begin, joined_by=" ")


def char_tokenizer(characters: Sequence[str], *, chat: bool = False, begin: bool = True) -> PreTrainedTokenizerFast:
    """A tokenizer of single characters, spaces among them if they are in `characters`."""
    return _build(characters, pre_tokenizers.Split(Regex("."), "isolated"), chat, begin, joined_by="")


def _build(words: Sequence[str], split: Any, chat: bool, begin: bool, joined_by: str) -> PreTrainedTokenizerFast:
    special = [PAD, EOS, UNK, *([BOS] if begin or chat else []), *(ROLE_TOKENS if chat else [])]
    if clash := sorted(set(special) & set(words)):
        raise InputError(f"{clash[0]!r} is a special token, not a word")
    vocabulary = {word: n for n, word in enumerate(dict.fromkeys([*special, *words]))}
    backend = Tokenizer(WordLevel(vocabulary, unk_token=UNK))
    backend.pre_tokenizer = split
    if not joined_by:
        backend.decoder = Fuse()
    if BOS in vocabulary:
        backend.post_processor = TemplateProcessing(
            single=f"{BOS} $A", pair=f"{BOS} $A $B", special_tokens=[(BOS, vocabulary[BOS])]
        )
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=backend,
        bos_token=BOS if BOS in vocabulary else None,
        eos_token=EOS,
        pad_token=PAD,
        unk_token=UNK,
        additional_special_tokens=list(ROLE_TOKENS) if chat else [],
        clean_up_tokenization_spaces=False,
    )
    if chat:
        tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer
