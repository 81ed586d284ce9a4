"""What the front-end build gives: all that the theme names, nothing from elsewhere."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "site_builder/frontend"
SITE_BUNDLE = ROOT / "site_builder/bundle/site"
THEME = ROOT / "site_builder/theme"


def test_the_lock_file_holds_no_download_addresses() -> None:
    """Packages are locked by name, version and checksum, never by address."""
    packages = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert installed
    assert all("resolved" not in package for package in installed.values())
    assert all(package["integrity"].startswith("sha512-") for package in installed.values())


def test_the_packages_asked_for_are_exact_versions() -> None:
    """Every package is asked for by one exact version."""
    versions = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))["devDependencies"].values()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)


def test_styles_ask_only_for_fonts_that_are_published_with_them() -> None:
    """Each font that the style sheet names lies beside it, and it names nothing else."""
    styles = (SITE_BUNDLE / "wikitorch.css").read_text(encoding="utf-8")
    named = set(re.findall(r"""url\(["']?([^)"']+)""", styles))
    present = {f"./fonts/{font.name}" for font in (SITE_BUNDLE / "fonts").iterdir()}
    assert named == present
    assert all(name.endswith(".woff2") for name in named)
    assert "@import" not in styles


def test_fonts_fetched_early_are_published() -> None:
    """Each font that the page template preloads is one of the bundle's."""
    template = (THEME / "main.html").read_text(encoding="utf-8")
    fonts = re.findall(r'", "([\w-]+)"\)', template)
    assert len(fonts) > 2
    assert all((SITE_BUNDLE / f"fonts/{font}.woff2").is_file() for font in fonts)


def test_the_licenses_of_what_is_published_come_with_it() -> None:
    """The license file names KaTeX and each typeface."""
    licenses = (SITE_BUNDLE / "LICENSES.txt").read_text(encoding="utf-8")
    assert all(name in licenses for name in ("katex ", "source-serif-4 ", "source-sans-3 ", "source-code-pro "))


def test_a_panel_asks_for_its_runtime_by_the_hash_of_it() -> None:
    """A browser that kept the runtime of an older site fetches the new one: the address holds the file's hash."""
    version = hashlib.sha256((SITE_BUNDLE / "ort.wasm").read_bytes()).hexdigest()[:16]
    script = (SITE_BUNDLE / "panel.js").read_text(encoding="utf-8")
    assert version in script
    assert "RUNTIME_VERSION" not in script
