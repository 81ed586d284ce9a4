"""The navigation is Material's in what it leads to, and stays small however large a folder is."""

from __future__ import annotations

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, get_navigation
from mkdocs.structure.pages import Page

from site_builder.navigation import SHOWN, FolderNavigation


def navigation(*paths: str) -> Navigation:
    config = MkDocsConfig()
    config.load_dict({"site_name": "Test"})
    files = Files([File(path, None, "site", True) for path in paths])
    nav = get_navigation(files, config)
    for file in files:
        assert file.page is not None
        file.page.title = file.src_uri
    return nav


def addresses(nav: Navigation, page: Page) -> list[str]:
    split = FolderNavigation()(nav, page)
    return re.findall(r'href="([^"]*)"', split.before + split.after)


def test_a_page_sees_its_folder_and_one_link_for_every_other() -> None:
    nav = navigation("index.md", "a/one.md", "a/two.md", "b/three.md", "b/four.md")
    page = next(page for page in nav.pages if page.url == "a/one/")
    assert addresses(nav, page) == ["../../", "../../a/two/", "../../b/four/"]


def test_pages_of_one_folder_share_a_list_and_differ_in_their_own_entry() -> None:
    nav = navigation("index.md", "a/one.md", "a/two.md")
    shared = FolderNavigation()
    pages = [page for page in nav.pages if page.url.startswith("a/")]
    lists = [shared(nav, page) for page in pages]
    assert all(split.has_entry for split in lists)
    assert len(shared._lists) == 1
    assert lists[0] != lists[1]


def test_a_page_outside_the_navigation_has_no_entry() -> None:
    nav = navigation("index.md", "a/one.md")
    split = FolderNavigation()(nav, None)
    assert not split.has_entry
    assert "a/one/" in split.before


def test_a_large_folder_shows_the_part_around_the_page() -> None:
    nav = navigation("index.md", *(f"a/{number:04}.md" for number in range(5 * SHOWN)))
    page = next(page for page in nav.pages if page.url == f"a/{2 * SHOWN + 7:04}/")
    shown = addresses(nav, page)
    assert len(shown) <= SHOWN + 4
    assert f"../../a/{2 * SHOWN:04}/" in shown
    assert f"../../a/{SHOWN:04}/" in shown  # earlier
    assert f"../../a/{3 * SHOWN:04}/" in shown  # later
