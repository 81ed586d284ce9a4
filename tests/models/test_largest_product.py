"""The row with the largest product, found roughly at first: always the one that float64 finds."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from notebook_models.fast_linear import has_fbgemm
from notebook_models.largest_product import LargestProduct

pytestmark = pytest.mark.skipif(not has_fbgemm(torch.zeros(1, 1)), reason="torch was built without FBGEMM")

KINDS = {
    "like a trained one": lambda rows, width: torch.randn(rows, width) / width**0.5,
    "one row far out": lambda rows, width: torch.randn(rows, width).index_fill_(0, torch.tensor([rows // 2]), 1e4),
    "tiny numbers": lambda rows, width: torch.randn(rows, width) * 1e-9,
    "no two numbers of a size": lambda rows, width: torch.randn(rows, width) * 10 ** (6 * torch.rand(rows, 1) - 3),
    "all alike but for little": lambda rows, width: 1 + torch.randn(rows, width) * 1e-3,
}


@settings(deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(sorted(KINDS)), rows=st.integers(1, 1500), width=st.integers(1, 70), seed=st.integers(0, 9999)
)
def test_it_is_the_row_that_float64_finds(kind: str, rows: int, width: int, seed: int) -> None:
    """For any matrix and vector, up to what float32 cannot tell apart."""
    torch.manual_seed(seed)
    weight, x = KINDS[kind](rows, width), torch.randn(width)
    found = LargestProduct(weight)(x)
    exact = weight.double() @ x.double()
    size = weight.double().abs() @ x.double().abs()
    assert exact[found] >= exact.max() - 1e-6 * size.max()


def test_few_rows_are_read_whole() -> None:
    """Of 20,000 rows as of a model, some dozens are looked at twice."""
    torch.manual_seed(0)
    largest = LargestProduct(torch.randn(20_000, 64) / 8)
    counts = [len(largest.possible(torch.randn(64))) for _ in range(20)]
    assert max(counts) < 200


def test_the_first_of_equals() -> None:
    """As argmax has it, where all rows are equal and where two are."""
    assert LargestProduct(torch.ones(300, 4))(torch.ones(4)) == 0
    weight = torch.randn(3000, 16)
    weight[[1234, 2345]] = weight.abs().max(dim=0).values
    assert LargestProduct(weight)(torch.ones(16)) == 1234


def test_what_is_no_number_is_found_as_argmax_finds_it() -> None:
    """A row of infinities, and one that is not a number, which argmax takes for the largest."""
    for odd in (torch.inf, torch.nan):
        weight = torch.randn(500, 8)
        weight[321] = odd
        assert LargestProduct(weight)(torch.ones(8)) == 321
