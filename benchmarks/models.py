"""What the Transformer costs beside what one would take instead: wikitorch models bench [--size base|big] ...

Every system has the same sizes, tokens, threads and optimizer, and dropout where its library drops. A round times each
of them once, in an order drawn anew, and a ratio to ours is taken within each round, so that it holds while the
machine's speed drifts. Memory is what a process of its own holds at its highest. Writes one JSON file a size and a kind
of device.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from model_systems import SIZES, SYSTEMS, VOCAB, System
from torch import Tensor, nn
from torch.nn import functional as F

from notebook_models.training.fast_cross_entropy import cross_entropy
from notebook_models.training.flops import Cost, ceiling
from notebook_models.transformer.transformer import Transformer

OURS = "ours"
NEW = 64  # tokens to write for each source
FIRST_TOKEN = 3  # before it: padding, start, end
RESULTS = Path(__file__).parent / "results"
PACKAGES = ("torch", "transformers", "x-transformers")

Task = Callable[[], object]


def main(arguments: argparse.Namespace) -> None:
    """Measure, print as it goes, and write the record."""
    device = torch.device(arguments.device)
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    if arguments.memory:
        _print_memory(arguments, device)
        return
    systems = {name: _built(name, arguments.size, device) for name in SYSTEMS}
    record = {
        "command": f"wikitorch models bench --size {arguments.size} --device {device.type} --rounds {arguments.rounds}",
        "date": date.today().isoformat(),
        "machine": _machine(device),
        "versions": {"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        "threads": arguments.threads,
        "size": arguments.size,
        "parameters": {n: sum(p.numel() for p in s.module.parameters()) for n, s in systems.items()},
        "agreement": _agreement(systems),
        "figures": list(_figures(systems, arguments, device)),
        "peak_memory_mib": _memory(arguments) if device.type == "cpu" else {},
    }
    out = arguments.out / f"models-{arguments.size}-{device.type}.json"
    out.write_text(json.dumps(record, indent=2) + "\n")
    print(out)


def _built(name: str, size: str, device: torch.device) -> System:
    system = SYSTEMS[name](SIZES[size])
    system.module.to(device)
    return system


def _agreement(systems: dict[str, System]) -> dict[str, float]:
    """Return how far logits in float32 are from those in float64, the largest of all."""
    ours, source = systems[OURS], _tokens(2, NEW, torch.device("cpu"))
    ours.module.cpu().eval()
    with torch.no_grad():
        single = ours.logits(source, source)
        double = ours.module.double()(source, source)
    ours.module.float().to(next(systems["Marian"].module.parameters()).device)
    return {"float32_error_of_logits": (single.double() - double).abs().max().item()}


def _figures(
    systems: dict[str, System], arguments: argparse.Namespace, device: torch.device
) -> Iterator[dict[str, Any]]:
    cuda = device.type == "cuda"
    rows = 392 if cuda else 8  # of 64 tokens: about 25,000 on a GPU
    for task, unit, batch, tasks in _tasks(systems, rows, (1, 8, 64, 512) if cuda else (8, 1), device):
        seconds = _timed(tasks, arguments.rounds, device)
        figure = {
            "task": task,
            "batch": batch,
            "unit": unit,
            "rounds": arguments.rounds,
            "systems": {name: _spread([batch * NEW / each for each in taken]) for name, taken in seconds.items()},
        }
        peers = {name: _ratios(seconds[OURS], taken) for name, taken in seconds.items() if name != OURS}
        figure["times_as_fast_as"] = peers
        if task == "train":
            figure |= _utilization(systems[OURS], batch, statistics.median(seconds[OURS]), device)
        print(json.dumps(figure), flush=True)
        yield figure


def _tasks(
    systems: dict[str, System], rows: int, batches: tuple[int, ...], device: torch.device
) -> Iterator[tuple[str, str, int, dict[str, Task]]]:
    """Give each task with the tokens it is counted in, its batch, and what each system does for it."""
    source, target = _tokens(rows, NEW, device), _tokens(rows, NEW + 1, device)
    steps = {name: partial(_step, s, _optimizer(s.module), source, target) for name, s in systems.items()}
    yield "train", "target tokens/s", rows, steps
    for system in systems.values():
        system.module.eval().zero_grad(set_to_none=True)
    yield "forward", "target tokens/s", rows, {n: _reading(s.logits, source, source) for n, s in systems.items()}
    for batch in batches:
        few = _tokens(batch, NEW, device)
        yield "greedy", "tokens/s", batch, {n: _reading(s.greedy, few, NEW) for n, s in systems.items()}
    few = _tokens(8, NEW, device)
    searching = {n: s.beam for n, s in systems.items() if hasattr(s, "beam")}
    yield "beam 4", "tokens/s", 8, {n: _reading(beam, few, NEW) for n, beam in searching.items()}


def _reading(call: Callable[..., object], *arguments: object) -> Task:
    def task() -> object:
        with torch.no_grad():
            return call(*arguments)

    return task


def _optimizer(module: nn.Module) -> torch.optim.Optimizer:
    module.train()
    return torch.optim.Adam(module.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-9, fused=True)


def _step(system: System, optimizer: torch.optim.Optimizer, source: Tensor, target: Tensor) -> None:
    optimizer.zero_grad(set_to_none=True)
    half = torch.autocast("cuda", torch.bfloat16) if source.is_cuda else nullcontext()
    with half:
        logits = system.logits(source, target[:, :-1])
        loss = _loss(system)(logits.flatten(0, 1), target[:, 1:].flatten())
    loss.backward()
    optimizer.step()


def _loss(system: System) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the mean smoothed loss: ours as the trainer has it, torch's for the others."""
    if system.module.__class__ is Transformer:
        return lambda logits, target: cross_entropy(logits, target, smoothing=0.1) / len(target)
    return partial(F.cross_entropy, label_smoothing=0.1)


def _timed(tasks: dict[str, Task], rounds: int, device: torch.device) -> dict[str, list[float]]:
    """Return each task's seconds, a round after another; what a system does first does not count."""
    for task in tasks.values():
        task()
    order = list(tasks)
    shuffle = random.Random(0).shuffle
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            seconds[name].append(_seconds(tasks[name], device))
    return seconds


def _seconds(task: Task, device: torch.device) -> float:
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    wait()
    started = time.perf_counter()
    task()
    wait()
    return time.perf_counter() - started


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 1), "low": round(min(values), 1), "high": round(max(values), 1)}


def _ratios(ours: list[float], theirs: list[float]) -> dict[str, float]:
    ratios = sorted(their / our for our, their in zip(ours, theirs, strict=True))
    return {"median": round(statistics.median(ratios), 3), "low": round(ratios[0], 3), "high": round(ratios[-1], 3)}


def _utilization(ours: System, batch: int, seconds: float, device: torch.device) -> dict[str, float]:
    """Return what of the device's fastest matrix product our training reaches."""
    operations = Cost.of(ours.module).training(NEW, NEW, batch) / seconds
    fastest = ceiling(device, torch.bfloat16 if device.type == "cuda" else torch.float32)
    return {"tflops": round(operations / 1e12, 3), "mfu": round(operations / fastest, 3)}


def _memory(arguments: argparse.Namespace) -> dict[str, dict[str, int]]:
    """Return the most that a process for one system and one task alone holds, torch and the libraries included."""
    return {task: {name: _memory_of(task, name, arguments) for name in SYSTEMS} for task in ("train", "greedy")}


def _memory_of(task: str, name: str, arguments: argparse.Namespace) -> int:
    command = [sys.executable, __file__, "--size", arguments.size, "--threads", str(arguments.threads)]
    return int(subprocess.check_output([*command, "--memory", task, name], text=True).split()[-1])


def _print_memory(arguments: argparse.Namespace, device: torch.device) -> None:
    task, name = arguments.memory
    system = _built(name, arguments.size, device)
    if task == "train":
        _step(system, _optimizer(system.module), _tokens(8, NEW, device), _tokens(8, NEW + 1, device))
    else:
        system.module.eval()
        _reading(system.greedy, _tokens(8, NEW, device), NEW)()
    print(_peak())


def _peak() -> int:
    """Return the high-water mark in MiB; Linux's own, since that of `getrusage` is inherited from the parent."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _tokens(rows: int, length: int, device: torch.device) -> Tensor:
    return torch.randint(FIRST_TOKEN, VOCAB, (rows, length), device=device)


def _machine(device: torch.device) -> dict[str, Any]:
    if device.type == "cuda":
        return {"device": torch.cuda.get_device_name(device)}
    cpu = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    names = [line.partition(":")[2].strip() for line in cpu.splitlines() if line.startswith("model name")]
    return {"device": names[0] if names else platform.processor(), "cores": os.cpu_count()}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="wikitorch models bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="base", help="the paper's model to measure (default: base)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="for torch, on a CPU (default: all cores)")
    parser.add_argument("--rounds", type=int, default=9, help="how often each is timed (default: 9)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the folder for the record")
    parser.add_argument("--memory", nargs=2, metavar=("TASK", "SYSTEM"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main(_arguments())
