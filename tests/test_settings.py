"""Settings: what mkdocs.yml may say, and what is said of what it may not."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.settings import Settings, read_settings, strict_line_breaks
from site_builder.text import Source

_CONFIG = Source("mkdocs.yml", "plugins:\n  - wikitorch:\n      exclude: drafts/\n      excludes: [a]\n")
_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def test_no_settings_are_the_defaults() -> None:
    """A vault found in the wild needs none."""
    assert read_settings({}, _CONFIG) == (Settings(), ())


def test_settings_that_are_right_are_taken() -> None:
    """Lists become tuples, whole numbers count as seconds."""
    values = {"exclude": ["drafts/"], "resolve_aliases": False, "time_limit": 5, "math_macros": {"\\R": "\\mathbb{R}"}}
    found, problems = read_settings(values, _CONFIG)
    assert problems == ()
    assert found == Settings(("drafts/",), resolve_aliases=False, time_limit=5.0, math_macros={"\\R": "\\mathbb{R}"})


def test_an_unknown_setting_is_reported_with_the_nearest_one() -> None:
    """The diagnostic stands where the key does in mkdocs.yml."""
    found, (fault,) = read_settings({"excludes": ["a"]}, _CONFIG)
    assert found == Settings()
    assert (fault.rule.code, fault.message, fault.hint) == ("C001", "no setting `excludes`", "did you mean `exclude`?")
    assert _CONFIG.slice(fault.span) == "excludes"
    assert _CONFIG.position(fault.span.start) == (4, 7)


def test_an_unknown_setting_like_no_other_is_told_all_of_them() -> None:
    """A hint far from what was written would help nobody."""
    _, (fault,) = read_settings({"zzz": 1}, _CONFIG)
    assert all(each.name in str(fault.hint) for each in fields(Settings))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("exclude", "drafts/", "`exclude` is a text, not a list of texts"),
        ("resolve_aliases", "yes", "`resolve_aliases` is a text, not true or false"),
        ("time_limit", True, "`time_limit` is true or false, not a number above 0"),
        ("models", ["a"], "`models` is a list of texts, not a text"),
        ("math_macros", [], "`math_macros` is a list of texts, not a mapping"),
    ],
)
def test_a_value_of_the_wrong_kind_keeps_the_default(name: str, value: Any, message: str) -> None:
    """The diagnostic says what it is and what it should be."""
    found, (fault,) = read_settings({name: value}, _CONFIG)
    assert found == Settings()
    assert (fault.rule.code, fault.message) == ("C002", message)


@pytest.mark.parametrize(("name", "value"), [("exclude", [1]), ("time_limit", 0), ("math_macros", {"a": 1})])
def test_a_value_of_the_right_kind_may_still_be_wrong(name: str, value: Any) -> None:
    """A list must hold texts, a limit must be more than nothing."""
    found, (fault,) = read_settings({name: value}, _CONFIG)
    assert found == Settings()
    assert fault.rule.code == "C002"


@given(st.dictionaries(st.sampled_from([each.name for each in fields(Settings)]) | st.text(), _anything, max_size=4))
def test_no_value_makes_reading_raise(values: dict[str, Any]) -> None:
    """Each key is either taken or reported, and what is taken has its default's kind."""
    found, problems = read_settings(values, _CONFIG)
    changed = [each.name for each in fields(Settings) if getattr(found, each.name) != getattr(Settings(), each.name)]
    assert len(changed) + len(problems) <= len(values)
    assert all(isinstance(getattr(found, name), type(getattr(Settings(), name))) for name in changed)


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ('{"strictLineBreaks": true}', True),
        ('{"strictLineBreaks": "yes"}', False),
        ("{}", False),
        ("[]", False),
        ("{", False),
    ],
)
def test_obsidian_s_own_setting_of_line_breaks_is_read(tmp_path: Path, text: str, strict: bool) -> None:
    """Only a plain `true` counts; a damaged file is no file."""
    folder = tmp_path / ".obsidian"
    folder.mkdir()
    (folder / "app.json").write_text(text)
    assert strict_line_breaks(tmp_path) is strict


def test_a_vault_without_obsidian_has_soft_line_breaks(tmp_path: Path) -> None:
    """The default is Obsidian's: a newline is a break."""
    assert strict_line_breaks(tmp_path) is False
