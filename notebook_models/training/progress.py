"""A training as it is seen: a bar on a terminal, lines in a log, curves in TensorBoard. Knows nothing of training."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from notebook_models.training.reports import Measured, Report

Show = Callable[[Report | Measured], None]


@contextmanager
def shown(directory: Path, done: int, ceiling: float) -> Iterator[Show]:
    """Give what shows reports, from step `done` on; `ceiling` is the operations a second that all devices can do.

    On a terminal there is a bar, elsewhere a line for each report. TensorBoard's files go into `directory`/tensorboard,
    where it is installed; steps beyond `done`, of a training that was killed after its last save, are taken back.
    """
    console = Console(stderr=True, highlight=False, markup=False)
    with ExitStack() as stack:
        parts = [_bar(stack, console, done, ceiling) if console.is_terminal else _lines(console, ceiling)]
        parts.append(_tensorboard(stack, console, directory / "tensorboard", done, ceiling))

        def show(report: Report | Measured) -> None:
            for part in parts:
                part(report)

        yield show


def rates(report: Report, ceiling: float) -> tuple[float, float]:
    """Return the target tokens a second, and the model FLOPs utilization, a share of the ceiling."""
    return report.tokens / report.seconds, report.flops / report.seconds / ceiling


def _bar(stack: ExitStack, console: Console, done: int, ceiling: float) -> Show:
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    bar = stack.enter_context(Progress(*columns, console=console, speed_estimate_period=300))
    task = bar.add_task("", total=None, completed=done)
    line = _lines(console, ceiling)

    def show(report: Report | Measured) -> None:
        if isinstance(report, Measured):
            line(report)  # above the bar, where it stays to be compared
        else:
            bar.update(task, total=report.steps, completed=report.step, description=_told(report, ceiling))

    return show


def _lines(console: Console, ceiling: float) -> Show:
    def show(report: Report | Measured) -> None:
        console.print(f"step {report.step:,} of {report.steps:,}, {_told(report, ceiling)}", soft_wrap=True)

    return show


def _told(report: Report | Measured, ceiling: float) -> str:
    if isinstance(report, Measured):
        return f"development perplexity {report.perplexity:.2f}"
    tokens, utilization = rates(report, ceiling)
    return f"loss {report.loss:.3f}, rate {report.rate:.2e}, {tokens:,.0f} tokens/s, MFU {utilization:.0%}"


def _tensorboard(stack: ExitStack, console: Console, directory: Path, done: int, ceiling: float) -> Show:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ModuleNotFoundError:
        console.print("no curves: TensorBoard is not installed (pip install 'wikitorch[training]')")
        return lambda report: None
    writer = SummaryWriter(str(directory), purge_step=done + 1 if done else None)
    stack.callback(writer.close)

    def show(report: Report | Measured) -> None:
        for name, value in _curves(report, ceiling).items():
            writer.add_scalar(name, value, report.step)
        writer.flush()

    return show


def _curves(report: Report | Measured, ceiling: float) -> dict[str, float]:
    if isinstance(report, Measured):
        return {"development perplexity": report.perplexity}
    tokens, utilization = rates(report, ceiling)
    return {
        "loss": report.loss, "learning rate": report.rate, "tokens a second": tokens,
        "model FLOPs utilization": utilization,
    }  # fmt: skip
