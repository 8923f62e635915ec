"""Small models, tokenizers and data, the same in every test that asks for the same."""

from random import Random

from tokenizers import Tokenizer, pre_tokenizers, trainers
from tokenizers import decoders as decoding
from tokenizers.models import BPE
from transformers import PreTrainedTokenizerFast

from maieutic.core.records import Example, PreferencePair, Ranking
from maieutic.lm.model import Policy, build
from maieutic.lm.tokens import word_tokenizer

WORDS = [f"w{n}" for n in range(20)]


def small_policy(*, seed: int = 0, chat: bool = False, width: int = 16, layers: int = 1, **options) -> Policy:
    """A policy of a few thousand parameters over WORDS."""
    return build(word_tokenizer(WORDS, chat=chat), width=width, layers=layers, seed=seed, **options)


def words(random: Random, least: int, most: int) -> str:
    return " ".join(random.choice(WORDS) for _ in range(random.randint(least, most)))


def some_pairs(count: int, *, seed: int = 0, weighted: bool = True) -> list[PreferencePair]:
    """Pairs of unequal lengths, and with `weighted` of unequal weights."""
    random = Random(seed)
    return [
        PreferencePair(
            words(random, 1, 6) + " ",
            words(random, 1, 5),
            words(random, 1, 5),
            margin=random.uniform(-1, 1),
            weight=random.choice([0.5, 1.0, 2.0]) if weighted else 1.0,
        )
        for _ in range(count)
    ]


def some_examples(count: int, *, seed: int = 0) -> list[Example]:
    return [Example(pair.prompt, pair.chosen, pair.weight) for pair in some_pairs(count, seed=seed)]


def some_rankings(count: int, *, seed: int = 0) -> list[Ranking]:
    random = Random(seed)
    found = []
    for _ in range(count):
        size = random.randint(2, 4)
        ranks = (1, *(random.randint(1, 3) for _ in range(size - 2)), 2)
        found.append(Ranking(words(random, 1, 6) + " ", tuple(words(random, 1, 5) for _ in range(size)), ranks))
    return found


def bpe_tokenizer(corpus: str, *, bos: bool = True, eos: str = "</s>", size: int = 300) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer that merges, trained on a text."""
    backend = Tokenizer(BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoding.ByteLevel()
    special = sorted({eos, "<s>"} if bos else {eos})
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator([corpus], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>" if bos else None, eos_token=eos)
