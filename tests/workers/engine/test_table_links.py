"""Granted tables that land by links of their own; the choice changes under live grants, and nobody is without meanwhile."""

import pytest

from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE, PARTNER, REGION
from fulfilment.intents.models import Justification
from fulfilment.rounds import StepEntry
from lakeformation.values.resource_links import LINK_DATABASE_PARAMETER
from requests_app.grants.link_naming.queries import DATABASE_LINK, TABLE_LINKS
from requests_app.grants.models import Grant
from tests.workers.engine.test_subgrants import (
    make_local_group,
    make_second_role,
    set_classes,
    settle_group,
    subgrant,
)
from tests.workers.link_flows import ALL, choose_naming, get_landing_name, read_columns
from tests.workers.mesh import Mesh


@pytest.fixture
def mesh(in_process_mesh: Mesh) -> Mesh:
    return in_process_mesh


def list_database_names(mesh: Mesh, account: str = BI) -> set[str]:
    """Of the two databases in which the table may be found, those that are in the account."""
    glue = mesh.cloud.client("glue", account)
    every = {
        row["Name"] for page in glue.get_paginator("get_databases").paginate() for row in page["DatabaseList"]
    }
    return every & {get_landing_name(mesh), mesh.link}


def list_link_permissions(mesh: Mesh, account: str = BI) -> set[str]:
    """Permissions on the account's links, as its catalog lists them."""
    rows = mesh.cloud.client("lakeformation", account).list_permissions()["PrincipalResourcePermissions"]
    return {
        f"{verb} {resource.get('DatabaseName', '')}/{resource['Name']}"
        for row in rows
        for resource in row["Resource"].values()
        if get_landing_name(mesh) in {resource.get("Name"), resource.get("DatabaseName")}
        for verb in row["Permissions"]
    }


@pytest.mark.parametrize("account", [BI, PARTNER])
def test_exactly_the_approved_columns_come_and_go(tables: Mesh, account: str) -> None:
    grant = tables.grant(account=account)
    intent = tables.run_until_presence(grant, "present")
    assert (intent.usable, intent.consumer_database) == (True, get_landing_name(tables))
    assert read_columns(tables, get_landing_name(tables), account) == ALL
    assert (list_database_names(tables, account), tables.list_visible_columns(account)) == (
        {get_landing_name(tables)},
        [],
    )
    assert list_link_permissions(tables, account) == {
        f"DESCRIBE /{get_landing_name(tables)}",
        f"DESCRIBE {get_landing_name(tables)}/{tables.table.name}",
    }
    tables.revoke(grant)
    tables.run_until_presence(grant, "absent")
    assert (list_database_names(tables, account), list_link_permissions(tables, account)) == (set(), set())


def test_the_database_is_marked_and_opens_nothing_by_itself(tables: Mesh) -> None:
    tables.run_until_presence(tables.grant(), "present")
    row = tables.cloud.client("glue", BI).get_database(Name=get_landing_name(tables))["Database"]
    assert row["Parameters"] == {LINK_DATABASE_PARAMETER: f"{GOVERNANCE}/{REGION}/{tables.database}"}
    assert row["CreateTableDefaultPermissions"] == []


def test_a_row_filter_reads_through_the_link(tables: Mesh) -> None:
    tables.run_until_presence(tables.grant(rows="region = 'Ost'"), "present")
    assert read_columns(tables, get_landing_name(tables)) == ALL


def test_what_lies_in_another_region_is_linked_from_the_consumers(tables: Mesh) -> None:
    account = tables.roles[BI].account
    account.region = "eu-west-1"
    account.save()
    tables.run_until_presence(tables.grant(), "present")
    glue = tables.cloud.client("glue", BI, region="eu-west-1")
    link = glue.get_table(DatabaseName=get_landing_name(tables), Name=tables.table.name)["Table"]
    assert link["TargetTable"] == {
        "CatalogId": GOVERNANCE, "DatabaseName": tables.database, "Name": tables.table.name, "Region": REGION,
    }  # fmt: skip


def list_columns_during_switch(
    mesh: Mesh, grant: Grant, way: str
) -> list[tuple[str, list[str | None], list[str | None]]]:
    """What the role reads behind both names before and after each call that the choice sets off."""
    before = StepEntry.objects.count()
    choose_naming(mesh, way)
    seen = []
    while not (intent := mesh.get_intent(grant)).is_proven:
        mesh.run_rounds(1)
        seen.append(
            (
                intent.consumer_database,
                read_columns(mesh, get_landing_name(mesh)),
                read_columns(mesh, mesh.link),
            )
        )
    assert StepEntry.objects.count() > before
    return seen


@pytest.mark.parametrize(("first", "then"), [(DATABASE_LINK, TABLE_LINKS), (TABLE_LINKS, DATABASE_LINK)])
def test_a_choice_moves_live_grants_without_a_moment_between(mesh: Mesh, first: str, then: str) -> None:
    if first == TABLE_LINKS:
        choose_naming(mesh, TABLE_LINKS)
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    for _found_in, by_table, by_database in list_columns_during_switch(mesh, grant, then):
        assert ALL in (by_table, by_database)
    new, old = (
        (get_landing_name(mesh), mesh.link) if then == TABLE_LINKS else (mesh.link, get_landing_name(mesh))
    )
    assert (list_database_names(mesh), read_columns(mesh, new), read_columns(mesh, old)) == ({new}, ALL, [])
    assert mesh.get_intent(grant).consumer_database == new
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert list_database_names(mesh) == set()


def test_the_name_that_people_read_follows_once_it_is_proven(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    choose_naming(mesh, TABLE_LINKS)
    assert mesh.get_intent(grant).consumer_database == mesh.link
    mesh.run_until_presence(grant, "present")
    assert mesh.get_intent(grant).consumer_database == get_landing_name(mesh)


def test_a_choice_that_is_taken_back_at_once_leaves_all_as_it_was(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    choose_naming(mesh, TABLE_LINKS)
    mesh.run_rounds(1)
    choose_naming(mesh, DATABASE_LINK)
    mesh.run_until_presence(grant, "present")
    assert (list_database_names(mesh), read_columns(mesh, mesh.link)) == ({mesh.link}, ALL)


def test_one_database_may_land_otherwise_than_the_account(mesh: Mesh) -> None:
    grant = mesh.grant()
    choose_naming(mesh, TABLE_LINKS, database=f"{mesh.catalog.pk}/{mesh.database}")
    mesh.run_until_presence(grant, "present")
    assert list_database_names(mesh) == {get_landing_name(mesh)}
    (event,) = Event.objects.filter(verb="choose_link_naming")
    assert event.data == {
        "database": f"{mesh.catalog.pk}/{mesh.database}", "way": TABLE_LINKS, "moved": [grant.intent_id],
    }  # fmt: skip


def test_a_group_reads_through_the_links_of_its_account(tables: Mesh) -> None:
    set_classes(tables, policy_id="public", gender="private", region="private")
    member, account_grant = make_second_role(tables), tables.grant_to_account()
    group = make_local_group(tables, "Analysts", member.arn)
    subgrant(tables, group, account_grant, "public")
    assert settle_group(group) == ["present"]
    assert read_columns(tables, get_landing_name(tables), role=member.name) == ["policy_id", "snapshot_date"]
    choose_naming(tables, DATABASE_LINK)
    assert settle_group(group) == ["present"]
    assert read_columns(tables, tables.link, role=member.name) == ["policy_id", "snapshot_date"]
    tables.run_until_presence(account_grant, "present")
    assert list_database_names(tables) == {tables.link}


def test_why_it_is_there_follows_the_names(mesh: Mesh) -> None:
    grant = mesh.grant()
    choose_naming(mesh, TABLE_LINKS)
    rows = Justification.objects.filter(intent=grant.intent, account_id=BI)
    assert set(rows.values_list("database", "table")) == {
        (get_landing_name(mesh), ""), (get_landing_name(mesh), mesh.table.name),
    }  # fmt: skip
