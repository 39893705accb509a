"""Granted tables that land by links of their own; the choice changes under live grants, and nobody is without meanwhile."""

import pytest

from audit import clock
from audit.models import Event
from awsim.testing.athena_query import ask
from demo.bank.accounts import BI, GOVERNANCE, PARTNER, REGION
from fulfilment.intents.models import Intent, Justification
from fulfilment.ledger.models import Finding
from fulfilment.rounds.models import Entry
from lakeformation.access.link_naming import landing_name
from lakeformation.drift.differences import Kind
from lakeformation.values.permissions import Place
from lakeformation.values.resource_links import LANDING
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.queries import DATABASE_LINK, TABLE_LINKS
from requests_app.grants.models import Grant
from tests.workers.engine.drift.test_findings import behind, closed, found
from tests.workers.engine.test_subgrants import another_role, classify, give, group_of, settle
from tests.workers.mesh import COLUMNS, Mesh

ALL = [*COLUMNS, "snapshot_date"]


def choose(mesh: Mesh, way: str, account: str = BI, database: str = "") -> None:
    choose_link_naming(
        acting_user=mesh.people[account], account_id=account, database=database, way=way, now=clock.now()
    )
    mesh.roles[account].account.refresh_from_db()


@pytest.fixture
def tables(mesh: Mesh) -> Mesh:
    """A mesh in which both consuming accounts have tables land by links of their own."""
    for account in (BI, PARTNER):
        choose(mesh, TABLE_LINKS, account)
    return mesh


def landing(mesh: Mesh) -> str:
    return landing_name(mesh.database, Place(GOVERNANCE, REGION))


def read(mesh: Mesh, database: str, account: str = BI, role: str = "") -> list[str | None]:
    """The columns that the role reads there just now; none when it is refused."""
    athena = mesh.cloud.client("athena", account, role or mesh.roles[account].name)
    answer = ask(athena, f"SELECT * FROM {database}.{mesh.table.name} LIMIT 2")
    return answer.rows[0] if answer.state == "SUCCEEDED" else []


def names(mesh: Mesh, account: str = BI) -> set[str]:
    """Of the two databases in which the table may be found, those that are in the account."""
    glue = mesh.cloud.client("glue", account)
    every = {
        row["Name"] for page in glue.get_paginator("get_databases").paginate() for row in page["DatabaseList"]
    }
    return every & {landing(mesh), mesh.link}


def landed(mesh: Mesh, account: str = BI) -> set[str]:
    """Verbs on names of the landing, as the account's catalog lists them."""
    rows = mesh.cloud.client("lakeformation", account).list_permissions()["PrincipalResourcePermissions"]
    return {
        f"{verb} {resource.get('DatabaseName', '')}/{resource['Name']}"
        for row in rows
        for resource in row["Resource"].values()
        if landing(mesh) in {resource.get("Name"), resource.get("DatabaseName")}
        for verb in row["Permissions"]
    }


@pytest.mark.parametrize("account", [BI, PARTNER])
def test_exactly_the_approved_columns_come_and_go(tables: Mesh, account: str) -> None:
    grant = tables.grant(account=account)
    intent = tables.work_until(grant, "present")
    assert (intent.usable, intent.found_in) == (True, landing(tables))
    assert read(tables, landing(tables), account) == ALL
    assert (names(tables, account), tables.visible(account)) == ({landing(tables)}, [])
    assert landed(tables, account) == {
        f"DESCRIBE /{landing(tables)}",
        f"DESCRIBE {landing(tables)}/{tables.table.name}",
    }
    tables.revoke(grant)
    tables.work_until(grant, "absent")
    assert (names(tables, account), landed(tables, account)) == (set(), set())


def test_the_database_is_marked_and_opens_nothing_by_itself(tables: Mesh) -> None:
    tables.work_until(tables.grant(), "present")
    row = tables.cloud.client("glue", BI).get_database(Name=landing(tables))["Database"]
    assert row["Parameters"] == {LANDING: f"{GOVERNANCE}/{REGION}/{tables.database}"}
    assert row["CreateTableDefaultPermissions"] == []


def test_a_row_rule_reads_through_the_link(tables: Mesh) -> None:
    tables.work_until(tables.grant(rows="region = 'Ost'"), "present")
    assert read(tables, landing(tables)) == ALL


def test_what_lies_in_another_region_is_linked_from_the_consumers(tables: Mesh) -> None:
    account = tables.roles[BI].account
    account.region = "eu-west-1"
    account.save()
    tables.work_until(tables.grant(), "present")
    glue = tables.cloud.client("glue", BI, region="eu-west-1")
    link = glue.get_table(DatabaseName=landing(tables), Name=tables.table.name)["Table"]
    assert link["TargetTable"] == {
        "CatalogId": GOVERNANCE, "DatabaseName": tables.database, "Name": tables.table.name, "Region": REGION,
    }  # fmt: skip


def switched(mesh: Mesh, grant: Grant, way: str) -> list[tuple[str, list[str | None], list[str | None]]]:
    """What the role reads behind both names before and after each call that the choice sets off."""
    before = Entry.objects.count()
    choose(mesh, way)
    seen = []
    while not (intent := mesh.intent(grant)).is_proven:
        mesh.work(1)
        seen.append((intent.found_in, read(mesh, landing(mesh)), read(mesh, mesh.link)))
    assert Entry.objects.count() > before
    return seen


@pytest.mark.parametrize(("first", "then"), [(DATABASE_LINK, TABLE_LINKS), (TABLE_LINKS, DATABASE_LINK)])
def test_a_choice_moves_live_grants_without_a_moment_between(mesh: Mesh, first: str, then: str) -> None:
    if first == TABLE_LINKS:
        choose(mesh, TABLE_LINKS)
    grant = mesh.grant()
    mesh.work_until(grant, "present")
    for _found_in, by_table, by_database in switched(mesh, grant, then):
        assert ALL in (by_table, by_database)
    new, old = (landing(mesh), mesh.link) if then == TABLE_LINKS else (mesh.link, landing(mesh))
    assert (names(mesh), read(mesh, new), read(mesh, old)) == ({new}, ALL, [])
    assert mesh.intent(grant).found_in == new
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert names(mesh) == set()


def test_the_name_that_people_read_follows_once_it_is_proven(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.work_until(grant, "present")
    choose(mesh, TABLE_LINKS)
    assert mesh.intent(grant).found_in == mesh.link
    mesh.work_until(grant, "present")
    assert mesh.intent(grant).found_in == landing(mesh)


def test_a_choice_that_is_taken_back_at_once_leaves_all_as_it_was(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.work_until(grant, "present")
    choose(mesh, TABLE_LINKS)
    mesh.work(1)
    choose(mesh, DATABASE_LINK)
    mesh.work_until(grant, "present")
    assert (names(mesh), read(mesh, mesh.link)) == ({mesh.link}, ALL)


def test_one_database_may_land_otherwise_than_the_account(mesh: Mesh) -> None:
    grant = mesh.grant()
    choose(mesh, TABLE_LINKS, database=f"{mesh.catalog.pk}/{mesh.database}")
    mesh.work_until(grant, "present")
    assert names(mesh) == {landing(mesh)}
    (event,) = Event.objects.filter(verb="choose_landing")
    assert event.data == {
        "database": f"{mesh.catalog.pk}/{mesh.database}", "way": TABLE_LINKS, "moved": [grant.intent_id],
    }  # fmt: skip


def test_a_group_reads_through_the_links_of_its_account(tables: Mesh) -> None:
    classify(tables, policy_id="public", gender="private", region="private")
    member, envelope = another_role(tables), tables.envelope()
    group = group_of(tables, "Analysts", member.arn)
    give(tables, group, envelope, "public")
    assert settle(group) == ["present"]
    assert read(tables, landing(tables), role=member.name) == ["policy_id", "snapshot_date"]
    choose(tables, DATABASE_LINK)
    assert settle(group) == ["present"]
    assert read(tables, tables.link, role=member.name) == ["policy_id", "snapshot_date"]
    tables.work_until(envelope, "present")
    assert names(tables) == {tables.link}


def test_a_database_in_which_somebody_put_a_table_is_left(tables: Mesh) -> None:
    grant = tables.grant()
    tables.work_until(grant, "present")
    glue = tables.cloud.client("glue", BI)
    glue.create_table(DatabaseName=landing(tables), TableInput={"Name": "theirs"})
    tables.revoke(grant)
    tables.work_until(grant, "absent")
    (left,) = glue.get_tables(DatabaseName=landing(tables))["TableList"]
    assert left["Name"] == "theirs"


def test_a_name_that_is_somebody_elses_is_held_and_told(tables: Mesh) -> None:
    tables.cloud.client("glue", BI).create_database(DatabaseInput={"Name": landing(tables)})
    grant = tables.grant()
    intent = tables.work_for(grant, lambda one: "is already taken" in one.failure)
    assert intent.failure == f"the name {landing(tables)} is already taken in {BI}"
    assert intent.presence == Intent.Presence.UNSEEN


def test_what_cannot_move_keeps_its_name_and_says_why(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.work_until(grant, "present")
    mesh.cloud.client("glue", BI).create_database(DatabaseInput={"Name": landing(mesh)})
    choose(mesh, TABLE_LINKS)
    intent = mesh.work_for(grant, lambda one: "is already taken" in one.failure)
    assert (intent.found_in, read(mesh, mesh.link)) == (mesh.link, ALL)


@pytest.mark.parametrize("what", ["link", "database"])
def test_what_is_dropped_is_told_and_made_again(tables: Mesh, what: str) -> None:
    tables.work_until(tables.grant(), "present")
    glue = tables.cloud.client("glue", BI)
    if what == "link":
        behind(tables, "drop_link", BI, DatabaseName=landing(tables), Name=tables.table.name)
    else:
        glue.delete_database(Name=landing(tables))
    row = found(tables, Kind.LINK_DROPPED)
    assert row.text == f"resource link {landing(tables)}.{tables.table.name} in {BI} was dropped"
    assert closed(tables, Kind.LINK_DROPPED).pk == row.pk
    assert read(tables, landing(tables)) == ALL
    assert Finding.objects.count() == 1


def test_a_link_that_is_turned_elsewhere_is_told_and_left_to_a_person(tables: Mesh) -> None:
    tables.work_until(tables.grant(), "present")
    at = {"DatabaseName": landing(tables), "Name": tables.table.name}
    target = {"CatalogId": GOVERNANCE, "DatabaseName": "insurance_gold", "Name": "claims"}
    behind(tables, "repoint_link", BI, Target=target, **at)
    assert "now leads to insurance_gold.claims" in found(tables, Kind.LINK_REPOINTED).text
    behind(tables, "drop_link", BI, **at)
    closed(tables, Kind.LINK_REPOINTED)
    assert read(tables, landing(tables)) == ALL


def test_why_it_is_there_follows_the_names(mesh: Mesh) -> None:
    grant = mesh.grant()
    choose(mesh, TABLE_LINKS)
    rows = Justification.objects.filter(intent=grant.intent, account_id=BI)
    assert set(rows.values_list("database", "table")) == {
        (landing(mesh), ""), (landing(mesh), mesh.table.name),
    }  # fmt: skip
