"""From what was found out about a vault to the pages of a site. Knows nothing of disk or MkDocs."""
