"""An account that is given something to pass on: AWS holds it with the option, nobody reads by it, and it goes whole."""

from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.observations.models import ObservedPermission
from fulfilment.rounds import StepEntry
from requests_app.grants.models import Grant
from tests.workers.mesh import COLUMNS, Mesh


def list_held(mesh: Mesh, account: str) -> set[tuple[str, tuple[str, ...], bool]]:
    """Verb, columns and whether with the option, of each row of the account in this mesh's database."""
    rows = mesh.governance_client().list_permissions(CatalogId=GOVERNANCE)["PrincipalResourcePermissions"]
    return {
        (verb, tuple(resource.get("ColumnNames", ())), verb in row["PermissionsWithGrantOption"])
        for row in rows
        if row["Principal"]["DataLakePrincipalIdentifier"] == account
        for resource in row["Resource"].values()
        if mesh.database in {resource.get("Name"), resource.get("DatabaseName")}
        for verb in row["Permissions"]
    }


def list_operations(grant: Grant) -> list[str]:
    entries = StepEntry.objects.filter(intents__contains=[grant.intent_id], step__sent_at__isnull=False)
    return list(entries.order_by("step__sent_at", "position").values_list("step__operation", flat=True))


def test_an_account_gets_its_columns_to_pass_on_and_loses_them_whole(mesh: Mesh) -> None:
    grant = mesh.grant_to_account()
    mesh.run_until_presence(grant, "present")
    assert list_held(mesh, BI) == {("DESCRIBE", (), True), ("SELECT", tuple(sorted(COLUMNS)), True)}
    assert mesh.list_visible_columns() == []
    assert set(ObservedPermission.objects.filter(principal_arn=BI).values_list("verb", "grantable")) == {
        ("DESCRIBE", False), ("DESCRIBE", True), ("SELECT", False), ("SELECT", True),
    }  # fmt: skip
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert list_held(mesh, BI) == set()


def test_a_whole_table_goes_to_an_account_by_invitation(mesh: Mesh) -> None:
    grant = mesh.grant_to_account((), PARTNER)
    mesh.run_until_presence(grant, "present")
    assert list_held(mesh, PARTNER) == {("DESCRIBE", (), True), ("SELECT", (), True)}
    assert "CreateDatabase" in list_operations(grant)
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    assert list_held(mesh, PARTNER) == set()


def test_rows_go_to_an_account_by_a_filter_that_goes_with_it(mesh: Mesh) -> None:
    grant = mesh.grant_to_account(rows="region = 'Ost'")
    mesh.run_until_presence(grant, "present")
    assert mesh.list_filter_holders() == {BI}
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    mesh.run_rounds(6)
    assert mesh.list_filters() == {}


def test_an_envelope_and_a_roles_own_grant_do_not_touch_each_other(mesh: Mesh) -> None:
    direct, account_grant = mesh.grant(("policy_id",)), mesh.grant_to_account(("policy_id", "gender"))
    mesh.run_until_presence(direct, "present")
    mesh.run_until_presence(account_grant, "present")
    assert mesh.list_visible_columns() == ["policy_id", "snapshot_date"]
    mesh.revoke(account_grant)
    mesh.run_until_presence(account_grant, "absent")
    assert (mesh.list_visible_columns(), list_held(mesh, BI)) == (["policy_id", "snapshot_date"], set())


def test_an_option_that_somebody_took_is_given_again(mesh: Mesh) -> None:
    grant = mesh.grant_to_account()
    mesh.run_until_presence(grant, "present")
    where = {"DatabaseName": mesh.database, "Name": mesh.table.name, "ColumnNames": list(COLUMNS)}
    mesh.governance_client().revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": BI}, Resource={"TableWithColumns": where},
        Permissions=[], PermissionsWithGrantOption=["SELECT"],
    )  # fmt: skip
    mesh.run_until(grant, lambda intent: intent.presence == "unknown")
    mesh.run_until_presence(grant, "present")
    assert ("SELECT", tuple(sorted(COLUMNS)), True) in list_held(mesh, BI)
