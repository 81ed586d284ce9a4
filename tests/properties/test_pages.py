"""Pages of a compiled vault: what holds for any notes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.strategies import Balance, compile_files, page_of, vaults, without_html

_NAMES = [f"N{number}" for number in range(6)]
_embeds = st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(["", "#h", "#^b", "#none"])), max_size=4)
_graphs = st.fixed_dictionaries(
    {
        f"{name}.md": _embeds.map(
            lambda found: "text ^b\n\n## h\n\n" + "\n\n".join(f"![[{target}{part}]]" for target, part in found)
        )
        for name in _NAMES
    }
)


@given(vaults)
@settings(max_examples=150, deadline=None)
def test_every_page_is_balanced_html_with_unique_ids(files: dict[str, str]) -> None:
    """Whatever the notes hold, each page closes what it opens and gives no id twice."""
    site = compile_files(files)
    assert {page.path: Balance(page.html).faults for page in site.pages if Balance(page.html).faults} == {}


@given(without_html)
@settings(max_examples=300, deadline=None)
def test_a_note_s_own_page_is_balanced_html(text: str) -> None:
    """The same for one note, with more of them tried."""
    assert Balance(page_of(compile_files({"Alpha.md": text}), "Alpha.md").html).faults == []


@given(vaults)
@settings(max_examples=60, deadline=None)
def test_compiling_twice_gives_equal_bytes(files: dict[str, str]) -> None:
    """Pages, files and diagnostics are a function of the vault alone."""
    first, second = compile_files(files), compile_files(dict(reversed(files.items())))
    assert first.pages == second.pages
    assert first.files == second.files
    assert first.diagnostics == second.diagnostics


@given(_graphs)
@settings(max_examples=100, deadline=None)
def test_embeds_end_whatever_embeds_what(files: dict[str, str]) -> None:
    """Notes that embed notes, headings and blocks at random give pages of bounded length and unique ids."""
    site = compile_files(files)
    for name in files:
        html = page_of(site, name).html
        assert Balance(html).faults == []
        assert html.count('class="embed"') <= 500


@given(_graphs)
@settings(max_examples=100, deadline=None)
def test_an_embed_is_cut_exactly_where_a_circle_is_reported(files: dict[str, str]) -> None:
    """Pages hold a cut embed if and only if some embed of the vault is reported as part of a circle."""
    site = compile_files(files)
    reported = any(each.rule.name == "embed-cycle" for each in site.diagnostics)
    assert any("without end" in page.html for page in site.pages) == reported
