"""The cache: results by the hash of what they depend on."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from site_builder.cache import Cache, content_key, open_cache

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1), _json, max_size=5))
def test_what_is_put_is_got(values: dict[str, object]) -> None:
    """Any value of JSON comes back equal, one by one and all of a kind."""
    with open_cache(None) as cache:
        cache.put("kind", values)
        assert cache.get_kind("kind") == values
        assert all(cache.get("kind", key) == value for key, value in values.items())
        assert cache.get("other", "key") is None
        assert cache.get_kind("other") == {}


def test_results_outlive_the_process(tmp_path: Path) -> None:
    """A second cache on the same file finds what the first one kept, and the newest value of a key."""
    path = tmp_path / "folder" / "cache.sqlite"
    with open_cache(path) as cache:
        cache.put("kind", {"key": 1})
        cache.put("kind", {"key": 2})
    with open_cache(path) as cache:
        assert cache.get("kind", "key") == 2


def test_a_damaged_cache_is_begun_anew(tmp_path: Path) -> None:
    """A file that is no database costs what it held, never a build."""
    path = tmp_path / "cache.sqlite"
    path.write_bytes(b"not a database " * 100)
    with open_cache(path) as cache:
        assert cache.get("kind", "key") is None
        cache.put("kind", {"key": 1})
        assert cache.get("kind", "key") == 1


def test_two_processes_may_write_at_once(tmp_path: Path) -> None:
    """Two open caches on one file see each other's results."""
    path = tmp_path / "cache.sqlite"
    one, other = Cache(path), Cache(path)
    one.put("kind", {"a": 1})
    other.put("kind", {"b": 2})
    assert one.get_kind("kind") == other.get_kind("kind") == {"a": 1, "b": 2}
    one.close()
    other.close()


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_keys_tell_apart_where_one_text_ends(one: list[str], other: list[str]) -> None:
    """Two lists of texts have one key exactly when they are equal: `ab`, `c` is not `a`, `bc`."""
    assert (content_key(*one) == content_key(*other)) == (one == other)


def test_a_text_and_its_bytes_have_one_key() -> None:
    """It makes no difference whether a text was read as text."""
    assert content_key("é") == content_key("é".encode())


def test_a_file_name_that_is_no_utf_8_has_a_key() -> None:
    assert content_key("caf\udce9") != content_key("caf\udce8")
