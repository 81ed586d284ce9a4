"""Finding the vault's files and reading its notes. Knows nothing of Markdown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from site_builder.cache import content_key
from site_builder.diagnostics import CannotRun, Diagnostic, Rule, Severity
from site_builder.names import FilePath, NoteId
from site_builder.note import Attachment, SourceFile
from site_builder.text import START_OF_FILE, Source, Span

UNDECODABLE = Rule(
    "R001",
    "undecodable-text",
    Severity.ERROR,
    """A note's bytes are no UTF-8. The page shows `�` for each byte that cannot be read.

Obsidian writes UTF-8 only; such a note usually comes from another program, in Latin-1 or Windows-1252.

## Instead

Convert the file: `iconv -f latin1 -t utf8 note.md > converted.md`.
""",
)

UNREADABLE = Rule(
    "R002",
    "unreadable-file",
    Severity.ERROR,
    """A note cannot be opened, for want of permission or because a link on the disk leads nowhere. It has no page.

## Instead

Give read permission, or remove the file.
""",
)

EMPTY_VAULT = Rule(
    "R003",
    "empty-vault",
    Severity.WARNING,
    """The vault holds no note, so the site is a front page and nothing else.

## Instead

Check `docs_dir` in mkdocs.yml: it names the folder of the notes.
""",
)

UNDECODABLE_NAME = Rule(
    "R004",
    "undecodable-name",
    Severity.ERROR,
    """A file's or folder's name is no UTF-8, so no link and no address can name it. It is left out of the site.

Such a name usually comes out of an archive that another system packed.

## Instead

Rename it: `convmv -f latin1 -t utf8 --notest -r vault/`.
""",
)

NOTE_ENDINGS = (".md", ".canvas", ".base")
"""The files that are pages: notes, canvases, and Bases, which are shown as they are written."""

RULES = (UNDECODABLE, UNREADABLE, EMPTY_VAULT, UNDECODABLE_NAME)


@dataclass(frozen=True, slots=True)
class VaultFiles:
    """What is on disk: notes and .bib files with their text, everything else, and .bib files too, by name."""

    root: Path
    notes: tuple[SourceFile, ...]
    attachments: tuple[Attachment, ...]
    libraries: tuple[Source, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_vault(root: Path, exclude: Iterable[str] = ()) -> VaultFiles:
    """Read a vault. Hidden files and what matches an `exclude` pattern are no part of it.

    Raises CannotRun when `root` is no folder that can be read.
    """
    if not root.is_dir():
        raise CannotRun(f"no folder {root}: set docs_dir in mkdocs.yml to the folder of your notes")
    notes: list[SourceFile] = []
    attachments: list[Attachment] = []
    libraries: list[Source] = []
    diagnostics: list[Diagnostic] = []
    patterns = tuple(exclude)
    for path, entry in find_files(root):
        if any(matches(path, pattern) for pattern in patterns):
            continue
        shown = _decoded(path)
        if shown != path:
            problem = f"the name `{shown}` is no UTF-8"
            diagnostics.append(Diagnostic(UNDECODABLE_NAME, Source(shown, ""), START_OF_FILE, problem, "rename it"))
            continue
        if not path.lower().endswith(NOTE_ENDINGS):
            attachment, problems = _find_attachment(path, entry)
            attachments += [attachment] if attachment else []
            if path.lower().endswith(".bib"):
                file, more = _read_text(path, entry.path)
                libraries += [file.source] if file else []
                problems = [*problems, *more]
        else:
            note, problems = _read_text(path, entry.path)
            notes += [note] if note else []
        diagnostics += problems
    if not notes:
        diagnostics.append(
            Diagnostic(EMPTY_VAULT, Source(root.name, ""), START_OF_FILE, f"no notes in `{root.name}`", "write one")
        )
    return VaultFiles(root, tuple(notes), tuple(attachments), tuple(libraries), tuple(diagnostics))


def find_files(root: Path) -> Iterator[tuple[FilePath, os.DirEntry[str]]]:
    """Yield the files of a folder tree, sorted in each folder; no hidden ones, no links to folders followed."""
    pending = [(FilePath(""), str(root))]
    while pending:
        prefix, directory = pending.pop()
        with os.scandir(directory) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
        for entry in ordered:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                pending.append((FilePath(f"{prefix}{entry.name}/"), entry.path))
            elif entry.is_file() or entry.is_symlink():
                yield FilePath(prefix + entry.name), entry


def matches(path: str, pattern: str) -> bool:
    """Whether a path matches an exclude pattern: `drafts/`, `*.tmp.md`, `private/*`."""
    if pattern.endswith("/"):
        return path.startswith(pattern)
    return fnmatchcase(path, pattern)


def _decoded(path: str) -> str:
    """Return a path as it can be printed: Python keeps a byte that is no UTF-8 as half a surrogate pair."""
    return os.fsencode(path).decode("utf-8", errors="replace") if not path.isascii() else path


def _find_attachment(path: FilePath, entry: os.DirEntry[str]) -> tuple[Attachment | None, list[Diagnostic]]:
    try:
        return Attachment(path, entry.stat().st_size), []
    except OSError as error:
        return None, [_unreadable(path, error)]


def _unreadable(path: FilePath, error: OSError) -> Diagnostic:
    why = error.strerror or str(error)
    return Diagnostic(UNREADABLE, Source(path, ""), START_OF_FILE, f"`{path}` cannot be read: {why}")


def _read_text(file: FilePath, path: str) -> tuple[SourceFile | None, list[Diagnostic]]:
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        return None, [_unreadable(file, error)]
    try:
        text, problems = data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        text = data.decode("utf-8-sig", errors="replace")
        span = Span(error.start, error.start + 3)  # U+FFFD, as it stands in the text, is three bytes
        problem = f"byte 0x{data[error.start]:02x} is no UTF-8"
        problems = [Diagnostic(UNDECODABLE, Source(file, text), span, problem, "convert the file to UTF-8")]
    return SourceFile(NoteId(file), Source(file, text), content_key(data)), problems
