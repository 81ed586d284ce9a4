"""What a reader's query finds, in which order, and what is shown of it: a vault compiled, the engine in V8."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import pytest

from site_builder.names import TOP, Anchor, FilePath, NoteId
from site_builder.note import SourceFile
from site_builder.parse import parse_note
from site_builder.parse.dialects import Dialects
from site_builder.project import MarkdownSettings
from site_builder.search.texts import Section, sections
from site_builder.text import Source
from tests.properties.strategies import compile_files
from tests.search_engine import Answer, Search

FILLER = "Plain words stand here. " * 5


def ask(query: str, notes: dict[str, str]) -> Answer:
    """Ask a query of a vault of a few notes."""
    return Search(compile_files(notes).files)(query)


def vault(*words: str) -> dict[str, str]:
    """Return a vault in which one note holds some words in its text, one in a heading, and so on."""
    word = " ".join(words)
    return {
        "E text.md": f"{FILLER} A sentence with {word} in it, {word} and {word}.",
        "D tag.md": f"---\ntags: [{'-'.join(words)}]\n---\n{FILLER}",
        "C heading.md": f"{FILLER}\n\n## About some {word} and more\n\n{FILLER}",
        "B alias.md": f"---\naliases: [Of all the {word}, Other]\n---\n{FILLER}",
        f"Among many others a {word} is named.md": FILLER,
    }


TITLE_FIRST = ["among-many-others-a-{}-is-named/", "b-alias/", "c-heading/", "d-tag/", "e-text/"]


@pytest.mark.parametrize(
    ("query", "words"), [("walrus", ["walrus"]), ("walr", ["walrus"]), ("walrsu", ["walrus"]), ("walruses", ["walrus"])]
)
def test_titles_come_before_aliases_before_headings_before_tags_before_text(query: str, words: list[str]) -> None:
    """For exact, unfinished and misspelled words alike, however often the text repeats them."""
    answer = ask(query, vault(*words))
    pages = [page for page in answer.pages if not page.startswith("tags/")]
    assert pages == [page.format("-".join(words)) for page in TITLE_FIRST]


def test_two_words_obey_the_same_order() -> None:
    notes = vault("grey", "walrus")
    pages = [page for page in ask("walrus grey", notes).pages if not page.startswith("tags/")]
    assert pages == [page.format("grey-walrus") for page in TITLE_FIRST]


def test_a_text_that_holds_the_word_comes_before_a_title_that_is_a_typing_error_away() -> None:
    assert ask("form", {"From.md": "x", "Text.md": "A form."}).pages == ["text/", "from/"]


def test_of_equal_titles_the_shorter_comes_first() -> None:
    notes = {"Attention in practice.md": "x", "Attention.md": "x", "A long talk on attention.md": "x"}
    assert ask("attention", notes).pages == ["attention/", "attention-in-practice/", "a-long-talk-on-attention/"]


def test_of_equal_matches_the_one_that_others_link_to_comes_first() -> None:
    notes = {"Walrus A.md": "x", "Walrus B.md": "x", "C.md": "[[Walrus B]]"}
    assert ask("walrus", notes).pages[:2] == ["walrus-b/", "walrus-a/"]


TYPED = "tranformer transfromer trasnformer transformerr xransformer ransformer transphormer tarnsfomrer"


@pytest.mark.parametrize("typed", TYPED.split())
def test_typing_errors_in_a_title(typed: str) -> None:
    """One too few, too many, wrong, swapped, in the first letter too; in a word of eight letters, two of them."""
    notes = {"Transformer.md": FILLER, "Transport.md": FILLER, "Other.md": FILLER}
    assert ask(typed, notes).pages == ["transformer/"]


@pytest.mark.parametrize(
    ("typed", "found"), [("regulraization", True), ("rat", False), ("cart", False), ("mouze", True)]
)
def test_typing_errors_in_a_text(typed: str, found: bool) -> None:
    """Words of three letters are what they are; longer ones are understood by their first letter."""
    notes = {"Note.md": "Here is regularization of a mouse, a bat and a hard task."}
    assert bool(ask(typed, notes).pages) == found


def test_a_word_that_is_being_typed_goes_on() -> None:
    answer = ask("self atten", {"Self-Attention.md": FILLER, "Other.md": FILLER})
    assert answer.pages == ["self-attention/"]
    assert answer.completion == "attention"


@pytest.mark.parametrize(
    "query",
    ["d_model", "D_MODEL", "QK^T", "nn.Linear", "nn.linear", "multi-head", "multihead", "multi head", "naive", "Naïve"],
)
def test_signs_inside_words(query: str) -> None:
    """In text, in code and in formulas."""
    formulas = "Of width $d_{\\text{model}}$, or $\\frac{QK^\\top}{\\sqrt{d_k}}$."
    notes = {
        "A.md": f"{formulas}\n\n```python\nself.out = nn.Linear(8, 8)\n```\n",
        "B.md": "A MultiHeadAttention has several heads; multi-head is naïve.",
        "C.md": "Linear algebra, models, heads.",
    }
    assert ask(query, notes).pages[0] == ("b/" if query[0] in "mnN" and "nn" not in query else "a/")


@pytest.mark.parametrize("query", ["注意", "意機", "注意機構", "構", "注", "自己注意"])
def test_words_without_spaces(query: str) -> None:
    assert ask(query, {"A.md": "これは自己注意機構である。", "B.md": "何もない。"}).pages == ["a/"]


def test_tags_are_found_as_they_are_written() -> None:
    """The tag's page, then the notes; a tag also by the one that it stands below, and a word in a text is none."""
    notes = {"A.md": "#nlp/attention", "B.md": "attention", "C.md": "---\ntags: [nlp]\n---\nx"}
    assert set(ask("#nlp", notes).pages) == {"tags/nlp/", "tags/nlp/attention/", "a/", "c/"}
    assert ask("#nlp", notes).pages[0] == "tags/nlp/"
    assert ask("#nlp/attention", notes).pages == ["tags/nlp/attention/", "a/"]
    items = [item for group in ask("#nlp", notes).groups for item in group]
    assert [item.tags for item in items if item.location == "a/"] == [("#nlp/attention",)]


def test_properties_are_found() -> None:
    notes = {"A.md": "---\nauthor: '[[Hidden|Ada Lovelace]]'\nyears: [1843]\n---\nx", "B.md": "x"}
    assert ask("lovelace 1843", notes).pages == ["a/"]
    assert ask("hidden", notes).pages == []


def test_a_hit_in_a_section_opens_there_and_shows_the_sentence() -> None:
    """The match is marked in it; what else matches on the page stands below."""
    sentence = "Here a walrus & its <b>tusks</b> rest."
    text = f"{FILLER}\n\n## Of *Animals*\n\n{FILLER} {sentence} {FILLER}\n\n## More\n\nwalrus\n"
    (group,) = ask("walrus", {"A.md": text, "B.md": "x"}).groups
    assert [item.location for item in group] == ["a/#of-animals", "a/", "a/#more"]
    assert group[0].title == "Of Animals"
    assert group[0].text == "<p>Here a <mark>walrus</mark> &amp; its tusks rest. Plain words stand here.</p>"
    assert group[0].score > group[1].score


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Of a walrus. Of an otter. Of a walrus and an otter. Of a walrus.", "Of a walrus and an otter."),
        ("A walrus = an otter. A walrus is an otter. Here an otter is a walrus.", "A walrus is an otter."),
        ("A walrus. An otter. Otters and a Wálrus.", "Otters and a Wálrus."),
    ],
)
def test_the_sentence_that_holds_most_words_is_shown(text: str, shown: str) -> None:
    """Of equal ones the first, before those with a formula."""
    (group,) = ask("walrus otter", {"A.md": text, "B.md": "x"}).groups
    words = re.sub("<[^>]*>", "", group[0].text)
    assert words.startswith(shown)


def test_the_section_that_holds_most_words_is_opened_though_no_sentence_of_it_holds_them_all() -> None:
    text = "## First\n\nA grey walrus.\n\n## Second\n\nA grey walrus. An otter.\n"
    (group,) = ask("grey walrus otter", {"A.md": text, "B.md": "x"}).groups
    assert group[0].location == "a/#second"


def test_a_joined_word_in_a_title_answers_each_word_of_the_query() -> None:
    """So the page itself is opened, not a section that holds the words one by one."""
    text = f"Its first sentence.\n\n## Other\n\n{FILLER} Of the self, and of attention."
    (group,) = ask("self attention", {"Self-Attention.md": text, "B.md": "x"}).groups
    assert group[0].location == "self-attention/"
    assert group[0].text == "<p>Its first sentence.</p>"


def test_nothing_in_a_note_is_html_in_the_results() -> None:
    """Titles, headings, aliases, tags and texts are text."""
    names = "title: <img src=x> walrus\naliases: [<i>walrus</i>]"
    notes = {"A.md": f"---\n{names}\n---\nA `<script>` walrus \\<b>.\n\n## walrus \\<u>\n"}
    shown = "".join(part for item in ask("walrus", notes).groups[0] for part in (item.title, item.text))
    assert set(re.findall("<[^>]*>", shown)) <= {"<mark>", "</mark>", "<p>", "</p>", '<p class="wt-search-alias">'}
    assert "&lt;img src=x&gt;" in shown


def test_an_alias_that_was_found_is_named() -> None:
    (group,) = ask("mha", {"Multi-Head Attention.md": "---\naliases: [MHA]\n---\nSeveral heads."}).groups
    assert group[0].text.startswith('<p class="wt-search-alias"><mark>MHA</mark></p>')


def test_a_long_note_is_quoted_by_a_part_of_it() -> None:
    """A word at the end of a book is found, its section opened, and no more than a part of the book fetched."""
    chapters = "".join(f"## Chapter {number}\n\n{FILLER * 40}\n\n" for number in range(40))
    search = Search(compile_files({"Book.md": f"{chapters}## Last\n\nA walrus ends it.", "B.md": "x"}).files)
    (group,) = search("walrus").groups
    assert group[0].location == "book/#last"
    assert sum(len(search.files[name]) for name in search.fetched() if name.startswith("notes/")) < 20_000


def test_words_of_one_query_may_stand_in_different_parts_of_a_long_note() -> None:
    notes = {"Book.md": f"A walrus begins it. {FILLER * 400} An otter ends it.", "B.md": "A walrus."}
    assert ask("walrus otter", notes).pages == ["book/"]


def test_where_no_note_holds_all_words_those_that_hold_most_come_first() -> None:
    """And what is missing is said."""
    answer = ask("grey walrus otter", {"A.md": "A walrus.", "B.md": "A grey walrus."})
    assert answer.pages == ["b/", "a/"]
    assert {word for word, there in answer.groups[1][0].terms.items() if not there} == {"grey", "otter"}


def test_references_and_models_words_are_found() -> None:
    notes = {"A.md": "Cited.[^1]\n\n[^1]: Ba, Kiros, Hinton. Layer normalization. arXiv:1607.06450, 2016.\n"}
    assert "references/ba-2016-layer/" in ask("layer normalization", notes).pages


def test_what_is_embedded_is_found_where_it_is_written() -> None:
    assert ask("walrus", {"A.md": "![[B]]", "B.md": "A walrus."}).pages == ["b/"]


def test_comments_and_raw_html_are_no_words() -> None:
    notes = {
        "A.md": "%%walrus%% <!-- walrus --> <b title='walrus'>bold</b>\n\n<!-- a\nwalrus -->\n\n<style>walrus</style>"
    }
    assert ask("walrus", notes).pages == []
    assert ask("bold", notes).pages == ["a/"]


def test_canvases_are_found() -> None:
    nodes = [{"id": "a", "type": "text", "text": "A walrus card", "x": 0, "y": 0, "width": 9, "height": 9}]
    assert ask("walrus", {"Map.canvas": json.dumps({"nodes": nodes, "edges": []})}).pages == ["map/"]


def test_pages_in_mkdocs_dialect_have_sections_too() -> None:
    text = "---\nmarkup: mkdocs\n---\n\nFirst.\n\n## Some *part*\n\n!!! note\n    A walrus.\n"
    dialects = Dialects({}, MarkdownSettings(("toc", "admonition"), {"toc": {"permalink": True}}))
    file = SourceFile(NoteId(FilePath("Page.md")), Source("Page.md", text), "")
    first, part = sections(parse_note(file, dialects))
    assert first == Section(TOP, "", "First.")
    assert part == Section(Anchor("some-part"), "Some part", "Note\nA walrus.")


@pytest.mark.parametrize("query", ["", " ", "!", "_", "#", "-", "a" * 500, "\\", "<b>", "\u0301", "🙂"])
def test_odd_queries_are_answered(query: str) -> None:
    assert ask(query, {"A.md": "x"}).pages == []


def test_an_empty_vault_is_searched() -> None:
    assert ask("walrus", {"Hidden.md": "---\npublish: false\n---\nwalrus"}).pages == []


def test_the_index_is_the_same_whatever_order_the_files_are_read_in() -> None:
    notes = vault("walrus")
    assert index_of(notes.items()) == index_of(reversed(notes.items()))


def test_a_query_fetches_only_a_part_of_a_large_index() -> None:
    notes = {f"Note {number}.md": f"Word{number} and other{number} {FILLER}" for number in range(400)}
    search = Search(compile_files(notes).files)
    assert search("word77").pages == ["note-77/"]
    assert len(search.files) > 400
    assert len(search.fetched()) <= 5


def index_of(notes: Iterable[tuple[str, str]]) -> dict[str, str | bytes]:
    return {name: text for name, text in compile_files(dict(notes)).files.items() if "search/" in name}
