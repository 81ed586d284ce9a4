"""Characters that a format cannot hold, in a way that can be read back."""

from __future__ import annotations

import re

_UNFIT = re.compile(r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def escape_controls(text: str) -> str:
    """Write characters that XML 1.0 has no place for as `_x0001_`, as ECMA-376 (22.9.2.19) does; no two texts meet."""
    return _UNFIT.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescape_controls(text: str) -> str:
    """Return the text that `escape_controls` was given."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
