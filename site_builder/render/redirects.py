"""Pages that send a reader on: from an alias, from an old address. Knows nothing of how addresses are given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape

from site_builder.names import SitePath, relative_url

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="canonical" href="{url}">
<meta name="robots" content="noindex">
<script>location.replace({target} + location.search + location.hash)</script>
<meta http-equiv="refresh" content="0; url={url}">
</head>
<body><p><a href="{url}">{title}</a></p></body>
</html>
"""


def redirect_files(leading: Mapping[SitePath, tuple[SitePath, str]]) -> Mapping[SitePath, str]:
    """Return a file for each address that leads on to a page of a title."""
    return {
        SitePath(f"{address}index.html"): _redirect(relative_url(address, page), title)
        for address, (page, title) in leading.items()
    }


def _redirect(url: str, title: str) -> str:
    target = json.dumps(url).replace("<", "\\u003c")
    return _PAGE.format(title=escape(title), url=escape(url), target=target)
