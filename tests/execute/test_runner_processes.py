"""The processes that run notebooks: none sees or outlives another, and a forked one gives what a fresh one does."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.diagnostics import CannotRun
from site_builder.execute.job import Limits
from site_builder.execute.notebook import parse_notebook
from site_builder.execute.progress import quiet
from site_builder.execute.runner import Notebook, run_notebooks
from site_builder.text import Source
from tests.execute.notebooks import LINUX, PLAIN, outputs, run, run_one


def is_alive(pid: int) -> bool:
    """Tell whether a process still runs; one that has ended and was not waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@LINUX
def test_notebooks_do_not_see_each_other(tmp_path: Path) -> None:
    """Variables, modules, random states, environment, folder and torch's settings of one notebook end with it."""
    change = """
        # %%
        import os, random, sys, torch
        print(os.getcwd(), "y" in globals(), "json.tool" in sys.modules, "MARK" in os.environ)
        print(torch.get_default_dtype())
        print(random.random(), torch.rand(1).item(), torch.get_num_threads(), hash("text"))
        # %%
        import json.tool
        y = 1
        os.environ["MARK"] = "1"
        os.chdir("/")
        torch.set_default_dtype(torch.float64)
        """
    runs = run(tmp_path, {"first": change, "second": change, "third": change}, "torch")
    first = runs["first"].cells[0].outputs
    assert first[0].data.startswith(f"{tmp_path} False False False\ntorch.float32\n")
    assert first[0].data.splitlines()[2].split()[2] == "1"
    assert runs["second"].cells[0].outputs == runs["third"].cells[0].outputs == first


@LINUX
def test_nothing_that_a_notebook_started_outlives_it(tmp_path: Path) -> None:
    """Subprocesses of a notebook end with it, done or stopped, and a thread that goes on does not hold it up."""
    start = """
        # %%
        import subprocess, threading, time
        print(subprocess.Popen(["sleep", "1000"]).pid)
        threading.Thread(target=time.sleep, args=(1000,)).start()
        """
    runs = run(tmp_path, {"ends": start, "loops": f"{start}while True: pass"}, limits=Limits(seconds=1.0))
    assert {name: one.status for name, one in runs.items()} == {"ends": "ok", "loops": "timeout"}
    for one in runs.values():
        assert not is_alive(int(outputs(one)[0][1]))


@LINUX
def test_a_fork_in_a_cell_does_not_run_the_rest_twice(tmp_path: Path) -> None:
    """A process forked by a cell writes to its output, and ends with the cell."""
    text = """
        # %%
        import os
        if os.fork():
            os.wait()
        else:
            print("child")
        # %%
        with open("ran", "a") as file:
            print("after", file=file)
        """
    assert outputs(run_one(tmp_path, text)) == [("stdout", "child\n")]
    assert (tmp_path / "ran").read_text() == "after\n"


@LINUX
@pytest.mark.parametrize("fork", [True, False], ids=["forked", "fresh"])
def test_a_worker_that_is_killed_is_told_in_one_line(tmp_path: Path, fork: bool) -> None:
    """When the worker itself ends, CannotRun is raised, and no notebook goes on without it."""
    pid_file = tmp_path / "pid"
    text = f"""
        # %%
        import os, pathlib, signal, time
        pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1000)
        """
    with pytest.raises(CannotRun, match=r"the worker that runs notebooks ended with status -9"):
        run(tmp_path, {"n": text}, fork=fork)
    deadline = time.monotonic() + 10
    while is_alive(int(pid_file.read_text())) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(int(pid_file.read_text()))


@LINUX
def test_leaving_early_leaves_no_process(tmp_path: Path) -> None:
    """When whoever asked stops listening, the worker and its notebooks have ended, one with much to give back too."""
    pid_file = tmp_path / "pid"
    source = Source(
        "n.py",
        "# %%\nimport os, pathlib, time\nheld = b'x' * 400_000_000\n"
        "pathlib.Path('pid').write_text(f'{os.getpid()} {os.getppid()}')\n"
        "time.sleep(1000)\n",
    )
    quick = Source("q.py", "# %%\nimport pathlib, time\nwhile not pathlib.Path('pid').exists(): time.sleep(0.01)\n")
    notebooks = [Notebook(one.path, one, parse_notebook(one)) for one in (source, quick)]
    runs = run_notebooks(tmp_path, notebooks, (), fork=True, jobs=2, limits=PLAIN, progress=quiet)
    assert next(runs)[0] == "q.py"
    runs.close()
    assert [is_alive(int(pid)) for pid in pid_file.read_text().split()] == [False, False]


STATEMENTS = [
    "print(x)",
    "x += 1",
    "import random; print(random.random())",
    "import sys; print('e', file=sys.stderr)",
    "import os; os.system('echo sub')",
    "display(x, [x])",
    "assert x < 3, x",
    "f'{x:>8}'",
    "{'a', 'b', 'c'}",
    "sorted(globals())",
    "import shutil; shutil.get_terminal_size()",
    "import time; time.strftime('%Z')",
    "__name__",
    "import tempfile, pathlib; pathlib.Path(tempfile.mkdtemp()).exists()",
    "raise SystemExit",
    "import warnings; warnings.warn('careful')",
]


@LINUX
@settings(max_examples=12, deadline=None)
@given(cells=st.lists(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_forked_run_equals_one_in_a_fresh_process(
    tmp_path_factory: pytest.TempPathFactory, cells: list[list[str]]
) -> None:
    """A notebook leaves the same outputs and failure in a forked process as in a new interpreter of its own."""
    root = tmp_path_factory.mktemp("n")
    text = "# %%\nx = 0\n" + "".join("# %%\n" + "\n".join(cell) + "\n" for cell in cells)
    forked, fresh = run(root, {"n": text})["n"], run(root, {"n": text}, fork=False)["n"]
    assert outputs(forked) == outputs(fresh)
    assert (forked.status, forked.failure) == (fresh.status, fresh.failure)


@LINUX
def test_torch_gives_the_same_forked_and_fresh(tmp_path: Path) -> None:
    """A small training gives the same figures in a process forked after `import torch` as in a new one."""
    text = """
        # %%
        import torch
        from torch import nn
        model = nn.Linear(4, 1)
        optimizer = torch.optim.Adam(model.parameters())
        for _ in range(20):
            loss = model(torch.randn(8, 4)).square().mean()
            loss.backward()
            optimizer.step()
        print(loss.item(), model.weight)
        # %%
        torch.randn(3, 3) @ torch.randn(3, 3)
        """
    forked, fresh = run(tmp_path, {"n": text}, "torch"), run(tmp_path, {"n": text}, "torch", fork=False)
    assert outputs(forked["n"]) == outputs(fresh["n"])
    assert forked["n"].status == "ok"
