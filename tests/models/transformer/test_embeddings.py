import math

import pytest
import torch
from torch import nn

from notebook_models.transformer.embeddings import TiedEmbedding


def test_equals_an_embedding_times_the_root_of_the_width() -> None:
    """Equals nn.Embedding with the same matrix, times √d_model, in float64."""
    ours = TiedEmbedding(11, 6).double()
    theirs = nn.Embedding.from_pretrained(ours.weight.detach())
    tokens = torch.randint(11, (3, 5))
    torch.testing.assert_close(ours(tokens), theirs(tokens) * math.sqrt(6), atol=1e-10, rtol=0)


def test_logits_equal_a_linear_layer_with_the_same_matrix() -> None:
    """Equals nn.Linear without bias whose weight is the embedding matrix, in float64."""
    ours = TiedEmbedding(11, 6).double()
    theirs = nn.Linear(6, 11, bias=False).double()
    theirs.weight = ours.weight
    x = torch.randn(3, 5, 6, dtype=torch.float64)
    torch.testing.assert_close(ours.logits(x), theirs(x), atol=1e-10, rtol=0)


def test_the_gradient_is_the_sum_of_both_uses() -> None:
    """The one matrix gets the gradient of the look-up plus the gradient of the scores."""
    tied = TiedEmbedding(11, 6).double()
    tokens, probe = torch.randint(11, (3, 5)), torch.randn(3, 5, 11, dtype=torch.float64)
    looked_up, scored = (tied.weight.detach().clone().requires_grad_() for _ in range(2))
    x = nn.functional.embedding(tokens, looked_up) * math.sqrt(6)
    (x.tanh() @ scored.mT * probe).sum().backward()
    (tied.logits(tied(tokens).tanh()) * probe).sum().backward()
    assert len(list(tied.parameters())) == 1
    torch.testing.assert_close(tied.weight.grad, looked_up.grad + scored.grad, atol=1e-10, rtol=0)
    assert looked_up.grad.abs().max() > 0
    assert scored.grad.abs().max() > 0


def test_scaled_vectors_start_with_unit_variance() -> None:
    """At the start the scaled vectors have variance 1, as large as the positions that are added to them."""
    vectors = TiedEmbedding(2000, 64)(torch.arange(2000)[None])
    assert vectors.var().item() == pytest.approx(1.0, abs=0.02)


@pytest.mark.usefixtures("unchecked")
def test_wrong_sizes_are_refused() -> None:
    """An empty vocabulary, and tokens that are no batch of sequences, raise ValueError with expected and got."""
    with pytest.raises(ValueError, match="at least 1, got 0 and 6"):
        TiedEmbedding(0, 6)
    with pytest.raises(ValueError, match=r"\(batch, position\), got torch.int64 of \(3,\)"):
        TiedEmbedding(11, 6)(torch.tensor([1, 2, 3]))
