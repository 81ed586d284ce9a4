import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_sequence

from notebook_models.training.pairs import Pairs, Rows

ROWS = st.lists(st.lists(st.integers(1, 40_000), max_size=6), min_size=1, max_size=8)


@given(ROWS)
def test_rows_come_back_as_they_were(rows: list[list[int]]) -> None:
    """Each row, its length and their number, whether they came from a list or a generator."""
    kept = Rows.of(row for row in rows)
    assert [kept[index] for index in range(len(kept))] == rows
    assert kept.lengths.tolist() == [len(row) for row in rows]


@given(ROWS, st.randoms(use_true_random=False))
def test_chosen_rows_are_padded_as_torch_does(rows: list[list[int]], draw) -> None:
    """= torch.nn.utils.rnn.pad_sequence of the chosen rows, in any order and number."""
    chosen = torch.tensor(draw.choices(range(len(rows)), k=5))
    theirs = pad_sequence([torch.tensor(rows[i], dtype=torch.long) for i in chosen], batch_first=True, padding_value=0)
    assert torch.equal(Rows.of(rows).padded(chosen, pad=0), theirs)


@given(ROWS)
def test_a_checksum_sees_tokens_and_boundaries(rows: list[list[int]]) -> None:
    """The same rows have the same checksum; another token, or the same tokens cut elsewhere, have another."""
    kept = Rows.of(rows)
    assert kept.checksum == Rows.of(rows).checksum
    assert kept.checksum != Rows.of([*rows, []]).checksum
    assert kept.checksum != Rows.of([[*rows[0], 5], *rows[1:]]).checksum


def test_sides_of_different_length_are_no_pairs() -> None:
    """Two source rows and one target row raise ValueError, which says so."""
    with pytest.raises(ValueError, match="as many target rows as the 2 source rows, got 1"):
        Pairs(Rows.of([[3], [4]]), Rows.of([[3]]))
