"""Text from outside stays a part of one line, and shows what it is made of."""

import json
import unicodedata

import pytest

from maieutic.core.text import LONGEST, printable, printable_lines

HOSTILE = {
    "a line end": ("x\naccepted: 3 steps prove AH ⊥ BC", "x\\naccepted: 3 steps prove AH ⊥ BC"),
    "a carriage return": ("refused\raccepted", "refused\\raccepted"),
    "an escape sequence": ("\x1b[2Jx\x1b]0;title\x07", "\\u001b[2Jx\\u001b]0;title\\u0007"),
    "an escape sequence of one character": ("\x9b2J", "\\u009b2J"),
    "a line end of other systems": ("a\x85b\u2028c\u2029d\x0be\x0cf", "a\\u0085b\\u2028c\\u2029d\\u000be\\ff"),
    "a text that is turned around": ("\u202edetpecca\u202c \u2066x\u2069", "\\u202edetpecca\\u202c \\u2066x\\u2069"),
    "what is not seen": ("a\u200bb\ufeffc\xadd", "a\\u200bb\\ufeffc\\u00add"),
    "tags": ("a\U000e0041", "a\\udb40\\udc41"),
    "half a character": ("a\udc80", "a\\udc80"),
    "nothing and delete": ("\0\x7f", "\\u0000\\u007f"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_has_no_sign_is_written_as_an_escape(kind):
    text, shown = HOSTILE[kind]
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["", "∠ABC = 90°, AH ⊥ BC", "Zürich, 北京, Ελλάδα, שלום", "a\xa0b\u3000c", r"C:\new", "🙂"]
)
def test_other_text_stays_as_it_is(text):
    assert printable(text) == text


def test_no_character_ends_a_line_or_controls_a_terminal():
    every = "".join(map(chr, range(0x110000)))
    shown = printable(every, None)
    assert len(shown.splitlines()) == 1
    assert {unicodedata.category(sign) for sign in shown}.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})


def test_a_long_text_is_cut():
    assert printable("x" * LONGEST) == "x" * LONGEST
    assert printable("x" * (LONGEST + 1)) == "x" * (LONGEST - 1) + "…"
    assert len(printable("\x1b" * LONGEST)) == LONGEST
    assert printable("abcdef", 3) == "ab…"


def test_json_means_the_same():
    value = {"name": 'a\x9b\u202e\U000e0041\x7f\n"\\', "more": [1, None]}
    assert json.loads(printable(json.dumps(value, ensure_ascii=False), None)) == value
    assert json.loads(printable_lines(json.dumps(value, ensure_ascii=False, indent=1))) == value


def test_a_text_of_several_lines_keeps_them():
    assert printable_lines("a\r\n\tb\x1b[1m\n\nc\u2028d\re\n") == "a\n    b\\u001b[1m\n\nc\\u2028d\\re\n"
