"""CHANGELOG.md keeps its form, and its newest version is the project's."""

import re
import tomllib

from demo.bootstrap import ROOT
from tests.docs.pages import text

KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
WORDS = text(ROOT / "CHANGELOG.md")


def test_its_headings_are_versions_and_kinds() -> None:
    assert re.findall(r"^## (.+)$", WORDS, re.MULTILINE)[0] == "[Unreleased]"
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", WORDS, re.MULTILINE)
    assert len(versions) == len(re.findall(r"^## ", WORDS, re.MULTILINE)) - 1
    assert set(re.findall(r"^### (\w+)(?:: .+)?$", WORDS, re.MULTILINE)) <= KINDS
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert versions[0] == project["version"]


def test_the_licence_is_the_one_that_is_declared() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
