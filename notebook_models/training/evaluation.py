"""What a training is worth: its averaged model, and that model's translations. Knows nothing of training.

"We used beam search with a beam size of 4 and length penalty α = 0.6. [...] We set the maximum output length during
inference to input length + 50, but terminate early when possible." (Vaswani et al. 2017, section 6.1)
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import torch

from notebook_models.text.byte_pair_encoding import END, START
from notebook_models.text.shared_vocabulary import SharedVocabulary
from notebook_models.training import averaging, checkpoint
from notebook_models.training.configurations import Configuration
from notebook_models.transformer.generation import beam_search
from notebook_models.transformer.transformer import Transformer

ROWS = 64


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
