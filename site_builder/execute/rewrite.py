"""Edits to Python source by its syntax tree: everything that is not edited stays, comments and layout included."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from site_builder.execute.scopes import read_names
from site_builder.text import Source


class Rewriting:
    """A text, its names, and the edits made so far. Raises SyntaxError or ValueError when the text is no Python."""

    def __init__(self, text: str) -> None:
        self.names = read_names(text)
        self._body = self.names.tree.body
        self._source = Source("", text)
        self._edits: set[tuple[int, int, str]] = set()

    def replace(self, node: ast.stmt, text: str) -> None:
        """Put one line of text where a statement stands; no text takes the statement out."""
        start, end = self._offset(node.lineno, node.col_offset), self._end(node)
        if not text and node in self._body:
            start, end = self._whole_lines(start, end)
        self._edits.add((start, end, text or ("" if node in self._body else "pass")))

    def rename(self, names: Mapping[str, str]) -> None:
        """Give names of the top level others, wherever they are bound and used."""
        changed = {old: new for old, new in names.items() if old != new}
        uses = self.names.uses
        for name in uses.names:
            if name.id in changed:
                self._edits.add((self._offset(name.lineno, name.col_offset), self._end(name), changed[name.id]))
        for node in (*uses.definitions, *uses.globals):
            for old in node.names if isinstance(node, ast.Global) else [node.name]:
                if old in changed:
                    self._rename_word(node, old, changed[old])

    def take_out_script(self) -> None:
        """Take out what the file does when it is run as a program."""
        for node in self._body:
            if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
                self.replace(node, "")

    def result(self) -> str:
        """Return the edited text. An edit inside a larger one is part of what that takes out."""
        data, upto = self._source.data, 0
        parts: list[bytes] = []
        for start, end, text in sorted(self._edits, key=lambda edit: (edit[0], -edit[1])):
            if start >= upto:
                parts += [data[upto:start], text.encode()]
                upto = end
        return b"".join([*parts, data[upto:]]).decode()

    def _rename_word(self, node: ast.stmt, old: str, new: str) -> None:
        """Rename a word that has no node of its own: the first of its kind after `def`, `class` or `global`."""
        start = self._offset(node.lineno, node.col_offset)
        found = re.search(rf"\b{re.escape(old)}\b", self._source.data[start : self._end(node)].decode())
        if found:
            at = start + len(found.string[: found.start()].encode())
            self._edits.add((at, at + len(old.encode()), new))

    def _offset(self, line: int, column: int) -> int:
        return self._source.line_span(line).start + column

    def _end(self, node: ast.expr | ast.stmt) -> int:
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def _whole_lines(self, start: int, end: int) -> tuple[int, int]:
        """Take the rest of the line too, and the blank lines after it where a blank line is before it."""
        data = self._source.data
        rest = re.compile(rb"[ \t]*(#[^\n]*)?(\n|$)").match(data, end)
        if rest is None:
            return start, end
        blank = re.compile(rb"\n*").match(data, rest.end())
        after_blank = start == 0 or data[:start].endswith(b"\n\n")
        return start, blank.end() if blank and after_blank else rest.end()
