"""Foreign text of any kind is stored, flagged, and stops nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.mirror.glue_parser import LONGEST_TEXT, table_snapshot
from catalog.mirror.models import Column, Table
from catalog.mirror.snapshot import FLAGS
from catalog.search.index.models import Document
from identity.accounts.models import ConnectedCatalog
from tests.catalog.readings import make_catalog, read, table
from tests.database import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog(db: None) -> Iterator[ConnectedCatalog]:
    found = make_catalog()
    with as_role("meshmarket_worker"):
        yield found


def commented(comment: str, count: int = 1) -> dict[str, Any]:
    columns = [{"Name": f"column_{n}", "Type": "string", "Comment": comment} for n in range(count)]
    return table("claims", StorageDescriptor={"Columns": columns})


@pytest.mark.parametrize(
    ("answer", "flags"),
    [
        (table("claims", Description="a\x00b"), ["replaced"]),
        (table("claims", Owner="\ud800x"), ["replaced"]),
        (table("claims", Parameters={"k\x00": "\udfff"}), ["replaced"]),
        (commented("<script>alert(1)</script>"), ["markup"]),
        (commented("x" * 1_048_576), ["cut"]),
        (commented("few words", 10_000), ["wide"]),
        (table("claims", Description="Zürich 保険 🙂 a < b"), []),
        (table("claims", "nested:struct<a:int>"), []),
    ],
    ids=["nul", "surrogate", "parameters", "markup", "megabyte", "wide", "fine", "nested"],
)
def test_strange_text_is_stored_and_flagged(
    catalog: ConnectedCatalog, answer: dict[str, Any], flags: list[str]
) -> None:
    assert read(catalog, answer, table("policies")) == (2, 0)
    assert read(catalog, answer, table("policies")) == (0, 0)

    row = Table.objects.get(name="claims")
    assert row.flags == flags
    assert set(flags) <= set(FLAGS)
    assert Document.objects.get(pk=row.pk).search is not None


@pytest.mark.parametrize("sign", ["\t", "\n", "\r", "\\", "\\N", "\\."])
def test_signs_of_a_copy_are_text_like_any_other(catalog: ConnectedCatalog, sign: str) -> None:
    comment = f"{sign}before{sign}after{sign}"
    odd = commented(comment, 2)
    read(catalog, table("usual", "a", "b"), odd, table("other", "c"))
    read(catalog, table("usual", f"a{sign}", "b"), odd, table("other", "c"))

    assert set(Column.objects.filter(table__name="claims").values_list("comment", flat=True)) == {comment}
    names = Column.objects.exclude(table__name="claims").order_by("table__name", "position")
    assert list(names.values_list("name", flat=True)) == ["c", f"a{sign}", "b"]


def test_a_megabyte_of_comment_is_cut_to_what_is_kept(catalog: ConnectedCatalog) -> None:
    read(catalog, commented("word " * 300_000))

    assert len(Column.objects.get().comment) == LONGEST_TEXT


def test_a_table_of_thousands_of_columns_with_endless_comments_is_stored(catalog: ConnectedCatalog) -> None:
    words = " ".join(f"word{n}" for n in range(300))

    assert read(catalog, commented(words, 3000)) == (1, 0)
    assert Column.objects.count() == 3000


def test_text_of_the_same_letters_once_boto3_or_we_have_read_it() -> None:
    assert table_snapshot({"Name": "t", "CreateTime": 1.75e9}, database_tags={}).glue_created_at == (
        "2025-06-15T15:06:40+00:00"
    )
