"""Every template that is named is there: a missing one would be met by whoever opens the page."""

import re
from pathlib import Path

from django.contrib import admin

from demo.bootstrap import ROOT

TEMPLATES = ROOT / "templates"
FOLDERS = (TEMPLATES, Path(admin.__file__).parent / "templates")
NAMED_IN_A_TEMPLATE = re.compile(r"""\{%-?\s*(?:include|extends|cached_include)\s+["']([^"']+)["']""")
NAMED_IN_PYTHON = re.compile(r"""["']((?:portal|components|demo|mail)/[\w/-]+\.(?:html|txt))["']""")
SOURCES = ("portal", "demo", "requests_app", "catalog", "identity", "fulfilment", "audit", "workers")


def find_names(path: Path, pattern: re.Pattern[str]) -> set[tuple[str, str]]:
    return {(str(path.relative_to(ROOT)), name) for name in pattern.findall(path.read_text(encoding="utf-8"))}


def find_missing(names: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {
        (where, name) for where, name in names if not any((folder / name).is_file() for folder in FOLDERS)
    }


def test_every_template_that_a_template_names_is_there() -> None:
    pages = [path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}]
    named = set().union(*(find_names(path, NAMED_IN_A_TEMPLATE) for path in pages))
    assert len(named) > 100
    assert find_missing(named) == set()


def test_every_template_that_a_view_names_is_there() -> None:
    files = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    named = set().union(*(find_names(path, NAMED_IN_PYTHON) for path in files))
    assert len(named) > 50
    assert find_missing(named) == set()
