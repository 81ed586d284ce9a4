import random
from collections.abc import Callable, Sequence
from functools import cache
from itertools import islice, pairwise

import pytest
from signatures import unchecked

from notebook_models.text import lexicon
from notebook_models.text.grammar import BANDS, Pair, distinct, held_out, is_held_out, sentence

pytestmark = pytest.mark.usefixtures("unchecked")  # sentences are drawn by the thousand
Record = Callable[[str, object], None]
FEMININE = {"niña", "mujer", "vaca", "casa", "manzana", "carta", "flor"}
MASCULINE = {"niño", "hombre", "gato", "coche", "libro", "mapa", "árbol"}
DETERMINERS = {
    **dict.fromkeys(["el", "al", "del", "un", "este"], "m1"),
    **dict.fromkeys(["la", "una", "esta"], "f1"),
    **dict.fromkeys(["los", "unos", "estos"], "m2"),
    **dict.fromkeys(["las", "unas", "estas"], "f2"),
    **dict.fromkeys(["dos", "tres"], "mf2"),
}
ADJECTIVES = {
    form for adjective in lexicon.QUALITIES + lexicon.COLORS for forms in adjective.spanish.values() for form in forms
}
VERBS = {form for verb in lexicon.VERBS for forms in verb.spanish.values() for form in forms} | {
    "es",
    "son",
    "era",
    "eran",
}
FUNCTION_WORDS = {*["the", "a", "an", "this", "these", "some", "and", "'s", "with", "without", "do", "does", "did"]}


def draw(count: int, seed: int = 0) -> list[Pair]:
    generator = random.Random(seed)
    return [sentence(generator) for _ in range(count)]


@cache
def drawn() -> list[Pair]:
    """Return what most tests look at. No sentence has a shape to check."""
    with unchecked():
        return draw(3000)


def features(word: str) -> str:
    """Return gender and number as the endings of Spanish tell them: "f1", "m2", or "mf1" where nothing tells."""
    if word in DETERMINERS:
        return DETERMINERS[word]
    one = next((noun for noun in MASCULINE | FEMININE if word in (noun, noun + "s", noun + "es")), None)
    gender = {"o": "m", "a": "f"}.get(word.removesuffix("s")[-1], "mf") if one is None else "mf"[one in FEMININE]
    return gender + "12"[word.endswith("s")]


def agree(one: str, other: str) -> bool:
    first, second = features(one), features(other)
    return first[-1] == second[-1] and bool({*first[:-1]} & {*second[:-1]})


def is_noun(word: str) -> bool:
    return any(word in (noun, noun + "s", noun + "es") for noun in MASCULINE | FEMININE)


def test_determiners_and_adjectives_agree_with_their_noun() -> None:
    """In 3,000 sentences each noun has an article before it and adjectives after it of its gender and number."""
    for pair in drawn():
        for at, noun in enumerate(pair.spanish):
            if is_noun(noun):
                assert agree(pair.spanish[at - 1], noun), pair
                for word in pair.spanish[at + 1 :]:
                    if word not in ADJECTIVES:
                        break
                    assert agree(word, noun), pair


def said_of(subject: Sequence[str]) -> str:
    """Return gender and number of a subject: of its first noun, unless two are joined."""
    nouns = [word for word in subject if is_noun(word)]
    if "y" in subject:
        return ("f" if all(features(noun)[0] == "f" for noun in nouns) else "m") + "2"
    pronouns = {"él": "m1", "ella": "f1", "ellos": "m2"}
    return features(nouns[0]) if nouns else next(pronouns[word] for word in subject if word in pronouns)


def test_the_verb_and_what_is_said_of_the_subject_agree_with_it() -> None:
    """The verb has the number of the subject, and an adjective after "to be" its gender too, however far away."""
    for pair in drawn():
        at = next(at for at, word in enumerate(pair.spanish) if word in VERBS)
        subject = pair.spanish[:at]
        gender, number = said_of(subject)[0], said_of(subject)[-1]
        assert pair.spanish[at].endswith("n") == (number == "2"), pair
        if pair.spanish[at] in ("es", "son", "era", "eran"):
            said = features(pair.spanish[-1])
            assert said[-1] == number, pair
            assert gender in said, pair


def translations() -> dict[str, set[str]]:
    """Return every Spanish form that a content word of English may become."""
    found: dict[str, set[str]] = {"not": {"no"}, "two": {"dos"}, "three": {"tres"}}
    for noun in lexicon.NOUNS:
        for english, spanish in zip(noun.english, noun.spanish, strict=True):
            found.setdefault(english, set()).add(spanish)
    for adjective in lexicon.QUALITIES + lexicon.COLORS:
        found[adjective.english] = {form for forms in adjective.spanish.values() for form in forms}
    for verb in lexicon.VERBS:
        for form in (verb.base, verb.third, verb.past):
            found[form] = {form for forms in verb.spanish.values() for form in forms}
    for english, spanish in lexicon.TO_BE.values():
        for one, other in zip(english, spanish, strict=True):
            found.setdefault(one, set()).add(other)
    for pronoun in (*lexicon.SUBJECTS, *lexicon.OBJECTS):
        found.setdefault(pronoun.english, set()).add(pronoun.spanish)
    for pairs in lexicon.ADVERBS.values():
        found |= {english: {spanish} for english, spanish in pairs}
    return found


def test_each_content_word_has_one_source_that_means_it() -> None:
    """Gold links join each content word of one language to one of the other, and the lexicon has them as a pair."""
    meanings = translations()
    for pair in drawn():
        content = [at for at, word in enumerate(pair.english) if word not in FUNCTION_WORDS]
        assert sorted(pair.gold.values()) == content
        assert len(pair.gold) == len(pair.content)
        for at, source in pair.gold.items():
            assert pair.spanish[at] in meanings[pair.english[source]], pair


def test_one_english_sentence_has_one_translation(record_property: Record) -> None:
    """Of 6,000 sentences those that are drawn again have the same Spanish and the same alignment."""
    first: dict[tuple[str, ...], Pair] = {}
    again = 0
    for pair in draw(6_000, seed=1):
        again += pair.english in first
        assert first.setdefault(pair.english, pair) == pair
    record_property("sentences drawn again", again)
    assert again > 200


def test_longer_sentences_hardly_repeat() -> None:
    """Of some thousand sentences of eight words and more, none is drawn twice: there are very many of them."""
    longer = [pair.english for pair in drawn() if len(pair.english) >= 8]
    assert len(longer) > 1000
    assert len(set(longer)) == len(longer)


@pytest.mark.parametrize(
    ("english", "spanish", "reordered"),
    [
        ("three cars were green", "tres coches eran verdes", ""),
        ("the big cats were white yesterday", "ayer los gatos grandes eran blancos", "ayer gatos grandes"),
        ("these pretty girls saw him yesterday", "ayer estas niñas bonitas lo vieron", "ayer niñas bonitas lo vieron"),
        ("they do not find them", "ellos no los encuentran", "los encuentran"),
        ("the man 's cow touches it today", "hoy la vaca del hombre lo toca", "hoy vaca hombre lo toca"),
        ("a boy and the women touched these books", "un niño y las mujeres tocaron estos libros", ""),
        ("these flowers and the big boy are small", "estas flores y el niño grande son pequeños", "niño grande"),
        ("the girl 's red cat carries three men", "el gato rojo de la niña lleva a tres hombres", "gato rojo niña"),
        ("a boy 's old red cat washes me", "el gato rojo viejo de un niño me lava", "gato rojo viejo niño me lava"),
        ("three women drew an apple then", "entonces tres mujeres dibujaron una manzana", "entonces tres"),
    ],
)
def test_sentences_that_one_can_check(english: str, spanish: str, reordered: str) -> None:
    """Adjectives follow, clitics and adverbs go before, an owner goes last; words that change sides are reordered."""
    pair = next(pair for pair in drawn() if " ".join(pair.english) == english)
    assert " ".join(pair.spanish) == spanish
    assert " ".join(pair.spanish[at] for at in sorted(pair.reordered)) == reordered


def test_articles_stand_before_the_right_sounds() -> None:
    """English has "an" before a vowel and nowhere else; Spanish never says "a el" or "de el"."""
    followed = {two for pair in drawn() for two in pairwise(pair.english)}
    assert all((word == "an") == (after[0] in "aeiou") for word, after in followed if word in ("a", "an"))
    assert not {("a", "el"), ("de", "el")} & {two for pair in drawn() for two in pairwise(pair.spanish)}


def test_equal_seeds_give_equal_sentences() -> None:
    """The same seed gives the same pairs, another seed others."""
    assert draw(50) == draw(50) != draw(50, seed=1)


def test_nothing_held_out_is_trained_on() -> None:
    """What training draws and what is held out have no sentence in common; about one sentence in ten is held out."""
    trained = {pair.english for pair in islice(distinct(0, held_out=False), 3000)}
    kept = {pair.english for pair in islice(distinct(0, held_out=True), 300)}
    assert len(trained) == 3000
    assert len(kept) == 300
    assert not trained & kept
    assert 0.08 < sum(is_held_out(pair.english) for pair in drawn()) / len(drawn()) < 0.12


def test_held_out_sentences_are_the_same_everywhere() -> None:
    """The choice rests on a hash of the words alone, which no machine and no year changes."""
    few = [" ".join(pair.english) for pair in islice(distinct(0, held_out=True), 3)]
    assert few[0] == "a boy touched us"
    assert few[2] == "two men do not see some cars now"


def test_held_out_sentences_come_in_all_lengths() -> None:
    """Each band of lengths has equally many held-out sentences, and no sentence is outside its band."""
    bands = held_out(80)
    assert [len(band) for band in bands] == [20] * len(BANDS)
    for band, lengths in zip(bands, BANDS, strict=True):
        assert all(len(pair.english) in lengths and is_held_out(pair.english) for pair in band)


def test_every_word_is_used() -> None:
    """3,000 sentences use every word of both languages and no other."""
    assert {word for pair in drawn() for word in pair.english} == lexicon.ENGLISH
    assert {word for pair in drawn() for word in pair.spanish} == lexicon.SPANISH
