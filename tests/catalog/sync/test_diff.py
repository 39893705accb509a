"""A reading changes what differs and nothing else; what vanished is kept as a tombstone."""

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.mirror.glue_parser import build_database_snapshot
from catalog.mirror.models import Column, Database, SchemaChange, Table
from catalog.registrations.models import Registration
from catalog.search.index.models import Document, IndexedWord
from catalog.sync import database_writer
from catalog.sync.database_writer import (
    list_live_table_ids,
    list_vanished_databases,
    store_databases,
    tombstone_rows,
)
from catalog.sync.table_writer import TableWriter
from identity.accounts import ConnectedCatalog
from kernel import clock
from tests import factories
from tests.catalog.sync_setup import (
    build_table_answer,
    make_catalog,
    start_reading,
    sync_database,
    sync_tables,
)
from tests.database import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog(db: None) -> Iterator[ConnectedCatalog]:
    found = make_catalog()
    with as_role("meshmarket_worker"):
        yield found


def test_only_what_differs_is_written(catalog: ConnectedCatalog) -> None:
    assert sync_tables(catalog, build_table_answer("claims"), build_table_answer("policies")) == (2, 0)
    assert sync_tables(catalog, build_table_answer("claims"), build_table_answer("policies")) == (0, 0)
    assert sync_tables(
        catalog, build_table_answer("claims", "claim_id", "status"), build_table_answer("policies")
    ) == (1, 0)


def test_columns_follow_in_order_and_those_that_vanished_go(catalog: ConnectedCatalog) -> None:
    sync_tables(catalog, build_table_answer("claims", "a", "b", "c"))
    kept = Column.objects.get(name="a").pk

    sync_tables(catalog, build_table_answer("claims", "c", "a", "d:int"))

    listed = [("c", 1, "string"), ("a", 2, "string"), ("d", 3, "int")]
    assert list(Column.objects.values_list("name", "position", "type")) == listed
    assert Column.objects.get(name="a").pk == kept


def test_a_vanished_table_is_kept_as_a_tombstone(catalog: ConnectedCatalog) -> None:
    sync_tables(catalog, build_table_answer("claims"))

    assert sync_tables(catalog) == (0, 1)
    assert Table.objects.get().tombstoned_at is not None
    assert sync_tables(catalog) == (0, 0)


@pytest.mark.parametrize("anew", [{"days": 1}, {"Parameters": {"uuid": "b"}}])
def test_a_table_made_anew_is_another_row(catalog: ConnectedCatalog, anew: dict[str, Any]) -> None:
    sync_tables(catalog, build_table_answer("claims", Parameters={"uuid": "a"}))
    first = Table.objects.get()

    assert sync_tables(catalog, build_table_answer("claims", **anew)) == (1, 1)

    first.refresh_from_db()
    assert first.tombstoned_at is not None
    assert Table.objects.get(tombstoned_at=None).pk != first.pk


def test_a_database_made_anew_is_another_row_and_keeps_its_domain(catalog: ConnectedCatalog) -> None:
    with as_role("meshmarket_web"):
        domain = factories.make_domain(factories.make_team("Insurance"))
    Database.objects.update(domain=domain)
    sync_tables(catalog, build_table_answer("claims"))

    assert sync_database(catalog, days=1)

    anew = Database.objects.get(tombstoned_at=None)
    assert anew.domain == domain
    assert not Table.objects.filter(tombstoned_at=None).exists()


def test_a_database_is_written_when_it_differs_only(catalog: ConnectedCatalog) -> None:
    assert not sync_database(catalog)
    assert sync_database(catalog, description="Gold tables")
    assert Database.objects.get().description == "Gold tables"


def test_databases_of_a_listing_are_written_together_and_a_name_told_twice_once(
    catalog: ConnectedCatalog,
) -> None:
    said = [("silver", "old"), ("gold", ""), ("bronze", ""), ("silver", "new")]
    told = [
        build_database_snapshot({"Name": n, "Description": d, "CreateTime": factories.BORN}, {})
        for n, d in said
    ]
    found = store_databases(catalog, told, clock.now())
    assert [(row.name, written) for row, written in found] == [
        ("silver", True), ("gold", False), ("bronze", True), ("silver", True),
    ]  # fmt: skip
    assert set(Database.objects.values_list("name", "description")) == {
        ("gold", ""), ("bronze", ""), ("silver", "new"),
    }  # fmt: skip
    again = store_databases(catalog, told[1:], clock.now())
    assert not any(written for _, written in again)


def test_a_database_that_another_reader_stores_at_once_is_one_row(
    catalog: ConnectedCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = build_database_snapshot({"Name": "new", "CreateTime": factories.BORN}, {})

    def store_first(*_: object) -> dict[str, Registration]:
        monkeypatch.undo()
        store_databases(catalog, [told], clock.now())
        return {}

    monkeypatch.setattr(database_writer, "list_database_registrations", store_first)
    ((row, _),) = store_databases(catalog, [told], clock.now())
    assert Database.objects.get(name="new") == row


def test_many_altered_tables_are_written_whole(catalog: ConnectedCatalog) -> None:
    names = [f"claims_{number}" for number in range(5)]
    sync_tables(catalog, *(build_table_answer(name, "a:int", "b") for name in names))
    made = dict(Table.objects.values_list("name", "pk"))
    sync_tables(
        catalog,
        *(
            build_table_answer(name, "a:bigint", "c", Description=f"of {name}", Parameters={"q": 'a"\\b\n'})
            for name in names
        ),
    )
    rows = Table.objects.order_by("name").values_list("name", "pk", "description", "parameters")
    assert list(rows) == [(name, made[name], f"of {name}", {"q": 'a"\\b\n'}) for name in names]
    for name in names:
        columns = Column.objects.filter(table__name=name).order_by("position").values_list("name", "type")
        assert list(columns) == [("a", "bigint"), ("c", "string")]
    assert Document.objects.filter(fresh__gt="", id__in=made.values()).count() == len(names)


def test_vanished_databases_take_their_tables_along(catalog: ConnectedCatalog) -> None:
    sync_tables(catalog, build_table_answer("claims"))
    assert list_vanished_databases(catalog, ["gold"]) == []
    gone = list_vanished_databases(catalog, [])

    assert list_live_table_ids(gone) == [Table.objects.get().pk]
    assert tombstone_rows([], gone, clock.now()) == 2
    assert not Table.objects.filter(tombstoned_at=None).exists()


def test_a_row_that_somebody_wrote_in_the_meantime_is_left_to_the_next_reading(
    catalog: ConnectedCatalog,
) -> None:
    sync_tables(catalog, build_table_answer("claims"))
    early = start_reading(catalog).find_differences(
        [build_table_answer("claims", Description="early"), build_table_answer("policies")]
    )
    sync_tables(
        catalog,
        build_table_answer("claims", Description="late"),
        build_table_answer("policies", Description="late"),
    )

    written = TableWriter(catalog.pk).write(early, clock.now())

    assert (written.created, written.updated) == ([], [])
    assert set(Table.objects.values_list("description", flat=True)) == {"late"}


def test_storage_and_view_are_kept(catalog: ConnectedCatalog) -> None:
    defined = {
        "Definer": "arn:aws:iam::111122223333:role/views",
        "IsProtected": True,
        "SubObjects": ["arn:x"],
    }
    storage = {"InputFormat": "In", "SerdeInfo": {"SerializationLibrary": "Serde"}, "BucketColumns": ["id"]}
    view: dict[str, Any] = {
        "ViewDefinition": defined,
        "ViewOriginalText": "SELECT 1",
        "TableType": "VIRTUAL_VIEW",
    }

    sync_tables(catalog, build_table_answer("seen", StorageDescriptor=storage, **view))

    row = Table.objects.get()
    assert row.storage == {"input": "In", "serde": "Serde", "bucket_columns": ["id"]}
    definer = "arn:aws:iam::111122223333:role/views"
    assert row.view == {"text": "SELECT 1", "definer": definer, "is_protected": True, "reads": ["arn:x"]}


def test_fields_inside_of_columns_are_found(catalog: ConnectedCatalog) -> None:
    sync_tables(
        catalog,
        build_table_answer("claims", "payee:array<struct<iban:string,holder:struct<family_name:string>>>"),
    )

    found = Document.objects.extra(where=["search @@ to_tsquery('simple', 'iban & family & familyname')"])
    assert found.count() == 1
    words = set(IndexedWord.objects.values_list("word", flat=True))
    assert {"iban", "family", "claims"} <= words
    assert "familyname" not in words


def test_what_changed_is_remembered_once(catalog: ConnectedCatalog) -> None:
    sync_tables(catalog, build_table_answer("claims", "id:int", "amount:int", VersionId="1"))
    sync_tables(catalog, build_table_answer("claims", "id:bigint", VersionId="2"))
    sync_tables(catalog, build_table_answer("claims", "id:bigint", VersionId="3", Parameters={"rows": "7"}))

    change = SchemaChange.objects.get()
    assert (change.version_before, change.version_after, change.is_breaking) == ("1", "2", True)
    assert [each["what"] for each in change.changes] == ["column_removed", "type_widened"]
