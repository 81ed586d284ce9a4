"""Made-up notes with words as unequal as those of a language: python -m benchmarks.zipf_vault COUNT FOLDER

Words follow Zipf and Mandelbrot (rank + 2.7 to the power of -1.05) over 120,000 made-up ones, so that the vocabulary
grows with the notes as Heaps found it to. A note has a title, sections, links, tags, code and formulas. The same COUNT
gives the same notes.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

_VOCABULARY = 120_000
_ONSETS = ("", *"bcdfghjklmnprstv", "st", "tr", "pl", "sh")
_SYLLABLES = [onset + vowel + coda for onset in _ONSETS for vowel in "aeiou" for coda in ("", "", "n", "r", "s", "l")]
_FIRST = (
    *("the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "as", "with", "on", "be", "at", "by", "this"),
    *("transformer", "attention", "encoder", "decoder", "layer", "model", "query", "key", "value", "softmax"),
)


class Language:
    """Made-up words, the most frequent first."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words = list(dict.fromkeys((*_FIRST, *self._made_up())))
        self.weights = list(accumulate((rank + 2.7) ** -1.05 for rank in range(len(self.words))))

    def _made_up(self) -> Iterator[str]:
        for rank in range(_VOCABULARY):
            count = 1 + (rank > 60) + (rank > 2_000) + (self.random.random() < 0.4)
            yield "".join(self.random.choice(_SYLLABLES) for _ in range(count))

    def word(self) -> str:
        return self.words[bisect(self.weights, self.random.random() * self.weights[-1])]

    def telling(self) -> str:
        """Return a word as titles have them: none of the most frequent."""
        return self.words[40 + int(self.random.paretovariate(0.55)) % 30_000]

    def sentence(self) -> str:
        words = [self.word() for _ in range(self.random.randint(6, 24))]
        return f"{' '.join(words).capitalize()}."


def write_vault(count: int, folder: Path) -> None:
    """Write notes, a hundred to a folder."""
    language = Language(count)
    titles = [_title(language, number) for number in range(count)]
    for number, title in enumerate(titles):
        path = folder / f"Area {number // 100}" / f"{title}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_note(language, titles), encoding="utf-8")


def _title(language: Language, number: int) -> str:
    words = " ".join(language.telling() for _ in range(language.random.randint(1, 4))).title()
    return f"{words} {number}" if language.random.random() < 0.5 else f"{words} {language.telling()}{number}"


def _note(language: Language, titles: list[str]) -> str:
    chance = language.random
    lines = [f"---\naliases: [{language.telling()} {language.telling()}]\ntags: [{language.telling()}]\n---"]
    for section in range(chance.randint(1, 7)):
        if section:
            lines.append(f"## {language.telling().capitalize()} {language.telling()}")
        for _ in range(chance.randint(1, 4)):
            sentences = " ".join(language.sentence() for _ in range(chance.randint(2, 6)))
            lines.append(f"{sentences} See [[{chance.choice(titles)}]] and ${language.telling()}_{{k}}$.")
        if chance.random() < 0.2:
            lines.append(
                f"```python\n{language.word()}_{language.word()} = nn.{language.telling().title()}(d_model)\n```"
            )
    return "\n\n".join(lines) + "\n"


if __name__ == "__main__":
    write_vault(int(sys.argv[1]), Path(sys.argv[2]))
