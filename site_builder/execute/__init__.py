"""Running models' notebooks, and the recorded results of their tests. Knows nothing of notes, HTML or MkDocs.

Only `worker` imports torch, in a process of its own.
"""

from site_builder.execute.benchmark import run_benchmark
from site_builder.execute.checks import record_checks
from site_builder.execute.download import standalone_module, standalone_notebook
from site_builder.execute.imports import SourceTree
from site_builder.execute.job import Limits
from site_builder.execute.manifest import ModelManifest
from site_builder.execute.models import ModelSource, Symbol, find_models
from site_builder.execute.notebook import Cell, parse_notebook
from site_builder.execute.problems import RULES
from site_builder.execute.progress import Event, Finished, FromCache, Progress, Started
from site_builder.execute.results import CellFailure, CellRun, Check, CheckRun, NotebookRun, Output
from site_builder.execute.stage import run_models

__all__ = [
    "RULES",
    "Cell",
    "CellFailure",
    "CellRun",
    "Check",
    "CheckRun",
    "Event",
    "Finished",
    "FromCache",
    "Limits",
    "ModelManifest",
    "ModelSource",
    "NotebookRun",
    "Output",
    "Progress",
    "SourceTree",
    "Started",
    "Symbol",
    "find_models",
    "parse_notebook",
    "record_checks",
    "run_benchmark",
    "run_models",
    "standalone_module",
    "standalone_notebook",
]
