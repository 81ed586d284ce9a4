import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from notebook_models.attention.masks import causal_mask, combine, padding_mask

masks = st.sampled_from([(4, 5), (1, 5), (4, 1), (3, 1, 5), (3, 4, 5)]).map(lambda shape: torch.rand(shape) < 0.5)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_a_causal_mask_allows_a_position_and_those_before_it(n: int) -> None:
    """Row i of the mask is True at columns 0 to i, the diagonal included, and False after it."""
    assert causal_mask(n).tolist() == [[j <= i for j in range(n)] for i in range(n)]


def test_a_causal_mask_of_a_prefix_is_the_corner_of_the_whole() -> None:
    """The mask of the first n positions does not change when more positions follow."""
    whole = causal_mask(9)
    for n in range(1, 10):
        assert torch.equal(causal_mask(n), whole[:n, :n])


def test_a_causal_mask_is_made_where_it_is_asked_for() -> None:
    """The mask is on the device that it is given."""
    assert causal_mask(3, torch.device("meta")).device.type == "meta"


def test_a_padding_mask_allows_every_token_to_every_query() -> None:
    """The mask is True at the columns that are not padding, in one row that all queries share."""
    tokens = torch.tensor([[5, 3, 0, 0], [2, 0, 7, 1]])
    expected = [[[True, True, False, False]], [[True, False, True, True]]]
    assert padding_mask(tokens, pad=0).tolist() == expected


@settings(max_examples=25, deadline=None)
@given(a=masks, b=masks, c=masks)
def test_combining_is_a_logical_and(a: Tensor, b: Tensor, c: Tensor) -> None:
    """Combining masks allows what all allow: in any order, in any grouping, and no less when one is repeated."""
    both = combine(a, b)
    assert both is not None
    assert torch.equal(both, torch.logical_and(a, b))
    assert torch.equal(both, combine(b, a, None, b))
    assert torch.equal(combine(both, c), combine(a, combine(b, c)))


def test_no_mask_at_all_allows_everything() -> None:
    """None stands for no restriction: it combines to None with itself, and to the other mask with a mask."""
    mask = causal_mask(3)
    assert combine() is None
    assert combine(None, None) is None
    assert torch.equal(combine(None, mask, None), mask)


@pytest.mark.parametrize("n", [0, -1])
def test_an_empty_causal_mask_is_refused(n: int) -> None:
    """A mask over no position raises ValueError, with the number."""
    with pytest.raises(ValueError, match=f"at least one position, got {n}"):
        causal_mask(n)


@pytest.mark.usefixtures("unchecked")
def test_masks_that_do_not_fit_are_refused() -> None:
    """Masks that do not broadcast together raise ValueError, with both shapes."""
    with pytest.raises(ValueError, match=r"got \(3, 3\) and \(2, 1, 4\)"):
        combine(causal_mask(3), torch.ones(2, 1, 4, dtype=torch.bool))
