"""The built site, served, and a page to read it on."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from site_builder.build import build_site
from tests.browser.serving import serve

ROOT = Path(__file__).parents[2]
expect.set_options(timeout=30_000)  # milliseconds; a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def site_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of this repository's site, built afresh, below a path as on a project's pages."""
    yield from serve(_built(tmp_path_factory))


def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site below a folder; of processes that test together, the first builds it and the others wait."""
    own = tmp_path_factory.getbasetemp()
    root = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "server"
    root.mkdir(exist_ok=True)
    with (root / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (root / "notes").exists():
            assert build_site(ROOT / "mkdocs.yml", site_dir=root / "notes") == 0
    return root


@pytest.fixture
def page(browser: Browser, site_url: str) -> Iterator[Page]:
    """A fresh page; the test fails on a console error, a failed request, or a request to another host."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    complaints = watch(page, site_url)
    yield page
    context.close()
    assert not complaints


def watch(page: Page, site_url: str) -> list[str]:
    """Return the list to which a page's console errors, failed requests and requests to other hosts will be added."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}") if _failed(request) else None)
    page.on(
        "response", lambda answer: complaints.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None
    )
    page.on(
        "request",
        lambda request: complaints.append(f"foreign: {request.url}") if _is_foreign(request.url, site_url) else None,
    )
    return complaints


def _failed(request: Request) -> bool:
    """Whether a request failed of itself: whoever follows a link cancels what the page was still waiting for."""
    return request.failure != "net::ERR_ABORTED"


def _is_foreign(url: str, site: str) -> bool:
    return not url.startswith((site.partition("/notes/")[0], "data:", "blob:"))
