# %% [markdown]
# # Warm-up
# The paper's learning rate goes up for 4,000 steps and then down with the root of the step (equation 3):
#
# $$\alpha(t) = d_{\text{model}}^{-0.5} \cdot \min\bigl(t^{-0.5},\; t \cdot \text{warmup}^{-1.5}\bigr)$$

# %% parts
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.plotting import line_plot
from notebook_models.training.adam import Adam
from notebook_models.training.warmup import Warmup, peak, rate
from notebook_models.transformer.encoder import Encoder
from notebook_models.transformer.positional_encoding import SinusoidalPositions

[f"{rate(step):.2e}" for step in (1, 2, 4000, 100_000)]

# %% schedule
shown = list(range(50, 20_001, 50))
schedules = {"base: 512, 4,000": (512, 4000), "big: 1,024, 4,000": (1024, 4000), "512, 8,000": (512, 8000)}
line_plot(
    {name: [1e4 * rate(step, *sizes) for step in shown] for name, sizes in schedules.items()},
    x=shown,
    x_label="step",
    y_label="learning rate, in ten-thousandths; lines are named by d_model and warm-up",
    title="Up in equal parts, down with the root of the step",
    alt="Learning rate over 20,000 steps. For the base model it rises to 7.0 ten-thousandths at step 4,000, for the "
    "big one to 4.9; with 8,000 steps of warm-up also to 4.9, at step 8,000, and then along the base model's line.",
)

# %% [markdown]
# A wider model gets a lower rate throughout. A longer warm-up cuts off the peak, and changes nothing after it.

# %% numbers
for name, (d_model, last) in {"base": (512, 100_000), "big": (1024, 300_000)}.items():
    print(f"{name:4}  first {rate(1, d_model):.2e}  greatest {peak(d_model):.2e}  last {rate(last, d_model):.2e}")

# %% [markdown]
# ## Without it
# A real model, if a small one: an encoder of four layers, 32 wide, that learns to read eight tokens backwards. The rate
# is the formula's, for this width and 50 steps of warm-up. Then the same, but the first 50 steps have the greatest rate
# already. And once more without warm-up, with the norms before the sub-layers instead of after the sums.

# %% training
N_TOKENS, LENGTH, D_MODEL, WARMUP, STEPS = 12, 8, 32, 50, 100


class Backwards(nn.Module):
    """An encoder that is asked for its input in the other direction."""

    def __init__(self, norm: str, n_layers: int) -> None:
        super().__init__()
        self.embed = nn.Sequential(nn.Embedding(N_TOKENS, D_MODEL), SinusoidalPositions(D_MODEL, LENGTH))
        self.encoder = Encoder(D_MODEL, n_heads=4, n_layers=n_layers, d_ff=64, dropout=0.0, norm=norm)
        self.logits = nn.Linear(D_MODEL, N_TOKENS)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.logits(self.encoder(self.embed(tokens)).output)


def train(norm: str, warm: bool, n_layers: int = 4) -> tuple[list[float], list[float]]:
    """Return the loss at each step, and how far the hidden units' weights moved in it, divided by the rate."""
    torch.manual_seed(0)
    model, losses, lengths = Backwards(norm, n_layers), [], []
    watched = model.encoder.layers[0].feed_forward.hidden.weight
    adam = Adam(model.parameters())
    schedule = Warmup(adam, D_MODEL, WARMUP)
    for step in range(1, STEPS + 1):
        if not warm:
            adam.param_groups[0]["lr"] = rate(max(step, WARMUP), D_MODEL, WARMUP)
        lr = adam.param_groups[0]["lr"]
        tokens = torch.randint(N_TOKENS, (32, LENGTH))
        loss = F.cross_entropy(model(tokens).mT, tokens.flip(1))
        adam.zero_grad()
        loss.backward()
        before = watched.detach().clone()
        adam.step()
        schedule.step()
        losses.append(loss.item())
        lengths.append((watched.detach() - before).square().mean().sqrt().item() / lr)
    return losses, lengths


runs = {"warm-up": train("post", True), "no warm-up": train("post", False), "no warm-up, pre-norm": train("pre", False)}
{name: round(sum(losses[-10:]) / 10, 2) for name, (losses, _) in runs.items()}

# %% curves
line_plot(
    {name: losses for name, (losses, _) in runs.items()},
    x=list(range(1, STEPS + 1)),
    x_label="step",
    y_label="loss",
    title="Without warm-up, the paper's order of norms learns nothing",
    alt="Loss over 100 steps. With warm-up it begins to fall after some 30 steps and ends near 0.1. Without, it jumps "
    "up and then stays at 2.5, the loss of guessing. Without warm-up but with pre-norm it falls to zero.",
)

# %% [markdown]
# It does not recover, although its rate from step 50 on is that of the model that learns. The first steps have taken it
# to where no gradient leads back.
#
# ## Why the first steps are dangerous
# [[Adam]] divides the mean gradient by its size. After one step there is one gradient: mean and size are equal, and
# every weight moves by the whole rate, as a single batch says. Later the gradients of many batches are averaged, and
# where they disagree the step is short.

# %% lengths
line_plot(
    {"warm-up": runs["warm-up"][1]},
    x=list(range(1, STEPS + 1)),
    x_label="step",
    y_label="length of the step, divided by the rate",
    title="The first step is the longest, and knows the least",
    alt="Root mean square of the steps of one layer's weights, divided by the rate, over 100 steps. It is one at the "
    "first step and falls within ten steps to below a half.",
)

# %% [markdown]
# So warm-up is a low rate for as long as Adam knows little. The length of the steps is not all, though: with pre-norm
# they begin at one as well, and do no harm.
#
# ## Try next
# - Give the model without warm-up a tenth of the rate. Does it learn, and how long does it take?
# - With two layers it learns without warm-up. From which depth on does it not?
# - How short may the warm-up be? Try 5, 10 and 20 steps.
