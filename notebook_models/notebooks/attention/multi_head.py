# %% [markdown]
# # Multi-head attention
# One attention gives each query one set of weights, and one blend of the values. If a query needs to look at two
# places, it gets their average and can no longer tell which was which. Multi-head attention cuts the vectors into
# `n_heads` slices and lets each slice look where it likes:
#
# $$\mathrm{head}_i = \mathrm{Attention}(QW_i^Q, KW_i^K, VW_i^V), \qquad
# \mathrm{MultiHead}(Q, K, V) = \mathrm{Concat}(\mathrm{head}_1, \ldots, \mathrm{head}_h)\,W^O$$

# %% heads
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.attention.multi_head import MultiHeadAttention
from notebook_models.plotting import heat_maps

{n_heads: sum(p.numel() for p in MultiHeadAttention(32, n_heads).parameters()) for n_heads in (1, 2, 4, 8)}

# %% [markdown]
# Heads are free: eight heads of width 4 have as many parameters as one head of width 32. They cost resolution, since
# each compares queries and keys in a narrower space.
#
# ## Two pointers
# A task that needs two looks. Six boxes, A to F, each hold a digit. A question names two boxes in order, and the answer
# is the two digits in that order.

# %% questions
BOXES = "ABCDEF"


def ask(n: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return n settings: the digits in the boxes, the two boxes asked for, and the two digits that answer."""
    digits = torch.randint(10, (n, len(BOXES)))
    asked = torch.rand(n, len(BOXES)).argsort(dim=-1)[:, :2]
    return digits, asked, digits.gather(1, asked)


class TwoPointers(nn.Module):
    """One query, made from two box names, reads the boxes; a linear layer reads both digits off what comes back."""

    def __init__(self, n_heads: int, d_model: int = 32) -> None:
        super().__init__()
        self.box, self.digit = nn.Embedding(len(BOXES), d_model), nn.Embedding(10, d_model)
        self.first, self.second = nn.Embedding(len(BOXES), d_model), nn.Embedding(len(BOXES), d_model)
        self.attention = MultiHeadAttention(d_model, n_heads)
        self.answer = nn.Linear(d_model, 20)

    def forward(self, digits: Tensor, asked: Tensor) -> tuple[Tensor, Tensor]:
        boxes = self.box.weight + self.digit(digits)
        question = self.first(asked[:, :1]) + self.second(asked[:, 1:])
        attended = self.attention(question, boxes)
        return self.answer(attended.output).reshape(-1, 2, 10), attended.weights


# %% training
def train(n_heads: int, steps: int = 300) -> TwoPointers:
    torch.manual_seed(0)
    model = TwoPointers(n_heads)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        digits, asked, answer = ask(128)
        logits, _ = model(digits, asked)
        optimizer.zero_grad()
        F.cross_entropy(logits.flatten(0, 1), answer.flatten()).backward()
        optimizer.step()
    return model


one_head, two_heads = train(n_heads=1), train(n_heads=2)

# %% score
digits, asked, answer = ask(2000)
both_right = {
    name: (model(digits, asked)[0].argmax(dim=-1) == answer).all(dim=-1).float().mean().item()
    for name, model in {"1 head of 32": one_head, "2 heads of 16": two_heads}.items()
}
both_right

# %% [markdown]
# The same number of parameters, the same training, and only the model with two heads can do it. The pictures say why.
# The single head does look at both boxes, with about half its weight each. What comes back is the average of two
# digits, which has lost their order. With two heads, each follows one of the two pointers.

# %% one-head
questions = [(0, 3), (3, 0), (1, 4), (5, 2)]
shown = torch.tensor([[7, 1, 4, 2, 9, 5]]).expand(len(questions), -1)
words = [f"{BOXES[a]}, then {BOXES[b]}" for a, b in questions]
boxes = [f"{box}: {digit}" for box, digit in zip(BOXES, shown[0].tolist(), strict=True)]

_, weights = one_head(shown, torch.tensor(questions))
heat_maps(
    weights[:, :, 0].transpose(0, 1).detach(),
    rows=words,
    columns=boxes,
    names=["the only head"],
    title="One head: half the attention here, half there, and the order is lost",
    alt="Weights of the only head for four questions over six boxes. Each row has two cells near one half: the two "
    "boxes asked for. A then D looks like D then A.",
    row_label="question",
    column_label="box and its digit",
)

# %% two-heads
_, weights = two_heads(shown, torch.tensor(questions))
heat_maps(
    weights[:, :, 0].transpose(0, 1).detach(),
    rows=words,
    columns=boxes,
    names=["head 1", "head 2"],
    title="Two heads: each follows one pointer",
    alt="Weights of two heads for four questions over six boxes. One head gives all its weight to the box named first, "
    "the other to the box named second.",
    row_label="question",
    column_label="box and its digit",
)

# %% [markdown]
# ## Ask the boxes yourself

# %% playground
from notebook_models.playground import Playground, Tokens, Weights


class EachHead(nn.Module):
    """The trained model, telling what each head reads and how sure it is of both digits."""

    def __init__(self, model: TwoPointers) -> None:
        super().__init__()
        self.model = model

    def forward(self, digits: Tensor, asked: Tensor) -> tuple[Tensor, Tensor]:
        logits, weights = self.model(digits, asked)
        return weights[0], logits[0].softmax(-1)


ten = tuple("0123456789")
Playground(
    title="Two heads, two pointers",
    says="Name two boxes: one head finds the first, the other the second. Swap the names, and the heads swap boxes.",
    module=EachHead(two_heads),
    inputs=(
        Tokens("digits", "Digits in boxes A to F", {digit: int(digit) for digit in ten}, "7 1 4 2 9 5", 6, 6),
        Tokens("asked", "Two boxes", {box: at for at, box in enumerate(BOXES)}, "A D", 2, 2),
    ),
    outputs=(
        Weights("weights", "Each head's weights over the boxes", ("question",), tuple(f"box {box}" for box in BOXES)),
        Weights("answer", "Probability of each digit", ("first", "second"), ten),
    ),
)

# %% [markdown]
# ## Try next
# - Ask for three boxes. How many heads does it take?
# - Keep two heads but shrink `d_model`. When do the slices become too narrow to tell ten digits apart?
# - Let the boxes be the query as well: [[Self-Attention]].
