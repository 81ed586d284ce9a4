"""A made-up vault whose links have a shape: python -m benchmarks.graph_vault NOTES LINKS FOLDER

Notes stand in areas, a folder each, of unequal size. Seven links of ten stay within the area, two lead to the next, one
goes anywhere; the first notes of an area, and of the vault, are linked most. The same numbers give the same vault.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from itertools import product
from pathlib import Path

_SYLLABLES = ["ba", "co", "di", "fu", "ge", "ha", "jo", "ki", "lu", "me", "no", "pa", "ri", "so", "tu", "va"]
_WORDS = ["".join(parts) for parts in product(_SYLLABLES, repeat=2)]
_SEED = 2017


def write_vault(notes: int, links: int, folder: Path) -> None:
    """Write a vault of so many notes, and so many pairs of them that a link joins."""
    draw = random.Random(_SEED)
    areas = max(3, notes // 90)
    area = sorted(int(areas * draw.random() ** 1.3) for _ in range(notes))
    names = [f"{' '.join(draw.choices(_WORDS, k=2)).title()} {number}" for number in range(notes)]
    targets = _links(draw, area, links)
    for number, name in enumerate(names):
        path = folder / f"Area {area[number]}" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        linked = " ".join(f"It goes with [[{names[target]}]]." for target in targets[number])
        path.write_text(f"---\ntags: [topic-{area[number] % 7}]\n---\nThis is about {name.lower()}. {linked}\n")


def _links(draw: random.Random, area: list[int], links: int) -> dict[int, list[int]]:
    members: defaultdict[int, list[int]] = defaultdict(list)
    for number, each in enumerate(area):
        members[each].append(number)
    pairs: dict[tuple[int, int], None] = {}
    while len(pairs) < links:
        source = draw.randrange(len(area))
        target = _target(draw, members, area[source], len(area))
        if source != target and (target, source) not in pairs:
            pairs[source, target] = None
    found: defaultdict[int, list[int]] = defaultdict(list)
    for source, target in pairs:
        found[source].append(target)
    return found


def _target(draw: random.Random, members: dict[int, list[int]], area: int, notes: int) -> int:
    chance = draw.random()
    if chance > 0.9:
        return int(notes * draw.random() ** 3)
    near = members.get(area + 1) if chance > 0.7 else None
    own = near or members[area]
    return own[int(len(own) * draw.random() ** 2)]


if __name__ == "__main__":
    write_vault(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
