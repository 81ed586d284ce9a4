from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from notebook_models.transformer.residual import Residual


def through(residual: Residual, sublayer: nn.Module, x: torch.Tensor) -> torch.Tensor:
    return residual.add(x, sublayer(residual.read(x)))


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_is_the_formula(norm: str) -> None:
    """Equals LayerNorm(x + f(x)) for "post" and x + f(LayerNorm(x)) for "pre", in float64."""
    residual, sublayer = Residual(6, norm=norm).double(), nn.Linear(6, 6).double()
    nn.init.normal_(residual.norm.weight)
    x = torch.randn(2, 3, 6, dtype=torch.float64)
    layer_norm = residual.norm
    expected = layer_norm(x + sublayer(x)) if norm == "post" else x + sublayer(layer_norm(x))
    torch.testing.assert_close(through(residual, sublayer, x), expected, atol=1e-10, rtol=0)


def test_a_sublayer_of_zeros_changes_nothing() -> None:
    """Around a sub-layer whose weights are zero, "pre" is the identity and "post" only normalizes."""
    silent, x = nn.Linear(6, 6), torch.randn(2, 3, 6)
    for parameter in silent.parameters():
        nn.init.zeros_(parameter)
    assert torch.equal(through(Residual(6, norm="pre"), silent, x), x)
    torch.testing.assert_close(through(Residual(6), silent, x), nn.functional.layer_norm(x, (6,)))


def test_deep_gradients_reach_the_input_only_through_the_connection(
    record_property: Callable[[str, object], None],
) -> None:
    """Below 24 linear sub-layers the input's gradient keeps its size with the connection and vanishes without."""
    layers, x = nn.ModuleList(nn.Linear(32, 32) for _ in range(24)), torch.randn(1, 4, 32)

    def gradient(connected: bool) -> float:
        start = h = x.clone().requires_grad_()
        for layer in layers:
            change = layer(torch.relu(h))
            h = h + change if connected else change
        (h * torch.randn_like(h)).sum().backward()
        return start.grad.norm().item()

    kept, lost = gradient(True), gradient(False)
    record_property("gradient after 24 layers, with and without", f"{kept:.2g}, {lost:.2g}")
    assert kept > 1
    assert lost < 1e-6


def test_dropout_falls_on_the_change_and_never_on_the_input() -> None:
    """With dropout 1 the change is gone and x remains; in eval mode the change is whole again."""
    residual, x, change = Residual(6, dropout=1.0, norm="pre"), torch.randn(2, 3, 6), torch.randn(2, 3, 6)
    assert torch.equal(residual.add(x, change), x)
    assert torch.equal(residual.eval().add(x, change), x + change)


@pytest.mark.usefixtures("unchecked")
def test_an_unknown_order_is_refused() -> None:
    """A norm that is neither "post" nor "pre" raises ValueError and is named."""
    with pytest.raises(ValueError, match="'post' or 'pre', got 'middle'"):
        Residual(6, norm="middle")


def test_the_notebook_trains_24_layers_with_the_connection_alone(
    run_notebook: Callable[[str], dict[str, Any]], record_property: Callable[[str, object], None]
) -> None:
    """After 120 steps, 24 layers have learned with the connection, and have learned nothing without."""
    with_connection, without = (history[-1] for history in run_notebook("transformer/residual")["learned"].values())
    record_property("error of 24 layers, with and without", f"{with_connection:.2f}, {without:.2f}")
    assert with_connection < 0.6
    assert without > 0.9
