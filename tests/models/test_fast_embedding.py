"""A matrix that is looked up and used again: torch's values and gradients, to the bit."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from notebook_models.fast_embedding import look_up


def plain(matrix: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
    return F.embedding(tokens, matrix), matrix


@settings(deadline=None)
@given(tokens=st.lists(st.integers(0, 8), min_size=1, max_size=30), seed=st.integers(0, 99))
def test_the_gradient_is_torchs_to_the_bit(tokens: list[int], seed: int) -> None:
    """Rows that are looked up once, often or never; the other use is a product, as that of the logits."""
    gradients = []
    for way in (look_up, plain):
        torch.manual_seed(seed)
        matrix = torch.randn(9, 7, requires_grad=True)
        rows, again = way(matrix, torch.tensor(tokens))
        scores = F.linear((rows * 2).tanh(), again)
        (scores * torch.randn_like(scores)).sum().backward()
        gradients.append(matrix.grad)
    assert torch.equal(*gradients)
    assert gradients[0].abs().max() > 0


@pytest.mark.parametrize("use", [lambda rows, again: rows.sum(), lambda rows, again: again.sum() + 0 * rows.sum()])
def test_one_use_alone_has_its_gradient(use) -> None:
    """Only the rows, or the matrix with a gradient whose elements are all one place in memory."""
    gradients = []
    for way in (look_up, plain):
        matrix = torch.ones(5, 3, requires_grad=True)
        use(*way(matrix, torch.tensor([1, 4, 1]))).backward()
        gradients.append(matrix.grad)
    assert torch.equal(*gradients)


def test_the_gradient_has_a_gradient() -> None:
    """What is added into the first derivative is derived as well."""
    torch.manual_seed(0)
    tokens = torch.tensor([2, 0, 2])

    def loss(matrix: Tensor) -> Tensor:
        rows, again = look_up(matrix, tokens)
        return F.linear(rows.tanh(), again).square().sum()

    matrix = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(loss, matrix)
    assert torch.autograd.gradgradcheck(loss, matrix)


def test_without_gradients_it_is_the_matrix_itself() -> None:
    """Nothing is wrapped where nothing is learned."""
    matrix = torch.randn(4, 3)
    rows, again = look_up(matrix, torch.tensor([3, 1]))
    assert again is matrix
    assert torch.equal(rows, matrix[[3, 1]])
