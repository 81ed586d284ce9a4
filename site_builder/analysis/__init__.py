"""Questions to the concept graph, one a file, each a pure function. Knows no files, no HTML and no command."""
