"""Parallel text: sentences and their translations, a pair a line. Knows nothing of tokens.

A line is JSON, `{"translation": {"de": "Guten Tag.", "en": "Good day."}}`, as Hugging Face's sets of WMT are written.
"""

import json
from collections.abc import Iterator
from pathlib import Path

SHOWN = 60


def read(path: Path, source: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a file, `source` and `target` being its names for the languages: "en" and "de".

    A file of any size: only one line is held. Raises FileNotFoundError without a file, and ValueError with file and
    line where one is something else than a pair of these languages, and where there is no line at all.
    """
    if not path.is_file():
        msg = f"no file {path}: give one with a JSON pair a line, {_pair(source, target)}"
        raise FileNotFoundError(msg)
    number = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield _sides(line, source, target)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                msg = f"{path}:{number}: expected {_pair(source, target)}, got {_shown(line)}: mend or remove this line"
                raise ValueError(msg) from error
    if not number:
        msg = f"{path} is empty: expected a pair a line, {_pair(source, target)}"
        raise ValueError(msg)


def _sides(line: bytes, source: str, target: str) -> tuple[str, str]:
    translation = json.loads(line)["translation"]
    sides = translation[source], translation[target]
    for side in sides:
        side.encode()  # JSON can hold half of a surrogate pair, which no encoding can
    return sides


def _pair(source: str, target: str) -> str:
    return f'{{"translation": {{"{source}": "...", "{target}": "..."}}}}'


def _shown(line: bytes) -> str:
    text = line.decode(errors="replace").rstrip("\n")
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
