"""Footnotes beside the text, as a reader sees them in a browser."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import Page

from tests.frontend.conftest import Show

SENTENCE = "Every position of a sequence gathers what it needs from all positions, itself included. "


def reference(number: int) -> str:
    return f'<sup id="fnref:{number}"><a class="footnote-ref" href="#fn:{number}">{number}</a></sup>'


def footnotes(texts: list[str]) -> str:
    items = (
        f'<li id="fn:{number}"><p>{text} <a class="footnote-backref" href="#fnref:{number}">back</a></p></li>'
        for number, text in enumerate(texts, 1)
    )
    return f'<div class="footnote"><hr><ol>{"".join(items)}</ol></div>'


def random_note(seed: int) -> str:
    """Return a note with footnotes of any length at any distance, and tables that may reach into the margin."""
    chance = random.Random(seed)
    blocks, texts = [], []
    for _ in range(chance.randint(3, 9)):
        words = SENTENCE * chance.randint(1, 4)
        for _ in range(chance.choice([0, 1, 1, 3])):
            texts.append(SENTENCE * chance.randint(1, 3))
            words += reference(len(texts)) + SENTENCE
        blocks.append(f"<p>{words}</p>")
        if chance.random() < 0.4:
            cells = "<td>a cell that is not narrow</td>" * chance.randint(1, 9)
            blocks.append(f'<div class="table-wrap"><table><tr>{cells}</tr></table></div>')
    return f'<div class="note-body">{"".join(blocks)}{footnotes(texts)}</div>'


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    return page.eval_on_selector_all(
        selector, "all => all.map(one => one.getBoundingClientRect().toJSON()).filter(box => box.width)"
    )


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    beside = one["right"] <= other["left"] or other["right"] <= one["left"]
    return not beside and one["top"] < other["bottom"] and other["top"] < one["bottom"]


@pytest.mark.parametrize("seed", range(8))
def test_notes_in_the_margin_cover_nothing(show: Show, seed: int) -> None:
    """Margin notes overlap neither each other nor text nor tables, and none stands above its line."""
    page = show(random_note(seed))
    notes = boxes(page, ".wt-margin__note")
    references = boxes(page, ".note-body a.footnote-ref")
    assert len(notes) == len(references) > 0
    others = boxes(page, ".note-body > p, .note-body > .table-wrap")
    assert not any(overlap(note, other) for i, note in enumerate(notes) for other in notes[i + 1 :] + others)
    assert all(note["top"] >= mark["top"] - 1 for note, mark in zip(notes, references, strict=True))


def test_a_note_stands_beside_its_line_when_the_margin_is_free(show: Show) -> None:
    """Alone in the margin, a note begins at the line that refers to it."""
    page = show(f'<div class="note-body"><p>{SENTENCE * 5}{reference(1)}</p>{footnotes(["One."])}</div>')
    [note], [mark] = boxes(page, ".wt-margin__note"), boxes(page, "a.footnote-ref")
    assert abs(note["top"] - mark["top"]) < 2


def test_margin_notes_follow_when_something_above_them_opens(show: Show) -> None:
    """Opening a fold moves the notes below it along with their lines."""
    fold = f'<details class="admonition"><summary>More</summary><p>{SENTENCE * 9}</p></details>'
    page = show(f'<div class="note-body">{fold}<p>{SENTENCE}{reference(1)}</p>{footnotes(["One."])}</div>')
    before = boxes(page, ".wt-margin__note")[0]["top"]
    page.click("summary")
    page.wait_for_function(
        "before => document.querySelector('.wt-margin__note').getBoundingClientRect().top > before + 50", arg=before
    )
    [note], [mark] = boxes(page, ".wt-margin__note"), boxes(page, "a.footnote-ref")
    assert abs(note["top"] - mark["top"]) < 2


def test_a_footnote_in_a_closed_fold_is_not_in_the_margin(show: Show) -> None:
    """A note whose reference is folded away is not shown."""
    fold = f'<details class="admonition"><summary>More</summary><p>{SENTENCE}{reference(1)}</p></details>'
    page = show(f'<div class="note-body">{fold}{footnotes(["One."])}</div>')
    assert boxes(page, ".wt-margin__note") == []


@pytest.mark.parametrize("width", [390, 768, 1024, 1280])
def test_without_room_there_are_no_margin_notes(show: Show, width: int) -> None:
    """On narrow pages only the list at the end shows the footnotes."""
    page = show(random_note(1), width=width)
    assert boxes(page, ".wt-margin__note") == []
    assert page.locator(".footnote li").first.is_visible()


def test_copies_are_hidden_from_screen_readers_and_keyboard(show: Show) -> None:
    """Assistive technology and the tab key meet each footnote once, in the list at the end."""
    link = '<a href="https://arxiv.org/abs/1706.03762">arXiv</a>'
    page = show(f'<div class="note-body"><p>{SENTENCE}{reference(1)}</p>{footnotes([link])}</div>')
    assert page.get_by_role("link", name="arXiv").count() == 1
    assert page.locator(".wt-margin a").count() == 1
    assert page.locator(".wt-margin a:not([tabindex='-1']), .wt-margin [id]").count() == 0


def test_print_shows_the_list_alone(show: Show) -> None:
    """On paper there are no margin notes, and the list at the end is there."""
    page = show(random_note(1))
    page.emulate_media(media="print")
    assert page.eval_on_selector(".wt-margin", "one => getComputedStyle(one).display") == "none"
    assert page.locator(".footnote li").first.is_visible()
