"""The index that readers search: small static files, of which a query fetches a few. Knows no MkDocs."""

from site_builder.search.files import FOLDER, index_files
from site_builder.search.records import Record, records
from site_builder.search.texts import Section

__all__ = ["FOLDER", "Record", "Section", "index_files", "records"]
