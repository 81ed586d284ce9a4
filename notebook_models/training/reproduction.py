"""The paper's experiment, step by step: text, vocabulary, training, average, translations, BLEU. Reads no arguments."""

import sys
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import Progress

from notebook_models.text.byte_pair_encoding import END, START
from notebook_models.text.shared_vocabulary import SharedVocabulary
from notebook_models.training import bleu, checkpoint, distributed
from notebook_models.training.batches import Batch, TokenBuckets
from notebook_models.training.configurations import Configuration
from notebook_models.training.evaluation import averaged, in_tokens, perplexity, translate
from notebook_models.training.flops import Cost, ceiling
from notebook_models.training.pairs import Pairs
from notebook_models.training.prepared import Corpus, prepare
from notebook_models.training.progress import shown
from notebook_models.training.reports import Measured
from notebook_models.training.trainer import Trainer
from notebook_models.transformer.transformer import Transformer


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One training: its choices, its languages, the directory that holds it, and the kind of device."""

    configuration: Configuration
    directory: Path
    source: str = "en"
    target: str = "de"
    device: str = "cpu"

    def corpus(self, text: Path) -> Corpus:
        """Return a file of parallel text in these languages."""
        return Corpus(text, self.source, self.target)

    def expect(self, *texts: Path) -> None:
        """Look at the first line of each text, and at the directory: what is wrong is told before days of training."""
        if self.directory.exists() and not self.directory.is_dir():
            msg = f"{self.directory} is a file: choose a directory"
            raise ValueError(msg)
        for text in texts:
            next(self.corpus(text).read())

    def model(self, vocabulary: SharedVocabulary, seed: int = 0) -> tuple[Transformer, checkpoint.Config]:
        """Return a model with the first weights of a seed, and what its saves are known by."""
        sizes = self.configuration.sizes(len(vocabulary))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            model = Transformer(**sizes)
        return model, {
            **sizes, "source": self.source, "target": self.target, "vocabulary": vocabulary.checksum,
        }  # fmt: skip


def train(
    run: Run, text: Path, *, resume: bool = False, tokenizer: Path | None = None, accumulate: int = 1,
    bfloat16: bool = False, seed: int = 0, shard: bool = False, develop: Path | None = None,
) -> None:  # fmt: skip
    """Train on a file of parallel text, as one of torchrun's processes or alone; saves go into the directory.

    Before each save the perplexity of the file `develop` is told, text that is not trained on. With `resume` it goes on
    from the last save, if there is one. Raises ValueError, OSError, FloatingPointError and PeerLost, each with one line
    that says what is wrong.
    """
    choices = run.configuration
    settings = choices.settings(accumulate=accumulate, bfloat16=bfloat16, seed=seed, shard=shard)
    with distributed.launched(run.device) as device:
        vocabulary, pairs = prepare(
            run.corpus(text), run.directory, choices.vocabulary, tokenizer=tokenizer, tell=_tell
        )  # fmt: skip
        batches = _batches(pairs, choices.tokens // (accumulate * distributed.ranks()), seed)
        model, config = run.model(vocabulary, seed)
        trainer = Trainer(
            model.to(device), batches, settings, run.directory, config=config, flops=partial(_flops, Cost.of(model))
        )
        held_out = in_tokens(list(run.corpus(develop).read()), vocabulary) if develop else None
        peak = ceiling(device, torch.bfloat16 if bfloat16 else torch.float32) * distributed.ranks()
        # Only now, since what is measured before has drawn random numbers.
        if resume and trainer.resume() and distributed.rank() == 0:
            _tell(f"going on after step {trainer.step:,}")
        with shown(run.directory, trainer.step, peak) if distributed.rank() == 0 else nullcontext() as show:

            def measure(step: int) -> None:
                if held_out:
                    value, _ = perplexity(model, held_out, bfloat16=bfloat16, share=not shard)
                    if show:
                        show(Measured(step, choices.steps, value))

            trainer.train(choices.steps, show, measure)


def evaluate(run: Run, text: Path) -> str:
    """Translate a file of parallel text with the averaged model; return what both are worth, a few lines.

    The translations are written into the directory, a line each, in a file named after the text and the language.
    """
    tokenizer = run.directory / "tokenizer.json"
    if not tokenizer.is_file():
        msg = f"no training in {run.directory}: make one with --train FILE"
        raise FileNotFoundError(msg)
    pairs = list(run.corpus(text).read())
    vocabulary = SharedVocabulary.load(tokenizer)
    model, config = run.model(vocabulary)
    averaged(run.directory, model, config, run.configuration.average)
    unsure, tokens = perplexity(model.eval().to(run.device), in_tokens(pairs, vocabulary))
    sources, references = ([pair[side] for pair in pairs] for side in (0, 1))
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(f"translating {text.name}", total=len(pairs))
        translations = translate(
            model, vocabulary, sources, run.configuration,
            progress=lambda count: bar.advance(task, count),
        )  # fmt: skip
    written = run.directory / f"{text.stem}.{run.target}"
    written.write_text("".join(f"{' '.join(line.split())}\n" for line in translations), encoding="utf-8")
    scores = bleu.detokenized(translations, references), bleu.compounds_split(translations, references, run.target)
    return "\n".join([
        f"{len(pairs):,} translations in {written}, beam {run.configuration.beam}, alpha {run.configuration.alpha}",
        f"perplexity {unsure:.2f}  of {tokens:,} {run.target} tokens, which are parts of words",
        *(f"BLEU {score.bleu:.2f}  {score.signature}" for score in scores),
    ])  # fmt: skip


def _batches(pairs: Pairs, tokens: int, seed: int) -> TokenBuckets:
    rank, ranks = distributed.rank(), distributed.ranks()
    batches = TokenBuckets(pairs, bos=START, eos=END, tokens=tokens, seed=seed, rank=rank, ranks=ranks)
    empty, long = batches.dropped.empty, batches.dropped.long
    if rank == 0:
        _tell(f"{len(pairs):,} pairs, of which {empty:,} are left out for an empty side and {long:,} for their length")
    return batches


def _flops(cost: Cost, batch: Batch) -> float:
    return float(cost.training(batch.source.shape[1], batch.target.shape[1] - 1, len(batch.source)))


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
