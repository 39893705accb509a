"""What the pages load: small, our own, and free of what the content policy forbids."""

import gzip
import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static

from tests.bank import Bank
from tests.portal.conftest import make_client

ROOT = Path(__file__).resolve().parent.parent.parent
LARGEST_CSS = 25_000
LARGEST_FONT = 60_000
FONT = ROOT / "static/vendor/inter.woff2"
CSS_ADDRESS = re.compile(r"""url\(["']?([^"')]+)""")
LOADED = re.compile(r"""<(?:link|script|img|iframe|source)\b[^>]*?\b(?:href|src)="([^"]+)""")


def test_the_styles_fit_25_kilobytes_compressed() -> None:
    styles = b"".join(path.read_bytes() for path in sorted((ROOT / "static/css").glob("*.css")))
    assert len(gzip.compress(styles)) <= LARGEST_CSS


def test_every_icon_that_is_named_exists() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text()))
    for path in sorted((ROOT / "templates").rglob("*.html")):
        named = set(re.findall(r'icon\.html" with name="([\w-]+)"', path.read_text()))
        named |= set(re.findall(r'\bicon="([\w-]+)"', path.read_text()))
        assert named <= drawn, path


def test_the_font_is_small_and_comes_with_its_licence() -> None:
    assert FONT.read_bytes()[:4] == b"wOF2"
    assert FONT.stat().st_size < LARGEST_FONT
    assert "SIL OPEN FONT LICENSE Version 1.1" in FONT.with_name("inter-LICENSE.txt").read_text()
    assert "| `inter.woff2` |" in FONT.with_name("README.md").read_text()


def test_styles_load_only_files_of_ours_that_exist() -> None:
    loaded = set()
    for path in sorted((ROOT / "static/css").glob("*.css")):
        for address in CSS_ADDRESS.findall(path.read_text()):
            if address.startswith("data:image/svg+xml,"):
                continue
            assert not re.match(r"[a-z]+:|//", address), path
            assert finders.find(str((path.parent / address).resolve().relative_to(ROOT / "static"))), address
            loaded.add((path.parent / address).resolve())
    assert FONT in loaded


def test_pages_load_the_font_early_and_nothing_from_elsewhere(bank: Bank) -> None:
    client = make_client(bank.ana)
    for address in ("/", "/reviews/", "/api/docs/"):
        answer = client.get(address)
        page = answer.content.decode()
        assert f'rel="preload" href="{static("vendor/inter.woff2")}" as="font"' in page
        assert [one for one in LOADED.findall(page) if not re.match(r"/(?!/)", one)] == []
        assert "font-src 'self'" in answer["Content-Security-Policy"]
        assert "style-src 'self';" in answer["Content-Security-Policy"]
        assert not re.search(r"<style|\sstyle=", page)
