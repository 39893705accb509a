"""What the pages load: small, our own, and free of what the content policy forbids."""

import gzip
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_CSS = 25_000


def test_the_styles_fit_25_kilobytes_compressed() -> None:
    styles = b"".join(path.read_bytes() for path in sorted((ROOT / "static/css").glob("*.css")))
    assert len(gzip.compress(styles)) <= LARGEST_CSS


def test_every_icon_that_is_named_exists() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text()))
    for path in sorted((ROOT / "templates").rglob("*.html")):
        named = set(re.findall(r'icon\.html" with name="([\w-]+)"', path.read_text()))
        named |= set(re.findall(r'\bicon="([\w-]+)"', path.read_text()))
        assert named <= drawn, path
