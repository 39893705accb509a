"""An account that is given something to pass on: AWS holds it with the option, nobody reads by it, and it goes whole."""

from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.observations.models import Observed
from fulfilment.rounds.models import Entry
from requests_app.grants.models import Grant
from tests.workers.mesh import COLUMNS, Mesh


def held_by(mesh: Mesh, account: str) -> set[tuple[str, tuple[str, ...], bool]]:
    """Verb, columns and whether with the option, of each row of the account in this mesh's database."""
    rows = mesh.governance().list_permissions(CatalogId=GOVERNANCE)["PrincipalResourcePermissions"]
    return {
        (verb, tuple(resource.get("ColumnNames", ())), verb in row["PermissionsWithGrantOption"])
        for row in rows
        if row["Principal"]["DataLakePrincipalIdentifier"] == account
        for resource in row["Resource"].values()
        if mesh.database in {resource.get("Name"), resource.get("DatabaseName")}
        for verb in row["Permissions"]
    }


def operations(grant: Grant) -> list[str]:
    entries = Entry.objects.filter(intents__contains=[grant.intent_id], step__sent_at__isnull=False)
    return list(entries.order_by("step__sent_at", "position").values_list("step__operation", flat=True))


def test_an_account_gets_its_columns_to_pass_on_and_loses_them_whole(mesh: Mesh) -> None:
    grant = mesh.envelope()
    mesh.work_until(grant, "present")
    assert held_by(mesh, BI) == {("DESCRIBE", (), True), ("SELECT", tuple(sorted(COLUMNS)), True)}
    assert mesh.visible() == []
    assert set(Observed.objects.filter(principal_arn=BI).values_list("verb", "grantable")) == {
        ("DESCRIBE", False), ("DESCRIBE", True), ("SELECT", False), ("SELECT", True),
    }  # fmt: skip
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert held_by(mesh, BI) == set()


def test_a_whole_table_goes_to_an_account_by_invitation(mesh: Mesh) -> None:
    grant = mesh.envelope((), PARTNER)
    mesh.work_until(grant, "present")
    assert held_by(mesh, PARTNER) == {("DESCRIBE", (), True), ("SELECT", (), True)}
    assert "CreateDatabase" in operations(grant)
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    assert held_by(mesh, PARTNER) == set()


def test_rows_go_to_an_account_by_a_filter_that_goes_with_it(mesh: Mesh) -> None:
    grant = mesh.envelope(rows="region = 'Ost'")
    mesh.work_until(grant, "present")
    assert mesh.filter_holders() == {BI}
    mesh.revoke(grant)
    mesh.work_until(grant, "absent")
    mesh.work(6)
    assert mesh.filters() == {}


def test_an_envelope_and_a_roles_own_grant_do_not_touch_each_other(mesh: Mesh) -> None:
    direct, envelope = mesh.grant(("policy_id",)), mesh.envelope(("policy_id", "gender"))
    mesh.work_until(direct, "present")
    mesh.work_until(envelope, "present")
    assert mesh.visible() == ["policy_id", "snapshot_date"]
    mesh.revoke(envelope)
    mesh.work_until(envelope, "absent")
    assert (mesh.visible(), held_by(mesh, BI)) == (["policy_id", "snapshot_date"], set())


def test_an_option_that_somebody_took_is_given_again(mesh: Mesh) -> None:
    grant = mesh.envelope()
    mesh.work_until(grant, "present")
    where = {"DatabaseName": mesh.database, "Name": mesh.table.name, "ColumnNames": list(COLUMNS)}
    mesh.governance().revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": BI}, Resource={"TableWithColumns": where},
        Permissions=[], PermissionsWithGrantOption=["SELECT"],
    )  # fmt: skip
    mesh.work_for(grant, lambda intent: intent.presence == "unknown")
    mesh.work_until(grant, "present")
    assert ("SELECT", tuple(sorted(COLUMNS)), True) in held_by(mesh, BI)
