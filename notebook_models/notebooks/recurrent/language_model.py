# %% [markdown]
# # Recurrent language model
# Read a character, update the state, and say how likely each character is to come next:
#
# $$p(x_{t+1} \mid x_1, \dots, x_t) = \mathrm{softmax}(W h_t + b)$$
#
# The text is its own answer key. This one is taken from the notes of this site.

# %% the-text
import torch
from torch import Tensor, nn

from notebook_models.plotting import line_plot
from notebook_models.recurrent.language_model import RecurrentLanguageModel
from notebook_models.training.perplexity import perplexity

text = """
attention asks all entries at once. each answers in proportion to how well its key fits. a query is compared with every
key. the softmax turns the scores into weights that are positive and sum to one. the output is the average of the values
under these weights. an average lies among the things averaged. each token asks, and each token answers. the keys hold
all tokens. the diagonal of the table is a weight like any other. a token reads its own value too, and nothing forbids
it. one head can put half its weight on each. two heads keep two weights of one each. the encoder reads the source, and
the decoder writes the target. the first tokens look at each other, then each thinks for itself. its output is a memory,
one vector for each source token, kept as long as the target is being written. the decoder reads it by attention. it is
computed once for a sentence, however long the translation becomes. the weights are the same at all positions, but
differ from layer to layer. a recurrent network reads one element at a time. the state is the whole memory. what a later
step needs must be found among the numbers of one vector. each new state waits for the last one. the longer the way, the
less is left of the beginning. attention has no way to go. any two tokens are one step apart.
""".replace("\n", " ").strip()
letters = sorted(set(text))
index = {letter: number for number, letter in enumerate(letters)}
tokens = torch.tensor([index[letter] for letter in text])
f"{len(text):,} characters, of which {len(letters)} differ"

# %% [markdown]
# ## How good is a guess?
# Two models that only count: how often each character stands in the text, and how often it follows another.

# %% counts
single = torch.bincount(tokens, minlength=len(letters)).float()
follows = torch.zeros(len(letters), len(letters))
follows.index_put_((tokens[:-1], tokens[1:]), torch.ones(()), accumulate=True)
counted = {
    "an even guess": float(len(letters)),
    "by frequency": perplexity((single / single.sum()).log().expand(len(tokens), -1), tokens).item(),
    "by the one before": perplexity((follows / follows.sum(1, keepdim=True)).log()[tokens[:-1]], tokens[1:]).item(),
}
{name: f"perplexity {value:.1f}" for name, value in counted.items()}

# %% [markdown]
# ## Learned
# The network sees pieces of 40 characters, drawn anywhere. Its loss is the logarithm of its perplexity.

# %% training
PIECE, STEPS = 40, 160
torch.manual_seed(0)
model = RecurrentLanguageModel(len(letters), 64)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)


def written(count: int, warmth: float = 0.5) -> str:
    """Return what the model writes after "the ", one character after another, with nothing kept but its memory."""
    result, memory = "the ", None
    draw = torch.Generator().manual_seed(0)
    read = torch.tensor([[index[letter] for letter in result]])
    with torch.no_grad():
        for _ in range(count):
            logits, memory = model(read, memory)
            read = torch.multinomial((logits[:, -1] / warmth).softmax(-1), 1, generator=draw)
            result += letters[int(read)]
    return result


def piece() -> Tensor:
    start = torch.randint(len(tokens) - PIECE, (32, 1))
    return tokens[start + torch.arange(PIECE + 1)]


history, samples = [], {}
for step in range(STEPS):
    if step in (0, 20, 60):
        samples[step] = written(60)
    batch = piece()
    logits, _ = model(batch[:, :-1])
    loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(loss.exp().item())
samples[STEPS] = written(60)

# %% curves
line_plot(
    {"the network": history, **{name: [value] * STEPS for name, value in list(counted.items())[1:]}},
    x=list(range(1, STEPS + 1)),
    x_label="step of the training",
    y_label="perplexity of a character",
    title="It finds the frequencies first, then the neighbors, then words",
    alt="Perplexity of the network over its training. It falls past that of counting characters, then past that of "
    "counting pairs of them, and on.",
    log=True,
)

# %% samples
for step, line in samples.items():
    print(f"after {step:3} steps  {line}")

# %% [markdown]
# What it writes has spaces first, then syllables, then words, and in the end the words of this text. It is a short text
# and a small network: in the end it knows much of it by heart. On new text its perplexity would be higher.
#
# ## Try next
# - Lower `warmth` to 0.1, and raise it to 1. Which one repeats itself, and which one makes up words?
# - Keep the last fifth of the text back, and measure perplexity there after each step. When should training have ended?
# - Feed the memory of a whole text in, and let it go on. How far back does it look? See [[Lost Information]].
