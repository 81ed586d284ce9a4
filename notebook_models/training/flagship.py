"""The flagship: a Transformer that learns English to Spanish from a synchronous grammar. Knows nothing of the rules.

`python -m notebook_models.training.flagship` trains and records the model that the notebooks load. Stopped at any
moment it goes on from its last save with `--resume`, and ends with the same weights.
"""

import argparse
import itertools
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from notebook_models.text import grammar
from notebook_models.text.grammar import Pair
from notebook_models.training import alignment, checkpoint
from notebook_models.training.small_training import Progress, loss, progress_bar, share_of_peak
from notebook_models.training.translation import PAD, VOCABULARY, encode_english, encode_spanish, exact_match, reading
from notebook_models.transformer.transformer import Transformer

SIZES: dict[str, Any] = {
    "source_vocab": len(VOCABULARY), "target_vocab": len(VOCABULARY), "d_model": 128, "n_heads": 4, "n_layers": 2,
    "d_ff": 256, "dropout": 0.0, "pad": PAD, "max_length": 32,
}  # fmt: skip
CONFIG: dict[str, Any] = {**SIZES, "vocabulary": " ".join(VOCABULARY)}
CHECKPOINT = Path(__file__).parent.parent / "checkpoints" / "flagship.pt"
PAIRS, STEPS, BATCH, WARMUP, PEAK_RATE = 60_000, 700, 128, 100, 3e-3
POOL, SAVE_EVERY, SCORED, SIGNIFICANT_BITS = 20 * BATCH, 50, 1000, 6


def corpus(count: int = PAIRS, seed: int = 0) -> list[Pair]:
    """Return pairs to train on, no sentence twice and none that is held out."""
    return list(itertools.islice(grammar.distinct(seed, held_out=False), count))


def batches(pairs: Sequence[Pair], seed: int) -> Iterator[list[Pair]]:
    """Yield batches without end, each pair once before any comes again.

    Sentences of like length come together: in a batch all are as long as the longest, and padding is work for nothing.
    """
    generator = random.Random(seed)
    while True:
        order = generator.sample(pairs, len(pairs))
        for start in range(0, len(order), POOL):
            pool = sorted(order[start : start + POOL], key=lambda pair: (len(pair.english), len(pair.spanish)))
            cut = [pool[at : at + BATCH] for at in range(0, len(pool), BATCH)]
            yield from generator.sample(cut, len(cut))


def train(
    pairs: Sequence[Pair],
    steps: int = STEPS,
    seed: int = 0,
    *,
    state: Path | None = None,
    progress: Progress | None = None,
) -> Transformer:
    """Return a model trained from this seed, in eval mode; `progress` is told each step, from 1, and its loss.

    With `state`, all that training needs is saved there now and then, and what is there already is gone on from. A
    step's batch depends on nothing but the seed and its number, so a stopped training ends as one that never was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Transformer(**SIZES)
    adam = torch.optim.Adam(model.parameters(), PEAK_RATE, betas=(0.9, 0.98), eps=1e-9)
    run = {"seed": seed, "steps": steps, "pairs": len(pairs)}
    done = 0
    if state and state.exists():
        stored = checkpoint.read(state, {"step", "model", "adam"}, run)
        model.load_state_dict(stored["model"])
        adam.load_state_dict(stored["adam"])
        done = stored["step"]
    for step, batch in enumerate(itertools.islice(batches(pairs, seed), done, steps), done + 1):
        adam.param_groups[0]["lr"] = PEAK_RATE * share_of_peak(step, steps, WARMUP)
        source, target = encode_english([p.english for p in batch]), encode_spanish([p.spanish for p in batch])
        step_loss = loss(model, source, target)
        adam.zero_grad()
        step_loss.backward()
        adam.step()
        if state and step % SAVE_EVERY == 0:
            checkpoint.write(state, {"step": step, "model": model.state_dict(), "adam": adam.state_dict()}, run)
        if progress:
            progress(step, step_loss.item())
    return model.eval()


def record(model: Transformer, path: Path = CHECKPOINT) -> None:
    """Write the weights, rounded to SIGNIFICANT_BITS, as bfloat16. `model` itself is rounded as well.

    It translates as before; the file is half as large, and what a page sends of it, compressed, not even that.
    """
    with torch.no_grad():
        for weight in model.parameters():
            mantissa, exponent = torch.frexp(weight)
            weight.copy_(torch.ldexp((mantissa * 2**SIGNIFICANT_BITS).round(), exponent - SIGNIFICANT_BITS))
    checkpoint.save(path, model.to(torch.bfloat16), CONFIG)
    model.float()


def load(path: Path = CHECKPOINT) -> Transformer:
    """Return the recorded model in eval mode; raises ValueError when the file is broken or another model's."""
    model = Transformer(**SIZES)
    checkpoint.load(path, model, CONFIG)
    return model.eval()


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, record the model, and print how well it does on sentences that it has never seen."""
    parser = argparse.ArgumentParser(prog="python -m notebook_models.training.flagship", description=main.__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--pairs", type=int, default=PAIRS, help="sentences to train on")
    parser.add_argument("--resume", action="store_true", help="go on where a training that was stopped was last saved")
    parser.add_argument("--output", type=Path, default=CHECKPOINT, help="the file to record the model in")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)  # so small a model gains nothing from more, and the same sums give the same bits
    state = asked.output.with_suffix(".state")
    if not asked.resume:
        state.unlink(missing_ok=True)
    checkpoint.sweep(state)
    pairs = corpus(asked.pairs)
    with progress_bar(asked.steps) as show:
        model = train(pairs, asked.steps, asked.seed, state=state, progress=show)
    record(model, asked.output)
    state.unlink(missing_ok=True)
    print(_report(model), f"{asked.output.name} written", sep="\n")


def _report(model: Transformer) -> str:
    bands = grammar.held_out(SCORED)
    lines = [
        f"{lengths[0]:2} to {lengths[-1]:2} words: {exact_match(model, pairs):.1%} of {len(pairs)} exactly right"
        for lengths, pairs in zip(grammar.BANDS, bands, strict=True)
    ]
    pairs = [pair for band in bands for pair in band]
    scores = alignment.score(reading(model, pairs), pairs)
    return "\n".join([*lines, *(f"{name} words aligned: {s.share:.2%} of {s.asked:,}" for name, s in scores.items())])


if __name__ == "__main__":
    main()
