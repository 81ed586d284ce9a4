"""The command that trains the paper's base and big, on WMT14 or any parallel text. Knows no step of it itself.

    python -m notebook_models.training.wmt14 base runs/base --train train.jsonl --evaluate test.jsonl

Started by `torchrun --nproc-per-node 8 -m notebook_models.training.wmt14 ...` the processes share each step. Stopped at
any moment it goes on from its last save with `--resume`. docs/training.md says where the data is, and more.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import torch

from notebook_models.training.configurations import BASE, BIG, CONFIGURATIONS, Configuration
from notebook_models.training.distributed import PeerLost

PROGRAM = "python -m notebook_models.training.wmt14"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train a model of the paper on parallel text, and translate with it."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if not (asked.train or asked.evaluate):
        parser.error("give --train FILE, --evaluate FILE, or both")
    if asked.develop and not asked.train:
        parser.error("--develop FILE needs --train FILE; --evaluate FILE tells the perplexity of what is trained")
    if asked.device.startswith("cuda") and not torch.cuda.is_available():
        parser.error("no GPU is to be had: --device cpu")
    if asked.bfloat16 is None:
        asked.bfloat16 = asked.device.startswith("cuda")
    try:
        _run(asked)
    except ModuleNotFoundError as error:
        sys.exit(f"wmt14: {error.name} is not installed: pip install 'wikitorch[training]'")
    except torch.OutOfMemoryError:
        sys.exit(f"wmt14: not enough memory on {asked.device}: --accumulate {2 * asked.accumulate} takes half as much")
    except (ValueError, OSError, FloatingPointError, PeerLost) as error:
        sys.exit(f"wmt14: {error}")
    except KeyboardInterrupt:
        sys.exit("wmt14: stopped; --resume goes on from the last save")


def _run(asked: argparse.Namespace) -> None:
    from notebook_models.training import reproduction  # needs more packages than --help does

    run = reproduction.Run(
        configuration=_configuration(asked), directory=asked.directory, source=asked.source, target=asked.target,
        device=asked.device,
    )  # fmt: skip
    run.expect(*filter(None, (asked.train, asked.develop, asked.evaluate)))
    if asked.train:
        reproduction.train(
            run, asked.train, resume=asked.resume, tokenizer=asked.tokenizer, accumulate=asked.accumulate,
            bfloat16=asked.bfloat16, seed=asked.seed, shard=asked.shard, develop=asked.develop,
        )  # fmt: skip
    if asked.evaluate and os.environ.get("RANK", "0") == "0":
        print(reproduction.evaluate(run, asked.evaluate))


def _configuration(asked: argparse.Namespace) -> Configuration:
    names = [field.name for field in fields(Configuration)]
    chosen = {name: value for name in names if (value := getattr(asked, name)) is not None}
    return replace(CONFIGURATIONS[asked.configuration], **chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=main.__doc__)
    parser.add_argument("configuration", choices=CONFIGURATIONS)
    parser.add_argument("directory", type=Path, help="where the training is kept")
    parser.add_argument("--train", type=Path, metavar="FILE", help="JSON lines to train on, as Hugging Face has WMT14")
    parser.add_argument(
        "--develop", type=Path, metavar="FILE", help="JSON lines whose perplexity is told at each save of --train"
    )
    parser.add_argument("--evaluate", type=Path, metavar="FILE", help="JSON lines to translate, after training if any")
    parser.add_argument("--resume", action="store_true", help="go on where a training that was stopped was last saved")
    parser.add_argument("--source", default="en", help="language to translate, as the lines name it (default: en)")
    parser.add_argument("--target", default="de", help="language to translate into (default: de)")
    parser.add_argument("--tokenizer", type=Path, metavar="FILE", help="take this vocabulary instead of learning one")
    _add_machine(parser.add_argument_group("the machine"))
    choices = parser.add_argument_group("in place of the paper's choices")
    for field in fields(Configuration):
        values = f"(base: {getattr(BASE, field.name)}, big: {getattr(BIG, field.name)})"
        choices.add_argument(
            f"--{field.name.replace('_', '-')}", type=type(getattr(BASE, field.name)),
            metavar="N", help=f"{field.metadata['help']} {values}",
        )  # fmt: skip
    return parser


def _add_machine(group: argparse._ArgumentGroup) -> None:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    group.add_argument("--device", default=device, help="cpu or cuda (default: a GPU where there is one)")
    group.add_argument(
        "--bfloat16", action=argparse.BooleanOptionalAction, help="compute products in bfloat16 (default: on a GPU)"
    )
    group.add_argument(
        "--accumulate", type=int, default=1, metavar="N", help="cut a step into N parts, each N times smaller"
    )
    group.add_argument(
        "--shard", action="store_true", help="cut weights up between torchrun's processes, where one cannot hold them"
    )
    group.add_argument("--seed", type=int, default=0, metavar="N")


if __name__ == "__main__":
    main()
