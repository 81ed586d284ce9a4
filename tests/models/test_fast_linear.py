"""Fast linear maps: torch's values and gradients, on every path."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models import fast_linear
from notebook_models.fast_linear import Linear, linear, packed

ONEDNN = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="torch was built without oneDNN")


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[Tensor]:
    """Let oneDNN multiply however little there is to do, and return the inputs that it gets."""
    inputs: list[Tensor] = []
    product = fast_linear._product

    def noted(x: Tensor, *arguments: Tensor | None) -> Tensor:
        inputs.append(x)
        return product(x, *arguments)

    monkeypatch.setattr(fast_linear, "_MUCH", 0)
    monkeypatch.setattr(fast_linear, "_product", noted)
    return inputs


@ONEDNN
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(5,), (7, 5), (2, 3, 5)])
def test_values_and_gradients_are_torchs(shape: tuple[int, ...], bias: bool, called: list[Tensor]) -> None:
    """Any batch, with and without bias, against nn.Linear in float64; both products of oneDNN take part."""
    ours, theirs = Linear(5, 6, bias), nn.Linear(5, 6, bias).double()
    theirs.load_state_dict({name: value.double() for name, value in ours.state_dict().items()})
    x = torch.randn(shape, requires_grad=True)
    exact = x.detach().double().requires_grad_()
    probe = torch.randn(*shape[:-1], 6)
    (ours(x) * probe).sum().backward()
    (theirs(exact) * probe).sum().backward()
    assert len(called) == 2
    torch.testing.assert_close(ours(x).double(), theirs(exact), atol=1e-5, rtol=0)
    for one, other in zip((x, *ours.parameters()), (exact, *theirs.parameters()), strict=True):
        torch.testing.assert_close(one.grad.double(), other.grad, atol=1e-5, rtol=0)


@ONEDNN
def test_a_gradient_has_a_gradient(called: list[Tensor]) -> None:
    """A penalty on the gradient has torch's gradient."""
    gradients = []
    for product in (linear, F.linear):
        torch.manual_seed(0)
        x, weight = torch.randn(4, 5, requires_grad=True), torch.randn(3, 5, requires_grad=True)
        (of_x,) = torch.autograd.grad(product(x, weight).tanh().sum(), x, create_graph=True)
        gradients.append(torch.autograd.grad(of_x.square().sum(), (x, weight)))
    torch.testing.assert_close(*gradients)
    assert called


def test_what_onednn_cannot_is_left_to_torch(called: list[Tensor]) -> None:
    """Other types, inputs under autocast, and an export; for a little work it would be slower."""
    weight = torch.randn(3, 5)
    assert linear(torch.randn(2, 5, dtype=torch.float64), weight.double()).dtype == torch.float64
    with torch.autocast("cpu", torch.bfloat16):
        assert linear(torch.randn(2, 5), weight).dtype == torch.bfloat16
    program = torch.export.export(Linear(5, 3), (torch.randn(2, 5),))
    assert "aten.linear" in program.graph_module.code
    assert not called


@ONEDNN
def test_only_much_work_is_worth_a_call_of_onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 2 ** 27 multiplications on."""
    monkeypatch.setattr(fast_linear, "_product", lambda x, weight, bias: torch.full((len(x), len(weight)), 7.0))
    weight = torch.zeros(2**9, 2**9)
    assert linear(torch.zeros(2**9, 2**9), weight).unique().tolist() == [7.0]
    assert linear(torch.zeros(2**9 - 1, 2**9), weight).unique().tolist() == [0.0]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("d_in", "d_out"), [(1, 1), (5, 31), (16, 32), (7, 33), (64, 200)])
def test_a_packed_weight_gives_the_same(d_in: int, d_out: int, rows: int, bias: bool) -> None:
    """As F.linear in float64, for outputs that fill no stripe, one and several, for one row and for more."""
    weight, added = torch.randn(d_out, d_in), torch.randn(d_out) if bias else None
    product = packed(weight, added, rows)
    for x in (torch.randn(rows, d_in), torch.randn(rows, 1, d_in)):
        expected = F.linear(x.double(), weight.double(), None if added is None else added.double())
        torch.testing.assert_close(product(x).double(), expected, atol=1e-5, rtol=0)


def test_a_packed_weight_in_float64_is_exact() -> None:
    """Where nothing is packed it is F.linear."""
    weight, x = torch.randn(3, 5, dtype=torch.float64), torch.randn(1, 5, dtype=torch.float64)
    assert torch.equal(packed(weight, None, 1)(x), F.linear(x, weight))
