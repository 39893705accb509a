"""Foreign text of any kind is stored, flagged, and stops nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.mirror.glue_parser import MAX_TEXT_LENGTH, build_table_snapshot
from catalog.mirror.models import Column, Table
from catalog.mirror.snapshot import TEXT_FLAGS
from catalog.search.index.models import Document
from identity.accounts import ConnectedCatalog
from tests.catalog.sync_setup import build_table_answer, make_catalog, sync_tables
from tests.database import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog(db: None) -> Iterator[ConnectedCatalog]:
    found = make_catalog()
    with as_role("meshmarket_worker"):
        yield found


def build_commented_table(comment: str, count: int = 1) -> dict[str, Any]:
    columns = [{"Name": f"column_{n}", "Type": "string", "Comment": comment} for n in range(count)]
    return build_table_answer("claims", StorageDescriptor={"Columns": columns})


@pytest.mark.parametrize(
    ("answer", "flags"),
    [
        (build_table_answer("claims", Description="a\x00b"), ["replaced"]),
        (build_table_answer("claims", Owner="\ud800x"), ["replaced"]),
        (build_table_answer("claims", Parameters={"k\x00": "\udfff"}), ["replaced"]),
        (build_commented_table("<script>alert(1)</script>"), ["markup"]),
        (build_commented_table("x" * 1_048_576), ["cut"]),
        (build_commented_table("few words", 10_000), ["wide"]),
        (build_table_answer("claims", Description="Zürich 保険 🙂 a < b"), []),
        (build_table_answer("claims", "nested:struct<a:int>"), []),
    ],
    ids=["nul", "surrogate", "parameters", "markup", "megabyte", "wide", "fine", "nested"],
)
def test_strange_text_is_stored_and_flagged(
    catalog: ConnectedCatalog, answer: dict[str, Any], flags: list[str]
) -> None:
    assert sync_tables(catalog, answer, build_table_answer("policies")) == (2, 0)
    assert sync_tables(catalog, answer, build_table_answer("policies")) == (0, 0)

    row = Table.objects.get(name="claims")
    assert row.flags == flags
    assert set(flags) <= set(TEXT_FLAGS)
    assert Document.objects.get(pk=row.pk).search is not None


@pytest.mark.parametrize("sign", ["\t", "\n", "\r", "\\", "\\N", "\\."])
def test_signs_of_a_copy_are_text_like_any_other(catalog: ConnectedCatalog, sign: str) -> None:
    comment = f"{sign}before{sign}after{sign}"
    odd = build_commented_table(comment, 2)
    sync_tables(catalog, build_table_answer("usual", "a", "b"), odd, build_table_answer("other", "c"))
    sync_tables(catalog, build_table_answer("usual", f"a{sign}", "b"), odd, build_table_answer("other", "c"))

    assert set(Column.objects.filter(table__name="claims").values_list("comment", flat=True)) == {comment}
    names = Column.objects.exclude(table__name="claims").order_by("table__name", "position")
    assert list(names.values_list("name", flat=True)) == ["c", f"a{sign}", "b"]


def test_a_megabyte_of_comment_is_cut_to_what_is_kept(catalog: ConnectedCatalog) -> None:
    sync_tables(catalog, build_commented_table("word " * 300_000))

    assert len(Column.objects.get().comment) == MAX_TEXT_LENGTH


def test_a_table_of_thousands_of_columns_with_endless_comments_is_stored(catalog: ConnectedCatalog) -> None:
    words = " ".join(f"word{n}" for n in range(300))

    assert sync_tables(catalog, build_commented_table(words, 3000)) == (1, 0)
    assert Column.objects.count() == 3000


def test_text_of_the_same_letters_once_boto3_or_we_have_read_it() -> None:
    assert build_table_snapshot({"Name": "t", "CreateTime": 1.75e9}, database_tags={}).glue_created_at == (
        "2025-06-15T15:06:40+00:00"
    )
