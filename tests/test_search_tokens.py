"""Words and their terms, the same in Python, which writes the index, and in the browser, which asks it."""

from __future__ import annotations

import unicodedata
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.search.tokens import find_words, terms
from tests.search_engine import plain_in_browser, terms_in_browser


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Attention!", [("attention",)]),
        ("d_model", [("d_model", "d", "model")]),
        ("QK^T", [("qk^t", "qk", "t")]),
        ("nn.Linear(x).", [("nn.linear", "nn", "linear"), ("x",)]),
        ("Multi-Head", [("multi-head", "multihead", "multi", "head")]),
        ("MultiHeadAttention", [("multiheadattention", "multi", "head", "attention")]),
        ("HTMLParser", [("htmlparser", "html", "parser")]),
        ("Bahdanau’s", [("bahdanau's", "bahdanau", "s")]),
        ("Käse ÉTÉ", [("kase",), ("ete",)]),
        ("e\u0301te\u0301", [("ete",)]),
        ("注意機構", [("注意", "意機", "機構", "構")]),
        ("注", [("注",)]),
        ("BERTは注意", [("bert",), ("は注", "注意", "意")]),
        ("한국어", [("한국어",)]),
        ("हिन्दी", [("हिन्दी",)]),
        ("σοφός ΣΟΦΌΣ", [("σοφοσ",), ("σοφοσ",)]),
        ("__", [()]),
        ("x² ½", [("x2",), ("1⁄2",)]),
        ("ﷺ ͺ", [("صلىاللهعليهوسلم",), ()]),
    ],
)
def test_words_have_the_terms_that_find_them(text: str, found: list[tuple[str, ...]]) -> None:
    """Joined words are found whole and by their parts; case and accents do not count."""
    assert [terms(word) for word in find_words(text)] == found


def test_a_very_long_word_is_cut() -> None:
    assert terms("a" * 100) == ("a" * 64,)
    assert terms_in_browser("a" * 100) == [["a" * 100, "a" * 64]]


_KNOWN = st.characters(exclude_categories=("Cn", "Cs", "Co"))
_PIECES = (*"aBzÉéß²½ſİıΣςⅣ-_.^'’+ \n#注意がカハ゛한각हिןﬁǅ𝛼𠀀", "\u0301", "\u0308", "\u3099", "MultiHead", "e.g. ")
_TEXTS = st.lists(st.sampled_from(_PIECES) | st.text(_KNOWN, max_size=3), max_size=12).map("".join)


@settings(max_examples=400, deadline=None)
@given(_TEXTS)
def test_the_browser_finds_the_same_terms(text: str) -> None:
    """Whatever is written: a term that only one side knew could never be found."""
    assert terms_in_browser(text) == [[word, *terms(word)] for word in find_words(text)]


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_a_text_holds_each_term_of_its_words_once_both_are_plain(text: str) -> None:
    """And each beginning of a term; else a sentence that matches would be passed over."""
    held = plain_in_browser(text)
    found = [term for word in find_words(text) for term in terms(word)]
    assert all(plain_in_browser(term[:end]) in held for term in found for end in range(1, len(term) + 1))


def test_both_sides_know_the_same_letters() -> None:
    """Each character that Unicode assigned by the older of the two sides' versions, alone and in a word."""
    codes = chain(range(0x20000), range(0xE0000, 0xE0200))
    assigned = [chr(code) for code in codes if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]
    text = "\n".join(f"a{char}b {char}" for char in assigned)
    found = [[word, *terms(word)] for word in find_words(text)]
    assert terms_in_browser(text) == found
    assert not [term for _, *each in found for term in each if not term or " " in term]
