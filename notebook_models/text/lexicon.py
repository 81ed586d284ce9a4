"""The words of two languages, with the forms that each takes. Knows nothing of the order that they stand in.

A small part of English, and of Spanish with its own irregularities: "mapa" is masculine, "flor" feminine, "verde" has
no gender to show. Forms are stored and not derived, so no rule of spelling can be wrong.
"""

from dataclasses import dataclass
from typing import Literal

Gender = Literal["m", "f"]
Tense = Literal["present", "past"]
Kind = Literal["person", "animal", "thing"]


@dataclass(frozen=True)
class Noun:
    """English singular and plural, Spanish singular and plural."""

    english: tuple[str, str]
    spanish: tuple[str, str]
    gender: Gender
    kind: Kind


@dataclass(frozen=True)
class Adjective:
    """One English form; Spanish masculine and feminine, each singular and plural."""

    english: str
    spanish: dict[Gender, tuple[str, str]]


@dataclass(frozen=True)
class Verb:
    """English base form, third person singular and past; Spanish singular and plural of each tense."""

    base: str
    third: str
    past: str
    spanish: dict[Tense, tuple[str, str]]


@dataclass(frozen=True)
class Determiner:
    """One English form; Spanish masculine and feminine. `plural` says which nouns it stands before."""

    english: str
    spanish: dict[Gender, str]
    plural: bool
    counts: bool = False


@dataclass(frozen=True)
class Pronoun:
    """One English form and one Spanish; of a subject, the gender and number that verb and adjective agree with."""

    english: str
    spanish: str
    gender: Gender = "m"
    plural: bool = False


def _noun(english: str, spanish: str, gender: Gender, kind: Kind = "thing") -> Noun:
    one, many = english.split(), spanish.split()
    return Noun((one[0], one[1]), (many[0], many[1]), gender, kind)


def _adjective(english: str, spanish: str) -> Adjective:
    forms = spanish.split()
    masculine, feminine = forms[:2], forms[2:] or forms[:2]
    return Adjective(english, {"m": (masculine[0], masculine[1]), "f": (feminine[0], feminine[1])})


def _verb(english: str, spanish: str) -> Verb:
    one, many, past_one, past_many = spanish.split()
    return Verb(*english.split(), {"present": (one, many), "past": (past_one, past_many)})


def _determiner(english: str, spanish: str, plural: bool, counts: bool = False) -> Determiner:
    forms = spanish.split()
    return Determiner(english, {"m": forms[0], "f": forms[-1]}, plural, counts)


NOUNS = (
    _noun("boy boys", "niño niños", "m", "person"),
    _noun("girl girls", "niña niñas", "f", "person"),
    _noun("man men", "hombre hombres", "m", "person"),
    _noun("woman women", "mujer mujeres", "f", "person"),
    _noun("cat cats", "gato gatos", "m", "animal"),
    _noun("cow cows", "vaca vacas", "f", "animal"),
    _noun("car cars", "coche coches", "m"),
    _noun("book books", "libro libros", "m"),
    _noun("map maps", "mapa mapas", "m"),
    _noun("tree trees", "árbol árboles", "m"),
    _noun("house houses", "casa casas", "f"),
    _noun("apple apples", "manzana manzanas", "f"),
    _noun("letter letters", "carta cartas", "f"),
    _noun("flower flowers", "flor flores", "f"),
)
PERSONS, ANIMALS, THINGS = (tuple(n for n in NOUNS if n.kind == kind) for kind in ("person", "animal", "thing"))
QUALITIES = (
    _adjective("small", "pequeño pequeños pequeña pequeñas"),
    _adjective("old", "viejo viejos vieja viejas"),
    _adjective("pretty", "bonito bonitos bonita bonitas"),
    _adjective("big", "grande grandes"),
)
COLORS = (
    _adjective("red", "rojo rojos roja rojas"),
    _adjective("white", "blanco blancos blanca blancas"),
    _adjective("black", "negro negros negra negras"),
    _adjective("green", "verde verdes"),
    _adjective("blue", "azul azules"),
)
VERBS = (
    _verb("see sees saw", "ve ven vio vieron"),
    _verb("find finds found", "encuentra encuentran encontró encontraron"),
    _verb("draw draws drew", "dibuja dibujan dibujó dibujaron"),
    _verb("wash washes washed", "lava lavan lavó lavaron"),
    _verb("carry carries carried", "lleva llevan llevó llevaron"),
    _verb("touch touches touched", "toca tocan tocó tocaron"),
    _verb("remember remembers remembered", "recuerda recuerdan recordó recordaron"),
)
TO_BE: dict[Tense, tuple[tuple[str, str], tuple[str, str]]] = {
    "present": (("is", "are"), ("es", "son")),
    "past": (("was", "were"), ("era", "eran")),
}
THE = (_determiner("the", "el la", plural=False), _determiner("the", "los las", plural=True))
DETERMINERS = (
    *THE,
    _determiner("a", "un una", plural=False),
    _determiner("this", "este esta", plural=False),
    _determiner("some", "unos unas", plural=True),
    _determiner("these", "estos estas", plural=True),
    _determiner("two", "dos", plural=True, counts=True),
    _determiner("three", "tres", plural=True, counts=True),
)
SUBJECTS = (Pronoun("he", "él"), Pronoun("she", "ella", "f"), Pronoun("they", "ellos", plural=True))
OBJECTS = (
    *(Pronoun("it", "lo"), Pronoun("him", "lo"), Pronoun("her", "la"), Pronoun("them", "los")),
    *(Pronoun("me", "me"), Pronoun("us", "nos")),
)
ADVERBS: dict[Tense, tuple[tuple[str, str], ...]] = {
    "present": (("now", "ahora"), ("today", "hoy"), ("here", "aquí")),
    "past": (("yesterday", "ayer"), ("then", "entonces"), ("here", "aquí")),
}
PREPOSITIONS = (("with", "con"), ("without", "sin"))
DO: dict[Tense, tuple[str, str]] = {"present": ("does", "do"), "past": ("did", "did")}

ENGLISH = frozenset(
    {"an", "and", "not", "'s"}
    | {form for noun in NOUNS for form in noun.english}
    | {form for verb in VERBS for form in (verb.base, verb.third, verb.past)}
    | {word.english for word in (*QUALITIES, *COLORS, *DETERMINERS, *SUBJECTS, *OBJECTS)}
    | {form for english, _ in TO_BE.values() for form in english}
    | {english for pairs in (*ADVERBS.values(), PREPOSITIONS) for english, _ in pairs}
    | {form for forms in DO.values() for form in forms}
)
SPANISH = frozenset(
    {"a", "al", "de", "del", "no", "y"}
    | {form for noun in NOUNS for form in noun.spanish}
    | {form for verb in VERBS for forms in verb.spanish.values() for form in forms}
    | {form for adjective in (*QUALITIES, *COLORS) for forms in adjective.spanish.values() for form in forms}
    | {form for determiner in DETERMINERS for form in determiner.spanish.values()}
    | {pronoun.spanish for pronoun in (*SUBJECTS, *OBJECTS)}
    | {form for _, spanish in TO_BE.values() for form in spanish}
    | {spanish for pairs in (*ADVERBS.values(), PREPOSITIONS) for _, spanish in pairs}
)
