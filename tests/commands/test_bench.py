"""`wikitorch models bench` runs the project's own script, with the project's models at hand."""

from __future__ import annotations

from tests.commands.conftest import Vault


def test_it_runs_the_projects_script_with_all_arguments(vault: Vault) -> None:
    (vault.root / "benchmarks").mkdir()
    (vault.root / "notebook_models").mkdir()
    (vault.root / "notebook_models" / "__init__.py").write_text("SIZE = 7\n")
    script = "import sys\nimport notebook_models\nprint(sys.argv[1:], notebook_models.SIZE)\nsys.exit(1)\n"
    (vault.root / "benchmarks" / "models.py").write_text(script)
    done = vault.run("models", "bench", "--size", "big", "--help")
    assert (done.status, done.out) == (1, "['--size', 'big', '--help'] 7\n"), done.err


def test_without_a_script_one_line_says_where_it_would_be(vault: Vault) -> None:
    done = vault.run("models", "bench")
    assert done.status == 2
    assert "benchmarks/models.py is not there" in done.err
    assert len(done.err.splitlines()) == 1
