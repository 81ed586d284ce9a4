# %% [markdown]
# # Conditional computation
# Many experts, and a gate that chooses $k$ of them for each token:
#
# $$y = \sum_i G(x)_i\, E_i(x), \qquad G(x) = \mathrm{softmax}\bigl(\mathrm{KeepTop}_k(H(x))\bigr)$$
#
# What has weight 0 need not be computed. But who sees to it that all experts get work?

# %% the-task
import torch
from torch import nn

from notebook_models.plotting import heat_map, line_plot
from notebook_models.recurrent.sparse_experts import SparseExperts, imbalance

D, EXPERTS, K = 8, 8, 2
torch.manual_seed(0)
turn = torch.linalg.qr(torch.randn(D, D))[0]
x = torch.randn(256, D) + 1


def expert() -> nn.Module:
    return nn.Sequential(nn.Linear(D, 16), nn.ReLU(), nn.Linear(16, D))


# %% [markdown]
# Eight small experts learn to turn vectors by an angle, two experts for each vector. The vectors lie on one side of
# the origin, so that what the gate prefers at first, it prefers for most of them. The second training has a term more
# in its loss: the squared coefficient of variation of the experts' shares, which is 0 when all have as much.

# %% training
def trained(balance: float, steps: int = 120) -> tuple[SparseExperts, list[float]]:
    """Return a mixture, and at each step the share of its busiest expert, as a multiple of an even one."""
    torch.manual_seed(1)
    mixture, busiest = SparseExperts(D, EXPERTS, K, expert), []
    optimizer = torch.optim.Adam(mixture.parameters(), lr=1e-2)
    for _ in range(steps):
        mixed = mixture(x)
        loss = (mixed.output - x @ turn).square().mean() + balance * imbalance(mixed.gates)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        busiest.append(EXPERTS * mixed.gates.detach().mean(dim=0).max().item())
    return mixture.eval(), busiest


runs = {"noise alone": trained(0.0), "with the balance term": trained(0.1)}

# %% busiest
line_plot(
    {name: busiest for name, (_, busiest) in runs.items()},
    x=list(range(1, 121)),
    x_label="step of the training",
    y_label="share of the busiest expert; an even share is 1",
    title="Who is chosen often learns more, and is chosen more often",
    alt="The share of the busiest of eight experts over 120 steps. With noise alone it rises to nearly all, eight "
    "times an even share; with the balance term it falls to a little above one.",
)

# %% loads
with torch.no_grad():
    mixed = {name: mixture(x) for name, (mixture, _) in runs.items()}
loads = torch.stack([each.gates.mean(dim=0) for each in mixed.values()])
heat_map(
    loads,
    rows=list(runs),
    columns=[str(i + 1) for i in range(EXPERTS)],
    title="The share of all work that each expert has; an eighth would be even",
    alt="Shares of eight experts in two rows. With noise alone one expert has nearly all of the work, and others have "
    "none. With the balance term the largest share is little more than an eighth.",
    column_label="expert",
)

# %% [markdown]
# For this small task one expert is enough, and the error is no worse. But eight were paid for, and what one can hold is
# all that is known. With a task that is too large for one, the same happens, and costs.
#
# ## A choice for each vector
# Each row has two experts with a weight above 0. All others are not computed for it.

# %% choices
heat_map(
    mixed["with the balance term"].gates[:12],
    rows=[f"vector {i + 1}" for i in range(12)],
    columns=[str(i + 1) for i in range(EXPERTS)],
    title="Two of eight experts for each vector",
    alt="Twelve vectors by eight experts. Each row has two weights that sum to one, and six zeros.",
    column_label="expert",
)

# %% load
load = {name: EXPERTS * share.max().item() for name, share in zip(runs, loads, strict=True)}
errors = {name: (each.output - x @ turn).square().mean().item() for name, each in mixed.items()}
{name: f"busiest {load[name]:.1f} times an even share, error {errors[name]:.3f}" for name in runs}

# %% [markdown]
# ## Try next
# - Make the balance term ten times as large. Does the error pay for it?
# - Move the vectors further from the origin, by 3 in place of 1. Does the term still keep the load even?
# - Set `K` to 1 and train. Why does the gate learn nothing?
