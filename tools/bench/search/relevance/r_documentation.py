"""Help pages of R's datasets as texts: from HTML as R writes it."""

import csv
import re
from collections import defaultdict
from collections.abc import Mapping
from html.parser import HTMLParser
from textwrap import shorten

from tools.bench.search.relevance.texts import CorpusText

LIST, COLUMNS = "datasets.csv", "Format"
DESCRIBED_IN = ("Description", COLUMNS, "Details", "Background", "Note", "Source")
"""Headings whose text is the description; usage, examples and references are left out."""
ESCAPED = re.compile(r"\\([&$%#_{}])")
LONGEST_SUMMARY = 240
"""As a data product allows."""
SENTENCE_END = re.compile(r"(?<=[a-z0-9)\]'\"][.!?])\s+(?=[A-Z0-9])")


def read_documentation(files: Mapping[str, str]) -> list[CorpusText]:
    """One text for each row of the list of datasets that has a page."""
    rows = csv.DictReader(files[LIST].splitlines())
    pages = [(row, files.get(f"doc/{row['Package']}/{row['Item']}.html", "")) for row in rows]
    return [_parse(row["Package"], row["Item"], row["Title"], page) for row, page in pages if page]


def split_summary(text: str) -> tuple[str, str]:
    """The first sentence, and the rest. Of a sentence that is too long its beginning, and the whole text."""
    sentence, *rest = SENTENCE_END.split(text, maxsplit=1)
    summary = shorten(sentence, LONGEST_SUMMARY, placeholder=" …")
    return summary, "".join(rest) if summary == " ".join(sentence.split()) else text


def make_key(*parts: str) -> str:
    return "-".join(re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts)


def _parse(package: str, item: str, title: str, page: str) -> CorpusText:
    parser = _PageParser()
    parser.feed(page)
    parser.close()
    sections = {heading: _clean("".join(parts)) for heading, parts in parser.sections.items()}
    summary, rest = split_summary(sections.get("Description", ""))
    others = [sections.get(heading, "") for heading in DESCRIBED_IN[1:]]
    description = "\n\n".join(part for part in (rest, *others) if part)
    columns = tuple((_clean(name), _clean(comment)) for name, comment in parser.columns)
    title = _clean(title).rstrip(".")
    name = f"{item}: {title}" if title != item else item
    return CorpusText(make_key("r", package, item), name, summary, description, (package,), columns)


def _clean(text: str) -> str:
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return ESCAPED.sub(r"\1", "\n\n".join(paragraph for paragraph in paragraphs if paragraph))


class _PageParser(HTMLParser):
    """Text by heading; of the section of columns, definitions and rows of two cells are columns instead."""

    def __init__(self) -> None:
        super().__init__()
        self.sections: dict[str, list[str]] = defaultdict(list)
        self.columns: list[tuple[str, str]] = []
        self._heading, self._in_heading = "", False
        self._cells: list[str] | None = None

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag == "h3":
            self._heading, self._in_heading = "", True
        elif self._heading == COLUMNS and tag in {"dt", "tr"}:
            self._close_column()
            self._cells = []
        if self._cells is not None and tag in {"dt", "dd", "td"}:
            self._cells.append("")
        elif tag == "p":
            self._add("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "h3":
            self._in_heading = False
        elif tag in {"dl", "tr", "table"}:
            self._close_column()

    def handle_data(self, data: str) -> None:
        if self._in_heading:
            self._heading += data
        else:
            self._add(data)

    def _add(self, text: str) -> None:
        if self._cells:
            self._cells[-1] += text
        elif self._heading:
            self.sections[self._heading].append(text)

    def _close_column(self) -> None:
        cells = [cell.strip().rstrip(":") for cell in self._cells or () if cell.strip(" \n:[],.")]
        if cells and cells[0] != "No":
            name, *comments = [cell for cell in cells if not re.fullmatch(r"\[?[\s,]*\d+\]?", cell)] or cells
            self.columns.append((name, " ".join(comments)))
        self._cells = None
