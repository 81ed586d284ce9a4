"""Word-by-word translation: the best that a dictionary can do. Knows nothing of the grammar."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from notebook_models.text.grammar import Pair


class Dictionary:
    """Gives each English word the Spanish word that it most often stands for, and leaves out a word that has none."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for pair in pairs:
            links = {source: at for at, source in enumerate(pair.sources) if source is not None}
            for at, word in enumerate(pair.english):
                counts[word][pair.spanish[links[at]] if at in links else ""] += 1
        self.entries = {word: max(sorted(found), key=found.__getitem__) for word, found in counts.items()}

    def translate(self, english: Sequence[str]) -> tuple[str, ...]:
        """Return the entries of the words, in their order; raises ValueError at a word that has none."""
        unknown = [word for word in english if word not in self.entries]
        if unknown:
            msg = f'expected words of the dictionary, got "{unknown[0]}"'
            raise ValueError(msg)
        return tuple(filter(None, (self.entries[word] for word in english)))


def in_english_order(pair: Pair) -> tuple[str, ...]:
    """Return the right Spanish word for each English one, in the English order.

    No word-by-word translation does better, whatever its choice of forms: it cannot move a word, nor write one that
    comes from none.
    """
    linked = [(source, word) for source, word in zip(pair.sources, pair.spanish, strict=True) if source is not None]
    return tuple(word for _, word in sorted(linked))
