"""Number words to digits: its data, its training and the recorded model. Knows nothing of the model's inside.

`python -m notebook_models.training.number_words` trains and records the model that the notebooks load.
"""

import argparse
import random
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from notebook_models.training import checkpoint
from notebook_models.training.small_training import Progress, loss, padded, progress_bar, share_of_peak
from notebook_models.transformer.generation import greedy
from notebook_models.transformer.transformer import Transformer

TO_NINETEEN = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
VOCABULARY = ["<pad>", "<start>", "<end>", *TO_NINETEEN, *TENS, "hundred", "thousand", *"0123456789"]
PAD, START, END = range(3)
INDEX = {token: index for index, token in enumerate(VOCABULARY)}
MAX_DIGITS = 6

SIZES: dict[str, Any] = {
    "source_vocab": len(VOCABULARY), "target_vocab": len(VOCABULARY), "d_model": 64, "n_heads": 4, "n_layers": 2,
    "d_ff": 128, "dropout": 0.0, "pad": PAD, "max_length": 32,
}  # fmt: skip
CONFIG: dict[str, Any] = {**SIZES, "vocabulary": " ".join(VOCABULARY)}
CHECKPOINT = Path(__file__).parent.parent / "checkpoints" / "number_words.pt"
STEPS, BATCH, WARMUP, PEAK_RATE = 1200, 128, 100, 4e-3


def words(number: int) -> str:
    """Return the English words of a number from 0 to 999,999: 342 is "three hundred forty two"."""
    if not 0 <= number < 10**MAX_DIGITS:
        msg = f"expected a number from 0 to {10**MAX_DIGITS - 1}, got {number}"
        raise ValueError(msg)
    thousands, rest = divmod(number, 1000)
    before = [*_below_thousand(thousands), "thousand"] if thousands else []
    return " ".join(before + _below_thousand(rest)) or "zero"


def _below_thousand(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    parts = [TO_NINETEEN[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        parts.append(TENS[rest // 10 - 2])
        rest %= 10
    return [*parts, TO_NINETEEN[rest]] if rest else parts


def is_held_out(number: int) -> bool:
    """Return whether training never sees this number: about one in ten from 100 on, chosen by the hash of its words."""
    return number >= 100 and zlib.crc32(words(number).encode()) % 10 == 0


def draw(generator: random.Random, count: int) -> list[int]:
    """Return numbers to train on, of 1 to 6 digits, each length as likely as the others.

    Zeros come more often than chance has them: what no word names, "three hundred thousand five", is the hard part.
    """
    numbers: list[int] = []
    while len(numbers) < count:
        n_digits = generator.randint(1, MAX_DIGITS)
        digits = ["0" if generator.random() < 0.3 else generator.choice("0123456789") for _ in range(n_digits - 1)]
        number = int(generator.choice("123456789" if digits else "0123456789") + "".join(digits))
        if not is_held_out(number):
            numbers.append(number)
    return numbers


def encode_words(texts: Sequence[str]) -> Int[Tensor, "batch source"]:
    """Return the tokens of number words, padded at the end; raises ValueError at a word that is no number word."""
    unknown = [word for text in texts for word in text.split() if word not in INDEX]
    if unknown:
        msg = f'expected number words, such as "three hundred forty two", got "{unknown[0]}"'
        raise ValueError(msg)
    return padded([[INDEX[word] for word in text.split()] for text in texts], PAD)


def encode_digits(numbers: Sequence[int]) -> Int[Tensor, "batch target"]:
    """Return the tokens of numbers in digits between the start and the end token, padded at the end."""
    return padded([[START, *(INDEX[digit] for digit in str(number)), END] for number in numbers], PAD)


def translate(model: Transformer, texts: Sequence[str]) -> list[str]:
    """Return the digits that the model writes for number words."""
    tokens = greedy(model, encode_words(texts), bos=START, eos=END, max_new_tokens=MAX_DIGITS + 1).tokens
    return ["".join(VOCABULARY[token] for token in row if token not in (PAD, END)) for row in tokens.tolist()]


def exact_match(model: Transformer, numbers: Sequence[int]) -> float:
    """Return the share of numbers whose words the model turns into exactly their digits."""
    right = 0
    for start in range(0, len(numbers), 2000):  # so many at once fit any memory
        asked = numbers[start : start + 2000]
        written = translate(model, [words(number) for number in asked])
        right += sum(text == str(number) for text, number in zip(written, asked, strict=True))
    return right / len(numbers)


def train(steps: int = STEPS, seed: int = 0, progress: Progress | None = None) -> Transformer:
    """Return a model trained from this seed, in eval mode; `progress` is told each step, from 1, and its loss."""
    generator = random.Random(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Transformer(**SIZES)
    adam = torch.optim.Adam(model.parameters(), PEAK_RATE, betas=(0.9, 0.98), eps=1e-9)
    rate = torch.optim.lr_scheduler.LambdaLR(adam, lambda done: share_of_peak(done + 1, steps, WARMUP))
    for step in range(1, steps + 1):
        numbers = draw(generator, BATCH)
        step_loss = loss(model, encode_words([words(number) for number in numbers]), encode_digits(numbers))
        adam.zero_grad()
        step_loss.backward()
        adam.step()
        rate.step()
        if progress:
            progress(step, step_loss.item())
    return model.eval()


def load(path: Path = CHECKPOINT) -> Transformer:
    """Return the recorded model, in eval mode; raises ValueError when the file is broken or another model's."""
    model = Transformer(**SIZES)
    checkpoint.load(path, model, CONFIG)
    return model.eval()


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, record the model, and print the share of all held-out numbers that it gets exactly right."""
    parser = argparse.ArgumentParser(prog="python -m notebook_models.training.number_words", description=main.__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--output", type=Path, default=CHECKPOINT, help="the file to record the model in")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(1)  # so small a model gains nothing from more, and the same sums give the same bits
    with progress_bar(asked.steps) as show:
        model = train(asked.steps, asked.seed, show)
    checkpoint.save(asked.output, model, CONFIG)
    numbers = [number for number in range(10**MAX_DIGITS) if is_held_out(number)]
    print(f"{exact_match(model, numbers):.3%} of {len(numbers):,} held-out numbers exact, {asked.output.name} written")


if __name__ == "__main__":
    main()
