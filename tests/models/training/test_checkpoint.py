from pathlib import Path

import pytest
import torch
from runs import no_file_larger_than
from torch import nn

from notebook_models.training import averaging, checkpoint, flagship, number_words

CONFIG = {"d_model": 4, "norm": "post"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deeper" / "model.pt"


def test_what_is_saved_is_loaded(path: Path) -> None:
    """Every weight comes back bit for bit, into a folder that was not there before."""
    saved, loaded = nn.Linear(4, 3), nn.Linear(4, 3)
    checkpoint.save(path, saved, CONFIG)
    checkpoint.load(path, loaded, CONFIG)
    assert all(torch.equal(ours, theirs) for ours, theirs in zip(saved.parameters(), loaded.parameters(), strict=True))


def test_equal_weights_give_equal_bytes(path: Path) -> None:
    """Two files of the same model under different names are equal, so a repeated training can be compared."""
    model = nn.Linear(4, 3)
    for file in (path, path.with_name("other.pt")):
        checkpoint.save(file, model, CONFIG)
    assert path.read_bytes() == path.with_name("other.pt").read_bytes()


def test_a_write_that_fails_leaves_the_file_before_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk gives up in the middle, the earlier checkpoint is whole and no other file remains."""
    checkpoint.save(path, nn.Linear(4, 3), CONFIG)
    before = path.read_bytes()

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save(path, nn.Linear(4, 3), CONFIG)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_a_full_disk_leaves_the_file_before_it(share: float, path: Path) -> None:
    """With room for nothing, for half or for nearly all: OSError, the earlier file whole and loadable, and no other."""
    saved, loaded = nn.Linear(4, 3), nn.Linear(4, 3)
    checkpoint.save(path, saved, CONFIG)
    before = path.read_bytes()
    with no_file_larger_than(int(share * len(before))), pytest.raises(OSError, match="File too large"):
        checkpoint.save(path, nn.Linear(4, 3), CONFIG)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    checkpoint.load(path, loaded, CONFIG)
    assert torch.equal(saved.weight, loaded.weight)


def test_another_configuration_is_refused(path: Path) -> None:
    """The file of another configuration raises ValueError, which names what differs and nothing else."""
    checkpoint.save(path, nn.Linear(4, 3), CONFIG)
    with pytest.raises(ValueError, match=r"expected \{'d_model': 8\}, got \{'d_model': 4\}"):
        checkpoint.load(path, nn.Linear(4, 3), CONFIG | {"d_model": 8})
    with pytest.raises(ValueError, match=r"expected \{'pad': 0\}, got \{'pad': None\}"):
        checkpoint.load(path, nn.Linear(4, 3), CONFIG | {"pad": 0})


def test_the_recorded_models_are_not_taken_for_each_other() -> None:
    """Loading the translator's file as the number model's, or the other way, raises ValueError with both widths."""
    for load, other, message in (
        (flagship.load, number_words.CHECKPOINT, "expected .*'d_model': 128.*got .*'d_model': 64"),
        (number_words.load, flagship.CHECKPOINT, "expected .*'d_model': 64.*got .*'d_model': 128"),
    ):
        with pytest.raises(ValueError, match=message):
            load(other)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 5)), r"expected 1.bias \(2,\), got \(5,\)"),
        (nn.Sequential(nn.Linear(4, 3)), r"expected 1.bias \(2,\), got None"),
        (nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2), nn.Linear(2, 1)), r"expected 2.bias None, got \(1,\)"),
    ],
    ids=["shape", "one less", "one more"],
)
def test_another_model_of_the_same_configuration_is_refused(other: nn.Module, message: str, path: Path) -> None:
    """Weights of other shapes or names raise ValueError with the first that differs; none of the others is taken."""
    model = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    before = [weight.clone() for weight in model.parameters()]
    checkpoint.save(path, other, CONFIG)
    with pytest.raises(ValueError, match=message):
        checkpoint.load(path, model, CONFIG)
    assert all(torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))


def test_of_a_long_text_only_the_difference_is_told(path: Path) -> None:
    """Where a vocabulary of a thousand words differs in one, the message shows that one and some around it."""
    words = [f"w{number}" for number in range(1000)]
    checkpoint.save(path, nn.Linear(4, 3), CONFIG | {"vocabulary": " ".join(words)})
    words[500] = "other"
    with pytest.raises(ValueError, match=r"expected .*w499 other w501.*, got .*w499 w500 w501") as caught:
        checkpoint.load(path, nn.Linear(4, 3), CONFIG | {"vocabulary": " ".join(words)})
    assert len(str(caught.value)) < 300 + len(str(path))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_refused(share: float, path: Path) -> None:
    """A recorded model cut anywhere raises ValueError that says so."""
    whole = number_words.CHECKPOINT.read_bytes()
    path.parent.mkdir()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ValueError, match="cut short"):
        number_words.load(path)


def test_a_damaged_file_never_gives_other_weights(path: Path) -> None:
    """With one byte changed, every fifth in turn, it raises ValueError, or gives the weights that were saved."""
    model, loaded = nn.Linear(4, 3), nn.Linear(4, 3)
    checkpoint.save(path, model, CONFIG)
    whole, refused = path.read_bytes(), 0
    for at in range(0, len(whole), 5):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x40]) + whole[at + 1 :])
        try:
            checkpoint.load(path, loaded, CONFIG)
        except ValueError:
            refused += 1
        else:
            assert torch.equal(model.weight, loaded.weight)
            assert torch.equal(model.bias, loaded.bias)
        nn.init.zeros_(loaded.weight)
    assert refused > 100


def test_an_average_with_a_file_cut_short_is_refused(path: Path) -> None:
    """Of three checkpoints the second is cut short: ValueError that names it."""
    paths = [path.with_name(f"weights-{number}.pt") for number in range(3)]
    for each in paths:
        checkpoint.save(each, nn.Linear(4, 3), CONFIG)
    paths[1].write_bytes(paths[1].read_bytes()[:-30])
    with pytest.raises(ValueError, match=r"weights-1\.pt is cut short"):
        averaging.average(paths)


def test_a_file_that_is_no_checkpoint_is_refused(path: Path) -> None:
    """Some text, or a file of torch.save without a configuration, raises ValueError that says so."""
    path.parent.mkdir()
    path.write_text("not weights")
    with pytest.raises(ValueError, match="no checkpoint"):
        number_words.load(path)
    torch.save(nn.Linear(4, 3).state_dict(), path)
    with pytest.raises(ValueError, match="no checkpoint"):
        number_words.load(path)


def test_a_file_that_would_run_code_is_refused(path: Path) -> None:
    """A pickle that names a function to call raises ValueError and calls nothing."""

    class Harmful:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (path.with_name("harmed"),)

    path.parent.mkdir()
    torch.save({"config": {}, "weights": Harmful()}, path)
    with pytest.raises(ValueError, match="no checkpoint"):
        number_words.load(path)
    assert not path.with_name("harmed").exists()


def test_a_missing_file_is_named(path: Path) -> None:
    """Without a file, FileNotFoundError names it."""
    with pytest.raises(FileNotFoundError, match=r"model\.pt"):
        number_words.load(path)


def test_the_recorded_model_is_small_enough_to_carry() -> None:
    """The recorded checkpoint is below one megabyte."""
    assert number_words.CHECKPOINT.stat().st_size < 1_000_000
