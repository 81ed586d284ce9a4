import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notebook_models.text import parallel

GOOD = b'{"translation": {"de": "Guten Tag.", "en": "Good day."}}\n'
written = st.text(st.characters(exclude_categories=["Cs"]))


@given(pairs=st.lists(st.tuples(written, written), min_size=1), escaped=st.booleans())
def test_what_json_writes_is_read(
    pairs: list[tuple[str, str]], escaped: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any text, line separators of Unicode included, comes back as it was written, source first."""
    path = tmp_path_factory.getbasetemp() / "pairs.jsonl"
    lines = [json.dumps({"translation": {"de": de, "en": en}}, ensure_ascii=escaped) for en, de in pairs]
    path.write_bytes("\n".join(lines).encode())
    assert list(parallel.read(path, "en", "de")) == pairs
    assert list(parallel.read(path, "de", "en")) == [(de, en) for en, de in pairs]


@pytest.mark.parametrize(
    "broken",
    [
        b'{"translation": {"de": "Guten Tag."}}',  # a side is missing
        b'{"translation": {"de": "Guten Tag.", "en": 3}}',
        b'{"translation": {"de": "Guten Tag.", "en": null}}',
        b'{"translation": ["Guten Tag.", "Good day."]}',
        b'{"de": "Guten Tag.", "en": "Good day."}',
        b'{"translation": {"de": "Guten Tag.", "en": "Good d',  # cut short
        b'{"translation": {"de": "Guten Tag.", "en": "\xff"}}',
        b'{"translation": {"de": "Guten Tag.", "en": "\\ud800"}}',
        b"",
        b"Good day.\tGuten Tag.",
    ],
)
def test_a_broken_line_is_named(broken: bytes, tmp_path: Path) -> None:
    """ValueError on one line tells the file, the line, what was expected, what is there and what to do."""
    path = tmp_path / "train.jsonl"
    path.write_bytes(GOOD + broken + b"\n" + GOOD)
    pairs = parallel.read(path, "en", "de")
    assert next(pairs) == ("Good day.", "Guten Tag.")
    with pytest.raises(ValueError, match=r"train.jsonl:2: expected \{\"translation\": .* got '.*: mend or") as caught:
        next(pairs)
    assert len(str(caught.value).splitlines()) == 1


def test_other_languages_than_asked_for_are_told(tmp_path: Path) -> None:
    """French in place of German is an error on the first line, which shows the beginning of the line."""
    (tmp_path / "train.jsonl").write_bytes(GOOD)
    with pytest.raises(ValueError, match=r'train.jsonl:1: expected .*"fr".* got .*"de": "Guten Tag."'):
        next(parallel.read(tmp_path / "train.jsonl", "en", "fr"))


def test_a_missing_or_empty_file_is_told(tmp_path: Path) -> None:
    """Without a file FileNotFoundError, with an empty one ValueError: both show what a line should be."""
    with pytest.raises(FileNotFoundError, match=r"no file .*train.jsonl: give one .*\"translation\""):
        next(parallel.read(tmp_path / "train.jsonl", "en", "de"))
    (tmp_path / "train.jsonl").touch()
    with pytest.raises(ValueError, match=r"train.jsonl is empty: expected .*\"translation\""):
        next(parallel.read(tmp_path / "train.jsonl", "en", "de"))
