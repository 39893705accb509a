"""CHANGELOG.md lists capabilities by area, one line each; its newest version is the project's."""

import re
import tomllib

from demo.bootstrap import ROOT
from tests.docs.pages import read_page

PAGE = read_page(ROOT / "CHANGELOG.md")


def test_its_first_heading_is_unreleased_and_the_next_the_project_version() -> None:
    first, *released = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)
    assert first == "Unreleased"
    assert [line for line in released if not re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", line)] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [line.split()[0] for line in released[:1]] in ([], [project["version"]])


def test_each_area_lists_its_entries_one_line_each() -> None:
    _intro, *areas = re.split(r"^### .+\n", PAGE, flags=re.MULTILINE)
    lines = [line for area in areas for line in area.split("\n## ")[0].splitlines() if line]
    assert [line for line in lines if not re.fullmatch(r"\* [A-Z].{0,140}\.", line)] == []
    assert all("* " in area for area in areas)


def test_the_licence_is_the_one_that_is_declared() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
