"""The grammar's sentences as a model takes them, and its translations back as words. Knows nothing of training."""

from collections.abc import Sequence

from jaxtyping import Float, Int
from torch import Tensor

from notebook_models.text import lexicon
from notebook_models.text.grammar import Pair
from notebook_models.training.alignment import cross_attention
from notebook_models.training.small_training import padded
from notebook_models.transformer.generation import greedy
from notebook_models.transformer.transformer import Transformer

VOCABULARY = ("<pad>", "<start>", "<end>", *sorted(lexicon.ENGLISH | lexicon.SPANISH))
PAD, START, END = range(3)
INDEX = {token: index for index, token in enumerate(VOCABULARY)}
MAX_NEW_TOKENS = 24


def encode_english(sentences: Sequence[Sequence[str]]) -> Int[Tensor, "batch source"]:
    """Return tokens, padded at the end; raises ValueError at a word that the grammar does not have."""
    unknown = [word for words in sentences for word in words if word not in lexicon.ENGLISH]
    if unknown:
        msg = f'expected English words of the grammar, got "{unknown[0]}"'
        raise ValueError(msg)
    return padded([[INDEX[word] for word in words] for words in sentences], PAD)


def encode_spanish(sentences: Sequence[Sequence[str]]) -> Int[Tensor, "batch target"]:
    """Return tokens between the start and the end token, padded at the end."""
    return padded([[START, *(INDEX[word] for word in words), END] for words in sentences], PAD)


def translate(model: Transformer, sentences: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Return the Spanish that the model writes, taking the likeliest word each time."""
    tokens = greedy(model, encode_english(sentences), bos=START, eos=END, max_new_tokens=MAX_NEW_TOKENS).tokens
    return [tuple(VOCABULARY[token] for token in row if token not in (PAD, END)) for row in tokens.tolist()]


def exact_match(model: Transformer, pairs: Sequence[Pair]) -> float:
    """Return the share of sentences that are translated right to the last word."""
    written = translate(model, [pair.english for pair in pairs])
    return sum(spanish == pair.spanish for spanish, pair in zip(written, pairs, strict=True)) / len(pairs)


def reading(model: Transformer, pairs: Sequence[Pair]) -> Float[Tensor, "batch written source"]:
    """Return what the last decoder layer reads to write each word of the right translations."""
    english, spanish = encode_english([p.english for p in pairs]), encode_spanish([p.spanish for p in pairs])
    return cross_attention(model, english, spanish)
