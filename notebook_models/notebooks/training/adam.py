# %% [markdown]
# # Adam
# Gradient descent gives all weights one rate. Adam gives each weight a step of its own: its mean gradient, divided by
# how large its gradients usually are.
#
# $$\theta \leftarrow \theta - \alpha\,\frac{\hat m}{\sqrt{\hat v} + \varepsilon}$$
#
# The size of a gradient cancels out. What is left is its sign, and how much the gradients of late agree.

# %% first-step
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.plotting import line_plot
from notebook_models.training.adam import Adam
from notebook_models.transformer.encoder import Encoder
from notebook_models.transformer.positional_encoding import SinusoidalPositions

weights = nn.Parameter(torch.zeros(4))
weights.grad = torch.tensor([1000.0, 1.0, -0.001, 0.0])
Adam([weights], lr=0.01).step()
weights.data

# %% [markdown]
# The first step is $\pm\alpha$ for every weight that has a gradient at all.
#
# ## Gradients of many sizes
# Where does it matter? In a Transformer. Here is a small one, an encoder of two layers that is to read eight tokens
# backwards, and the size of its gradients before the first step, in thousandths:

# %% sizes
N_TOKENS, LENGTH, D_MODEL = 12, 8, 32


class Backwards(nn.Module):
    """An encoder that is asked for its input in the other direction."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.Embedding(N_TOKENS, D_MODEL), SinusoidalPositions(D_MODEL, LENGTH))
        self.encoder = Encoder(D_MODEL, n_heads=4, n_layers=2, d_ff=64, dropout=0.0)
        self.logits = nn.Linear(D_MODEL, N_TOKENS)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.logits(self.encoder(self.embed(tokens)).output)


def loss_on_new(model: nn.Module) -> Tensor:
    tokens = torch.randint(N_TOKENS, (32, LENGTH))
    return F.cross_entropy(model(tokens).mT, tokens.flip(1))


torch.manual_seed(0)
model = Backwards()
loss_on_new(model).backward()
layer = model.encoder.layers[0]
parts = {
    "logits": model.logits,
    "feed-forward, output": layer.feed_forward.output,
    "feed-forward, hidden": layer.feed_forward.hidden,
    "values": layer.attention.value,
    "embeddings": model.embed[0],
    "queries": layer.attention.query,
}
sizes = {name: 1000 * part.weight.grad.square().mean().sqrt().item() for name, part in parts.items()}
{name: round(size, 2) for name, size in sizes.items()}

# %% [markdown]
# A step long enough for the queries is too long for the logits. Below, gradient descent with momentum and Adam, each at
# three rates, all with thirty steps of warm-up: the loss at the end, and then on the way, at the best of the three.


# %% training
def train(optimizer: type[torch.optim.Optimizer], lr: float, **options: float) -> list[float]:
    torch.manual_seed(0)
    model, losses = Backwards(), []
    chosen = optimizer(model.parameters(), lr=lr, **options)
    for step in range(1, 121):
        chosen.param_groups[0]["lr"] = lr * min(1, step / 30)
        loss = loss_on_new(model)
        chosen.zero_grad()
        loss.backward()
        chosen.step()
        losses.append(loss.item())
    return losses


descents = {lr: train(torch.optim.SGD, lr, momentum=0.9) for lr in (0.1, 0.2, 0.4)}
adams = {lr: train(Adam, lr) for lr in (0.004, 0.008, 0.016)}
final = {
    name: {lr: sum(losses[-10:]) / 10 for lr, losses in runs.items()}
    for name, runs in {"gradient descent": descents, "Adam": adams}.items()
}
{name: {lr: round(loss, 2) for lr, loss in losses.items()} for name, losses in final.items()}

# %% curves
best_descent, best_adam = (min(losses, key=losses.__getitem__) for losses in final.values())
line_plot(
    {f"gradient descent, {best_descent}": descents[best_descent], f"Adam, {best_adam}": adams[best_adam]},
    x=list(range(1, 121)),
    x_label="step",
    y_label="loss",
    title="The same encoder, each at its best rate: Adam is there first",
    alt="Loss over 120 steps. Adam's falls to nearly zero within some 80 steps; that of gradient descent falls later "
    "and unevenly, and ends higher.",
)

# %% [markdown]
# ## The beginning, taken out
# Both means begin at zero, and at first stand too low. They are divided by $1 - \beta^t$, which makes up for it.
# Without that, equal gradients would give steps of unequal length, and the more so the longer the memory of $v$.

# %% correction
steps = list(range(1, 101))
uncorrected = {
    f"not corrected, β₂ = {beta}": [(1 - 0.9**t) / (1 - beta**t) ** 0.5 for t in steps] for beta in (0.98, 0.999)
}
line_plot(
    {"Adam": [1.0] * len(steps), **uncorrected},
    x=steps,
    x_label="step",
    y_label="length of the step, divided by the rate",
    title="Equal gradients, equal steps: because the means are corrected",
    alt="Length of the first 100 steps for a constant gradient. Adam's is one throughout. Without correction it begins "
    "at 0.7 and passes 1.2 with the paper's 0.98, and begins at 3.2 and passes 6 with 0.999.",
)

# %% [markdown]
# ## Noise makes it careful
# When gradients disagree, their mean is small beside their size. Here the mean gradient is 1, with more and more noise
# on it. The step shrinks by itself, to about a quarter where there is nothing but noise.


# %% noise
def length_of_steps(noise: float) -> float:
    """Return the root mean square of 10,000 weights' steps, divided by the rate, after 200 steps."""
    weights = nn.Parameter(torch.zeros(10_000))
    optimizer = Adam([weights], lr=1.0)
    for _ in range(200):
        before = weights.detach().clone()
        weights.grad = 1 + noise * torch.randn(10_000)
        optimizer.step()
    return (weights.detach() - before).square().mean().sqrt().item()


torch.manual_seed(0)
noises = [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
lengths = [length_of_steps(noise) for noise in noises]
line_plot(
    {"Adam": lengths},
    x=[f"{noise:g}" for noise in noises],
    x_label="noise, in sizes of the mean gradient",
    y_label="length of a step, divided by the rate",
    title="The more gradients disagree, the shorter the step",
    alt="Length of Adam's steps against noise. It is one without noise and falls to a quarter at sixteen times "
    "the mean.",
)

# %% [markdown]
# ## Longer than the rate
# Is the rate the longest step there is? It is often said, and nearly always so. But let gradients grow by 9 % at each
# step:

# %% longest
weight = nn.Parameter(torch.zeros(1, dtype=torch.float64))
optimizer, growing = Adam([weight], lr=1.0), []
for t in range(300):
    before = weight.item()
    weight.grad = torch.full((1,), (0.98 / 0.9) ** t, dtype=torch.float64)
    optimizer.step()
    growing.append(before - weight.item())
print(f"the first step is {growing[0]:.2f} times the rate, the last {growing[-1]:.2f} times")

# %% [markdown]
# The mean follows the last gradients, and their mean square, with its longer memory, is late.
#
# ## Try next
# - Give Adam β₂ = 0.999 in the last cell, and gradients that grow by 11 %. How long does the step become?
# - Multiply the loss by 1,000. What changes for gradient descent, and what for Adam?
# - Give the encoder `norm="pre"`. Which optimizer gains more from it?
