"""Diagnostics as people and programs read them: every form, for any text and any place in it."""

from __future__ import annotations

import json
import unicodedata

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_builder.diagnostics import Diagnostic, Related, Rule, Severity
from site_builder.reporting import LONGEST_EXCERPT, exit_code, render, summary
from site_builder.text import Source, Span

UNRESOLVED = Rule("L001", "unresolved-link", Severity.ERROR, "")
SHADOWED = Rule("L002", "ambiguous-link", Severity.WARNING, "")


def at(text: str, part: str, rule: Rule = UNRESOLVED, path: str = "vault/A.md", **more: object) -> Diagnostic:
    """A diagnostic about the first place where `part` stands in `text`."""
    start = len(text[: text.index(part)].encode())
    message = str(more.pop("message", "no such thing"))
    return Diagnostic(rule, Source(path, text), Span(start, start + len(part.encode())), message, **more)  # type: ignore[arg-type]


def underlined(report: str) -> tuple[str, str]:
    """The excerpt and the marker row of a report, without the gutter."""
    rows = report.split("\n")
    return rows[3].split(" | ", 1)[1], rows[4].split(" | ", 1)[1]


def cells(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_the_full_form_is_the_one_the_style_guide_shows() -> None:
    """The full form equals the style guide's example, character for character."""
    text = "Built from [[Self-Atention]].\n"
    diagnostic = at(
        text, "[[Self-Atention]]", path="vault/Transformer.md", message="no note named `Self-Atention`",
        hint="did you mean [[Self-Attention]]?",
    )  # fmt: skip
    assert render([diagnostic], "full") == "\n".join(
        [
            "error[L001]: no note named `Self-Atention`",
            "  --> vault/Transformer.md:1:12",
            "  |",
            "1 | Built from [[Self-Atention]].",
            "  |            ^^^^^^^^^^^^^^^^^",
            "  = hint: did you mean [[Self-Attention]]?",
        ]
    )


def test_the_gutter_is_as_wide_as_the_line_number() -> None:
    """On line 100 the bars, the arrow and the notes stand under one another."""
    report = render([at("\n" * 99 + "see [[X]]\n", "[[X]]", hint="write it")], "full").split("\n")
    assert report[1:] == [
        "    --> vault/A.md:100:5",
        "    |",
        "100 | see [[X]]",
        "    |     ^^^^^",
        "    = hint: write it",
    ]


def test_related_places_are_notes_with_their_own_position() -> None:
    """A related place is told with its path, line and column, before the hint."""
    other = Source("vault/B.md", "one\ntwo ^x\n")
    related = (Related(other, Span(8, 10), "the id stands here first"),)
    report = render([at("see ^x", "^x", hint="rename one", related=related)], "full")
    assert report.split("\n")[-2:] == ["  = note: vault/B.md:2:5 the id stands here first", "  = hint: rename one"]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("注意 [[自注意]] end", "[[自注意]]"),
        ("e\u0301te\u0301 [[X]] end", "[[X]]"),
        ("[[e\u0301]] end", "[[e\u0301]]"),
        ("\tindented [[X]] end", "[[X]]"),
        ("a\tb\t[[X\tY]] end", "[[X\tY]]"),
        ("🙂 [[X]] end", "[[X]]"),
    ],
)
def test_carets_stand_under_the_words_they_mean(line: str, part: str) -> None:
    """Wide characters, combining accents and tabs: the carets begin and end where the words do on a terminal."""
    excerpt, carets = underlined(render([at(line, part)], "full"))
    first = excerpt.index(part.split("\t")[0])
    assert len(carets) - len(carets.lstrip()) == cells(excerpt[:first])
    assert len(carets) == cells(excerpt.removesuffix(" end"))


def test_tabs_keep_columns_aligned() -> None:
    """A tab reaches the next stop of four cells, as in the author's editor, a wide character before it included."""
    assert underlined(render([at("a\t注\t[[X]]", "[[X]]")], "full")) == ("a   注  [[X]]", "        ^^^^^")


def test_a_span_over_several_lines_underlines_its_first() -> None:
    """Of a span over three lines the first is shown, underlined to its end."""
    assert underlined(render([at("a %%b\nc\nd%% e", "%%b\nc\nd%%")], "full")) == ("a %%b", "  ^^^")


def test_an_empty_span_still_has_a_caret() -> None:
    """A place without length, here the end of a file, is marked by one caret."""
    text = "abc\r\n"
    diagnostic = Diagnostic(UNRESOLVED, Source("A.md", text), Span(3, 3), "ends too early")
    assert underlined(render([diagnostic], "full")) == ("abc", "   ^")


def test_a_line_of_a_megabyte_is_cut_around_the_caret() -> None:
    """A very long line is cut on both sides; the caret stays under its words, the column is the true one."""
    text = "word " * 100_000 + "[[X]]" + " word" * 100_000
    report = render([at(text, "[[X]]")], "full")
    excerpt, carets = underlined(report)
    assert "vault/A.md:1:500001" in report
    assert excerpt.startswith("…")
    assert excerpt.endswith("…")
    assert len(excerpt) <= LONGEST_EXCERPT + 2
    assert excerpt[carets.index("^") : len(carets)] == "[[X]]"


def test_a_span_longer_than_the_excerpt_is_underlined_as_far_as_shown() -> None:
    """The carets of a span of a megabyte end with the excerpt."""
    text = "[[" + "x" * 1_000_000 + "]]"
    excerpt, carets = underlined(render([at(text, text)], "full"))
    assert len(carets) <= len(excerpt) <= LONGEST_EXCERPT + 1


def test_control_characters_cannot_steer_the_terminal() -> None:
    """An escape sequence, a bell or a text direction mark in a note is shown as a sign, not sent to the terminal."""
    text = "\x1b[31m[[\x07X\u202e]]\x85"
    for form in ("full", "concise"):
        report = render([at(text, "[[", path="a\x1bb.md", message="no note named `\x1b[0m\nX`", hint="\x1b")], form)
        assert not [char for char in report if char != "\n" and unicodedata.category(char) in ("Cc", "Cf")]


def test_the_concise_form_is_one_line_a_diagnostic() -> None:
    """Path, line, column, severity, code, message: one line each, in the order of the files."""
    diagnostics = [at("x [[B]]", "[[B]]", SHADOWED, "b.md"), at("[[A]]", "[[A]]", path="a.md", hint="not shown")]
    assert render(diagnostics, "concise").split("\n") == [
        "a.md:1:1: error[L001] no such thing",
        "b.md:1:3: warning[L002] no such thing",
    ]


def test_the_json_form_holds_every_field() -> None:
    """The JSON form is a list of objects with the documented keys; columns are code points."""
    related = (Related(Source("B.md", "é x"), Span(3, 4), "here"),)
    diagnostic = at("é [[X]]\n", "[[X]]", hint="write it", related=related)
    assert json.loads(render([diagnostic], "json")) == [
        {
            "rule": "L001", "name": "unresolved-link", "severity": "error",
            "message": "no such thing", "hint": "write it",
            "path": "vault/A.md", "line": 1, "column": 3, "end_line": 1, "end_column": 8,
            "related": [
                {"path": "B.md", "line": 1, "column": 3, "end_line": 1, "end_column": 4, "message": "here"},
            ],
        }
    ]  # fmt: skip


def test_the_github_form_escapes_what_its_syntax_uses() -> None:
    """Percent signs, line ends, colons and commas are escaped as GitHub's workflow commands ask."""
    diagnostic = at("\n[[X]]", "[[X]]", SHADOWED, "a,b:c%.md", message="100% of\nit: lost, gone", hint="look")
    assert render([diagnostic], "github") == (
        "::warning file=a%2Cb%3Ac%25.md,line=2,col=1,endLine=2,endColumn=6,title=L002 ambiguous-link"
        "::100%25 of%0Ait: lost, gone (hint: look)"
    )


def test_nothing_to_tell_is_nothing_told() -> None:
    """Without diagnostics the forms for people are empty, and the one for programs is an empty list."""
    assert [render([], form) for form in ("full", "concise", "json", "github")] == ["", "", "[]", ""]


def test_color_changes_no_character() -> None:
    """The colored report without its colors is the plain one."""
    diagnostics = [at("\x1b[1m [[X]]", "[[X]]", hint="write it"), at("y", "y", SHADOWED)]
    for form in ("full", "concise"):
        colored = render(diagnostics, form, color=True)
        assert colored != render(diagnostics, form)
        assert click.unstyle(colored) == render(diagnostics, form)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], "no problems found"),
        ([UNRESOLVED], "1 error in 1 file"),
        ([SHADOWED, SHADOWED], "2 warnings in 1 file"),
        ([UNRESOLVED, SHADOWED, UNRESOLVED], "2 errors and 1 warning in 1 file"),
    ],
)
def test_the_summary_counts_by_severity(rules: list[Rule], expected: str) -> None:
    """The summary counts errors, warnings and files, each in its grammatical number."""
    assert summary([at("x", "x", rule) for rule in rules]) == expected


def test_the_summary_counts_files_once() -> None:
    """Three problems in two files are in two files."""
    assert summary([at("x", "x", path=path) for path in ("a.md", "b.md", "a.md")]) == "3 errors in 2 files"


@pytest.mark.parametrize(
    ("rules", "status"), [([], 0), ([UNRESOLVED], 1), ([SHADOWED], 1), ([SHADOWED, UNRESOLVED], 1)]
)
def test_any_finding_is_exit_status_one(rules: list[Rule], status: int) -> None:
    """No finding is exit status 0; an error or a warning is 1."""
    assert exit_code(at("x", "x", rule) for rule in rules) == status


unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure


@st.composite
def anywhere(draw: st.DrawFn) -> Diagnostic:
    text = draw(st.text(st.sampled_from("ab\t\r\n \x1b%,:é注🙂\u0301\u2028")) | st.text())
    source = Source(draw(st.text(min_size=1)), text)
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(source.data))] * 2)))
    related = (Related(source, Span(end, end), draw(st.text())),) if draw(st.booleans()) else ()
    rule, message = draw(st.sampled_from([UNRESOLVED, SHADOWED])), draw(st.text())
    return Diagnostic(rule, source, Span(start, end), message, draw(st.none() | st.text()), related)


@unhurried
@given(st.lists(anywhere(), max_size=3))
def test_every_form_works_for_any_text_and_place(diagnostics: list[Diagnostic]) -> None:
    """For any text, and any span of bytes in it, every form is made, has its line structure, and can be encoded."""
    full = render(diagnostics, "full")
    per_report = 5
    extra = sum(len(d.related) + (d.hint is not None) for d in diagnostics)
    assert len(full.split("\n")) == max(1, (per_report + 1) * len(diagnostics) - 1 + extra)
    assert full.count("^") >= len(diagnostics)
    concise, github = render(diagnostics, "concise"), render(diagnostics, "github")
    assert len(concise.split("\n")) == len(github.split("\n")) == max(1, len(diagnostics))
    assert len(json.loads(render(diagnostics, "json"))) == len(diagnostics)
    assert click.unstyle(render(diagnostics, "full", color=True)) == full
    (full + concise + github).encode()


@unhurried
@given(st.text(st.sampled_from("ab [|]~\n"), min_size=1, max_size=400), st.data())
def test_the_carets_underline_exactly_the_span(text: str, data: st.DataObject) -> None:
    """The words above the carets are the span's own, up to the end of its line or of the excerpt."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    diagnostic = Diagnostic(UNRESOLVED, Source("A.md", text), Span(start, end), "")
    excerpt, carets = underlined(render([diagnostic], "full"))
    indent = carets.index("^")
    marked, meant = excerpt[indent : len(carets)], text[start:end].split("\n")[0]
    assert marked == meant or (meant.startswith(marked) and excerpt.endswith("…"))


@unhurried
@given(st.permutations([at("x [[B]]", "[[B]]", path=path) for path in "abcd"]))
def test_the_order_of_the_input_does_not_matter(diagnostics: list[Diagnostic]) -> None:
    """Diagnostics are told by path and place, whatever order they were found in."""
    assert render(diagnostics, "concise") == render(sorted(diagnostics, key=lambda d: d.sort_key), "concise")
