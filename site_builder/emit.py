"""Putting a finished site in place, so that readers see the old one or the new one and never half of either."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from site_builder.diagnostics import CannotRun
from site_builder.names import SitePath


def staging_folder(site: Path) -> Path:
    """Make an empty folder beside a site, on the same disk, to build the next one in.

    Raises CannotRun when the place cannot be written.
    """
    try:
        site.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{site.name}-", dir=site.parent))
    except OSError as error:
        raise CannotRun(f"cannot write beside {site}: {error.strerror}") from error


def replace_site(staged: Path, site: Path) -> None:
    """Put a staged site in the place of the present one."""
    staged.chmod(0o755)
    if site.exists():
        old = staged.with_name(f"{staged.name}-old")
        os.rename(site, old)
        os.rename(staged, site)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.rename(staged, site)


@contextmanager
def discarding(staged: Path) -> Iterator[None]:
    """Remove a staged site when the block does not end well."""
    try:
        yield
    except BaseException:
        with suppress(OSError):
            shutil.rmtree(staged)
        raise


def write_files(root: Path, files: Mapping[SitePath, str | bytes]) -> None:
    """Write files below a folder, texts with one kind of line end."""
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            target.write_bytes(content)
        else:
            target.write_text(content, encoding="utf-8", newline="\n")
