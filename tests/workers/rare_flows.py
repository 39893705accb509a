"""Flows that ask for what hardly happens: each is played in the worlds in which one of its own switches is turned."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from audit import clock
from catalog.mirror.models import Table
from catalog.sync.models import SyncRun
from demo.bank.accounts import PARTNER
from requests_app.grants.models import Grant
from tests.database import as_role
from tests.workers.landscape import make_table
from tests.workers.mesh import Mesh
from tests.workers.working import WORKER
from workers.sync.runs import sync_catalog


def go_ahead(mesh: Mesh, by: timedelta) -> None:
    """For AWS and the portal alike."""
    already = mesh.cloud.control("clock")["offset_seconds"]
    mesh.cloud.control("clock", {"offset_seconds": already + int(by.total_seconds())})
    with as_role("meshmarket_owner"):
        clock.advance(by)


@contextmanager
def refused_to_accept(mesh: Mesh) -> Iterator[None]:
    """The partner's executor may not accept what is shared with it."""
    where = {"service": "ram", "operation": "AcceptResourceShareInvitation", "account": PARTNER}
    mesh.cloud.control("faults", {"kind": "error", "code": "AccessDeniedException", "rate": 1.0, **where})
    yield
    mesh.cloud.control("faults", method="DELETE")


def not_accepted(mesh: Mesh) -> Grant:
    """A grant to the partner, once its executor was refused to accept the share."""
    grant = mesh.grant(account=PARTNER, lasts=timedelta(days=60))
    mesh.work_for(grant, lambda intent: "AWS refused to accept" in intent.failure)
    return grant


def elsewhere(mesh: Mesh) -> Mesh:
    """The same with a table of another database."""
    domain = mesh.table.database.domain
    return replace(mesh, table=make_table(mesh.cloud, mesh.catalog, domain, f"other_{time.time_ns()}"))


def an_invitation_runs_out(mesh: Mesh) -> None:
    """The partner's executor may not accept for longer than an invitation stands."""
    with refused_to_accept(mesh):
        grant = not_accepted(mesh)
        go_ahead(mesh, timedelta(days=8))
    mesh.work_until(grant, "present")
    assert "policy_id" in mesh.visible(PARTNER)
    _ends(mesh, grant)


def a_table_is_dropped(mesh: Mesh) -> None:
    other = elsewhere(mesh)
    grant = other.grant(account=PARTNER)
    other.work_until(grant, "present")
    other.governance("glue").delete_table(DatabaseName=other.database, Name=other.table.name)
    assert "no longer exists" in other.work_until(grant, "stale").failure
    assert (other.visible(PARTNER), other.held(PARTNER)) == ([], {})
    again = mesh.grant(account=PARTNER)
    mesh.work_until(again, "present")
    _ends(mesh, again)


def all_of_it_is_read(mesh: Mesh) -> None:
    with as_role(WORKER):
        assert sync_catalog(mesh.catalog).outcome == SyncRun.Outcome.DONE
    glue = mesh.governance("glue")
    listed = {
        (database["Name"], table["Name"])
        for database in _listed(glue, "get_databases", "DatabaseList")
        for table in _listed(glue, "get_tables", "TableList", DatabaseName=database["Name"])
    }
    mirrored = Table.objects.filter(database__catalog=mesh.catalog, tombstoned_at=None)
    assert set(mirrored.values_list("database__name", "name")) == listed


def _listed(glue: Any, operation: str, name: str, **asked: str) -> list[dict[str, Any]]:
    return [row for page in glue.get_paginator(operation).paginate(**asked) for row in page[name]]


def an_owner_of_version_one_raises_it(mesh: Mesh) -> None:
    """Who grants across accounts at version 1 reaches an account as a whole, or is refused and told why."""
    _set_version(mesh, "1")
    envelope = mesh.envelope(())
    reaches = mesh.cloud.control("switches")["version_one_reaches_later"]["value"]
    if not reaches:
        mesh.work_for(envelope, lambda intent: "minimal version v3" in intent.failure)
        assert mesh.intent(envelope).presence != "present"
        _set_version(mesh, "4")
    mesh.work_until(envelope, "present")
    _set_version(mesh, "4")
    mesh.revoke(envelope)
    mesh.work_until(envelope, "absent")


def an_owner_of_version_five_shares(mesh: Mesh) -> None:
    _set_version(mesh, "5")
    grant = mesh.grant(account=PARTNER)
    mesh.work_until(grant, "present")
    assert "policy_id" in mesh.visible(PARTNER)
    _ends(mesh, grant)


def _set_version(mesh: Mesh, version: str) -> None:
    lake = mesh.governance()
    settings = lake.get_data_lake_settings()["DataLakeSettings"]
    settings["Parameters"] = {"CROSS_ACCOUNT_VERSION": version}
    lake.put_data_lake_settings(DataLakeSettings=settings)


def _ends(mesh: Mesh, grant: Grant) -> None:
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert (mesh.visible(PARTNER), mesh.held(PARTNER)) == ([], {})


OF: dict[Callable[[Mesh], None], frozenset[str]] = {
    an_invitation_runs_out: frozenset({"invitation_hours", "expired_invitations_stay_pending"}),
    a_table_is_dropped: frozenset({"drop_leaves_shares"}),
    all_of_it_is_read: frozenset({"empty_page_seed", "short_page_seed"}),
    an_owner_of_version_one_raises_it: frozenset({"version_one_reaches_later"}),
    an_owner_of_version_five_shares: frozenset({"version_five_by_wildcard"}),
}
"""The flows with their switches: what else they ask for, every other flow asks for as well."""
ASKED_BY_NONE = {
    "associate_suffices": "the portal assigns no LF-Tags",
    "creating_needs_data_location": "what it makes is links and databases for them, in no location",
    "expression_deletion_keeps_grants": "what it grants by LF-Tags names no expression",
    "federated_across_accounts": "SAML, QuickSight and Identity Center are granted within their account",
    "hides_foreign_principals": "it never lists by principal",
    "longest_vended_credentials": "it never asks for credentials of data",
    "paths_include_below": "it reads what is registered, not what a path gives",
    "regrants_by_described_tags": "an account passes on tables by name",
    "repeated_opt_in": "it opts in after a look at who is, and the SDK repeats nothing",
}
"""Switches that cannot matter to the engine, and why."""
