"""Exports what a notebook declares as playground, and compares it with torch. Beside the worker, the one to know torch.

The same module gives the same bytes: what an export notes down of files and stacks is taken out.
"""

from __future__ import annotations

import gc
import io
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict
from typing import Any

import onnxruntime
import onnxscript  # noqa: F401
import torch
import torch._dynamo  # torch.onnx would import it and onnxscript with the first export, in each notebook's process
from torch import Tensor, nn

from site_builder.execute.panel import Panel, Values, panel_to_json

TOLERANCE = 1e-4
"""How far a number of ONNX Runtime may be from torch's."""

_DYNAMIC = torch.export.Dim.DYNAMIC


class _Differs(Exception):
    """An exported graph gives other numbers than its module."""


def export_panel(declared: Any) -> str:
    """Return the panel of a `Playground` or a `Generation`, as JSON; a fault is part of it, never an exception."""
    form = _form(declared)
    with torch.no_grad(), _quietly(), _uncollected():
        try:
            return panel_to_json(
                _generation(declared, form) if form["kind"] == "generation" else _playground(declared, form)
            )
        except _Differs as error:
            return panel_to_json(Panel(declared.title, declared.says, form, {}, {}, (), "parity", str(error)))
        except Exception as error:  # whatever torch meets in an author's module: its own words say what
            return panel_to_json(Panel(declared.title, declared.says, form, {}, {}, (), "export", _reason(error)))


def _form(declared: Any) -> dict[str, Any]:
    """Return what a page's script must know of a declaration."""
    if hasattr(declared, "step"):
        return {
            "kind": "generation",
            "inputs": [_field(declared.source)],
            "outputs": _generated(declared.source.name),
            "vocabulary": list(declared.vocabulary),
            "start": declared.start,
            "end": declared.end,
            "limit": declared.max_new_tokens,
            "empty": list(declared.empty.shape),
        }
    return {
        "kind": "playground",
        "inputs": [_field(each) for each in declared.inputs],
        "outputs": [_field(each) for each in declared.outputs],
    }


def _field(declared: Any) -> dict[str, Any]:
    return {"kind": type(declared).__name__.lower(), **asdict(declared)}


def _generated(source: str) -> list[dict[str, Any]]:
    """Return the pictures of a generation: what each part of the model reads."""
    weights = (
        ("cross", "Each written token reads the source", "written", source),
        ("self", "Each position reads the target so far", "read", "read"),
        ("encoder", "The encoder reads the source", source, source),
    )
    return [
        {"kind": "weights", "name": name, "label": label, "rows": rows, "columns": columns}
        for name, label, rows, columns in weights
    ]


def _playground(declared: Any, form: Mapping[str, Any]) -> Panel:
    module = declared.module.eval()
    inputs = {each.name: each.tensor() for each in declared.inputs}
    names = [each.name for each in declared.outputs]
    growing = {each["name"]: 1 for each in form["inputs"] if each["kind"] == "tokens" and _grows(each)}
    graph = _export(module, inputs, growing, names)
    for length in range(3):
        _compare(graph, module, {n: _changed(t, form["inputs"][i], length) for i, (n, t) in enumerate(inputs.items())})
    results = _tuple(module(*inputs.values()))
    if len(results) != len(names):
        msg = f"the module returns {len(results)} tensors for {len(names)} outputs"
        raise ValueError(msg)
    first = {name: _values(result) for name, result in zip(names, results, strict=True)}
    return Panel(declared.title, declared.says, form, {"graph": graph}, first)


def _grows(field: Mapping[str, Any]) -> bool:
    return bool(field["min_length"] < field["max_length"])


def _changed(value: Tensor, field: Mapping[str, Any], case: int) -> Tensor:
    """Return an input at the first, second or third of its lengths: the least, the default, the greatest."""
    generator = torch.Generator().manual_seed(case)
    match field["kind"]:
        case "tokens" if case != 1:
            length = (field["min_length"], 0, field["max_length"])[case]
            numbers = torch.tensor(sorted(set(field["vocabulary"].values())))
            return numbers[torch.randint(len(numbers), (1, length), generator=generator)]
        case "numbers" if case != 1:
            return 3 * torch.randn(value.shape, generator=generator)
        case "slider" if case != 1:
            return torch.tensor((field["low"], 0, field["high"])[case])
        case "toggle" if case == 2:
            return ~value
    return value


def _generation(declared: Any, form: Mapping[str, Any]) -> Panel:
    encode, step, axis = declared.encode.eval(), declared.step.eval(), declared.grows
    source = declared.source.tensor()
    memory = encode(source)[0]
    encoder = _export(encode, {"source": source}, {"source": 1}, ["memory", "encoder"])
    some = torch.zeros([3 if i == axis else size for i, size in enumerate(declared.empty.shape)])
    inputs = {"token": torch.tensor([[declared.start]]), "memory": memory, "cache": some}
    decoder = _export(step, inputs, {"memory": axis, "cache": axis}, ["probabilities", "grown", "self", "cross"])
    for case in range(3):
        _compare(encoder, encode, {"source": _changed(source, form["inputs"][0], case)})
        start = torch.tensor([[declared.start]])
        cached = declared.empty if case == 0 else torch.randn(some.shape, generator=torch.Generator().manual_seed(case))
        other = encode(_changed(source, form["inputs"][0], case))[0]
        _compare(decoder, step, {"token": start, "memory": other, "cache": cached})
    first, written = _written(declared, source)
    return Panel(declared.title, declared.says, form, {"encode": encoder, "step": decoder}, first, written)


def _written(declared: Any, source: Tensor) -> tuple[dict[str, Values], tuple[str, ...]]:
    """Return what a generation reads and writes for its default, as the page's script would."""
    memory, encoder = declared.encode(source)
    token, cache = declared.start, declared.empty
    written: list[str] = []
    itself, cross = [], []
    while token != declared.end and len(written) < declared.max_new_tokens:
        probabilities, cache, own, other = declared.step(torch.tensor([[token]]), memory, cache)
        token = int(probabilities.argmax())
        written.append(declared.vocabulary[token])
        itself.append(own)
        cross.append(other)
    padded = [nn.functional.pad(row, (0, len(itself) - row.shape[-1]), value=math.nan) for row in itself]
    first = {"cross": torch.stack(cross, -2), "self": torch.stack(padded, -2), "encoder": encoder}
    return {name: _values(value) for name, value in first.items()}, tuple(written)


def _export(module: nn.Module, inputs: Mapping[str, Tensor], growing: Mapping[str, int], outputs: list[str]) -> bytes:
    """Return a module as an ONNX file. `growing` is the axis of each input whose length may differ."""
    shapes = tuple({growing[name]: _DYNAMIC} if name in growing else {} for name in inputs)
    program = torch.onnx.export(
        module,
        tuple(inputs.values()),
        dynamo=True,
        dynamic_shapes=shapes,
        input_names=list(inputs),
        output_names=outputs,
        verbose=False,
    )
    if program is None:
        msg = "torch exported nothing"
        raise RuntimeError(msg)
    model = program.model_proto
    _forget(model)
    return bytes(model.SerializeToString(deterministic=True))


def _forget(model: Any) -> None:
    """Take out of an ONNX file what says where it was made."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")


def _compare(graph: bytes, module: nn.Module, inputs: Mapping[str, Tensor]) -> None:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    known = {each.name for each in session.get_inputs()}
    given = {name: value.numpy() for name, value in inputs.items() if name in known}
    for name, ours, theirs in zip(
        (each.name for each in session.get_outputs()),
        _tuple(module(*inputs.values())),
        session.run(None, given),
        strict=True,
    ):
        other = torch.from_numpy(theirs)
        if ours.shape != other.shape:
            msg = f"`{name}` has shape {tuple(other.shape)}, torch's has {tuple(ours.shape)}"
            raise _Differs(msg)
        distance = (ours.double() - other.double()).abs().max().item() if ours.numel() else 0.0
        if not distance <= TOLERANCE:
            msg = f"`{name}` differs from torch's by {distance:.2g}"
            raise _Differs(msg)


def _tuple(result: Any) -> Sequence[Tensor]:
    return result if isinstance(result, tuple) else (result,)


def _values(tensor: Tensor) -> Values:
    numbers = tensor.double().flatten().tolist()
    return Values(tuple(tensor.shape), tuple(None if math.isnan(number) else round(number, 6) for number in numbers))


def _reason(error: BaseException) -> str:
    """Return the line of a failed export that names the operation: that of the first cause, in its own words."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep what an export says of itself out of the cell's output."""
    logging.disable(logging.CRITICAL)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the collector off: it takes a sixth of an export's time to look through what the export still needs."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
