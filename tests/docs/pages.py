"""The Markdown pages of the project: their links, headings, tables and the paths that they name."""

import re
from functools import cache
from pathlib import Path

from demo.bootstrap import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
TOP = {path.name for path in ROOT.iterdir()}


@cache
def read_page(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def read_prose(page: Path) -> str:
    return FENCE.sub("", read_page(page))


def list_links(page: Path) -> list[str]:
    return LINK.findall(read_prose(page))


def list_anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", read_prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def list_named_paths(page: Path) -> list[str]:
    """What stands in backticks and looks like a path of ours: its first part is in the root."""
    return [
        code
        for code in CODE.findall(read_prose(page))
        if "/" in code and " " not in code and "*" not in code and code.split("/")[0] in TOP
    ]


def read_section(page: Path, heading: str) -> str:
    """What stands under a heading, until the next one of its level."""
    return read_page(page).split(f"\n## {heading}\n", 1)[1].split("\n## ")[0]


def read_table(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    lines = [line for line in read_section(page, heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]
