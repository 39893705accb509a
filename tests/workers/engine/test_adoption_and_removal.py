"""A permission from behind the portal becomes a grant, or is taken away, on a person's word; AWS shows which."""

from datetime import timedelta

from audit import clock
from demo.bank.accounts import BI, GOVERNANCE
from fulfilment.intents.models import Intent
from fulfilment.ledger.lines import Standing
from fulfilment.ledger.queries import Excerpt, every_line
from fulfilment.observations.models import Observed
from fulfilment.rounds.models import Entry
from identity.accounts.models import ConnectedCatalog
from requests_app.grants.models import Grant
from requests_app.permissions.actions import order_removal
from requests_app.permissions.queries import get_unmanaged_permission
from tests.adopting import adopt_as_seen
from tests.database import as_role
from tests.workers.mesh import Mesh


def unmanaged(mesh: Mesh, verb: str = "SELECT") -> Observed:
    """As the workers last read it, once they have."""
    mesh.work(10)
    return Observed.objects.get(
        principal_arn=mesh.roles[BI].arn, database=mesh.database, table=mesh.table.name, verb=verb
    )


def adopt(mesh: Mesh, row: Observed) -> Grant:
    return adopt_as_seen(row, by=mesh.owner, owner=mesh.people[BI])


def order(mesh: Mesh, row: Observed) -> Intent:
    _, line = get_unmanaged_permission(mesh.owner, row.pk, clock.now())
    removal = order_removal(
        acting_user=mesh.owner,
        observed_id=row.pk,
        key=line.key,
        reason="Nobody knows what for.",
        now=clock.now(),
    )
    return removal.intent


def standings(mesh: Mesh) -> dict[str, list[str]]:
    catalog = ConnectedCatalog.objects.get(pk=mesh.catalog.pk)
    found: dict[str, list[str]] = {}
    for line in every_line(Excerpt(catalog, frozenset({mesh.database})), clock.now()):
        if line.permission.principal == mesh.roles[BI].arn:
            found.setdefault(line.standing, []).append(line.permission.verb)
    return found


def test_what_is_adopted_is_proven_without_a_call_and_taken_away_when_it_is_revoked(mesh: Mesh) -> None:
    mesh.slip_in(["gender", "region"])
    row = unmanaged(mesh)
    assert standings(mesh) == {Standing.UNMANAGED: ["SELECT"]}
    before = mesh.last_call()
    grant = adopt(mesh, row)
    mesh.work_until(grant, "present")
    assert mesh.writes(before) == []
    assert standings(mesh) == {Standing.MANAGED: ["SELECT"]}
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert mesh.writes(before) == ["BatchRevokePermissions"]
    assert mesh.held() == {}


def test_an_adopted_grant_ends_by_itself(mesh: Mesh) -> None:
    mesh.slip_in(["gender"])
    grant = adopt(mesh, unmanaged(mesh))
    mesh.work_until(grant, "present")
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(days=31))
    mesh.work_until(grant, "absent")
    assert mesh.held() == {}


def test_what_was_adopted_and_revoked_before_any_proof_is_taken_away_all_the_same(mesh: Mesh) -> None:
    mesh.slip_in(["gender"])
    grant = adopt(mesh, unmanaged(mesh))
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert mesh.held() == {}


def test_a_removal_takes_exactly_what_was_shown_and_is_proven(mesh: Mesh) -> None:
    grant = mesh.grant(["gender"])
    mesh.work_until(grant, "present")
    mesh.slip_in(["smoker"])
    intent = order(mesh, unmanaged(mesh))
    before = mesh.last_call()
    mesh.work(20)
    intent.refresh_from_db()
    assert (intent.presence, intent.is_proven) == ("absent", True)
    assert mesh.writes(before) == ["BatchRevokePermissions"]
    entry = Entry.objects.get(intents__contains=[intent.pk])
    assert (entry.action, entry.atom["columns"]) == ("revoke", {"include": ["smoker"]})
    assert mesh.held()["SELECT"] == ["gender"]
    mesh.work_until(grant, "present")


def test_a_removal_is_done_once_and_not_when_it_is_granted_again(mesh: Mesh) -> None:
    mesh.slip_in(["smoker"])
    intent = order(mesh, unmanaged(mesh))
    mesh.work(10)
    mesh.slip_in(["smoker"])
    mesh.work(10)
    intent.refresh_from_db()
    assert intent.presence == "absent"
    assert mesh.held()["SELECT"] == ["smoker"]


def test_a_grant_agreed_to_after_the_order_keeps_its_columns(mesh: Mesh) -> None:
    mesh.slip_in(["gender", "smoker"])
    intent = order(mesh, unmanaged(mesh))
    grant = mesh.grant(["gender"])
    mesh.work_until(grant, "present")
    mesh.work(10)
    intent.refresh_from_db()
    assert intent.presence == "absent"
    assert mesh.held()["SELECT"] == ["gender"]


def test_iam_allowed_principals_is_removed_from_a_table(mesh: Mesh) -> None:
    table = {"Table": {"DatabaseName": mesh.database, "Name": mesh.table.name}}
    change = {"do": "add_iam_allowed_principals", "account": GOVERNANCE, "region": mesh.catalog.region}
    mesh.cloud.control("change", {**change, "Resource": table})
    mesh.work(10)
    row = Observed.objects.get(database=mesh.database, table=mesh.table.name, verb="ALL")
    intent = order(mesh, row)
    mesh.work(10)
    intent.refresh_from_db()
    assert intent.presence == "absent"
    with as_role("meshmarket_worker"):
        assert not Observed.objects.filter(pk=row.pk).exists()
