"""Training data as TRL writes it: every format is read, every mistake is told with its line."""

import json

import pytest

from maieutic.core.datasets import read_examples, read_pairs, read_prompts, read_rankings, write_records
from maieutic.core.errors import InputError
from maieutic.core.records import Example, Message, PreferencePair, Ranking

SKY = (Message("user", "What colour is the sky?"),)
SKY_JSON = [{"role": "user", "content": "What colour is the sky?"}]


def answer(text):
    return [{"role": "assistant", "content": text}]


@pytest.fixture
def write(tmp_path):
    def write(*rows, name="data.jsonl"):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


def complaint(read, path):
    with pytest.raises(InputError) as caught:
        read(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(str(path))
    return text.removeprefix(str(path))


# --- examples --------------------------------------------------------------------------------------------------------


def test_prompt_and_completion(write):
    path = write({"prompt": "a", "completion": " b"}, {"prompt": "c", "completion": " d", "weight": 2, "id": 7})
    assert read_examples(path) == [Example("a", " b"), Example("c", " d", 2.0)]


def test_conversational_prompt_and_completion(write):
    path = write({"prompt": SKY_JSON, "completion": answer("Blue.")})
    assert read_examples(path) == [Example(SKY, "Blue.")]


def test_every_turn_of_the_assistant_is_an_example(write):
    turns = [*SKY_JSON, *answer("Blue."), {"role": "user", "content": "And at night?"}, *answer("Black.")]
    messages = (*SKY, Message("assistant", "Blue."), Message("user", "And at night?"))
    path = write({"messages": turns})
    assert read_examples(path) == [Example(SKY, "Blue."), Example(messages, "Black.")]


def test_a_text_alone_is_learned_as_a_whole(write):
    assert read_examples(write({"text": "all of it"})) == [Example("", "all of it")]


# --- pairs -----------------------------------------------------------------------------------------------------------


def test_pairs_with_an_explicit_prompt(write):
    path = write({"prompt": "a", "chosen": " b", "rejected": " c", "margin": 0.5, "weight": 2.0, "origin": "x>y"})
    assert read_pairs(path) == [PreferencePair("a", " b", " c", margin=0.5, weight=2.0, origin="x>y")]


def test_pairs_of_conversations(write):
    path = write({"prompt": SKY_JSON, "chosen": answer("Blue."), "rejected": answer("Green.")})
    assert read_pairs(path) == [PreferencePair(SKY, "Blue.", "Green.")]


def test_an_implicit_prompt_is_what_the_conversations_share(write):
    path = write({"chosen": SKY_JSON + answer("Blue."), "rejected": SKY_JSON + answer("Green.")})
    assert read_pairs(path) == [PreferencePair(SKY, "Blue.", "Green.")]


def test_equal_conversations_still_leave_a_completion(write):
    whole = SKY_JSON + answer("Blue.")
    assert read_pairs(write({"chosen": whole, "rejected": whole})) == [PreferencePair(SKY, "Blue.", "Blue.")]


def test_an_implicit_prompt_of_texts_is_refused(write):
    told = complaint(read_pairs, write({"chosen": "The sky is blue", "rejected": "The sky is green"}))
    assert told.startswith(", line 1: no column 'prompt'")


def test_conversations_that_part_too_early_are_refused(write):
    other = [{"role": "user", "content": "Another question"}]
    told = complaint(read_pairs, write({"chosen": SKY_JSON + answer("x"), "rejected": other + answer("y")}))
    assert "do not begin with the same turns" in told
    longer = SKY_JSON + answer("x") + other + answer("z")
    assert "the completion's turns are" in complaint(
        read_pairs, write({"chosen": longer, "rejected": SKY_JSON + answer("y")})
    )


# --- rankings and prompts --------------------------------------------------------------------------------------------


def test_rankings_and_pairs_among_them(write):
    path = write(
        {"prompt": "a", "completions": [" x", " y", " z"], "ranks": [2, 1, 2]},
        {"prompt": SKY_JSON, "completions": [answer("Blue."), answer("Red.")], "ranks": [1, 2]},
        {"prompt": "b", "chosen": " c", "rejected": " d"},
    )
    assert read_rankings(path) == [
        Ranking("a", (" x", " y", " z"), (2, 1, 2)),
        Ranking(SKY, ("Blue.", "Red."), (1, 2)),
        Ranking("b", (" c", " d"), (1, 2)),
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"completions": ["x"], "ranks": [1]}, "1 completions and 1 ranks"),
        ({"completions": ["x", "y"], "ranks": [1]}, "2 completions and 1 ranks"),
        ({"completions": ["x", "y"], "ranks": [1, 1.5]}, "a rank is a whole number"),
        ({"completions": ["x", "y"], "ranks": [1, True]}, "a rank is a whole number"),
        ({"completions": "xy", "ranks": [1, 2]}, "not a list"),
    ],
)
def test_wrong_rankings(write, row, told):
    assert told in complaint(read_rankings, write({"prompt": "a", **row}))


def test_prompts_as_trl_and_as_alpaca_eval_have_them(write):
    path = write({"prompt": "a"}, {"prompt": SKY_JSON}, {"instruction": "b", "output": "?"})
    assert read_prompts(path) == ["a", SKY, "b"]


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_json_file_is_one_list(tmp_path):
    path = tmp_path / "data.json"
    path.write_text('[{"prompt": "a"},\n {"prompt": "b"}]')
    assert read_prompts(path) == ["a", "b"]
    path.write_text('[{"prompt": "a"}, {"promt": "b"}]')
    assert complaint(read_prompts, path) == ", row 2: no column 'prompt' (is 'promt' meant for it?)"


def test_blank_lines_a_mark_at_the_start_and_odd_line_ends_do_not_matter(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"prompt": "a"}\r\n\r\n{"prompt": "b\xe2\x80\xa8c"}\n')
    assert read_prompts(path) == ["a", "b\u2028c"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no data in it"),
        (b"\n\n", "no data in it"),
        (b"[]", "no data in it"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"prompt": "a"}\n{"prompt": ', "line 2: not JSON"),
        (b'{"prompt": "a"}\n7', "line 2: not an object"),
        (b'{"prompt": NaN}', "line 1: not JSON"),
        (b'{"prompt": null}', "no column 'prompt'"),
        (b'{"prompt": 3}', "line 1, 'prompt'"),
        (b'{"prompt": []}', "line 1, 'prompt'"),
        (b'{"prompt": [{"role": "boss", "content": "x"}]}', "not a message"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, content, told):
    path = tmp_path / "data.jsonl"
    path.write_bytes(content)
    assert told in complaint(read_prompts, path)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"prompt": "a", "completions": " b"}, "no column 'completion' (is 'completions' meant for it?)"),
        ({"prompt": "a", "completion": 3}, "'completion'"),
        ({"prompt": "a", "completion": SKY_JSON}, "the completion's turns are: user"),
        ({"prompt": "a", "completion": "b", "weight": -1}, "a weight below 0"),
        ({"prompt": "a", "completion": "b", "weight": "1"}, "not a number"),
        ({"prompt": "a", "completion": "b", "weight": True}, "not a number"),
        ({"messages": SKY_JSON}, "no turn of the assistant"),
        ({"messages": answer("x")}, "no turn of the assistant after another's"),
        ({"messages": "text"}, "a text where a list of messages is wanted"),
        ({"text": 3}, "not a text"),
        ({}, "there are none"),
    ],
)
def test_wrong_columns_are_told(write, row, told):
    assert told in complaint(read_examples, write({"prompt": "a", "completion": "b"}, row))


def test_a_missing_file_is_told(tmp_path):
    assert "cannot read: No such file" in complaint(read_pairs, tmp_path / "none.jsonl")


# --- writing ---------------------------------------------------------------------------------------------------------

RECORDS = [
    (read_examples, [Example("a", " b", 2.0), Example(SKY, "Bläulich\u2028.")]),
    (read_pairs, [PreferencePair("a", " b", " c", 0.5, 2.0, "judge", "x>y"), PreferencePair(SKY, "B", "G")]),
    (read_rankings, [Ranking("a", (" b", " c"), (1, 2)), Ranking(SKY, ("B", "G", "R"), (1, 2, 2))]),
]


@pytest.mark.parametrize(("read", "records"), RECORDS)
def test_what_is_written_is_read_again(tmp_path, read, records):
    write_records(tmp_path / "data.jsonl", records)
    assert read(tmp_path / "data.jsonl") == records


@pytest.mark.parametrize(("read", "records"), RECORDS)
def test_conversational_files_are_conversations_throughout(tmp_path, read, records):
    path = tmp_path / "data.jsonl"
    write_records(path, records, conversational=True)
    for row in map(json.loads, path.read_text(encoding="utf-8").split("\n")[:-1]):
        assert isinstance(row["prompt"], list)
        assert all(isinstance(row[name], list) for name in ("completion", "chosen", "rejected") if name in row)
    first, second = read(path)
    assert second == records[1]
    assert first.prompt == (Message("user", "a"),)


def test_trl_reads_what_is_written(tmp_path):
    """TRL tells the formats apart by their columns; it must see ours as its own."""
    from trl.data_utils import is_conversational

    write_records(tmp_path / "plain.jsonl", [PreferencePair("a", "b", "c")])
    write_records(tmp_path / "chat.jsonl", [PreferencePair("a", "b", "c")], conversational=True)
    plain, chat = (json.loads((tmp_path / f"{name}.jsonl").read_text()) for name in ("plain", "chat"))
    assert not is_conversational(plain)
    assert is_conversational(chat)
