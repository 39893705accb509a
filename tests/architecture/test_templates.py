"""Templates obey the content policy: no inline script, no inline style, nothing from elsewhere."""

import re

import pytest

from demo.bootstrap import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=|<style\b"),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")"),
    "event attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']"),
    "foreign source": re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//"),
    "text marked as safe": re.compile(r"\|\s*safe\b|autoescape\s+off"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds_an(what: str) -> None:
    wrong = [
        f"{file.relative_to(ROOT)}: {found.group().strip()}"
        for file in TEMPLATES
        for found in FORBIDDEN[what].finditer(file.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


def test_there_are_templates() -> None:
    assert TEMPLATES
