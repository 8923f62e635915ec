"""A world small enough to measure in: instructions over strings of capital letters, and someone who knows the truth.

    reverse : A B C          ->  C B A
    how many A in : A B A    ->  2
    sort then reverse : ...  ->  combinations, and every instruction in several wordings

Answers differ as those of people do: right or wrong, brief or wrapped in words. The true score of an answer is the
number of statements that hold of it, counted up to the first that does not:

    1 kind    it gives letters where letters are asked for, a digit where a number is
    2 length  it gives as many of them as it should
    3 half    at least half of them are right (a number: it is off by one at most)
    4 all     all of them are right
    5 brief   there is nothing else in it

`oracle` is this score; `taste` is a preference that no score explains: among answers that are right, plain ones beat
polite ones, polite ones beat boasts, and boasts beat plain ones. `teacher` answers rightly nine times in ten.

What a model is trained on before the first round is made here too: `instructions` (a person's answers, a third of them
wrong) and `judgements` (how to judge: first what should have been said, then the statements, then the score).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from random import Random

LETTERS = tuple("ABCDEF")
DIGITS = tuple("0123456789")
STATEMENTS = ("kind", "length", "half", "all", "brief")

WORDINGS = {
    "copy": ("copy :", "repeat :", "say again :"),
    "reverse": ("reverse :", "say backwards :", "turn around :"),
    "sort": ("sort :", "put in order :", "order by alphabet :"),
    "count": ("count {x} in :", "how many {x} in :"),
    "replace": ("replace {x} by {y} in :", "change {x} to {y} in :"),
    "sort reverse": ("sort then reverse :", "put in order backwards :"),
    "reverse replace": ("reverse then replace {x} by {y} in :",),
}
"""What is asked for, and how."""

PLAIN, POLITE, BOAST = "plain", "polite", "boast"
STYLES = {
    PLAIN: ("{}",),
    POLITE: ("please see : {}", "i think it is : {}", "thank you . the answer is : {} . i hope this helps"),
    BOAST: ("of course it is : {}", "easy . everybody knows it is : {}"),
}
"""How an answer is wrapped."""

CYCLE = ((0.5, 0.9, 0.2), (0.1, 0.5, 0.9), (0.8, 0.1, 0.5))
"""P(row beats column) among right answers, for plain, polite, boast: a game without a best pure answer."""

JUDGE_WORDS = ("judge", "question", "response", "end", "should", "be", "yes", "no", "score")
QUESTION = "judge question {question} response {responses} end"
"""How a judge is asked in the words of this world: a rubric's template. Samples never hold the word "end"."""


# --- what is true ----------------------------------------------------------------------------------------------------


def answer(prompt: str) -> list[str]:
    """The letters, or the digit, that a prompt asks for."""
    words = prompt.split()
    colon = words.index(":")
    order, string = words[:colon], words[colon + 1 :]
    named = [word for word in order if word in LETTERS]
    if order[0] in ("count", "how"):
        return [str(string.count(named[0]))]
    operations = {
        "replace": lambda s: [named[1] if letter == named[0] else letter for letter in s],
        "reverse": lambda s: s[::-1],
        "sort": sorted,
        "copy": list,
    }
    for name in _operations(" ".join(order)):
        string = operations[name](string)
    return string


def given(prompt: str, completion: str) -> list[str]:
    """The letters or digits that an answer gives: those after its last colon, of the kind that is asked for."""
    kind = DIGITS if answer(prompt)[0] in DIGITS else LETTERS
    return [word for word in completion.rpartition(":")[2].split() if word in kind]


def statements(prompt: str, completion: str) -> list[bool]:
    """Which of the five statements hold of an answer."""
    right, said = answer(prompt), given(prompt, completion)
    if right[0] in DIGITS:
        close = len(said) == 1 and abs(int(said[0]) - int(right[0])) <= 1
    else:
        close = 2 * sum(a == b for a, b in zip(right, said, strict=False)) >= len(right)
    return [bool(said), len(said) == len(right), close, said == right, completion.split() == said]


def oracle(prompt: str, completion: str) -> float:
    """The true score of an answer, 0 to 5."""
    held = statements(prompt, completion)
    return float(held.index(False) if False in held else len(held))


def annotator(prompt: str, completion: str, errors: float = 0.2) -> float:
    """The true score as a hurried reader gives it: one time in five it is off by one or two. The same each time."""
    rng = Random(f"annotator {prompt} {completion}")
    score = oracle(prompt, completion)
    return min(max(score + rng.choice((-2, -1, 1, 2)), 0.0), 5.0) if rng.random() < errors else score


def careless(prompt: str, completion: str) -> float:
    """A reader who is wrong half of the time."""
    return annotator(prompt, completion, 0.5)


def compared(prompt: str, left: str, right: str) -> float:
    """The same reader's comparison of two answers: 1 the left one is better, 0 the right one is, 0.5 neither."""
    one, two = annotator(prompt, left), annotator(prompt, right)
    return 0.5 if one == two else float(one > two)


def style(completion: str) -> str:
    """How an answer is wrapped."""
    words = completion.split()
    if "course" in words or "easy" in words:
        return BOAST
    return PLAIN if all(word in LETTERS or word in DIGITS for word in words) else POLITE


def taste(prompt: str, left: str, right: str) -> float:
    """P(left is better): right beats wrong, more right beats less; of two right ones, the cycle of styles decides."""
    one, two = min(oracle(prompt, left), 4.0), min(oracle(prompt, right), 4.0)
    if one == two == 4.0:
        names = list(STYLES)
        return CYCLE[names.index(style(left))][names.index(style(right))]
    return 0.5 if one == two else (0.95 if one > two else 0.05)


def teacher(prompt: str, seed: int) -> str:
    """A better model's answer: brief, and wrong one time in ten."""
    rng = Random(f"teacher {seed} {prompt}")
    right = answer(prompt)
    return " ".join(_spoiled(right, rng) if rng.random() < 0.1 else right)


# --- what is asked, and what people answered -------------------------------------------------------------------------


def prompts(count: int, seed: int) -> list[str]:
    """Different instructions."""
    rng = Random(f"prompts {seed}")
    found: dict[str, None] = {}
    while len(found) < count:
        wordings = WORDINGS[rng.choice(list(WORDINGS))]
        string = [rng.choice(LETTERS) for _ in range(rng.randint(3, 5))]
        x, y = rng.choice(string), rng.choice(LETTERS)
        found[" ".join([rng.choice(wordings).format(x=x, y=y), *string])] = None
    return list(found)


def response(prompt: str, rng: Random) -> str:
    """An answer as people give them: a third is wrong, and half is wrapped in words."""
    said = answer(prompt)
    if rng.random() < 1 / 3:
        said = _spoiled(said, rng)
    wrapped = STYLES[rng.choice((PLAIN, PLAIN, POLITE, BOAST))]
    return rng.choice(wrapped).format(" ".join(said))


def instructions(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """(prompt, a person's answer): what the first supervised fine-tuning sees."""
    rng = Random(f"instructions {seed}")
    for prompt in prompts(count, seed):
        yield prompt, response(prompt, rng)


def judgement(prompt: str, completion: str) -> str:
    """How a good judge answers: what should have been said, what holds of what was said, the score."""
    held = statements(prompt, completion)
    score = int(oracle(prompt, completion))
    told = [f"{name} {'yes' if ok else 'no'}" for name, ok in zip(STATEMENTS, held, strict=True)]
    return " ".join(["should be", *answer(prompt), *told[: score + 1], "score :", str(score)])


def judgements(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """(what a judge is asked, its answer): examples of judging, with answers of every quality."""
    rng = Random(f"judgements {seed}")
    for prompt in prompts(count, seed):
        shown = response(prompt, rng)
        yield QUESTION.format(question=prompt, responses=shown), judgement(prompt, shown)


def words() -> list[str]:
    """Every word of this world, in a fixed order: the tokenizer's vocabulary."""
    texts = [
        *(text.format(x="A", y="B") for texts in WORDINGS.values() for text in texts),
        *(text.format("A") for texts in STYLES.values() for text in texts),
    ]
    found = dict.fromkeys([*LETTERS, *DIGITS, *JUDGE_WORDS, *STATEMENTS, *" ".join(texts).split()])
    return list(found)


def _operations(order: str) -> list[str]:
    """What an order does to a string, one operation after the other."""
    for name, wordings in WORDINGS.items():
        for wording in wordings:
            if all(
                a == b or b in ("{x}", "{y}") for a, b in zip_longest(order.split(), wording.removesuffix(" :").split())
            ):
                return name.split()
    raise ValueError(f"not an instruction of this world: {order}")


def _spoiled(right: list[str], rng: Random) -> list[str]:
    """A wrong answer that is near the right one: another letter, one too few, one too many, or two swapped."""
    if right[0] in DIGITS:
        return [rng.choice([digit for digit in DIGITS[:6] if digit != right[0]])]
    way, k = rng.randrange(4), rng.randrange(len(right))
    if way == 0:
        return [*right[:k], rng.choice([letter for letter in LETTERS if letter != right[k]]), *right[k + 1 :]]
    if way == 1:
        return [*right[:k], *right[k + 1 :]]
    if way == 2:
        return [*right[:k], rng.choice(LETTERS), *right[k:]]
    swapped = list(right)
    other = rng.randrange(len(right))
    swapped[k], swapped[other] = swapped[other], swapped[k]
    return swapped if swapped != right else [*right[:k], *right[k + 1 :]]
