"""The training loop: from a model and batches to weights on disk. Knows nothing of words, screens or launching.

    settings = Settings(peak_rate=(512 * 4000) ** -0.5, warmup=4000)
    trainer = Trainer(model, batches, settings, directory)
    trainer.resume()                      # where an earlier run has saved; otherwise nothing happens
    trainer.train(100_000, progress=print)

`model(source, target)` returns logits for the token after each target token, and `model.pad` is the padding token, as
in `Transformer`. `batches` gives a `Batch` at each `next`, for ever, and has `state_dict` and `load_state_dict`, as
`TokenBuckets` has. Where torch.distributed is started, each rank makes its own Trainer over its own batches, and the
gradients of all are those of one process that had all the batches.

`directory` receives `state.pt`, all that training needs to go on, replaced at each save, and `weights-<step>.pt` of the
last saves, which `averaging` takes the mean of. Killed at any moment and resumed, a training ends with the same weights
bit for bit as one that never stopped, on the same kind of device and with as many ranks.

Source: Vaswani et al. 2017, section 5: batches, Adam, the rate's formula (3), label smoothing.
"""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from notebook_models.training import checkpoint, distributed, random_state, sharding
from notebook_models.training.batches import Batch
from notebook_models.training.fast_cross_entropy import cross_entropy
from notebook_models.training.reports import Meter, Report

STATE = {"step", "weights", "adam", "batches", "random"}
HARMLESS = {"save_every", "keep", "report_every", "compile"}  # what may differ when a training goes on


@runtime_checkable
class Batches(Protocol):
    """An endless source of batches that knows its place."""

    def __next__(self) -> Batch: ...
    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: dict[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train. The paper's are the defaults; its `peak_rate` is `(d_model * warmup) ** -0.5`.

    A step takes `accumulate` batches from each rank before it changes the weights. `bfloat16` computes the products in
    that type, and keeps weights, their sums and the loss as they are. `shard` cuts weights and Adam's means up between
    the ranks, where one device cannot hold them, for more traffic between them: see `sharding`. `compile` has an effect
    on CUDA only: on a CPU, compiled training is slower. The last `keep` saves of weights are kept for averaging.
    """

    peak_rate: float = (512 * 4000) ** -0.5
    warmup: int = 4000
    smoothing: float = 0.1
    accumulate: int = 1
    bfloat16: bool = False
    shard: bool = False
    compile: bool = True
    seed: int = 0
    save_every: int = 1000
    keep: int = 5
    report_every: int = 10

    def __post_init__(self) -> None:
        for name in ("warmup", "accumulate", "save_every", "keep", "report_every"):
            if getattr(self, name) < 1:
                msg = f"{name} must be at least 1, got {getattr(self, name)}"
                raise ValueError(msg)

    def rate(self, step: int) -> float:
        """Return the learning rate of a step, from 1: up evenly, then down with the square root of the step.

        With the paper's peak this is its formula (3), `d_model^-0.5 * min(step^-0.5, step * warmup^-1.5)`.
        """
        return self.peak_rate * min(step / self.warmup, (self.warmup / step) ** 0.5)


class Trainer:
    """Trains a model in place; see the module's first lines.

    `config` describes the model, and is stored with its weights. `flops` counts the operations that a batch costs, for
    reports. Raises ValueError where settings cannot be.
    """

    def __init__(
        self, model: nn.Module, batches: Batches, settings: Settings, directory: Path, *,
        config: checkpoint.Config | None = None, flops: Callable[[Batch], float] = lambda batch: 0.0,
    ) -> None:  # fmt: skip
        self.model, self.batches, self.settings, self.directory, self.flops = model, batches, settings, directory, flops
        self.config: checkpoint.Config = config or {}
        self.device = next(model.parameters()).device
        self.step = 0
        self._resumed = False
        self._parallel = self._on_ranks()
        self.adam = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98), eps=1e-9, fused=True)
        compiled = settings.compile and self.device.type == "cuda"
        self._forward = torch.compile(self._parallel, dynamic=True) if compiled else self._parallel

    @property
    def state(self) -> Path:
        """The file that training goes on from."""
        return self.directory / "state.pt"

    def train(
        self,
        steps: int,
        progress: Callable[[Report], None] | None = None,
        measure: Callable[[int], None] = lambda step: None,
    ) -> None:
        """Train until `steps` steps are done, those before a resume included; `progress` is told on rank 0.

        Before each save every rank calls `measure` with the step, in eval mode, to look at text that is not trained on.
        It must draw no random numbers.

        The first step seeds PyTorch's and Python's random numbers, each rank's differently. Raises ValueError where
        `directory` holds a training that was not resumed, FloatingPointError when the loss is no number any more, and
        OSError when a save cannot be written: the one before it is still there.
        """
        self._begin()
        self.model.train()
        meter = Meter(self.device)
        while self.step < steps:
            self.step += 1
            meter.add(*self._train_step())
            saves = self.step % self.settings.save_every == 0 or self.step == steps
            if saves or self.step % self.settings.report_every == 0:
                self._tell(meter.report(self.step, steps, self.settings.rate(self.step)), progress)
            if saves:
                with meter.paused():
                    self._measure(measure)
                self.save()

    def _measure(self, measure: Callable[[int], None]) -> None:
        self.model.eval()
        measure(self.step)
        self.model.train()

    def save(self) -> None:
        """Write the weights and all else that training needs; every rank must call it."""
        states = distributed.gathered(random_state.capture(self.device))
        weights, adam = self._whole()
        if distributed.rank() == 0:
            checkpoint.write(self.directory / f"weights-{self.step:07}.pt", {"weights": weights}, self.config)
            content = {
                "step": self.step, "weights": weights, "adam": adam, "batches": self.batches.state_dict(),
                "random": states,
            }  # fmt: skip
            checkpoint.write(self.state, content, self._run())
            for old in sorted(self.directory.glob("weights-*.pt"))[: -self.settings.keep]:
                old.unlink(missing_ok=True)

    def resume(self) -> bool:
        """Take up the training that was saved in `directory`, if one was; return whether.

        Raises ValueError when it is cut short, or of another model, other settings or other batches.
        """
        self._resumed = True
        if not self.state.exists():
            return False
        stored = checkpoint.read(self.state, STATE, self._run())
        self.batches.load_state_dict(stored["batches"])
        if self.settings.shard:
            sharding.spread(self.model, self.adam, stored["weights"], stored["adam"])
        else:
            self.model.load_state_dict(stored["weights"])
            self.adam.load_state_dict(stored["adam"])
        self.step = stored["step"]
        random_state.restore(stored["random"][distributed.rank()], self.device)
        return True

    def _whole(self) -> tuple[dict[str, Any], dict[str, Any]]:
        if self.settings.shard:
            return sharding.gathered(self.model, self.adam)
        return self.model.state_dict(), self.adam.state_dict()

    def _begin(self) -> None:
        if self.state.exists() and not self._resumed:
            msg = f"{self.directory} holds a training already: resume it, or choose another directory"
            raise ValueError(msg)
        if distributed.rank() == 0:
            for written in (self.state, self.directory / "weights-*.pt"):
                checkpoint.sweep(written)
        if self.step == 0:
            random_state.seed(self.settings.seed * distributed.ranks() + distributed.rank())
        self._resumed = True

    def _run(self) -> checkpoint.Config:
        """What must be the same when a training goes on."""
        settings = {name: value for name, value in asdict(self.settings).items() if name not in HARMLESS}
        shapes = " ".join(f"{name} {tuple(weight.shape)}" for name, weight in self.model.state_dict().items())
        return {**self.config, **settings, "ranks": distributed.ranks(), "model": shapes}

    def _on_ranks(self) -> nn.Module:
        if self.settings.shard:
            sharding.shard(self.model, self.device)
            return self.model
        if distributed.ranks() == 1:
            return self.model
        return DistributedDataParallel(self.model, device_ids=[self.device] if self.device.type == "cuda" else None)

    def _train_step(self) -> tuple[Tensor, Tensor, float]:
        """Change the weights once; return the loss summed over this rank's tokens, all ranks' tokens, operations."""
        batches = [next(self.batches) for _ in range(self.settings.accumulate)]
        here = sum(int((batch.target[:, 1:] != self.model.pad).sum()) for batch in batches)
        tokens = distributed.total(torch.tensor(here, device=self.device))
        loss = torch.zeros((), device=self.device)
        for number, batch in enumerate(batches, 1):
            with self._sums_gradients(last=number == len(batches)):
                batch_loss = self._loss(batch.to(self.device))
                # The ranks' gradients are averaged, so each is taken times their number: the sum is over all tokens.
                (batch_loss * distributed.ranks() / tokens).backward()
            loss = loss + batch_loss.detach()
        for group in self.adam.param_groups:
            group["lr"] = self.settings.rate(self.step)
        self.adam.step()
        self.adam.zero_grad()
        return loss, tokens, sum(self.flops(batch) for batch in batches)

    def _sums_gradients(self, last: bool) -> AbstractContextManager[None]:
        """Only the last batch of a step makes the ranks exchange gradients."""
        if self.settings.shard:
            self.model.set_requires_gradient_sync(last)
        wait = not last and isinstance(self._parallel, DistributedDataParallel)
        return self._parallel.no_sync() if wait else nullcontext()

    def _loss(self, batch: Batch) -> Float[Tensor, ""]:
        """Return the smoothed loss, summed over the target tokens."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.bfloat16):
            logits = self._forward(batch.source, batch.target[:, :-1])
        return cross_entropy(
            logits.flatten(0, 1).float() if self.settings.bfloat16 else logits.flatten(0, 1),
            batch.target[:, 1:].flatten(), smoothing=self.settings.smoothing, ignore=self.model.pad,
        )  # fmt: skip

    def _tell(self, report: Report, progress: Callable[[Report], None] | None) -> None:
        if not math.isfinite(report.loss):
            msg = f"the loss is {report.loss} at step {report.step}; the last save is from before"
            raise FloatingPointError(msg)
        if progress and distributed.rank() == 0:
            progress(report)
