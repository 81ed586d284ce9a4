# %% [markdown]
# # Attention
# A dictionary compares a question with its keys, finds the one that is equal, and returns that entry's value. Attention
# asks all entries at once. Each answers in proportion to how well its key fits, and the answers are averaged:
#
# $$\mathrm{Attention}(q, K, V) = \sum_j a_j v_j, \qquad
# a = \mathrm{softmax}\bigl(s(q, k_1)/T, \dots, s(q, k_m)/T\bigr)$$
#
# The score $s$ says how well a query fits a key. The temperature $T$ says how much a better fit is worth.

# %% a-table
import torch
from torch import Tensor, nn

from notebook_models.attention.attention import dot_product, soft_look_up
from notebook_models.plotting import heat_map, line_plot

table = {3: 11.0, 9: 15.0, 13: 21.0, 17: 23.0, 22: 14.0}  # hour of the day: degrees outside
hours = torch.tensor(list(table), dtype=torch.float32).unsqueeze(-1)
degrees = torch.tensor(list(table.values())).unsqueeze(-1)


def near(query: Tensor, key: Tensor) -> Tensor:
    """Return the score of each pair: the nearer, the higher."""
    return -(query - key.mT).square()


asked = torch.arange(0, 24.25, 0.25).unsqueeze(-1)
lines = {f"T = {t:g}": soft_look_up(asked, hours, degrees, near, t).output[:, 0].tolist() for t in (0.01, 8.0, 1e4)}

# %% [markdown]
# Here a table holds five measurements: hour and degrees. The dictionary `table` knows nothing of ten o'clock. The soft
# look-up answers at any hour, and the temperature decides how.

# %% temperatures
line_plot(
    lines,
    x=asked[:, 0].tolist(),
    x_label="hour asked for",
    y_label="answer, in degrees",
    title="Cold, it picks one entry; hot, it averages all; in between it blends",
    alt="Answers over the hours of a day. At temperature 0.01 they are a staircase of the five measured values; at 8 a "
    "smooth curve near them; at 10,000 a flat line at their mean.",
)

# %% [markdown]
# All three lines stay between 11 and 23, the least and the greatest of the values: an average cannot leave them.
#
# ## Learning to look up
# What is a dictionary for, if it must be told which keys are equal? The weights change smoothly with the scores, so a
# gradient reaches them, and the fit of a question and a key can be **learned**.
#
# A memory holds pairs: a capital letter and a digit. The question is a small letter. Nothing says that "q" asks for
# "Q". The pairs are drawn anew each time, so there is nothing to learn by heart but that.

# %% the-task
N_LETTERS, N_DIGITS = 26, 10


def draw(batch: int, n_pairs: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return letters and digits of memories, one of whose letters each question asks for, and the right answers."""
    letters = torch.rand(batch, N_LETTERS).argsort(dim=-1)[:, :n_pairs]
    digits, asked = torch.randint(N_DIGITS, (batch, n_pairs)), torch.randint(n_pairs, (batch, 1))
    return letters, digits, letters.gather(1, asked), digits.gather(1, asked)


class Recall(nn.Module):
    """Two learned tables: what a question asks for, and what a key offers. The rest is the look-up."""

    def __init__(self, d_key: int = 16) -> None:
        super().__init__()
        self.question, self.key = nn.Embedding(N_LETTERS, d_key), nn.Embedding(N_LETTERS, d_key)

    def forward(self, letters: Tensor, digits: Tensor, asked: Tensor) -> Tensor:
        """Return the probability of each digit: an average of ones and zeros, (batch, question, digit)."""
        values = nn.functional.one_hot(digits, N_DIGITS).float()
        return soft_look_up(self.question(asked), self.key(letters), values).output


# %% training
torch.manual_seed(0)
model = Recall()
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for _ in range(300):
    letters, digits, asked, answer = draw(128, n_pairs=6)
    loss = -model(letters, digits, asked).gather(-1, answer.unsqueeze(-1)).clamp(min=1e-6).log().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

# %% [markdown]
# The memories of the training held 6 pairs. The look-up has no parameter that depends on their number, so the same
# model can be asked about larger ones. Beside it, a reader that cannot choose: all its weights are equal.

# %% accuracy
accuracy = {}
with torch.no_grad():
    for n_pairs in (6, 12, 26):
        letters, digits, asked, answer = draw(2000, n_pairs)
        average = nn.functional.one_hot(digits, N_DIGITS).float().mean(dim=1, keepdim=True)
        guesses = {"attention": model(letters, digits, asked), "plain average": average}
        shares = {name: (guess.argmax(dim=-1) == answer).float().mean().item() for name, guess in guesses.items()}
        accuracy[n_pairs] = {name: round(share, 3) for name, share in shares.items()}
accuracy

# %% [markdown]
# What it has learned is which capital letter each small letter asks for. Here all 26 keys are offered to each question.

# %% what-was-learned
capitals = [chr(ord("A") + i) for i in range(N_LETTERS)]
heat_map(
    soft_look_up(model.question.weight, model.key.weight, torch.eye(N_LETTERS)).weights,
    rows=[letter.lower() for letter in capitals],
    columns=capitals,
    title="Each question has found its key",
    alt="Weights of 26 questions, the small letters, over 26 keys, the capital ones. The diagonal holds nearly all of "
    "the weight.",
    row_label="query",
    column_label="key",
)

# %% [markdown]
# ## Your own table

# %% playground
from notebook_models.playground import Matrix, Numbers, Playground, Slider, Toggle, Weights


class LookUp(nn.Module):
    """The look-up at a temperature of two to some power, by dot product or by nearness."""

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, power: Tensor, by_nearness: Tensor
    ) -> tuple[Tensor, Tensor]:
        def score(query: Tensor, key: Tensor) -> Tensor:
            distances = (query.unsqueeze(-2) - key).square().sum(dim=-1)
            return torch.where(by_nearness, -distances, dot_product(query, key)) * 2.0**-power

        attended = soft_look_up(query, key, value, score)
        return attended.weights, attended.output


axes, entries = ("x", "y"), ("entry 1", "entry 2", "entry 3")
Playground(
    title="Ask three entries",
    says="Each step of the slider doubles the temperature: downward one entry takes all, upward all become equal. By "
    "dot product a long key outshouts a near one.",
    module=LookUp(),
    inputs=(
        Numbers("query", "Queries", ("query A", "query B"), axes, ((1.0, 0.0), (0.5, 0.5))),
        Numbers("key", "Keys", entries, axes, ((1.0, 0.0), (0.0, 1.0), (2.0, 2.0))),
        Numbers("value", "Values", entries, ("value",), ((10.0,), (20.0,), (30.0,))),
        Slider("power", "Temperature: 2 to the power of", -6, 6, 0),
        Toggle("by_nearness", "Score by nearness, not by dot product", default=False),
    ),
    outputs=(
        Weights("weights", "Weights: how much of each value a query takes", ("query A", "query B"), entries),
        Matrix("output", "Output: the values, averaged", ("output A", "output B"), ("value",)),
    ),
)

# %% [markdown]
# ## Try next
# - Ask the table of hours for 23:30. Which entry should answer, and what would the score have to know?
# - Write every entry of a memory down twice. Does the answer change?
# - Let two letters share a digit, and ask for a third at a high temperature. What can the average not tell?
# - Then fix the score, and let many queries ask at once: [[Scaled Dot-Product Attention]].
