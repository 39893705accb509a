"""A sync brings the mirror to what Glue, the LF-Tags and IAM say; a failed one leaves what was there."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from catalog.mirror.models import Column, Database, Location, ResourceLink, Table
from catalog.search.index.models import Document
from catalog.sync.models import SyncRun
from demo.bank.accounts import BI, INSURANCE, REINSURANCE_REGION
from identity.accounts import Account, ConnectedCatalog, Principal
from mocklake.testing.server import Cloud
from tests.database import as_role
from tests.workers.sync.conftest import DATABASE, make_table, sync_successfully
from workers.aws import sessions
from workers.sync import reading
from workers.sync.runs import sync_catalog

pytestmark = pytest.mark.django_db


def row_versions() -> list[Any]:
    """Which transaction wrote each row of the mirror, and its vectors."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'd', id, ctid::text FROM catalog_database UNION ALL SELECT 't', id, ctid::text FROM"
            " catalog_table UNION ALL SELECT 'c', id, ctid::text FROM catalog_column UNION ALL"
            " SELECT 'p', id, ctid::text FROM identity_principal ORDER BY 1, 2"
        )
        return list(cursor.fetchall())


def test_a_first_sync_mirrors_tables_tags_and_roles(seeded: None) -> None:
    run = sync_successfully(ConnectedCatalog.objects.select_related("account").get(short_name="gov"))

    assert (run.databases, run.tables, run.tombstoned) == (11, Table.objects.count(), 0)
    assert set(Table.objects.values_list("created_by", flat=True)) == {"arn:aws:iam::111111111111:root"}
    table = Table.objects.get(name="life_expectancy")
    assert table.tags["tier"] == "gold"
    assert (table.classification, table.data_format) == ("private", "parquet")
    assert table.classes == ["private", "public", "sensitive"]
    sensitive = Column.objects.filter(table=table, classification="sensitive")
    assert "expected_remaining_years" in sensitive.values_list("name", flat=True)
    assert Principal.objects.filter(account__account_id=BI).count() == 4
    ours = ["meshmarket-worker", "meshmarket-observer", "meshmarket-executor", "lakeformation-data-access"]
    assert not Principal.objects.filter(name__in=ours).exists()
    assert Document.objects.exclude(search=None).count() == Table.objects.count()


def test_a_second_sync_without_changes_writes_its_run_only(catalog: ConnectedCatalog) -> None:
    sync_successfully(catalog)
    before = row_versions()

    assert sync_successfully(catalog).changed == 0
    assert row_versions() == before


def test_the_default_row_level_security_policy_of_a_table_is_mirrored(
    catalog: ConnectedCatalog, cloud: Cloud
) -> None:
    sync_successfully(catalog)
    table = Table.objects.select_related("database").order_by("pk")[0]
    lake = cloud.client("lakeformation", INSURANCE, region=REINSURANCE_REGION)
    lake.create_rls_policy(Name="none", AttachmentColumns=[{"Name": "x"}], FilterExpression="x = 'y'")
    named = {"Table": {"DatabaseName": table.database.name, "Name": table.name}}
    lake.attach_rls_policy(Name="none", Resource=named, SetDefault=True)
    assert sync_successfully(catalog).changed == 1
    assert list(Table.objects.exclude(default_row_policy="").values_list("pk", "default_row_policy")) == [
        (table.pk, "none")
    ]


def test_what_is_prepared_ahead_is_written_to_the_last_table(
    catalog: ConnectedCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_SIZE", 1)

    run = sync_successfully(catalog)

    assert run.made == run.tables == Table.objects.count() > 0
    assert not Table.objects.filter(columns=None).exists()


def test_a_sync_leaves_the_collector_as_it_was(catalog: ConnectedCatalog) -> None:
    before = gc.get_threshold()
    sync_successfully(catalog)

    assert gc.get_threshold() == before


def test_a_changed_comment_changes_one_table(catalog: ConnectedCatalog, glue: Any) -> None:
    make_table(glue, "commented", "before")
    sync_successfully(catalog)
    columns = [{"Name": "id", "Type": "string", "Comment": "after"}]
    glue.update_table(
        DatabaseName=DATABASE,
        TableInput={"Name": "commented", "StorageDescriptor": {"Columns": columns}},
    )

    assert sync_successfully(catalog).changed == 1
    assert Column.objects.get(table__name="commented").comment == "after"


def test_a_table_dropped_and_made_anew_is_another_row(catalog: ConnectedCatalog, glue: Any) -> None:
    make_table(glue, "anew")
    sync_successfully(catalog)
    glue.delete_table(DatabaseName=DATABASE, Name="anew")

    assert sync_successfully(catalog).tombstoned == 1

    make_table(glue, "anew")
    sync_successfully(catalog)
    assert Table.objects.filter(name="anew", tombstoned_at=None).count() == 1
    assert Table.objects.filter(name="anew").count() == 2


@pytest.mark.usefixtures("hiding")
def test_a_table_that_is_gone_and_looks_forbidden_ends_no_reading(
    catalog: ConnectedCatalog, glue: Any
) -> None:
    make_table(glue, "hidden")
    sync_successfully(catalog)
    glue.delete_table(DatabaseName=DATABASE, Name="hidden")

    assert sync_successfully(catalog).tombstoned == 1


def test_links_are_no_tables_and_know_where_they_lead(catalog: ConnectedCatalog, glue: Any) -> None:
    target = {"CatalogId": INSURANCE, "DatabaseName": DATABASE}
    glue.create_database(DatabaseInput={"Name": "a_link", "TargetDatabase": target})
    glue.create_table(
        DatabaseName=DATABASE,
        TableInput={"Name": "a_table_link", "TargetTable": target | {"Name": "treaties"}},
    )

    sync_successfully(catalog)

    assert not Database.objects.filter(name="a_link").exists()
    assert not Table.objects.filter(name="a_table_link").exists()
    to_database, to_table = ResourceLink.objects.filter(name__startswith="a_").order_by("name")
    assert to_database.leads_to_database == Database.objects.get(name=DATABASE)
    assert to_table.leads_to_table == Table.objects.get(name="treaties")
    glue.delete_database(Name="a_link")


def test_a_role_made_anew_is_another_principal(catalog: ConnectedCatalog, cloud: Cloud) -> None:
    iam = cloud.client("iam", BI)
    iam.create_role(RoleName="bi-guest", AssumeRolePolicyDocument="{}")
    sync_successfully(catalog)
    iam.delete_role(RoleName="bi-guest")
    iam.create_role(RoleName="bi-guest", AssumeRolePolicyDocument="{}")

    sync_successfully(catalog)

    gone, live = Principal.objects.filter(name="bi-guest").order_by("pk")
    assert (gone.gone_at is None, live.gone_at is None) == (False, True)
    assert gone.unique_id != live.unique_id
    iam.delete_role(RoleName="bi-guest")


@pytest.mark.parametrize("operation", ["GetDatabases", "GetTables", "SearchTablesByLFTags"])
def test_a_reading_that_fails_says_so_and_leaves_what_was_there(
    catalog: ConnectedCatalog, cloud: Cloud, operation: str
) -> None:
    sync_successfully(catalog)
    before = row_versions()
    cloud.control("faults", {"kind": "throttle", "operation": operation, "count": 50})

    run = sync_catalog(catalog)
    cloud.control("faults", method="DELETE")

    assert run.outcome == SyncRun.Outcome.FAILED
    assert run.finished_at is not None
    assert run.error.startswith("The catalog could not be read: ")
    assert row_versions() == before


def test_an_account_that_refuses_is_named_and_keeps_its_roles(catalog: ConnectedCatalog) -> None:
    sync_successfully(catalog)
    with as_role("meshmarket_owner"):
        Account.objects.filter(account_id=BI).update(external_id="wrong")
    sessions.clear_sessions()

    run = sync_catalog(catalog)

    assert run.outcome == SyncRun.Outcome.FAILED
    assert run.error.startswith(f"The roles and users of Business Intelligence ({BI}) could not be read: ")
    assert Principal.objects.filter(account__account_id=BI, gone_at=None).count() == 4


def test_a_throttled_page_is_asked_for_again(catalog: ConnectedCatalog, cloud: Cloud) -> None:
    cloud.control("faults", {"kind": "throttle", "operation": "GetTables", "count": 2})

    assert sync_successfully(catalog).tables == Table.objects.count() > 0


def test_registered_locations_are_mirrored(seeded: None) -> None:
    sync_successfully(ConnectedCatalog.objects.select_related("account").get(short_name="gov"))

    assert Location.objects.filter(arn__startswith="arn:aws:s3:::").exclude(role_arn="").exists()


@pytest.fixture
def kept_from_things(catalog: ConnectedCatalog, cloud: Cloud) -> Iterator[ConnectedCatalog]:
    """A catalog that was read once; since then its observer is no administrator and is shown a part of it."""
    sync_successfully(catalog)
    lake = cloud.client("lakeformation", INSURANCE, region=REINSURANCE_REGION)
    before = lake.get_data_lake_settings()["DataLakeSettings"]
    observer = catalog.account.observer_role_arn
    left = [one for one in before["DataLakeAdmins"] if one["DataLakePrincipalIdentifier"] != observer]
    lake.put_data_lake_settings(DataLakeSettings=before | {"ReadOnlyAdmins": [], "DataLakeAdmins": left})
    yield catalog
    lake.put_data_lake_settings(DataLakeSettings=before)


def test_what_aws_hides_from_the_observer_is_not_gone(kept_from_things: ConnectedCatalog) -> None:
    live = Table.objects.filter(database__catalog=kept_from_things, tombstoned_at=None)
    before = dict(live.values_list("pk", "tags"))
    assert before
    run = sync_catalog(kept_from_things)
    assert (run.outcome, run.tombstoned) == (SyncRun.Outcome.FAILED, 0)
    assert "AWS lists a part" in run.error
    assert dict(live.values_list("pk", "tags")) == before
