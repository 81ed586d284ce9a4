"""The tags of lists and tasks. Knows nothing of what their items hold."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from site_builder.note import Event


def open_list(first: int | None, id_: str, *, tasks: bool) -> str:
    """Return a list's opening tag; `first` is the number of an ordered list's first item."""
    start = f' start="{first}"' if first not in (None, 1) else ""
    css = ' class="task-list"' if tasks else ""
    return f"<{'ul' if first is None else 'ol'}{start}{id_}{css}>\n"


def is_task(events: Sequence[Event], item: int) -> bool:
    """Whether the item that begins at an event is a task; a list whose first is one is a list of tasks."""
    return any(event[0] == "task" for event in events[item + 1 : item + 3])


def task_box(state: str) -> str:
    """Return the box of a task; any state but none counts as checked, and is said to those who do not see it."""
    label = ("done" if state in "xX" else f"marked {state}") if state else "to do"
    checked = f' checked="" data-task="{escape(state)}"' if state else ""
    return f'<input{checked} disabled="" type="checkbox" aria-label="{escape(label)}" /> '
