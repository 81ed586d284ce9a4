"""The index as files that a browser fetches: names, shards of terms, words for near matches, passages to quote.

All are JSON, which hosts compress where they would not a format of our own. The folder of the index is named by the
hash of what it holds, so that a browser never mixes an old part with a new one.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from operator import sub

from site_builder.names import SitePath, quote_anchor, quote_path
from site_builder.search.postings import ALIAS, SHIFT, Passage, Postings, build_postings, code, passages
from site_builder.search.records import Record

FOLDER = SitePath("assets/wikitorch/search/")
SETTINGS = SitePath("search/search_index.json")
"""What Material fetches on every page. It names the folder of the index, and what parts the words of a query."""

_VERSION = 1
_SHARD = 48_000  # bytes of a shard, about, before compression
_NAMES_FROM = code(ALIAS, 0)
_CODE = (1 << SHIFT) - 1
_FIRST_CODE = ord("0")  # a code is written as a character, none of which JSON escapes
_SHORTEST, _LONGEST = 3, 32  # characters of words that near matches are looked for among


def index_files(records: Sequence[Record]) -> Mapping[SitePath, str]:
    """Return the files of the index of some records, and the one that names them."""
    parts = passages(records)
    postings = sorted(build_postings(records, parts).items(), key=_as_browsers_compare)
    files = {f"notes/{number}.json": _json(_fragment(records[part.record], part)) for number, part in enumerate(parts)}
    words = _words(postings)
    files |= {f"words/{ord(first):x}.json": _json(near) for first, near in words.items()}
    starts = []
    for number, (start, shard) in enumerate(_shards(postings)):
        starts.append(start)
        files[f"terms/{number}.json"] = _json(shard)
    files["names.json"] = _json(
        {
            "version": _VERSION,
            "notes": len(records),
            "more": [part.record for part in parts[len(records) :]],
            "shards": " ".join(starts),
            "words": "".join(words),
            "names": _shard(_only_names(postings)),
        }
    )
    version = _version(files)
    settings = {"lang": ["en"], "separator": r"[\s\-]+", "pipeline": [], "fields": {}, "index": version}
    named = {SitePath(f"{FOLDER}{version}/{name}"): text for name, text in files.items()}
    return {**named, SETTINGS: _json({"config": settings, "docs": []})}


def _as_browsers_compare(item: tuple[str, Postings]) -> bytes:
    return item[0].encode("utf-16-be", errors="surrogatepass")


def _fragment(record: Record, part: Passage) -> object:
    sections = [[quote_anchor(each.anchor), each.heading, each.text] for each in part.sections]
    return [quote_path(record.path), record.title, record.aliases, record.tags, sections]


def _shards(postings: Iterable[tuple[str, Postings]]) -> Iterator[tuple[str, object]]:
    """Yield the first term of each shard, and the shard."""
    held: list[tuple[str, Postings]] = []
    size = 0
    for term, posting in postings:
        held.append((term, posting))
        size += len(term) + 4 * len(posting) + 3
        if size >= _SHARD:
            yield held[0][0], _shard(held)
            held, size = [], 0
    if held:
        yield held[0][0], _shard(held)


def _shard(postings: Sequence[tuple[str, Postings]]) -> Mapping[str, object]:
    """Return terms with their postings: how many each has, the steps from one passage to the next, the codes."""
    steps: list[int] = []
    for _, posting in postings:
        passages = [place >> SHIFT for place in posting]
        steps.append(passages[0])
        steps += map(sub, passages[1:], passages)
    return {
        "terms": " ".join(term for term, _ in postings),
        "counts": [len(posting) for _, posting in postings],
        "steps": steps,
        "codes": bytes(_FIRST_CODE + (place & _CODE) for _, posting in postings for place in posting).decode("ascii"),
    }


def _only_names(postings: Iterable[tuple[str, Postings]]) -> list[tuple[str, Postings]]:
    """Return the postings in titles and aliases."""
    found = ((term, [place for place in posting if place & _CODE >= _NAMES_FROM]) for term, posting in postings)
    return [(term, array("L", named)) for term, named in found if named]


def _words(postings: Iterable[tuple[str, Postings]]) -> Mapping[str, str]:
    """Return the words that a misspelled one may have meant, by their first letter."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for term, _ in postings:
        if _SHORTEST <= len(term) <= _LONGEST and term.isalpha():
            found[term[0]].append(term)
    return {first: " ".join(words) for first, words in found.items()}


def _version(files: Mapping[str, str]) -> str:
    digest = blake2b(digest_size=6)
    for name, text in sorted(files.items()):
        digest.update(f"{name}\n{len(text)}\n{text}".encode())
    return digest.hexdigest()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
