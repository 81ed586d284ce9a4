import json
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sacrebleu
import torch
from runs import call_and_die, curve, started
from signatures import unchecked

import notebook_models.training
from notebook_models.text.shared_vocabulary import SharedVocabulary
from notebook_models.training import checkpoint, wmt14
from notebook_models.training.bleu import compounds_split
from notebook_models.training.configurations import BIG, Configuration

ENGLISH = ("the", "a", "old", "small", "red", "rich-text", "house", "mouse", "book", "sees", "takes", "here")
GERMAN = ("das", "ein", "alte", "kleine", "rote", "Rich-Text", "Haus", "Maus", "Buch", "sieht", "nimmt", "hier")
STEPS, SOME = 200, 60
SMALL = {
    "n_layers": 1, "d_model": 48, "d_ff": 96, "n_heads": 4, "vocabulary": 345, "tokens": 400, "warmup": 100,
    "steps": STEPS, "save_every": 20, "average": 3, "beam": 2, "device": "cpu",
}  # fmt: skip


def write_pairs(path: Path, count: int, seed: int) -> Path:
    """Write sentences in English and, word for word, in something like German."""
    draw = random.Random(seed)
    with path.open("w") as file:
        for _ in range(count):
            words = draw.choices(range(len(ENGLISH)), k=draw.randint(3, 6))
            pair = {"en": " ".join(ENGLISH[word] for word in words), "de": " ".join(GERMAN[word] for word in words)}
            file.write(json.dumps({"translation": pair}) + "\n")
    return path


def flags(*arguments: object, **changes: Any) -> list[str]:
    """Return the command line of a small training of base."""
    chosen = {f"--{name.replace('_', '-')}": value for name, value in (SMALL | changes).items()}
    return ["base", *map(str, arguments), *(str(part) for flag in chosen.items() for part in flag)]


def weights(directory: Path, step: int = STEPS) -> dict[str, torch.Tensor]:
    return checkpoint.read(directory / f"weights-{step:07}.pt", {"weights"})["weights"]


def right_tokens(trained: Path, text: Path) -> int:
    """Return how many tokens the right translations have, an end token each."""
    right = [json.loads(line)["translation"]["de"] for line in text.open()]
    return sum(len(tokens) + 1 for tokens in SharedVocabulary.load(trained / "tokenizer.json").encode(right))


def scores(printed: str) -> list[float]:
    return [float(line.split()[1]) for line in printed.splitlines() if line.startswith("BLEU")]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pairs(tmp_path_factory.mktemp("text") / "train.jsonl", 400, seed=0)


@pytest.fixture(scope="module")
def held_out(text: Path) -> Path:
    return write_pairs(text.with_name("test.jsonl"), 30, seed=1)


@pytest.fixture(scope="module")
def trained(text: Path, held_out: Path) -> Path:
    """The directory of a training; beside it, in "some", what it was after SOME steps, when perplexity was not told."""
    directory = text.with_name("whole")
    with unchecked():
        wmt14.main(flags(directory, "--train", text, steps=SOME))
        shutil.copytree(directory, text.with_name("some"))
        wmt14.main(flags(directory, "--train", text, "--develop", held_out, "--resume"))
    return directory


@pytest.mark.verifies("Training the Paper's Models#^resumes-exactly")
def test_a_killed_training_is_resumed(
    trained: Path, text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed in its second save and resumed from the first, it has the weights of one never stopped, bit by bit."""
    moments = 2 + 4 + 3  # the pairs are written in two; a save in four, of which the last makes it one to go on from
    process = started(call_and_die, wmt14.main, flags(tmp_path, "--train", text), moments)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert (tmp_path / "weights-0000040.pt").exists()
    wmt14.main(flags(tmp_path, "--train", text, "--resume", steps=SOME))
    assert "going on after step 20\n" in capsys.readouterr().err
    ended, whole = weights(tmp_path, SOME), weights(trained.with_name("some"), SOME)
    assert all(torch.equal(ended[name], weight) for name, weight in whole.items())


@pytest.mark.verifies("Training the Paper's Models#^learns-to-translate")
def test_it_learns_to_translate(
    trained: Path, text: Path, held_out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On sentences it has not seen, BLEU is below 5 after 10 steps, and above 40 after 200; translations are kept."""
    wmt14.main(flags(tmp_path, "--train", text, "--evaluate", held_out, steps=10, average=1))
    before = scores(capsys.readouterr().out)
    wmt14.main(flags(trained, "--evaluate", held_out))
    printed = capsys.readouterr().out
    after = scores(printed)
    assert len(before) == len(after) == 2
    assert max(before) < 5
    assert min(after) > 40
    assert f"30 translations in {trained / 'test.de'}, beam 2, alpha 0.6" in printed
    assert "tok:13a" in printed
    assert "compounds split" in printed
    written = (trained / "test.de").read_text().splitlines()
    right = [json.loads(line)["translation"]["de"] for line in held_out.open()]
    assert after[0] == round(sacrebleu.corpus_bleu(written, [right]).score, 2)
    assert after[1] == round(compounds_split(written, right, "de").bleu, 2)
    assert {word for line in written for word in line.split()} & set(GERMAN)
    assert (trained / "averaged.pt").exists()


@pytest.mark.verifies("Training the Paper's Models#^told-at-each-save")
def test_its_perplexity_is_told_at_each_save_and_in_the_end(
    trained: Path, held_out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """TensorBoard has it for steps 80, 100, ... 200, falling by a third and more; the average's is as low."""
    told = curve(trained, "development perplexity")
    assert list(told) == list(range(80, STEPS + 1, 20))
    assert told[STEPS] < told[80] / 1.5
    wmt14.main(flags(trained, "--evaluate", held_out))
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("perplexity"))
    assert 1 < float(line.split()[1]) < 1.2 * told[STEPS]
    assert f"of {right_tokens(trained, held_out):,} de tokens" in line


@pytest.mark.verifies("Training the Paper's Models#^shared-step")
def test_two_processes_of_torchrun_train_as_one(text: Path, tmp_path: Path) -> None:
    """Started by torchrun, two processes with half a step each end with the weights of one with two halves, to 1e-4."""
    few = {"steps": 6, "dropout": 0}
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    arguments = flags(tmp_path / "two", "--train", text, **few)
    done = subprocess.run(
        [*torchrun, "-m", "notebook_models.training.wmt14", *arguments], capture_output=True, text=True
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("cutting ") == 1
    assert done.stderr.count("400 pairs") == 1
    wmt14.main(flags(tmp_path / "one", "--train", text, "--accumulate", 2, **few))
    wmt14.main(flags(tmp_path / "other", "--train", text, "--accumulate", 1, **few))
    two, one, other = (weights(tmp_path / name, 6) for name in ("two", "one", "other"))
    names = [name for name in one if not name.endswith("key.bias")]  # softmax does not see those
    for name in names:
        torch.testing.assert_close(two[name], one[name], rtol=0, atol=1e-4)
    assert max((other[name] - one[name]).abs().max() for name in names) > 1e-3


def fails(capsys: pytest.CaptureFixture[str], *arguments: object, **changes: Any) -> str:
    """Return the one line that the command ends with."""
    with pytest.raises(SystemExit) as ended:
        wmt14.main(flags(*arguments, **changes))
    assert isinstance(ended.value.code, str)
    assert len(ended.value.code.splitlines()) == 1
    assert len(ended.value.code) < 600
    return ended.value.code


def test_what_is_missing_or_broken_is_told_in_a_line(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing file, a broken line, too little text, a directory without a training: each says what to do."""
    broken = tmp_path / "broken.jsonl"
    broken.write_text(text.read_text() + '{"translation": {"en": "no German"}}\n')
    few = tmp_path / "few.jsonl"
    few.write_text("".join(text.open().readlines()[:2]))
    run = tmp_path / "run"
    assert "wmt14: no file none.jsonl: give one" in fails(capsys, run, "--train", "none.jsonl")
    assert f"{broken}:401: expected" in fails(capsys, run, "--train", broken)
    assert "take more text, or --vocabulary" in fails(capsys, run, "--train", few, vocabulary=400)
    untouched = tmp_path / "untouched"
    for flag in ("--develop", "--evaluate"):
        assert "wmt14: no file none.jsonl: give one" in fails(capsys, untouched, "--train", text, flag, "none.jsonl")
    assert not untouched.exists()
    assert f"{broken} is a file: choose a directory" in fails(capsys, broken, "--train", text)
    assert f"no training in {run}: make one with --train FILE" in fails(capsys, run, "--evaluate", text)
    assert "d_model must be a multiple" in fails(capsys, run, "--train", text, n_heads=5)


def test_another_training_s_directory_is_refused(
    trained: Path, text: Path, held_out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not resumed, or resumed or evaluated with other choices, it is left as it is, and the line names the choice."""
    before = {path.name: path.stat().st_mtime_ns for path in trained.glob("*.pt") if path.name != "averaged.pt"}
    assert "holds a training already: resume it" in fails(capsys, trained, "--train", text)
    assert "'d_ff': 64" in fails(capsys, trained, "--train", text, "--resume", d_ff=64)
    assert "'d_ff': 64" in fails(capsys, trained, "--evaluate", held_out, d_ff=64)
    assert "vocabulary of 346 tokens, got 345" in fails(capsys, trained, "--train", text, "--resume", vocabulary=346)
    assert "expected 9 checkpoints" in fails(capsys, trained, "--evaluate", held_out, average=9)
    assert before == {path.name: path.stat().st_mtime_ns for path in trained.glob("*.pt") if path.name in before}


def test_flags_take_the_place_of_the_paper_s_choices() -> None:
    """Each choice has a flag; without them big is the paper's."""
    parser = wmt14._parser()
    assert wmt14._configuration(parser.parse_args(["big", "run"])) == BIG
    changed = wmt14._configuration(parser.parse_args(["big", "run", "--dropout", "0.1", "--extra-length", "7"]))
    assert (changed.dropout, changed.extra_length, changed.d_model) == (0.1, 7, 1024)
    assert isinstance(changed, Configuration)


def test_the_guide_shows_commands_that_exist() -> None:
    """Every command of docs/training.md is one that the parser takes."""
    guide = (Path(__file__).parents[3] / "docs" / "training.md").read_text().replace("\\\n", "")
    commands = re.findall(r"^    (?:python|torchrun .*) -m notebook_models.training.wmt14 (.*)$", guide, re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        assert wmt14._parser().parse_args(command.split()).train


@pytest.mark.parametrize(
    "arguments",
    [["base", "run"], ["base"], ["small", "run", "--train", "x"], ["base", "run", "--evaluate", "x", "--develop", "y"]],
)
def test_an_unclear_command_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to do, no directory, or an unknown configuration: the usage and status 2."""
    with pytest.raises(SystemExit) as ended:
        wmt14.main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m notebook_models.training.wmt14" in capsys.readouterr().err


def test_a_missing_package_is_named(
    text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without tokenizers the line says what to install."""
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    monkeypatch.delitem(sys.modules, "notebook_models.text.shared_vocabulary", raising=False)
    monkeypatch.delitem(sys.modules, "notebook_models.training.reproduction", raising=False)
    monkeypatch.delattr(notebook_models.training, "reproduction", raising=False)
    assert fails(capsys, tmp_path, "--train", text) == (
        "wmt14: tokenizers is not installed: pip install 'wikitorch[training]'"
    )
