from collections.abc import Callable
from functools import cache
from itertools import islice

import pytest
from signatures import unchecked

from notebook_models.text.dictionary import Dictionary, in_english_order
from notebook_models.text.grammar import BANDS, Pair, distinct, held_out

Record = Callable[[str, object], None]


@cache
def seen() -> list[Pair]:
    """Return what the dictionaries learn from. No sentence has a shape to check."""
    with unchecked():
        return list(islice(distinct(0, held_out=False), 4000))


@cache
def new() -> list[list[Pair]]:
    """Return sentences that no dictionary has seen, by length."""
    with unchecked():
        return held_out(400)


def share(right: Callable[[Pair], bool], pairs: list[Pair]) -> float:
    return sum(map(right, pairs)) / len(pairs)


def test_an_entry_is_the_commonest_translation() -> None:
    """A word becomes what it most often stands for; a word that stands for nothing is left out."""
    pairs = [
        Pair(("red", "does"), ("rojo",), (0,), frozenset({0})),
        Pair(("red", "cars"), ("coches", "rojos"), (1, 0), frozenset({0, 1})),
        Pair(("red", "cats"), ("gatos", "rojos"), (1, 0), frozenset({0, 1})),
    ]
    assert Dictionary(pairs).translate(("red", "does", "cats")) == ("rojos", "gatos")


def test_the_dictionary_finds_every_noun_and_verb() -> None:
    """Where a word has one translation, the dictionary of the training sentences has it."""
    entries = Dictionary(seen()).entries
    known = {"car": "coche", "maps": "mapas", "flowers": "flores", "sees": "ve", "they": "ellos", "'s": "de", "did": ""}
    assert {word: entries[word] for word in known} == known


def test_an_unknown_word_is_refused() -> None:
    """A word that no pair had raises ValueError and is named."""
    with pytest.raises(ValueError, match='got "dog"'):
        Dictionary(seen()).translate(("the", "dog"))


def test_the_english_order_keeps_the_right_words() -> None:
    """Each linked word stands where its source does, and what comes from nothing is gone."""
    pair = Pair(
        ("she", "saw", "the", "red", "cat"), ("ella", "vio", "al", "gato", "rojo"), (0, 1, 2, 4, 3), frozenset()
    )
    assert in_english_order(pair) == ("ella", "vio", "al", "rojo", "gato")
    invented = Pair(("saw", "girls"), ("vio", "a", "niñas"), (0, None, 1), frozenset())
    assert in_english_order(invented) == ("vio", "niñas")


@pytest.mark.verifies("Word-by-Word Translation#^dictionary-fails")
def test_a_dictionary_translates_hardly_any_sentence(record_property: Record) -> None:
    """The dictionary of 4,000 training sentences gets below 3 % of new ones right, none of ten words or more."""
    dictionary = Dictionary(seen())
    scores = [share(lambda pair: dictionary.translate(pair.english) == pair.spanish, pairs) for pairs in new()]
    for lengths, score in zip(BANDS, scores, strict=True):
        record_property(f"sentences of {lengths[0]} to {lengths[-1]} words right", f"{score:.1%}")
    assert scores[0] < 0.06
    assert sum(scores) / len(scores) < 0.03
    assert scores[2:] == [0, 0]


@pytest.mark.verifies("Word-by-Word Translation#^order-alone")
def test_the_right_forms_in_the_english_order_do_not_help_much(record_property: Record) -> None:
    """Even told the right form of every word, a translation in the English order is wrong for nineteen in twenty."""
    scores = [share(lambda pair: in_english_order(pair) == pair.spanish, pairs) for pairs in new()]
    for lengths, score in zip(BANDS, scores, strict=True):
        record_property(f"sentences of {lengths[0]} to {lengths[-1]} words right", f"{score:.1%}")
    assert 0 < sum(scores) / len(scores) < 0.05
