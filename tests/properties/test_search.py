"""Every word that a published note shows finds it, and equal matches obey the order of fields, in any vault."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.search.tokens import find_words, terms
from tests.properties.strategies import compile_files, texts, vaults
from tests.search_engine import Search

_RANKS = ("title", "alias", "heading", "text")
_WORD = st.text("abcdefghijklmnopqrstuvwxyzäßñ", min_size=4, max_size=12)


@settings(max_examples=60, deadline=None)
@given(vaults, st.data())
def test_every_word_of_every_note_finds_it(vault: dict[str, str], data: st.DataObject) -> None:
    """Of titles, aliases, headings and texts, as the passages that are quoted have them."""
    search = Search(compile_files(vault).files)
    fragments = [search.fragment(number) for number in range(search.passages)]
    for address, title, aliases, _, sections in data.draw(st.lists(st.sampled_from(fragments), max_size=3)):
        shown = [title, *aliases, *(text for section in sections for text in section[1:])]
        words = [word for text in shown for word in find_words(text) if terms(word)]
        for word in data.draw(st.lists(st.sampled_from(words), max_size=3)) if words else ():
            answer = search(word)
            assert address in answer.pages or answer.total > len(answer.pages), word


@settings(max_examples=60, deadline=None)
@given(_WORD, st.permutations(_RANKS), st.integers(0, 3), st.booleans())
def test_equal_matches_obey_the_order_of_fields(word: str, names: list[str], repeated: int, begun: bool) -> None:
    """However often a text repeats the word, however long the name that holds it is."""
    many = f"{word} " * (1 + 10 * repeated)
    bodies = {
        "title": f"---\ntitle: zz {word} zz zz zz zz\n---\nyy",
        "alias": f"---\naliases: [zz {word} zz zz]\n---\nyy",
        "heading": f"yy\n\n## zz {word} zz\n",
        "text": many,
    }
    notes = {f"N{place} {'x' * place}.md": bodies[name] for place, name in enumerate(names)}
    pages = Search(compile_files(notes).files)(word[: 3 if begun else None]).pages
    found = [names[int(re.match(r"n(\d)", page)[1])] for page in pages]  # type: ignore[index]
    assert found == list(_RANKS)


@settings(max_examples=60, deadline=None)
@given(texts, st.text(max_size=12))
def test_any_text_is_searched_and_any_query_answered(text: str, query: str) -> None:
    """What is shown is HTML of ours alone."""
    answer = Search(compile_files({"Alpha.md": text}).files)(query)
    shown = "".join(part for group in answer.groups for item in group for part in (item.title, item.text, *item.tags))
    assert set(re.findall(r"<[^>]*>?", shown)) <= {"<p>", "</p>", "<mark>", "</mark>", '<p class="wt-search-alias">'}


@settings(max_examples=40, deadline=None)
@given(_WORD.filter(lambda word: len(word) >= 8), st.data())
def test_a_typing_error_in_a_title_is_understood(word: str, data: st.DataObject) -> None:
    """Any letter missing, doubled, wrong or swapped with the next."""
    place = data.draw(st.integers(0, len(word) - 2))
    a, b = word[place], word[place + 1]
    typed = data.draw(
        st.sampled_from(
            [
                word[:place] + word[place + 1 :],
                word[:place] + a + word[place:],
                word[:place] + "q" + word[place + 1 :],
                word[:place] + b + a + word[place + 2 :],
            ]
        )
    )
    notes = {"A.md": f"---\ntitle: {word}\n---\nyy", "B.md": "zz"}
    assert "a/" in Search(compile_files(notes).files)(typed).pages
