"""CONTRIBUTING.md: each walk through a change names files that are there and that hold what it follows."""

import re

import pytest

from demo.bootstrap import ROOT
from tests.architecture.source import SHIPPED, list_files
from tests.docs.pages import read_section

PAGE = ROOT / "CONTRIBUTING.md"
WALKS = dict(
    part.split("\n", 1) for part in read_section(PAGE, "One change of each kind").split("\n### ")[1:]
)
STEP = re.compile(r"^\d+\. .*?(?=^\d+\. |\Z)", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)+/?)`")


@pytest.mark.parametrize("walk", WALKS)
def test_each_step_names_files_that_exist(walk: str) -> None:
    steps = STEP.findall(WALKS[walk])
    assert len(steps) >= 3
    for step in steps:
        paths = PATH.findall(step)
        assert paths or ".venv/bin/python" in step, step
        assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("walk", "followed", "others"),
    [
        (
            "A new field on the request form",
            "purpose",
            {
                "audit/database_rights.toml",
                "requests_app/access_requests/details.py",
                "requests_app/targets/requested_item.py",
                "requests_app/submission/changes.py",
            },
        ),
        ("A new search facet", "region", set()),
        ("A new field of a data product", "retention", set()),
        ("A new condition of a policy", "environment", set()),
    ],
)
def test_each_file_holds_what_the_walk_follows(walk: str, followed: str, others: set[str]) -> None:
    """Tests and migrations apart, and files in `others`."""
    paths = set(PATH.findall(WALKS[walk])) - others
    code = {
        path for path in paths if path.endswith((".py", ".html", ".sql")) and not path.startswith("tests/")
    }
    lacking = [
        path
        for path in sorted(code)
        if "/migrations/0" not in path and followed not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert lacking == []


def test_each_file_that_knows_the_kind_of_drift_is_named() -> None:
    named = set(PATH.findall(WALKS["A new kind of drift"]))
    using = {
        str(file.relative_to(ROOT))
        for file in list_files(*SHIPPED)
        if re.search("VERSION_LOWERED|LINK_DROPPED", file.read_text(encoding="utf-8"))
    }
    assert using - named == set()
