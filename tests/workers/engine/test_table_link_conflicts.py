"""Links of granted tables that are dropped or turned elsewhere, and names that somebody else has."""

import pytest

from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.models import Intent
from fulfilment.permissions.models import DriftFinding
from lakeformation.drift import DifferenceKind
from requests_app.grants.link_naming.queries import TABLE_LINKS
from tests.workers.engine.drift.test_findings import change_outside_portal, wait_for_closed, wait_for_finding
from tests.workers.link_flows import ALL, choose_naming, get_landing_name, read_columns
from tests.workers.mesh import Mesh


def test_a_database_in_which_somebody_put_a_table_is_left(tables: Mesh) -> None:
    grant = tables.grant()
    tables.run_until_presence(grant, "present")
    glue = tables.cloud.client("glue", BI)
    glue.create_table(DatabaseName=get_landing_name(tables), TableInput={"Name": "theirs"})
    tables.revoke(grant)
    tables.run_until_presence(grant, "absent")
    pages = glue.get_paginator("get_tables").paginate(DatabaseName=get_landing_name(tables))
    assert [row["Name"] for page in pages for row in page["TableList"]] == ["theirs"]


def test_a_name_that_is_somebody_elses_is_held_and_told(tables: Mesh) -> None:
    tables.cloud.client("glue", BI).create_database(DatabaseInput={"Name": get_landing_name(tables)})
    grant = tables.grant()
    intent = tables.run_until(grant, lambda one: "is already taken" in one.failure)
    assert intent.failure == f"the link name {get_landing_name(tables)} is already taken in {BI}"
    assert intent.presence == Intent.Presence.UNSEEN


def test_what_cannot_move_keeps_its_name_and_says_why(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.cloud.client("glue", BI).create_database(DatabaseInput={"Name": get_landing_name(mesh)})
    choose_naming(mesh, TABLE_LINKS)
    intent = mesh.run_until(grant, lambda one: "is already taken" in one.failure)
    assert (intent.consumer_database, read_columns(mesh, mesh.link)) == (mesh.link, ALL)


@pytest.mark.parametrize("what", ["link", "database"])
def test_what_is_dropped_is_told_and_made_again(tables: Mesh, what: str) -> None:
    tables.run_until_presence(tables.grant(), "present")
    glue = tables.cloud.client("glue", BI)
    if what == "link":
        change_outside_portal(
            tables, "drop_link", BI, DatabaseName=get_landing_name(tables), Name=tables.table.name
        )
    else:
        glue.delete_database(Name=get_landing_name(tables))
    row = wait_for_finding(tables, DifferenceKind.LINK_DROPPED)
    assert row.text == f"resource link {get_landing_name(tables)}.{tables.table.name} in {BI} was dropped"
    assert wait_for_closed(tables, DifferenceKind.LINK_DROPPED).pk == row.pk
    assert read_columns(tables, get_landing_name(tables)) == ALL
    assert DriftFinding.objects.count() == 1


def test_a_link_that_is_turned_elsewhere_is_told_and_left_to_a_person(tables: Mesh) -> None:
    tables.run_until_presence(tables.grant(), "present")
    at = {"DatabaseName": get_landing_name(tables), "Name": tables.table.name}
    target = {"CatalogId": GOVERNANCE, "DatabaseName": "insurance_gold", "Name": "claims"}
    change_outside_portal(tables, "repoint_link", BI, Target=target, **at)
    assert (
        "now leads to insurance_gold.claims" in wait_for_finding(tables, DifferenceKind.LINK_REPOINTED).text
    )
    change_outside_portal(tables, "drop_link", BI, **at)
    wait_for_closed(tables, DifferenceKind.LINK_REPOINTED)
    assert read_columns(tables, get_landing_name(tables)) == ALL
