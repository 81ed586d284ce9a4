"""Notebooks that fail, crash, never end or put out too much: what is told of them, and what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder.execute.job import Limits
from site_builder.execute.results import NotebookRun, Output
from tests.execute.notebooks import LINUX, outputs, run, run_one


def test_a_failure_tells_cell_line_and_the_projects_frames(tmp_path: Path) -> None:
    """An exception gives the cell, the line of the file, one line of words, and frames of notebook and project only."""
    (tmp_path / "helper.py").write_text("import json\n\ndef read(text):\n    return json.loads(text)\n")
    text = """
        # %% first
        1
        # %% second

        import helper

        helper.read("{")
        # %% third
        3
        """
    notebook = run_one(tmp_path, text)
    failure = notebook.failure
    assert failure is not None
    assert (notebook.status, failure.cell, failure.line) == ("failed", 1, 7)
    assert failure.error.startswith("json.decoder.JSONDecodeError: Expecting property name")
    assert [line.strip() for line in failure.traceback.splitlines() if "File" in line] == [
        'File "n.py", line 7, in <module>',
        'File "helper.py", line 4, in read',
    ]
    assert [len(cell.outputs) for cell in notebook.cells] == [1, 1, 0]
    assert notebook.cells[1].outputs == (Output("error", failure.traceback),)


def test_the_line_of_a_syntax_error_is_that_of_the_file(tmp_path: Path) -> None:
    """A cell that does not parse fails at its own line, after the cells before it have run."""
    notebook = run_one(tmp_path, "# %%\n1\n# %%\n\nx = (\n")
    assert notebook.failure is not None
    assert (notebook.failure.cell, notebook.failure.line) == (1, 5)
    assert notebook.failure.error == "SyntaxError: '(' was never closed"


ENDINGS = {
    "raises": ("raise ValueError('a\\nb')", "failed", "ValueError: a"),
    "leaves": ("import sys\nsys.exit(3)", "failed", "SystemExit: 3"),
    "exits": ("import os\nos._exit(0)", "failed", "the process ended with exit status 0"),
    "aborts": ("import os\nos.abort()", "failed", "killed by SIGABRT"),
    "crashes": ("import ctypes\nctypes.string_at(0)", "failed", "killed by SIGSEGV"),
    "loops": ("while True: pass", "timeout", "still running after 1.5 s"),
    "sleeps": ("import time\ntime.sleep(1000)", "timeout", "still running after 1.5 s"),
    "reads": ("text = 1\ninput()", "failed", "EOFError: EOF when reading a line"),
    "floods": ("import os\nos.system('yes')", "failed", "C code or a subprocess wrote without end"),
    "repeats": ("def f(): f()\nf()", "failed", "RecursionError: maximum recursion depth exceeded"),
    "interrupts": ("text = 1\nraise KeyboardInterrupt", "failed", "KeyboardInterrupt"),
}
LINES = {"raises": 4, "loops": 4}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NotebookRun]:
    """Run all of ENDINGS, and one that behaves, by one worker."""
    texts = {name: f"# %%\nprint('before')\n# %% bad\n{code}\n# %%\n2" for name, (code, *_) in ENDINGS.items()}
    texts["behaves"] = "# %%\n1"
    return run(tmp_path_factory.mktemp("endings"), texts, limits=Limits(seconds=1.5))


@LINUX
@pytest.mark.parametrize("name", ENDINGS)
def test_however_a_notebook_ends_its_failure_tells_where(ended: dict[str, NotebookRun], name: str) -> None:
    """Exceptions, exits, signals, endless loops and floods give a status, the failing line, and what came before."""
    notebook, (_, status, error) = ended[name], ENDINGS[name]
    assert notebook.failure is not None
    assert (notebook.status, notebook.failure.error) == (status, error)
    assert (notebook.failure.cell, notebook.failure.line) == (1, LINES.get(name, 5))
    assert notebook.cells[0].outputs == (Output("stream", "before\n", "stdout"),)
    assert notebook.cells[1].outputs[-1].kind == "error"
    assert notebook.cells[2].outputs == ()


@LINUX
def test_other_notebooks_go_on(ended: dict[str, NotebookRun]) -> None:
    """Among notebooks that end in every bad way, one that behaves is run as ever."""
    assert ended["behaves"].status == "ok"
    assert outputs(ended["behaves"]) == [("text", "1")]


def test_what_was_put_out_before_a_crash_is_kept(tmp_path: Path) -> None:
    """A process that is killed loses nothing that Python, C code or a subprocess wrote before."""
    text = """
        # %%
        import os, subprocess
        print("one")
        display("two")
        os.write(1, b"three\\n")
        subprocess.run(["echo", "four"])
        os.kill(os.getpid(), 9)
        """
    notebook = run_one(tmp_path, text)
    assert outputs(notebook)[:-1] == [("stdout", "one\n"), ("text", "'two'"), ("stdout", "three\nfour\n")]
    assert outputs(notebook)[-1] == ("error", "killed by SIGKILL")


def test_output_past_the_limit_is_left_out(tmp_path: Path) -> None:
    """A cell keeps as many bytes as the limit, says that there was more, and the next cell has the limit anew."""
    text = """
        # %% python
        for _ in range(1000):
            print("é" * 10)
        # %% subprocess
        import subprocess
        subprocess.run("yes | head -c 100000", shell=True);
        # %% picture
        class Picture:
            def _repr_svg_(self): return "<svg>" + "x" * 5000 + "</svg>"
        Picture()
        # %% within
        print("x" * 2000)
        """
    notebook = run_one(tmp_path, text, limits=Limits(20.0, 2048))
    assert notebook.status == "ok"
    assert [cell.truncated for cell in notebook.cells] == [True, True, True, False]
    notice = Output("stream", "\n[the rest is left out: a cell may put out 2 KiB]\n", "stderr")
    python, subprocess_, picture, within = (cell.outputs for cell in notebook.cells)
    assert python[0].data == ("é" * 10 + "\n") * 97 + "é" * 5  # 97 lines of 21 bytes, and 11 bytes more
    assert python[1:] == (notice,)
    assert len(subprocess_[0].data) == 2048
    assert picture == (notice,)
    assert within == (Output("stream", "x" * 2000 + "\n", "stdout"),)


def test_a_flood_of_prints_ends_in_time(tmp_path: Path) -> None:
    """A loop that prints without end is stopped by the time limit, and leaves no more than the limit of output."""
    notebook = run_one(tmp_path, "# %%\nwhile True: print('x' * 100)", limits=Limits(1.0, 10_000))
    assert notebook.status == "timeout"
    assert notebook.cells[0].truncated
    assert sum(len(output.data) for output in notebook.cells[0].outputs if output.name == "stdout") == 10_000


@LINUX
def test_a_process_that_is_late_to_say_where_it_is_is_waited_for(tmp_path: Path) -> None:
    """As on a busy machine: here it does not hear for half a second that its time is up, and then is two lines on."""
    text = """
        # %%
        import signal, time
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        while not signal.sigpending(): time.sleep(0.01)
        time.sleep(0.5)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
        time.sleep(1000)
        """
    notebook = run_one(tmp_path, text, limits=Limits(1.0))
    assert notebook.failure is not None
    assert (notebook.status, notebook.failure.line) == ("timeout", 6)


_GREEDY = "import time; x = b'x' * 900_000_000; time.sleep(1000)"
GROWTHS = {
    "python": "kept = []\nwhile True: kept.append(bytearray(b'x' * 1_000_000))",
    "one": "import time\nkept = b'x' * 900_000_000; time.sleep(1000)",
    "torch": "import torch\nkept = [torch.ones(1_000_000) for _ in range(1_000_000)]",
    "fork": f"import os\nos.wait() if os.fork() else exec({_GREEDY!r})",
    "subprocess": f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {_GREEDY!r}])",
}


@LINUX
def test_memory_without_bound_is_stopped(tmp_path: Path) -> None:
    """A notebook whose processes together hold too much is stopped at its line; mapped address space is free."""
    texts = {name: f"# %%\nprint('before')\n# %% bad\n{code}\n# %%\n2" for name, code in GROWTHS.items()}
    texts["maps"] = "# %%\nimport mmap\nmmap.mmap(-1, 4 * 1024**3).close()\nbig = mmap.mmap(-1, 4 * 1024**3)\n1"
    runs = run(tmp_path, texts, "torch", limits=Limits(seconds=60.0, memory=700 * 1024**2))
    assert (runs["maps"].status, outputs(runs["maps"])) == ("ok", [("text", "1")])
    for name in GROWTHS:
        failure = runs[name].failure
        assert failure is not None, name
        assert (runs[name].status, failure.error) == ("memory", "holding more than 700 MB of memory"), name
        assert (failure.cell, failure.line) == (1, 5), name
        assert outputs(runs[name])[0] == ("stdout", "before\n"), name
