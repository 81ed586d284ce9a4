"""Our search in Material's box: its worker and its index are ours, all that a reader sees and touches is Material's.

Material lets a site bring a worker of its own, and asks of it four messages: set up, ready, query, result. So no part
of its templates is copied, and a newer one still fits. Knows nothing of what the index holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from mkdocs.config import config_options
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin

from site_builder.search import FOLDER

PLUGIN = "material/search"
WORKER = f"{FOLDER.rstrip('/')}.js"
_ADDRESS = re.compile(r'"search":\s*"[^"]*"')
_INDEXING = ("page_context", "post_build")


class _Shown(Config):  # type: ignore[no-untyped-call]
    enabled = config_options.Type(bool, default=True)


class SearchBox(BasePlugin[_Shown]):  # type: ignore[no-untyped-call]
    """Stands where Material's templates look for its search plugin, and lets them show the box."""


def stand_in(config: MkDocsConfig, options: Mapping[str, Any]) -> bool:
    """Put our index behind the box in the place of Material's plugin, listed or not; return whether it was done.

    It is not where `search: false` leaves search to Material, nor where Material's plugin is told to show no box.
    """
    listed: Any = config.plugins.get(PLUGIN)
    if options.get("search") is False or (listed is not None and not listed.config.enabled):
        return False
    for methods in [config.plugins.events[event] for event in _INDEXING if listed]:
        methods[:] = [each for each in methods if getattr(each, "__self__", None) is not listed]
    box = SearchBox()
    box.load_config({})
    config.plugins[PLUGIN] = box
    return True


def name_worker(html: str, address: str) -> str:
    """Return a page's configuration with the address of another search worker."""
    return _ADDRESS.sub(lambda _: f'"search": {json.dumps(address)}', html, count=1)
