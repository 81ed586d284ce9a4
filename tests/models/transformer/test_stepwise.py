import pytest
import torch

from notebook_models.transformer.stepwise import Encode, Step
from notebook_models.transformer.transformer import Transformer


@pytest.fixture
def model() -> Transformer:
    return Transformer(11, 11, d_model=16, n_heads=2, n_layers=3, d_ff=8, dropout=0.1).double().eval()


def test_step_by_step_is_the_whole_model(model: Transformer) -> None:
    """Token by token over a growing cache, probabilities and all attention equal those of one call of the model."""
    source, target = torch.randint(1, 11, (1, 5)), torch.randint(1, 11, (1, 4))
    encoded = model.encode(source, need_weights=True)
    whole = model.decode(target, encoded, need_weights=True)
    memory, read = Encode(model)(source)
    torch.testing.assert_close(read, torch.cat(encoded.weights))
    cache = torch.zeros(3, 2, 2, 0, 8, dtype=torch.float64)
    for at in range(4):
        probabilities, cache, by_self, by_cross = Step(model)(target[:, at : at + 1], memory, cache)
        torch.testing.assert_close(probabilities, model.logits(whole.output[0, at]).softmax(-1))
        torch.testing.assert_close(by_self, torch.cat(whole.self_weights)[:, :, at, : at + 1])
        torch.testing.assert_close(by_cross, torch.cat(whole.cross_weights)[:, :, at])
    assert cache.shape == (3, 2, 2, 4, 8)


def test_one_source_at_a_time(model: Transformer, unchecked: None) -> None:
    """Two sources at once cannot be told apart in what is kept, and are refused."""
    with pytest.raises(ValueError, match="expected one source, got 2"):
        Encode(model)(torch.randint(1, 11, (2, 5)))
