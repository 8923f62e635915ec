"""Ids of prompts and completions: exact at their boundary, with one beginning and one end, never cut to nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lm.small import bpe_tokenizer

from maieutic.core.errors import InputError
from maieutic.core.records import Message
from maieutic.lm.tokens import (
    Dropped,
    DropReason,
    Encoded,
    char_tokenizer,
    completion_text,
    encode,
    encode_all,
    encode_prompt,
    end_id,
    word_tokenizer,
)

PLAIN = word_tokenizer(["a", "b", "c", "d"])
UNBEGUN = word_tokenizer(["a", "b", "c", "d"], begin=False)
CHAT = word_tokenizer(["a", "b", "c", "d"], chat=True)
CHARS = char_tokenizer("abc ")
MERGING = bpe_tokenizer("the answer is yes. the answer is no. " * 20)
ASK = (Message("system", "a"), Message("user", "b c"))

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def chatml_tokenizer(**options):
    """A chat tokenizer whose template closes turns by a token that is not its end token."""
    tokenizer = bpe_tokenizer("the answer is yes", **options)
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    tokenizer.chat_template = CHATML
    return tokenizer


def names(tokenizer, row):
    return tokenizer.convert_ids_to_tokens(row.prompt), tokenizer.convert_ids_to_tokens(row.completion)


# --- what is written -------------------------------------------------------------------------------------------------


def test_a_plain_row():
    assert names(PLAIN, encode(PLAIN, "a b", " c d")) == (["<bos>", "a", "b"], ["c", "d", "<eos>"])


def test_a_conversation():
    row = encode(CHAT, ASK, "c d")
    assert names(CHAT, row) == (
        ["<bos>", "<system>", "a", "<user>", "b", "c", "<assistant>"],
        ["c", "d", "<eos>"],
    )


def test_a_completion_that_was_cut_off_has_no_end():
    assert names(PLAIN, encode(PLAIN, "a ", "c", end=False))[1] == ["c"]


def test_words_that_are_not_known():
    assert names(PLAIN, encode(PLAIN, "a ", "zebra"))[1] == ["<unk>", "<eos>"]


def test_a_special_token_is_no_word():
    with pytest.raises(InputError, match="'<eos>' is a special token"):
        word_tokenizer(["a", "<eos>"])


# --- one beginning, one end (trap: doubled BOS, extra or missing EOS) -------------------------------------------------

EVERY = [
    ("plain", PLAIN, "a ", "b"),
    ("chat", CHAT, ASK, "b"),
    ("begun in the text", PLAIN, "<bos> a ", "b"),
    ("ended in the text", PLAIN, "a ", "b <eos>"),
    ("characters", CHARS, "ab", "c"),
    ("merging", MERGING, "the answer is", " yes"),
]


@pytest.mark.parametrize(
    ("tokenizer", "prompt", "completion"), [row[1:] for row in EVERY], ids=[row[0] for row in EVERY]
)
def test_exactly_one_beginning_and_one_end(tokenizer, prompt, completion):
    row = encode(tokenizer, prompt, completion)
    ids = row.prompt + row.completion
    assert ids.count(tokenizer.bos_token_id) == 1
    assert ids[0] == tokenizer.bos_token_id
    assert ids.count(tokenizer.eos_token_id) == 1
    assert ids[-1] == tokenizer.eos_token_id


def test_the_usual_way_doubles_the_beginning():
    """The trap: the template writes it, and the tokenizer adds another."""
    text = CHAT.apply_chat_template(
        [{"role": m.role, "content": m.content} for m in ASK], tokenize=False, add_generation_prompt=True
    )
    assert CHAT(text).input_ids.count(CHAT.bos_token_id) == 2
    assert encode_prompt(CHAT, ASK).count(CHAT.bos_token_id) == 1


def test_without_a_beginning_token_there_is_none():
    assert names(UNBEGUN, encode(UNBEGUN, "a ", "b")) == (["a"], ["b", "<eos>"])


def test_beginning_and_end_may_be_the_same_token():
    tokenizer = bpe_tokenizer("the answer is yes", bos=False, eos="<|endoftext|>")
    tokenizer.bos_token = "<|endoftext|>"
    row = encode(tokenizer, "the answer", " is")
    assert row.prompt[0] == row.completion[-1] == tokenizer.eos_token_id
    assert (row.prompt + row.completion).count(tokenizer.eos_token_id) == 2


def test_a_conversation_ends_with_what_its_template_closes_a_turn():
    tokenizer = chatml_tokenizer()
    close = tokenizer.convert_tokens_to_ids("<|im_end|>")
    prompt = (Message("user", "the answer?"),)
    row = encode(tokenizer, prompt, "yes")
    assert end_id(tokenizer, prompt) == close == row.completion[-1]
    assert row.completion.count(close) == 1
    assert tokenizer.bos_token_id not in row.prompt  # the template does not write one, and a server would not
    assert end_id(tokenizer) == tokenizer.eos_token_id


def test_a_tokenizer_without_an_end_token_is_told():
    tokenizer = bpe_tokenizer("abc")
    tokenizer.eos_token = None
    with pytest.raises(InputError, match="no end token"):
        encode(tokenizer, "a", "b")


def test_an_end_token_inside_a_completion_is_dropped():
    assert encode(PLAIN, "a ", "b <eos> c") == Dropped(DropReason.END_INSIDE)


# --- train as generate -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokenizer", "prompt", "completion"), [row[1:] for row in EVERY], ids=[row[0] for row in EVERY]
)
def test_generating_starts_from_the_ids_that_were_trained(tokenizer, prompt, completion):
    assert encode_prompt(tokenizer, prompt) == encode(tokenizer, prompt, completion).prompt


def test_generating_from_nothing_is_told():
    assert encode_prompt(PLAIN, "") == (PLAIN.bos_token_id,)
    with pytest.raises(InputError, match="the prompt is empty"):
        encode_prompt(UNBEGUN, "")


def test_without_a_prompt_the_first_token_is_given():
    assert names(UNBEGUN, encode(UNBEGUN, "", "a b")) == (["a"], ["b", "<eos>"])
    assert names(PLAIN, encode(PLAIN, "", "a b")) == (["<bos>"], ["a", "b", "<eos>"])
    assert encode(UNBEGUN, "", "a", end=False) == Dropped(DropReason.EMPTY)


def test_the_text_of_what_was_generated_encodes_to_the_same_ids():
    row = encode(PLAIN, "a b", " c d")
    text = completion_text(PLAIN, row.prompt, row.completion)
    assert text == " c d"
    assert encode(PLAIN, "a b", text) == row
    with pytest.raises(InputError):  # what decoding the completion alone would give
        encode(PLAIN, "a b", PLAIN.decode(row.completion, skip_special_tokens=True))


# --- the boundary (trap: the prompt's tokens merge with the completion's) --------------------------------------------


def test_a_merge_across_the_boundary_is_an_error_with_the_place():
    with pytest.raises(InputError) as caught:
        encode(MERGING, "the answer is y", "es.")
    assert "'the answer is y' merges with the completion's beginning 'es.'" in str(caught.value)
    assert "space" in str(caught.value)


def test_the_trap_is_real():
    """Encoding the two apart gives ids that the text as a whole never has."""
    prompt, completion = "the answer is y", "es."
    apart = MERGING(prompt).input_ids + MERGING(completion).input_ids
    assert apart != MERGING(prompt + completion).input_ids


@given(st.text("abc ", max_size=12), st.text("abc ", max_size=12))
def test_prompt_ids_are_a_prefix_of_all_ids(prompt, completion):
    row = encode(CHARS, prompt, completion)
    assert row.prompt == (CHARS.bos_token_id, *CHARS(prompt, add_special_tokens=False).input_ids)
    whole = CHARS(prompt + completion, add_special_tokens=False).input_ids
    assert row.prompt + row.completion == (CHARS.bos_token_id, *whole, CHARS.eos_token_id)


@given(st.text(max_size=8), st.text(max_size=8))
def test_whatever_is_written_is_encoded_exactly_or_refused(prompt, completion):
    try:
        row = encode(MERGING, prompt, completion)
    except InputError:
        return
    if isinstance(row, Encoded):
        whole = MERGING(prompt + completion).input_ids
        assert list(row.prompt + row.completion) == [MERGING.bos_token_id, *whole, MERGING.eos_token_id]


# --- cutting (trap: truncation empties a completion) -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "prompt", "completion"),
    [
        (8, "<bos> a b c", "a b c <eos>"),
        (7, "<bos> b c", "a b c <eos>"),
        (6, "<bos> c", "a b c <eos>"),
        (5, "<bos>", "a b c <eos>"),
        (4, "<bos>", "a b c"),  # without its end, which this is not
        (3, "<bos>", "a b"),
        (2, "<bos>", "a"),
    ],
)
def test_the_prompt_is_cut_first_and_from_the_left(limit, prompt, completion):
    row = encode(PLAIN, "a b c ", "a b c", max_length=limit)
    assert [" ".join(part) for part in names(PLAIN, row)] == [prompt, completion]
    assert row.truncated == (limit < 8)


def test_nothing_is_left_of_a_row_in_one_token():
    assert encode(PLAIN, "a ", "b", max_length=1) == Dropped(DropReason.TOO_SHORT)


def test_without_a_beginning_token_the_prompt_keeps_its_last():
    assert names(UNBEGUN, encode(UNBEGUN, "a b ", "c d", max_length=3)) == (["b"], ["c", "d"])


@given(st.integers(0, 9), st.integers(0, 9), st.integers(2, 12))
def test_no_completion_is_ever_emptied(before, after, limit):
    row = encode(CHARS, "a" * before, "b" * after, max_length=limit)
    assert isinstance(row, Encoded)
    assert row.prompt
    assert row.completion
    assert len(row.prompt) + len(row.completion) == min(limit, before + after + 2)


def test_the_trap_of_cutting_from_the_right():
    """The trap: a long prompt and its completion, cut together from the right, leave a row with nothing to learn."""
    row = encode(CHARS, "a" * 20, "bc")
    assert (row.prompt + row.completion)[:10][len(row.prompt) :] == ()
    assert encode(CHARS, "a" * 20, "bc", max_length=10).completion == row.completion


def test_an_empty_completion_is_its_end_or_nothing():
    assert names(PLAIN, encode(PLAIN, "a", ""))[1] == ["<eos>"]
    assert encode(PLAIN, "a", "", end=False) == Dropped(DropReason.EMPTY)


def test_completions_of_a_prompt_share_what_is_left_of_it():
    rows = encode_all(CHARS, "abcabc", ["aa", "bbbb", "c"], max_length=8)
    assert len({row.prompt for row in rows}) == 1
    assert [len(row.completion) for row in rows] == [3, 5, 2]
    assert len(rows[0].prompt) == 3


# --- conversations ---------------------------------------------------------------------------------------------------


def test_a_conversation_needs_a_template():
    with pytest.raises(InputError, match="no chat template"):
        encode(PLAIN, ASK, "c")


def test_what_the_template_refuses_is_told():
    tokenizer = chatml_tokenizer()
    tokenizer.chat_template = "{{ raise_exception('system not supported') }}"
    with pytest.raises(InputError, match="refuses the conversation: system not supported"):
        encode(tokenizer, ASK, "c")


def test_rows_are_compared_by_their_ids():
    assert Encoded((1,), (2,)) == Encoded((1,), (2,), truncated=True)
    assert len({Encoded((1,), (2,)), Encoded((1,), (2,), truncated=True)}) == 1
