"""What the pages name is there, and they name nothing outside the project."""

import re
from pathlib import Path

import pytest

from demo.bootstrap import ROOT
from tests.docs.pages import PAGES, list_anchors, list_links, list_named_paths, read_page

OUTSIDE = re.compile(r"https?://|mailto:")


def format_path(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=format_path)
def test_links_lead_somewhere(page: Path) -> None:
    wrong = []
    for link in list_links(page):
        if OUTSIDE.match(link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in list_anchors(target)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=format_path)
def test_named_paths_exist(page: Path) -> None:
    assert [path for path in list_named_paths(page) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=format_path)
def test_a_page_speaks_of_this_project_only(page: Path) -> None:
    assert re.findall(r"\.\./\.\./\S+|\.\./shared|anchors/", read_page(page).replace("](../", "](")) == []


def test_pages_are_in_plain_words() -> None:
    """No marketing: these words promise without saying anything."""
    loud = re.compile(
        r"\b(?:seamless|effortless|powerful|robust|blazing|cutting-edge|world-class|leverag\w+|simply|easily)\b",
        re.IGNORECASE,
    )
    assert {
        format_path(page): loud.findall(read_page(page)) for page in PAGES if loud.findall(read_page(page))
    } == {}


def test_decisions_are_numbered_without_gaps() -> None:
    files = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert [file.name for file in files if not read_page(file).startswith(f"# {int(file.name[:4])}. ")] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")), ids=format_path)
def test_a_decision_has_the_same_sections_as_the_others(page: Path) -> None:
    sections = re.findall(r"^## (.+)$", read_page(page), re.MULTILINE)
    known = ["Status", "Context", "Decision", "Alternatives considered", "Consequences"]
    assert [name for name in known if name in sections] == sections
    assert {"Status", "Context", "Decision", "Consequences"} <= set(sections)


def test_the_index_lists_every_decision_under_its_title() -> None:
    index = ROOT / "docs" / "adr" / "README.md"
    files = sorted(index.parent.glob("[0-9]*.md"))
    named = [f"[{read_page(file).splitlines()[0].removeprefix('# ')}]({file.name})" for file in files]
    assert [name for name in named if name not in read_page(index)] == []
    assert sorted(list_links(index)) == [file.name for file in files]
