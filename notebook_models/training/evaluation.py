"""What a training is worth: a model's perplexity, the averaged model, its translations. Knows nothing of training.

"We used beam search with a beam size of 4 and length penalty α = 0.6. [...] We set the maximum output length during
inference to input length + 50, but terminate early when possible." (Vaswani et al. 2017, section 6.1)
"""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from notebook_models.text.byte_pair_encoding import END, START
from notebook_models.text.shared_vocabulary import SharedVocabulary
from notebook_models.training import averaging, checkpoint, distributed
from notebook_models.training.batches import Batch, TokenBuckets
from notebook_models.training.configurations import Configuration
from notebook_models.training.pairs import Pairs
from notebook_models.transformer.generation import beam_search
from notebook_models.transformer.transformer import Transformer

ROWS, TOKENS = 64, 4096


def in_tokens(pairs: Sequence[tuple[str, str]], vocabulary: SharedVocabulary) -> TokenBuckets:
    """Return a text to measure perplexity on; raises ValueError where it holds no pair that a model can read."""
    source, target = (vocabulary.encode([pair[side] for pair in pairs]) for side in (0, 1))
    return TokenBuckets(Pairs.of(zip(source, target, strict=True)), bos=START, eos=END, tokens=TOKENS)


@torch.no_grad()
def perplexity(
    model: Transformer, text: TokenBuckets, *, bfloat16: bool = False, share: bool = True
) -> tuple[float, int]:
    """Return a model's perplexity on a text, and how many target tokens it is of, end tokens included.

    Each token counts the same, and nothing is smoothed: see `perplexity.perplexity`. Several processes share the work,
    and each must ask; without `share` each does all of it, as those of a model must that is cut up between them. The
    model is taken as it is: it belongs in eval mode.
    """
    device = next(model.parameters()).device
    loss = torch.zeros(2, dtype=torch.float64)
    rank, ranks = (distributed.rank(), distributed.ranks()) if share else (0, 1)
    for number, batch in enumerate(text.epoch()):
        if number % ranks == rank:
            with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
                loss += _loss(model, batch.to(device)).cpu().double()
    total, tokens = (distributed.total(loss.to(device)) if ranks > 1 else loss).tolist()
    return math.exp(total / tokens), int(tokens)


def _loss(model: Transformer, batch: Batch) -> Tensor:
    """Return the summed loss of the target tokens, and their number."""
    logits, right = model(batch.source, batch.target[:, :-1]).flatten(0, 1), batch.target[:, 1:].flatten()
    exact = logits.to(torch.promote_types(logits.dtype, torch.float32))
    summed = F.cross_entropy(exact, right, ignore_index=model.pad, reduction="sum")
    return torch.stack([summed, (right != model.pad).sum()])


def averaged(directory: Path, model: Transformer, config: checkpoint.Config, count: int) -> Path:
    """Give the model the mean of the last `count` saves of a training; return the file that now holds it.

    Raises ValueError where there are fewer, or they are of another configuration.
    """
    (latest,) = averaging.last(directory, 1)
    checkpoint.read(latest, {"weights"}, config)
    try:
        paths = averaging.last(directory, count)
    except ValueError as error:
        msg = f"{error}: train on, or give --average and a smaller number"
        raise ValueError(msg) from error
    means, _ = averaging.average(paths)
    model.load_state_dict(means)
    path = directory / "averaged.pt"
    checkpoint.save(path, model, config)
    return path


def translate(
    model: Transformer, vocabulary: SharedVocabulary, sentences: Sequence[str], how: Configuration,
    progress: Callable[[int], None] = lambda count: None,
) -> list[str]:
    """Return the translations, found by beam search as `how` says; `progress` is told how many more are done.

    Sentences of equal length are translated together: none is padded, and each has the limit of its own length.
    Raises ValueError where a sentence is longer than the model has positions.
    """
    sources = [[*tokens, END] for tokens in vocabulary.encode(sentences)]
    translations = [""] * len(sources)
    device = next(model.parameters()).device
    for chosen in _batches([len(source) for source in sources]):
        source = torch.tensor([sources[index] for index in chosen], device=device)
        limit = min(source.shape[1] + how.extra_length, model.max_length)
        written = beam_search(
            model, source, bos=START, eos=END, max_new_tokens=limit, beam=how.beam, alpha=how.alpha
        )  # fmt: skip
        for index, tokens in zip(chosen, written.tokens.tolist(), strict=True):
            translations[index] = vocabulary.decode(tokens)
        progress(len(chosen))
    return translations


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers of at most ROWS sentences of one length, the longest first: memory that is short fails soon."""
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    for _, group in groupby(order, key=lambda index: lengths[index]):
        alike = list(group)
        yield from (alike[at : at + ROWS] for at in range(0, len(alike), ROWS))
