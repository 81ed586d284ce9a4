"""Runs a reader's code in kernels of this machine, behind a front that lets nobody else in. Knows nothing of notes."""

from site_builder.live.front import Front, require_packages

__all__ = ["Front", "require_packages"]
