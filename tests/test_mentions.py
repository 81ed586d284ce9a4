"""Names that stand in a text without a link: which are found, and that the link to write is right."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.analysis.mentions import (
    Mention,
    MentionFinder,
    link_for,
    mention_events,
    without_common_words,
)
from site_builder.link import LinkedVault, link_vault
from site_builder.names import FilePath, NoteId
from site_builder.parse.markdown import flatten
from tests.properties.strategies import parse

_NAMES = {
    "Attention": "",
    "Self-Attention": "---\naliases: [intra-attention]\n---\n",
    "deep/Encoder Layer": "",
    "Café 漢字": "",
    "ReLU": "---\naliases: [RU]\n---\n",
    "Home": "",
    "x/Twin": "",
    "y/Twin": "",
}


def _linked(files: Mapping[str, str]) -> LinkedVault:
    return link_vault([parse(text, f"{name}.md") for name, text in files.items()], [], aliases=True)


def _found(files: Mapping[str, str], name: str, *, every: bool = False) -> list[Mention]:
    vault = _linked(files)
    note = vault.published[NoteId(FilePath(f"{name}.md"))]
    return list(MentionFinder(vault.published).mentions(note, vault.links[note.id], every=every))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Of attention.", ["attention"]),
        ("Of self-attention, not attentions or inattention.", ["self-attention"]),
        ("Intra-Attention", ["Intra-Attention"]),
        ("an encoder layer", ["encoder layer"]),
        ("an encoder\nlayer", ["encoder layer"]),
        ("> an encoder\n> layer", ["encoder layer"]),
        ("un café 漢字が", ["café 漢字"]),
        ("a relu", ["relu"]),
        ("RU, not ru", ["RU"]),
        ("at home", []),
        ("a twin", []),
        ("`attention` and $attention$", []),
        ("    attention\n", []),
        ("```\nattention\n```", []),
        ("# Attention\n\nWords.", []),
        ("%% attention %%", []),
        ("[attention](https://example.org)", []),
        ("[[Encoder Layer|attention]]", []),
        ("#attention", []),
        ("[^1]\n\n[^1]: A. Author. Attention. 2017.", []),
        ("attention and attention", ["attention"]),
        ("attention and [[Attention]]", []),
        ("**attention** in *bold*", ["attention"]),
        ("- a list of attention", ["attention"]),
        ("AT&amp;T attention", ["attention"]),
        ("---\ntitle: attention\n---\n", []),
    ],
)
def test_a_mention_is_a_whole_name_in_a_text_without_a_link(text: str, written: list[str]) -> None:
    assert [each.written for each in _found({**_NAMES, "Note": text}, "Note")] == written


def test_every_mention_is_told_when_asked_for() -> None:
    text = "[[Attention]], attention, self-attention and attention."
    assert [each.written for each in _found({**_NAMES, "Note": text}, "Note", every=True)] == [
        "attention", "self-attention", "attention"
    ]  # fmt: skip


def test_a_note_does_not_mention_itself() -> None:
    assert _found({**_NAMES, "Attention": "Attention is attention."}, "Attention") == []


@pytest.mark.parametrize(("holders", "others", "told"), [(48, 0, 48), (49, 0, 0), (49, 1100, 49), (60, 1100, 0)])
def test_a_name_that_too_many_notes_hold_is_a_common_word(holders: int, others: int, told: int) -> None:
    """More than 48 of them, and more than one in twenty of all; what else the note is called still counts."""
    texts = {f"n{number}": "On GitHub, by Octocat." for number in range(holders)}
    texts |= {f"o{number}": "" for number in range(others)}
    vault = _linked({**texts, "github": "---\naliases: Octocats\n---\n", "One": "Of octocats."})
    finder = MentionFinder(vault.published)
    found = [each for note in vault.published.values() for each in finder.mentions(note, ())]
    kept = [each.written for each in without_common_words(found, len(vault.published))]
    assert kept.count("GitHub") == told
    assert kept.count("octocats") == 1


def test_an_unpublished_note_is_not_mentioned() -> None:
    """Not even its name, which the text has by chance, is told as one."""
    vault = _linked({"Note": "A secret here.", "Secret": "---\npublish: false\n---\n"})
    note = vault.published[NoteId(FilePath("Note.md"))]
    assert list(MentionFinder(vault.published).mentions(note, ())) == []


def test_a_mention_stands_in_its_sentence() -> None:
    text = "First. The *encoder*\nof an encoder\nlayer reads. Last."
    vault = _linked({**_NAMES, "Note": text})
    note = vault.published[NoteId(FilePath("Note.md"))]
    (mention,) = MentionFinder(vault.published).mentions(note, ())
    before, marked, after = (flatten(events) for events in mention_events(note.events, mention))
    assert (before.strip(), marked, after.strip()) == ("The encoder of an", "encoder layer", "reads.")
    assert note.source.slice(mention.span) == "encoder\nlayer"


_pieces = st.sampled_from(
    ["attention", "Self-Attention", "encoder layer", "encoder\nlayer", "layer", "**", "*", "é漢", "🙂", "relu", "RU",
     "# ", "&amp;", ". ", "\n\n", "> ", "- ", "`", "$", "[[Attention]]", "[", "]", "| a |\n|---|\n| attention ReLU |\n"]
)  # fmt: skip
_texts = st.lists(_pieces, max_size=12).map(" ".join)


@given(_texts)
@settings(max_examples=300, deadline=None)
def test_writing_the_link_makes_it_one(text: str) -> None:
    """The fix, put where the mention is, resolves to the note and shows the same words; then it is told no more."""
    mentions = _found({**_NAMES, "Note": text}, "Note")
    for mention in mentions:
        written = parse(text, "Note.md").source.slice(mention.span)
        assert " ".join(re.sub(r"[\n>]", " ", written).split()) == mention.written
        vault = _linked({**_NAMES, "Note": text})
        link = link_for(mention, vault.index)
        data = text.encode()
        fixed = (data[: mention.span.start] + link.encode() + data[mention.span.end :]).decode()
        vault = _linked({**_NAMES, "Note": fixed})
        found = {each.found.file for each in vault.links[NoteId(FilePath("Note.md"))] if each.found}
        assert mention.target in found
        left = _found({**_NAMES, "Note": fixed}, "Note")
        assert {each.target for each in left} == {each.target for each in mentions} - {mention.target}


@given(_texts)
@settings(max_examples=300, deadline=None)
def test_mentions_are_what_a_search_for_every_name_finds(text: str) -> None:
    """In plain words, the oracle is one regular expression of all names, the longest first."""
    plain = re.sub(r"[^\w\s.,-]|_", " ", text.replace("\n", " ")).replace("- ", "").strip()
    names = ["intra-attention", "self-attention", "encoder layer", "attention", "café 漢字", "relu"]
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?![^\W漢])", re.IGNORECASE)
    expected = [" ".join(found[0].split()) for found in re.finditer(pattern, re.sub(r"\s+", " ", plain))]
    found = _found({**_NAMES, "Note": re.sub(r"\s+", " ", plain)}, "Note", every=True)
    assert [each.written for each in found if each.written != "RU"] == expected
