"""What the repository says of itself is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from site_builder.docs import generated_docs
from site_builder.execute import find_models
from site_builder.parse import parse_note
from site_builder.read import read_vault
from site_builder.rules import RULES
from tests.cases.literate import read_cases

ROOT = Path(__file__).parents[2]
MODELS = find_models(ROOT, "notebook_models", Path("tests/models"))
CONCEPTS = [model.name for model in MODELS if model.notebook]
NOTES = {note.properties.text("model"): note for note in map(parse_note, read_vault(ROOT / "vault").notes)}


def test_generated_docs_are_fresh() -> None:
    generated = generated_docs()
    written = {name: (ROOT / "docs" / name).read_text() for name in generated if (ROOT / "docs" / name).exists()}
    assert written == generated, "run `make docs`"
    assert {f"rules/{path.name}" for path in (ROOT / "docs" / "rules").glob("*.md")} <= set(generated)


def test_rule_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)


def test_every_rule_of_the_language_has_a_case() -> None:
    shown = "".join(path.read_text() for path in (ROOT / "tests" / "cases").glob("*.md"))
    tested = shown + "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__))
    missing = [rule.code for rule in RULES if rule.code not in tested and rule.name not in tested]
    assert not missing


@pytest.mark.parametrize("name", CONCEPTS)
def test_every_concept_has_module_notebook_tests_and_note(name: str) -> None:
    path = name.replace(".", "/")
    area, _, stem = path.rpartition("/")
    assert (ROOT / f"notebook_models/{path}.py").is_file()
    assert (ROOT / f"notebook_models/notebooks/{path}.py").is_file()
    assert (ROOT / f"tests/models/{area}/test_{stem}.py").is_file()
    assert name in NOTES


def test_every_test_of_a_model_mirrors_a_module() -> None:
    mirrored = {model.tests.path for model in MODELS if model.tests}
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/models").rglob("test_*.py")} == mirrored


@pytest.mark.parametrize("module", ["site_builder.cli", "site_builder.compile", "site_builder.execute"])
def test_importing_the_core_loads_neither_torch_nor_mkdocs(module: str) -> None:
    heavy = ("torch", "mkdocs", "matplotlib", "jupytext")
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_readme_shows_commands_that_exist() -> None:
    commands = (ROOT / "docs" / "commands.md").read_text()
    for command in re.findall(r"^ +(wikitorch(?: [a-z]+)+)", (ROOT / "README.md").read_text(), re.MULTILINE):
        assert f"## {command}\n" in commands


def test_make_help_lists_the_verbs_that_readme_names() -> None:
    listed = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for verb in set(re.findall(r"`?make (\w+)", (ROOT / "README.md").read_text())):
        assert re.search(rf"^{verb}\s", listed, re.MULTILINE)


def test_make_site_can_leave_the_models_alone() -> None:
    """`make site RUN=0` builds and serves what is kept, and runs neither notebooks nor checks."""

    def planned(*options: str) -> list[str]:
        done = subprocess.run(["make", "-n", "site", *options], cwd=ROOT, capture_output=True, text=True, check=True)
        return [line.removeprefix(".venv/bin/") for line in done.stdout.splitlines() if "/wikitorch " in line]

    assert planned("RUN=0") == ["wikitorch build --no-run", "wikitorch serve --no-run --port 8000"]
    assert planned("SERVE=0") == ["wikitorch models test --changed", "wikitorch build "]


def test_no_file_names_a_download_address() -> None:
    for name in ("constraints.txt", "pyproject.toml", "site_builder/frontend/package-lock.json"):
        assert not re.search(
            r"https?://(?!json\.schemastore)[^\s\"]*(simple|registry|\.whl|\.tgz)", (ROOT / name).read_text()
        )


def test_no_module_grows_past_300_lines() -> None:
    folders = ("site_builder", "notebook_models", "tests", "benchmarks")
    files = [path for folder in folders for kind in ("*.py", "*.ts") for path in (ROOT / folder).rglob(kind)]
    long = {
        str(path): n
        for path in files
        if "node_modules" not in path.parts and (n := len(path.read_text().splitlines())) > 300
    }
    assert not long


def test_every_case_has_a_file_and_a_reason() -> None:
    for path in (ROOT / "tests" / "cases").glob("*.md"):
        for case in read_cases(path):
            assert any(block.file for block in case.blocks), f"{path.name}: {case.title}"
