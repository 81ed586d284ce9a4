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
from notebook_models.training.number_words import END, PAD, START, VOCABULARY
from notebook_models.transformer.generation import NextToken, beam_search, greedy, length_penalty
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
# ## Several beginnings at once
# Greedy choice may regret: the likeliest first token need not begin the likeliest sequence. A beam keeps the best few
# beginnings. This model is too sure of itself for the difference to show, so its scores are made smaller until it
# doubts. Then how likely is what is found, for beams of growing width?

# %% beams
doubting = number_words.load()
doubting.output_embedding = type(doubting.output_embedding)(len(VOCABULARY), 64)
doubting.output_embedding.weight.data = doubting.target_embedding.weight.data * 0.15
numbers = number_words.encode_words([number_words.words(number) for number in range(0, 1_000_000, 19_997)])
widths = [1, 2, 4, 8]


def search(width: int, alpha: float) -> tuple[float, float]:
    """Return the mean log p of what a beam of this width finds, and the mean number of its tokens."""
    found = beam_search(doubting, numbers, bos=START, eos=END, max_new_tokens=7, beam=width, alpha=alpha)
    return found.log_probability.mean().item(), (found.tokens != PAD).sum(dim=-1).double().mean().item()


plain = [search(width, alpha=0.0) for width in widths]
line_plot(
    {"mean log p of what is found": [log_p for log_p, _ in plain]},
    x=[str(width) for width in widths],
    x_label="width of the beam",
    y_label="log-probability",
    title="A wider beam finds likelier sequences",
    alt="Mean log-probability of the sequences found with beams of 1, 2, 4 and 8 targets. It rises with every step.",
)

# %% lengths
penalized = [search(width, alpha=2.0) for width in widths]
{
    f"beam {width}": f"{short:.1f} tokens on average, {long:.1f} with a length penalty of alpha = 2"
    for width, (_, short), (_, long) in zip(widths, plain, penalized, strict=True)
}

# %% [markdown]
# Likelier, and shorter: a wide beam comes upon the sequence that ends at once. Every further token makes a sequence
# less likely, so plain probability prefers short ones. The length penalty divides the logarithm by a number that grows
# with the length. Here it helps a little; no penalty makes a good model of a doubting one.

# %% penalty
lengths = list(range(1, 61))
line_plot(
    {f"alpha {alpha}": [length_penalty(length, alpha) for length in lengths] for alpha in (0.0, 0.6, 1.0)},
    x=lengths,
    x_label="tokens in the target",
    y_label="length penalty",
    title="What a log-probability is divided by",
    alt="The length penalty for targets of 1 to 60 tokens. With alpha 0 it is 1 throughout, with alpha 1 it grows in a "
    "straight line to 11, and with the paper's 0.6 it bends to a little over 4.",
)

# %% [markdown]
# ## Try next
# - How large must `alpha` be before the shortest sequence no longer wins?
# - How many steps does it take until the cache itself, the reading of all old keys, costs as much as the rest?
# - Give the model a wrong first digit and let it go on. Does it recover?
