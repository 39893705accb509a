"""A table that is dropped and created again in AWS: decided, granted again and proven, or left alone."""

from typing import Any

import pytest

from catalog.mirror.models import Column, Table
from catalog.sync.models import SyncRun
from demo.bank.accounts import BI
from kernel import clock
from kernel.errors import RefusedError
from portal.inbox.other_decisions import list_other_decisions
from requests_app.display_states.vocabulary import Reason, State
from requests_app.grants.models import Grant
from requests_app.policy_editing.actions import draft_policy, publish_policy
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.states import RecreatedTableState
from requests_app.review.access_status import get_access_status
from tests import factories
from tests.database import as_role
from tests.recreated_tables import keep
from tests.workers.mesh import COLUMNS, Mesh
from workers.housekeeping import find_recreated_tables
from workers.sync.runs import sync_catalog


def sync(mesh: Mesh) -> None:
    """The mesh's own database."""
    with as_role("meshmarket_worker"):
        now = clock.now()
        run = SyncRun.objects.create(
            catalog=mesh.catalog, database=mesh.database, requested_at=now, started_at=now
        )
        assert sync_catalog(run).outcome == SyncRun.Outcome.DONE


def publish_keeping_rule(mesh: Mesh) -> str:
    """For a pipeline of the owners' account; returns what Glue would name as the creator."""
    mesh.catalog.account.is_producer = True
    mesh.catalog.account.save()
    pipeline = factories.make_principal(mesh.catalog.account, "dbt")
    said: dict[str, Any] = {"acting_user": mesh.owner, "now": clock.now()}
    rule = {"name": "nightly-runs", "then": {"keep_recreated_by": [pipeline.arn]}}
    domain = mesh.table.database.domain
    draft = draft_policy(domain=domain, rules=[rule], note="dbt makes these tables anew.", **said)
    publish_policy(version_id=draft.pk, **said)
    return f"arn:aws:sts::{pipeline.account.account_id}:assumed-role/{pipeline.name}/run"


def recreate(mesh: Mesh) -> RecreatedTable:
    """In AWS; then the sync and the clerk of the workers."""
    mesh.recreate_table()
    sync(mesh)
    with as_role("meshmarket_worker"):
        find_recreated_tables()
    return RecreatedTable.objects.latest("pk")


@pytest.fixture
def synced(mesh: Mesh) -> Mesh:
    """The mirror is what a sync reads, so that the table is created again as the same."""
    sync(mesh)
    mesh.table = Table.objects.get(database=mesh.table.database, name=mesh.table.name, tombstoned_at=None)
    return mesh


def test_a_kept_grant_is_granted_again_and_proven(synced: Mesh) -> None:
    mesh, grant = synced, synced.grant()
    mesh.run_until_presence(grant, "present")
    row = recreate(mesh)
    mesh.run_until_presence(grant, "stale")
    assert (mesh.list_visible_columns(), "SELECT" in mesh.list_held_columns()) == ([], False)
    assert keep(mesh.owner, row).state == RecreatedTableState.KEPT
    intent = mesh.run_until_presence(grant, "present")
    assert (intent.usable, mesh.list_visible_columns()) == (True, [*COLUMNS, "snapshot_date"])
    assert get_access_status(Grant.objects.get(pk=grant.pk)).display_state.state == State.ACTIVE
    assert Grant.objects.get(pk=grant.pk).table == row.table


def test_a_rule_keeps_what_a_pipeline_created_again(synced: Mesh) -> None:
    mesh, grant = synced, synced.grant()
    mesh.run_until_presence(grant, "present")
    creator = publish_keeping_rule(mesh)
    mesh.recreate_table()
    sync(mesh)
    table = Table.objects.get(database=mesh.table.database, name=mesh.table.name, tombstoned_at=None)
    with as_role("meshmarket_worker"):
        Table.objects.filter(pk=table.pk).update(created_by=creator)
        find_recreated_tables()
    assert RecreatedTable.objects.get().state == RecreatedTableState.KEPT
    assert mesh.run_until_presence(grant, "present").recreated_as == table.glue_created_at
    assert mesh.list_visible_columns()[:3] == list(COLUMNS)


def test_another_table_of_the_name_is_not_kept_silently(synced: Mesh) -> None:
    mesh, grant = synced, synced.grant()
    mesh.run_until_presence(grant, "present")
    row = recreate(mesh)
    with as_role("meshmarket_worker"):
        Column.objects.filter(table=row.table, name=COLUMNS[0]).update(type="binary")
    mesh.run_until_presence(grant, "stale")
    with pytest.raises(RefusedError):
        keep(mesh.owner, row)
    mesh.run_rounds()
    assert (RecreatedTable.objects.get().state, mesh.list_visible_columns()) == ("open", [])


def test_what_was_passed_on_of_a_kept_grant_is_kept_with_it(synced: Mesh) -> None:
    mesh = synced
    grant = mesh.grant_to_account()
    mesh.run_until_presence(grant, "present")
    row = recreate(mesh)
    keep(mesh.owner, row)
    assert mesh.run_until_presence(grant, "present").presence == "present"


def test_a_role_made_anew_is_in_the_inbox_of_the_requester(mesh: Mesh) -> None:
    grant = mesh.grant()
    mesh.run_until_presence(grant, "present")
    mesh.recreate_role()
    mesh.run_until_presence(grant, "stale")
    status = get_access_status(Grant.objects.get(pk=grant.pk))
    assert status.display_state.reason == Reason.EFFECTS_CHANGED
    assert "requests access for the new role, or ends this grant" in status.sentence
    requester = mesh.people[BI]
    assert requester.name in status.sentence
    assert [one.text for one in list_other_decisions(requester)] == ["1 grant that gives nothing any more"]
    assert list_other_decisions(mesh.owner) == []
