"""What is wrong is said with its place and the next step; every other note is still built."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.commands.conftest import COMMAND, Vault, WriteModel


def test_a_config_of_two_lines_is_enough(vault: Vault) -> None:
    vault.write("Home.md", "See [[Note]].")
    vault.write("Note.md", "# A note\n\nWith $x^2$.")
    done = vault.build()
    assert done.status == 0, done.err
    assert '<a href="note/">Note</a>' in vault.page("")
    assert "katex" in vault.page("note")
    assert (vault.root / "out/assets/wikitorch/wikitorch.css").exists()


FAULTS: dict[str, tuple[str | bytes, str]] = {
    "Broken": ("---\na: [\n---\nText.", "error[P001]"),
    "Dead": ("[[Nowhere]]", "error[L001]: no note named `Nowhere`"),
    "Embed": ("![[nowhere.png]]", "error[L001]: no file named `nowhere.png`"),
    "Picture": ("![](nowhere.png)", "error[L001]: no file named `nowhere.png`"),
    "Either": ("[[Twin]]", "warning[L002]: `Twin` names 2 files"),
    "Circle": ("![[Circle]]", "warning[L004]"),
    "Bytes": (b"caf\xe9", "error[R001]"),
    "Formula": ("$\\fraction{1}{2}$", "error[P005]: KaTeX cannot set"),
    "Model": ("---\nmodel: no.such\n---\n", "error[M007]"),
}


def test_faults_are_told_and_all_notes_are_built(vault: Vault) -> None:
    for name, (note, _) in FAULTS.items():
        vault.write(f"{name}.md", note)
    vault.write("a/Twin.md", "One.")
    vault.write("b/Twin.md", "Other.")
    done = vault.build()
    assert done.status == 0
    told = re.findall(r"^((?:error|warning)\[.*)\n +--> (.*?)\.md:", done.err, re.MULTILINE)
    checked = vault.run("check", "--format", "concise")
    assert checked.status == 1
    for name, (_, said) in FAULTS.items():
        assert [message for message, place in told if place == name and message.startswith(said)], (name, done.err)
        assert (vault.root / f"out/{name.lower()}/index.html").exists()
        assert re.search(f"^{name}.md:", checked.out, re.MULTILINE)
    assert "One." in vault.page("a/twin")


def test_values_in_values_are_built(vault: Vault) -> None:
    """The search index is made by a parser that loses count when an element that it skips holds another of its name."""
    vault.write("Note.md", "---\nby:\n  - {name: Ann, papers: [{year: 2001}, {year: 2002}]}\n---\nWords.")
    done = vault.build()
    assert done.status == 0, done.err
    assert "2002" in vault.page("note")


def test_strict_refuses_and_leaves_the_present_site(vault: Vault) -> None:
    vault.write("Home.md", "Fine.")
    assert vault.build().status == 0
    vault.write("Home.md", "[[Nowhere]]")
    done = vault.build("--strict")
    assert done.status == 1
    assert "L001" in done.err
    assert "Fine." in vault.page("")
    assert [path.name for path in vault.root.iterdir() if path.name.startswith(".out")] == []


def test_a_build_that_dies_leaves_the_present_site(vault: Vault) -> None:
    vault.write("Home.md", "Fine.")
    assert vault.build().status == 0
    (vault.root / "boom.py").write_text("def on_post_page(output, **_):\n    raise RuntimeError('half-way')\n")
    vault.configure("hooks: [boom.py]\n")
    vault.write("Home.md", "Changed.")
    done = vault.build()
    assert done.status != 0
    assert "Traceback" in done.err
    assert "half-way" in done.err
    assert "Fine." in vault.page("")
    assert [path.name for path in vault.root.glob(".out*")] == []


def test_an_empty_vault_is_a_front_page_and_a_word(vault: Vault) -> None:
    done = vault.build()
    assert done.status == 0
    assert "R003" in done.err
    assert "This vault holds no notes yet." in vault.page("")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("site_name: X\ndocs_dir: nowhere\n", "no folder"),
        ("site_name: [\n", "mkdocs.yml:2:1"),
        ("- a list\n", "holds no settings"),
    ],
)
@pytest.mark.parametrize("command", ["build", "check", "serve"])
def test_what_cannot_run_ends_in_one_line(vault: Vault, config: str, said: str, command: str) -> None:
    vault.config.write_text(config)
    done = vault.run(command)
    assert done.status == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_missing_config_ends_in_one_line(vault: Vault) -> None:
    vault.config.unlink()
    done = vault.run("build")
    assert (done.status, len(done.err.strip().splitlines())) == (2, 1)
    assert "mkdocs.yml" in done.err


def test_an_unknown_setting_has_a_place_and_a_near_match(vault: Vault) -> None:
    vault.write("Home.md", "Fine.")
    vault.configure("plugins:\n  - wikitorch:\n      excludes: [a]\n")
    done = vault.run("check")
    assert done.status == 1
    assert "error[C001]" in done.out
    assert "mkdocs.yml:5:7" in done.out
    assert "did you mean `exclude`?" in done.out


def test_a_setting_of_the_wrong_kind_has_a_place_and_keeps_its_default(vault: Vault) -> None:
    vault.write("Home.md", "Fine.")
    vault.configure("plugins:\n  - wikitorch:\n      exclude: drafts/\n")
    done = vault.run("check")
    assert done.status == 1
    assert "error[C002]: `exclude` is a text, not a list of texts" in done.out


def test_an_ignored_rule_is_not_told(vault: Vault) -> None:
    vault.write("Home.md", "See [[note]], [[Nowhere]].")
    vault.write("Note.md", "Fine.")
    assert {"L006", "L001"} <= set(re.findall(r"\[(\w+)\]", vault.run("check").out))
    vault.configure("plugins:\n  - wikitorch:\n      ignore: [L006, unresolved-link]\n")
    done = vault.run("check")
    assert (done.status, done.out) == (0, "")


def test_a_taken_port_ends_in_one_line(vault: Vault) -> None:
    vault.write("Home.md", "Fine.")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = vault.run("serve", "--port", str(port))
    assert done.status == 2
    assert f"port {port} is in use" in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_serve_shows_the_site_and_a_change(vault: Vault) -> None:
    vault.write("Home.md", "Before.")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [COMMAND, "serve", "-f", vault.config, "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=_hear_interrupts,
    )
    try:
        assert _appears(f"http://127.0.0.1:{port}/", "Before.")
        vault.write("Home.md", "After [[Nowhere]].")
        assert _appears(f"http://127.0.0.1:{port}/", "After")
    finally:
        server.send_signal(signal.SIGINT)
        out, _ = server.communicate(timeout=30)
    assert server.returncode in (0, 130, -signal.SIGINT)
    assert b"L001" in out
    assert b"Traceback" not in out


def _hear_interrupts() -> None:
    """Let Ctrl-C end what is started here, also where the tests run in the background and shells have it ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _appears(url: str, text: str) -> bool:
    for _ in range(150):
        try:
            if text in urllib.request.urlopen(url, timeout=5).read().decode():
                return True
        except OSError:
            pass
        time.sleep(0.2)
    return False


MISBEHAVING = {
    "raises": ("raise ValueError('no')", "M001", 5),
    "exits": ("raise SystemExit(3)", "M001", 5),
    "dies": ("import os\nos._exit(1)", "M001", 6),
    "loops": ("while True: pass", "M002", 5),
    "hoards": ("import time; kept = b'x' * 500_000_000; time.sleep(1000)", "M009", 5),
    "floods": ("print('x' * 1_000_000)", "M003", 5),
}


def test_notebooks_that_misbehave_are_told_with_their_lines(vault: Vault, write_model: WriteModel) -> None:
    for name, (cell, _, _) in MISBEHAVING.items():
        write_model(cell, name)
    vault.configure("plugins:\n  - wikitorch:\n      time_limit: 3\n      memory_limit: 300\n")
    done = vault.build()
    assert done.status == 0
    place = r" +--> notebook_models/notebooks/area/(\w+)\.py:(\d+):1$"
    told = re.findall(rf"^\w+\[(M\d+)\].*\n{place}", done.err, re.MULTILINE)
    for name, (_, code, line) in MISBEHAVING.items():
        assert (code, name, str(line)) in told
        assert f"A {name}." in vault.page(name)
    assert vault.build("--strict").status == 1


def test_checks_are_recorded_shown_and_fail_a_strict_build(vault: Vault, write_model: WriteModel) -> None:
    write_model("VALUE = 2")
    tests = vault.root / "tests/models/area/test_thing.py"
    tests.parent.mkdir(parents=True)
    head = "import pytest\nfrom notebook_models.area.thing import VALUE\n\n@pytest.mark.verifies('Thing#^even')\n"
    tests.write_text(head + 'def test_value() -> None:\n    """The value is even."""\n    assert VALUE % 2 == 0\n')
    (vault.root / "pyproject.toml").write_text("[tool.pytest.ini_options]\nmarkers = ['verifies(claim): decides it']\n")
    assert "M005" in vault.build().err
    assert vault.run("models", "test").status == 0
    assert "error[M008]: no block `Thing#^even`" in vault.build().err
    vault.write("Thing.md", "---\nmodel: area.thing\n---\nThe value is even. ^even\n")
    assert vault.build("--strict").status == 0
    assert 'class="claim-verdict claim-passed"' in vault.page("thing")
    assert "The value is even." in vault.page("thing")
    (vault.root / "notebook_models/area/thing.py").write_text('"""A thing."""\n\nVALUE = 3\n')
    assert "M005" in vault.build().err
    assert "have not been run" in vault.page("thing") or "has changed" in vault.page("thing")
    assert vault.run("models", "test", "--changed").status == 1
    assert "error[M004]" in vault.build().err
    assert 'class="claim-verdict claim-failed"' in vault.page("thing")
    assert vault.build("--strict").status == 1


def test_unreadable_files_are_told(vault: Vault) -> None:
    vault.write("Home.md", "Fine.")
    (vault.root / "notes" / "Gone.md").symlink_to(vault.root / "nowhere.md")
    done = vault.build()
    assert done.status == 0
    assert "R002" in done.err
    assert "Fine." in vault.page("")


def test_a_place_that_cannot_be_written_ends_in_one_line(vault: Vault) -> None:
    vault.write("Home.md", "Fine.")
    (vault.root / "file").write_text("")
    done = vault.run("build", "-d", str(vault.root / "file" / "out"))
    assert done.status == 2
    assert len(done.err.strip().splitlines()) == 1


def test_unpublished_notes_leave_no_trace(vault: Vault) -> None:
    vault.write("Home.md", "See [[Secret plan|the plan]] and ![[Secret plan]].")
    vault.write(
        "Secret plan.md", "---\npublish: false\naliases: [Hushhush]\ntags: [classified]\n---\nXyzzy ![[only.png]]"
    )
    vault.write("only.png", b"\x89PNG")
    assert vault.build().status == 0
    files = [path for path in (vault.root / "out").rglob("*") if path.is_file()]
    assert not [path for path in files if "secret" in path.name.lower() or path.name == "only.png"]
    for path in files:
        text = path.read_bytes().lower()
        assert not [word for word in (b"secret", b"hushhush", b"classified", b"xyzzy") if word in text], path


def test_mkdocs_builds_the_same_site(vault: Vault) -> None:
    vault.write("Home.md", "See [[Note]].")
    vault.write("Note.md", "# A note\n\nText.")
    assert vault.build().status == 0
    vault.configure("theme:\n  name: material\nplugins: [search, wikitorch]\n")
    mkdocs = Path(COMMAND).with_name("mkdocs")
    done = subprocess.run([mkdocs, "build", "-q", "-d", vault.root / "by-mkdocs"], cwd=vault.root, env=os.environ)
    assert done.returncode == 0
    ours, theirs = _contents(vault.root / "out"), _contents(vault.root / "by-mkdocs")
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name] and not name.endswith(".gz")] == []


def _contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
