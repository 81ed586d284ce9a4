# %% [markdown]
# # Generation with a cache
# A sequence is written one token after another:
#
# $$p(y \mid x) = \prod_t p(y_t \mid y_{<t}, x)$$
#
# Each step needs the keys and values of all earlier tokens. They do not change, since no position reads a later one. So
# they are kept, and each step computes its own position alone.

# %% setup
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from notebook_models.plotting import heat_map, line_plot
from notebook_models.training import number_words
from notebook_models.training.number_words import END, START, VOCABULARY
from notebook_models.transformer.generation import NextToken, greedy
from notebook_models.transformer.transformer import Transformer

model = number_words.load()
source = number_words.encode_words(["three hundred forty two thousand seven", "nineteen"])
generated = greedy(model, source, bos=START, eos=END, max_new_tokens=8)
[" ".join(VOCABULARY[token] for token in row) for row in generated.tokens.tolist()]

# %% [markdown]
# The shorter number ends first and is filled with padding. Each sequence comes with its log-probability: the sum over
# its tokens.

# %% probability
generated.log_probability.exp()

# %% [markdown]
# ## What each step considers
# At each step the model spreads its probability over all tokens; greedy choice takes the largest. Label smoothing in
# training taught it never to be quite sure.

# %% steps
next_token = NextToken(model, source[:1], use_cache=True)
target, considered = torch.tensor([[START]]), []
with torch.no_grad():
    for _ in range(7):
        considered.append(next_token(target)[0].exp())
        target = torch.cat([target, considered[-1].argmax().reshape(1, 1)], dim=-1)
choices = [END, *(VOCABULARY.index(digit) for digit in "0123456789")]
heat_map(
    torch.stack(considered)[:, choices],
    rows=[f"step {step}" for step in range(1, 8)],
    columns=[VOCABULARY[choice] for choice in choices],
    title="Seven steps, seven tokens: 3 4 2 0 0 7 and the end",
    alt="Probability of each digit and of the end token at each of seven steps. One cell a row has nearly all of it.",
    row_label="",
    column_label="next token",
)

# %% [markdown]
# ## The same tokens
# With the cache and without, at every step the same probabilities, but for the last bits of the arithmetic.

# %% same
with_cache, without = NextToken(model, source, use_cache=True), NextToken(model, source, use_cache=False)
differences, target = [], torch.full((2, 1), START)
with torch.no_grad():
    for _ in range(8):
        scores = with_cache(target)
        differences.append((scores - without(target)).abs().max().item())
        target = torch.cat([target, scores.argmax(-1, keepdim=True)], dim=-1)
tokens = [greedy(model, source, bos=START, eos=END, max_new_tokens=8, use_cache=use).tokens for use in (True, False)]
{"largest difference of log-probabilities": max(differences), "equal tokens": torch.equal(*tokens)}

# %% [markdown]
# ## The work of each step
# Not timed but counted: multiplications and additions, for a model as wide as the paper's base model, with two layers
# and a source of 20 tokens. The first step has the reading of the source in it.

# %% work
torch.manual_seed(0)
large = Transformer(100, 100, n_layers=2).eval()
sentence = torch.randint(1, 100, (1, 20))


def work(use_cache: bool, steps: int = 32) -> list[float]:
    """Return millions of floating-point operations, step by step."""
    target, counts = torch.tensor([[1]]), []
    for step in range(steps):
        # PyTorch's counter sees no fused attention on a CPU, so the kernel made of single operations is asked for.
        with torch.no_grad(), sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
            if step == 0:
                next_token = NextToken(large, sentence, use_cache)
            token = next_token(target).argmax(-1, keepdim=True)
        counts.append(counter.get_total_flops() / 1e6)
        target = torch.cat([target, token], dim=-1)
    return counts


operations = {"without the cache": work(False), "with the cache": work(True)}
{name: f"{sum(counts):,.0f} million in all" for name, counts in operations.items()}

# %% work-per-step
line_plot(
    operations,
    x=list(range(1, 33)),
    x_label="step",
    y_label="million operations",
    title="Without the cache each step does all the earlier ones again",
    alt="Operations for each of 32 steps. After the first, which reads the source, they grow with each step without "
    "the cache; with it they stay level, close to the bottom.",
)

# %% [markdown]
# ## Try next
# - How many steps does it take until the cache itself, the reading of all old keys, costs as much as the rest?
# - Give the model a wrong first digit and let it go on. Does it recover?
