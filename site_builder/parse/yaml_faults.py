"""Why YAML cannot be read, in the words of an author, with the line to write instead. Knows nothing of what it says.

libyaml stops where its grammar has no way on, often a line below the fault, and says so in the grammar's terms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from site_builder.parse.yaml_values import NoProperties

_NAME = r"[^\s:#\"'\[{-][^:\n]*?"
_GLUED = re.compile(rf"({_NAME}):(?![ \t/])(\S.*|[^\S\r\n]\S.*)")
_ENTRY = re.compile(
    rf"(?P<before>[ \t]*(?:-[ \t]+)*(?:(?P<name>{_NAME}|\"[^\"\n]*\"|'[^'\n]*')[ \t]*:[ \t]+)?)(?P<value>.*?)[ \t]*"
)
_SIGNS = {
    "*": "`*` begins an alias of YAML",
    "&": "`&` begins an anchor of YAML",
    "|": "`|` begins a text of several lines",
    ">": "`>` begins a text of several lines",
    "?": "`?` begins a name",
    "-": "`-` begins an item of a list",
}
_REFUSED = ("start any token", "alphabetic", "undefined alias", "node content", "line break", "keys are not allowed")
_CLOSING = {"[": "]", "{": "}"}
_QUOTE = "quote the value"
_LONGEST = 100  # characters of a line that a hint repeats


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the characters `start` up to, not with, `end`, and what to do."""

    start: int
    end: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A character of a text, and the line that it is in."""

    text: str
    index: int

    @property
    def start(self) -> int:
        return self.text.rfind("\n", 0, self.index) + 1

    @property
    def line(self) -> str:
        end = self.text.find("\n", self.index)
        return self.text[self.start : end if end >= 0 else len(self.text)].rstrip()

    @property
    def indent(self) -> int:
        return len(self.line) - len(self.line.lstrip())

    @property
    def column(self) -> int:
        return self.index - self.start

    @property
    def entry(self) -> re.Match[str]:
        """The line as what stands before a value, and the value."""
        found = _ENTRY.fullmatch(self.line)
        assert found, "each part of the pattern may be empty"
        return found

    def above(self) -> _Place:
        """Return the nearest line above that is not empty, or this one."""
        end = len(self.text[: self.start].rstrip())
        return _Place(self.text, end - 1) if end else self

    def fault(self, message: str, hint: str, first: int | None = None, last: int | None = None) -> Fault:
        """Return a fault in the columns `first` to `last`; from here to the end of the line where none are given."""
        start = self.start + (self.column if first is None else first)
        return Fault(start, max(start, self.start + (len(self.line) if last is None else last)), message, hint)


def explain(text: str, error: yaml.YAMLError) -> Fault:
    """Find the place of an error and its cause."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _explain(text, error)
    first = _Place(text, len(text) - len(text.lstrip()))
    return _no_properties(first) if isinstance(error, NoProperties) else first.fault(str(error).splitlines()[0], _QUOTE)


def _explain(text: str, error: yaml.MarkedYAMLError) -> Fault:
    at, problem = _place(text, error.problem_mark), error.problem or ""
    if error.note:
        return at.fault(problem, error.note)
    if "tab character" in problem or text[at.index : at.index + 1] == "\t":
        return at.fault("a tab indents no property", "indent with spaces", at.column, max(at.indent, at.column + 1))
    if "quoted scalar" in (error.context or "") or "expected ',' or" in problem:
        return _unclosed(_place(text, error.context_mark), at, problem)
    if "node content" in problem and not text[at.index :].strip():
        return _unclosed(_Place(text, max(text.rfind("["), text.rfind("{"), 0)), at, problem)
    if "expected ':'" in problem:
        return _nameless(_place(text, error.context_mark))
    if "document start" in problem:
        return at.fault("`...` ends the properties above this line", "delete the line `...`")
    if "mapping values" in problem and at.column < at.entry.end("before"):
        return _below_text(at)
    if "expected key" in problem and at.column == at.indent:
        return _misplaced(at)
    return _unquoted(at, problem)


def _place(text: str, mark: yaml.Mark | None) -> _Place:
    return _Place(text, min(mark.index, len(text)) if mark else 0)


def _no_properties(at: _Place) -> Fault:
    if re.match(r"-(?:\s|$)", at.line):
        return at.fault("a list needs a name", "write a name and a colon above it, as `tags:`")
    if _GLUED.fullmatch(at.line):
        return _nameless(at)
    return at.fault("expected lines of the form `name: value`", "a rule at the top of a note is `***`")


def _nameless(at: _Place) -> Fault:
    """A line that is no property: most often one without a space after its colon."""
    glued = _GLUED.fullmatch(at.line.strip())
    if not glued:
        hint = "write `name: value`, or indent the line if it goes on with the value above"
        return at.fault("a line without a name", hint, at.indent)
    name, value = glued[1], glued[2]
    what = f"the space after `{name}:` is not an ordinary one" if value[0].isspace() else f"no space follows `{name}:`"
    return at.fault(what, _instead(f"{name}: {value.strip()}", "write a space after the colon"), at.indent)


def _below_text(at: _Place) -> Fault:
    above = at.above()
    if at.indent > above.indent and above.entry["name"]:
        hint = f"begin the line below `{above.entry['name']}`, or give that no value of its own"
        return at.fault("a property indented below a value", hint, at.indent)
    return _nameless(above)


def _misplaced(at: _Place) -> Fault:
    """A line that begins where YAML expects another property."""
    above = at.above().entry
    if at.line.lstrip().startswith("-") and above["name"] and above["value"]:
        hint = f"write `- {above['value']}` on a line below `{above['name']}:`"
        return at.fault(f"an item of a list below a value of `{above['name']}`", hint)
    if at.indent:
        return at.fault("indented otherwise than the lines above", "indent it as one of them is")
    return _nameless(at)


def _unclosed(opened: _Place, at: _Place, problem: str) -> Fault:
    sign = opened.text[opened.index]
    if "escape" in problem:
        return _quote(opened, f"`{at.text[at.index : at.index + 2]}` means nothing between double quotes")
    if sign in "\"'":
        return opened.fault("the quotation mark is never closed", f"end the value with `{sign}`")
    if at.start == opened.start and at.column < len(at.line):
        return at.fault("no comma between two values", "write a comma before it, or quote the values that hold signs")
    hint = (
        "`#` begins a comment: quote the values that begin with it"
        if "#" in opened.line
        else f"close it with `{_CLOSING.get(sign, ']')}`"
    )
    return opened.fault(f"`{sign}` is never closed", hint)


def _unquoted(at: _Place, problem: str) -> Fault:
    """A value, or a name, that YAML reads as something else than text."""
    entry = at.entry
    if at.column < entry.end("before"):
        name = entry["name"] or at.line.strip()
        hint = _instead(f"{quoted(name)}: {entry['value']}", "quote it")
        return at.fault(f"a name begins with {_shown(name[0])}", hint, at.indent, at.indent + len(name))
    refused = any(each in problem for each in _REFUSED)
    if refused and _is_list(entry["value"]):
        last = at.column + len(re.split(r"[,\]}]", at.line[at.column :], maxsplit=1)[0].rstrip())
        value = at.line[at.column : last]
        return at.fault(_refusal(value), _instead(quoted(value), "quote it"), at.column, last)
    if refused:
        return _quote(at, _refusal(entry["value"]))
    if "sequence entries" in problem:
        if entry["value"] == "-":
            return _quote(at, _SIGNS["-"])
        return at.fault("an item of a list begins a line", f"write `{entry['value']}` on the next line")
    if "mapping values" in problem:
        return _quote(at, "`: ` in a value")
    if "expected" in problem and entry["value"][:1] in ("'", '"'):
        return _quote(at, "text after the closing quotation mark")
    if "expected" in problem and entry["value"][:1] in ("[", "{"):
        return _quote(at, "text after the closing bracket")
    return _quote(at, problem)


def _is_list(value: str) -> bool:
    return value.startswith(("[", "{")) and not value.startswith(("[[", "{{"))


def _refusal(value: str) -> str:
    return _SIGNS.get(value[:1], f"a value begins with {_shown(value[:1])}")


def _shown(sign: str) -> str:
    return "a backquote" if sign == "`" else f"`{sign}`"


def _quote(at: _Place, message: str) -> Fault:
    """A value that would be text between quotation marks."""
    entry = at.entry
    hint = _instead(f"{entry['before'].strip()} {quoted(entry['value'])}".strip(), _QUOTE)
    return at.fault(message, hint, entry.start("value"), entry.end("value"))


def _instead(line: str, advice: str) -> str:
    return f"write `{line}`" if len(line) <= _LONGEST else advice


def quoted(value: str) -> str:
    """Return a text as a value between quotation marks; those that it has already are its own only inside."""
    inner = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value
    if '"' not in inner and "\\" not in inner:
        return f'"{inner}"'
    return "'" + inner.replace("'", "''") + "'"
