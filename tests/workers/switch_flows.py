"""Rare flows, each run under the switch sets that concern it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from catalog.mirror.models import Table
from catalog.sync.models import SyncRun
from demo.bank.accounts import PARTNER
from kernel import clock
from requests_app.grants.models import Grant
from tests.database import as_role
from tests.workers.aws_setup import make_table
from tests.workers.engine_rounds import WORKER
from tests.workers.mesh import Mesh
from workers.sync.runs import sync_catalog


def advance_clocks(mesh: Mesh, by: timedelta) -> None:
    """For AWS and the portal alike."""
    already = mesh.cloud.control("clock")["offset_seconds"]
    mesh.cloud.control("clock", {"offset_seconds": already + int(by.total_seconds())})
    with as_role("meshmarket_owner"):
        clock.advance(by)


@contextmanager
def refuse_acceptance(mesh: Mesh) -> Iterator[None]:
    """The partner's executor may not accept what is shared with it."""
    where = {"service": "ram", "operation": "AcceptResourceShareInvitation", "account": PARTNER}
    mesh.cloud.control("faults", {"kind": "error", "code": "AccessDeniedException", "rate": 1.0, **where})
    yield
    mesh.cloud.control("faults", method="DELETE")


def grant_without_acceptance(mesh: Mesh) -> Grant:
    """A grant to the partner, once its executor was refused to accept the share."""
    grant = mesh.grant(account=PARTNER, lasts=timedelta(days=60))
    mesh.run_until(grant, lambda intent: "AWS refused to accept" in intent.failure)
    return grant


def with_other_table(mesh: Mesh) -> Mesh:
    """The same with a table of another database."""
    domain = mesh.table.database.domain
    return replace(mesh, table=make_table(mesh.cloud, mesh.catalog, domain, f"other_{time.time_ns()}"))


def expire_invitation(mesh: Mesh) -> None:
    """The partner's executor may not accept for longer than an invitation stands."""
    with refuse_acceptance(mesh):
        grant = grant_without_acceptance(mesh)
        advance_clocks(mesh, timedelta(days=8))
    mesh.run_until_presence(grant, "present")
    assert "policy_id" in mesh.list_visible_columns(PARTNER)
    _revoke_and_check(mesh, grant)


def drop_table(mesh: Mesh) -> None:
    other = with_other_table(mesh)
    grant = other.grant(account=PARTNER)
    other.run_until_presence(grant, "present")
    other.governance_client("glue").delete_table(DatabaseName=other.database, Name=other.table.name)
    assert "no longer exists" in other.run_until_presence(grant, "stale").failure
    assert (other.list_visible_columns(PARTNER), other.list_held_columns(PARTNER)) == ([], {})
    again = mesh.grant(account=PARTNER)
    mesh.run_until_presence(again, "present")
    _revoke_and_check(mesh, again)


def sync_catalog_fully(mesh: Mesh) -> None:
    with as_role(WORKER):
        assert sync_catalog(mesh.catalog).outcome == SyncRun.Outcome.DONE
    glue = mesh.governance_client("glue")
    listed = {
        (database["Name"], table["Name"])
        for database in _list_rows(glue, "get_databases", "DatabaseList")
        for table in _list_rows(glue, "get_tables", "TableList", DatabaseName=database["Name"])
    }
    mirrored = Table.objects.filter(database__catalog=mesh.catalog, tombstoned_at=None)
    assert set(mirrored.values_list("database__name", "name")) == listed


def _list_rows(glue: Any, operation: str, name: str, **asked: str) -> list[dict[str, Any]]:
    return [row for page in glue.get_paginator(operation).paginate(**asked) for row in page[name]]


def raise_version_one(mesh: Mesh) -> None:
    """Who grants across accounts at version 1 reaches an account as a whole, or is refused and told why."""
    _set_version(mesh, "1")
    account_grant = mesh.grant_to_account(())
    reaches = mesh.cloud.control("switches")["version_one_reaches_later"]["value"]
    if not reaches:
        mesh.run_until(account_grant, lambda intent: "minimal version v3" in intent.failure)
        assert mesh.get_intent(account_grant).presence != "present"
        _set_version(mesh, "4")
    mesh.run_until_presence(account_grant, "present")
    _set_version(mesh, "4")
    mesh.revoke(account_grant)
    mesh.run_until_presence(account_grant, "absent")


def share_at_version_five(mesh: Mesh) -> None:
    _set_version(mesh, "5")
    grant = mesh.grant(account=PARTNER)
    mesh.run_until_presence(grant, "present")
    assert "policy_id" in mesh.list_visible_columns(PARTNER)
    _revoke_and_check(mesh, grant)


def _set_version(mesh: Mesh, version: str) -> None:
    lake = mesh.governance_client()
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    settings["Parameters"] = {"CROSS_ACCOUNT_VERSION": version}
    lake.put_data_lake_settings(DataLakeSettings=settings)


def _revoke_and_check(mesh: Mesh, grant: Grant) -> None:
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert (mesh.list_visible_columns(PARTNER), mesh.list_held_columns(PARTNER)) == ([], {})


FLOW_SWITCHES: dict[Callable[[Mesh], None], frozenset[str]] = {
    expire_invitation: frozenset({"invitation_hours", "expired_invitations_stay_pending"}),
    drop_table: frozenset({"drop_leaves_shares"}),
    sync_catalog_fully: frozenset({"empty_page_seed", "short_page_seed"}),
    raise_version_one: frozenset({"version_one_reaches_later"}),
    share_at_version_five: frozenset({"version_five_by_wildcard"}),
}
"""The flows with their switches: what else they ask for, every other flow asks for as well."""
IRRELEVANT_SWITCHES = {
    "administrators_list_grant_options": "it never lists by principal",
    "default_rls_policy_beside_others": "it reads policies, and proves no rows beside one",
    "alter_alone_changes_partitions": "it changes no partitions",
    "associate_suffices": "LF-Tags are assigned by an administrator of the data lake",
    "federated_across_accounts": "SAML, QuickSight and Identity Center are granted within their account",
    "hides_foreign_principals": "it never lists by principal",
    "lake_formation_constraint_code": "it sends nothing that breaks a constraint",
    "longest_vended_credentials": "it never asks for credentials of data",
    "missing_in_listings": "either way it asks Glue whether the table is there",
    "paths_include_below": "it reads what is registered, not what a path gives",
    "regrants_by_described_tags": "an account passes on tables by name",
    "repeated_opt_in": "it opts in after a look at who is, and the SDK repeats nothing",
    "rls_policies_with_filters": "it reads policies, and proves no rows beside one",
    "settings_need_administrator": "no role of the portal writes the settings",
}
"""Switches that cannot matter to the engine, and why."""
