"""What a notebook's cells put out, as it stands on the page."""

from __future__ import annotations

from tests.commands.conftest import Vault, WriteModel

_RICH = """
class Words:
    def _repr_markdown_(self): return "**bold** [[Other]] $x^2$"

class Formula:
    def _repr_latex_(self): return r"\\begin{aligned}y &= 1\\end{aligned}"

display(Formula())
Words()
"""


def test_markdown_and_latex_are_set_as_a_note_sets_them(vault: Vault, write_model: WriteModel) -> None:
    """Formulas by KaTeX at build time, and wikilinks as links."""
    write_model(_RICH)
    vault.write("Other.md", "Words.")
    assert vault.build().status == 0
    shown = vault.page("thing").partition('class="wt-output"')[2]
    assert "<strong>bold</strong>" in shown
    assert '<a href="../other/">Other</a>' in shown
    assert shown.count('class="katex"') == 2


def test_colab_opens_the_notebook_where_the_site_is_published(vault: Vault, write_model: WriteModel) -> None:
    """Only when the repository is at GitHub and the branch of the built site is named: else the link would be dead."""
    write_model("1")
    vault.build()
    assert "Colab" not in vault.page("thing")
    vault.configure("repo_url: https://github.com/someone/notes.git\n")
    vault.build()
    assert "Colab" not in vault.page("thing")
    vault.configure("plugins:\n  - wikitorch:\n      colab: gh-pages\n")
    vault.build()
    address = "https://colab.research.google.com/github/someone/notes/blob/gh-pages/models/area.thing/thing.ipynb"
    assert f'<a href="{address}">Open in Colab</a>' in vault.page("thing")
    assert (vault.root / "out/models/area.thing/thing.ipynb").exists()
