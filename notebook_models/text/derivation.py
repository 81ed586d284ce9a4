"""The rules that grow an English and a Spanish sentence together, each word linked to the one it comes from.

Every function is one nonterminal of the grammar. It makes both right-hand sides of a rule at once:

    S    -> (NP VP ADV, ADV NP VP)                    fronted adverbs
    VP   -> (V PRONOUN, PRONOUN V)                    clitics before the verb
    NBAR -> (QUALITY COLOR N, N COLOR QUALITY)        adjectives after the noun, in its gender and number
    NP   -> (DET N 's NBAR, the NBAR of DET N)        the owner last

Source: Aho and Ullman 1969, Syntax directed translations and the pushdown assembler; Chiang 2005, section 2.
"""

import random
from dataclasses import dataclass, replace

from notebook_models.text import lexicon
from notebook_models.text.lexicon import Adjective, Determiner, Gender, Kind, Noun, Tense


@dataclass(eq=False, frozen=True)
class English:
    """One English word of a derivation; two equal words are two."""

    text: str

    def becomes(self, text: str) -> "Spanish":
        """Return the Spanish content word that this one is translated by."""
        return Spanish(text, self, content=True)


@dataclass(frozen=True)
class Spanish:
    """One Spanish word, and the English one it comes from; of content words the gold alignment is asked for."""

    text: str
    source: English | None = None
    content: bool = False


@dataclass(frozen=True)
class Phrase:
    """Both sides of what a rule has made, and what other words must know to agree with it."""

    english: tuple[English, ...]
    spanish: tuple[Spanish, ...]
    gender: Gender = "m"
    plural: bool = False
    kinds: frozenset[Kind] = frozenset({"person"})


def sentence(generator: random.Random) -> Phrase:
    """S -> (NP VP, NP VP) | (NP VP ADV, ADV NP VP)."""
    tense: Tense = generator.choice(("present", "past"))
    acts = generator.random() < 0.7
    subject = _subject(generator, lexicon.PERSONS + lexicon.ANIMALS if acts else lexicon.NOUNS)
    predicate = (_action if acts else _to_be)(generator, subject, tense)
    english, spanish = subject.english + predicate.english, subject.spanish + predicate.spanish
    if generator.random() < 0.5:
        adverb, translation = generator.choice(lexicon.ADVERBS[tense])
        word = English(adverb)
        return Phrase((*english, word), (word.becomes(translation), *spanish))
    return Phrase(english, spanish)


def _subject(generator: random.Random, nouns: tuple[Noun, ...]) -> Phrase:
    """NP -> PRONOUN | NP | NP and NP. Two together are plural, and feminine only when both are."""
    choice = generator.random()
    if choice < 0.2:
        pronoun = generator.choice(lexicon.SUBJECTS)
        word = English(pronoun.english)
        return Phrase((word,), (word.becomes(pronoun.spanish),), pronoun.gender, pronoun.plural)
    if choice < 0.8:
        return _noun_phrase(generator, nouns)
    one, other, word = _simple(generator, nouns), _simple(generator, nouns), English("and")
    gender: Gender = "f" if one.gender == other.gender == "f" else "m"
    spanish_side = (*one.spanish, Spanish("y", word), *other.spanish)
    return Phrase((*one.english, word, *other.english), spanish_side, gender, True, one.kinds | other.kinds)


def _to_be(generator: random.Random, subject: Phrase, tense: Tense) -> Phrase:
    """VP -> BE ADJ | (BE not ADJ, no BE ADJ). The adjective agrees with a noun that may stand far away."""
    english, spanish = (forms[subject.plural] for forms in lexicon.TO_BE[tense])
    adjective = generator.choice(_adjectives(subject.kinds))
    be, quality = English(english), English(adjective.english)
    said = (be.becomes(spanish), quality.becomes(adjective.spanish[subject.gender][subject.plural]))
    if generator.random() < 0.25:
        negation = English("not")
        return Phrase((be, negation, quality), (negation.becomes("no"), *said))
    return Phrase((be, quality), said)


def _action(generator: random.Random, subject: Phrase, tense: Tense) -> Phrase:
    """VP -> (NOT V NP, NOT V NP) | (NOT V PRONOUN, NOT PRONOUN V)."""
    english, spanish_not, verb = _verb(generator, subject, tense)
    if generator.random() < 0.4:
        pronoun = generator.choice(lexicon.OBJECTS)
        word = English(pronoun.english)
        return Phrase((*english, word), (*spanish_not, word.becomes(pronoun.spanish), verb))
    seen = _noun_phrase(generator, lexicon.NOUNS)
    personal = () if "thing" in seen.kinds else (Spanish("a"),)  # Spanish says whom it sees with a preposition
    return Phrase(english + seen.english, (*spanish_not, verb, *personal, *seen.spanish))


def _verb(
    generator: random.Random, subject: Phrase, tense: Tense
) -> tuple[tuple[English, ...], tuple[Spanish, ...], Spanish]:
    """(V, V) | (do not V, no V): "not" moves tense and number to an auxiliary that Spanish does without."""
    verb = generator.choice(lexicon.VERBS)
    spanish = verb.spanish[tense][subject.plural]
    if generator.random() < 0.25:
        auxiliary, negation, word = (English(text) for text in (lexicon.DO[tense][subject.plural], "not", verb.base))
        return (auxiliary, negation, word), (negation.becomes("no"),), word.becomes(spanish)
    word = English(verb.past if tense == "past" else verb.base if subject.plural else verb.third)
    return (word,), (), word.becomes(spanish)


def _noun_phrase(generator: random.Random, nouns: tuple[Noun, ...]) -> Phrase:
    """NP -> DET NBAR | (DET N 's NBAR, the NBAR of DET N) | DET NBAR with DET NBAR."""
    choice = generator.random()
    if choice < 0.6:
        return _simple(generator, nouns)
    if choice < 0.8:
        return _owned(generator, nouns)
    noun, other = _simple(generator, nouns), _simple(generator, lexicon.THINGS)
    english, spanish = generator.choice(lexicon.PREPOSITIONS)
    word = English(english)
    after = (Spanish(spanish, word), *other.spanish)
    return replace(noun, english=(*noun.english, word, *other.english), spanish=noun.spanish + after)


def _owned(generator: random.Random, nouns: tuple[Noun, ...]) -> Phrase:
    """NP -> (DET N 's NBAR, the NBAR of DET N): Spanish says first what is owned, and by whom last."""
    one = [determiner for determiner in lexicon.DETERMINERS if not determiner.plural]
    owner = _determined(generator.choice(one), _nbar(generator.choice(lexicon.PERSONS), False, []))
    owned = _bare(generator, tuple(noun for noun in nouns if noun.kind != "person"), generator.random() < 0.4)
    the, mark = lexicon.THE[owned.plural], English("'s")
    spanish = (Spanish(the.spanish[owned.gender]), *owned.spanish, Spanish("de", mark), *owner.spanish)
    return replace(owned, english=(*owner.english, mark, *owned.english), spanish=spanish)


def _simple(generator: random.Random, nouns: tuple[Noun, ...]) -> Phrase:
    """NP -> DET NBAR."""
    determiner = generator.choice(lexicon.DETERMINERS)
    return _determined(determiner, _bare(generator, nouns, determiner.plural))


def _determined(determiner: Determiner, nbar: Phrase) -> Phrase:
    word = English(determiner.english)
    spanish = Spanish(determiner.spanish[nbar.gender], word, content=determiner.counts)
    return replace(nbar, english=(word, *nbar.english), spanish=(spanish, *nbar.spanish))


def _bare(generator: random.Random, nouns: tuple[Noun, ...], plural: bool) -> Phrase:
    """NBAR -> N | QUALITY N | COLOR N | QUALITY COLOR N."""
    noun = generator.choice(nouns)
    groups = (lexicon.QUALITIES,) if noun.kind == "person" else (lexicon.QUALITIES, lexicon.COLORS)
    return _nbar(noun, plural, [generator.choice(group) for group in groups if generator.random() < 0.4])


def _adjectives(kinds: frozenset[Kind]) -> tuple[Adjective, ...]:
    """Persons have no color here."""
    return lexicon.QUALITIES if "person" in kinds else lexicon.QUALITIES + lexicon.COLORS


def _nbar(noun: Noun, plural: bool, adjectives: list[Adjective]) -> Phrase:
    """NBAR -> (QUALITY COLOR N, N COLOR QUALITY)."""
    head = English(noun.english[plural])
    before = [(English(adjective.english), adjective.spanish[noun.gender][plural]) for adjective in adjectives]
    after = (word.becomes(text) for word, text in reversed(before))
    spanish = (head.becomes(noun.spanish[plural]), *after)
    return Phrase((*(word for word, _ in before), head), spanish, noun.gender, plural, frozenset({noun.kind}))
