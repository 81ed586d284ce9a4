"""What can be wrong with a playground: the rules, and the diagnostics of one model."""

from __future__ import annotations

from collections.abc import Iterator

from site_builder.diagnostics import Diagnostic, Rule, Severity
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.panel import panels

NOT_EXPORTED = Rule(
    "M013",
    "playground-not-exported",
    Severity.ERROR,
    """\
The module that a notebook declares as a playground could not be exported to ONNX. The message is torch's own and names
the operation. The page keeps the outputs of the notebook and has no panel.

A browser runs the exported graph, so what depends on Python at run time (a branch on a value, `.item()`, an operation
without a counterpart in ONNX) cannot be run there.

## Example

    def forward(self, x):
        return x * 2 if x.sum() > 0 else x

## Instead

    def forward(self, x):
        return torch.where(x.sum() > 0, x * 2, x)
""",
)

NOT_EQUAL = Rule(
    "M014",
    "playground-differs",
    Severity.ERROR,
    """\
The exported graph of a playground gives other numbers than the module itself, by more than 1e-4, at one of three
lengths of its inputs.

The page has no panel: it would show what the tested code does not do.

## Example

    def forward(self, x):
        return x + torch.rand_like(x)

## Instead

Leave chance out of what a reader runs, and let no length be fixed by the value that the example happens to have.
""",
)

PANEL_RULES = (NOT_EXPORTED, NOT_EQUAL)


def panel_problems(manifest: ModelManifest) -> Iterator[Diagnostic]:
    """Give what is wrong with a model's playgrounds."""
    notebook = manifest.model.notebook
    for index, panel in panels(manifest.run):
        if panel.fault and notebook:
            cell = manifest.cells[index]
            rule, what = (NOT_EXPORTED, "be exported") if panel.fault == "export" else (NOT_EQUAL, "be trusted")
            message = f"the playground of cell `{cell.name or index + 1}` cannot {what}: {panel.message}"
            yield Diagnostic(rule, notebook, cell.span, message)
