"""Cited works: recognized in text, merged, written as BibTeX and CSL JSON. Knows nothing of notes and HTML."""

from site_builder.references.export import to_bibtex, to_csl_json
from site_builder.references.merge import merge
from site_builder.references.recognize import recognize
from site_builder.references.work import Reference, Work, short_citation

__all__ = ["Reference", "Work", "merge", "recognize", "short_citation", "to_bibtex", "to_csl_json"]
