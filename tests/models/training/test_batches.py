import random
from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_models.training.batches import Batch, TokenBuckets
from notebook_models.training.pairs import Pairs

PAD, BOS, EOS = range(3)
Pair = tuple[list[int], list[int]]


def drawn(count: int, seed: int = 0) -> list[Pair]:
    """Return pairs as translations are: a target of about the source's length."""
    generator = random.Random(seed)

    def row(length: int) -> list[int]:
        return [generator.randrange(3, 30_000) for _ in range(length)]

    lengths = [max(1, int(generator.lognormvariate(2.5, 0.6))) for _ in range(count)]
    return [(row(length), row(max(1, length + generator.randint(-2, 3)))) for length in lengths]


def buckets(pairs: list[Pair], **options: Any) -> TokenBuckets:
    return TokenBuckets(Pairs.of(pairs), **{"bos": BOS, "eos": EOS, "tokens": 300} | options)


def pairs_of(batch: Batch) -> list[Pair]:
    """Return the pairs of a batch, after checking where its special tokens stand."""
    found = []
    for source, target in zip(batch.source.tolist(), batch.target.tolist(), strict=True):
        source, target = ([token for token in row if token != PAD] for row in (source, target))
        assert source[-1] == EOS
        assert [target[0], target[-1]] == [BOS, EOS]
        found.append((source[:-1], target[1:-1]))
    return found


def filled(batches: list[Batch]) -> float:
    """Return the share of all positions that hold a token."""
    sides = [side for batch in batches for side in (batch.source, batch.target[:, 1:])]
    return sum(int((side != PAD).sum()) for side in sides) / sum(side.numel() for side in sides)


def cut(pairs: list[Pair], tokens: int) -> list[list[Pair]]:
    """Return the pairs in their order, as many at a time as stay within `tokens` positions a side."""
    batches: list[list[Pair]] = [[]]
    for pair in pairs:
        longest = max(len(row) for each in [*batches[-1], pair] for row in each) + 1
        if (len(batches[-1]) + 1) * longest > tokens:
            batches.append([])
        batches[-1].append(pair)
    return batches


def until_seen(batches: TokenBuckets, count: int) -> list[Pair]:
    seen: list[Pair] = []
    while len(seen) < count:
        seen += pairs_of(next(batches))
    return seen


def counted(pairs: list[Pair]) -> Counter[str]:
    return Counter(map(str, pairs))


def equal(left: Batch, right: Batch) -> bool:
    return torch.equal(left.source, right.source) and torch.equal(left.target, right.target)


@pytest.mark.verifies("Batching by Length#^every-pair-once")
@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(0, 99), st.integers(120, 2000))
def test_every_epoch_has_every_pair_once(count: int, seed: int, tokens: int) -> None:
    """Two epochs hold each pair twice, the first one once, whatever the number of pairs and the size of a batch."""
    pairs = drawn(count, seed)
    batches = buckets(pairs, seed=seed, tokens=tokens)
    for _ in range(2):
        assert counted(until_seen(batches, count)) == counted(pairs)


def test_no_batch_is_larger_than_allowed_and_most_are_nearly_full() -> None:
    """Padding included, no side exceeds the tokens asked for; on average nine in ten positions hold a token."""
    batches = list(islice(buckets(drawn(5000), tokens=3000), 50))
    for batch in batches:
        assert batch.source.numel() <= 3000
        assert batch.target[:, 1:].numel() <= 3000
    places = sum(batch.source.numel() + batch.target[:, 1:].numel() for batch in batches)
    assert places > 0.85 * 2 * 3000 * len(batches)
    assert filled(batches) > 0.9


@pytest.mark.verifies("Batching by Length#^filled")
def test_sorting_by_length_saves_padding(record_property: Callable[[str, object], None]) -> None:
    """Of all positions, more than nine in ten hold a token; of the same pairs as they come, fewer than four in ten."""
    pairs = drawn(5000)
    batches, seen = buckets(pairs, tokens=3000), 0
    by_length = []
    while seen < len(pairs):
        by_length.append(next(batches))
        seen += len(by_length[-1].source)
    as_they_come = [buckets(rows, tokens=100_000) for rows in cut(pairs, tokens=3000)]
    shares = {"by length": filled(by_length), "as they come": filled(list(map(next, as_they_come)))}
    for name, share in shares.items():
        record_property(f"positions that hold a token, {name}", f"{share:.0%}")
    assert shares["by length"] > 0.9
    assert 0.2 < shares["as they come"] < 0.4


@pytest.mark.verifies("Batching by Length#^not-sorted")
def test_batches_do_not_come_sorted() -> None:
    """Neighbouring batches are of different lengths, and the second epoch has another order."""
    batches = buckets(drawn(2000))
    first = [batch.target.shape[1] for batch in islice(batches, 40)]
    assert first not in (sorted(first), sorted(first, reverse=True))
    assert len(set(first)) > 10
    again = buckets(drawn(2000))
    epochs = [[str(pair) for pair in until_seen(again, 2000)] for _ in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1])
    assert epochs[0] != epochs[1]


def test_the_order_depends_on_the_seed_alone() -> None:
    """The same seed gives the same batches, whatever torch has drawn before; another seed gives others."""
    pairs = drawn(300)
    ours = list(islice(buckets(pairs, seed=5), 20))
    torch.rand(3)
    assert all(map(equal, ours, islice(buckets(pairs, seed=5), 20)))
    assert not all(map(equal, ours, islice(buckets(pairs, seed=6), 20)))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(0, 30), st.integers(1, 3))
def test_a_place_is_found_again(count: int, before: int, ranks: int) -> None:
    """After load_state_dict come the batches that would have come, within an epoch and past its end."""
    pairs = drawn(count)
    batches, others = (buckets(pairs, rank=ranks - 1, ranks=ranks) for _ in range(2))
    for _ in range(before):
        next(batches)
    others.load_state_dict(batches.state_dict())
    assert all(equal(next(batches), next(others)) for _ in range(10))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 5))
def test_ranks_share_the_stream(count: int, ranks: int) -> None:
    """In every step the batches of all ranks are the next ones of a single process, even where an epoch ends."""
    pairs = drawn(count)
    alone = buckets(pairs)
    shared = [buckets(pairs, rank=rank, ranks=ranks) for rank in range(ranks)]
    for _ in range(12):
        assert all(equal(next(batches), next(alone)) for batches in shared)
    assert all(batches.state_dict() == alone.state_dict() for batches in shared)


def test_pairs_that_cannot_be_learned_are_left_out_and_counted() -> None:
    """An empty side, and a side longer than allowed with its end token, on either side."""
    fits = ([5] * 9, [6] * 9)
    pairs = [fits, ([], [3]), ([3], []), ([3] * 10, [3]), ([3], [3] * 10)]
    for limit in ({"max_length": 10}, {"tokens": 10}):
        batches = buckets(pairs, **limit)
        assert (batches.dropped.empty, batches.dropped.long) == (2, 2)
        assert pairs_of(next(batches)) == [fits]


@pytest.mark.parametrize(
    ("pairs", "options", "message"),
    [
        ([([], [3]), ([3] * 500, [3])], {}, "got 2, of which 1 have an empty side and 1 are longer than 299 tokens"),
        ([([3], [PAD])], {}, "token 0 stands for padding"),
        ([([3], [3])], {"rank": 2, "ranks": 2}, "expected a rank from 0 to 1, got 2"),
        ([([3], [3])], {"tokens": 1}, "tokens=1"),
    ],
)
def test_what_cannot_be_batched_is_refused(pairs: list[Pair], options: dict[str, int], message: str) -> None:
    """ValueError names what is wrong: no pair left, padding inside a pair, a rank or a size that cannot be."""
    with pytest.raises(ValueError, match=message):
        buckets(pairs, **options)


@pytest.mark.parametrize("other", [{"seed": 1}, {"tokens": 200}, {"pairs": drawn(50, seed=9)}])
def test_a_place_in_other_batches_is_refused(other: dict[str, Any]) -> None:
    """Another seed, another size or other pairs raise ValueError: their place would mean nothing here."""
    others = buckets(**{"pairs": drawn(50)} | other)
    with pytest.raises(ValueError, match="place in other batches"):
        others.load_state_dict(buckets(drawn(50)).state_dict())
